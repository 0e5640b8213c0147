"""What the home page shows of commissions (工作台面板)."""

from __future__ import annotations

from django.http import HttpRequest

from bureau.access import Duty
from bureau.commissions.models import Commission
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
    if not waiting and not mine:
        return None
    return Panel("计算委托", "commissions/panel.html", {"waiting": waiting, "mine": mine}, order=20)
