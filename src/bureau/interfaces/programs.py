"""How programs come in (程序登录): a token as Bearer, or as the password of Basic, for GIS that know nothing else."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from bureau.access import Access
from bureau.interfaces.models import Token
from bureau.office.models import Person
from bureau.office.services import hash_of

View = Callable[..., HttpResponseBase]
SEEN_AGAIN = timedelta(minutes=1)
"""How exactly it is kept when a token was used last (chosen: not a write for each tile)."""


def secret_of(request: HttpRequest) -> str | None:
    """Return the token that a request carries (取令牌)."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def person_of(request: HttpRequest) -> Person | None:
    """
    Return whom a request comes from (识别来者): by its token, or else by the session of a browser.

    Parameters
    ----------
    request : HttpRequest
    """
    secret = secret_of(request)
    if secret is None:
        return request.user if request.user.is_authenticated else None
    now = timezone.now()
    token = Token.objects.select_related("person__organisation__region").filter(token_hash=hash_of(secret)).first()
    if token is None or not token.good_at(now):
        return None
    if token.last_used is None or now - token.last_used > SEEN_AGAIN:
        Token.objects.filter(pk=token.pk).update(last_used=now)
    return token.person


def for_programs(view: View) -> View:
    """
    Open a view that only reads to programs with a token, and to browsers that are signed in (程序接口).

    Parameters
    ----------
    view : callable
        Is given the person as ``request.user``.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = person_of(request)
        if person is None:
            return not_known()
        request.user = person
        return view(request, *args, **kwargs)

    guarded.access = Access()  # type: ignore[attr-defined]
    return login_not_required(csrf_exempt(guarded))


def not_known() -> HttpResponse:
    """Return the answer to a program that has no good token (未认证)."""
    told = "没有令牌，或令牌无效、已过期；请在平台“接口”页建立令牌，作为 Bearer 令牌或 Basic 口令发送。"
    answer = JsonResponse(
        {"code": "not-known", "description": told}, status=401, json_dumps_params={"ensure_ascii": False}
    )
    answer["WWW-Authenticate"] = 'Basic realm="shuibao", charset="UTF-8"'
    return answer
