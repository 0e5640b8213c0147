"""What the home page shows of tasks (任务面板)."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bureau.access import Duty
from bureau.office.models import Person
from bureau.pages.navigation import Panel
from bureau.tasks.listing import waiting_for
from bureau.tasks.models import Notice, ProgressReport
from bureau.tasks.recorded import progress_to_decide
from bureau.tasks.selectors import SOON, all_occurrences, owed_by, units_of

SHOWN = 5
"""Lines of the panel (chosen)."""


def returned_to(by: Person) -> QuerySet[ProgressReport]:
    """Return a person's own reports that were returned, and not made anew since (被退回的填报)."""
    mine = ProgressReport.objects.for_person(by).filter(by=by)
    later = mine.filter(task=OuterRef("task"), pk__gt=OuterRef("pk"))
    returned = mine.filter(~Exists(later), status=ProgressReport.Status.RETURNED)
    return returned.select_related("task").order_by("-pk")


def due(request: HttpRequest) -> Panel | None:
    """Return what one's own office owes soon, and what is over (近期应办); None for who owes nothing."""
    by: Person = request.user  # type: ignore[assignment]
    today = timezone.localdate()
    tasks = owed_by(units=units_of(by), person=by)
    found = [o for o in all_occurrences(person=by, today=today, tasks=tasks) if o.on <= today + SOON]
    late = [o for o in found if o.standing == "late"]
    soon = [o for o in found if o.standing == "soon"]
    unread = Notice.objects.for_person(by).filter(person=by, read=None).count()
    decides = waiting_for(by).exclude(by=by).count() if by.has_any_duty([Duty.REVIEW]) else 0
    decides += len(progress_to_decide(by))
    returned = list(returned_to(by)[:SHOWN])
    if not found and not unread and not decides and not returned and not tasks.exists():
        return None
    shown = [*soon, *late[::-1]][:SHOWN]
    context = {"late": late, "soon": soon, "shown": shown, "unread": unread, "decides": decides, "returned": returned}
    return Panel("任务：近期应办", "tasks/panel.html", context, order=30)
