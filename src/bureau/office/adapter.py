"""How allauth behaves in this office (登录适配)."""

from __future__ import annotations

import time
import unicodedata
from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils import timezone

from bureau.office.factor_keys import decrypted, encrypted
from bureau.refusal import Refusal

JUST_NOW = 300.0
"""Seconds after signing in within which the first factor is set up without the password again (allauth's own term)."""
WRONG_CODE = "动态码不对；请核对手机时间是否准确，再输入当前显示的六位数字。"


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What is said of second factors (第二因子用语)."""

    error_messages: ClassVar[dict[str, Any]] = {**DefaultMFAAdapter.error_messages, "incorrect_code": WRONG_CODE}

    def encrypt(self, text: str) -> str:
        """Return a secret as it is kept (加密)."""
        return encrypted(text)

    def decrypt(self, encrypted_text: str) -> str:
        """
        Return a secret that is kept (解密).

        Raises
        ------
        ValidationError
            If no key of the installation reads it: the form says so.
        """
        try:
            return decrypted(encrypted_text)
        except Refusal as unreadable:
            raise ValidationError(unreadable.message, code=unreadable.code) from unreadable


class OfficeAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves; people are invited (关闭自行注册)."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "登录名或口令不对；连续输错 5 次将暂时锁定，忘记口令请联系本机构管理员。",
        "too_many_login_attempts": "输错次数过多，已暂停登录；请在半小时后再试，或联系本机构管理员。",
        "rate_limited": "操作过于频繁，请稍候再试。",
        "incorrect_code": WRONG_CODE,
        "incorrect_password": "口令不对，请重新输入。",
        "enter_current_password": "现用口令不对，请重新输入。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Return that sign-up is closed (关闭注册)."""
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """
        Return whether the password is asked for again (再次验证): not of those who set up their first factor, and see
        its recovery codes, just after they gave it.
        """
        who = self.request.user
        if app == "allauth.mfa" and not _has_a_factor_since_long(who):
            given = get_authentication_records(self.request, who)
            since = max((record["at"] for record in given if record.get("method") == "password"), default=0.0)
            return time.time() - since > JUST_NOW
        return bool(super().is_reauthentication_required(app=app, **kwargs))

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Leave sign-in names as they are: the inviter gives them (登录名不改)."""


def _has_a_factor_since_long(who: Any) -> bool:
    """Return whether a second factor was set up before just now."""
    return bool(
        Authenticator.objects.filter(user=who, created_at__lt=timezone.now() - timedelta(seconds=JUST_NOW)).exists()
    )


def tried_name_of(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str | None:
    """
    Return the sign-in name under which tries are counted (计次登录名): the same in whatever case it is typed.

    Parameters
    ----------
    request : HttpRequest or None
    credentials : dict, optional
    """
    name = (credentials or {}).get("username") or (request.POST.get("login") if request is not None else None)
    return None if name is None else counted_name(str(name))


def counted_name(name: str) -> str:
    """Return a sign-in name as tries are counted under it (计次写法)."""
    return unicodedata.normalize("NFKC", name).lower()


def address_of(request: HttpRequest) -> str | None:
    """
    Return the address that a request came from (来访地址): the proxy's word where there is one, and nobody else's.

    Parameters
    ----------
    request : HttpRequest

    Returns
    -------
    str or None
        None for what did not come through the network.
    """
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None
