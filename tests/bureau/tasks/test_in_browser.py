"""Tasks in a real browser, on a desk and on a phone: a county reports with evidence, the city confirms."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.bureau.browser import VIEWPORTS, Visitor
from tests.bureau.people import make_person

from bureau.tasks import services
from bureau.tasks.loading import load_registers
from bureau.tasks.models import ProgressReport, Task, Unit

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]
Visit = Callable[..., Visitor]


@pytest.fixture
def loaded(committed: None) -> None:
    """Load the registers so that the server sees them."""
    load_registers()


def come(visitor: Visit, viewport: str, *duties: str, region: str) -> Any:
    """Return somebody of a region who has signed in."""
    somebody = visitor(viewport)
    somebody.sign_in(make_person(*duties, region=region, with_second_factor=False))
    return somebody


def test_a_county_reports_with_evidence_and_the_city_confirms(viewport: str, visitor: Visit, loaded: None) -> None:
    county = come(visitor, viewport, "clerk", region="140928")
    page = county.open("/tasks/")
    page.get_by_role("searchbox", name="查找").fill("高标准小流域")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("link", name="高标准小流域与坡耕地治理面积").click()
    page.get_by_role("link", name="填报进展").click()
    assert county.barriers() == []
    page.get_by_label("进展", exact=True).fill("本县治理坡耕地 1.2 万亩")
    page.get_by_label("所计数字").select_option(label="坡耕地综合治理 39 万亩")
    page.get_by_label("累计完成量").fill("1.2")
    page.get_by_label("佐证").set_input_files(
        [{"name": "现场.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 x"}]
    )
    page.get_by_role("button", name="提交").click()
    page.get_by_text("进展已提交").wait_for()
    with page.expect_download() as kept:
        page.get_by_role("link", name="现场.pdf").click()
    assert kept.value.suggested_filename == "现场.pdf"
    city = come(visitor, viewport, "review", region="140900")
    page = city.open("/tasks/waiting/")
    assert city.barriers() == []
    page.get_by_role("button", name="退回").click()
    page.get_by_text("没有写退回原因").wait_for()
    page.get_by_role("button", name="确认").click()
    page.get_by_text("没有待确认的进展").wait_for()
    report = ProgressReport.objects.get()
    assert (report.status, report.region_id, str(report.value.normalize())) == ("confirmed", "140928", "1.2")
    assert county.complaints == []
    assert city.complaints == []


def test_a_city_takes_what_its_counties_reached_into_its_own_report(
    viewport: str, visitor: Visit, loaded: None
) -> None:
    from django.utils import timezone

    figure = Task.objects.get(register__name="xinzhou-plan", number=18).figures.get(key="slope_farmland")
    reviewer, now = make_person("review", region="140900"), timezone.now()
    assert figure.task
    for county, value in (("140928", "2.15"), ("140932", "3.32")):
        words = {"task": figure.task, "text": "治理", "year": now.year, "figure": figure, "value": Decimal(value)}
        report = services.submit(by=make_person("clerk", region=county), now=now, **words)
        services.confirm(by=reviewer, report=report, now=now)
    city = come(visitor, viewport, "clerk", region="140900")
    page = city.open(f"/tasks/{figure.task_id}/")
    page.locator(f"a[href='/tasks/{figure.task_id}/figures/{figure.pk}/']").click()
    page.get_by_text("合计（2 份报告）").wait_for()
    assert city.barriers() == []
    page.get_by_label("本级另有").fill("0.5")
    page.get_by_role("button", name="填报").click()
    page.get_by_text("由 2 处下级填报汇总，本级另有 0.5 万亩").click()
    page.get_by_text("偏关县　3.32 万亩").wait_for()
    made = ProgressReport.objects.get(region_id="140900")
    assert (str(made.value and made.value.normalize()), made.status, made.parts.count()) == ("5.97", "submitted", 2)
    assert city.complaints == []


def test_every_page_is_open_to_everybody(viewport: str, visitor: Visit, loaded: None) -> None:
    somebody = come(visitor, viewport, "clerk", "review", region="140900")
    task = Task.objects.get(register__name="xinzhou-plan", number=18)
    unit, counted = Unit.objects.get(name="市水利局"), task.figures.get(key="slope_farmland")
    from django.utils import timezone

    services.submit(by=make_person("clerk", region="140928"), task=task, text="治理", year=2026, now=timezone.now())
    services.remind(now=timezone.now(), today=timezone.localdate())
    barriers = []
    for address in (
        "", f"{task.pk}/", f"{task.pk}/report/", f"{task.pk}/figures/{counted.pk}/", "month/", "overdue/",
        "calendar/?month=2025-12", "chart/?year=2024", "units/", f"units/{unit.pk}/", "waiting/", "contradictions/",
        "notices/", "registers/bring-in/",
    ):  # fmt: skip
        somebody.open(f"/tasks/{address}")
        barriers += somebody.barriers()
    assert barriers == []
    assert somebody.complaints == []


def test_the_tab_one_is_on_is_in_sight_and_the_page_can_be_printed(viewport: str, visitor: Visit, loaded: None) -> None:
    somebody = come(visitor, viewport, "view", region="140900")
    page = somebody.open("/tasks/notices/")
    tab = page.locator(".tabs [aria-current]").bounding_box()
    assert 0 <= tab["x"] <= tab["x"] + tab["width"] <= VIEWPORTS[viewport]["width"]
    page = somebody.open("/tasks/overdue/")
    assert page.get_by_role("button", name="打印").is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".tabs").is_visible()
    assert page.get_by_role("heading", name="逾期清单").is_visible()
