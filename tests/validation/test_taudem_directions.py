"""Filling, D8 and D∞ beside TauDEM 5 on the Eno river, cell by cell; every difference has its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.validation import eno, eno_tables
from tests.validation.tables import tables_of_page


@pytest.fixture(scope="module")
def land(shared_data: Path) -> eno.Eno:
    """Return the elevations of the Eno river and TauDEM's rasters."""
    return eno.Eno(shared_data)


def test_the_filled_surface_is_that_of_taudem_to_the_last_bit(land: eno.Eno) -> None:
    assert eno.filling(land) == {"像元": 603460, "我方抬高": 20050, "TauDEM 抬高": 20050, "高程不同": 0}


def test_where_ground_falls_d8_differs_only_between_equally_steep_ways(land: eno.Eno) -> None:
    assert eno.falling(land) == {
        "像元": 580296,
        "逐行宽高：相同": 580240,
        "逐行宽高：两个方向同样陡，先后次序不同": 56,
        "逐行宽高：未能说明": 0,
        "全图一个宽高：不同": 174,
        "全图一个宽高：因宽高而不同": 118,
        "全图一个宽高：未能说明": 0,
    }


def test_on_flats_d8_differs_only_by_ties_and_by_the_weight_of_the_two_distances(land: eno.Eno) -> None:
    assert eno.crossing(land) == {
        "像元": 20050,
        "相同": 19052,
        "两步数相同的邻元": 82,
        "权重 1∶1 时并列": 916,
        "未能说明": 0,
    }


def test_slopes_are_those_of_taudem_but_for_its_row_of_latitude_and_rounding(land: eno.Eno) -> None:
    found = eno.slopes(land)
    assert found["坡降一为 0 而另一不为 0 的像元"] == 0
    assert found["D8 坡降，下一行的宽高"] < 1e-7  # half a unit in the last place of single precision
    assert found["D∞ 坡降，下一行的宽高"] < 2.5e-7  # two units
    assert 1e-6 < found["D8 坡降，本行的宽高"] < 1.5e-6
    assert 1e-6 < found["D∞ 坡降，本行的宽高"] < 1.5e-6


def test_where_no_flat_lies_above_contributing_area_and_contamination_are_those_of_taudem(land: eno.Eno) -> None:
    found = eno.areas(land)
    assert (found.cells, found.missing, found.missing_in_one) == (544853, 12206, 0)
    assert found.within_millionths == 530853  # of 532 647
    assert found.most < 0.006


def test_each_cell_gets_of_its_neighbours_what_taudem_gives_it_but_for_facets_equal_in_single_precision(
    land: eno.Eno,
) -> None:
    assert eno.balances(land) == {
        "TauDEM 有值": 583231,
        "受平地来水，不比": 18845,
        "相同": 564207,
        "单精度下两面同样陡": 179,
        "未能说明": 0,
    }


def test_over_the_whole_grid_contributing_area_is_near_that_of_taudem(land: eno.Eno) -> None:
    found = eno.whole(land)
    assert found["两方都有值"] == 583110
    assert found["十万分之一"] > 0.98
    assert found["十分之一"] > 0.99


@pytest.mark.slow
def test_the_tables_of_the_page_are_what_the_data_give(shared_data: Path) -> None:
    page = eno_tables.PAGE.read_text(encoding="utf-8")
    assert tables_of_page(page) == eno_tables.all_tables(shared_data)
