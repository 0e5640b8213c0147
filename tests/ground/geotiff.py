"""The directories of a TIFF, read with nothing but the standard library."""

from __future__ import annotations

import struct

_FORMATS = {1: "B", 2: "s", 3: "H", 4: "I", 12: "d", 16: "Q"}

Directory = dict[int, tuple[float, ...] | bytes]


def directories(raw: bytes) -> tuple[bool, list[int], list[Directory]]:
    """Return whether it is a BigTIFF, the place of each directory, and their tags."""
    order, version = struct.unpack_from("<2sH", raw, 0)
    assert order == b"II"
    assert version in (42, 43)
    big = version == 43
    if big:
        assert struct.unpack_from("<HH", raw, 4) == (8, 0)
    (place,) = struct.unpack_from("<Q" if big else "<I", raw, 8 if big else 4)
    places, found = [], []
    while place:
        places.append(place)
        tags, place = _directory(raw, place, big)
        found.append(tags)
    return big, places, found


def _directory(raw: bytes, place: int, big: bool) -> tuple[Directory, int]:
    count_format, entry_format, size, room = ("<Q", "<HHQ", 20, 8) if big else ("<H", "<HHI", 12, 4)
    (count,) = struct.unpack_from(count_format, raw, place)
    first = place + struct.calcsize(count_format)
    tags: Directory = {}
    order = []
    for k in range(count):
        at = first + size * k
        tag, kind, number = struct.unpack_from(entry_format, raw, at)
        order.append(tag)
        layout = f"<{number}{_FORMATS[kind]}"
        values_at = at + struct.calcsize(entry_format)
        if struct.calcsize(layout) > room:
            (values_at,) = struct.unpack_from("<Q" if big else "<I", raw, values_at)
            assert values_at % 2 == 0  # TIFF 6.0: on a word
        values = struct.unpack_from(layout, raw, values_at)
        tags[tag] = values[0] if kind == 2 else values
    assert order == sorted(set(order))  # TIFF 6.0: ascending
    return tags, struct.unpack_from("<Q" if big else "<I", raw, first + size * count)[0]
