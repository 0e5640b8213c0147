"""
Contributing area, gage watershed and moved outlet of TauDEM 5, from TauDEM's own directions, on a real terrain.

TauDEM gives no direction on the outer ring, and no area to a cell that water from outside the grid may reach: one with
a neighbour without direction, and all cells below such cells ("edge contamination"). We count what lies in the grid.
Both are stated below, so that every cell of the 844 × 715 is accounted for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray

from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS
from shuibao.watershed import Drainage, accumulate, basins, contributing_area, snap_outlets

FROM_TAUDEM = np.array([0, 1, 8, 7, 6, 5, 4, 3, 2], dtype=np.uint8)
"""Our code of each of TauDEM's, which run 1 E, then counter-clockwise to 8 SE."""


@pytest.fixture(scope="module")
def eno(shared_data: Path) -> Path:
    return shared_data / "ref_taudem_eno"


def read(path: Path) -> tuple[NDArray[Any], NDArray[np.bool_], Affine]:
    """Return the values of a raster, where it has any, and its transform."""
    with rasterio.open(path) as file:
        values = file.read(1)
        return values, values != file.nodata, file.transform


def neighbours_all(present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether a cell and its eight neighbours are all present."""
    rows, cols = present.shape
    around = np.pad(present, 1)
    return np.all([around[1 + r : 1 + r + rows, 1 + c : 1 + c + cols] for r in (-1, 0, 1) for c in (-1, 0, 1)], axis=0)


@pytest.fixture(scope="module")
def drainage(eno: Path) -> Drainage:
    """Return the drainage of TauDEM's directions; what points at a cell without direction leaves the land there."""
    codes, present, _ = read(eno / "output/enogeop.tif")
    direction = np.where(present, FROM_TAUDEM[np.where(present, codes, 0)], 0)
    row, col = np.indices(direction.shape)
    onto = direction[row + DOWNHILL_ROWS[direction], col + DOWNHILL_COLS[direction]]
    direction[(direction > 0) & (onto == 0)] = 9
    return Drainage.from_directions(direction, 10.0)


def test_contributing_area_is_taudem_s_on_every_cell_that_has_one(eno: Path, drainage: Drainage) -> None:
    cells, valid, _ = read(eno / "output/enogeoad8.tif")
    assert np.count_nonzero(valid) == 589_313
    assert (contributing_area(drainage)[valid] == cells[valid]).all()


def test_the_cells_taudem_leaves_out_are_those_below_the_edge(eno: Path, drainage: Drainage) -> None:
    _, valid, _ = read(eno / "output/enogeoad8.tif")
    present = drainage.direction > 0
    at_edge = present & ~neighbours_all(present)
    assert ((accumulate(drainage, at_edge) > 0) == (present & ~valid)).all()


def test_the_gage_watershed_is_taudem_s(eno: Path, drainage: Drainage) -> None:
    label, valid, transform = read(eno / "output/enogeogw.tif")
    points = shapely.get_coordinates(shapely.from_wkb(pyogrio.raw.read(eno / "output/Outletsmoved.shp")[2]))
    col, row = (points[0] - (transform.c, transform.f)) / (transform.a, transform.e)
    found = basins(drainage, [(int(row), int(col))])
    assert np.count_nonzero(found) == 154_269
    assert ((found == 1) == (valid & (label == 1))).all()


@pytest.mark.parametrize("along", ["flow", "straight"])
def test_the_outlet_is_moved_to_where_taudem_moves_it(eno: Path, drainage: Drainage, along: Any) -> None:
    streams, valid, transform = read(eno / "output/enogeosrc.tif")
    given = shapely.get_coordinates(shapely.from_wkb(pyogrio.raw.read(eno / "input/Outlets.shp")[2]))
    _, _, moved, (_, steps) = pyogrio.raw.read(eno / "output/Outletsmoved.shp")
    snapped = snap_outlets(drainage, given, valid & (streams == 1), 200.0, transform=transform, along=along)
    row, col = np.divmod(snapped.cell, drainage.shape[1])
    centres = np.column_stack([transform.c + (col + 0.5) * transform.a, transform.f + (row + 0.5) * transform.e])
    assert np.allclose(centres, shapely.get_coordinates(shapely.from_wkb(moved)), rtol=0.0, atol=1e-9)
    assert (snapped.distance == steps * 10.0).all()
