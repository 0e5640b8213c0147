"""An announcement is dated truly, and one that is wrong is made again by two people; the zones are published once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from tests.bureau.delimitation.matrix import make
from tests.bureau.delimitation.zoned import NOW, WUZHAI, XINZHOU

from bureau.delimitation import announcing, correcting, selectors, services
from bureau.delimitation.correcting import Heading
from bureau.delimitation.models import Announcement, Delimitation
from bureau.office.models import Person
from bureau.publications.models import Publication
from bureau.refusal import Refusal
from shuibao.report.announcement_frame import begin

DAY = date(2026, 3, 5)
LATER = NOW + timedelta(days=3)
Status = Announcement.Status


@dataclass
class Approved:
    """A delimitation that was approved, and the people of it."""

    one: Delimitation
    clerk: Person
    chief: Person

    def announced(self, status: str = Status.DONE) -> Announcement:
        """Return an announcement as the worker leaves it."""
        made = announcing.announce(by=self.clerk, delimitation=self.one, number="忻水告〔2026〕1号", dated=DAY, now=NOW)
        Announcement.objects.filter(pk=made.pk).update(
            status=status, documents=[{"name": "公告.pdf", "path": "announcements/old.pdf"}]
        )
        made.refresh_from_db()
        return made

    def proposed(self) -> Announcement:
        """Return a correction that waits."""
        return correcting.propose(
            by=self.clerk, announcement=self.announced(), heading=Heading("忻水告〔2026〕2号", DAY), why="文号排重",
            now=LATER,
        )  # fmt: skip


@pytest.fixture
def approved(person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch) -> Approved:
    """Return a delimitation without a folder, approved on a day that does not move; its documents are made up."""
    one = make(XINZHOU)
    clerk, chief = person("clerk", region=XINZHOU), person("approve", region=XINZHOU)
    Delimitation.objects.filter(pk=one.pk).update(
        stage="announcement", submitted_by=clerk, approved_by=chief, approved_at=NOW - timedelta(hours=1)
    )
    one.refresh_from_db()
    monkeypatch.setattr(announcing, "written", lambda found: [{"name": f"{found.number}.pdf", "path": "new.pdf"}])
    return Approved(one, clerk, chief)


@pytest.mark.parametrize("dated, said", [(date(2031, 1, 1), "还没有到"), (DAY - timedelta(days=1), "批准之前")])
def test_a_document_is_dated_neither_after_today_nor_before_the_approval(
    dated: date, said: str, approved: Approved
) -> None:
    with pytest.raises(Refusal, match=said) as refused:
        announcing.announce(by=approved.clerk, delimitation=approved.one, number="1号", dated=dated, now=NOW)
    assert refused.value.code == "wrong-date"
    assert not Announcement.objects.exists()
    earlier = approved.announced()
    with pytest.raises(Refusal, match=said):
        correcting.propose(by=approved.clerk, announcement=earlier, heading=Heading("2号", dated), why="有误", now=NOW)


def test_nothing_is_announced_before_number_and_date_were_looked_at_once_more(
    approved: Approved, signed_in: Callable[..., Client]
) -> None:
    client = signed_in("clerk", region=XINZHOU)
    Delimitation.objects.update(approved_at=NOW)
    address = reverse("delimitation:announce", args=[approved.one.pk])
    told = client.post(address, {"number": "1号", "dated": "2026-03-05"}, follow=True).content.decode()
    assert "核对过文号与日期" in told
    assert not Announcement.objects.exists()
    client.post(address, {"number": "1号", "dated": "2026-03-05", "checked": "on"})
    assert Announcement.objects.get().number == "1号"


def test_what_is_announced_is_not_announced_twice(approved: Approved) -> None:
    approved.announced()
    with pytest.raises(Refusal, match="更正公告"):
        announcing.announce(by=approved.clerk, delimitation=approved.one, number="2号", dated=DAY, now=NOW)
    given = {"delimitation": approved.one, "dated": DAY, "by": approved.clerk, "at": NOW}
    Announcement.objects.create(number="2号", **given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.create(number="3号", **given)


def test_a_correction_is_confirmed_by_another_and_takes_the_place_of_what_was_wrong(
    approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "publish", lambda **words: pytest.fail("the zones are published once"))
    waiting = approved.proposed()
    earlier = waiting.corrects
    assert earlier is not None
    assert (waiting.status, earlier.status) == (Status.PROPOSED, Status.DONE)
    announcing.carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == Status.PROPOSED, "nothing is written before it is confirmed"
    correcting.confirm(by=approved.chief, correction=waiting, now=LATER)
    announcing.carry_out(waiting.pk)
    announcing.carry_out(waiting.pk)
    waiting.refresh_from_db()
    earlier.refresh_from_db()
    assert (waiting.status, waiting.confirmed_by, earlier.status) == (Status.DONE, approved.chief, Status.CORRECTED)
    assert "忻水告〔2026〕2号" in earlier.message
    assert earlier.documents[0]["path"] == "announcements/old.pdf"
    assert announcing.announced(approved.one) == waiting
    assert not Publication.objects.exists()
    again = correcting.propose(
        by=approved.clerk, announcement=waiting, heading=Heading("忻水告〔2026〕3号", DAY), why="仍有误", now=LATER
    )
    assert again.corrects == waiting


def test_the_document_of_a_correction_says_what_it_corrects() -> None:
    earlier = Announcement(number="1号", dated=DAY)
    words = announcing.words_for(Announcement(number="2号", dated=DAY, corrects=earlier))
    told = [p.text for p in begin(SimpleNamespace(simulated=False), "公告", words).paragraphs]  # type: ignore[arg-type]
    assert told[-2:] == ["2号", "（更正公告：2026年3月5日发布的 1号 公告文号、日期有误，以本公告为准）"]
    told = [p.text for p in begin(SimpleNamespace(simulated=False), "公告", announcing.words_for(earlier)).paragraphs]  # type: ignore[arg-type]
    assert told[-1] == "1号"


def test_who_asks_for_a_correction_does_not_confirm_it(approved: Approved, person: Callable[..., Person]) -> None:
    both = person("clerk", "approve", region=XINZHOU)
    waiting = correcting.propose(
        by=both, announcement=approved.announced(), heading=Heading("2号", DAY), why="有误", now=LATER
    )
    assert not correcting.may_confirm(waiting, both)
    with pytest.raises(Refusal) as refused:
        correcting.confirm(by=both, correction=waiting, now=LATER)
    assert refused.value.code == "second-person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.filter(pk=waiting.pk).update(confirmed_by=both)
    correcting.decline(by=both, correction=waiting, why="没有错", now=LATER)
    assert correcting.may_propose(approved.one, both)


def test_another_county_or_another_duty_may_not_correct(approved: Approved, person: Callable[..., Person]) -> None:
    earlier = approved.announced()
    for who in (person("clerk", region=WUZHAI), person("clerk", region="220000"), person("review", region=XINZHOU)):
        with pytest.raises(Refusal) as refused:
            correcting.propose(by=who, announcement=earlier, heading=Heading("2号", DAY), why="有误", now=LATER)
        assert refused.value.code == "not-your-region"
    waiting = correcting.propose(
        by=approved.clerk, announcement=earlier, heading=Heading("2号", DAY), why="有误", now=LATER
    )
    for who in (person("approve", region=WUZHAI), person("approve", region="220000"), person("clerk", region=XINZHOU)):
        for act in (correcting.confirm, lambda **words: correcting.decline(why="不", **words)):
            with pytest.raises(Refusal) as refused:
                act(by=who, correction=waiting, now=LATER)
            assert refused.value.code == "not-your-region"


def test_corrections_that_change_nothing_or_come_twice_are_refused(approved: Approved) -> None:
    earlier = approved.announced()

    def propose(number: str, why: str = "有误") -> Any:
        heading = Heading(number, DAY)
        return correcting.propose(by=approved.clerk, announcement=earlier, heading=heading, why=why, now=LATER)

    with pytest.raises(Refusal, match="都和原公告相同"):
        propose(earlier.number)
    with pytest.raises(Refusal, match="理由"):
        propose("2号", " ")
    propose("2号")
    with pytest.raises(Refusal, match="等它办完"):
        propose("3号")


def test_a_correction_falls_with_what_it_corrects(approved: Approved, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = approved.proposed()
    Delimitation.objects.update(submitted_by=None, approved_by=None, approved_at=None, stage="adjustment")
    with pytest.raises(Refusal, match="退回"):
        correcting.confirm(by=approved.chief, correction=waiting, now=LATER)
    Announcement.objects.filter(pk=waiting.pk).update(status=Status.ORDERED)
    announcing.carry_out(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.status == Status.FAILED


def test_the_pages_correct_with_a_tick_and_without_script(approved: Approved, signed_in: Callable[..., Client]) -> None:
    clerk, chief = signed_in("clerk", region=XINZHOU), signed_in("approve", region=XINZHOU)
    earlier, page = approved.announced(), reverse("delimitation:one", args=[approved.one.pk])
    address = reverse("delimitation:correct", args=[approved.one.pk, earlier.pk])
    assert address in clerk.get(page).content.decode()
    assert address not in chief.get(page).content.decode()
    given = {"number": "2号", "dated": "2026-03-05", "why": "排重"}
    assert "请核对文号与日期" in clerk.post(address, given).content.decode()
    assert clerk.post(address, given | {"checked": "on"}).status_code == 302
    waiting = Announcement.objects.get(status=Status.PROPOSED)
    confirm = reverse("delimitation:confirm", args=[approved.one.pk, waiting.pk])
    assert "更正公告待您确认" in chief.get("/").content.decode()
    assert "更正公告待您确认" not in clerk.get("/").content.decode()
    assert confirm not in clerk.get(page).content.decode()
    assert confirm in chief.get(page).content.decode()
    assert "没有确认" in chief.post(confirm, follow=True).content.decode()
    chief.post(confirm, {"checked": "on"})
    announcing.carry_out(waiting.pk)
    text = clerk.get(page).content.decode()
    assert "公告.pdf（已更正）" in text
    assert "2号.pdf" in text


def test_the_bar_of_stages_dates_the_announcement_by_the_announcement(approved: Approved) -> None:
    def step() -> Any:
        return next(s for s in selectors.steps_of(approved.one, []) if s.id == "announcement")

    assert (step().state, step().entry, step().said) == ("now", None, "已批准，待公告")
    approved.announced()
    assert step().said == "2026-03-05 忻水告〔2026〕1号"


def test_what_is_sent_back_is_corrected_no_more(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuibao.delimitation.life.requirements.check_layer", lambda layer, rules: [])
    for to in ("field_review", "consultation", "examination"):
        services.advance(by=clerk, delimitation=delimitation, to=to, note="", now=NOW)
    chief = person("approve", region=XINZHOU)
    services.approve(by=chief, delimitation=delimitation, note="", now=NOW)
    waiting = Approved(delimitation, clerk, chief).proposed()
    services.advance(by=chief, delimitation=delimitation, to="adjustment", note="再看", now=LATER)
    waiting.refresh_from_db()
    assert waiting.status == Status.DECLINED
