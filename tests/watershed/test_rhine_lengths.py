"""
Areas, lengths, heights and basins of the Rhine at 30 arc-seconds, as pyflwdir 0.5.12 finds them.

Cells are taken as 1 km square, the channel from 500 cells. pyflwdir holds lengths in single precision, hence the
tolerance; areas, basins and heights are equal on every one of the 349 847 cells.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray

from shuibao.watershed import (
    Drainage,
    basins,
    contributing_area,
    height_above_nearest_drainage,
    length_to,
    length_to_outlet,
    longest_upstream_length,
    snap_outlets,
)


class Place(NamedTuple):
    """A place on a river, and what pyflwdir says of it."""

    row: int
    col: int
    area: int
    own: int
    """Cells of its basin without those of the places above."""
    to_sea: float
    """Length to the outlet, m."""


PLACES = {
    "Maas at Liège": Place(162, 245, 36_714, 36_714, 487_735.5),
    "Mosel at Trier": Place(267, 372, 42_371, 42_371, 988_467.9),
    "Main at Frankfurt": Place(229, 609, 44_735, 44_735, 907_811.1),
    "Neckar at Heilbronn": Place(338, 678, 14_801, 14_801, 1_112_178.1),
    "Aare at Bern": Place(604, 462, 5_298, 5_298, 1_644_516.3),
    "Alpine Rhine at Chur": Place(613, 716, 6_044, 6_044, 1_729_358.0),
    "Ill at Strasbourg": Place(413, 504, 2_303, 2_303, 1_140_634.8),
    "Rhine at Basel": Place(529, 483, 62_047, 50_705, 1_292_447.5),
    "Rhine at Mannheim": Place(296, 583, 117_884, 38_733, 947_195.6),
    "Rhine at Cologne": Place(124, 411, 255_176, 50_186, 550_705.9),
}


class Rhine(NamedTuple):
    drainage: Drainage
    elevation: NDArray[Any]
    area: NDArray[np.int64]


@pytest.fixture(scope="module")
def rhine(shared_data: Path) -> Rhine:
    """Return the drainage in our codes; the file has ESRI's powers of two, 0 for an outlet and 247 for missing."""
    folder = shared_data / "watersheds"
    with rasterio.open(folder / "rhine_d8_30s.tif") as data:
        esri = data.read(1)
    with rasterio.open(folder / "rhine_elv0_30s.tif") as data:
        elevation = data.read(1)
    codes = np.zeros(256, dtype=np.uint8)
    codes[[0, 1, 2, 4, 8, 16, 32, 64, 128]] = [9, 1, 2, 3, 4, 5, 6, 7, 8]
    drainage = Drainage.from_directions(codes[esri], 1000.0)
    return Rhine(drainage, elevation.astype(np.float64), contributing_area(drainage))


def test_areas_are_pyflwdir_s(rhine: Rhine) -> None:
    assert rhine.area.sum() == 343_117_268
    assert [rhine.area[place[:2]] for place in PLACES.values()] == [place.area for place in PLACES.values()]


def test_nested_basins_are_pyflwdir_s(rhine: Rhine) -> None:
    label = basins(rhine.drainage, [place[:2] for place in PLACES.values()])
    assert np.bincount(label.ravel())[1:].tolist() == [place.own for place in PLACES.values()]


def test_lengths_to_the_sea_are_pyflwdir_s(rhine: Rhine) -> None:
    length = length_to_outlet(rhine.drainage)
    assert [length[place[:2]] for place in PLACES.values()] == pytest.approx(
        [place.to_sea for place in PLACES.values()], rel=3e-6
    )
    assert np.nanmax(length) == pytest.approx(1_864_542.8, rel=3e-6)
    assert np.nanmean(length) == pytest.approx(1_084_457.4, rel=3e-6)
    assert np.nanmax(longest_upstream_length(rhine.drainage)) == np.nanmax(length)


def test_lengths_to_the_channel_are_pyflwdir_s(rhine: Rhine) -> None:
    length = length_to(rhine.drainage, rhine.area >= 500)
    assert np.nanmax(length) == pytest.approx(99_840.6, abs=0.05)
    assert np.nanmean(length) == pytest.approx(19_089.622, abs=0.001)


def test_heights_above_the_channel_are_pyflwdir_s(rhine: Rhine) -> None:
    height = height_above_nearest_drainage(rhine.drainage, rhine.elevation, rhine.area >= 500)
    land = rhine.drainage.direction > 0
    assert math.fsum(height[land]) == pytest.approx(55_254_658.440_517, abs=1e-5)
    assert np.median(height[land]) == pytest.approx(78.800003, abs=1e-6)


def test_a_gauge_one_cell_off_would_lose_the_rhine_and_is_brought_back(rhine: Rhine) -> None:
    off = [(124, 410), (529, 484)]  # west of Cologne, east of Basel
    assert [rhine.area[cell] for cell in off] == [2, 11]
    snapped = snap_outlets(rhine.drainage, off, 50_000, 1_000.0)
    assert snapped.cells.tolist() == [255_263, 62_047]  # the Rhine is east and north of the first: the larger area
    assert snapped.distance.tolist() == [1_000.0, 1_000.0]
