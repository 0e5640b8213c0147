"""A clerk edits a zone on the map, closes the browser in the middle of it, and goes on; on a desk and on a phone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.bureau.browser import VIEWPORTS, Gate, Visitor
from tests.bureau.delimitation.zoned import NOW, WUZHAI, XINZHOU, opened, photo, reason, stretched, zone
from tests.bureau.people import make_person

from bureau.delimitation import editing
from bureau.delimitation.models import Comment, Delimitation, ZoneShape

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]
A, B = f"{WUZHAI}-0001", f"{WUZHAI}-0002"


def let_in(somebody: Visitor, *duties: str, region: str) -> None:
    """Let somebody be signed in already; signing in has tests of its own."""
    client = Client()
    client.force_login(make_person(*duties, region=region), backend="django.contrib.auth.backends.ModelBackend")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    address = somebody.page.context.new_page().request.get("/alive").url.removesuffix("/alive")
    somebody.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])


@pytest.fixture
def one(home: Path, committed: None, zoned_folder: Path) -> Delimitation:
    """Return a delimitation that other programs see."""
    return opened(zoned_folder, make_person("clerk", region=XINZHOU))


def evidence(tmp_path: Path) -> str:
    """Return a photograph on disk."""
    path = tmp_path / "现场.jpg"
    path.write_bytes(photo().read())
    return str(path)


def test_a_zone_is_edited_on_the_map_and_a_closed_browser_loses_nothing(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation, tmp_path: Path
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=XINZHOU)
    page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    before, mine = zone(one, A), stretched(zone(one, A), north=0.0002)
    field = page.get_by_label("边界", exact=True)
    field.fill(mine)
    field.dispatch_event("change")
    assert page.get_by_role("button", name="撤销").is_enabled()
    page.get_by_role("button", name="撤销").click()
    assert json.loads(field.input_value())["coordinates"] != json.loads(mine)["coordinates"]
    page.get_by_role("button", name="重做").click()
    assert json.loads(field.input_value())["coordinates"] == json.loads(mine)["coordinates"]
    page.locator("#boundary").get_by_label("理由").fill("实地复核，边界偏北")
    page.locator("#boundary").get_by_label("理由").dispatch_event("change")
    assert clerk.barriers() == []
    page.goto("about:blank")  # the browser is closed in the middle of it
    editing.reshape(
        by=make_person("clerk", region=XINZHOU), delimitation=one, code=A, token=before.token,
        geometry=stretched(before, north=0.0001), reason=reason("他人先改"), now=NOW,
    )  # fmt: skip
    page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    page.get_by_text("此后区域已被他人修改").wait_for()
    page.get_by_role("button", name="接着改").click()
    assert json.loads(page.get_by_label("边界", exact=True).input_value()) == json.loads(mine)
    assert page.locator("#boundary").get_by_label("理由").input_value() == "实地复核，边界偏北"
    page.locator("#boundary").get_by_label("依据材料").set_input_files(evidence(tmp_path))
    page.get_by_role("button", name="保存修改").click()
    page.get_by_text("已记录第 2 次修改").wait_for()
    assert zone(one, A).area_m2 > before.area_m2 + 1000
    page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    assert not page.locator("#draft").is_visible()
    assert clerk.complaints == []


def test_a_boundary_pasted_before_the_map_is_there_is_not_overwritten(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=XINZHOU)
    gate = Gate(clerk.page, "**/*.mvt*")
    with clerk.page.expect_request("**/*.mvt*"):
        page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    mine = stretched(zone(one, A), north=0.0002)
    page.get_by_label("边界", exact=True).fill(mine)
    page.get_by_label("边界", exact=True).dispatch_event("change")
    assert page.locator("html[data-editing=ready]").count() == 0, "the map is not there yet"
    assert gate.held
    gate.open()
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    assert json.loads(page.get_by_label("边界", exact=True).input_value()) == json.loads(mine)
    assert page.get_by_role("button", name="撤销").is_enabled()


CLOSEST = 15
"""Zoom that a map of a small zone opens at."""


def on_screen(page: Any, shape: ZoneShape, point: tuple[float, float]) -> tuple[float, float]:
    """Return where a place is on the screen: the map opens on the middle of the zone, north up, in Mercator."""

    def mercator(lon: float, lat: float) -> tuple[float, float]:
        world = 512 * 2**CLOSEST
        return (lon + 180) / 360 * world, (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * world

    west, south, east, north = shape.geometry.extent
    (x0, y0), (x1, y1) = mercator(west, south), mercator(east, north)
    x, y = mercator(*point)
    box = page.locator("#map").bounding_box()
    return box["x"] + box["width"] / 2 + x - (x0 + x1) / 2, box["y"] + box["height"] / 2 + y - (y0 + y1) / 2


def test_a_dragged_vertex_snaps_to_the_neighbours(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=XINZHOU)
    page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    page.wait_for_selector(".zones-map[data-drawn]", state="attached")
    page.locator("#map").scroll_into_view_if_needed()
    mine, theirs = zone(one, A), zone(one, B)
    corner = max(mine.geometry.coords[0][0], key=sum)
    target = max(theirs.geometry.coords[0][0], key=sum)
    x, y = on_screen(page, mine, corner)
    to_x, to_y = on_screen(page, mine, target)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, y - 40, steps=5)
    page.mouse.move(to_x - 4, to_y + 4, steps=5)
    page.mouse.up()
    page.get_by_text("已改动，尚未保存").wait_for()
    ring = json.loads(page.get_by_label("边界", exact=True).input_value())["coordinates"][0]
    assert [round(target[0], 9), round(target[1], 9)] in ring
    assert len(ring) == 5
    assert clerk.complaints == []


def test_the_vertices_of_a_hole_are_dragged_after_it_is_chosen(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=XINZHOU)
    shape = zone(one, A)
    west, south, east, north = shape.geometry.extent
    hole = [
        (west + (east - west) * x, south + (north - south) * y)
        for x, y in ((0.3, 0.3), (0.7, 0.3), (0.7, 0.7), (0.3, 0.7))
    ]
    told = json.loads(stretched(shape))
    told["coordinates"].append([list(point) for point in (*hole, hole[0])])
    editing.reshape(
        by=make_person("clerk", region=XINZHOU), delimitation=one, code=A, token=shape.token, geometry=json.dumps(told),
        reason=reason("村庄划出"), now=NOW,
    )  # fmt: skip
    page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    page.wait_for_selector(".zones-map[data-drawn]", state="attached")
    page.get_by_text("原来的边界", exact=True).wait_for()
    ring = page.get_by_label("正在改")
    assert ring.locator("option").all_inner_texts() == ["外边界", "空洞 1"]
    drawn = page.locator(".zones-map").get_attribute("data-drawn")
    ring.select_option("空洞 1")
    page.wait_for_selector(f".zones-map:not([data-drawn='{drawn}'])", state="attached")
    page.locator("#map").scroll_into_view_if_needed()
    before = json.loads(page.get_by_label("边界", exact=True).input_value())["coordinates"]
    x, y = on_screen(page, zone(one, A), max(before[1], key=sum))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 6, y + 6, steps=5)
    page.mouse.up()
    page.get_by_text("已改动，尚未保存").wait_for()
    after = json.loads(page.get_by_label("边界", exact=True).input_value())["coordinates"]
    assert after[0] == before[0]
    assert len(after[1]) == len(before[1]) == 5
    assert after[1] != before[1]
    assert ring.input_value() == "1", "the ring that is edited stays chosen"
    assert clerk.barriers() == []
    assert clerk.complaints == []


def test_a_line_is_drawn_and_the_zone_is_split_along_it(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation, tmp_path: Path
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=XINZHOU)
    page = clerk.open(f"/delimitation/{one.pk}/zones/{A}/edit/")
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    page.wait_for_selector(".zones-map[data-drawn]", state="attached")
    page.get_by_role("button", name="画切线拆分").click()
    page.locator("#map").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    x, y = box["x"] + box["width"] / 2 + 6, box["y"] + box["height"] / 2
    page.mouse.click(x, y - 70)
    page.mouse.move(x, y + 70, steps=3)
    page.mouse.dblclick(x, y + 70)
    page.get_by_role("heading", name=f"沿切线拆分 {A}").wait_for()
    page.locator("#why-split").fill("两条沟")
    page.locator("#files-split").set_input_files(evidence(tmp_path))
    page.get_by_role("button", name="拆分", exact=True).click()
    page.get_by_text("已记录第 1 次修改").wait_for()
    assert one.zones.filter(code=f"{A}-1").exists()
    assert clerk.complaints == []


def test_every_page_is_open_to_everybody_and_says_what_its_map_shows(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation
) -> None:
    somebody = visitor(viewport)
    let_in(somebody, "clerk", "approve", region=XINZHOU)
    barriers = []
    for part in ("", "comments/", "comments/new/", "history/", "compare/", "redraw/", "decisions/", f"zones/{A}/"):
        page = somebody.open(f"/delimitation/{one.pk}/{part}")
        if page.locator(".zones-map").count():
            page.wait_for_selector(".zones-map[data-drawn]", state="attached")
        barriers += somebody.barriers()
    assert barriers == []
    assert somebody.complaints == []


def test_a_county_comments_with_a_photograph(
    viewport: str, visitor: Callable[..., Visitor], one: Delimitation, tmp_path: Path
) -> None:
    county = visitor(viewport)
    let_in(county, "clerk", region=WUZHAI)
    page = county.open(f"/delimitation/{one.pk}/comments/new/?code={A}")
    page.wait_for_selector("html[data-editing=ready]", state="attached")
    page.get_by_role("button", name="点一点").click()
    page.locator("#map canvas").first.click()
    page.get_by_text("位置已标出").wait_for()
    page.locator("textarea[name=text]").fill("西侧是梯田")
    page.get_by_label("照片").set_input_files(evidence(tmp_path))
    page.get_by_role("button", name="提交意见").click()
    page.get_by_text("已登记第 1 条意见").wait_for()
    made = Comment.objects.get()
    assert made.place is not None
    assert made.photos.count() == 1
    assert county.complaints == []
