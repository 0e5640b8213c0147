"""
Tillage factor T of cropland, by rotation region and practice (耕作措施因子 T).

T applies to cropland only, in the place of B; it is 1 on all other land.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuibao.erosion.measures import factor_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from shuibao.rules import Rules


def tillage_factors(rules: Rules, codes: Mapping[int, str] | None = None) -> NDArray[np.float64]:
    """
    T of each code of a map of rotation regions or practices (耕作措施赋值表).

    Parameters
    ----------
    rules : Rules
        Rule packs in force; ``tillage.<id>`` is asked for each id, and ``tillage.default``.
    codes : mapping of int to str, optional
        Codes 1-255 of the map, and the id of the region or practice in the packs that each stands for. Without it, the
        codes of ``tillage_code.classes``.

    Returns
    -------
    (256,) array
        T by code, dimensionless. Code 0 is ``tillage.default``; NaN at codes that stand for nothing.

    Raises
    ------
    ShuibaoError
        If a code is outside 1-255.
    """
    if codes is None:
        codes = {way["code"]: way["id"] for way in rules.value("tillage_code.classes")}
    named = {code: float(rules.value(f"tillage.{name}")) for code, name in codes.items()}
    return factor_table(named, none=float(rules.value("tillage.default")))


def combined_tillage(region: float, practice: float = 1.0) -> float:
    """
    T of a rotation region worked by a practice (轮作与耕作措施合成).

    Parameters
    ----------
    region : float
        T of the rotation region, dimensionless.
    practice : float
        T of the practice, dimensionless; 1 where none is known.

    Returns
    -------
    float
        Their product, dimensionless.

    Examples
    --------
    >>> round(combined_tillage(0.417, 0.431), 4)
    0.1797
    """
    return region * practice
