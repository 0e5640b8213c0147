"""Who may open the pages of targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone
from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.targets.models import Decomposition, PlannedQuantity, Progress, Proposal, YearEnd
from bureau.targets.models import Line as Row

number = count(1)


def of_region(region: str) -> dict[str, Any]:
    """Return the code itself."""
    return {"code": region}


def some_decomposition(region: str) -> dict[str, Any]:
    """Make a draft of a region; it needs no members to be asked for."""
    made = Decomposition.objects.create(
        region_id=region, year=2000 + next(number) % 100, percent=Decimal(60), method="equal", area_source="试",
        made_by=make_person("clerk", region=region), made=timezone.now(),
    )  # fmt: skip
    Row.objects.create(decomposition=made, region_id=region, area_m2=10**9, base=Decimal(50))
    return {"pk": made.pk}


def some_proposal(region: str) -> dict[str, Any]:
    """Make a target of a region that somebody recorded."""
    made = Proposal.objects.create(
        region_id=region, year=2000 + next(number) % 100, percent=Decimal(60), source="试", since=date(2025, 1, 1),
        by=make_person("clerk", region=region), at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def some_quantity(region: str) -> dict[str, Any]:
    """Make a planned quantity of a region."""
    made = PlannedQuantity.objects.create(
        region_id=region, code=f"some-{next(number)}", title="试", amount=10, unit="座", source="文件", clause="一"
    )
    return {"pk": made.pk}


def some_progress(region: str) -> dict[str, Any]:
    """Make a report of a region."""
    made = Progress.objects.create(
        quantity_id=some_quantity(region)["pk"], region_id=region, amount=1, on=date(2025, 1, 1), evidence="试",
        by=make_person("clerk", region=region), at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


def some_year_end(region: str) -> dict[str, Any]:
    """Make a year of a region that was settled."""
    made = YearEnd.objects.create(
        region_id=region, year=2000 + next(number) % 100, asked=60, percent=61, publication=1, version=1,
        by=make_person("review", region=region), at=timezone.now(),
    )  # fmt: skip
    return {"pk": made.pk}


CLERK, APPROVE = ("clerk",), ("approve",)
LINES = (
    Line("targets:overview", post=200),
    Line("targets:overview_workbook", post=200),
    Line("targets:region", post=200, of=of_region),
    Line("targets:record", (*CLERK, *APPROVE), post=200, of=of_region),
    Line("targets:approve_recorded", APPROVE, get=None, post=302, of=some_proposal),
    Line("targets:return_recorded", (*CLERK, *APPROVE), get=None, post=302, of=some_proposal),
    Line("targets:course", CLERK, get=302, post=200, of=of_region),
    Line("targets:decompositions", post=200),
    Line("targets:begin", CLERK, post=200),
    Line("targets:decomposition", post=200, of=some_decomposition),
    Line("targets:revise", CLERK, get=None, post=302, of=some_decomposition),
    Line("targets:submit", CLERK, get=None, post=302, of=some_decomposition),
    Line("targets:send_back", APPROVE, get=None, post=302, of=some_decomposition),
    Line("targets:approve", APPROVE, get=None, post=302, of=some_decomposition),
    Line("targets:put_in_force", APPROVE, get=None, post=302, of=some_decomposition),
    Line("targets:discard", (*CLERK, *APPROVE), get=None, post=302, of=some_decomposition),
    Line("targets:decomposition_workbook", post=200, of=some_decomposition),
    Line("targets:decomposition_import", CLERK, get=None, post=200, of=some_decomposition),
    Line("targets:years", post=200),
    Line("targets:years_workbook", post=200),
    Line("targets:settle_year", ("review",), get=None, post=302),
    Line("targets:reopen_year", APPROVE, get=None, post=302, of=some_year_end),
    Line("targets:quantities", post=200),
    Line("targets:quantities_workbook", post=200),
    Line("targets:quantity", post=200, of=some_quantity, upward=True, upward_post=True),
    Line("targets:quantity_sheet", CLERK, post=200, of=some_quantity, upward=True, upward_post=True),
    Line("targets:quantity_import", CLERK, get=None, post=200, of=some_quantity, upward_post=True),
    Line("targets:confirm", ("review",), get=None, post=302, of=some_progress),
    Line("targets:withdraw", (*CLERK, "review"), get=None, post=302, of=some_progress),
)
