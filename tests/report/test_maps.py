"""Laws of the maps: the pixels are the land, the bar is as long as it says, north is north."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pyproj import Proj
from tests.report.conftest import steep_region

from shuibao.ground.grid import Grid, equal_area_crs, grid_over, national_crs
from shuibao.report.bulletin import Bulletin, gather
from shuibao.report.frame import (
    LEFT,
    TOP,
    Frame,
    bar_length,
    convergence,
    frame_around,
    graticule,
    path_of,
    scale_bar,
    to_degrees,
)
from shuibao.report.maps import classed, draw_maps, round_series
from shuibao.report.overview import MapPixels, elevation, hillshade, map_pixels, shade_palette
from shuibao.report.png import paletted_png
from shuibao.survey.run import run_region

PLACES = st.tuples(
    st.floats(-2.5e6, 2.5e6), st.floats(2.2e6, 5.5e6), st.floats(2e3, 6e5), st.floats(2e3, 6e5)
)  # west, south, width, height on the national grid


def frame_at(place: tuple[float, float, float, float]) -> Frame:
    west, south, wide, high = place
    return frame_around((west, south, west + wide, south + high), national_crs())


def parsed(drawing: str) -> ET.Element:
    return ET.fromstring(f"<svg>{drawing}</svg>")  # noqa: S314 - our own drawing


def pixels_of(bulletin: Bulletin) -> MapPixels:
    bounds = np.array([shape.bounds for shape in bulletin.counties.geometry])
    box = (*bounds[:, :2].min(axis=0).tolist(), *bounds[:, 2:].max(axis=0).tolist())
    return map_pixels(grid_over(box, bulletin.region.cell))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@given(data=st.data())
def test_a_picture_is_read_back_as_it_was_written(data: st.DataObject) -> None:
    colors = data.draw(st.integers(1, 256))
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9)))
    index = data.draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, colors - 1)))
    palette = [(k, 255 - k, (7 * k) % 256, k) for k in range(colors)]
    with rasterio.MemoryFile(paletted_png(index, palette)) as file, file.open() as picture:
        assert np.array_equal(picture.read(1), index)
        read = picture.colormap(1)
    assert all(read[k] == palette[k] for k in range(colors))


def test_at_full_resolution_the_map_of_intensity_holds_the_cells_of_the_facts(bulletin: Bulletin) -> None:
    pixels = pixels_of(bulletin)
    assert pixels.factor == 1
    drawn = np.bincount(pixels.read(bulletin.region, "intensity").ravel(), minlength=7)[1:]
    intensity, cells = bulletin.facts.column("intensity"), bulletin.facts.column("cells")
    assert drawn.tolist() == [int(cells[intensity == k].sum()) for k in range(1, 7)]
    assert (drawn > 0).sum() >= 3


@pytest.mark.parametrize("widest", [70, 30, 17])
def test_a_coarse_map_of_classes_shows_the_middle_cell_of_each_pixel(bulletin: Bulletin, widest: int) -> None:
    over = pixels_of(bulletin).grid
    pixels = map_pixels(over, widest)
    k = pixels.factor
    assert k == -(-max(over.shape) // (widest - 1))
    with rasterio.open(bulletin.region.products / "intensity.tif") as dataset:
        cells = dataset.read(1)
    rows = (pixels.grid.row + np.arange(pixels.grid.rows)) * k + k // 2 - pixels.product.row
    cols = (pixels.grid.col + np.arange(pixels.grid.cols)) * k + k // 2 - pixels.product.col
    assert np.array_equal(pixels.read(bulletin.region, "intensity"), cells[np.ix_(rows, cols)])


@given(
    row=st.integers(-200_000, -100_000), col=st.integers(-90_000, 90_000),
    rows=st.integers(1, 9000), cols=st.integers(1, 9000),
)  # fmt: skip
def test_map_pixels_are_few_lie_in_the_product_and_hide_less_than_a_pixel(
    row: int, col: int, rows: int, cols: int
) -> None:
    over = Grid(30.0, row, col, rows, cols)
    pixels = map_pixels(over)
    grid, k = pixels.grid, pixels.factor
    assert max(grid.rows, grid.cols) <= 1400
    product = pixels.product
    assert product.row <= grid.row * k
    assert (grid.row + grid.rows) * k <= product.row + product.rows
    assert product.col <= grid.col * k
    assert (grid.col + grid.cols) * k <= product.col + product.cols
    assert grid.row * k - over.row < k
    assert over.row + rows - (grid.row + grid.rows) * k < k
    assert over.col + cols - (grid.col + grid.cols) * k < k


@given(place=PLACES)
def test_the_region_lies_in_the_middle_of_its_frame_and_inside_it(place: tuple[float, float, float, float]) -> None:
    frame = frame_at(place)
    west, south, east, north = frame.bounds
    assert west < place[0]
    assert south < place[1]
    assert east > place[0] + place[2]
    assert north > place[1] + place[3]
    assert math.isclose(frame.centre[0], place[0] + place[2] / 2, abs_tol=1.0)


@given(place=PLACES)
def test_the_scale_bar_is_as_long_as_it_says(place: tuple[float, float, float, float]) -> None:
    frame = frame_at(place)
    drawing = parsed(scale_bar(frame, 50.0, 60.0))
    said = float((drawing.findall(".//text")[-1].text or "").removesuffix(" km"))
    drawn = float(drawing.findall(".//rect")[-1].get("width", "nan"))
    ground = (frame.x(frame.west + 1000 * said) - frame.x(frame.west)) if said else math.nan
    assert math.isclose(drawn, ground, abs_tol=0.051)
    assert 0.09 * frame.width < drawn < 0.25 * frame.width
    assert said == bar_length(frame)


@given(place=PLACES)
def test_the_arrow_points_to_true_north(place: tuple[float, float, float, float]) -> None:
    frame = frame_at(place)
    lon, lat = to_degrees(frame.crs).transform(*frame.centre)
    expected = -Proj(national_crs()).get_factors(lon, lat).meridian_convergence
    assert math.isclose(convergence(frame), expected, abs_tol=0.05)


def test_on_the_central_meridian_the_arrow_stands_upright() -> None:
    assert abs(convergence(frame_at((-1000.0, 4e6, 2000.0, 2000.0)))) < 1e-6


@given(place=PLACES)
def test_the_degrees_at_the_frame_are_those_of_the_ground(place: tuple[float, float, float, float]) -> None:
    frame = frame_at(place)
    degrees = to_degrees(frame.crs)
    west, south, _, _ = frame.bounds
    seen = 0
    for text in parsed(graticule(frame)).findall("text"):
        number, minutes = re.fullmatch(r"(\d+)°(?:(\d\d)′)?[NE]", text.text or "").groups()  # type: ignore[union-attr]
        said = int(number) + int(minutes or 0) / 60
        x, y = float(text.get("x", "nan")), float(text.get("y", "nan"))
        parallel = (text.text or "").endswith("N")
        if parallel:
            lat = degrees.transform(west, frame.north - (y - TOP) / frame.scale)[1]
        else:
            lat = degrees.transform(frame.west + (x - LEFT) / frame.scale, south)[0]
        assert math.isclose(lat, said, abs_tol=0.2 / frame.scale / 80_000 + 2e-4)
        seen += 1
    assert seen >= 1


def test_a_path_goes_around_the_polygon_it_was_given() -> None:
    import shapely

    frame = frame_at((0.0, 4e6, 10_000.0, 10_000.0))
    shape = shapely.Polygon(
        [(1000, 4001000), (9000, 4001000), (9000, 4009000), (1000, 4009000)],
        [[(4000, 4004000), (6000, 4004000), (5000, 4006000)]],
    )
    rings = []
    for ring in path_of([shape], frame).split("z")[:-1]:
        values = np.array([float(v) for v in re.findall(r"-?[\d.]+", ring)]).reshape(-1, 2)
        rings.append(np.cumsum(values, axis=0))
    area = [shapely.Polygon(ring).area / frame.scale**2 for ring in rings]
    assert len(area) == 2
    assert math.isclose(area[0] - area[1], shape.area, rel_tol=2e-3)


@given(values=hnp.arrays(np.float32, 20, elements=st.floats(0, 1e5, width=32) | st.just(np.nan)))
def test_a_class_holds_its_lower_edge(values: np.ndarray) -> None:
    edges = [100.0, 1000.0, 2500.0]
    for value, number in zip(values, classed(values, edges), strict=True):
        if np.isnan(value):
            assert number == 0
        else:
            assert number == 1 + sum(value >= edge for edge in edges)


@given(low=st.floats(1e-2, 1e4), ratio=st.floats(1, 1e4), most=st.integers(1, 12))
def test_a_round_series_rises_and_is_not_too_long(low: float, ratio: float, most: int) -> None:
    series = round_series(low, low * ratio, most)
    assert 1 <= len(series) <= most
    assert all(a < b for a, b in zip(series, series[1:], strict=False))


@given(
    ground=hnp.arrays(np.float32, (7, 8), elements=st.floats(0, 3000, width=32) | st.just(np.nan)),
    cell=st.sampled_from([10.0, 30.0, 210.0]),
)
def test_shade_is_clear_only_where_the_ground_is_not_known(ground: np.ndarray, cell: float) -> None:
    shade = hillshade(ground, cell)
    east = np.gradient(np.asarray(ground, dtype=float), axis=1)
    south = np.gradient(np.asarray(ground, dtype=float), axis=0)
    known = np.isfinite(east) & np.isfinite(south)
    assert np.array_equal(shade > 0, known)
    assert shade.max(initial=0) < len(shade_palette())


def test_light_comes_from_the_north_west_whatever_the_pixel() -> None:
    y, x = np.mgrid[0:40, 0:40]
    cone = -np.hypot(x - 20.0, y - 20.0) * 12.0
    shade = hillshade(cone, 30.0).astype(int)
    assert shade[10, 10] > shade[20, 5] > shade[30, 30]
    assert shade[10, 10] > shade[5, 20] > shade[30, 30]


def test_the_ground_under_the_maps_is_the_elevation_that_was_given(bulletin: Bulletin) -> None:
    grid = pixels_of(bulletin).grid
    ground = elevation(bulletin.region, grid)
    assert ground is not None
    with rasterio.open(bulletin.region.folder / "inputs" / "dem.tif") as dataset:
        left, bottom, right, top = grid.bounds
        given_ground = dataset.read(1, window=dataset.window(left, bottom, right, top))
    assert np.allclose(ground, given_ground, atol=0.01)


def test_tiles_and_whole_products_give_the_same_maps(bulletin: Bulletin, tmp_path: Path) -> None:
    region = steep_region(tmp_path / "tiles")
    path = region.folder / "region.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[output]\nlayout = "tiles"\n', encoding="utf-8")
    from shuibao.survey.region import load_region

    tiled = load_region(region.folder)
    run_region(tiled, jobs=1)
    assert not (tiled.products / "slope.tif").exists()
    assert draw_maps(gather(tiled)) == draw_maps(bulletin)


def test_without_the_elevation_the_maps_are_drawn_without_shade(copied: object, bulletin: Bulletin) -> None:
    from shuibao.ground.reading import close_files
    from shuibao.survey.region import Region

    assert isinstance(copied, Region)
    close_files()
    (copied.folder / "inputs" / "dem.tif").unlink()
    drawn = draw_maps(gather(copied)).main
    assert '<g id="shade"/>' in drawn
    assert drawn.count("<image") == 4
    assert draw_maps(bulletin).main.count("<image") == 5


@pytest.mark.parametrize("projection", ["", "+proj=laea +lat_0=36.3 +lon_0=-84.2 +datum=WGS84 +units=m"])
def test_a_frame_works_in_any_equal_area_projection(projection: str) -> None:
    crs = equal_area_crs(projection)
    frame = frame_around((0.0, 0.0, 20_000.0, 30_000.0), crs)
    assert parsed(graticule(frame)).findall("text")
    assert abs(convergence(frame)) < 1.0
