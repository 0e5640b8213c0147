"""Patches in a browser: a clerk brings in a file, the worker checks it, another accepts, and a click on the map tells."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.bureau.browser import Visitor
from tests.bureau.people import make_person
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU
from tests.bureau.publications.patched import columns, give_borders, write

from bureau.onemap.drawing import draw_regions
from bureau.publications.models import Publication

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WAIT = 240_000
"""Milliseconds that the worker may take, on a machine that does other things too."""


def test_from_a_file_of_patches_to_a_click_on_the_map(
    home: Path, worker: Callable[[], subprocess.Popen[bytes]], visitor: Callable[..., Visitor], tmp_path: Path
) -> None:
    give_borders()
    draw_regions()
    file = write(tmp_path / "图斑.gpkg", columns() | {"QTYPE": ["矿山"] * 4})
    clerk, judge, phone = visitor("desk"), visitor("desk"), visitor("phone")

    page = clerk.sign_in(make_person("clerk", region=XINZHOU, with_second_factor=False))
    clerk.open("/commissions/patches/new/")
    page.get_by_label("解译批次").fill("第 1 期")
    page.get_by_label("年份").fill("2024")
    page.get_by_label("文件").set_input_files(file)
    page.get_by_label("模拟数据（演示、培训用）").check()
    page.get_by_role("button", name="上传").click()
    page.get_by_text("已收到文件").wait_for()
    address = page.url
    worker()
    page.locator("#standing", has_text="待改正").wait_for(timeout=WAIT)
    clerk.open(address)
    assert page.get_by_text("“矿山”4 个").count()
    assert not clerk.barriers()
    page.get_by_label("扰动类型“矿山”（4 个）是").select_option(label="取土（石）场")
    page.get_by_role("button", name="保存并重新检查").click()
    page.locator("#standing", has_text="待审核").wait_for(timeout=WAIT)
    clerk.open(address)
    assert page.get_by_role("button", name="通过并发布").count() == 0, "nobody judges what they brought in"

    page = judge.sign_in(make_person("review", region=XINZHOU, with_second_factor=False))
    judge.open(address)
    page.get_by_role("button", name="通过并发布").click()
    page.locator("#standing", has_text="已发布：").wait_for(timeout=WAIT)
    assert Publication.objects.get().patches.count() == 4

    page = phone.sign_in(make_person("view", region=WUZHAI, with_second_factor=False))
    page.goto("/map/#show=patch,patch_type&map=15/39.401/111.301")
    page.wait_for_selector("#onemap[data-ready=map][data-drawn]", timeout=WAIT)
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#here", has_text="140928-2024-001").wait_for(timeout=WAIT)
    assert "未批先建" in page.inner_text("#here")
    assert "模拟数据" in page.inner_text("#here")
    assert not phone.barriers()

    judge.page.goto("/map/")
    judge.page.wait_for_selector("#onemap[data-ready=map][data-drawn]", timeout=WAIT)
    judge.page.get_by_label("搜索", exact=True).first.fill("140932-2024-001")
    judge.page.get_by_role("button", name="140932-2024-001").click()
    judge.page.locator("#here", has_text="取土（石）场").wait_for(timeout=WAIT)
    assert judge.page.locator("[data-layer=patch]").is_checked()
    assert PIANGUAN in judge.page.inner_text("#here")
    for somebody in (clerk, judge, phone):
        assert not somebody.complaints
