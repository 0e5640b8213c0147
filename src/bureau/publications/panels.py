"""What the home page shows of published results (工作台面板)."""

from __future__ import annotations

from django.http import HttpRequest

from bureau.pages.navigation import Panel
from bureau.publications.models import Publication


def latest(request: HttpRequest) -> Panel | None:
    """Return the latest results that one may see (最新成果)."""
    found = (
        Publication.objects.for_person(request.user).in_force().select_related("region").order_by("-published_at")[:5]
    )
    if not found:
        return None
    return Panel("最新成果", "publications/panel.html", {"publications": found}, order=40)
