"""What the home page shows of delimitations (工作台面板)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest
from django.utils import timezone

from bureau.access import Duty
from bureau.delimitation import selectors
from bureau.delimitation.models import Announcement, Delimitation, Status
from bureau.office.models import Person
from bureau.pages.navigation import Panel

SHOWN = 4


def awaiting(request: HttpRequest) -> Panel | None:
    """Show what waits for one's approval, one's confirmation, one's answer or one's comment (待办划定)."""
    by: Person = request.user  # type: ignore[assignment]
    proposed = Announcement.objects.filter(delimitation=OuterRef("pk"), status=Announcement.Status.PROPOSED)
    listed = selectors.listed(by).annotate(corrected=Exists(proposed.exclude(by=by)))
    found = list(listed.filter(~Q(stage="mapping") | Q(corrected=True), status=Status.OPEN))
    told = [(one, words) for one in found if (words := _waiting(one, by))][:SHOWN]
    if not told:
        return None
    today = timezone.localdate().isoformat()
    rows = [
        (row, words) for row, (_, words) in zip(selectors.rows_of([one for one, _ in told], today), told, strict=True)
    ]
    return Panel("区域划定", "delimitation/panel.html", {"rows": rows}, order=30)


def _waiting(one: Delimitation, by: Person) -> str:
    """Return what somebody has to do about a delimitation."""
    if selectors.may_approve(one, by):
        return "待您批准"
    if one.corrected and by.may(Duty.APPROVE, one.region_id):  # type: ignore[attr-defined]
        return "更正公告待您确认"
    if one.waiting and by.may(Duty.CLERK, one.region_id):  # type: ignore[attr-defined]
        return f"{one.waiting} 条意见待答复"  # type: ignore[attr-defined]
    if selectors.may_announce(one, by):
        return "已批准，待公告"
    below = by.scope.startswith(one.region.prefix) and by.scope != one.region.prefix
    return "正在征求意见" if below and one.stage == "consultation" and by.has_any_duty([Duty.CLERK]) else ""
