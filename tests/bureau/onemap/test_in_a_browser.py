"""The map in a real browser: drilling, years side by side, what is here, words, a sheet; on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.bureau.browser import Gate, Visitor
from tests.bureau.people import make_person
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU, run_folder

from bureau.onemap.drawing import draw_regions
from bureau.publications.models import Publication

pytestmark = pytest.mark.browser


@pytest.fixture
def earlier(committed: None, published: Callable[..., Publication], tmp_path: Path, survey: Publication) -> Publication:
    """Publish another year."""
    return published(folder=run_folder(tmp_path / "earlier", cover=0.5, year=2022), year=2022)


@pytest.fixture
def visit(
    committed: None, visitor: Callable[..., Visitor], live_server: Any, earlier: Publication, zones: Publication
) -> Iterator[Callable[..., Visitor]]:
    """Return the function that opens the map as a person of a region, and sees to it that nobody else is asked."""
    draw_regions()
    came: list[Visitor] = []
    elsewhere: list[str] = []

    def open_map(region: str, viewport: str = "desk", words: str = "") -> Visitor:
        somebody = visitor(viewport)
        came.append(somebody)
        own = (live_server.url, "blob:", "data:")
        somebody.page.on("request", lambda asked: asked.url.startswith(own) or elsewhere.append(asked.url))
        somebody.sign_in(make_person("view", region=region, with_second_factor=False))
        somebody.page.goto(f"/map/{words}")
        somebody.page.wait_for_selector("#onemap[data-ready=map][data-drawn]", timeout=60_000)
        return somebody

    yield open_map
    assert not elsewhere
    assert not [told for somebody in came for told in somebody.complaints]


def test_one_drills_from_city_to_county_and_back(visit: Callable[..., Visitor]) -> None:
    shown = visit(XINZHOU).page
    assert shown.inner_text("#place") == "忻州市"
    shown.get_by_role("button", name="五寨县").click()
    shown.locator("#place", has_text="五寨县").wait_for()
    shown.wait_for_url(f"**region={WUZHAI}**")
    shown.locator("#lineage").get_by_role("button", name="忻州市").click()
    shown.locator("#place", has_text="忻州市").wait_for()


def test_a_click_tells_what_is_here(visit: Callable[..., Visitor]) -> None:
    shown = visit(XINZHOU).page
    box = shown.locator("#map").bounding_box()
    shown.mouse.click(box["x"] + box["width"] * 0.62, box["y"] + box["height"] / 2)
    shown.locator("#here", has_text="侵蚀强度").wait_for()
    assert "模拟数据" in shown.inner_text("#here")


def test_two_years_stand_side_by_side_and_the_keyboard_moves_between(visit: Callable[..., Visitor]) -> None:
    shown = visit(XINZHOU).page
    shown.click("#compare-on")
    slider = shown.get_by_role("slider", name="卷帘位置")
    before = shown.locator("#compare").evaluate("it => it.style.clipPath")
    slider.focus()
    slider.press("ArrowRight")
    assert shown.locator("#compare").evaluate("it => it.style.clipPath") != before
    assert shown.inner_text("#swipe-left") == "2024 年"
    assert shown.inner_text("#swipe-right") == "2022 年"
    shown.wait_for_url("**other=2022**")


def test_a_half_that_is_on_its_way_says_so(visit: Callable[..., Visitor]) -> None:
    shown = visit(XINZHOU).page
    gate = Gate(shown, "**/map/*/intensity/**")
    shown.click("#compare-on")
    shown.locator("#loading-other", has_text="正在载入 2022 年").wait_for()
    assert gate.held
    gate.open()
    shown.locator("#loading-other").wait_for(state="hidden")


def test_enter_goes_to_the_only_find_and_what_is_not_found_says_what_can_be_asked(
    visit: Callable[..., Visitor],
) -> None:
    shown = visit(XINZHOU).page
    shown.fill("#q", "五寨县")
    shown.press("#q", "Enter")
    shown.locator("#place", has_text="五寨县").wait_for()
    shown.fill("#q", "北纬39.49 东经111.305")
    shown.press("#q", "Enter")
    shown.locator("#here", has_text="111.30500°，39.49000°").wait_for()
    shown.fill("#q", "没有这个地方")
    shown.locator("#found", has_text="39°26′N 111°30′E").wait_for()


def test_a_link_shows_the_same_view(visit: Callable[..., Visitor]) -> None:
    shown = visit(XINZHOU, words=f"#region={WUZHAI}&year=2022&show=steep_slope:0.5").page
    shown.locator("#place", has_text="五寨县").wait_for()
    assert shown.inner_text("#year-shown") == "2022"
    assert shown.locator("[data-layer=steep_slope]").is_checked()
    assert not shown.locator("[data-layer=intensity]").is_checked()


def test_a_sheet_is_made_of_what_one_sees(visit: Callable[..., Visitor]) -> None:
    shown = visit(XINZHOU).page
    shown.click("#print-on")
    with shown.expect_download(timeout=60_000) as given:
        shown.click("#sheet-make")
    assert Path(given.value.path()).read_bytes().startswith(b"%PDF")


def test_when_the_sign_in_has_run_out_one_is_told_and_led_back(visit: Callable[..., Visitor]) -> None:
    visitor = visit(XINZHOU)
    shown = visitor.page
    visitor.context.clear_cookies()
    box = shown.locator("#map").bounding_box()
    shown.mouse.click(box["x"] + box["width"] * 0.62, box["y"] + box["height"] / 2)
    shown.locator("#reach", has_text="登录已过期").wait_for()
    assert shown.locator("#reach a").get_attribute("href").startswith("/account/login/?next=%2Fmap%2F%23")
    assert shown.locator("#here").is_hidden()
    shown.fill("#q", "五寨")
    shown.locator("#found", has_text="登录已过期").wait_for()
    visitor.complaints.clear()


def test_a_link_to_what_one_may_not_see_says_so_and_shows_ones_own(visit: Callable[..., Visitor]) -> None:
    visitor = visit(PIANGUAN, words=f"#region={WUZHAI}&year=2024")
    shown = visitor.page
    shown.locator("#panel-said", has_text="不在您的数据范围内").wait_for()
    assert shown.inner_text("#place") == "偏关县"
    assert "%" in shown.inner_text("#percent")
    shown.wait_for_url("**region=140932**")
    visitor.complaints.clear()


def test_on_a_phone_the_numbers_are_folded_below(visit: Callable[..., Visitor]) -> None:
    shown = visit(WUZHAI, "phone").page
    assert not shown.locator("#percent").is_visible()
    shown.click("#grip")
    assert shown.locator("#percent").is_visible()
    assert shown.evaluate("() => document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("viewport", ["desk", "phone"])
def test_nothing_keeps_people_out(visit: Callable[..., Visitor], viewport: str) -> None:
    visitor = visit(XINZHOU, viewport)
    assert not visitor.barriers()
    visitor.open("/map/words/")
    assert not visitor.barriers()
    visitor.open("/publications/")
    assert not visitor.barriers()
    visitor.page.locator("main table a").first.click()
    visitor.page.wait_for_load_state()
    assert not visitor.barriers()
