"""Laws of the trade-off: each row is what aggregation itself would make, and more parameters cost what they must."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from tests.zoning.aggregation_lands import CELL, Case, cases

from shuibao.ground.grid import Grid
from shuibao.report.trade_off import draw_trade_off
from shuibao.zoning.aggregation import aggregate
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_trade_off import TradeOff, trade_off
from shuibao.zoning.aggregation_zone import Candidates

GAPS, SLIVERS, AREAS = (0.0, 10.0, 29.0), (0.0, 15.0), (0.0, 0.05, 0.2)


def found(case: Case, tile: int = 10**6) -> TradeOff:
    """Return the trade-off of a case."""
    c = case.candidates

    def read(window: Grid) -> Candidates:
        inside = window.inside(case.grid)
        claimable, barrier, fence = (None if a is None else a[inside] for a in (c.claimable, c.barrier, c.fence))
        return Candidates(c.source[inside], claimable, barrier, fence)

    return trade_off(read, case.grid, case.rule, gaps=GAPS, slivers=SLIVERS, areas=AREAS, tile=tile, jobs=1)


@settings(max_examples=12)
@given(cases())
def test_each_row_is_what_aggregation_makes(case: Case) -> None:
    table = found(case)
    assert len(table) == 18
    for k in range(len(table)):
        rule = replace(
            case.rule,
            gap_cells=round(table.gap_width[k] / CELL),
            sliver_cells=round(table.sliver_width[k] / CELL),
            min_cells=round(table.minimum_area[k] * 100),
        )
        made = aggregate(case.candidates, case.grid, rule)
        assert table.areas[k] == len(made.areas)
        assert table.area[k] * 100 == pytest.approx(made.areas.cells.sum())
        assert table.commission[k] * 100 == pytest.approx(made.areas.commission.sum())
        assert table.omission[k] * 100 == pytest.approx(made.areas.omission)
        assert (k == table.chosen) == (rule == case.rule)


@settings(max_examples=12)
@given(cases())
def test_the_table_does_not_depend_on_tiles_and_its_parts_make_up_the_source(case: Case) -> None:
    one, other = found(case).columns(), found(case, 7).columns()
    for name, values in one.items():
        np.testing.assert_array_equal(other[name], values)
    kept = one["area_hm2"] - one["commission_hm2"] + one["omission_hm2"]
    np.testing.assert_allclose(kept, found(case).source, atol=1e-9)
    by_area = one["area_hm2"].reshape(6, 3)
    assert (np.diff(by_area, axis=1) <= 1e-12).all()  # a larger minimum area keeps less


@pytest.mark.parametrize("ending", ["svg", pytest.param("png", marks=pytest.mark.slow)])
def test_the_curve_is_drawn_the_same_every_time(tmp_path: Path, ending: str) -> None:
    random = np.random.default_rng(3)
    source = (random.random((40, 40)) < 0.4).astype(np.uint8)
    grid = Grid(CELL, 0, 0, 40, 40)
    rule = AggregationRule(gap_cells=1, min_cells=5)
    table = trade_off(
        lambda window: Candidates(source[window.inside(grid)]), grid, rule, gaps=GAPS, slivers=SLIVERS, areas=AREAS
    )
    assert table.chosen >= 0
    for name in ("a", "b"):
        draw_trade_off(table, tmp_path / f"{name}.{ending}", simulated=True)
    first = (tmp_path / f"a.{ending}").read_bytes()
    assert len(first) > 5000
    assert first == (tmp_path / f"b.{ending}").read_bytes()
