"""A clerk brings a package of zones in, opens it, takes another one up, and decides about what no longer fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from django.utils import timezone
from tests.bureau.browser import VIEWPORTS, Visitor
from tests.bureau.delimitation.packed import WUZHAI, packed, squares
from tests.bureau.delimitation.test_in_browser import let_in
from tests.bureau.delimitation.test_redrawing import brought
from tests.bureau.delimitation.zoned import reason, stretched, zone
from tests.bureau.people import make_person

from bureau.delimitation import drawing, editing, packages, redrawing
from bureau.delimitation.models import Delimitation, Package, Redraw

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("viewport", sorted(VIEWPORTS))]
A, B = f"{WUZHAI}-0001", f"{WUZHAI}-0002"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two packages: in the second the middle square lies elsewhere."""
    bench = tmp_path_factory.mktemp("brought")
    second = squares(gap=300.0)
    second.geometry[1] = shapely.transform(second.geometry[1], lambda xy: xy + (60.0, 0.0))
    return packed(squares(gap=300.0), bench / "first"), packed(second, bench / "second")


def test_a_package_is_brought_in_and_opened(
    viewport: str, visitor: Callable[..., Visitor], home: Path, files: tuple[Path, Path]
) -> None:
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=WUZHAI)
    page = clerk.open("/delimitation/packages/new/")
    page.get_by_label("区域类别").select_option("steep_slope")
    page.get_by_label("年份").fill("2024")
    page.locator("input[name=file]").set_input_files(str(files[0]))
    assert clerk.barriers() == []
    page.get_by_role("button", name="上传并验收").click()
    page.get_by_text("正在隔离的环境里解开").wait_for()
    packages.settle(Package.objects.get().pk)
    page.get_by_role("button", name="以这些区域建立划定").wait_for()
    assert clerk.barriers() == []
    page.get_by_role("button", name="以这些区域建立划定").click()
    page.get_by_text("正在后台放入成果包的区域").wait_for()
    one = Delimitation.objects.get()
    drawing.draw(one.pk)
    page.get_by_role("link", name=A, exact=True).wait_for()
    assert page.get_by_text("模拟数据").first.is_visible()
    assert clerk.complaints == []


def test_another_package_is_taken_up_and_what_does_not_fit_is_decided(
    viewport: str, visitor: Callable[..., Visitor], home: Path, files: tuple[Path, Path]
) -> None:
    by = make_person("clerk", region=WUZHAI)
    now = timezone.now()
    one = packages.open_on_package(by=by, package=brought(by, files[0]), now=now)
    drawing.draw(one.pk)
    one.refresh_from_db()
    editing.reshape(
        by=by, delimitation=one, code=B, token=zone(one, B).token, geometry=stretched(zone(one, B), north=0.0005),
        reason=reason(), now=now,
    )  # fmt: skip
    second = brought(by, files[1])
    clerk = visitor(viewport)
    let_in(clerk, "clerk", region=WUZHAI)
    page = clerk.open(f"/delimitation/{one.pk}/redraw/")
    page.get_by_label("改用成果包的区域").select_option(str(second.pk))
    page.get_by_label("理由").fill("复测后重新打包")
    assert clerk.barriers() == []
    page.get_by_role("button", name="重划").click()
    page.get_by_text("正在后台重划").wait_for()
    redrawing.carry_out(Redraw.objects.get().pk, now=timezone.now())
    page.get_by_text("1 项不再适用").wait_for()
    page = clerk.open(f"/delimitation/{one.pk}/decisions/")
    page.wait_for_selector(".zones-map[data-drawn]", state="attached")
    assert clerk.barriers() == []
    page.get_by_label("保留：按人工修改的边界，新底图让位").check()
    page.get_by_label("理由").fill("实地为准")
    page.get_by_role("button", name="记录取舍").click()
    page.get_by_text("已记录对修改 1.1 的取舍").wait_for()
    page.get_by_text("没有待取舍的修改").wait_for()
    assert clerk.complaints == []
