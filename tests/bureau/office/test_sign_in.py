"""Signing in: locked after five failures, telling nothing of who exists, under a new session, with a second factor."""

from __future__ import annotations

import re
import time
from statistics import median
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.bureau.codes import code_of, fresh_code
from tests.bureau.people import make_person

from bureau.office.models import Person, SignIn

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"
GOOD = "Good-enough-1"


@pytest.fixture(autouse=True)
def _forget_rates() -> None:
    cache.clear()


def sign_in(client: Client, username: str, password: str = GOOD, **more: Any) -> Any:
    """Send the form of signing in."""
    return client.post(LOGIN, {"login": username, "password": password}, **more)


def test_the_form_speaks_the_offices_words() -> None:
    page = Client().get(LOGIN).content.decode()
    assert re.findall(r'<label for="\w+">([^<]+)</label>', page) == ["登录名", "口令"]
    wrong = sign_in(Client(), "nobody", "wrong").content.decode()
    assert "登录名或口令不对" in wrong
    assert "用户名" not in page + wrong
    assert "密码" not in page + wrong


@pytest.mark.parametrize(
    "first, second, said",
    [
        ("password12", "password12", "口令须含"), ("1234567890", "1234567890", "口令不能全是数字"),
        ("1234567890", "1234567890", "这个口令太常见"), ("short", "short", "口令只有 5 位"),
        ("Another-good-1", "Another-good-2", "两次输入的口令不同"), ("人员-Aa-1234", "人员-Aa-1234", "口令与登录名太相似"),
        ("Another-good-1", "Another-good-1", "口令"),
    ],
)  # fmt: skip
def test_changing_a_password_speaks_of_it_in_one_word(first: str, second: str, said: str) -> None:
    who = make_person(with_second_factor=False)
    who.username = "人员-Aa-123"
    who.set_password(GOOD)
    who.save()
    client = Client()
    client.force_login(who, backend="django.contrib.auth.backends.ModelBackend")
    given = {"oldpassword": GOOD, "password1": first, "password2": second}
    page = client.post(reverse("account_change_password"), given, follow=True).content.decode()
    assert said in page
    assert "密码" not in page


def test_the_known_example_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [code_of(secret, at) for at in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]


def test_five_failures_lock_and_the_right_password_does_not_help() -> None:
    who = make_person(with_second_factor=False)
    for at in range(5):
        answer = sign_in(Client(), who.username, f"wrong-{at}")
    assert answer.status_code == 429
    assert "已暂时锁定" in answer.content.decode()
    locked = sign_in(Client(), who.username)
    assert locked.status_code == 429
    assert Client().get(reverse("home")).status_code == 302


def test_four_failures_do_not_lock_and_success_forgets_them() -> None:
    who = make_person(with_second_factor=False)
    for _ in range(2):
        for _ in range(4):
            assert sign_in(Client(), who.username, "wrong").status_code == 200
        assert sign_in(Client(), who.username).headers["Location"] == reverse("home")


def test_failures_are_counted_in_the_database_so_that_all_processes_know() -> None:
    who = make_person(with_second_factor=False)
    for _ in range(3):
        sign_in(Client(), who.username, "wrong")
    assert AccessAttempt.objects.get(username=who.username).failures_since_start == 3
    AccessAttempt.objects.update(failures_since_start=5)  # another process counted on
    assert sign_in(Client(), who.username).status_code == 429


def test_a_lock_of_one_does_not_lock_another() -> None:
    who, other = make_person(with_second_factor=False), make_person(with_second_factor=False)
    for _ in range(5):
        sign_in(Client(), who.username, "wrong")
    assert sign_in(Client(), other.username).headers["Location"] == reverse("home")


def test_guessing_from_many_addresses_is_stopped_too() -> None:
    who = make_person(with_second_factor=False)
    for at in range(10):
        sign_in(Client(), who.username, "wrong", REMOTE_ADDR=f"10.0.0.{at}")
    stopped = sign_in(Client(), who.username, REMOTE_ADDR="10.0.1.1")
    assert stopped.status_code == 200
    assert "输错次数过多" in stopped.content.decode()


def test_an_address_that_the_visitor_writes_themselves_is_not_believed() -> None:
    who = make_person(with_second_factor=False)
    for at in range(5):
        answer = sign_in(Client(), who.username, "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{at}")
    assert answer.status_code == 429


def shown(response: Any) -> str:
    """Return what a page says, without what differs each time."""
    return re.sub(r'value="[^"]*"', "", response.content.decode())


