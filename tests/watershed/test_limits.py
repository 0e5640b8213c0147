"""What rules ask of the areas of small watersheds is taken as it stands, or refused with the key and what it may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.survey.rivers import own_pack

from shuibao.messages import CallError
from shuibao.rules import Rules, load_rules
from shuibao.watershed import Limits, sliver_cells

CELL_AREA = 30.0 * 30.0


def rules_with(folder: Path, key: str, value: float, unit: str = "km2") -> Rules:
    """Return the national rules with one value of the small watersheds changed."""
    own_pack(folder, {key: value}, unit)
    return load_rules(["national", folder / "own.toml"])


AREAS = ("channel_area", "minimum_area", "target_area", "maximum_area", "large_river_area")
WRONG = (-1.0, float("nan"), float("inf"))


@pytest.mark.parametrize("key", AREAS)
@pytest.mark.parametrize("value", [0.0, *WRONG])
def test_an_area_that_is_no_positive_number_is_refused_with_its_key(tmp_path: Path, key: str, value: float) -> None:
    with pytest.raises(CallError) as refused:
        Limits.from_rules(rules_with(tmp_path, key, value), CELL_AREA)
    for message in (refused.value.zh, refused.value.en):
        assert f"watershed.{key}" in message
        assert f"{value}" in message
    assert "大于 0" in refused.value.zh
    assert "请改规则包" in refused.value.zh


@pytest.mark.parametrize("value", [100.0, *WRONG])
def test_a_share_of_side_slopes_that_is_no_share_is_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(CallError, match=r"watershed\.side_share.*不小于 0、小于 100"):
        Limits.from_rules(rules_with(tmp_path, "side_share", value, "percent"), CELL_AREA)


@pytest.mark.parametrize("value", WRONG)
def test_an_area_of_slivers_that_is_negative_or_no_number_is_refused(tmp_path: Path, value: float) -> None:
    with pytest.raises(CallError, match=r"watershed\.sliver_area.*不小于 0"):
        sliver_cells(rules_with(tmp_path, "sliver_area", value), CELL_AREA)


def test_with_no_area_of_slivers_no_part_is_one(tmp_path: Path) -> None:
    assert sliver_cells(rules_with(tmp_path, "sliver_area", 0.0), CELL_AREA) == 0


def test_a_largest_area_below_the_smallest_is_refused_with_both(tmp_path: Path) -> None:
    with pytest.raises(CallError, match=r"minimum_area = 10.*maximum_area = 5"):
        Limits.from_rules(rules_with(tmp_path, "maximum_area", 5.0), CELL_AREA)


@pytest.mark.parametrize("place", range(6))
def test_limits_in_cells_that_are_no_numbers_are_refused(place: int) -> None:
    values = [10.0, 30.0, 50.0, 500.0, 2.0, 0.1]
    values[place] = float("nan")
    with pytest.raises(CallError, match="互相矛盾"):
        Limits(*values)  # type: ignore[arg-type]
