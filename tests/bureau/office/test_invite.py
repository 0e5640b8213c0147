"""The only way in is an invitation: made by who administers, taken once, by who holds the link."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.bureau.people import make_organisation, make_person

from bureau.office import services
from bureau.office.models import Invitation, Organisation, Person
from bureau.refusal import Refusal

pytestmark = pytest.mark.django_db
NOW = timezone.now()
TODAY = date(2026, 3, 5)
PASSWORD = "Wuzhai-2026-hill"


def invite(by: Person, organisation: Organisation | None = None, **words: object) -> tuple[Invitation, str]:
    """Invite somebody to a county's bureau."""
    given = {"username": "laohe", "name": "老何", "duties": ["clerk"], **words}
    return services.invite(by=by, organisation=organisation or make_organisation(), now=NOW, **given)  # type: ignore[arg-type]


def refused(act: object, *args: object, **words: object) -> str:
    """Return the code by which an act is refused."""
    with pytest.raises(Refusal) as told:
        act(*args, **words)  # type: ignore[operator]
    return told.value.code


def test_who_is_invited_becomes_a_person_with_the_duties_promised() -> None:
    by = make_person("administer", region="140900")
    _, token = invite(by, duties=["clerk", "view"])
    made = services.accept(token=token, password=PASSWORD, now=NOW, today=TODAY)
    assert (made.username, made.organisation.region_id, made.check_password(PASSWORD)) == ("laohe", "140928", True)
    assert {a.duty: a.since for a in made.appointments.all()} == {"clerk": TODAY, "view": TODAY}


def test_a_link_is_good_once_and_for_a_week() -> None:
    by = make_person("administer", region="140928")
    _, token = invite(by)
    late = NOW + timedelta(days=services.INVITATION_DAYS)
    assert refused(services.open_invitation, token=token, now=late) == "invitation-not-valid"
    services.accept(token=token, password=PASSWORD, now=NOW, today=TODAY)
    again = {"token": token, "password": PASSWORD, "now": NOW, "today": TODAY}
    assert refused(services.accept, **again) == "invitation-not-valid"
    assert Person.objects.filter(username="laohe").count() == 1


def test_the_database_keeps_no_link() -> None:
    invitation, token = invite(make_person("administer", region="140928"))
    assert token not in {str(value) for value in invitation.__dict__.values()}
    assert len(token) >= 32


def test_a_withdrawn_invitation_is_void_and_not_withdrawn_twice() -> None:
    by = make_person("administer", region="140928")
    invitation, token = invite(by)
    services.withdraw(by=by, invitation=invitation, now=NOW)
    assert refused(services.open_invitation, token=token, now=NOW) == "invitation-not-valid"
    assert refused(services.withdraw, by=by, invitation=invitation, now=NOW) == "invitation-closed"


def test_another_county_may_neither_invite_nor_withdraw() -> None:
    neighbour = make_person("administer", region="140932")
    assert refused(invite, neighbour) == "not-your-region"
    invitation, _ = invite(make_person("administer", region="140928"))
    assert refused(services.withdraw, by=neighbour, invitation=invitation, now=NOW) == "not-your-region"


def test_a_county_may_not_invite_to_the_city_above_it() -> None:
    by = make_person("administer", region="140928")
    assert refused(invite, by, make_organisation("140900")) == "not-your-region"


def test_who_does_not_administer_may_not_invite() -> None:
    assert refused(invite, make_person("clerk", "review", "approve", region="140928")) == "not-your-region"


@pytest.mark.parametrize("duties", [[], ["king"], ["clerk", "king"]])
def test_an_invitation_names_duties_that_there_are(duties: list[str]) -> None:
    assert refused(invite, make_person("administer", region="140928"), duties=duties) == "no-duty"


def test_a_name_is_given_once() -> None:
    by = make_person("administer", region="140928")
    assert refused(invite, by, username=by.username) == "username-taken"
    invite(by)
    assert refused(invite, by) == "username-taken"


