"""The second factor (第二因子): whoever approves or administers signs in with one."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bureau.access import Access, Duty

NEEDED_FOR = (Duty.APPROVE, Duty.ADMINISTER)
"""Duties that need a second factor (S: issue of the bureau; chosen for administering)."""
OPEN_WITHOUT = ("mfa_", "account_")
"""Beginnings of the names of pages that one needs to set the factor up, or to leave."""
CLOSED = Access()
"""What a view without a mark is taken for."""


class SecondFactorMiddleware:
    """Sends people who approve, and have no second factor yet, to the page where they set it up (强制第二因子)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Send them away from every page but those of the factor itself, and those that are open to anybody."""
        name = getattr(request.resolver_match, "view_name", None) or ""  # with its room: "office:…" is not allauth's
        person = request.user
        if not person.is_authenticated or name.startswith(OPEN_WITHOUT) or getattr(view, "access", CLOSED).public:
            return None
        if person.has_any_duty(NEEDED_FOR) and not is_mfa_enabled(person):
            return redirect("mfa_activate_totp")
        return None
