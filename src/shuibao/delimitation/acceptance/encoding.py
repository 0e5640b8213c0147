"""Encodings of attribute tables: declared, undeclared and wrong (属性表编码)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

CHINESE = ("GBK", "UTF-8")


def column_values(column: pa.ChunkedArray) -> tuple[NDArray[np.object_], bool]:
    """
    Return the values of a column, missing as None, and whether its text could be decoded (字段值).

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        A column as it was read; text that is not UTF-8 is tried as GBK.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    try:
        return _objects(column.to_pylist()), True
    except UnicodeDecodeError:
        raw = column.cast(pa.large_binary()).to_pylist()
        return _objects([None if item is None else _decoded(item) for item in raw]), False


def _objects(values: list[Any]) -> NDArray[np.object_]:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gbk"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def is_garbled(text: str) -> bool:
    r"""
    Tell whether text was read in the wrong encoding (是否乱码).

    Text with a replacement character; Chinese in GBK read as Latin-1; Chinese in UTF-8 read as GBK.

    Parameters
    ----------
    text : str
        A value.

    Examples
    --------
    >>> wrong = ["重点预防区".encode("gbk").decode("latin-1"), "重点预防区".encode().decode("gbk", "ignore")]
    >>> [is_garbled(text) for text in [*wrong, "五寨县", "Zürich", "a\ufffd"]]
    [True, True, False, False, True]
    """
    if text.isascii():
        return False
    return (
        any(mark in text for mark in MARKS) or _is_chinese(text, "latin-1", "gbk") or _is_chinese(text, "gbk", "utf-8")
    )


MARKS = ("\ufffd", "锟斤拷")
"""What is left of text that could not be decoded, and of that mark read as GBK."""

CUT = 3
"""Bytes at the end of a text that a field too short may have cut off."""


def _is_chinese(text: str, wrong: str, right: str) -> bool:
    """Tell whether text turns into two Chinese characters or more when it is read again."""
    try:
        raw = text.encode(wrong)
    except UnicodeError:
        return False
    for cut in range(min(CUT, len(raw))):
        try:
            again = raw[: len(raw) - cut].decode(right)
        except UnicodeError:
            continue
        return sum("\u4e00" <= c <= "\u9fff" for c in again) > 1
    return False
