"""Orders, links and link watersheds against TauDEM 5 on the Eno river: the same cells, not nearly the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyogrio.raw
import pytest
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import Geod
from tests.watershed.terrains import NEIGHBOURS

from shuibao.ground.grid import Grid
from shuibao.watershed import (
    Drainage,
    Links,
    channels_mask,
    contributing_area,
    shreve_magnitude,
    strahler_order,
    stream_links,
)

TAUDEM = np.array([0, 1, 8, 7, 6, 5, 4, 3, 2], dtype=np.uint8)
"""Our code of TauDEM's 1 (east) to 8 (southeast), counter-clockwise."""


class Eno(NamedTuple):
    folder: Path
    transform: Affine
    drainage: Drainage
    links: Links
    net: dict[str, NDArray[Any]]
    lines: NDArray[Any]

    def grid(self, name: str) -> NDArray[Any]:
        """Return a raster of TauDEM's; what it leaves out is -1."""
        with rasterio.open(self.folder / f"enogeo{name}.tif") as data:
            return np.where(data.read(1) == data.nodata, -1, data.read(1))


def to_codes(p: NDArray[Any]) -> NDArray[np.uint8]:
    """Return D8 codes of TauDEM's; a cell that drains to one without a direction is an outlet."""
    framed = np.pad(np.where(p > 0, TAUDEM[np.maximum(p, 0)], 0), 1)
    inner = framed[1:-1, 1:-1].copy()
    for code, (down, right) in enumerate(NEIGHBOURS, start=1):
        target = np.roll(framed, (-down, -right), (0, 1))[1:-1, 1:-1]
        inner[(framed[1:-1, 1:-1] == code) & (target == 0)] = 9
    return inner


@pytest.fixture(scope="module")
def eno(shared_data: Path) -> Eno:
    folder = shared_data / "ref_taudem_eno" / "output"
    with rasterio.open(folder / "enogeop.tif") as data:
        transform, middle = data.transform, data.xy(data.height // 2, data.width // 2)
        p = np.where(data.read(1) == data.nodata, -1, data.read(1))
    geod = Geod(ellps="GRS80")
    width = geod.inv(*middle, middle[0] + transform.a, middle[1])[2]
    height = geod.inv(*middle, middle[0], middle[1] + transform.e)[2]
    drainage = Drainage.from_directions(to_codes(p), (width, height))
    with rasterio.open(folder / "enogeosrc.tif") as data:
        mask = data.read(1) == 1
    with rasterio.open(folder / "enogeofel.tif") as data:
        links = stream_links(drainage, mask, elevation=data.read(1))
    meta, _, wkb, fields = pyogrio.raw.read(folder / "enogeonet.shp")
    return Eno(
        folder, transform, drainage, links, dict(zip(meta["fields"], fields, strict=True)), shapely.from_wkb(wkb)
    )


@pytest.fixture(scope="module")
def number_of(eno: Eno) -> dict[int, int]:
    """Return our number of each of TauDEM's links, by their watersheds."""
    pairs = np.unique(np.stack([eno.grid("w"), eno.links.catchments(eno.drainage)]).reshape(2, -1), axis=1)
    return {int(theirs): int(ours) for theirs, ours in pairs.T}


def test_the_order_of_every_cell_is_taudems(eno: Eno) -> None:
    theirs = eno.grid("gord")
    assert (strahler_order(eno.drainage) == np.maximum(theirs, 0)).all()
    assert (theirs > 0).sum() == 600_346
    assert theirs.max() == 8


def test_channels_are_taudems_where_it_gives_an_area(eno: Eno) -> None:
    """TauDEM gives none to cells that water from the edge of the data may reach; all channels beside its own are such."""
    area, given = contributing_area(eno.drainage), eno.grid("ad8") >= 0
    mask = channels_mask(eno.drainage, area, threshold_cells=200)
    theirs = eno.grid("src2") == 1
    assert (mask == theirs)[given].all()
    assert theirs[given].sum() == theirs.sum() == 19_287
    assert (mask & ~given).sum() == 3_767


def test_the_order_of_channel_cells_is_taudems(eno: Eno) -> None:
    mask, theirs = eno.grid("src") == 1, eno.grid("ord3")
    assert (strahler_order(eno.drainage, mask) == np.maximum(theirs, 0)).all()
    assert np.bincount(theirs[theirs > 0]).tolist()[1:] == [1426, 476, 443]


def test_watersheds_of_links_are_taudems_cell_by_cell(eno: Eno, number_of: dict[int, int]) -> None:
    assert number_of.pop(-1) == 0
    assert len(number_of) == eno.links.count == 53
    assert sorted(number_of.values()) == list(range(1, 54))
    assert (eno.links.catchments(eno.drainage) > 0).sum() == eno.links.columns["local_cells"].sum() == 154_269


def test_the_table_of_links_is_taudems(eno: Eno, number_of: dict[int, int]) -> None:
    row = np.array([number_of[int(link)] - 1 for link in eno.net["WSNO"]])
    ours = {name: values[row] for name, values in eno.links.columns.items()}
    assert ours["strahler"].tolist() == eno.net["strmOrder"].tolist()
    assert ours["shreve"].tolist() == eno.net["Magnitude"].tolist()
    assert ours["down"].tolist() == [number_of[int(link)] if link >= 0 else 0 for link in eno.net["DSLINKNO"]]
    np.testing.assert_allclose(ours["drop_m"], eno.net["strmDrop"], rtol=0, atol=0.005001)
    np.testing.assert_allclose(ours["length_m"], eno.net["Length"], rtol=0, atol=0.15)
    np.testing.assert_allclose(ours["cells"] * eno.drainage.cell_area, eno.net["DSContArea"], rtol=4e-5)


def test_the_lines_of_links_pass_taudems_cells(eno: Eno, number_of: dict[int, int]) -> None:
    """TauDEM draws them upstream, in degrees."""
    to, (rows, cols) = eno.transform, eno.drainage.shape
    lines = replace(eno.links, cell_size=(1.0, 1.0)).lines(Grid(1.0, 0, 0, rows, cols))
    for theirs, link in zip(eno.lines, eno.net["WSNO"], strict=True):
        x, y = shapely.get_coordinates(theirs)[::-1].T
        col, row = np.floor((x - to.c) / to.a), np.floor((y - to.f) / to.e)
        ours = shapely.get_coordinates(lines[number_of[int(link)] - 1])
        assert ours.tolist() == np.column_stack([col + 0.5, -row - 0.5]).tolist()


def test_magnitude_is_the_number_of_heads_that_taudem_found(eno: Eno) -> None:
    heads = (eno.net["USLINKNO1"] == -1).sum()
    assert shreve_magnitude(eno.drainage, eno.grid("src") == 1).max() == heads == 27
