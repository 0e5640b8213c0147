"""Pfafstetter codes of the Rhine at 30 arc-seconds: the rivers every geographer would name, and the rule by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import rasterio
from numpy.typing import NDArray
from tests.watershed.stream_oracles import accumulated, forest_of, pfafstetter_by_hand

from shuibao.watershed import Drainage, accumulate, pfafstetter, strahler_order

RADIUS = 6_371_007.2
"""Radius of the sphere with the area of the Earth, m."""

AREAS = {1: 195_451, 2: 32_725, 3: 160_245, 4: 28_075, 5: 109_581, 6: 27_121, 7: 70_885, 8: 15_818, 9: 17_586}
"""Contributing area at the lower end of each unit of one digit, km²."""

CELLS = {1: 4654, 2: 59739, 3: 41995, 4: 50077, 5: 21066, 6: 49051, 7: 66115, 8: 27167, 9: 29983}
"""Cells of each unit of one digit."""

PLACES = {
    "Maas at Liège": (162, 245, 239),
    "Mosel at Trier": (267, 372, 419),
    "Main at Frankfurt": (229, 609, 631),
    "Neckar at Heilbronn": (338, 678, 725),
    "Aare at Bern": (604, 462, 991),
    "Alpine Rhine at Chur": (613, 716, 877),
    "Ill at Strasbourg": (413, 504, 772),
    "Rhine at Basel": (529, 483, 795),
    "Rhine at Mannheim": (296, 583, 719),
    "Rhine at Cologne": (124, 411, 377),
}
"""Row, column and code of three digits."""


class Rhine(NamedTuple):
    drainage: Drainage
    load: NDArray[np.int64]
    area: NDArray[Any]
    outlet: int


@pytest.fixture(scope="module")
def rhine(shared_data: Path) -> Rhine:
    """Return the drainage in our codes (the file has ESRI's powers of two; 0 is an outlet, 247 missing)."""
    with rasterio.open(shared_data / "watersheds" / "rhine_d8_30s.tif") as data:
        esri, to = data.read(1), data.transform
    codes = np.zeros(256, dtype=np.uint8)
    codes[[0, 1, 2, 4, 8, 16, 32, 64, 128]] = [9, 1, 2, 3, 4, 5, 6, 7, 8]
    drainage = Drainage.from_directions(codes[esri], 1.0)
    edges = np.sin(np.radians(to.f + to.e * np.arange(esri.shape[0] + 1)))
    cell = np.rint(RADIUS**2 * math.radians(to.a) * (edges[:-1] - edges[1:])).astype(np.int64)
    load = np.broadcast_to(cell[:, None], esri.shape)
    (outlet,) = drainage.outlets.tolist()
    return Rhine(drainage, load, accumulate(drainage, load), outlet)


@pytest.fixture(scope="module")
def codes(rhine: Rhine) -> NDArray[np.int64]:
    return pfafstetter(rhine.drainage, rhine.outlet, area=rhine.area, levels=3)


@pytest.mark.slow
def test_the_codes_are_those_of_the_rule_carried_out_by_hand(rhine: Rhine, codes: NDArray[np.int64]) -> None:
    below = forest_of(rhine.drainage.direction)
    loads = rhine.load.ravel().tolist()
    area = accumulated(below, {cell: loads[cell] for cell in below})
    wanted = np.zeros(codes.size, dtype=np.int64)
    for cell, digits in pfafstetter_by_hand(below, area, rhine.outlet, 3).items():
        wanted[cell] = int(digits)
    assert (codes.ravel() == wanted).all()
    assert np.unique(codes).size - 1 == 711


def test_meuse_moselle_main_and_alpine_rhine_are_the_four_tributaries(rhine: Rhine, codes: NDArray[np.int64]) -> None:
    """Above their junction the Aare drains more than the Rhine, so the main stem is the Aare."""
    first = codes // 100
    assert {digit: int((first == digit).sum()) for digit in CELLS} == CELLS
    assert {digit: round(int(rhine.area[first == digit].max()) / 1e6) for digit in AREAS} == AREAS


def test_places_have_the_codes_of_their_rivers(codes: NDArray[np.int64]) -> None:
    assert {name: int(codes[row, col]) for name, (row, col, _) in PLACES.items()} == {
        name: code for name, (_, _, code) in PLACES.items()
    }


def test_counting_cells_instead_of_square_metres_gives_the_same_first_digits(
    rhine: Rhine, codes: NDArray[np.int64]
) -> None:
    assert (pfafstetter(rhine.drainage, rhine.outlet, levels=1) == codes // 100).all()


def test_a_least_tributary_of_a_thousand_square_kilometres_leaves_117_units(
    rhine: Rhine, codes: NDArray[np.int64]
) -> None:
    code = pfafstetter(rhine.drainage, rhine.outlet, area=rhine.area, levels=3, min_area=1e9)
    assert np.unique(code).size - 1 == 117
    assert (code // 100 == codes // 100).all()


def test_every_cell_a_stream_has_as_many_of_each_order_as_pyflwdir_counts(rhine: Rhine) -> None:
    order = strahler_order(rhine.drainage)
    assert np.bincount(order[order > 0])[1:].tolist() == [210317, 73262, 32498, 17053, 7963, 4327, 1990, 1662, 775]
