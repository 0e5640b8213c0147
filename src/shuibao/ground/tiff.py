"""
The bytes of a cloud-optimised GeoTIFF: directories first, then overviews, then the picture (云优化 GeoTIFF 的字节结构).

Only the layout is written here; blocks come compressed. TIFF 6.0 and BigTIFF, little-endian.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

import rasterio
from rasterio.io import MemoryFile

from shuibao.ground.grid import BLOCK, Grid

CODECS = {"zstd": 50000, "deflate": 8}
"""TIFF compression tags of the codecs that blocks are stored in."""

_BYTE, _ASCII, _SHORT, _LONG, _LONG8, _DOUBLE = 1, 2, 3, 4, 16, 12
_FORMATS = {_BYTE: "B", _ASCII: "s", _SHORT: "H", _LONG: "I", _LONG8: "Q", _DOUBLE: "d"}
_SIZES = {_BYTE: 1, _ASCII: 1, _SHORT: 2, _LONG: 4, _LONG8: 8, _DOUBLE: 8}
_SAMPLE_FORMATS = {"u": 1, "i": 2, "f": 3}
_GEO_TAGS = (34735, 34736, 34737)


@dataclass(frozen=True)
class Level:
    """
    One picture of the pyramid: its size and where its blocks will be (一级图像).

    Parameters
    ----------
    rows, cols : int
        Size, cells.
    sizes : sequence of int
        Bytes of each compressed block, row by row.
    """

    rows: int
    cols: int
    sizes: Sequence[int]


@dataclass(frozen=True)
class Look:
    """
    What all levels of a raster share (栅格的共同属性).

    Parameters
    ----------
    dtype : str
        numpy dtype of a cell, for instance ``"<f4"``.
    codec : str
        ``"zstd"`` or ``"deflate"``.
    predictor : int
        1 none, 3 floating point.
    nodata : str
        Missing value as text.
    tags : mapping of str to str
        Provenance, written as GDAL metadata.
    colors : mapping of int to (r, g, b), or None
        Palette of an 8-bit class raster.
    description : str
        Name of the band.
    """

    dtype: str
    codec: str
    predictor: int
    nodata: str
    tags: Mapping[str, str]
    colors: Mapping[int, tuple[int, int, int]] | None = None
    description: str = ""


def header(grid: Grid, levels: Sequence[Level], look: Look) -> bytes:
    """
    Return the file's beginning: header and one directory a level, with the places of all blocks (文件头).

    Parameters
    ----------
    grid : Grid
        Where the first level lies.
    levels : sequence of Level
        The picture, then its overviews, from large to small. In the file their data follow the header from small to
        large.
    look : Look
        What the levels share.
    """
    data = sum(sum(level.sizes) for level in levels)
    big = data + 64 * sum(len(level.sizes) for level in levels) + 1_000_000 >= 2**32
    start = len(_layout(grid, levels, look, 0, big=big))
    return _layout(grid, levels, look, start, big=big)


def _layout(grid: Grid, levels: Sequence[Level], look: Look, data_start: int, *, big: bool) -> bytes:
    starts = {}
    position = data_start
    for number in range(len(levels) - 1, -1, -1):
        starts[number] = position
        position += sum(levels[number].sizes)
    head = struct.pack("<2sHHHQ", b"II", 43, 8, 0, 16) if big else struct.pack("<2sHI", b"II", 42, 8)
    out = bytearray(head)
    for number, level in enumerate(levels):
        entries = _entries(grid, level, look, starts[number], first=number == 0, big=big)
        out += _directory(entries, len(out), big=big, last=number == len(levels) - 1)
    return bytes(out)


def _entries(
    grid: Grid, level: Level, look: Look, start: int, *, first: bool, big: bool
) -> dict[int, tuple[int, Sequence[float] | bytes]]:
    offsets, position = [], start
    for size in level.sizes:
        offsets.append(position)
        position += size
    bits = int(look.dtype[-1]) * 8
    entries: dict[int, tuple[int, Sequence[float] | bytes]] = {
        254: (_LONG, [0 if first else 1]),
        256: (_LONG, [level.cols]),
        257: (_LONG, [level.rows]),
        258: (_SHORT, [bits]),
        259: (_SHORT, [CODECS[look.codec]]),
        262: (_SHORT, [3 if look.colors else 1]),
        277: (_SHORT, [1]),
        284: (_SHORT, [1]),
        317: (_SHORT, [look.predictor]),
        322: (_SHORT, [BLOCK]),
        323: (_SHORT, [BLOCK]),
        324: (_LONG8 if big else _LONG, offsets),
        325: (_LONG, list(level.sizes)),
        339: (_SHORT, [_SAMPLE_FORMATS[look.dtype[1]]]),
        42113: (_ASCII, look.nodata.encode() + b"\0"),
    }
    if look.colors:
        entries[320] = (_SHORT, _palette(look.colors))
    if first:
        entries[33550] = (_DOUBLE, [grid.cell, grid.cell, 0.0])
        entries[33922] = (_DOUBLE, [0.0, 0.0, 0.0, grid.left, grid.top, 0.0])
        entries.update(_geo_keys(grid.projection))
        entries[42112] = (_ASCII, _metadata(look).encode() + b"\0")
    return entries


def _palette(colors: Mapping[int, tuple[int, int, int]]) -> list[int]:
    table = [[0, 0, 0] for _ in range(256)]
    for code, rgb in colors.items():
        table[code] = list(rgb)
    return [table[code][channel] * 257 for channel in range(3) for code in range(256)]


def _metadata(look: Look) -> str:
    # GDAL unescapes a value twice
    items = [f"<Item name={quoteattr(k)}>{escape(escape(v))}</Item>" for k, v in sorted(look.tags.items())]
    if look.description:
        described = escape(escape(look.description))
        items.append(f'<Item name="DESCRIPTION" sample="0" role="description">{described}</Item>')
    return "<GDALMetadata>" + "".join(items) + "</GDALMetadata>"


def _directory(
    entries: dict[int, tuple[int, Sequence[float] | bytes]], position: int, *, big: bool, last: bool
) -> bytes:
    """Return one directory and the values that do not fit in it, and the place of the next."""
    entry_size, room = (20, 8) if big else (12, 4)
    after = position + (8 if big else 2) + entry_size * len(entries) + (8 if big else 4)
    table, extra = bytearray(), bytearray()
    for tag, (kind, values) in sorted(entries.items()):
        count = len(values)
        raw = values if isinstance(values, bytes) else struct.pack(f"<{count}{_FORMATS[kind]}", *values)
        table += struct.pack("<HHQ" if big else "<HHI", tag, kind, count)
        if len(raw) <= room:
            table += raw.ljust(room, b"\0")
        else:
            table += struct.pack("<Q" if big else "<I", after + len(extra))
            extra += raw + b"\0" * (-len(raw) % 8)
    extra += b"\0" * (-(after + len(extra)) % 8)
    following = 0 if last else after + len(extra)
    count_field = struct.pack("<Q" if big else "<H", len(entries))
    return count_field + bytes(table) + struct.pack("<Q" if big else "<I", following) + bytes(extra)


@lru_cache(maxsize=16)
def _geo_keys(projection: str) -> dict[int, tuple[int, Sequence[float] | bytes]]:
    """Return the GeoTIFF keys of a grid, as GDAL writes them."""
    grid = Grid(30.0, 0, 0, 1, 1, projection)
    profile = {"driver": "GTiff", "width": 1, "height": 1, "count": 1, "dtype": "uint8"}
    with MemoryFile() as memory:
        with memory.open(
            crs=rasterio.crs.CRS.from_wkt(grid.crs.to_wkt("WKT1_GDAL")), transform=grid.transform, **profile
        ):
            pass
        raw = bytes(memory.getbuffer())
    found: dict[int, tuple[int, Sequence[float] | bytes]] = {}
    (position,) = struct.unpack_from("<I", raw, 4)
    (count,) = struct.unpack_from("<H", raw, position)
    for k in range(count):
        tag, kind, number = struct.unpack_from("<HHI", raw, position + 2 + 12 * k)
        if tag in _GEO_TAGS:
            size = _SIZES[kind] * number
            at = position + 10 + 12 * k if size <= 4 else struct.unpack_from("<I", raw, position + 10 + 12 * k)[0]
            blob = raw[at : at + size]
            found[tag] = (kind, blob if kind == _ASCII else struct.unpack(f"<{number}{_FORMATS[kind]}", blob))
    return found
