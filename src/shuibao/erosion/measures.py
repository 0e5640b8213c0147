"""
Engineering factor E of terraces, ditches and pits (工程措施因子 E).

E is 1 where no measure is mapped. A cell takes the measure of its mapped patch; measures are not multiplied. The slope
length stays that of the terrain: a terrace speaks once, through E.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from shuibao.messages import ShuibaoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from shuibao.rules import Rules


def measure_factors(rules: Rules, codes: Mapping[int, str] | None = None) -> NDArray[np.float64]:
    """
    E of each code of a map of measures (工程措施赋值表).

    Parameters
    ----------
    rules : Rules
        Rule packs in force; ``measure.<id>`` is asked for each id.
    codes : mapping of int to str, optional
        Codes 1-255 of the map, and the id of the measure in the packs that each stands for. Without it, the codes of
        ``measure_code.classes``.

    Returns
    -------
    (256,) array
        E by code, dimensionless. Code 0 is no measure, E = 1; NaN at codes that stand for nothing.

    Raises
    ------
    ShuibaoError
        If a code is outside 1-255.
    """
    if codes is None:
        codes = {measure["code"]: measure["id"] for measure in rules.value("measure_code.classes")}
    return factor_table({code: float(rules.value(f"measure.{name}")) for code, name in codes.items()}, none=1.0)


def factor_table(factors: Mapping[int, float], *, none: float) -> NDArray[np.float64]:
    """
    Lookup array of a factor by code of a class map (因子查找表).

    Parameters
    ----------
    factors : mapping of int to float
        Factor of each code 1-255.
    none : float
        Factor where the map holds nothing, code 0.

    Returns
    -------
    (256,) array
        Factor by code; NaN at codes that stand for nothing.

    Raises
    ------
    ShuibaoError
        If a code is outside 1-255.

    Examples
    --------
    >>> factor_table({1: 0.084, 2: 0.414}, none=1.0)[[0, 1, 2, 3]].tolist()
    [1.0, 0.084, 0.414, nan]
    """
    table = np.full(256, np.nan)
    table[0] = none
    for code, factor in factors.items():
        if not 1 <= code <= 255:
            zh = f"措施代码 {code} 不在 1～255 之间；0 表示没有措施，请改用 1～255 的代码"
            en = f"code {code} is outside 1 to 255; 0 means none, use codes from 1 to 255"
            raise ShuibaoError(zh, en)
        table[code] = factor
    return table


def look_up(codes: ArrayLike, table: NDArray[np.float64], *, where: str) -> NDArray[np.float64]:
    """
    Factor of each cell of a class map (按代码查因子).

    Parameters
    ----------
    codes : (...) array of uint8
        Class map.
    table : (256,) array
        Factor by code. From :func:`factor_table`.
    where : str
        Name of the map, for the message.

    Returns
    -------
    (...) array
        Factor, dimensionless.

    Raises
    ------
    ShuibaoError
        If the map holds codes that the table does not know: which, and how many cells.

    Examples
    --------
    >>> look_up([0, 1], factor_table({1: 0.084}, none=1.0), where="inputs.measures").tolist()
    [1.0, 0.084]
    """
    cells = np.asarray(codes, dtype=np.uint8)
    factors = table[cells]
    unknown = np.isnan(factors)
    if unknown.any():
        found, counts = np.unique(cells[unknown], return_counts=True)
        listed = [f"{code} ({count})" for code, count in zip(found.tolist(), counts.tolist(), strict=True)]
        zh = f"{where}：有不认识的代码（像元数）{'、'.join(listed)}；请补充代码对照表或改正该图"
        en = f"{where}: unknown codes (cells) {', '.join(listed)}; add them to the table of codes or correct the map"
        raise ShuibaoError(zh, en)
    return factors
