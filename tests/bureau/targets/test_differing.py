"""Where two years do not compare, what differs is said, and in which counties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.bureau.targets.conftest import figure

from bureau.publications.selectors import Basis
from bureau.regions.models import Region
from bureau.targets.actuals import Figures
from bureau.targets.differing import differences, told_difference

BASIS = Basis("140900", ("national", "shanxi"), 30.0, False)
LAST = replace(figure("140900", 2024, 61.0), bases=frozenset({BASIS}))


def test_what_differs_is_named_and_nothing_else(xinzhou: Region) -> None:
    def other(**changed: Any) -> Any:
        return replace(LAST, bases=frozenset({replace(BASIS, **changed)}))

    assert differences(LAST, LAST) == []
    assert differences(other(cell_m=10.0), LAST) == ["像元不同（10 m；30 m）"]
    assert differences(other(packs=("national",)), LAST) == [
        "规则包不同（全国水土保持规则；全国水土保持规则、山西省水土保持规则）"
    ]
    assert differences(other(region_code="140928"), LAST) == ["调查的行政区不同（五寨县；忻州市）"]
    assert differences(other(simulated=True), LAST) == ["数据不同（模拟数据；实际数据）"]
    assert differences(replace(LAST, land_m2=1.02e9), LAST) == ["土地面积不同（1,020.00 km²；1,000.00 km²）"]
    two = frozenset({BASIS, Basis("140928", ("national",), 10.0, False)})
    swapped = frozenset({replace(BASIS, cell_m=10.0), Basis("140928", ("national",), 30.0, False)})
    assert differences(replace(LAST, bases=two), replace(LAST, bases=swapped)) == ["各县调查的搭配不同"]


def test_at_most_three_counties_are_named(xinzhou: Region) -> None:
    codes = [f"1409{number}" for number in (21, 22, 23, 28)]
    for code in codes:
        Region.objects.get_or_create(
            code=code, defaults={"name": f"县{code}", "level": "county", "parent_id": "140900"}
        )
    fine = frozenset({replace(BASIS, cell_m=10.0)})
    figures: Figures = {
        "140900": {2022: replace(LAST, bases=fine | LAST.bases), 2024: LAST},
        **{code: {2022: replace(LAST, bases=fine), 2024: LAST} for code in codes},
        "140932": {2022: LAST, 2024: LAST},
    }
    said = told_difference("140900", 2022, 2024, figures)
    assert said.startswith("像元不同（10 m、30 m；30 m），涉及")
    assert said.endswith("等 4 县")
    assert "偏关县" not in said
    assert said.count("、") == 3


def test_the_page_of_a_county_says_what_differs(
    xinzhou: Region, publish: Callable[..., None], signed_in: Callable[..., Any]
) -> None:
    publish("140928", {2026: 62.0}, km2=1100)
    shown = signed_in("view", region="140928").get("/targets/regions/140928/").content.decode()
    assert "2022、2023、2024 年与最近公布的 2026 年不可比：土地面积不同（1,000.00 km²；1,100.00 km²）" in shown
