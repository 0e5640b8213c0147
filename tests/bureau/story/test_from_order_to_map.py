"""The whole story in a browser: a clerk orders, the worker computes, the city accepts, and everybody sees it on the map."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.bureau.browser import Visitor
from tests.bureau.people import make_person

from bureau.onemap.drawing import draw_regions
from bureau.publications.models import Publication
from bureau.regions.loading import load_regions

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PIANGUAN, CITY = "140932", "140900"
MINUTES = 240_000
"""Milliseconds that a county may take, on a machine that does other things too."""


def test_from_an_order_to_the_map(
    home: Path, worker: Callable[[], subprocess.Popen[bytes]], visitor: Callable[..., Visitor]
) -> None:
    load_regions([CITY])
    draw_regions()
    clerk, city, stranger = visitor("desk"), visitor("desk"), visitor("phone")

    page = clerk.sign_in(make_person("clerk", region=PIANGUAN, with_second_factor=False))
    ordered = order(page)
    worker()
    page.get_by_text("计算完成，等待另一人审核").wait_for(timeout=MINUTES)
    page.reload()
    assert page.get_by_role("button", name="通过并发布").count() == 0, "nobody judges their own order"

    seen = stranger.sign_in(make_person("view", "review", region="220122", with_second_factor=False))
    assert seen.goto(ordered).status == 404

    judge = city.sign_in(make_person("review", region=CITY, with_second_factor=False))
    judge.get_by_role("link", name="偏关县 2024 年").click()
    assert judge.url == ordered
    judge.get_by_label("审核意见").fill("同意")
    judge.get_by_role("button", name="通过并发布").click()
    judge.get_by_text("已发布：").wait_for(timeout=MINUTES)
    publication = Publication.objects.get()
    assert publication.simulated

    page.goto(f"/map/#region={PIANGUAN}")
    page.wait_for_selector("#onemap[data-ready=map][data-drawn]", timeout=60_000)
    page.locator("#place", has_text="偏关县").wait_for()
    rate = publication.summaries.get(region_id=PIANGUAN).percent
    assert rate is not None
    page.get_by_text(f"{rate:.2f}").first.wait_for()
    assert page.get_by_text("模拟数据").first.is_visible()
    for somebody in (clerk, city):
        assert not somebody.complaints


def order(page: Any) -> str:
    """Order a run of imaginary land by keys and clicks; return the address of the order."""
    page.get_by_role("link", name="计算委托").first.click()
    page.get_by_role("link", name="委托计算", exact=True).first.click()
    page.get_by_label("年份").fill("2024")
    page.get_by_label("模拟数据（演示、培训用）").check()
    page.get_by_role("button", name="委托").click()
    page.get_by_text("委托已受理").wait_for()
    return str(page.url)
