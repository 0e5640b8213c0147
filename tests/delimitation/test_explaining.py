"""The trade-off of a region's aggregation parameters: what is in force is among what is tried, and it bounds its reading."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.delimitation.steep_region import steep_region

from shuibao.cli import run
from shuibao.delimitation.draft.explaining import explain, spread
from shuibao.delimitation.draft.steep_slope import open_steep_ground
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import load_region
from shuibao.zoning.aggregation import aggregate_tiles
from shuibao.zoning.aggregation_rule import AggregationRule


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a steep region that was run."""
    made = tmp_path_factory.mktemp("explained")
    steep_region(made)
    return made


def explained(folder: Path, **changes):
    region = load_region(folder)
    most = changes.pop("most_cells", 10**9)
    return explain(replace(region, **changes), load_rules(region.packs), "steep_slope", most_cells=most)


def test_the_row_in_force_is_what_the_rules_aggregate(folder):
    found = explained(folder)
    region = load_region(folder)
    rules, counties = load_rules(region.packs), counties_of(region)
    grid = counties.grid(region.cell)
    ground = open_steep_ground(region, rules, counties, grid)
    rule = AggregationRule.from_rules(rules, "steep_slope", grid.cell)
    made = aggregate_tiles(ground.candidates, grid, rule)
    table, k = found.table, found.table.chosen
    assert not found.sampled
    assert table.areas[k] == len(made.areas) > 0
    assert table.area[k] * 1e4 == pytest.approx(made.areas.cells.sum() * grid.cell_area)
    assert table.omission[k] * 1e4 == pytest.approx(made.areas.omission * grid.cell_area)


@pytest.mark.slow
def test_a_large_region_is_looked_at_by_some_of_its_tiles_the_same_every_time(folder):
    small = {"tile": 32, "most_cells": 3 * 32 * 32}
    one, other, whole = explained(folder, **small), explained(folder, **small), explained(folder, tile=32)
    assert one.sampled
    assert (one.tiles, one.of) == (3, whole.of)
    assert 0 < one.table.source < whole.table.source
    for name, values in one.table.columns().items():
        np.testing.assert_array_equal(values, other.table.columns()[name])
    assert one.table.chosen == whole.table.chosen >= 0


@given(st.integers(1, 500), st.integers(0, 600))
def test_tiles_are_spread_evenly_each_once(count: int, most: int) -> None:
    some = spread(count, most)
    assert len(some) == min(max(most, 1), count)
    assert all(0 <= k < count for k in some)
    steps = np.diff([-1 - some[0], *some])[1:]
    assert (steps > 0).all()
    assert steps.size == 0 or np.ptp(steps) <= 1


def test_the_command_draws_the_trade_off_and_prints_the_table_and_draws_no_zones(folder, tmp_path, capfd):
    out = tmp_path / "out.svg"
    arguments = ["zones", "draw", str(folder), "--theme", "steep_slope", "--explain", str(out)]
    assert run([*arguments, "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert sum(row["in_force"] for row in rows) == 1
    assert {"gap_width_m", "sliver_width_m", "minimum_area_hm2", "commission_share", "omission_share"} <= set(rows[0])
    first = out.read_bytes()
    assert first.startswith(b"<?xml")
    assert not (folder / "zones").exists()
    assert run([*arguments, "--force"]) == 0
    assert "模拟数据" in capfd.readouterr().out
    assert out.read_bytes() == first


def test_a_sample_is_called_one_on_the_picture_and_beside_the_table(folder, tmp_path, capfd, monkeypatch):
    said: list[list[tuple[str, str]]] = []
    small = replace(load_region(folder), tile=64)
    monkeypatch.setattr("shuibao.survey.region.load_region", lambda _: small)
    monkeypatch.setattr("shuibao.report.trade_off.draw_trade_off", lambda *_, **given_: said.append(given_["remarks"]))
    monkeypatch.setattr(explain, "__kwdefaults__", {"most_cells": 1})
    assert run(["zones", "draw", str(folder), "--theme", "steep_slope", "--explain", str(tmp_path / "a.svg")]) == 0
    assert "均匀抽取 1 幅" in said[0][1][0]
    assert "1 of" in said[0][1][1]
    assert "均匀抽取 1 幅" in capfd.readouterr().err


@pytest.mark.parametrize(
    "arguments,words",
    [
        (["--explain", "a.svg"], "要且只要一个 --theme"),
        (["--explain", "a.svg", "--theme", "steep_slope", "--theme", "severe_fragile"], "要且只要一个 --theme"),
        (["--explain", "a.doc", "--theme", "steep_slope"], "应以 .svg"),
        (["--explain", "a.svg", "--theme", "prevention_treatment"], "不由像元聚合"),
    ],
)
def test_what_cannot_be_explained_is_refused(folder, arguments, words, capfd):
    assert run(["zones", "draw", str(folder), *arguments]) == 2
    assert words in capfd.readouterr().err


def test_a_region_that_was_not_run_is_refused(tmp_path):
    region = steep_region(tmp_path, run=False)
    with pytest.raises(ShuibaoError, match="先运行 shuibao run"):
        explain(region, load_rules(["national"]), "steep_slope")


def test_a_drawing_that_is_there_is_not_replaced_unless_asked(folder, tmp_path, capfd):
    words = ["zones", "draw", str(folder), "--theme", "steep_slope", "--explain", str(tmp_path / "a.svg")]
    (tmp_path / "a.svg").write_text("mine", "utf-8")
    assert run(words) == 2
    assert "已存在" in capfd.readouterr().err
    assert (tmp_path / "a.svg").read_text("utf-8") == "mine"
