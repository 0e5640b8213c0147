"""Links: channels cut at junctions, as a table that is a forest."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.watershed.stream_oracles import forest_of, links_by_hand, passed, sources_above, strahler_of
from tests.watershed.terrains import EXAMPLES, directions, drainages

from shuibao.ground.grid import Grid
from shuibao.ground.vectors import read_vectors
from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import (
    Channels,
    Drainage,
    Links,
    channels_mask,
    contributing_area,
    links_of_channels,
    pfafstetter,
    strahler_order,
    stream_links,
)

thresholds = st.sampled_from([1, 1, 2, 5])


@cache
def fork() -> Drainage:
    """Return two sources that meet in the middle and leave to the south."""
    return Drainage.from_directions(np.array([[1, 3, 5], [0, 9, 0]], dtype=np.uint8), 30.0)


def cut(drainage: Drainage, least: int, **more: Any) -> Links:
    return stream_links(drainage, channels_mask(drainage, contributing_area(drainage), threshold_cells=least), **more)


def some(direction: NDArray[np.uint8], seed: int) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random(direction.shape) < 0.8


@given(directions(), st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_links_are_cut_at_junctions_and_nowhere_else(direction: NDArray[np.uint8], seed: int) -> None:
    mask = some(direction, seed)
    links = stream_links(Drainage.from_directions(direction, 1.0), mask)
    rows: dict[int, list[int]] = {number: [] for number in links.columns["link"].tolist()}
    for position in np.argsort(links.channels.cells, kind="stable"):
        rows[int(links.number[position])].append(int(links.channels.cell[position]))
    assert sorted(rows.values()) == sorted(links_by_hand(forest_of(direction, mask)))
    for number, first, last in zip(rows, links.columns["first_cell"], links.columns["last_cell"], strict=True):
        assert (rows[number][0], rows[number][-1]) == (first, last)


@given(directions(), st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_orders_and_magnitudes_of_links_are_those_of_their_cells(direction: NDArray[np.uint8], seed: int) -> None:
    mask = some(direction, seed)
    columns = stream_links(Drainage.from_directions(direction, 1.0), mask).columns
    below = forest_of(direction, mask)
    order, sources = strahler_of(below), sources_above(below)
    for cells in (columns["first_cell"].tolist(), columns["last_cell"].tolist()):
        assert columns["strahler"].tolist() == [order[cell] for cell in cells]
        assert columns["shreve"].tolist() == [sources[cell] for cell in cells]
    assert (columns["strahler"] <= columns["shreve"]).all()


@given(drainages(), thresholds)
@settings(max_examples=EXAMPLES)
def test_links_are_numbered_from_one_and_each_before_the_one_it_flows_into(drainage: Drainage, least: int) -> None:
    links = cut(drainage, least)
    number, down = links.columns["link"], links.columns["down"]
    assert number.tolist() == list(range(1, links.count + 1))
    assert ((down == 0) | (down > number)).all()


@given(drainages(), thresholds)
@settings(max_examples=EXAMPLES)
def test_what_flows_into_a_link_adds_up(drainage: Drainage, least: int) -> None:
    columns = cut(drainage, least).columns
    for row, number in enumerate(columns["link"]):
        above = columns["down"] == number
        assert columns["up_links"][row] == above.sum() != 1
        assert columns["shreve"][row] == max(columns["shreve"][above].sum(), 1)
        assert columns["cells"][row] == columns["cells"][above].sum() + columns["local_cells"][row]


@given(drainages(), thresholds)
@settings(max_examples=EXAMPLES)
def test_local_areas_add_up_to_what_leaves_the_channels(drainage: Drainage, least: int) -> None:
    links = cut(drainage, least)
    columns = links.columns
    assert columns["local_cells"].sum() == columns["cells"][columns["down"] == 0].sum()
    counted = np.bincount(links.catchments(drainage).ravel(), minlength=links.count + 1)[1:]
    assert counted.tolist() == columns["local_cells"].tolist()


@given(directions(), st.integers(0, 2**32 - 1))
@settings(max_examples=EXAMPLES)
def test_a_catchment_is_the_land_that_meets_its_link_first(direction: NDArray[np.uint8], seed: int) -> None:
    drainage = Drainage.from_directions(direction, 1.0)
    links = stream_links(drainage, some(direction, seed))
    label, land = links.label.ravel(), forest_of(direction)
    wanted = np.zeros(direction.size, dtype=int)
    for cell in land:
        wanted[cell] = next((label[place] for place in passed(land, cell) if label[place]), 0)
    assert links.catchments(drainage).ravel().tolist() == wanted.tolist()


@given(drainages(), thresholds)
@settings(max_examples=EXAMPLES)
def test_every_step_of_the_channels_is_in_the_length_of_one_link(drainage: Drainage, least: int) -> None:
    links = cut(drainage, least)
    width, height = drainage.cell_width, drainage.cell_height
    slant = np.hypot(width, height)
    steps = np.array([0, width, slant, height, slant, width, slant, height, slant, 0])
    whole = steps[links.channels.direction].sum()
    assert links.columns["length_m"].sum() == pytest.approx(whole)


@given(drainages(), thresholds)
@settings(max_examples=EXAMPLES)
def test_the_label_is_the_link_of_each_channel_cell(drainage: Drainage, least: int) -> None:
    links = cut(drainage, least)
    assert links.label.dtype == np.int32
    mask = channels_mask(drainage, contributing_area(drainage), threshold_cells=least)
    assert ((links.label > 0) == mask).all()
    order = np.concatenate([[0], links.columns["strahler"]])
    assert (order[links.label] == strahler_order(drainage, mask)).all()


@given(drainages(), thresholds)
@settings(max_examples=EXAMPLES)
def test_links_of_a_table_are_links_of_the_grid(drainage: Drainage, least: int) -> None:
    table = Channels.from_arrays(drainage.direction, contributing_area(drainage), least)
    whole, listed = cut(drainage, least), links_of_channels(table, drainage.cell_size)
    assert whole.number.tolist() == listed.number.tolist()
    for name, values in whole.columns.items():
        assert values.dtype == listed.columns[name].dtype
        assert values.tolist() == listed.columns[name].tolist()


@given(directions(), thresholds)
@settings(max_examples=EXAMPLES)
def test_lines_run_down_their_links_and_meet_at_the_junctions(direction: NDArray[np.uint8], least: int) -> None:
    links = cut(Drainage.from_directions(direction, 30.0), least)
    rows, cols = direction.shape
    lines = links.lines(Grid(30.0, row=-7, col=5, rows=rows, cols=cols))
    assert len(lines) == links.count
    assert shapely.length(lines).tolist() == pytest.approx(links.columns["length_m"].tolist())
    starts = shapely.get_coordinates(shapely.get_point(lines, 0))
    ends = shapely.get_coordinates(shapely.get_point(lines, -1))
    for row, down in enumerate(links.columns["down"]):
        if down:
            assert ends[row].tolist() == starts[down - 1].tolist()
    row, col = np.divmod(links.columns["first_cell"], cols)
    assert starts.tolist() == np.column_stack([150 + 30 * (col + 0.5), 210 - 30 * (row + 0.5)]).tolist()
    alone = (links.columns["first_cell"] == links.columns["end_cell"]).tolist()
    assert shapely.is_valid(lines).tolist() == [not single for single in alone]


@given(drainages(), thresholds, st.integers(1, 3), st.sampled_from([None, 7]))
@settings(max_examples=EXAMPLES)
def test_links_have_the_pfafstetter_codes_of_their_cells(
    drainage: Drainage, least: int, levels: int, smallest: int | None
) -> None:
    links = cut(drainage, least)
    cells = pfafstetter(drainage, None, levels=levels, min_area=smallest or least)
    listed = np.concatenate([[0], links.pfafstetter(levels=levels, min_area=smallest)])
    assert (listed[links.label] == np.where(links.label > 0, cells, 0)).all()


def test_codes_of_links_go_as_deep_as_there_are_junctions() -> None:
    assert stream_links(fork(), fork().direction > 0).pfafstetter().tolist() == [3, 2, 1]


def test_drop_and_slope_are_taken_down_to_the_junction() -> None:
    links = stream_links(fork(), fork().direction > 0, elevation=np.array([[8.0, 5.0, np.nan], [0.0, 2.0, 0.0]]))
    assert links.columns["drop_m"][[0, 2]].tolist() == [3.0, 3.0]
    assert links.columns["slope"][[0, 2]].tolist() == [0.1, 0.1]
    assert np.isnan(links.columns["drop_m"][1])
    assert np.isnan(links.columns["slope"][1])


def test_a_link_of_one_cell_has_no_length_and_no_slope() -> None:
    links = stream_links(fork(), fork().direction == 9, elevation=np.ones((2, 3)))
    assert links.columns["length_m"].tolist() == [0.0]
    assert links.columns["drop_m"].tolist() == [0.0]
    assert np.isnan(links.columns["slope"]).all()
    assert [line.wkt for line in links.lines(Grid(30.0, 0, 0, 2, 3))] == ["LINESTRING (45 -45, 45 -45)"]


def test_lengths_follow_the_sides_of_cells_that_are_not_square() -> None:
    slanted = Drainage.from_directions(np.array([[2, 0, 0], [0, 3, 0], [0, 1, 9]], dtype=np.uint8), (30.0, 40.0))
    assert stream_links(slanted, slanted.direction > 0).columns["length_m"].tolist() == [50.0 + 40.0 + 30.0]


def test_land_without_channels_has_no_links() -> None:
    links = stream_links(fork(), fork().direction > 9)
    assert links.count == 0
    assert links.label.tolist() == [[0, 0, 0], [0, 0, 0]]
    assert links.lines(Grid(30.0, 0, 0, 2, 3)).tolist() == []


def test_links_are_written_with_their_lines(tmp_path: Path) -> None:
    links, grid = stream_links(fork(), fork().direction > 0), Grid(30.0, -9, 4, 2, 3)
    links.write(tmp_path / "links.parquet", grid)
    read = read_vectors(tmp_path / "links.parquet")
    assert read.crs == grid.crs
    assert {name: values.tolist() for name, values in read.columns.items()} == {
        name: values.tolist() for name, values in links.columns.items()
    }
    assert [line.wkt for line in read.geometry] == [line.wkt for line in links.lines(grid)]


@pytest.mark.parametrize("grid", [Grid(30.0, 0, 0, 3, 2), Grid(10.0, 0, 0, 2, 3)])
def test_lines_are_not_drawn_on_another_grid(grid: Grid) -> None:
    with pytest.raises(CallError, match="同一格网"):
        stream_links(fork(), fork().direction > 0).lines(grid)


def test_catchments_are_not_spread_over_another_drainage() -> None:
    other = Drainage.from_directions(np.array([[9]], dtype=np.uint8), 30.0)
    with pytest.raises(CallError, match="同一格网"):
        stream_links(fork(), fork().direction > 0).catchments(other)


def test_elevation_of_another_shape_is_refused() -> None:
    with pytest.raises(CallError, match="同一格网"):
        stream_links(fork(), fork().direction > 0, elevation=np.ones((3, 2)))


def test_a_cell_without_size_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="像元边长"):
        links_of_channels(Channels.from_arrays(fork().direction, contributing_area(fork()), 1), 0.0)
