"""
D8 areas of SAGA 8.5 and GRASS 8.2 on two real terrains: equal on every cell, once their habits are stated.

- Neither passes on the water of the grid's outer ring; ours does. Stated by making the ring outlets.
- SAGA takes the first of equally steep neighbours clockwise from north, we from east.
- SAGA fills with a slope of 0.01° (Wang & Liu 2006), we level; GRASS does not fill but searches ways to the edge (A*), and
  its directions differ from ours on 1–2 % of cells.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from tests.watershed.terrains import NEIGHBOURS

from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, contributing_area

FROM_GRASS = np.array([0, 8, 7, 6, 5, 4, 3, 2, 1], dtype=np.uint8)
"""Our code of each of GRASS's, which run 1 NE, then counter-clockwise to 8 E; negative ones leave the region."""

TERRAINS = ["youwuzhen", "bigtujunga_300"]


@pytest.fixture(params=TERRAINS)
def folder(request: pytest.FixtureRequest, shared_data: Path) -> Path:
    return shared_data / "ref_ls_saga_grass" / request.param


def read(path: Path) -> NDArray[Any]:
    with rasterio.open(path) as file:
        return file.read(1)


def ring(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return the outer ring of the grid."""
    edge = np.ones(shape, dtype=bool)
    edge[1:-1, 1:-1] = False
    return edge


def area_without_ring(direction: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return contributing areas, the water of the outer ring not passed on."""
    return contributing_area(Drainage.from_directions(np.where(ring(direction.shape), 9, direction), 30.0))


def grass_directions(folder: Path) -> NDArray[np.uint8]:
    codes = read(folder / "grass_dir8.tif").astype(int)
    return np.where(codes < 0, 9, FROM_GRASS[np.abs(codes)]).astype(np.uint8)


def saga_area(folder: Path) -> NDArray[np.int64]:
    """Return the contributing area in cells of 900 m²."""
    return np.rint(read(folder / "saga_catcharea_d8_m2.tif") / 900.0).astype(np.int64)


def saga_directions(filled: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the steepest direction, of equals the first clockwise from north."""
    rows, cols = filled.shape
    z = np.pad(filled.astype(float), 1, constant_values=np.inf)
    codes = [7, 8, 1, 2, 3, 4, 5, 6]
    falls = []
    for code in codes:
        r, c = NEIGHBOURS[code - 1]
        fall = filled - z[1 + r : 1 + r + rows, 1 + c : 1 + c + cols]
        falls.append(fall / np.sqrt(2.0) if r and c else fall)
    direction = np.array(codes, dtype=np.uint8)[np.argmax(falls, axis=0)]
    return np.where(np.max(falls, axis=0) > 0, direction, 9).astype(np.uint8)


def test_from_grass_s_directions_come_grass_s_areas_on_every_cell(folder: Path) -> None:
    assert (area_without_ring(grass_directions(folder)) == read(folder / "grass_acc8.tif")).all()


def test_from_saga_s_filled_ground_and_its_choice_among_equals_come_saga_s_areas_on_every_cell(folder: Path) -> None:
    direction = saga_directions(read(folder / "saga_filled.tif"))
    assert (area_without_ring(direction) == saga_area(folder)).all()


@pytest.mark.parametrize("name, differing", [("youwuzhen", 0), ("bigtujunga_300", 134)])
def test_our_directions_on_saga_s_filled_ground_differ_only_among_equals(
    name: str, differing: int, shared_data: Path
) -> None:
    filled = read(shared_data / "ref_ls_saga_grass" / name / "saga_filled.tif")
    ours, saga = route(filled, 30.0), saga_directions(filled)
    different = np.argwhere((ours != saga) & ~ring(filled.shape))
    assert len(different) == differing
    for r, c in different:
        falls = []
        for code in (ours[r, c], saga[r, c]):
            down, right = NEIGHBOURS[code - 1]
            fall = float(filled[r, c]) - float(filled[r + down, c + right])
            falls.append(fall / np.sqrt(2.0) if down and right else fall)
        assert falls[0] == falls[1]


@pytest.mark.parametrize(
    "name, saga_share, grass_share", [("youwuzhen", 0.999, 0.888), ("bigtujunga_300", 0.956, 0.886)]
)
def test_from_the_bare_terrain_most_areas_are_the_same(
    name: str, saga_share: float, grass_share: float, shared_data: Path
) -> None:
    folder = shared_data / "ref_ls_saga_grass" / name
    ours = area_without_ring(route(fill_depressions(read(folder / "dem.tif")), 30.0))
    assert np.mean(ours == saga_area(folder)) == pytest.approx(saga_share, abs=5e-4)
    assert np.mean(ours == read(folder / "grass_acc8.tif")) == pytest.approx(grass_share, abs=5e-4)
    assert np.mean(saga_area(folder) == read(folder / "grass_acc8.tif")) == pytest.approx(0.889, abs=5e-4)
