"""Who and where of every change that a request makes (留痕上下文)."""

from __future__ import annotations

from collections.abc import Callable

import pghistory
from django.http import HttpRequest, HttpResponse

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


class TrailMiddleware:
    """Tells the triggers who asks, from which page, and the reason if the form has one (留痕中间件)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on within its context."""
        if request.method not in CHANGING:
            return self.get_response(request)
        person = request.user
        told = (
            {"person": person.pk, "name": str(person)}
            if person.is_authenticated
            else {"person": None, "name": "未登录"}
        )
        with pghistory.context(**told, page=request.path, reason=request.POST.get("reason", "")[:500]):
            return self.get_response(request)
