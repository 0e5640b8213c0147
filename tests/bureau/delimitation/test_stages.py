"""Zones go from stage to stage; one submits, another approves, what was approved is announced and published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, THEME, WUZHAI, XINZHOU, photo, reason, stretched, zone

from bureau.commissions.models import Commission
from bureau.delimitation import announcing, commenting, correcting, drawing, editing, selectors, services
from bureau.delimitation.commenting import Words
from bureau.delimitation.correcting import Heading
from bureau.delimitation.models import Announcement, Delimitation, Entry
from bureau.office.models import Person
from bureau.publications.models import Publication
from bureau.refusal import Refusal

A = f"{WUZHAI}-0001"


@pytest.fixture(autouse=True)
def land_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let acceptance pass: the small folder's land is not where its counties are. A test may ask for the truth."""
    if "accepted" not in request.fixturenames:
        monkeypatch.setattr("shuibao.delimitation.life.requirements.check_layer", lambda layer, rules: [])


def submitted(one: Delimitation, clerk: Person) -> Delimitation:
    """Move zones on to the examination."""
    for to in ("field_review", "consultation", "examination"):
        services.advance(by=clerk, delimitation=one, to=to, note="", now=NOW)
    return one


def test_zones_go_from_stage_to_stage_and_each_move_is_signed(delimitation: Delimitation, clerk: Person) -> None:
    submitted(delimitation, clerk)
    assert delimitation.stage == "examination"
    assert delimitation.submitted_by == clerk
    moves = list(delimitation.entries.filter(kind="stage"))
    assert [move.stage for move in moves] == ["field_review", "consultation", "examination"]
    assert {move.by for move in moves} == {clerk}
    steps = {step.id: step.state for step in selectors.steps_of(delimitation, moves)}
    assert (steps["consultation"], steps["adjustment"], steps["examination"]) == ("done", "ahead", "now")


def test_no_stage_is_leapt_over(delimitation: Delimitation, clerk: Person) -> None:
    with pytest.raises(Refusal, match="可到：实地复核"):
        services.advance(by=clerk, delimitation=delimitation, to="examination", note="", now=NOW)


@pytest.mark.parametrize("accepted", ["as it is"])
def test_what_acceptance_finds_holds_the_examination_up(
    accepted: str, delimitation: Delimitation, clerk: Person
) -> None:
    for to in ("field_review", "consultation"):
        services.advance(by=clerk, delimitation=delimitation, to=to, note="", now=NOW)
    with pytest.raises(Refusal, match="小于最小面积"):
        services.advance(by=clerk, delimitation=delimitation, to="examination", note="", now=NOW)
    assert delimitation.stage == "consultation"


