"""Who lost a phone or a password is let in by another, with a reason, and not both by one hand."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.bureau.office.test_invite import refused
from tests.bureau.people import make_person

from bureau.office import recovery
from bureau.office.models import Person, Recovery
from bureau.trail.selectors import history

pytestmark = pytest.mark.django_db
NOW = timezone.now()
PASSWORD = "Renewed-2026-hill"


def words(by: Person, person: Person, **other: Any) -> dict[str, Any]:
    """Return what both acts are told."""
    return {"by": by, "person": person, "reason": "手机遗失，当面核对", "now": NOW, **other}


ACTS = (recovery.reset_second_factor, recovery.offer_new_password)


def test_a_lost_factor_is_taken_off_and_who_did_it_and_why_stays() -> None:
    by, whom = make_person("administer", region="140900"), make_person("approve", region="140928")
    made = recovery.reset_second_factor(**words(by, whom))
    assert not is_mfa_enabled(whom)
    assert (made.by, made.reason) == (by, "手机遗失，当面核对")
    assert "第二因子" in history(made)[0].fields[1].after


def test_who_approves_sets_up_a_new_factor_after_the_old_was_lost() -> None:
    by, whom, client = make_person("administer", region="140900"), make_person("approve", region="140928"), Client()
    recovery.reset_second_factor(**words(by, whom))
    client.force_login(whom, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("home")).headers["Location"] == reverse("mfa_activate_totp")


@pytest.mark.parametrize("act", ACTS)
def test_another_county_may_not(act: object) -> None:
    for region in ("140932", "220000"):
        given = words(make_person("administer", region=region), make_person(region="140928"))
        assert refused(act, **given) == "not-your-region"


@pytest.mark.parametrize("act", ACTS)
def test_nobody_lets_themselves_in(act: object) -> None:
    by = make_person("administer", region="140928")
    assert refused(act, **words(by, by)) == "oneself"


@pytest.mark.parametrize("act", ACTS)
def test_a_reason_is_asked(act: object) -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928")
    assert refused(act, **words(by, whom, reason="  ")) == "no-reason"


@pytest.mark.parametrize("first, then", [ACTS, ACTS[::-1]])
def test_one_hand_does_not_give_both_within_a_week(first: Any, then: Any) -> None:
    by, other = make_person("administer", region="140900"), make_person("administer", region="140928")
    whom = make_person("approve", region="140928")
    first(**words(by, whom))
    assert refused(then, **words(by, whom)) == "same-hand"
    then(**words(other, whom))


def test_after_a_week_one_hand_may_give_the_other() -> None:
    by, whom = make_person("administer", region="140900"), make_person("approve", region="140928")
    recovery.offer_new_password(**words(by, whom))
    recovery.reset_second_factor(**words(by, whom, now=NOW + timedelta(days=8)))


def test_there_must_be_a_factor_to_take_off() -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928", with_second_factor=False)
    assert refused(recovery.reset_second_factor, **words(by, whom)) == "no-factor"


def test_who_is_deactivated_gets_no_link_and_a_link_dies_with_deactivation() -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928")
    _, token = recovery.offer_new_password(**words(by, whom))
    Person.objects.filter(pk=whom.pk).update(is_active=False)
    whom.refresh_from_db()
    assert refused(recovery.open_recovery, token=token, now=NOW) == "link-not-valid"
    assert refused(recovery.offer_new_password, **words(by, whom)) == "deactivated"


def test_a_link_is_good_once_for_a_day_and_the_newest_only() -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928")
    _, old = recovery.offer_new_password(**words(by, whom))
    _, token = recovery.offer_new_password(**words(by, whom, now=NOW + timedelta(minutes=1)))
    later = NOW + timedelta(minutes=2)
    assert refused(recovery.open_recovery, token=old, now=later) == "link-not-valid"
    assert refused(recovery.open_recovery, token=token, now=NOW + timedelta(hours=25)) == "link-not-valid"
    recovery.renew_password(token=token, password=PASSWORD, now=later)
    assert refused(recovery.renew_password, token=token, password=PASSWORD, now=later) == "link-not-valid"
    whom.refresh_from_db()
    assert whom.check_password(PASSWORD)


def test_a_new_password_ends_the_sessions_of_the_old_and_lifts_the_lock() -> None:
    admin, whom = make_person("administer", region="140900"), make_person(region="140928", with_second_factor=False)
    theirs, office, guest = Client(), Client(), Client()
    theirs.force_login(whom, backend="django.contrib.auth.backends.ModelBackend")
    office.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    for _ in range(5):
        guest.post(reverse("account_login"), {"login": whom.username, "password": "wrong"})
    page = office.post(reverse("office:offer_password", args=[whom.pk]), {"reason": "忘记口令"}).content.decode()
    link = re.search(r"http://testserver(/office/renew/[\w-]+/)", page)
    assert link
    assert whom.username in guest.get(link[1]).content.decode()
    assert "口令须含" in guest.post(link[1], {"password": "weak", "again": "weak"}).content.decode()
    assert guest.post(link[1], {"password": PASSWORD, "again": PASSWORD}).headers["Location"] == reverse(
        "account_login"
    )
    assert theirs.get(reverse("home")).status_code == 302
    signed = guest.post(reverse("account_login"), {"login": whom.username, "password": PASSWORD})
    assert signed.headers["Location"] == reverse("home")
    assert guest.get(link[1]).status_code == 410


def test_the_page_tells_a_refusal() -> None:
    by, whom, client = make_person("administer", region="140900"), make_person(region="140928"), Client()
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("office:reset_factor", "office:offer_password"):
        page = client.post(reverse(name, args=[whom.pk]), {"reason": ""}, follow=True).content.decode()
        assert "没有填写事由" in page


def test_the_database_itself_asks_for_a_reason_and_another_hand() -> None:
    by, whom = make_person("administer"), make_person()
    for given in ({"person": whom, "reason": ""}, {"person": by, "reason": "自己"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recovery.objects.create(by=by, kind="factor", at=NOW, **given)
