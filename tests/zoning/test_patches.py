"""Patches: what is drawn is what is counted, and tiles of any size draw the same."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
import rasterio.features
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage
from tests.trials import trials
from tests.zoning.strategies import CELL, Land, lands

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.zoning import Patches, join_patches, tile_patches

sizes = st.integers(1, 30)
areas = st.integers(0, 12)


def fingerprint(patches: Patches) -> list[bytes]:
    """Return everything a set of patches says, as bytes."""
    arrays = [patches.county, patches.first, patches.cells, patches.area, patches.component_cells, patches.perimeter,
              patches.mean_slope, patches.land_cells, patches.land, patches.parts]  # fmt: skip
    return [a.tobytes() for a in arrays] + list(shapely.to_wkb(patches.geometry))


@given(lands(), sizes, areas)
@settings(max_examples=trials(150), deadline=None)
def test_tiles_of_any_size_draw_the_same_patches(land: Land, size: int, least: int) -> None:
    whole, mask = land.joined(1000, least)
    tiled, tiled_mask = land.joined(size, least)
    assert fingerprint(tiled) == fingerprint(whole)
    np.testing.assert_array_equal(tiled_mask, mask)


@given(lands(), sizes, areas)
@settings(max_examples=trials(100), deadline=None)
def test_every_patch_is_valid_and_its_area_is_its_cells(land: Land, size: int, least: int) -> None:
    patches, mask = land.joined(size, least)
    assert shapely.is_valid(patches.geometry).all()
    np.testing.assert_array_equal(shapely.area(patches.geometry), patches.cells * CELL**2)
    np.testing.assert_array_equal(patches.area, patches.cells * CELL**2)
    np.testing.assert_allclose(shapely.length(patches.geometry), patches.perimeter, rtol=1e-12)
    np.testing.assert_array_equal(shapely.get_num_geometries(patches.geometry), patches.parts)
    assert patches.cells.sum() == mask.sum() == patches.land_cells.sum()


@given(lands(), sizes, areas)
@settings(max_examples=trials(100), deadline=None)
def test_the_patches_cover_the_kept_cells_and_nothing_else(land: Land, size: int, least: int) -> None:
    patches, mask = land.joined(size, least)
    drawn = np.zeros(land.grid.shape, np.int32)
    for county, geometry in zip(patches.county, patches.geometry, strict=True):
        drawn += rasterio.features.rasterize(
            [(geometry, int(county))], out_shape=land.grid.shape, transform=land.grid.transform, dtype="int32"
        )
    np.testing.assert_array_equal(drawn, np.where(mask, land.county, 0))


@given(lands(), sizes, areas)
@settings(max_examples=trials(100), deadline=None)
def test_the_patches_are_those_of_scipy_and_rasterio(land: Land, size: int, least: int) -> None:
    patches, mask = land.joined(size, least)
    labels, count = ndimage.label(land.zone & (land.county > 0))
    cells = np.bincount(labels.ravel(), minlength=count + 1)
    cells[0] = -1
    np.testing.assert_array_equal(mask, (cells >= max(least, 0))[labels])
    expected = sorted(
        (int(c), int(((labels == k) & (land.county == c)).sum()), int(cells[k]))
        for k in range(1, count + 1)
        if cells[k] >= least
        for c in np.unique(land.county[labels == k])
    )
    assert sorted(zip(patches.county, patches.cells, patches.component_cells, strict=True)) == expected

    shapes = rasterio.features.shapes(
        np.where(mask, labels * 4 + land.county, 0).astype(np.int32), mask=mask, transform=land.grid.transform
    )
    theirs = {shapely.geometry.shape(s).normalize().wkb for s, _ in shapes}
    ours = {p.normalize().wkb for p in shapely.get_parts(patches.geometry)}
    # GDAL splits no part and joins none; a hole that touches its shell it draws as we do
    assert len(ours) == len(theirs)
    assert {shapely.from_wkb(w).area for w in ours} == {shapely.from_wkb(w).area for w in theirs}


@given(lands(), sizes, areas)
@settings(max_examples=trials(100), deadline=None)
def test_slope_and_land_are_those_of_the_cells(land: Land, size: int, least: int) -> None:
    patches, _ = land.joined(size, least)
    for k, geometry in enumerate(patches.geometry):
        inside = rasterio.features.rasterize([geometry], out_shape=land.grid.shape, transform=land.grid.transform) == 1
        degrees = np.rint(np.degrees(land.slope[inside].astype(float)) * 1e6) / 1e6
        if np.isnan(degrees).all():
            assert np.isnan(patches.mean_slope[k])
        else:
            assert patches.mean_slope[k] == pytest.approx(np.nanmean(degrees), abs=1e-9)
        counts = np.bincount(land.land[inside], minlength=32)
        np.testing.assert_array_equal(patches.land_cells[k], counts)
        known = counts[1:]
        assert patches.land[k] == (known.argmax() + 1 if known.any() else 0)
        cells = np.argwhere(inside)[0]
        assert tuple(patches.first[k]) == (cells[0] + land.grid.row, cells[1] + land.grid.col)


@given(lands())
@settings(max_examples=trials(50), deadline=None)
def test_patches_are_ordered_by_county_then_southward_then_eastward(land: Land) -> None:
    patches, _ = land.joined(7, 0)
    keys = list(zip(patches.county, patches.first[:, 0], patches.first[:, 1], strict=True))
    assert keys == sorted(set(keys))


def region(picture: list[str], county: list[str] | None = None) -> Land:
    """Return a region from a picture: # is zone; the county picture holds digits."""
    zone = np.array([[c == "#" for c in line] for line in picture])
    index = np.array([[int(c) for c in line] for line in county], np.int32) if county else np.ones(zone.shape, np.int32)
    slope = np.full(zone.shape, np.radians(30), np.float32)
    return Land(zone, index, slope, np.full(zone.shape, 9, np.uint8), Grid(CELL, -1000, 2000, *zone.shape))


