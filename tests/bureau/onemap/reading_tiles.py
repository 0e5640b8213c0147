"""What is in a vector tile, read by GDAL."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from django.db import connection
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

Tile = tuple[int, int, int]


def tile_at(lon: float, lat: float, z: int) -> Tile:
    """Return the tile that holds a place."""
    x = int((lon + 180) / 360 * 2**z)
    y = int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * 2**z)
    return z, x, y


def texts(tile: bytes) -> str:
    """Return the bytes of a tile as text, good enough to look for codes and names in it."""
    return tile.decode("utf-8", errors="replace")


def rows(statement: str, *given: Any) -> list[Any]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return list(cursor.fetchall())


def colors(png: bytes) -> np.ndarray[Any, Any]:
    """Return the opacity of each pixel of a picture."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile(png) as memory, memory.open() as dataset:
            palette = dataset.colormap(1)
            index = dataset.read(1)
    return np.vectorize(lambda k: palette[k][3])(index)
