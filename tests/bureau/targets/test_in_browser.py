"""A target is divided, approved by another and put in force in a real browser, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from tests.bureau.browser import VIEWPORTS, Visitor
from tests.bureau.people import make_person

from bureau.regions.models import Region
from bureau.targets.models import Decomposition, PlannedQuantity, Target, YearEnd

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]


def let_in(somebody: Visitor, *duties: str, region: str) -> None:
    """Let somebody be signed in already; signing in has tests of its own."""
    client = Client()
    client.force_login(make_person(*duties, region=region), backend="django.contrib.auth.backends.ModelBackend")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    address = somebody.page.context.new_page().request.get("/alive").url.removesuffix("/alive")
    somebody.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": address}])


def test_a_clerk_divides_and_another_puts_in_force(
    viewport: str, visitor: Callable[..., Visitor], xinzhou: Region
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region="140900")
    page = clerk.open("/targets/decompositions/new/")
    page.get_by_label("要分解的目标").select_option(label="忻州市 2025 年 54.00 %")
    page.get_by_role("button", name="开始分解").click()
    page.get_by_text("闭合到 0.01 %").wait_for()
    made = Decomposition.objects.get()
    clerk.open(f"/targets/decompositions/{made.pk}/")
    assert clerk.barriers() == []
    field = page.get_by_label("五寨县目标")
    field.fill("63.03")
    page.get_by_text("有修改还没有重新闭合").wait_for()
    assert page.get_by_role("button", name="提交批准").is_disabled()
    page.get_by_role("button", name="重新闭合").click()
    page.get_by_text("已按对五寨县的修改重新闭合").wait_for()
    assert page.get_by_label("固定五寨县").is_checked()
    assert page.get_by_label("偏关县目标").input_value() == "50.99"
    field.fill("72.00")
    page.get_by_label("偏关县现状率").fill("50.25")
    page.get_by_role("button", name="重新闭合").click()
    page.get_by_text("比目标 54.00 % 多 1.69").wait_for()
    assert page.get_by_label("五寨县目标").input_value() == "72.00"
    assert page.get_by_label("偏关县现状率").input_value() == "50.25"
    page.get_by_label("偏关县现状率").fill("50.3000")
    page.get_by_label("五寨县目标").fill("63.03")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="提交批准").click()
    page.get_by_text("已提交，待另一人批准").wait_for()
    chief = visitor(viewport)
    let_in(chief, "approve", region="140900")
    page = chief.open("/targets/")
    page.get_by_role("link", name="忻州市 2025 年目标分解").click()
    page.get_by_role("button", name="批准", exact=True).click()
    page.get_by_label("印发文号").fill("忻水〔2026〕5号")
    assert chief.barriers() == []
    page.get_by_role("button", name="生效").click()
    page.get_by_text("已生效，各地目标已更新").wait_for()
    assert str(Target.objects.in_force().get(region_id="140928", year=2025).percent) == "63.03"
    assert clerk.complaints == []
    assert chief.complaints == []


def test_a_city_settles_the_year_of_its_counties(
    viewport: str, visitor: Callable[..., Visitor], xinzhou: Region
) -> None:
    for code, percent in (("140928", "63.00"), ("140932", "50.00")):
        Target.objects.create(region_id=code, year=2025, percent=percent, source="文件", clause="二", pack="t")
    reviewer = visitor(viewport)
    let_in(reviewer, "review", region="140900")
    page = reviewer.open("/targets/")
    page.get_by_role("link", name="年度核定").click()
    page.get_by_role("button", name="核定 2024 年").click()
    page.get_by_text("没有达到的须写明原因与措施：五寨县").wait_for()
    page.get_by_label("五寨县说明").fill("造林未成活，明年补植")
    assert reviewer.barriers() == []
    page.get_by_role("button", name="核定 2024 年").click()
    page.get_by_text("2024 年已核定 2 处").wait_for()
    assert [(end.region_id, end.met) for end in YearEnd.objects.all()] == [("140928", False), ("140932", True)]
    assert reviewer.complaints == []


def test_every_page_is_open_to_everybody(viewport: str, visitor: Callable[..., Visitor], xinzhou: Region) -> None:
    dams = PlannedQuantity.objects.create(
        region=xinzhou,
        code="dams",
        title="淤地坝",
        amount=170,
        unit="座",
        source="文件",
        clause="四",
        contradiction="不同",
    )
    somebody: Any = visitor(viewport)
    let_in(somebody, "clerk", "approve", region="140900")
    barriers = []
    for address in (
        "/targets/", "/targets/regions/140932/", "/targets/regions/140932/record/", "/targets/decompositions/",
        "/targets/decompositions/new/", "/targets/years/", "/targets/quantities/", f"/targets/quantities/{dams.pk}/",
    ):  # fmt: skip
        page = somebody.open(address)
        barriers += somebody.barriers()
        if page.locator("[data-chart]").count():
            page.wait_for_selector("html[data-charts=drawn]", state="attached")
            assert page.locator("[data-chart] canvas").count() == page.locator("[data-chart]").count()
    assert barriers == []
    assert somebody.complaints == []