def test_unknown_wrong_and_deactivated_are_answered_alike() -> None:
    who, gone = make_person(with_second_factor=False), make_person(with_second_factor=False, is_active=False)
    answers = {
        shown(sign_in(Client(), "nobody-at-all", "wrong")),
        shown(sign_in(Client(), who.username, "wrong")),
        shown(sign_in(Client(), gone.username, "wrong")),
        shown(sign_in(Client(), gone.username)),
    }
    assert len(answers) == 1


def test_unknown_names_lock_as_known_ones_do() -> None:
    who = make_person(with_second_factor=False)
    last = [[sign_in(Client(), name, "wrong").status_code for _ in range(5)] for name in ("nobody", who.username)]
    assert last[0] == last[1]


@pytest.mark.slow
def test_unknown_names_take_as_long_as_known_ones(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    who = make_person(with_second_factor=False)
    took: dict[str, list[float]] = {"nobody": [], who.username: []}
    for _ in range(4):
        for name, times in took.items():
            began = time.thread_time()  # the processor's time: what else the machine does is not counted
            sign_in(Client(), name, "wrong")
            times.append(time.thread_time() - began)
    unknown, known = (median(times) for times in took.values())
    assert 0.6 < unknown / known < 1.7


def test_a_session_given_to_somebody_before_they_sign_in_is_worth_nothing_after() -> None:
    who, victim = make_person(with_second_factor=False), Client()
    victim.get(LOGIN)
    session = victim.session
    session["planted"] = "1"
    session.save()
    victim.cookies["sessionid"] = session.session_key
    sign_in(victim, who.username)
    assert victim.cookies["sessionid"].value != session.session_key
    attacker = Client()
    attacker.cookies["sessionid"] = session.session_key
    assert attacker.get(reverse("home")).status_code == 302


def test_signing_out_ends_the_session_itself() -> None:
    who, client, copy = make_person(with_second_factor=False), Client(), Client()
    sign_in(client, who.username)
    copy.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copy.get(reverse("home")).status_code == 200
    assert client.get(reverse("account_logout")).status_code == 200
    assert copy.get(reverse("home")).status_code == 200, "a link alone signs nobody out"
    client.post(reverse("account_logout"))
    assert copy.get(reverse("home")).status_code == 302


def test_a_changed_password_ends_the_other_sessions() -> None:
    who, here, there = make_person(with_second_factor=False), Client(), Client()
    for client in (here, there):
        sign_in(client, who.username)
    form = {"oldpassword": GOOD, "password1": "Changed-2026-x", "password2": "Changed-2026-x"}
    here.post(reverse("account_change_password"), form)
    assert here.get(reverse("home")).status_code == 200
    assert there.get(reverse("home")).status_code == 302


def test_a_form_without_its_token_is_refused() -> None:
    who = make_person(with_second_factor=False)
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict, who.username).status_code == 403
    assert "页面已过期" in sign_in(strict, who.username).content.decode()
    strict.force_login(make_person("administer"), backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(reverse("office:switch", args=[who.pk])).status_code == 403
    assert Person.objects.get(pk=who.pk).is_active


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_sends_nobody_elsewhere(to: str) -> None:
    who = make_person(with_second_factor=False)
    answer = Client().post(LOGIN, {"login": who.username, "password": GOOD, "next": to})
    assert "evil" not in answer.headers.get("Location", "")
    assert "javascript" not in answer.headers.get("Location", "")


# The second factor


def test_who_approves_without_a_factor_can_open_nothing_but_its_setting_up(monkeypatch: pytest.MonkeyPatch) -> None:
    who, client = make_person("approve", region="140900", with_second_factor=False), Client()
    sign_in(client, who.username)
    for name in ("home", "onemap:map"):
        assert client.get(reverse(name)).headers["Location"] == reverse("mfa_activate_totp")
    assert client.get(reverse("mfa_activate_totp")).status_code == 200, "the password was given a moment ago"
    monkeypatch.setattr("bureau.office.adapter.JUST_NOW", 0.0)
    once_more = client.get(reverse("mfa_activate_totp"), follow=True).content.decode()
    assert "请再输一次口令" in once_more
    assert client.post(reverse("account_reauthenticate"), {"password": GOOD}).status_code == 302
    assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_recovery_codes_are_shown_right_after_the_first_factor_and_not_later(monkeypatch: pytest.MonkeyPatch) -> None:
    who, client = make_person("approve", region="140900", with_second_factor=False), Client()
    sign_in(client, who.username)
    secret = re.search(r"<code>([A-Z2-7]+)</code>", client.get(reverse("mfa_activate_totp")).content.decode())
    assert secret
    assert client.post(reverse("mfa_activate_totp"), {"code": fresh_code(secret[1])}).status_code == 302
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    monkeypatch.setattr("bureau.office.adapter.JUST_NOW", 0.0)
    assert (
        client.get(reverse("mfa_view_recovery_codes")).headers["Location"].startswith(reverse("account_reauthenticate"))
    )


@pytest.mark.parametrize("duty, sent", [("approve", True), ("administer", True), ("clerk", False), ("review", False)])
def test_those_who_approve_or_administer_need_a_factor(duty: str, sent: bool) -> None:
    who, client = make_person(duty, region="140900", with_second_factor=False), Client()
    sign_in(client, who.username)
    assert (client.get(reverse("home")).status_code == 302) is sent


def set_up(client: Client) -> str:
    """Set the second factor up in the pages; return its secret."""
    client.post(reverse("account_reauthenticate"), {"password": GOOD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    found = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert found
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"}).content.decode()
    assert "动态码不对" in wrong
    assert client.post(reverse("mfa_activate_totp"), {"code": fresh_code(found[1])}).status_code == 302
    return found[1]


def test_a_page_that_asks_whether_the_server_is_there_does_not_spoil_the_secret_it_shows() -> None:
    who, client = make_person("approve", region="140900", with_second_factor=False), Client()
    sign_in(client, who.username)
    client.post(reverse("account_reauthenticate"), {"password": GOOD})
    secret = re.search(r"<code>([A-Z2-7]+)</code>", client.get(reverse("mfa_activate_totp")).content.decode())
    assert secret
    assert client.get(reverse("alive")).status_code == 200, "sent on to the set-up, which makes another secret"
    assert client.post(reverse("mfa_activate_totp"), {"code": fresh_code(secret[1])}).status_code == 302


def test_a_factor_is_set_up_and_asked_at_the_next_sign_in() -> None:
    who, client, again = make_person("approve", region="140900", with_second_factor=False), Client(), Client()
    sign_in(client, who.username)
    secret = set_up(client)
    assert client.get(reverse("home")).status_code == 200
    assert sign_in(again, who.username).headers["Location"] == reverse("mfa_authenticate")
    assert again.get(reverse("home")).status_code == 302, "a password alone is not enough"
    cache.clear()  # a code is good once: another half minute
    assert again.post(reverse("mfa_authenticate"), {"code": fresh_code(secret)}).headers["Location"] == reverse("home")
    assert again.get(reverse("home")).status_code == 200


def test_a_recovery_code_lets_in_once() -> None:
    who, client = make_person("approve", region="140900", with_second_factor=False), Client()
    sign_in(client, who.username)
    set_up(client)
    page = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    code = re.findall(r"^\s*([0-9a-zA-Z]{8,})\s*$", re.search(r"<pre>(.*?)</pre>", page, re.S)[1], re.M)[0]  # type: ignore[index]
    for answer in (302, 200):
        again = Client()
        sign_in(again, who.username)
        assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == answer


def test_codes_can_not_be_guessed_on_and_on() -> None:
    who, client = make_person("approve", region="140900"), Client()
    sign_in(client, who.username)
    said = ""
    for at in range(12):
        said = client.post(reverse("mfa_authenticate"), {"code": f"{at:06d}"}).content.decode()
    assert "输错次数过多" in said
    assert Authenticator.objects.filter(user=who).exists()
    assert client.get(reverse("home")).status_code == 302


def test_a_sign_in_name_is_one_in_whatever_case_it_is_typed() -> None:
    who = make_person(with_second_factor=False)
    Person.objects.filter(pk=who.pk).update(username="WangXin")
    for typed in ("wangxin", "WANGXIN", "WangXin", "ｗａｎｇｘｉｎ"):
        assert sign_in(Client(), typed).headers["Location"] == reverse("home")


def test_a_lock_can_not_be_passed_by_typing_the_name_in_another_case() -> None:
    who = make_person(with_second_factor=False)
    Person.objects.filter(pk=who.pk).update(username="WangXin")
    for typed in ("wangxin", "WangXin", "WANGXIN", "wangXin"):
        assert sign_in(Client(), typed, "wrong").status_code == 200
    assert sign_in(Client(), "wAngxin", "wrong").status_code == 429
    assert sign_in(Client(), "WangXin").status_code == 429
    assert SignIn.objects.filter(what=SignIn.What.REFUSED).exclude(person_id=who.pk).count() == 0


def test_failures_are_forgotten_when_a_name_with_capitals_signs_in() -> None:
    who = make_person(with_second_factor=False)
    Person.objects.filter(pk=who.pk).update(username="WangXin")
    sign_in(Client(), "WangXin", "wrong")
    sign_in(Client(), "WangXin")
    assert not AccessAttempt.objects.exists()
