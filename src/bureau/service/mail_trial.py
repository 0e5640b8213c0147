"""Whether mail can be sent (邮件试验): what the server of mail says, in words for operators."""

from __future__ import annotations

from smtplib import SMTPException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, get_connection
from django.core.validators import validate_email

from shuibao.messages import CallError, ShuibaoError, say


def trouble_with_mail() -> str:
    """Return why the server of mail takes no messages, as it says itself; empty if it does (邮件服务器的毛病)."""
    try:
        connection = get_connection(timeout=10)
        connection.open()
        connection.close()
    except (OSError, SMTPException) as wrong:
        return _said(wrong)
    return ""


def send_trial(address: str) -> str:
    """
    Send a message as a trial, and return what is told then (试发邮件).

    Parameters
    ----------
    address : str
        Who gets it.

    Raises
    ------
    CallError
        If it is no address, or this installation sends no mail.
    ShuibaoError
        If the server of mail does not take it.
    """
    try:
        validate_email(address)
    except ValidationError:
        raise CallError(
            f"{address!r} 不是电子邮箱地址；应如 wangxin@example.gov.cn。",
            f"{address!r} is no address of mail; write it like wangxin@example.gov.cn.",
        ) from None
    if not settings.BUREAU_MAIL:
        raise CallError(
            "没有设置邮件服务器，提醒只在平台内；要发邮件，请设 BUREAU_MAIL 与 BUREAU_MAIL_FROM（见运维文档）。",
            "No mail server is set, reminders stay in the bureau; set BUREAU_MAIL and BUREAU_MAIL_FROM to send them.",
        )
    try:
        EmailMessage("水保平台：试验邮件", "收到这封信，平台就能发提醒邮件。\n", to=[address]).send()
    except (OSError, SMTPException) as wrong:
        raise ShuibaoError(
            f"邮件服务器 {settings.BUREAU_MAIL} 没有收下：{_said(wrong)}。请核对 BUREAU_MAIL 的方式、端口、名字与口令文件。",
            f"The mail server {settings.BUREAU_MAIL} did not take it: {_said(wrong)}. Check BUREAU_MAIL and the password file.",
        ) from wrong
    return say(
        f"{settings.BUREAU_MAIL} 已收下给 {address} 的试验邮件。",
        f"{settings.BUREAU_MAIL} took the message to {address}.",
    )


def _said(wrong: Exception) -> str:
    """Return what went wrong, on one line."""
    return f"{type(wrong).__name__} {wrong}".strip().replace("\n", " ")[:200]
