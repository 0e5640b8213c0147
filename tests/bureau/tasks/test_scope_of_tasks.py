"""Who sees which tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from bureau.office.models import Organisation
from bureau.refusal import Refusal
from bureau.tasks import services
from bureau.tasks.models import Due, Figure, Register, Task, Unit

Make = Callable[..., Any]


def seen(who: Any) -> dict[str, int]:
    """Return how many tasks of each register somebody sees."""
    names = Task.objects.for_person(who).values_list("register__name", flat=True)
    return {name: list(names).count(name) for name in set(names)}


@pytest.mark.parametrize(
    "region, tasks",
    [
        ("000000", {"jilin-zones": 8, "jilin-plan": 34, "xinzhou-plan": 36}),
        ("220000", {"jilin-zones": 8, "jilin-plan": 34}),
        ("140900", {"xinzhou-plan": 36}),
        ("140000", {"xinzhou-plan": 36}),
        ("140100", {}),
        ("140121", {}),
    ],
)
def test_one_sees_the_documents_of_ones_region_and_of_those_within(
    region: str, tasks: dict[str, int], registers: None, person: Make
) -> None:
    assert seen(person("view", region=region)) == tasks


def test_a_county_sees_what_names_counties_and_no_more(registers: None, person: Make) -> None:
    county = person("view", region="140928")
    numbers = set(Task.objects.for_person(county).values_list("number", flat=True))
    named = {p for p in range(1, 37)} - {7, 8, 9, 10, 11, 12, 13, 14, 15, 25, 33, 35, 36}
    assert numbers == named
    farm = person("view", region="220122")
    assert set(Task.objects.for_person(farm).filter(register__name="jilin-zones").values_list("number", flat=True)) == {
        2,
        5,
        7,
        8,
    }


def test_a_city_sees_what_names_all_levels_but_not_what_names_counties(registers: None, person: Make) -> None:
    city = person("view", region="220100")
    assert set(Task.objects.for_person(city).filter(register__name="jilin-zones").values_list("number", flat=True)) == {
        2,
        5,
    }


def test_an_organisation_that_is_named_sees_its_tasks(registers: None, person: Make) -> None:
    county = person("view", region="140928")
    assert not Task.objects.for_person(county).filter(number=8).exists()
    Unit.objects.filter(name="市税务局").update(organisation=county.organisation)
    assert Task.objects.for_person(county).filter(number=8).exists()


def test_nobody_who_is_not_signed_in_sees_any(registers: None) -> None:
    for model in (Task, Register, Due, Figure, Unit):
        assert not model.objects.for_person(AnonymousUser()).exists()


def test_dates_figures_and_registers_are_seen_with_their_tasks(registers: None, person: Make) -> None:
    farm, county = person("view", region="220122"), person("view", region="140928")
    assert {r.name for r in Register.objects.for_person(farm)} == {"jilin-zones", "jilin-plan"}
    assert {r.name for r in Register.objects.for_person(county)} == {"xinzhou-plan"}
    assert not Due.objects.for_person(county).filter(task__register__region_id="220000").exists()
    assert not Figure.objects.for_person(county).filter(register__region_id="220000").exists()
    assert {unit.region_id for unit in Unit.objects.for_person(county)} == {"140900"}


def test_an_administrator_says_which_organisation_a_unit_is(registers: None, person: Make) -> None:
    unit, by = Unit.objects.get(name="市税务局"), person("administer", region="140900")
    office = Organisation.objects.create(region_id="140900", name="忻州市税务局")
    services.link_unit(by=by, unit=unit, organisation=office)
    unit.refresh_from_db()
    assert unit.organisation == office
    services.link_unit(by=by, unit=unit, organisation=None)
    for who, to in (("140928", None), ("140900", Organisation.objects.create(region_id="220000", name="处"))):
        with pytest.raises(Refusal) as refused:
            services.link_unit(by=person("administer", region=who), unit=unit, organisation=to)
        assert refused.value.code == "not-your-region"


def test_a_county_is_late_with_what_counties_lead_and_not_with_what_they_cooperate_in(
    registers: None, person: Make, today: Any
) -> None:
    from bureau.tasks.selectors import overdue, standings

    farm, county = person("view", region="220122"), person("view", region="140928")
    late = {(o.task.register.name, o.task.number) for o in overdue(person=farm, today=today)}
    assert late == {("jilin-zones", 2), ("jilin-zones", 5), ("jilin-zones", 7), ("jilin-zones", 8)}
    assert not overdue(person=county, today=today)
    slope = Task.objects.get(register__name="xinzhou-plan", number=18)
    assert standings(person=county, tasks=[slope], today=today)[slope.pk].code == "past"
    assert standings(person=person("view", region="140900"), tasks=[slope], today=today)[slope.pk].code == "late"


def test_a_county_has_no_share_in_a_figure_of_the_whole_city(
    registers: None, person: Make, now: Any, today: Any
) -> None:
    from decimal import Decimal

    from bureau.tasks.reaching import reached

    clerk, slope = person("clerk", region="140928"), Task.objects.get(register__name="xinzhou-plan", number=19)
    report = services.submit(
        by=clerk, task=slope, text="治理", year=2026, figure=slope.figures.get(), value=Decimal("2.5"), now=now
    )
    services.confirm(by=person("review", region="140900"), report=report, now=now)
    [found] = reached(person=clerk, task=slope, today=today)
    assert (found.of, found.amount, found.share) == ("忻州市", "2.5 万亩", None)
    [whole] = reached(person=person("view", region="140900"), task=slope, today=today)
    assert (whole.of, whole.amount) == ("", "未报")
