"""Whoever leaves is let out at once, and what they did stays."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.office.test_invite import refused
from tests.bureau.people import make_person

from bureau.office import services

pytestmark = pytest.mark.django_db


def test_who_is_deactivated_can_not_sign_in_and_can_after_being_let_in_again() -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928", with_second_factor=False)
    form = {"login": whom.username, "password": "Good-enough-1"}
    services.deactivate(by=by, person=whom)
    assert Client().post(reverse("account_login"), form).status_code == 200
    services.reactivate(by=by, person=whom)
    assert Client().post(reverse("account_login"), form).headers["Location"] == reverse("home")


@pytest.mark.parametrize("act", [services.deactivate, services.reactivate])
@pytest.mark.parametrize("region", ["140932", "220000"])
def test_another_county_may_not(act: object, region: str) -> None:
    words = {"by": make_person("administer", region=region), "person": make_person(region="140928")}
    assert refused(act, **words) == "not-your-region"


def test_nobody_deactivates_themselves() -> None:
    by = make_person("administer", region="140928")
    assert refused(services.deactivate, by=by, person=by) == "oneself"


def test_a_person_with_deeds_can_not_be_deleted() -> None:
    from django.db.models import ProtectedError

    whom = make_person("clerk")
    with pytest.raises(ProtectedError):
        whom.delete()