def test_a_name_is_free_again_when_its_invitation_is_withdrawn() -> None:
    by = make_person("administer", region="140928")
    invitation, _ = invite(by)
    services.withdraw(by=by, invitation=invitation, now=NOW)
    assert invite(by)[0].pk != invitation.pk


def test_nobody_is_invited_to_an_organisation_that_is_closed() -> None:
    organisation = Organisation.objects.create(region_id="140928", name="旧站", active=False)
    assert refused(invite, make_person("administer", region="140928"), organisation) == "organisation-closed"


@pytest.mark.parametrize(
    "password", ["Short-1a", "alllowercaseletters", "12345678901234", "laohe-Laohe-1", "password1234"]
)
def test_a_weak_password_is_refused_and_the_invitation_stays_open(password: str) -> None:
    _, token = invite(make_person("administer", region="140928"), username="laohe-laohe-1")
    with pytest.raises(ValidationError):
        services.accept(token=token, password=password, now=NOW, today=TODAY)
    assert services.open_invitation(token=token, now=NOW)


def test_from_invitation_to_work_in_pages(signed_in: object) -> None:
    by = make_person("administer", region="140928")
    admin, guest = Client(), Client()
    admin.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    form = {"organisation": by.organisation_id, "username": "xinren", "name": "新人", "duties": ["clerk"]}
    page = admin.post(reverse("office:invite"), form).content.decode()
    link = re.search(r"http://testserver(/office/join/[\w-]+/)", page)
    assert link
    assert "xinren" in admin.get(reverse("office:people")).content.decode()
    assert "新人，您好" in guest.get(link[1]).content.decode()
    differing = guest.post(link[1], {"password": PASSWORD, "again": "Other-2026-hill"}).content.decode()
    assert "两次输入的口令不同" in differing
    weak = guest.post(link[1], {"password": "weak", "again": "weak"}).content.decode()
    assert "口令须含" in weak
    assert guest.post(link[1], {"password": PASSWORD, "again": PASSWORD}).headers["Location"] == reverse("home")
    assert guest.get(reverse("home")).status_code == 200
    assert Client().get(link[1]).status_code == 410


def test_there_is_no_open_sign_up() -> None:
    for address in ("/account/signup/", "/accounts/signup/", "/account/password/reset/", "/admin/"):
        assert Client().get(address).status_code in (302, 404)
        assert b"password1" not in Client().get(address, follow=True).content


def test_a_name_that_differs_in_case_only_is_taken() -> None:
    by = make_person("administer", region="140900")
    _, token = invite(by, username="WangXin")
    assert refused(invite, by, username="wangxin") == "username-taken"
    services.accept(token=token, password=PASSWORD, now=NOW, today=TODAY)
    for name in ("wangxin", "WANGXIN", "ｗａｎｇxin"):
        assert refused(invite, by, username=name) == "username-taken"
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=by.pk).update(username="wangxin")


@pytest.mark.parametrize("weak", ["short", "Short-1", "12345678901", "password123", "Laohe-2026"])
def test_everything_that_is_said_of_a_weak_password_is_chinese(weak: str) -> None:
    _, token = invite(make_person("administer", region="140928"))
    page = Client().post(reverse("office:accept", args=[token]), {"password": weak, "again": weak}).content.decode()
    told = re.findall(r'class="wrong" role="alert">([^<]+)<', page)
    assert told or weak == "Laohe-2026"
    assert not [sentence for sentence in told if re.search(r"[A-Za-z]{3}", sentence)]


def test_who_opens_an_invitation_while_somebody_is_signed_in_is_told_so() -> None:
    by = make_person("administer", region="140900")
    _, token = invite(by)
    client, address = Client(), reverse("office:accept", args=[token])
    assert "现在由" not in client.get(address).content.decode()
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    assert f"现在由 {by.name}（{by.username}）登录" in client.get(address).content.decode()
