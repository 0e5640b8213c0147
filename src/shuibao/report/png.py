"""Pictures of few colours: paletted PNG, the same bytes every time (调色板 PNG)."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Color = tuple[int, int, int, int]
"""Red, green, blue and opacity, 0-255."""


def paletted_png(index: NDArray[Any], palette: Sequence[Color]) -> bytes:
    """
    Return a picture as PNG with a palette, in as few bits a pixel as the palette allows (编码 PNG).

    Parameters
    ----------
    index : (rows, cols) array of uint8
        Number of each pixel's colour.
    palette : sequence of (r, g, b, a)
        At most 256 colours.

    Examples
    --------
    >>> data = paletted_png(np.zeros((1, 1), dtype=np.uint8), [(255, 0, 0, 255)])
    >>> data[:8] == bytes([137]) + b"PNG" + bytes([13, 10, 26, 10])
    True
    """
    rows, cols = index.shape
    depth = next(bits for bits in (1, 2, 4, 8) if len(palette) <= 1 << bits)
    lines = _packed(np.asarray(index, dtype=np.uint8), depth)
    filtered = np.concatenate([np.zeros((rows, 1), dtype=np.uint8), lines], axis=1)
    colors = b"".join(bytes(c[:3]) for c in palette)
    opacity = bytes(c[3] for c in palette)
    header = struct.pack(">IIBBBBB", cols, rows, depth, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", colors), (b"tRNS", opacity)]
    chunks += [(b"IDAT", zlib.compress(filtered.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def data_url(png: bytes) -> str:
    """Return a picture as text that a page can hold (内嵌图像)."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _packed(index: NDArray[np.uint8], depth: int) -> NDArray[np.uint8]:
    """Put several pixels in a byte, the first in the high bits."""
    each = 8 // depth
    rows, cols = index.shape
    wide = np.zeros((rows, -(-cols // each) * each), dtype=np.uint8)
    wide[:, :cols] = index
    shift = np.arange(each - 1, -1, -1, dtype=np.uint8) * np.uint8(depth)
    parts = wide.reshape(rows, -1, each) << shift
    return np.asarray(np.bitwise_or.reduce(parts, axis=2), dtype=np.uint8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
