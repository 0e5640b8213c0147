"""A quantity that the targets record is recorded once: tasks read it there (任务量台账已记的数字)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from tests.bureau.people import make_organisation

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets import planned
from bureau.targets.loading import load_documents
from bureau.targets.models import PlannedQuantity
from bureau.tasks import services
from bureau.tasks.adding import sums_below
from bureau.tasks.forms import ReportForm
from bureau.tasks.models import Figure, Task
from bureau.tasks.reaching import reached
from bureau.tasks.recorded import quantities_of
from bureau.tasks.report_sheet import write_sheet
from bureau.units import converted

Fetch = Callable[[str, int], Task]
Make = Callable[..., Any]
SLOPE, YEARLY = 19, 8


@pytest.fixture
def slope(task: Fetch) -> Task:
    """Return the task whose figure is the slope farmland of Xinzhou, of which the quantities are loaded."""
    load_documents()
    return task("xinzhou-plan", SLOPE)


@pytest.fixture
def done(slope: Task, person: Make, now: datetime, today: date) -> Callable[..., None]:
    """Return the function that records an amount of slope farmland: ``done("140928", 30000)``, in mu."""
    clerk, reviewer = person("clerk", region="140900"), person("review", region="140000")
    quantity = PlannedQuantity.objects.get(key="slope_farmland")

    def record(region: str, mu: int, confirmed: bool = True) -> None:
        made = planned.report(
            by=clerk, quantity=quantity, region=Region.objects.get(code=region), amount=Decimal(mu),
            on=date(2025, 6, 1), evidence=f"验收 {mu}", now=now, today=today, simulated=mu == 7000,
        )  # fmt: skip
        if confirmed:
            planned.confirm(by=reviewer, progress=made, now=now)

    return record


def test_every_planned_quantity_of_the_documents_is_the_figure_of_the_same_key_and_size(slope: Task) -> None:
    found = 0
    for quantity in PlannedQuantity.objects.all():
        figures = Figure.objects.filter(register__region=quantity.region, key=quantity.key)
        sizes = {converted(figure.value, figure.unit, quantity.unit) for figure in figures}
        assert quantity.amount in sizes, (quantity.code, sizes)
        found += 1
    assert found == 10


def test_a_task_reads_what_was_confirmed_in_its_own_unit(
    slope: Task, done: Callable[..., None], person: Make, today: date
) -> None:
    city, county = person("view", region="140900"), person("view", region="140928")
    [before] = reached(person=city, task=slope, today=today)
    assert (before.amount, before.share) == ("未报", None)
    done("140928", 30_000)
    done("140932", 20_000)
    done("140932", 9_000, confirmed=False)
    [found] = reached(person=city, task=slope, today=today)
    assert (found.amount, found.share, found.imaginary) == ("5 万亩", Decimal(500) / 35, False)
    assert found.recorded is not None
    assert found.recorded.waiting == 1
    [part] = reached(person=county, task=slope, today=today)
    assert (part.amount, part.share) == ("3 万亩", None)
    done("140928", 7_000)
    assert reached(person=city, task=slope, today=today)[0].imaginary


def test_nobody_is_asked_for_it_again(slope: Task, person: Make, now: datetime, today: date) -> None:
    by, figure = person("clerk", region="140900"), slope.figures.get()
    with pytest.raises(Refusal, match="规划任务量“坡耕地综合治理”") as why:
        services.submit(by=by, task=slope, text="治理", year=2026, figure=figure, value=Decimal(3), now=now)
    assert why.value.code == "recorded-elsewhere"
    assert services.submit(by=by, task=slope, text="治理", year=2026, now=now).value is None
    assert "figure" not in ReportForm(by=by, task=slope, today=today).fields
    assert sums_below(person=by, task=slope, year=2026) == []
    rows = load_workbook(io.BytesIO(write_sheet(by=by, today=today))).active
    assert rows is not None
    asked = [(row[2], row[5]) for row in rows.iter_rows(values_only=True)]
    assert [label for title, label in asked if title == slope.title] == [None]
    assert figure.label not in {label for _, label in asked}


def test_what_comes_every_year_or_has_no_quantity_is_still_reported_here(slope: Task, task: Fetch) -> None:
    yearly = task("jilin-plan", YEARLY)
    assert quantities_of(yearly.figures.all()) == {}
    PlannedQuantity.objects.filter(key="slope_farmland").update(unit="座")
    assert quantities_of(slope.figures.all()) == {}, "farmland is not counted in pieces"


def test_pages_lead_to_where_it_is_recorded(
    slope: Task, done: Callable[..., None], signed_in: Callable[..., Client]
) -> None:
    done("140928", 30_000)
    quantity = reverse("targets:quantity", args=[PlannedQuantity.objects.get(key="slope_farmland").pk])
    clerk = signed_in("clerk", region="140900")
    for page in (reverse("tasks:task", args=[slope.pk]), reverse("tasks:report", args=[slope.pk])):
        assert quantity in clerk.get(page).content.decode(), page
    sums = clerk.get(reverse("tasks:figure", args=[slope.pk, slope.figures.get().pk]))
    assert (sums.status_code, sums["Location"]) == (302, quantity)


def test_who_says_that_all_is_done_is_asked_about_what_is_not_reached(
    slope: Task, done: Callable[..., None], person: Make, now: datetime, signed_in: Callable[..., Client]
) -> None:
    by, due = person("clerk", region="140900"), slope.dues.get()
    done("140928", 30_000)
    ask: dict[str, Any] = {
        "by": by,
        "task": slope,
        "text": "完成",
        "year": 2025,
        "due": due,
        "finishes": True,
        "now": now,
    }
    with pytest.raises(Refusal, match="坡耕地综合治理 3 万亩（应达到 35 万亩）") as why:
        services.submit(**ask)
    assert why.value.code == "doubtful"
    services.submit(**ask, sure=True)
    waiting = signed_in("review", region="140900").get(reverse("tasks:waiting")).content.decode()
    assert "文件定的数还没有达到" in waiting
    assert "坡耕地综合治理 3 万亩（应达到 35 万亩）" in waiting


def test_what_counties_have_recorded_stands_beside_their_reports(
    slope: Task, done: Callable[..., None], signed_in: Callable[..., Client]
) -> None:
    make_organisation("140928")
    done("140928", 30_000)
    page = signed_in("view", region="140900").get(reverse("tasks:task", args=[slope.pk])).content.decode()
    assert "规划任务量：坡耕地综合治理 3 万亩" in page


def test_whoever_confirms_quantities_finds_them_among_what_waits(
    slope: Task, done: Callable[..., None], signed_in: Callable[..., Client]
) -> None:
    done("140928", 30_000, confirmed=False)
    page = reverse("tasks:waiting")
    reviewer = signed_in("review", region="140900").get(page).content.decode()
    assert "坡耕地综合治理" in reviewer
    assert reverse("targets:quantity", args=[PlannedQuantity.objects.get(key="slope_farmland").pk]) in reviewer
    assert "等您确认 1" in signed_in("review", region="140900").get("/").content.decode()
    assert "没有待确认的进展" in signed_in("clerk", region="140900").get(page).content.decode()


def test_nobody_signs_for_an_office_of_another_level(slope: Task, person: Make, now: datetime) -> None:
    city_office = slope.parts.get(unit__name="市水利局").unit
    ask: dict[str, Any] = {"task": slope, "text": "治理", "year": 2026, "unit": city_office, "now": now}
    county = person("clerk", region="140928")
    with pytest.raises(Refusal, match="不是您能代表的单位"):
        services.submit(by=county, **ask)
    offered = ReportForm(by=county, task=slope, today=now.date()).fields["unit"].queryset  # type: ignore[attr-defined]
    assert [unit.reach for unit in offered] == ["counties"]
    assert services.submit(by=person("clerk", region="140900"), **ask).unit == city_office


def test_where_nothing_is_due_nobody_is_asked_whether_it_is_done(task: Fetch, person: Make, today: date) -> None:
    undated = task("xinzhou-plan", 20)
    fields = ReportForm(by=person("clerk", region="140900"), task=undated, today=today).fields
    assert not {"when", "finishes"} & set(fields)
