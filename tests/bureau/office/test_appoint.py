"""Duties are given and taken by who administers, and what was stays written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from tests.bureau.office.test_invite import refused
from tests.bureau.people import make_person

from bureau.office import services
from bureau.office.models import Appointment, Person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 5)


def posts(person: Person) -> set[tuple[str, date, date | None]]:
    """Return somebody's appointments."""
    return {(a.duty, a.since, a.until) for a in person.appointments.all()}


def test_what_is_new_begins_today_and_what_is_gone_ended_yesterday() -> None:
    whom = make_person("clerk", "view", region="140928")
    services.appoint(by=make_person("administer", region="140900"), person=whom, duties=["view", "review"], today=TODAY)
    began = date(2020, 1, 1)
    assert posts(whom) == {("view", began, None), ("clerk", began, TODAY - timedelta(days=1)), ("review", TODAY, None)}


def test_appointing_the_same_again_changes_nothing() -> None:
    by, whom = make_person("administer", region="140900"), make_person("clerk", region="140928")
    before = posts(whom)
    services.appoint(by=by, person=whom, duties=["clerk"], today=TODAY)
    assert posts(whom) == before


def test_a_duty_given_and_taken_on_one_day_was_never_held() -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928")
    services.appoint(by=by, person=whom, duties=["clerk"], today=TODAY)
    services.appoint(by=by, person=whom, duties=[], today=TODAY)
    assert posts(whom) == set()


@pytest.mark.parametrize("day, holds", [(date(2026, 1, 31), False), (date(2026, 2, 1), True), (date(2026, 2, 28), True),
                                        (date(2026, 3, 1), False)])  # fmt: skip
def test_an_appointment_holds_from_its_first_day_to_its_last(day: date, holds: bool) -> None:
    whom = make_person(region="140928")
    Appointment.objects.create(person=whom, duty="clerk", since=date(2026, 2, 1), until=date(2026, 2, 28))
    assert whom.appointments.in_force(day).exists() is holds


def test_an_appointment_can_not_end_before_it_begins() -> None:
    whom = make_person(region="140928")
    with pytest.raises(IntegrityError), transaction.atomic():
        Appointment.objects.create(person=whom, duty="clerk", since=TODAY, until=TODAY - timedelta(days=1))


@pytest.mark.parametrize("region", ["140932", "220122", "220000"])
def test_another_county_may_not_appoint(region: str) -> None:
    whom = make_person(region="140928")
    words = {"by": make_person("administer", region=region), "person": whom, "duties": ["clerk"], "today": TODAY}
    assert refused(services.appoint, **words) == "not-your-region"


def test_a_county_may_not_appoint_in_the_city_above_it() -> None:
    words = {"by": make_person("administer", region="140928"), "person": make_person(region="140900"), "today": TODAY}
    assert refused(services.appoint, duties=["clerk"], **words) == "not-your-region"


def test_nobody_takes_their_own_administering_away() -> None:
    by = make_person("administer", region="140928")
    assert refused(services.appoint, by=by, person=by, duties=["view"], today=TODAY) == "oneself"


def test_a_duty_that_is_taken_away_is_gone_with_the_next_request() -> None:
    whom, client = make_person("administer", region="140928"), Client()
    client.force_login(whom, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("office:people")).status_code == 200
    services.appoint(by=make_person("administer", region="140900"), person=whom, duties=["view"], today=TODAY)
    whom.appointments.filter(duty="administer").update(until=date(2020, 1, 2))
    assert client.get(reverse("office:people")).status_code == 403


def test_former_posts_are_shown() -> None:
    by, whom, client = make_person("administer", region="140900"), make_person(region="140928"), Client()
    Appointment.objects.create(person=whom, duty="review", since=date(2019, 1, 1), until=date(2021, 12, 31))
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get(reverse("office:person", args=[whom.pk])).content.decode()
    assert "2021年12月31日" in shown
    assert "已免" in shown
