"""What the home page shows of commissions (工作台面板)."""

from __future__ import annotations

from django.http import HttpRequest

from bureau.access import Duty
from bureau.commissions.models import Commission, PatchBatch
from bureau.commissions.patches import OPEN
from bureau.office.models import Person
from bureau.pages.navigation import Panel

SHOWN = 5


def awaiting(request: HttpRequest) -> Panel | None:
    """Show what one has to judge, or what one ordered and is not settled (待审核与在办)."""
    by: Person = request.user  # type: ignore[assignment]
    found = Commission.objects.for_person(by).select_related("region")
    judge = by.has_any_duty([Duty.REVIEW])
    waiting = found.filter(status=Commission.Status.FINISHED).exclude(by=by)[:SHOWN] if judge else found.none()
    mine = found.open().filter(by=by)[:SHOWN]
    patches = _patches(by, judge)
    if not waiting and not mine and not patches:
        return None
    return Panel("计算委托", "commissions/panel.html", {"waiting": waiting, "mine": mine, "patches": patches}, order=20)


def _patches(by: Person, judge: bool) -> list[PatchBatch]:
    """Return the patches that one has to judge, and one's own that are not settled."""
    found = PatchBatch.objects.for_person(by).select_related("region")
    waiting = found.filter(status=PatchBatch.Status.CHECKED).exclude(by=by)[:SHOWN] if judge else []
    return [*waiting, *found.filter(by=by, status__in=OPEN)[:SHOWN]]
