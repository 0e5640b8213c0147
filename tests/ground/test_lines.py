"""Laws of lines on cells: they hang together, follow the line, and are the same in every window; and rivers from files."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pyproj import Transformer
from scipy import ndimage

from shuibao.ground import Grid, burn_lines, national_crs, rivers_on
from shuibao.messages import ShuibaoError

LAND = Grid(30.0, row=-140000, col=18000, rows=40, cols=50)
seeds = st.integers(0, 2**32 - 1)


def bent(random: np.random.Generator, points: int = 8) -> shapely.LineString:
    """Return a line that wanders over the land; some of its vertices lie on corners and centres of cells."""
    left, bottom, right, top = LAND.bounds
    xy = random.uniform((left, bottom), (right, top), (points, 2))
    if random.random() < 0.5:
        xy = np.round(xy / 15.0) * 15.0
    if random.random() < 0.3:
        xy[1:] = xy[0] + np.cumsum(random.uniform(-40.0, 40.0, (points - 1, 2)), axis=0)
    return shapely.LineString(xy)


def cell_of(line: shapely.LineString, end: int) -> tuple[int, int]:
    """Return the row and column on the land of an end of a line."""
    x, y = line.coords[end]
    return math.floor(-y / LAND.cell) - LAND.row, math.floor(x / LAND.cell) - LAND.col


@given(seed=seeds)
def test_the_cells_of_a_line_hang_together_by_sides_or_corners(seed: int) -> None:
    line = bent(np.random.default_rng(seed))
    cells = burn_lines([line], LAND.grown(40)) > 0
    assert ndimage.label(cells, structure=np.ones((3, 3)))[1] == 1
    inner = cells[40:-40, 40:-40]
    for end in (0, -1):
        r, c = cell_of(line, end)
        assert not (0 <= r < LAND.rows and 0 <= c < LAND.cols) or inner[r, c]


@given(seed=seeds)
def test_every_cell_of_a_line_is_touched_by_it(seed: int) -> None:
    line = bent(np.random.default_rng(seed))
    rows, cols = np.nonzero(burn_lines([line], LAND))
    x, y = (LAND.col + cols) * 30.0, -(LAND.row + rows) * 30.0
    boxes = shapely.box(x - 1e-6, y - 30.0 - 1e-6, x + 30.0 + 1e-6, y + 1e-6)
    assert shapely.intersects(boxes, line).all()


@given(seed=seeds)
def test_no_stretch_of_a_line_is_left_out(seed: int) -> None:
    line = bent(np.random.default_rng(seed))
    cells = burn_lines([line], LAND.grown(50)) > 0
    thick = ndimage.binary_dilation(cells, structure=np.ones((3, 3)))
    for point in shapely.line_interpolate_point(line, np.linspace(0.0, line.length, 200)):
        assert thick[math.floor(-point.y / 30.0) - LAND.row + 50, math.floor(point.x / 30.0) - LAND.col + 50]


@given(seed=seeds, row=st.integers(-5, 35), col=st.integers(-5, 45), rows=st.integers(1, 30), cols=st.integers(1, 30))
def test_a_window_is_what_the_whole_has_there(seed: int, row: int, col: int, rows: int, cols: int) -> None:
    random = np.random.default_rng(seed)
    lines = [bent(random) for _ in range(3)]
    everything = LAND.grown(40)
    part = Grid(30.0, LAND.row + row, LAND.col + col, rows, cols)
    np.testing.assert_array_equal(burn_lines(lines, part), burn_lines(lines, everything)[part.inside(everything)])


@given(seed=seeds)
def test_a_line_drawn_backward_takes_the_same_cells(seed: int) -> None:
    line = bent(np.random.default_rng(seed))
    np.testing.assert_array_equal(burn_lines([line], LAND), burn_lines([line.reverse()], LAND))


@settings(max_examples=30)
@given(seed=seeds, steps=st.integers(1, 30), down=st.booleans())
def test_a_line_through_the_corners_of_cells_goes_from_corner_to_corner(seed: int, steps: int, down: bool) -> None:
    random = np.random.default_rng(seed)
    row, col = LAND.row + int(random.integers(30, 40)), LAND.col + int(random.integers(0, 15))
    sign = -1 if down else 1
    start = (col * 30.0, -row * 30.0)
    line = shapely.LineString([start, (start[0] + steps * 30.0, start[1] + sign * steps * 30.0)])
    cells = burn_lines([line], LAND.grown(40)) > 0
    assert ndimage.label(cells, structure=np.ones((3, 3)))[1] == 1
    assert cells.sum() <= 2 * steps + 1


def test_a_straight_line_takes_one_cell_of_each_column_or_row() -> None:
    left, _, _, top = LAND.bounds
    level = shapely.LineString([(left + 10.0, top - 100.0), (left + 800.0, top - 100.0)])
    upright = shapely.LineString([(left + 100.0, top - 10.0), (left + 130.0, top - 800.0)])
    assert np.argwhere(burn_lines([level], LAND)).tolist() == [[3, c] for c in range(27)]
    rows = np.argwhere(burn_lines([upright], LAND))[:, 0]
    assert rows.tolist() == list(range(27))


def test_lines_are_numbered_and_the_last_counts() -> None:
    left, bottom, right, top = LAND.bounds
    across = shapely.LineString([(left, top - 315.0), (right - 1.0, top - 315.0)])
    along = shapely.MultiLineString(
        [[(left + 315.0, top - 1.0), (left + 315.0, bottom + 1.0)], [(left, top), (left, top)]]
    )
    found = burn_lines([across, along], LAND)
    assert found.dtype == np.uint32
    assert (found[10, :10] == 1).all()
    assert (found[:, 10] == 2).all()
    assert set(np.unique(found).tolist()) == {0, 1, 2}


def test_no_line_an_empty_line_and_a_line_elsewhere_take_no_cell() -> None:
    far = shapely.LineString([(0.0, 0.0), (100.0, 100.0)])
    assert not burn_lines([], LAND).any()
    assert not burn_lines([shapely.LineString(), far], LAND).any()


def river() -> shapely.LineString:
    """Return a river across the land."""
    left, bottom, right, top = LAND.bounds
    return shapely.LineString([(left - 500.0, (top + bottom) / 2), (right + 500.0, (top + bottom) / 2 + 90.0)])


def written(path: Path, shapes: list[Any], crs: Any = None, kind: str = "LineString", names: Any = None) -> Path:
    """Write shapes with their names; the national coordinate system if none is given."""
    names = np.array(names or [f"河{i}" for i in range(len(shapes))], dtype=object)
    pyogrio.raw.write(
        path,
        geometry=np.array([None if s is None else shapely.to_wkb(s) for s in shapes], dtype=object),
        field_data=[names],
        fields=["name"],
        geometry_type=kind,
        crs=national_crs().to_wkt() if crs is None else crs,
        driver="GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile",
    )
    return path


def elsewhere() -> shapely.LineString:
    """Return a river that does not touch the land."""
    left, bottom, _, _ = LAND.bounds
    return shapely.LineString([(left - 9000.0, bottom - 9000.0), (left - 8000.0, bottom - 8000.0)])


def test_rivers_that_touch_the_land_are_read_with_their_names(tmp_path: Path) -> None:
    path = written(tmp_path / "rivers.gpkg", [elsewhere(), river(), None], names=["远河", "偏关河", "无形"])
    found = rivers_on(path, LAND, name_field="name")
    assert found.names == ("偏关河",)
    assert shapely.equals_exact(found.lines[0], river())
    assert rivers_on(path, LAND).names == ("",)


def test_a_river_without_a_name_has_an_empty_one(tmp_path: Path) -> None:
    path = written(tmp_path / "rivers.gpkg", [river(), river()], names=[None, " 黄河 "])
    assert rivers_on(path, LAND, name_field="name").names == ("", "黄河")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "EPSG:32650", "EPSG:3857"])
def test_rivers_in_another_coordinate_system_take_the_same_cells(tmp_path: Path, crs: str) -> None:
    away = Transformer.from_crs(national_crs(), crs, always_xy=True)
    line = shapely.segmentize(river(), 300.0)
    moved = shapely.transform(line, lambda xy: np.column_stack(away.transform(xy[:, 0], xy[:, 1])))
    found = rivers_on(written(tmp_path / "rivers.gpkg", [moved], crs), LAND)
    np.testing.assert_allclose(shapely.get_coordinates(found.lines), shapely.get_coordinates(line), atol=1e-3)
    np.testing.assert_array_equal(burn_lines(found.lines, LAND), burn_lines([line], LAND))


def test_heights_of_vertices_are_passed_over(tmp_path: Path) -> None:
    tall = shapely.force_3d(river(), 900.0)
    found = rivers_on(written(tmp_path / "rivers.gpkg", [tall], kind="LineString Z"), LAND)
    assert shapely.equals_exact(found.lines[0], river())


def no_crs(folder: Path) -> Path:
    path = written(folder / "rivers.shp", [river()])
    path.with_suffix(".prj").unlink()
    return path


def polygon_among_lines(folder: Path) -> Path:
    return written(folder / "rivers.gpkg", [river(), river().buffer(60.0)], kind="Unknown")


def nothing(folder: Path) -> Path:
    return written(folder / "rivers.gpkg", [None])


def another_place(folder: Path) -> Path:
    return written(folder / "rivers.gpkg", [elsewhere()])


def metres_called_degrees(folder: Path) -> Path:
    return written(folder / "rivers.gpkg", [river()], "EPSG:4326")


@pytest.mark.parametrize(
    "make, words",
    [
        (no_crs, "没有坐标系"),
        (polygon_among_lines, "Polygon 1，第一个是第 2 个图形"),
        (nothing, "没有河流"),
        (another_place, r"河流范围 \(531000, .*格网范围 \(540000, 4198800, 541500, 4200000\)"),
        (metres_called_degrees, "不能从 WGS 84 转到格网"),
        (lambda folder: folder / "absent.gpkg", "文件不存在"),
    ],
)
def test_rivers_that_cannot_be_used_are_refused(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    with pytest.raises(ShuibaoError, match=words):
        rivers_on(make(tmp_path), LAND)


def test_a_field_that_is_not_there_is_refused_and_those_there_are_listed(tmp_path: Path) -> None:
    path = written(tmp_path / "rivers.gpkg", [river()])
    with pytest.raises(ShuibaoError, match="没有字段「河名」（现有：name）"):
        rivers_on(path, LAND, name_field="河名")


def test_the_same_refusals_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    with pytest.raises(ShuibaoError, match="does not touch the grid: the rivers cover"):
        rivers_on(another_place(tmp_path), LAND)


def same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    """Tell whether two rasters are the same."""
    return bool(np.array_equal(a, b))


@pytest.mark.slow
def test_long_lines_are_the_same_in_all_tiles() -> None:
    random = np.random.default_rng(1)
    land = Grid(30.0, -140000, 18000, 3000, 4000)
    left, bottom, right, top = land.bounds
    lines = [shapely.LineString(random.uniform((left, bottom), (right, top), (30, 2))) for _ in range(40)]
    whole = burn_lines(lines, land)
    assert all(same(burn_lines(lines, tile), whole[tile.inside(land)]) for tile in land.tiles(512))