def test_an_open_comment_holds_the_examination_up(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    for to in ("field_review", "consultation"):
        services.advance(by=clerk, delimitation=delimitation, to=to, note="", now=NOW)
    made = commenting.comment(by=clerk, delimitation=delimitation, words=Words("adjust", "偏大", code=A), now=NOW)
    with pytest.raises(Refusal, match="没有答复") as refused:
        services.advance(by=clerk, delimitation=delimitation, to="examination", note="", now=NOW)
    assert "shuibao" not in refused.value.message
    other = person("clerk", region=XINZHOU)
    commenting.answer(by=other, comment=made, outcome="reject", text="实地核对无误", now=NOW)
    services.advance(by=clerk, delimitation=delimitation, to="examination", note="", now=NOW)


def test_what_is_submitted_is_edited_no_more_until_it_is_sent_back(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    submitted(delimitation, clerk)
    given = {
        "by": clerk, "delimitation": delimitation, "code": A, "token": zone(delimitation, A).token,
        "geometry": stretched(zone(delimitation, A), north=0.0002), "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refusal, match="不可修改"):
        editing.reshape(reason=reason(), **given)
    reviewer = person("review", region=XINZHOU)
    with pytest.raises(Refusal, match="理由"):
        services.advance(by=reviewer, delimitation=delimitation, to="adjustment", note=" ", now=NOW)
    services.advance(by=reviewer, delimitation=delimitation, to="adjustment", note="两处不符", now=NOW, files=[photo()])
    assert (delimitation.stage, delimitation.submitted_by) == ("adjustment", None)
    editing.reshape(reason=reason(), **given)


def test_who_submitted_does_not_approve(delimitation: Delimitation, person: Callable[..., Person]) -> None:
    both = person("clerk", "approve", region=XINZHOU)
    submitted(delimitation, both)
    assert not selectors.may_approve(delimitation, both)
    with pytest.raises(Refusal) as refused:
        services.approve(by=both, delimitation=delimitation, note="", now=NOW)
    assert refused.value.code == "second-person"


def test_nobody_approves_by_moving_on(delimitation: Delimitation, clerk: Person) -> None:
    submitted(delimitation, clerk)
    with pytest.raises(Refusal) as refused:
        services.advance(by=clerk, delimitation=delimitation, to="announcement", note="", now=NOW)
    assert refused.value.code == "approve-first"


def test_another_county_or_another_duty_may_not_move_or_approve(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    for who in (person("clerk", region=WUZHAI), person("clerk", region="140100"), person("view", region=XINZHOU)):
        with pytest.raises(Refusal) as refused:
            services.advance(by=who, delimitation=delimitation, to="field_review", note="", now=NOW)
        assert refused.value.code == "not-your-region"
    submitted(delimitation, clerk)
    for who in (person("approve", region=WUZHAI), person("approve", region="220000"), person("review", region=XINZHOU)):
        with pytest.raises(Refusal) as refused:
            services.approve(by=who, delimitation=delimitation, note="", now=NOW)
        assert refused.value.code == "not-your-region"


@pytest.fixture
def plain_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the documents rest on what the small folder has: it has no slopes to measure anew."""
    monkeypatch.setattr(
        "shuibao.delimitation.delivery.result.measured_again", lambda region, rules, counties, layer: layer
    )
    monkeypatch.setattr("shuibao.delimitation.delivery.result.shape_measures", lambda layer: layer)


def test_what_was_approved_is_announced_and_published_once(
    delimitation: Delimitation,
    clerk: Person,
    person: Callable[..., Person],
    plain_documents: None,
    signed_in: Callable[..., Client],
) -> None:
    submitted(delimitation, clerk)
    client, chief = signed_in("view", region=XINZHOU), person("approve", region="140000")
    with pytest.raises(Refusal, match="还没有批准"):
        announcing.announce(by=clerk, delimitation=delimitation, number="1号", dated=date(2026, 3, 5), now=NOW)
    services.approve(by=chief, delimitation=delimitation, note="同意", now=NOW)
    assert (delimitation.stage, delimitation.approved_by) == ("announcement", chief)
    with pytest.raises(Refusal, match="还没有公告"):
        services.advance(by=clerk, delimitation=delimitation, to="mapping", note="", now=NOW)
    later = NOW + timedelta(hours=1)
    made = announcing.announce(
        by=clerk, delimitation=delimitation, number="忻水告〔2026〕1号", dated=date(2026, 3, 5), now=later
    )
    announcing.carry_out(made.pk)
    announcing.carry_out(made.pk)
    made.refresh_from_db()
    delimitation.refresh_from_db()
    assert (made.status, made.message) == ("done", f"已发布：{delimitation.publication}。")
    publication = Publication.objects.get()
    assert delimitation.publication == publication
    assert (publication.by, publication.reviewed_by, publication.simulated) == (clerk, chief, True)
    assert publication.zones.count() == 6
    assert [Path(one["name"]).suffix for one in made.documents] == [".docx", ".pdf"] * 2
    for one, begins, kind in zip(
        made.documents, (b"PK\x03\x04", b"%PDF") * 2, list(announcing.KINDS.values()) * 2, strict=True
    ):
        answer = client.get(f"/delimitation/{delimitation.pk}/documents/{made.pk}/{made.documents.index(one)}/")
        assert answer["Content-Type"] == kind
        assert answer.content.startswith(begins)
    services.advance(by=clerk, delimitation=delimitation, to="mapping", note="", now=later)
    assert delimitation.stage == "mapping"
    right = correcting.propose(
        by=clerk, announcement=made, heading=Heading("忻水告〔2026〕2号", date(2026, 3, 5)), why="文号排重", now=later
    )
    correcting.confirm(by=chief, correction=right, now=later)
    announcing.carry_out(right.pk)
    right.refresh_from_db()
    made.refresh_from_db()
    assert (right.status, made.status, Publication.objects.count()) == ("done", "corrected", 1)
    kept = [{one["path"] for one in each.documents} for each in (made, right)]
    assert len(kept[0] | kept[1]) == 8, "both are kept"
    assert client.get(f"/delimitation/{delimitation.pk}/documents/{made.pk}/0/").status_code == 200
    with pytest.raises(Refusal):
        services.advance(by=clerk, delimitation=delimitation, to="adjustment", note="再看", now=later)
    services.advance(by=chief, delimitation=delimitation, to="adjustment", note="再看", now=later)


def test_an_announcement_that_cannot_be_says_why(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    submitted(delimitation, clerk)
    services.approve(by=person("approve", region=XINZHOU), delimitation=delimitation, note="", now=NOW)
    made = announcing.announce(by=clerk, delimitation=delimitation, number="1号", dated=date(2026, 3, 5), now=NOW)

    def refuse(*words: Any) -> Any:
        raise Refusal("disk", "写不下")

    monkeypatch.setattr(announcing, "written", refuse)
    announcing.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.status, made.message) == (Announcement.Status.FAILED, "写不下")
    assert selectors.may_announce(delimitation, clerk)


def test_the_time_table_tells_what_is_due_and_what_is_late(delimitation: Delimitation) -> None:
    delimitation.packs = ["jilin"]
    due = selectors.due_of(delimitation, [], "2025-06-01")
    assert [(d.by, d.late) for d in due] == [("2025-04-30", True), ("2025-12-31", False)]
    assert "5号" in due[0].source
    moved = [Entry(kind="stage", stage="examination", on="2025-04-01", number=1, sequence=1)]
    assert [(d.done_on, d.late) for d in selectors.due_of(delimitation, moved, "2025-06-01")][0] == (
        "2025-04-01",
        False,
    )


def ready(by: Person, folder: Path) -> Commission:
    """Return a commission of the city that was computed, with its folder."""
    import shutil

    made = Commission.objects.create(region_id=XINZHOU, year=2024, by=by, ordered=NOW, status="finished")
    shutil.copytree(folder, made.folder)
    return made


def test_a_clerk_opens_a_delimitation_on_what_was_computed(home: Path, zoned_folder: Path, clerk: Person) -> None:
    computed = ready(clerk, zoned_folder)
    made = services.open_delimitation(by=clerk, commission=computed, theme=THEME, now=NOW)
    assert (made.status, made.region_id, made.year) == ("drawing", XINZHOU, 2024)
    with pytest.raises(Refusal, match="已有划定"):
        services.open_delimitation(by=clerk, commission=computed, theme=THEME, now=NOW)
    with pytest.raises(Refusal, match="不在了"):
        services.open_on_folder(
            by=clerk, region=computed.region, year=2023, theme=THEME, source=home / "nowhere", now=NOW
        )


def test_what_is_not_computed_or_not_theirs_is_not_opened(
    home: Path, zoned_folder: Path, clerk: Person, person: Callable[..., Person]
) -> None:
    computed = ready(clerk, zoned_folder)
    for who in (person("clerk", region=WUZHAI), person("clerk", region="220000")):
        with pytest.raises(Refusal) as refused:
            services.open_delimitation(by=who, commission=computed, theme=THEME, now=NOW)
        assert refused.value.code == "not-your-region"
    Commission.objects.update(status="running")
    computed.refresh_from_db()
    with pytest.raises(Refusal) as refused:
        services.open_delimitation(by=clerk, commission=computed, theme=THEME, now=NOW)
    assert refused.value.code == "not-computed"


def test_a_drawing_that_fails_says_why_and_is_done_again(
    home: Path, zoned_folder: Path, clerk: Person, person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = services.open_delimitation(by=clerk, commission=ready(clerk, zoned_folder), theme=THEME, now=NOW)
    monkeypatch.setattr(drawing, "run_child", lambda order: (1, "坡度读不出来；请重新运行。\n"))
    drawing.draw(made.pk)
    made.refresh_from_db()
    assert (made.status, made.message) == ("failed", "坡度读不出来；请重新运行。")
    with pytest.raises(Refusal):
        services.draw_again(by=person("clerk", region=PIANGUAN), delimitation=made)
    services.draw_again(by=clerk, delimitation=made)
    made.refresh_from_db()
    assert made.status == "drawing"


def test_the_child_draws_in_a_copy_and_says_what_is_wrong_in_words(zoned_folder: Path, tmp_path: Path) -> None:
    order = {"source": str(zoned_folder), "folder": str(tmp_path / "mine"), "theme": "nonsense"}
    code, said = drawing.run_child(order)
    assert code != 0
    assert "没有这种区域" in said
    assert "Traceback" not in said
    assert (tmp_path / "mine" / "region.toml").is_file()
    assert not (tmp_path / "mine" / "zones").exists()
    assert (zoned_folder / "zones").is_dir()
