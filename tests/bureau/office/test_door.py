"""What happens at the door is written down, for those who may see it, and nothing that was typed with it."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse
from tests.bureau.office.test_sign_in import set_up
from tests.bureau.people import make_person

from bureau.office.models import Person, SignIn
from bureau.trail.selectors import Wanted, changes

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
PASSWORD, SECRET = "Good-enough-1", "Typed-by-mistake-9"


@pytest.fixture(autouse=True)
def _forget_rates() -> None:
    cache.clear()


def sign_in(client: Client, username: str, password: str = PASSWORD) -> Any:
    """Send the form of signing in."""
    return client.post(LOGIN, {"login": username, "password": password})


def noted(person: Person | None) -> list[str]:
    """Return what was written down of somebody, the first first."""
    return list(SignIn.objects.filter(person=person).order_by("pk").values_list("what", flat=True))


def seen_by(person: Person) -> list[str]:
    """Return what somebody sees of the door in the trail, the first first."""
    told = changes(person=person, wanted=Wanted(kind="office.signin"), count=50)
    return [change.name for change in reversed(told)]


def test_signing_in_and_out_is_written_down_with_the_address() -> None:
    who, client = make_person(with_second_factor=False), Client()
    sign_in(client, who.username)
    client.post(reverse("account_logout"))
    assert noted(who) == ["in", "out"]
    one = SignIn.objects.first()
    assert one is not None
    assert (one.address, one.region_id) == ("127.0.0.1", "140928")


def test_failures_and_the_lock_are_written_down() -> None:
    who = make_person(with_second_factor=False)
    for _ in range(5):
        sign_in(Client(), who.username, "wrong")
    assert noted(who).count("refused") == 5
    assert noted(who).count("locked") == 1


def test_a_name_that_nobody_has_is_not_kept_for_it_may_be_a_password() -> None:
    sign_in(Client(), SECRET, SECRET)
    assert noted(None) == ["refused"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM office_signinevent t")
        assert SECRET not in str(cursor.fetchone()[0])
        cursor.execute("SELECT string_agg(metadata::text, ' ') FROM pghistory_context")
        assert SECRET not in str(cursor.fetchone()[0])


def test_factors_that_are_set_up_and_wrong_codes_are_written_down(django_capture_on_commit_callbacks: Any) -> None:
    who, client = make_person(with_second_factor=False), Client()
    sign_in(client, who.username)
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(client)
    assert Authenticator.objects.filter(user=who, type="totp").exists()
    assert sorted(noted(who)[1:]) == ["factor_new", "factor_on"]
    other = Client()
    sign_in(other, who.username)
    other.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert noted(who)[-1] == "code"
    assert secret not in str(list(SignIn.objects.values()))


def test_a_region_sees_its_own_people_and_a_province_the_unknown_too() -> None:
    county, other = (
        make_person(region="140928", with_second_factor=False),
        make_person(region="140121", with_second_factor=False),
    )
    for who in (county, other):
        sign_in(Client(), who.username)
    sign_in(Client(), "nobody-at-all", "x")
    admins = {
        code: make_person("administer", region=code) for code in ("140928", "140900", "140121", "140000", "220000")
    }
    told = {code: seen_by(admin) for code, admin in admins.items()}
    assert told["140928"] == [f"{county} 登录"] == told["140900"]
    assert told["140121"] == [f"{other} 登录"]
    assert told["140000"] == [f"{county} 登录", f"{other} 登录", "不存在的登录名 登录失败"]
    assert told["220000"] == ["不存在的登录名 登录失败"]


def test_it_is_on_the_page_and_in_the_export(signed_in: Any) -> None:
    who = make_person(region="140928", with_second_factor=False)
    sign_in(Client(), who.username)
    admin = signed_in("administer", region="140900")
    page = admin.get(reverse("trail:everything"), {"kind": "office.signin"}).content.decode()
    assert f"{who} 登录" in page
    table = admin.get(reverse("trail:export", args=["csv"]), {"kind": "office.signin"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert {row["对象"] for row in rows} >= {f"{who} 登录"}
    assert {row["人员"] for row in rows if row["对象"] == f"{who} 登录"} == {who.name}


def test_nobody_writes_it_anew() -> None:
    who = make_person(with_second_factor=False)
    sign_in(Client(), who.username)
    for act in ("UPDATE office_signin SET what = 'out'", "DELETE FROM office_signin"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)
