"""A county speaks of the city's zones on its own land, with photographs; each comment is answered."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, WUZHAI, XINZHOU, middle, photo, reason, stretched, zone

from bureau.delimitation import commenting, editing, services
from bureau.delimitation.commenting import Words
from bureau.delimitation.indexing import zones_folder
from bureau.delimitation.models import Comment, Delimitation, Photo
from bureau.office.models import Person
from bureau.refusal import Refusal
from shuibao.delimitation.life.journal import read_journal

A = f"{WUZHAI}-0001"


def test_a_county_comments_on_a_zone_with_photographs(
    delimitation: Delimitation, person: Callable[..., Person]
) -> None:
    county = person("clerk", region=WUZHAI)
    words = Words("adjust", "西侧是梯田，应划出", code=A, photos=[photo(), photo("二.jpg", "red")])
    made = commenting.comment(by=county, delimitation=delimitation, words=words, now=NOW)
    assert (made.number, made.region_id, made.codes, made.state) == (1, WUZHAI, [A], "matched")
    assert (made.unit, made.commenter, made.by) == (county.organisation.name, county.name, county)
    assert [p.name for p in made.photos.all()] == ["现场.jpg", "二.jpg"]
    record = read_journal(zones_folder(delimitation))[-1]
    assert record.kind == "comment"
    source = zones_folder(delimitation) / record["source"]["file"]
    told = json.loads(source.read_text(encoding="utf-8"))["features"][0]["properties"]
    assert made.photos.all()[0].sha256 in told["photos"]


def test_only_pictures_are_photographs(delimitation: Delimitation, person: Callable[..., Person]) -> None:
    county = person("clerk", region=WUZHAI)
    for name, contents, said in (
        ("a.pdf", b"%PDF-1.7", "这里只收 JPG、PNG"),
        ("b.jpg", b"MZ no", "不是 JPG 或 PNG 图片"),
    ):
        words = Words("adjust", "应划出", code=A, photos=[SimpleUploadedFile(name, contents)])
        with pytest.raises(Refusal, match=said) as refused:
            commenting.comment(by=county, delimitation=delimitation, words=words, now=NOW)
        assert refused.value.code == "photo-kind"


def test_a_place_finds_its_zone(delimitation: Delimitation, person: Callable[..., Person]) -> None:
    words = Words("object", "这里是林地", place=middle(zone(delimitation, A)))
    made = commenting.comment(by=person("review", region=WUZHAI), delimitation=delimitation, words=words, now=NOW)
    assert (made.codes, made.state) == ([A], "matched")
    assert made.place is not None
    assert made.place.equals_exact(zone(delimitation, A).geometry.centroid, 1e-7)


def test_a_county_may_not_speak_of_its_neighbours_land(
    delimitation: Delimitation, person: Callable[..., Person]
) -> None:
    with pytest.raises(Refusal) as refused:
        commenting.comment(
            by=person("clerk", region=PIANGUAN),
            delimitation=delimitation,
            words=Words("object", "不对", code=A),
            now=NOW,
        )
    assert refused.value.code == "not-your-land"


def test_a_place_beyond_the_countys_border_is_refused(
    delimitation: Delimitation, person: Callable[..., Person]
) -> None:
    county = person("clerk", region=PIANGUAN)
    county.organisation.region.border = zone(delimitation, f"{PIANGUAN}-0001").geometry
    words = Words("object", "不对", place=middle(zone(delimitation, A)))
    with pytest.raises(Refusal) as refused:
        commenting.comment(by=county, delimitation=delimitation, words=words, now=NOW)
    assert refused.value.code == "not-your-land"


def test_strangers_to_the_region_may_not_comment(delimitation: Delimitation, person: Callable[..., Person]) -> None:
    for who in (person("clerk", region="140100"), person("clerk", region="140000"), person("view", region=WUZHAI)):
        with pytest.raises(Refusal) as refused:
            commenting.comment(by=who, delimitation=delimitation, words=Words("agree"), now=NOW)
        assert refused.value.code == "not-your-region"


@pytest.mark.parametrize(
    "words, code",
    [
        (Words("adjust", "  "), "words-missing"),
        (Words("perhaps", "嗯"), "no-opinion"),
        (Words("adjust", "位置", place="{}"), "shape-unreadable"),
        (Words("adjust", "照片", photos=[SimpleUploadedFile("a.jpg", b"GIF89a")]), "photo-kind"),
        (Words("adjust", "照片", photos=[SimpleUploadedFile("a.pdf", b"%PDF-1.7")]), "photo-kind"),
        (Words("adjust", "照片", photos=[SimpleUploadedFile("a.jpg", b"\xff\xd8\xff")] * 7), "too-many-files"),
    ],
)
def test_comments_that_say_nothing_or_bring_no_pictures_are_refused(
    delimitation: Delimitation, clerk: Person, words: Words, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        commenting.comment(by=clerk, delimitation=delimitation, words=words, now=NOW)
    assert refused.value.code == code
    assert not Comment.objects.exists()


def test_comments_come_too_late_once_the_zones_are_submitted(
    delimitation: Delimitation, clerk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shuibao.delimitation.life.requirements.check_layer", lambda layer, rules: [])
    for to in ("field_review", "consultation", "examination"):
        services.advance(by=clerk, delimitation=delimitation, to=to, note="", now=NOW)
    with pytest.raises(Refusal) as refused:
        commenting.comment(by=clerk, delimitation=delimitation, words=Words("agree"), now=NOW)
    assert refused.value.code == "too-late"


def test_a_comment_is_answered_and_a_later_answer_counts(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    county = person("clerk", region=WUZHAI)
    made = commenting.comment(by=county, delimitation=delimitation, words=Words("adjust", "偏大", code=A), now=NOW)
    with pytest.raises(Refusal) as refused:
        commenting.answer(by=county, comment=made, outcome="adopt", text="好", now=NOW)
    assert refused.value.code == "not-your-region"
    with pytest.raises(Refusal, match="没有第 7 次修改"):
        commenting.answer(by=clerk, comment=made, outcome="adopt", text="照改", edit=7, now=NOW)
    commenting.answer(by=clerk, comment=made, outcome="reject", text="核对无误", now=NOW)
    commenting.answer(by=clerk, comment=made, outcome="partly", text="改西侧", unedited="只改沟名", now=NOW)
    assert (made.outcome, made.answer) == ("partly", "改西侧（未改区域：只改沟名）")
    assert clerk.name in made.answered
    assert made.by == county
    assert delimitation.entries.filter(kind="answer").count() == 2


@pytest.mark.parametrize("outcome", commenting.TAKES)
def test_who_adopts_a_comment_names_an_edit_or_says_why_there_is_none(
    outcome: str, delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    made = commenting.comment(
        by=person("clerk", region=WUZHAI), delimitation=delimitation, words=Words("adjust", "偏大", code=A), now=NOW
    )
    with pytest.raises(Refusal, match="修改号") as refused:
        commenting.answer(by=clerk, comment=made, outcome=outcome, text="照改", unedited=" ", now=NOW)
    assert refused.value.code == "edit-missing"
    before = zone(delimitation)
    edit = editing.reshape(
        by=clerk, delimitation=delimitation, code=A, token=before.token, geometry=stretched(before, north=0.0002),
        reason=reason(), now=NOW,
    )  # fmt: skip
    commenting.answer(by=clerk, comment=made, outcome=outcome, text="照改", edit=edit, now=NOW)
    assert (made.outcome, made.answer, made.edit) == (outcome, "照改", edit)


def test_nobody_answers_their_own_comment(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    made = commenting.comment(by=clerk, delimitation=delimitation, words=Words("adjust", "偏大", code=A), now=NOW)
    with pytest.raises(Refusal, match="另一人答复") as refused:
        commenting.answer(by=clerk, comment=made, outcome="reject", text="核对无误", now=NOW)
    assert refused.value.code == "second-person"
    Comment.objects.filter(pk=made.pk).update(by=None)  # taken in on the command line, or by a colleague
    made.refresh_from_db()
    assert commenting.is_own(made, clerk)
    commenting.answer(by=person("clerk", region=XINZHOU), comment=made, outcome="reject", text="核对无误", now=NOW)
    assert made.outcome == "reject"


def test_who_takes_in_what_a_county_sent_may_answer_it(clerk: Person) -> None:
    sent = Comment(unit="五寨县水务局", commenter="某人", by=clerk)
    assert not commenting.is_own(sent, clerk)
    assert commenting.is_own(Comment(unit="", commenter="", by=clerk), clerk)
    assert commenting.is_own(Comment(unit="五寨县水务局", commenter=clerk.name, by=clerk), clerk)


def test_a_comment_that_matches_nothing_is_given_its_zones_when_answered(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    made = commenting.comment(
        by=person("clerk", region=XINZHOU), delimitation=delimitation, words=Words("adjust", "整体偏大"), now=NOW
    )
    assert made.state == "none"
    with pytest.raises(Refusal, match="“意见所指区域”"):
        commenting.answer(by=clerk, comment=made, outcome="reject", text="核对无误", now=NOW)
    commenting.answer(by=clerk, comment=made, outcome="reject", text="核对无误", codes=[], now=NOW)
    assert (made.state, made.codes, made.outcome) == ("matched", [], "reject")


def test_comments_and_photographs_are_seen_by_their_own_region_and_above(
    delimitation: Delimitation, person: Callable[..., Person]
) -> None:
    words = Words("adjust", "偏大", code=A, photos=[photo()])
    commenting.comment(by=person("clerk", region=WUZHAI), delimitation=delimitation, words=words, now=NOW)
    for region, seen in ((WUZHAI, 1), (XINZHOU, 1), ("140000", 1), (PIANGUAN, 0), ("220000", 0)):
        who = person("view", region=region)
        assert Comment.objects.for_person(who).count() == seen, region
        assert Photo.objects.for_person(who).count() == seen, region
