"""The conservation rate: the share of land that does not erode (水土保持率)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from shuibao.facts.table import Facts

if TYPE_CHECKING:
    from shuibao.rules import Rules, Targets


@dataclass(frozen=True)
class Rate:
    """
    The conservation rate of a county or a region, beside its target (水土保持率与目标).

    Parameters
    ----------
    code, name : str
        Code and name; the region's own row has an empty code.
    area_m2 : float
        Land area: the denominator.
    eroded_m2 : float
        Area that erodes at the class where erosion begins, or above.
    missing_m2 : float
        Area whose soil loss is missing; it counts as land and not as eroded.
    soil_loss_t : float
        Soil loss, t/a.
    target : float or None
        Target of the year, %.
    target_year : int or None
        Year of the target.
    """

    code: str
    name: str
    area_m2: float
    eroded_m2: float
    missing_m2: float
    soil_loss_t: float
    target: float | None
    target_year: int | None

    @property
    def rate(self) -> float:
        """Return the conservation rate, %: 100 (1 - eroded / land). NaN for no land."""
        return 100.0 * (1.0 - self.eroded_m2 / self.area_m2) if self.area_m2 else float("nan")

    @property
    def gap(self) -> float | None:
        """Return rate less target, percentage points; None without a target."""
        return None if self.target is None else self.rate - self.target

    @property
    def modulus(self) -> float:
        """Return mean soil loss, t/(km²·a), over the land whose soil loss is known."""
        known = self.area_m2 - self.missing_m2
        return self.soil_loss_t / (known / 1e6) if known else float("nan")


def rates(
    facts: Facts,
    names: Mapping[str, str],
    rules: Rules,
    *,
    region_name: str,
    targets: Targets | None = None,
    year: int | None = None,
) -> list[Rate]:
    r"""
    Conservation rates of all counties and of the region (各县及全区水土保持率).

    Parameters
    ----------
    facts : Facts
        Facts of one year.
    names : mapping of str to str
        Names of the counties by code.
    rules : Rules
        ``conservation_rate.eroded_from`` says from which class on land is eroded.
    region_name : str
        Name for the region's own row, which comes last.
    targets : Targets, optional
        Targets to set beside.
    year : int, optional
        Year of the facts; the first target year that is not before it is used.

    Returns
    -------
    list of Rate
        Counties in order of their codes, then the region.

    Notes
    -----
    .. math:: \mathrm{rate} = 100 \left(1 - \frac{A_\mathrm{eroded}}{A_\mathrm{land}}\right)

    The denominator is the area counted in the facts, which is the official control area where one was given.
    """
    facts = Facts(facts.grouped(["county", "intensity"]), facts.metadata)
    county = facts.column("county")
    area = facts.column("area_m2")
    grams = facts.column("soil_loss_g")
    intensity = facts.column("intensity")
    eroded = intensity >= first_eroded_class(rules)
    goal = target_year(targets, year)

    def row(code: str, name: str, chosen: NDArray[np.bool_], target: float | None) -> Rate:
        return Rate(
            code=code,
            name=name,
            area_m2=exact_sum(area[chosen]),
            eroded_m2=exact_sum(area[chosen & eroded]),
            missing_m2=exact_sum(area[chosen & (intensity == 0)]),
            soil_loss_t=int(grams[chosen].sum()) / 1e6,
            target=target,
            target_year=goal if target is not None else None,
        )

    def target_of(code: str) -> float | None:
        return None if targets is None or goal is None else targets.percent(code, goal)

    out = [row(code, names.get(code, code), county == code, target_of(code)) for code in sorted(set(county))]
    own = None if targets is None else target_of(_code_of_whole(targets, set(county)))
    out.append(row("", region_name, np.ones(county.size, dtype=bool), own))
    return out


def _code_of_whole(targets: Targets, codes: set[str]) -> str:
    """Return the code whose target is that of all the land in the facts; empty if there is none."""
    if codes == {entry.code for entry in targets.entries}:
        return targets.code
    return next(iter(codes)) if len(codes) == 1 else ""


def exact_sum(areas: NDArray[Any]) -> float:
    """
    Return the sum of areas, m², exact to 0.01 m² whatever their order (面积求和).

    Parameters
    ----------
    areas : array
        Areas, m².

    Examples
    --------
    >>> exact_sum(np.array([0.1, 0.2]))
    0.3
    """
    return int(np.rint(np.asarray(areas, dtype=np.float64) * 100.0).astype(np.int64).sum()) / 100.0


def first_eroded_class(rules: Rules) -> int:
    """Return the code of the first class that counts as eroded (计为水土流失的最低强度)."""
    name = rules.value("conservation_rate.eroded_from")
    classes = {str(c["id"]): int(c["code"]) for c in rules.value("erosion_intensity.classes")}
    return classes[name] if name in classes else int(name)


def target_year(targets: Targets | None, year: int | None) -> int | None:
    """Return the first target year that is not before ``year``, or the last there is (对应的目标年)."""
    if targets is None:
        return None
    years = targets.years()
    later = [y for y in years if year is None or y >= year]
    return later[0] if later else (years[-1] if years else None)
