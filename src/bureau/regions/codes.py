"""
Region codes and what they hold (行政区划代码, GB/T 2260; towns have nine digits, 统计用区划代码).

Scope is a matter of prefixes: a region holds every region whose code begins with its own, less the zeros that only fill.
"""

from __future__ import annotations

NATION = "000000"
"""Code of the nation: it holds every region."""


def prefix_of(code: str) -> str:
    """
    Return what the codes of a region and of all within it begin with (代码前缀).

    Parameters
    ----------
    code : str
        Six digits, or nine for a town.

    Examples
    --------
    >>> [prefix_of(code) for code in ("000000", "140000", "140900", "140921", "140921101")]
    ['', '14', '1409', '140921', '140921101']
    """
    if len(code) > 6:
        return code
    while code.endswith("00"):
        code = code[:-2]
    return code


def parent_code(code: str) -> str | None:
    """
    Return the code of the region that a region lies in; None for the nation (上级代码).

    Parameters
    ----------
    code : str

    Examples
    --------
    >>> [parent_code(code) for code in ("000000", "140000", "140900", "140921", "140921101")]
    [None, '000000', '140000', '140900', '140921']
    """
    prefix = prefix_of(code)
    if not prefix:
        return None
    if len(prefix) > 6:
        return prefix[:6]
    return prefix[:-2].ljust(6, "0")
