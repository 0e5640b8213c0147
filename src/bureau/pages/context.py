"""What every template is given (模板上下文)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from bureau.pages.navigation import entries


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return the side bar, and which room one is in (导航)."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return {}
    match = request.resolver_match
    here = (match.namespace or match.url_name) if match else ""
    seen = entries(request)
    far = [entry for entry in seen if not entry.near]
    return {"navigation": seen, "far": far, "here": here, "here_is_far": any(entry.room == here for entry in far)}
