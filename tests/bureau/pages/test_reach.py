"""A page that loses its server says so, keeps what was typed, and says when the server is back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from tests.bureau.browser import VIEWPORTS, Visitor
from tests.bureau.people import make_person

from bureau.commissions.models import Commission

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]
Visit = Callable[[str], Visitor]


@pytest.fixture(autouse=True)
def _forget_rates() -> None:
    cache.clear()


def stop_answering(page: Any, *, network: bool = False) -> None:
    """Let every request of a page fail, as when the database is away, or as when the network is gone."""
    page.route("**/*", lambda route: route.abort() if network else route.fulfill(status=503, body="服务暂时不可用"))


@pytest.mark.parametrize("network", [False, True])
def test_what_was_typed_stays_until_there_is_somebody_to_take_it(viewport: str, network: bool, visitor: Visit) -> None:
    somebody = visitor(viewport)
    somebody.sign_in(make_person("clerk", region="140928", with_second_factor=False))
    page = somebody.open("/commissions/new/")
    page.get_by_label("说明（可不填）").fill("写了很久的一段说明")
    page.get_by_label("模拟数据").check()
    page.get_by_label("行政区").select_option("140928")
    stop_answering(page, network=network)
    page.get_by_role("button", name="委托", exact=True).click()
    page.get_by_text("服务暂时不可用，填写的内容还在，请稍后再试。").wait_for()
    assert page.get_by_label("说明（可不填）").input_value() == "写了很久的一段说明"
    somebody_is_shown(somebody)
    page.unroute("**/*")
    page.get_by_text("服务已恢复").wait_for()
    page.get_by_role("button", name="委托", exact=True).click()
    page.get_by_text("委托已受理").wait_for()
    assert Commission.objects.get().note == "写了很久的一段说明"


def test_a_part_that_asks_by_itself_stays_and_goes_on(viewport: str, visitor: Visit) -> None:
    somebody = visitor(viewport)
    who = make_person("clerk", region="140928", with_second_factor=False)
    made = Commission.objects.create(region_id="140928", year=2024, imaginary=True, by=who, ordered="2026-03-05T09:00Z")
    somebody.sign_in(who)
    page = somebody.open(f"/commissions/{made.pk}/")
    stop_answering(page)
    page.get_by_text("服务暂时不可用，页面上的内容还在").wait_for()
    assert page.locator("#progress").count() == 1, "the part is not replaced by what went wrong"
    page.unroute("**/*")
    Commission.objects.filter(pk=made.pk).update(status="finished", message="计算完成，等待另一人审核。")
    page.get_by_text("计算完成，等待另一人审核。").wait_for()


def test_the_map_says_that_it_cannot_ask(viewport: str, visitor: Visit) -> None:
    somebody = visitor(viewport)
    somebody.sign_in(make_person("clerk", region="140928", with_second_factor=False))
    page = somebody.open("/map/")
    page.wait_for_selector("canvas")
    stop_answering(page, network=True)
    page.get_by_role("searchbox").or_(page.locator("#q")).first.fill("五寨")
    page.get_by_text("搜索暂时不可用，请稍后再试").wait_for()
    page.locator("#reach:not(:empty)").wait_for()


def somebody_is_shown(somebody: Visitor) -> None:
    """See that the notice lies within the screen and covers no button of the form."""
    box = somebody.page.locator("#reach").bounding_box()
    assert box is not None
    width, height = somebody.page.viewport_size["width"], somebody.page.viewport_size["height"]
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height
