"""Years are settled by the region above, stay what they were, and are reopened with a reason (年度核定)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from openpyxl import load_workbook
from tests.bureau.targets.conftest import NOW

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets import years
from bureau.targets.actuals import published
from bureau.targets.models import Target, YearEnd
from bureau.targets.selectors import members_of

TODAY = date(2026, 3, 5)
Make = Callable[..., Any]


@pytest.fixture
def city(xinzhou: Region) -> Region:
    """Return Xinzhou; one of its counties falls short of its way in 2024, the other does not."""
    for code, percent in (("140928", "63.00"), ("140932", "50.00")):
        Target.objects.create(region_id=code, year=2025, percent=Decimal(percent), source="文件", clause="二", pack="t")
    return xinzhou


def rows_of(city: Region, year: int = 2024) -> list[years.YearRow]:
    """Return the year of the counties."""
    return years.year_rows(members_of(city, "county"), year, published(city.prefix))


def settle(by: Any, city: Region, year: int = 2024, today: date = TODAY, **remarks: str) -> list[YearEnd]:
    """Settle a year."""
    told = {word.removeprefix("c"): text for word, text in remarks.items()}
    return years.settle(
        by=by, region=city, year=year, rows=rows_of(city, year), remarks=told, now=NOW, today=today
    )  # fmt: skip


def code_of(act: Callable[[], Any]) -> str:
    """Return the code with which an act is refused."""
    with pytest.raises(Refusal) as found, transaction.atomic():
        act()
    assert found.value.message.endswith("。")
    return found.value.code


def test_what_was_published_is_judged_by_the_way_and_in_its_year_by_the_target(city: Region, publish: Any) -> None:
    short, well = rows_of(city)
    assert (short.asked, short.rate, short.met, short.is_target) == (Decimal("62.00"), 61, False, False)
    assert (well.met, well.gap) == (True, Decimal("0.3"))
    assert [row.met for row in rows_of(city, 2022)] == [None, None], "nothing is asked of where the way starts"
    publish("140928", {2025: 62.996})
    assert [(row.asked, row.is_target, row.met) for row in rows_of(city, 2025)] == [(63, True, True), (50, True, None)]


def test_a_county_that_started_above_its_target_is_asked_not_to_fall_back(
    city: Region, publish: Any, signed_in: Any
) -> None:
    Target.objects.filter(region_id="140928", year=2025).update(percent=Decimal("59.00"))
    publish("140928", {2025: 59.5, 2026: 60.5})
    asked = [
        (year, row.asked, row.is_target, row.beyond, row.met)
        for year in (2024, 2025)
        for row in rows_of(city, year)[:1]
    ]
    assert asked == [(2024, 60, False, True, True), (2025, 60, False, True, False)]
    client = signed_in("review", region="140900")
    page = client.get("/targets/years/?year=2025").content.decode()
    assert "起点（已高于目标，不得倒退）" in page
    shown = client.get("/targets/regions/140928/").content.decode()
    assert "起点（2022 年公布 60.00 %）已高于目标：2025 年 59.00 %" in shown
    sheet = load_workbook(io.BytesIO(client.get("/targets/years/workbook/?year=2025").content)).active
    assert [cell.value for cell in sheet[2]][3:5] == [60, "起点（已高于目标，不得倒退）"]


def test_a_city_settles_its_counties_and_the_figures_stay(city: Region, person: Make, publish: Any) -> None:
    by = person("review", region="140900")
    assert code_of(lambda: settle(by, city)) == "no-remark"
    made = settle(by, city, c140928="造林未成活，明年补植")
    assert [(end.region_id, end.met, end.by) for end in made] == [("140928", False, by), ("140932", True, by)]
    assert code_of(lambda: settle(by, city)) == "nothing-open"
    Target.objects.filter(region_id="140928").update(percent=Decimal("60.00"))
    row = rows_of(city)[0]
    assert (row.end and row.end.asked, row.met) == (Decimal("62.00"), False)


@pytest.mark.parametrize("duty, region", [("review", "140928"), ("review", "220000"), ("clerk", "140900")])
def test_another_region_or_duty_may_not_settle(duty: str, region: str, city: Region, person: Make) -> None:
    by = person(duty, region=region)
    assert code_of(lambda: settle(by, city, c140928="旱")) == "not-your-region"
    assert not YearEnd.objects.exists()


def test_nobody_settles_their_own_year_nor_one_that_is_not_over(city: Region, person: Make) -> None:
    county, by = person("review", region="140928"), person("review", region="140900")
    own = Region.objects.get(code="140928")
    rows = years.year_rows([own], 2024, published("140928"))
    words: dict[str, Any] = {"year": 2024, "rows": rows, "remarks": {"140928": "旱"}, "now": NOW, "today": TODAY}
    assert code_of(lambda: years.settle(by=county, region=own, **words)) == "not-below"
    assert code_of(lambda: settle(by, city, today=date(2024, 12, 31), c140928="旱")) == "not-over"


def test_a_year_is_reopened_by_who_approves_above_and_settled_again(city: Region, person: Make) -> None:
    by, chief = person("review", "approve", region="140900"), person("approve", region="140000")
    end = settle(by, city, c140928="旱")[0]
    again = {"end": end, "reason": "成果有更正", "now": NOW + timedelta(days=1)}
    assert code_of(lambda: years.reopen(by=by, **again)) == "oneself"
    for duty, region in (("approve", "140928"), ("review", "140000"), ("approve", "220000")):
        stranger = person(duty, region=region)
        assert code_of(lambda who=stranger: years.reopen(by=who, **again)) == "not-your-region"
    assert code_of(lambda: years.reopen(by=chief, **{**again, "reason": " "})) == "no-reason"
    years.reopen(by=chief, **again)
    assert code_of(lambda: years.reopen(by=chief, **again)) == "reopened-already"
    [made] = settle(by, city, c140928="旱，已核实")
    assert (made.region_id, YearEnd.objects.filter(region_id="140928").count()) == ("140928", 2)


def test_a_reviewer_settles_in_pages_and_takes_the_workbook(city: Region, signed_in: Any) -> None:
    client = signed_in("review", region="140900")
    page = client.get("/targets/years/").content.decode()
    assert "2024 年核定" in page
    assert "未达到" in page
    given = {"region": "140900", "year": "2024", "level": "county", "remark_140932": "保持"}
    kept = client.post("/targets/years/settle/", given).content.decode()
    assert "须写明原因与措施：五寨县" in kept
    assert 'value="保持"' in kept, "what was written is not lost"
    done = client.post("/targets/years/settle/", {**given, "remark_140928": "=补植"}, follow=True).content.decode()
    assert "2024 年已核定 2 处" in done
    sheet = load_workbook(io.BytesIO(client.get("/targets/years/workbook/?year=2024").content)).active
    lines = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [line[1:6] + line[9:11] for line in lines] == [
        ["五寨县", 2024, 62, "年度路径", 61, "未达到", "已核定"], ["偏关县", 2024, 50, "年度路径", 50.3, "达到", "已核定"],
    ]  # fmt: skip
    assert lines[0][13] == "'=补植"
    county = signed_in("review", "approve", region="140928")
    own = county.get("/targets/years/").content.decode()
    assert "已核定" in own
    assert "偏关县" not in own
    assert county.post("/targets/years/settle/", given).status_code == 404
    assert signed_in("view", region="220000").get("/targets/years/?region=140900").status_code == 404
