"""The encoding of a shapefile's table: declared, or told from its bytes (属性表编码)."""

from __future__ import annotations

import codecs
from pathlib import Path

LANGUAGE_DRIVER, UNSAID = 29, (0x00, 0x57)
"""Where a dBase table says its code page, and the values that say nothing."""

LOOKED_AT = 1 << 20
"""Bytes of a table that are looked at to tell its encoding."""


def shapefile_encoding(dbf: Path, cpg: Path | None) -> tuple[str | None, bool]:
    """
    Return the encoding of a shapefile's table, and whether the shapefile says so itself (属性表编码).

    Parameters
    ----------
    dbf : Path
        The table.
    cpg : Path or None
        The file that names its encoding.

    Returns
    -------
    encoding : str or None
        None where the reader knows best.
    declared : bool
        Whether a ``.cpg``, or the table's own mark, names it. A table without a character beyond ASCII needs none.
    """
    with dbf.open("rb") as file:
        head = file.read(LOOKED_AT)
    if cpg is not None and cpg.read_bytes().strip():
        return None, True
    if len(head) > LANGUAGE_DRIVER and head[LANGUAGE_DRIVER] not in UNSAID:
        return None, True
    text = head[int.from_bytes(head[8:10], "little") :]  # behind the head, whose widths of fields are no text
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return "GBK", False
    return "UTF-8", text.isascii()
