"""Official control areas: the facts add up to them, and what was moved is said (控制面积)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from shuibao.facts.table import Facts
from shuibao.messages import ShuibaoError

HUNDREDTHS = 100.0
"""Areas are whole hundredths of a square metre, as the land survey has them."""


@dataclass(frozen=True)
class Residual:
    """
    What a county's area on the grid lacks of its control area (控制面积残差).

    Parameters
    ----------
    code : str
        County.
    measured_m2, control_m2 : float
        Area counted on the grid, and the official one.
    """

    code: str
    measured_m2: float
    control_m2: float

    @property
    def difference_m2(self) -> float:
        """Return control less measured, m²."""
        return self.control_m2 - self.measured_m2

    @property
    def percent(self) -> float:
        """Return the difference in percent of the control area."""
        return 100.0 * self.difference_m2 / self.control_m2


def honour_control_areas(facts: Facts, control_m2: Mapping[str, float]) -> tuple[Facts, list[Residual]]:
    """
    Spread each county's residual over its rows by area, so that they add up to its control area (控制面积平差).

    Parameters
    ----------
    facts : Facts
        Facts as counted.
    control_m2 : mapping of str to float
        Control area by county code, m². Counties without one stay as they are.

    Returns
    -------
    facts : Facts
        Areas in whole hundredths of a square metre that add up exactly; cells and soil loss are untouched.
    residuals : list of Residual
        What was moved, by county.

    Raises
    ------
    ShuibaoError
        If a control area is not positive, or a code has no facts.

    Examples
    --------
    Three rows of one cell each share 2701 m²:

    >>> import numpy as np
    >>> from shuibao.facts.table import facts_from_counts
    >>> one = np.ones(3, dtype=np.int64)
    >>> counts = dict.fromkeys(("county", "slope_class", "cover_class", "intensity", "zone", "cells", "grams"), one)
    >>> facts = facts_from_counts({**counts, "land_use": np.arange(3)}, ["140932"], 900.0, {})
    >>> honour_control_areas(facts, {"140932": 2701.0})[0].column("area_m2").tolist()
    [900.34, 900.33, 900.33]
    """
    codes, county = facts.places("county")
    measured = facts.column("area_m2")
    adjusted = measured.copy()
    residuals = []
    for code, control in sorted(control_m2.items()):
        _check(code, control, code in codes)
        rows = np.flatnonzero(county == codes.index(code))
        adjusted[rows] = shared_out(measured[rows], control)
        residuals.append(Residual(code, float(measured[rows].sum()), control))
    at = facts.table.column_names.index("area_m2")
    return Facts(facts.table.set_column(at, "area_m2", pa.array(adjusted)), facts.metadata), residuals


def shared_out(shares: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """
    Return a total in whole hundredths, shared out by size, the largest remainders first (最大余数分配).

    Parameters
    ----------
    shares : (n,) array
        Sizes to share by.
    total : float
        What they shall add up to.
    """
    whole = round(total * HUNDREDTHS)
    ideal = shares * (whole / shares.sum())
    floor = np.floor(ideal).astype(np.int64)
    left = whole - int(floor.sum())
    order = np.argsort(-(ideal - floor), kind="stable")
    floor[order[:left]] += 1
    return floor / HUNDREDTHS


def _check(code: str, control: float, known: bool) -> None:
    if not known:
        raise ShuibaoError(
            f"控制面积中的县级代码 {code} 不在本区域内；请核对 inputs.control_areas。",
            f"the control areas name county {code}, which is not in the region; check inputs.control_areas.",
        )
    if not (np.isfinite(control) and control > 0):
        raise ShuibaoError(
            f"{code} 的控制面积为 {control}，应大于 0；请核对 inputs.control_areas。",
            f"the control area of {code} is {control}; it must be positive. Check inputs.control_areas.",
        )
