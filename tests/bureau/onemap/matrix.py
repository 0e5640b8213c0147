"""Who may open the pages and tiles of the map."""

from __future__ import annotations

from typing import Any

from tests.bureau.matrix import Line
from tests.bureau.publications.matrix import some_publication


def some_tile(region: str) -> dict[str, Any]:
    """Return a tile of a publication of a region."""
    return {**some_publication(region), "z": 9, "x": 1, "y": 1}


LINES = (
    Line("onemap:map"),
    Line("onemap:words"),
    Line("onemap:numbers"),
    Line("onemap:here", get=404),
    Line("onemap:search"),
    Line("onemap:sheet", get=None, post=400),
    Line("onemap:base_tile", get=(200, 204), of=lambda region: {"z": 9, "x": 1, "y": 1}, everywhere=True),
    Line("onemap:vector_tile", get=(200, 204), of=lambda region: {**some_tile(region), "layer": "zone"}, upward=True),
    Line("onemap:raster_tile", get=404, of=lambda region: {**some_tile(region), "name": "slope"}, upward=True),
)
