"""
Formulas in cells (防公式): text that a spreadsheet would take for a formula gets an apostrophe before it.

Everything that goes out as a workbook or a CSV file is written through :func:`safe`.
"""

from __future__ import annotations

from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet takes for a formula."""


def safe(value: Any) -> Any:
    """
    Return a cell's value such that no spreadsheet takes it for a formula (防公式).

    Parameters
    ----------
    value : object
        Whatever is no text is left as it is.

    Examples
    --------
    >>> safe("=1+1"), safe("五寨县"), safe(-1.5)
    ("'=1+1", '五寨县', -1.5)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def unsafe(value: Any) -> Any:
    """
    Return what :func:`safe` was given (还原).

    Examples
    --------
    >>> unsafe("'=1+1"), unsafe("五寨县")
    ('=1+1', '五寨县')
    """
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith(FORMULA):
        return value[1:]
    return value
