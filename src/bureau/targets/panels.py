"""Panels of the home page about targets (工作台面板)."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone

from bureau.access import Duty
from bureau.pages.navigation import Panel
from bureau.regions.models import Level
from bureau.targets.actuals import published
from bureau.targets.selectors import (
    awaiting_approval,
    awaiting_proposals,
    members_of,
    quantity_standings,
    target_years,
    year_of,
)
from bureau.targets.standing import standings
from bureau.targets.views import BELOW, person_of

MOST = 5
"""Quantities that the panel shows."""


def rates(request: HttpRequest) -> Panel | None:
    """Return the panel of rate targets: own standing, who will miss, what awaits approval (水土保持率目标)."""
    person = person_of(request)
    region = person.organisation.region
    year = year_of(region, target_years(person), timezone.localdate())
    figures = published(region.prefix)
    own = standings([region], year, figures)[0]
    levels = BELOW.get(Level(region.level), ())
    rows = standings(members_of(region, levels[0]), year, figures) if levels else []
    awaiting = awaiting_approval(person) if person.has_any_duty([Duty.APPROVE]) else []
    judged = [row for row in rows if row.target and row.figure]
    recorded = awaiting_proposals(person) if person.has_any_duty([Duty.APPROVE]) else []
    if not (own.target or judged or awaiting or recorded):
        return None
    return Panel(
        "水土保持率目标",
        "targets/panel_rates.html",
        {"own": own, "judged": judged, "missing": [row for row in judged if row.misses], "awaiting": awaiting,
         "recorded": recorded, "year": year,
         "simulated": own.simulated or any(row.simulated for row in judged)},
        order=20,
    )  # fmt: skip


def quantities(request: HttpRequest) -> Panel | None:
    """Return the panel of planned quantities (规划任务量)."""
    found = quantity_standings(person_of(request), timezone.localdate())
    if not found:
        return None
    shown = {
        "found": found[:MOST],
        "more": len(found) - MOST,
        "simulated": any(each.simulated for each in found),
    }
    return Panel("规划任务量", "targets/panel_quantities.html", shown, order=21)