def test_a_hole_that_touches_the_outside_by_a_corner_stays_a_hole() -> None:
    patches, _ = region(["####", "#..#", "#.#.", "####"]).joined(2, 0)
    assert len(patches) == 1
    assert len(patches.geometry[0].interiors) == 1
    assert patches.geometry[0].is_valid


def test_cells_that_touch_by_a_corner_are_two_patches() -> None:
    patches, _ = region(["#.", ".#"]).joined(1, 0)
    assert patches.cells.tolist() == [1, 1]


def test_an_island_in_a_hole_is_a_patch_of_its_own() -> None:
    patches, _ = region(["#####", "#...#", "#.#.#", "#...#", "#####"]).joined(2, 0)
    assert patches.cells.tolist() == [16, 1]
    assert not patches.geometry[0].contains(patches.geometry[1])


def test_parts_that_a_county_border_leaves_are_one_patch_of_many_parts() -> None:
    patches, _ = region(["####", "####"], ["1211", "1121"]).joined(3, 0)
    assert patches.county.tolist() == [1, 2]
    assert patches.parts.tolist() == [2, 2]
    patches, _ = region(["###"], ["121"]).joined(3, 0)
    assert patches.parts.tolist() == [2, 1]
    assert patches.geometry[0].geom_type == "MultiPolygon"


def test_the_minimum_area_is_asked_before_the_county_border_cuts() -> None:
    land = region(["######"], ["111112"])
    for size in (1, 2, 4, 9):
        patches, mask = land.joined(size, 6)
        assert patches.cells.tolist() == [5, 1]
        assert patches.component_cells.tolist() == [6, 6]
        assert mask.all()
        patches, mask = land.joined(size, 7)
        assert len(patches) == 0
        assert not mask.any()


def test_a_closed_patch_too_small_is_dropped_in_its_tile() -> None:
    ((_, found, labels),) = region(["##..", "....", "..##", "..##"]).tiles(1000, 3)
    assert found.parts == 1
    assert np.unique(labels).tolist() == [0, 1]
    assert set(found.edges[:, 0]) == {0}


def test_a_straight_side_is_one_edge() -> None:
    ((_, found, _),) = region(["#####"] * 5).tiles(1000, 0)
    assert len(found.edges) == 4
    patches, _ = region(["#####"] * 5).joined(2, 0)
    assert shapely.get_num_coordinates(patches.geometry).tolist() == [5]
    assert patches.geometry[0].exterior.is_ccw
    assert patches.bounds.tolist() == [[60000.0, 29850.0, 60150.0, 30000.0]]


def test_no_zone_gives_no_patches() -> None:
    for tiles in ([], [t for _, t, _ in region(["..", ".."]).tiles(1, 0)]):
        patches = join_patches(tiles, min_cells=0, cell=CELL)
        assert len(patches) == 0
        assert patches.geometry.shape == (0,)
        assert patches.bounds.shape == (0, 4)
        assert [k.tolist() for k in patches.kept] == [[0]] * len(tiles)


def test_what_a_tile_found_survives_a_pickle() -> None:
    found = [pickle.loads(pickle.dumps(t)) for _, t, _ in region(["####", "#..#", "####"]).tiles(2, 0)]  # noqa: S301
    assert join_patches(found, min_cells=0, cell=CELL).cells.tolist() == [10]


def test_a_tile_missing_or_given_twice_is_refused() -> None:
    tiles = [t for _, t, _ in region(["####", "#..#", "####"]).tiles(2, 0)]
    with pytest.raises(ShuibaoError, match="图幅缺失"):
        join_patches(tiles[1:], min_cells=0, cell=CELL)
    with pytest.raises(ShuibaoError, match="两次"):
        join_patches([*tiles, tiles[0]], min_cells=0, cell=CELL)


def test_arrays_that_do_not_fit_the_tile_are_refused() -> None:
    cells = np.ones((3, 3), np.uint8)
    with pytest.raises(ShuibaoError, match="county"):
        tile_patches(np.ones((5, 5), bool), cells, cells, cells, Grid(CELL, 0, 0, 3, 3), min_cells=0)


def test_degrees_and_radians_give_the_same_mean() -> None:
    zone = np.pad(np.ones((2, 2), bool), 1)
    land, grid = np.ones((2, 2), np.uint8), Grid(CELL, 0, 0, 2, 2)
    found = [
        tile_patches(zone, zone.astype(np.uint16), slope, land, grid, min_cells=0, slope_unit=unit)[0]
        for slope, unit in ((np.full((2, 2), 30.0), "deg"), (np.full((2, 2), np.radians(30.0)), "rad"))
    ]
    assert [join_patches([t], min_cells=0, cell=CELL).mean_slope.tolist() for t in found] == [[30.0], [30.0]]
