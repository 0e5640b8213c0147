"""Reminders by mail (提醒邮件), taken by a server that listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.mail_server import Server, mail_server

from bureau.office.models import Person
from bureau.service import inspection
from bureau.service.mail_trial import send_trial
from bureau.settings.mail import mail_settings
from bureau.tasks import jobs, mailing, services
from bureau.tasks.models import Notice
from shuibao.messages import CallError, ShuibaoError

Make = Callable[..., Any]


@pytest.fixture
def mail(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Return a server of mail that this installation uses."""
    with mail_server() as server:
        monkeypatch.setenv("BUREAU_MAIL", f"smtp://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv("BUREAU_MAIL_FROM", "水保平台 <shuibao@example.gov.cn>")
        for name, value in mail_settings().items():
            setattr(settings, name, value)
        settings.BUREAU_ADDRESS = "https://shuibao.example.gov.cn"
        yield server


@pytest.fixture
def clerk(registers: None, person: Make) -> Person:
    """Return a clerk with an address."""
    return with_address(person("clerk", region="220000"), "wang@example.gov.cn")


def with_address(who: Any, address: str) -> Person:
    """Give a person an address of mail."""
    Person.objects.filter(pk=who.pk).update(email=address)
    found: Person = Person.objects.get(pk=who.pk)
    return found


def test_each_gets_one_message_of_what_is_new(
    clerk: Person, person: Make, mail: Server, now: datetime, today: date
) -> None:
    person("clerk", region="220000")  # has no address
    new = services.remind(now=now, today=today)
    assert mailing.send(now=now) == 1
    [message] = mail.taken
    assert message["To"] == "wang@example.gov.cn"
    assert message["From"] == "水保平台 <shuibao@example.gov.cn>"
    mine = Notice.objects.filter(person=clerk)
    soon, late = (mine.filter(kind=kind).count() for kind in ("soon", "late"))
    assert message["Subject"].strip() == f"水保平台提醒：{soon} 项即将到期，{late} 项已过期限"
    text = message.get_content()
    assert "各县市年度治理任务指标分解" in text
    first = mine.order_by("on").first()
    assert first is not None
    assert f"https://shuibao.example.gov.cn{reverse('tasks:task', args=[first.due.task_id])}" in text
    assert 0 < text.count("· ") == min(new // 2, mailing.LISTED)
    assert mailing.send(now=now) == 0, "each is mailed once"


def test_what_is_read_old_or_not_wanted_is_not_mailed(clerk: Person, mail: Server, now: datetime, today: date) -> None:
    services.remind(now=now, today=today)
    assert mailing.send(now=now + mailing.FRESH + timedelta(days=1)) == 0
    mailing.choose(by=clerk, wanted=False)
    assert mailing.send(now=now) == 0
    mailing.choose(by=clerk, wanted=True)
    services.read_notices(by=clerk, now=now)
    assert mailing.send(now=now) == 0
    assert mail.taken == []


def test_an_address_that_is_refused_keeps_nobody_else_waiting(
    clerk: Person, person: Make, mail: Server, now: datetime, today: date
) -> None:
    other = with_address(person("clerk", region="220000"), "li@example.gov.cn")
    mail.refused = "wang@"
    services.remind(now=now, today=today)
    assert mailing.send(now=now) == 1
    assert [message["To"] for message in mail.taken] == ["li@example.gov.cn"]
    mail.refused = ""
    assert mailing.send(now=now + timedelta(days=1)) == 1, "it is tried again the next day"
    assert not Notice.objects.filter(person__in=[clerk, other], mailed=None).exists()


def test_reminders_stand_though_mail_cannot_be_sent(clerk: Person, mail: Server, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(ConnectionRefusedError):
        jobs.remind.func(timestamp=0)
    assert Notice.objects.filter(person=clerk, mailed=None).exists()
    settings.BUREAU_MAIL = ""
    jobs.remind.func(timestamp=0)


def test_one_turns_it_off_on_the_page(mail: Server, registers: None, signed_in: Callable[..., Client]) -> None:
    browser = signed_in("clerk", region="220000")
    page = reverse("tasks:notices")
    assert "没有登记电子邮箱" in browser.get(page).content.decode()
    who = with_address(browser.person, "wang@example.gov.cn")  # type: ignore[attr-defined]
    assert "不再发邮件" in browser.get(page).content.decode()
    browser.post(reverse("tasks:choose_mail"), {"wanted": "no"})
    assert not mailing.wants_mail(who)
    assert "发到 wang@example.gov.cn" in browser.get(page).content.decode()
    browser.post(reverse("tasks:choose_mail"), {"wanted": "yes"})
    assert mailing.wants_mail(who)


def test_without_a_server_nothing_is_said_of_mail(registers: None, signed_in: Callable[..., Client]) -> None:
    assert "邮件" not in signed_in("clerk", region="220000").get(reverse("tasks:notices")).content.decode()


def test_an_operator_tries_it(mail: Server, settings: Any) -> None:
    assert "已收下" in send_trial("wang@example.gov.cn")
    assert mail.taken[0]["Subject"] == "水保平台：试验邮件"
    assert [finding.verdict for finding in inspection.mail()] == ["good"]
    with pytest.raises(CallError, match="不是电子邮箱地址"):
        send_trial("wang")
    mail.refused = "li@"
    with pytest.raises(ShuibaoError, match="没有收下"):
        send_trial("li@example.gov.cn")
    settings.EMAIL_PORT = 1
    assert [finding.verdict for finding in inspection.mail()] == ["warning"]
    with pytest.raises(ShuibaoError, match="没有收下：ConnectionRefusedError"):
        send_trial("wang@example.gov.cn")
    settings.BUREAU_MAIL = ""
    assert list(inspection.mail()) == []
    with pytest.raises(CallError, match="没有设置邮件服务器"):
        send_trial("wang@example.gov.cn")


@pytest.mark.parametrize(
    "given, told",
    [
        ({"BUREAU_MAIL": "mail.example.gov.cn"}, "BUREAU_MAIL"),
        ({"BUREAU_MAIL": "smtp://mail:x5"}, "BUREAU_MAIL"),
        ({"BUREAU_MAIL": "smtp://wang:geheim@mail"}, "BUREAU_MAIL_PASSWORD_FILE"),
        ({"BUREAU_MAIL_FROM": "shuibao"}, "BUREAU_MAIL_FROM"),
        ({"BUREAU_MAIL_PASSWORD_FILE": "/nowhere/password"}, "/nowhere/password"),
    ],
)
def test_wrong_words_are_refused(given: dict[str, str], told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = {"BUREAU_MAIL": "smtp://mail", "BUREAU_MAIL_FROM": "a@b.cn"}
    for name, value in (right | given).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CallError) as refused:
        mail_settings()
    assert told in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_each_way_of_sending_has_its_port(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "password").write_text("p@ss\n")
    monkeypatch.setenv("BUREAU_MAIL_FROM", "a@b.cn")
    monkeypatch.setenv("BUREAU_MAIL_PASSWORD_FILE", str(tmp_path / "password"))
    found = {}
    for way in ("smtp", "smtp+starttls", "smtps"):
        monkeypatch.setenv("BUREAU_MAIL", f"{way}://wang%40b.cn@mail.b.cn")
        told = mail_settings()
        assert (told["EMAIL_HOST_USER"], told["EMAIL_HOST_PASSWORD"]) == ("wang@b.cn", "p@ss")
        found[way] = (told["EMAIL_PORT"], told["EMAIL_USE_TLS"], told["EMAIL_USE_SSL"])
    assert found == {"smtp": (25, False, False), "smtp+starttls": (587, True, False), "smtps": (465, False, True)}
    monkeypatch.delenv("BUREAU_MAIL")
    assert mail_settings() == {}
