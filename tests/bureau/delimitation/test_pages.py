"""Pages say in words what the maps show, and work without a map."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.test import Client
from django.urls import reverse
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, WUZHAI, XINZHOU, photo, reason, stretched, zone

from bureau.delimitation import commenting, editing
from bureau.delimitation.commenting import Words
from bureau.delimitation.forms import MoveForm
from bureau.delimitation.models import Comment, Delimitation
from bureau.delimitation.wording import STAGE_CHOICES
from bureau.office.models import Person
from shuibao.delimitation.life.stages import stages_of
from shuibao.ground.grid import national_crs
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules

A, OTHER = f"{WUZHAI}-0001", f"{PIANGUAN}-0001"
SignIn = Callable[..., Client]


def page(client: Client, name: str, *words: object, **query: str) -> str:
    """Return what a page says."""
    response = client.get(reverse(f"delimitation:{name}", args=words), query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_list_shows_stage_and_made_up_data(delimitation: Delimitation, signed_in: SignIn) -> None:
    text = page(signed_in("clerk", region=XINZHOU), "list")
    assert "初步成果" in text
    assert "模拟数据" in text
    assert str(delimitation.get_absolute_url()) in text


def test_the_page_of_one_lists_its_zones_and_finds_them(delimitation: Delimitation, signed_in: SignIn) -> None:
    client = signed_in("clerk", region=XINZHOU)
    text = page(client, "one", delimitation.pk)
    assert A in text
    assert OTHER in text
    assert "1.00" in text
    found = page(client, "one", delimitation.pk, q="140932-0002")
    assert "140932-0002" in found
    assert f'data-zone="{A}"' not in found


def test_a_county_sees_the_citys_delimitation_but_its_own_zones_alone(
    delimitation: Delimitation, signed_in: SignIn
) -> None:
    client = signed_in("clerk", region=PIANGUAN)
    text = page(client, "one", delimitation.pk)
    assert OTHER in text
    assert A not in text
    assert "送审" not in text
    assert client.get(reverse("delimitation:zone", args=[delimitation.pk, A])).status_code == 404
    west, south, east, north = zone(delimitation, A).geometry.extent
    assert str(round(west, 4)) not in text


def test_only_zones_that_touch_are_offered_to_be_merged(delimitation: Delimitation, signed_in: SignIn) -> None:
    client, one = signed_in("clerk", region=XINZHOU), zone(delimitation, A)
    west, south, east, north = one.geometry.extent
    near = Polygon.from_bbox((east + 5e-6, south, 2 * east - west, north))  # half a metre off
    near.srid = 4490
    apart = zone(delimitation, f"{WUZHAI}-0003")
    apart.geometry = MultiPolygon(near, srid=4490)
    apart.save(update_fields=["geometry"])
    text = page(client, "zone", delimitation.pk, A)
    assert f'name="others" value="{WUZHAI}-0002"' in text
    assert f'name="others" value="{WUZHAI}-0003"' not in text
    assert f"/zones/{A}/edit/#split" in text


def test_refusals_of_acts_speak_of_the_act(delimitation: Delimitation, signed_in: SignIn) -> None:
    client, token = signed_in("clerk", region=XINZHOU), zone(delimitation, A).token
    for act, given, said in (
        ("remove", {}, "删除区域须附依据"),
        ("split", {"line": '{"type": "Point", "coordinates": [1, 1]}'}, "这里要的是一条线"),
        ("merge", {"others": f"{WUZHAI}-0002"}, "合并区域须附依据"),
    ):
        address = reverse("delimitation:act", args=[delimitation.pk, A, act])
        answer = client.post(address, {"token": token, "why": "有误", **given}, follow=True)
        assert said in answer.content.decode()


def test_tiles_hold_the_zones_that_one_may_see(delimitation: Delimitation, signed_in: SignIn) -> None:
    import math

    point = zone(delimitation, A).geometry.centroid
    z = 14
    x = int((point.x + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(point.y))) / math.pi) / 2 * 2**z)
    address = reverse("delimitation:tile", args=[delimitation.pk, z, x, y])
    assert A.encode() in signed_in("view", region=XINZHOU).get(address).content
    assert A.encode() not in signed_in("view", region=PIANGUAN).get(address).content
    assert signed_in("view", region="220000").get(address).status_code == 404
    assert signed_in("view", region=XINZHOU).get(
        reverse("delimitation:tile", args=[delimitation.pk, 1, 9, 9])
    ).status_code == 404  # fmt: skip


def posted(shown: Delimitation, client: Client, geometry: str, token: str) -> tuple[int, str]:
    """Save a boundary by the form; return the status and what the page says."""
    given = {"token": token, "geometry": geometry, "overlaps": "refuse", "why": "偏北", "evidence": [photo()]}
    response = client.post(reverse("delimitation:edit", args=[shown.pk, A]), given)
    return response.status_code, response.content.decode()


def test_a_boundary_is_saved_by_a_form_that_needs_no_map(delimitation: Delimitation, signed_in: SignIn) -> None:
    client, before = signed_in("clerk", region=XINZHOU), zone(delimitation, A)
    text = page(client, "edit", delimitation.pk, A)
    assert before.token in text
    status, _ = posted(delimitation, client, stretched(before, north=0.0002), before.token)
    assert status == 302
    assert zone(delimitation, A).area_m2 > before.area_m2
    text = page(client, "history", delimitation.pk)
    assert "现场.jpg" in text
    assert "偏北" in text
    address = reverse("delimitation:evidence", args=[delimitation.pk, 2, 0])
    assert client.get(address).content.startswith(b"\xff\xd8\xff")
    assert signed_in("clerk", region=WUZHAI).get(address).status_code == 404


def test_a_zone_that_changed_meanwhile_is_answered_with_409_and_the_drawing_is_kept(
    delimitation: Delimitation, signed_in: SignIn, clerk: Person
) -> None:
    client, before = signed_in("clerk", region=XINZHOU), zone(delimitation, A)
    mine = stretched(before, north=0.0003)
    editing.reshape(
        by=clerk, delimitation=delimitation, code=A, token=before.token, geometry=stretched(before, north=0.0002),
        reason=reason("他人先改"), now=NOW,
    )  # fmt: skip
    status, text = posted(delimitation, client, mine, before.token)
    assert status == 409
    assert "他人先改" in text
    assert mine.replace('"', "&quot;") in text
    after = zone(delimitation, A)
    assert after.token in text
    status, _ = posted(delimitation, client, mine, after.token)
    assert status == 302


def test_a_wrong_boundary_is_told_on_the_form(delimitation: Delimitation, signed_in: SignIn) -> None:
    crossed = json.dumps({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]})
    token = zone(delimitation, A).token
    status, text = posted(delimitation, signed_in("clerk", region=XINZHOU), crossed, token)
    assert status == 200
    assert "边界自己相交（约在东经 0.50000°、北纬 0.50000°）" in text
    assert "Self-intersection" not in text


def test_what_is_wrong_with_a_drawn_boundary_is_said_without_files_or_english(delimitation: Delimitation) -> None:
    found = ShuibaoError(
        "送来的边界.geojson 有 2 处问题，没有采用：\n"
        "  · 140928-0001：自相交或无效（Self-intersection[560000 4360000]）；可加 --repair 修复。\n"
        "  · 140928-0002：有 5.0% 在区域之外。\n请改正后再提供。",
        "",
    )
    told = editing.words_for_boundaries(found, national_crs())
    assert "140928-0001：边界自己相交（约在东经 11" in told
    assert "140928-0002：有 5.0% 在区域之外。" in told
    assert told.startswith("画的边界有 2 处不能用，没有保存。")
    for word in ("geojson", "Self", "--repair", "提供"):
        assert word not in told


def test_what_is_in_examination_is_offered_neither_to_be_edited_nor_commented_on(
    delimitation: Delimitation, signed_in: SignIn
) -> None:
    client = signed_in("clerk", region=XINZHOU)
    offered = ("提意见", "提交意见", "保存修改", "修改边界</a>", "批量登记意见（")
    pages = (("one",), ("zone", A), ("comments",), ("comment",), ("comments_file",), ("edit", A))

    def texts() -> list[str]:
        return [page(client, name, delimitation.pk, *rest) for name, *rest in pages]

    before = "".join(texts())
    assert all(word in before for word in offered)
    assert "区域不再修改" not in before
    Delimitation.objects.update(stage="examination")
    for (name, *_), text in zip(pages, texts(), strict=True):
        assert "现在是“审核”阶段，区域不再修改，也不收意见" in text, name
        assert not [word for word in offered if f">{word}" in text or f"{word}</button>" in text], name


def test_what_was_written_is_given_back_when_the_stage_has_moved_on(
    delimitation: Delimitation, signed_in: SignIn
) -> None:
    client = signed_in("clerk", region=XINZHOU)
    Delimitation.objects.update(stage="examination")
    given = {"opinion": "adjust", "code": A, "place": "", "text": "西侧是梯田"}
    text = client.post(reverse("delimitation:comment", args=[delimitation.pk]), given).content.decode()
    assert "西侧是梯田" in text


def test_words_are_asked_for_where_they_are_needed(delimitation: Delimitation, signed_in: SignIn) -> None:
    client = signed_in("clerk", region=XINZHOU)
    address = reverse("delimitation:comment", args=[delimitation.pk])
    assert "“同意”的可不填；“建议调整”“不同意”的须写明。" in client.get(address).content.decode()
    assert "请写明意见" in client.post(address, {"opinion": "object", "code": A}).content.decode()
    assert client.post(address, {"opinion": "agree", "code": A}).status_code == 302
    assert MoveForm(approving=True)["note"].label == "意见"
    assert "批准可不填；退回调整须写明理由" in str(MoveForm(approving=True)["note"].help_text)
    assert MoveForm({"note": ""}).is_valid()


def test_nobody_is_offered_to_answer_their_own_comment(delimitation: Delimitation, signed_in: SignIn) -> None:
    own, other = signed_in("clerk", region=XINZHOU), signed_in("clerk", region=XINZHOU)
    own.post(reverse("delimitation:comment", args=[delimitation.pk]), {"opinion": "agree", "code": A})
    answer = reverse("delimitation:answer", args=[delimitation.pk, 1])
    assert answer not in page(own, "comments", delimitation.pk)
    assert "须由另一位经办人员答复" in page(own, "comments", delimitation.pk)
    text = page(other, "comments", delimitation.pk)
    assert answer in text
    assert ">处理意见</label>" in text


def test_words_for_stages_are_those_of_the_rule_pack() -> None:
    assert {stage.id: stage.name for stage in stages_of(load_rules(["zone-life"]))} == dict(STAGE_CHOICES)


def test_a_county_comments_and_the_city_answers(delimitation: Delimitation, signed_in: SignIn) -> None:
    county, city = signed_in("clerk", region=WUZHAI), signed_in("clerk", region=XINZHOU)
    given = {"opinion": "adjust", "code": A, "place": "", "text": "西侧是梯田<b>", "photos": [photo()]}
    assert county.post(reverse("delimitation:comment", args=[delimitation.pk]), given).status_code == 302
    made = Comment.objects.get()
    text = page(city, "comments", delimitation.pk)
    assert "西侧是梯田&lt;b&gt;" in text
    address = reverse("delimitation:photo", args=[delimitation.pk, made.photos.get().pk])
    shown = city.get(address)
    assert shown.content.startswith(b"\xff\xd8\xff")
    assert shown["Content-Type"] == "image/jpeg"
    assert signed_in("clerk", region=PIANGUAN).get(address).status_code == 404
    answer = reverse("delimitation:answer", args=[delimitation.pk, 1])
    assert county.post(answer, {"outcome": "adopt", "text": "好", "unedited": "无"}).status_code == 302
    made.refresh_from_db()
    assert made.outcome == ""
    assert "修改号" in city.post(answer, {"outcome": "adopt", "text": "已划出"}, follow=True).content.decode()
    city.post(answer, {"outcome": "adopt", "text": "已划出", "unedited": "已在调整中"})
    assert "已划出" in page(county, "comments", delimitation.pk)
    assert "西侧是梯田" not in page(signed_in("clerk", region=PIANGUAN), "comments", delimitation.pk)
    assert "条意见" not in page(signed_in("clerk", region=PIANGUAN), "history", delimitation.pk)


def test_two_versions_are_compared_in_a_table(delimitation: Delimitation, signed_in: SignIn, clerk: Person) -> None:
    before = zone(delimitation, A)
    editing.reshape(
        by=clerk, delimitation=delimitation, code=A, token=before.token, geometry=stretched(before, north=0.0002),
        reason=reason(), now=NOW,
    )  # fmt: skip
    text = page(signed_in("view", region=XINZHOU), "compare", delimitation.pk)
    assert "边界变化" in text
    assert A in text
    assert A not in page(signed_in("view", region=PIANGUAN), "compare", delimitation.pk)
    assert "没有差别" in page(signed_in("view", region=XINZHOU), "compare", delimitation.pk, a="2", b="2")


@pytest.mark.parametrize("act", ["rename", "merge", "split", "remove"])
def test_other_edits_are_forms_of_the_zones_page(act: str, delimitation: Delimitation, signed_in: SignIn) -> None:
    client = signed_in("clerk", region=XINZHOU)
    west, south, east, north = zone(delimitation, A).geometry.extent
    x = (west + east) / 2
    line = json.dumps({"type": "LineString", "coordinates": [[x, south - 0.01], [x, north + 0.01]]})
    given = {
        "token": zone(delimitation, A).token, "why": "核对", "evidence": [photo()], "name": "东沟", "others": [f"{WUZHAI}-0002"],
        "line": line,
    }  # fmt: skip
    assert 'name="others"' in page(client, "zone", delimitation.pk, A)
    response = client.post(reverse("delimitation:act", args=[delimitation.pk, A, act]), given)
    assert response.status_code == 302
    assert delimitation.entries.filter(kind="edit").count() == 1


def test_the_home_page_says_what_waits(delimitation: Delimitation, signed_in: SignIn, clerk: Person) -> None:
    commenting.comment(by=clerk, delimitation=delimitation, words=Words("adjust", "偏大", code=A), now=NOW)
    assert "1 条意见待答复" in signed_in("clerk", region=XINZHOU).get("/").content.decode()
    assert "意见待答复" not in signed_in("clerk", region=PIANGUAN).get("/").content.decode()
