"""
The server that takes mail (邮件服务器), as the environment says; without it nothing is mailed.

``BUREAU_MAIL`` is ``smtp://USER@HOST:25``, ``smtp+starttls://USER@HOST:587`` or ``smtps://USER@HOST:465`` (no ``USER@`` where
the server asks for none; an ``@`` in the name is written ``%40``), ``BUREAU_MAIL_PASSWORD_FILE`` a file that only the service
may read, ``BUREAU_MAIL_FROM`` the address that messages come from.
"""

from __future__ import annotations

import os
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from shuibao.messages import CallError

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""Port of each way of sending, where none is given."""


def mail_settings() -> dict[str, Any]:
    """
    Return Django's settings of mail (邮件设置); none if the environment names no server.

    Raises
    ------
    CallError
        If the address of the server, the sender or the file of the password is not one.
    """
    given = os.environ.get("BUREAU_MAIL", "").strip()
    if not given:
        return {}
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in PORTS or not parts.hostname or parts.password is not None:
        raise CallError(
            "环境变量 BUREAU_MAIL 不是邮件服务器的地址；应如 smtp+starttls://名字@mail.example.gov.cn:587（另有 smtp、smtps），"
            "口令写在 BUREAU_MAIL_PASSWORD_FILE 所指的文件里。",
            "BUREAU_MAIL is no address of a mail server; write smtp+starttls://name@mail.example.gov.cn:587 (or smtp, smtps),"
            " and the password into the file that BUREAU_MAIL_PASSWORD_FILE names.",
        )
    sender = os.environ.get("BUREAU_MAIL_FROM", "").strip()
    if "@" not in parseaddr(sender)[1]:
        raise CallError(
            f"环境变量 BUREAU_MAIL_FROM 是 {sender!r}；应为发件地址，如 水保平台 <shuibao@example.gov.cn>。",
            f"BUREAU_MAIL_FROM is {sender!r}; it must be the sender's address, such as Bureau <shuibao@example.gov.cn>.",
        )
    return {
        "BUREAU_MAIL": parts.hostname, "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname, "EMAIL_PORT": port or PORTS[parts.scheme], "EMAIL_TIMEOUT": 20,
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls", "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_HOST_USER": unquote(parts.username or ""), "EMAIL_HOST_PASSWORD": _password(),
        "DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender,
    }  # fmt: skip


def _password() -> str:
    """Return what the file of the password holds; empty where there is none."""
    path = os.environ.get("BUREAU_MAIL_PASSWORD_FILE", "")
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as wrong:
        raise CallError(
            f"读不了 BUREAU_MAIL_PASSWORD_FILE 所指的文件 {path}（{type(wrong).__name__}）；请核对路径与权限，或去掉这个变量。",
            f"The file {path} that BUREAU_MAIL_PASSWORD_FILE names cannot be read ({type(wrong).__name__}); check its path and"
            " permissions, or leave the variable out.",
        ) from wrong
