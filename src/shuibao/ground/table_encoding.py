"""The encoding of a shapefile's table: declared, or told from its bytes (属性表编码)."""

from __future__ import annotations

import codecs
import re
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
        Whether a ``.cpg``, or the table's own mark, names it. A table without a character beyond ASCII needs none, and a
        ``.cpg`` that names no encoding is as good as none.
    """
    with dbf.open("rb") as file:
        head = file.read(LOOKED_AT)
    word = "" if cpg is None else cpg.read_bytes()[:64].decode("ascii", "replace").strip()
    if word and (named := _named(word)) is not None:
        return named or None, True
    if len(head) > LANGUAGE_DRIVER and head[LANGUAGE_DRIVER] not in UNSAID:
        return None, True
    text = head[int.from_bytes(head[8:10], "little") :]  # behind the head, whose widths of fields are no text
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return "GBK", False
    return "UTF-8", text.isascii()


def _named(word: str) -> str | None:
    """Return the encoding that a ``.cpg`` names where OGR does not understand it, "" where it does; None for no encoding."""
    page = re.fullmatch(r"(?:ANSI|OEM|CP|windows-)?\s*(\d+)", word, re.IGNORECASE)
    if page is not None and page[1] in _PAGES:
        return _PAGES[page[1]]
    try:
        codecs.lookup(word)
    except LookupError:
        return "" if page is not None and word.isdigit() else None
    return ""


_PAGES = {"936": "GBK", "54936": "GB18030", "65001": "UTF-8"}
"""Code pages as Windows numbers them."""
