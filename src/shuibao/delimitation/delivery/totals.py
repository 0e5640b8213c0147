"""Number and area of zones by county and town; what is listed adds up to 0.01 hm² (面积汇总)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shuibao.delimitation.draft.units import Units
from shuibao.zoning.layer import ACROSS, KINDS, ZoneLayer

NO_TOWN = "未划入乡镇"
"""What is called what lies in no town."""


@dataclass(frozen=True)
class Total:
    """
    Number and area of the zones of one kind in one place (汇总行).

    Parameters
    ----------
    kind : str
        Kind of the zones.
    county, county_name : str
        Code and name; empty for the whole region.
    town, town_name : str
        Code and name; empty for a whole county, and for what lies in no town.
    level : {"region", "county", "town"}
        What it is the total of.
    zones : int
        Zones.
    hundredths : int
        Listed area, hundredths of a hectare.
    mean_slope : float
        Mean slope weighted with area, deg; NaN where it is not known.
    """

    kind: str
    county: str
    county_name: str
    town: str
    town_name: str
    level: str
    zones: int
    hundredths: int
    mean_slope: float = float("nan")

    @property
    def area_hm2(self) -> float:
        """Return the listed area, hm²."""
        return self.hundredths / 100

    @property
    def names(self) -> tuple[str, str]:
        """Return what county and town are called in a table (县名与乡镇名)."""
        county = {"region": "合计"}.get(self.level, self.county_name or ACROSS)
        return county, self.town_name or (NO_TOWN if self.level == "town" else "")


def totals_of(layer: ZoneLayer, units: Units) -> list[Total]:
    """
    Return the totals of each kind: the region, then each county and its towns, those without zones too (汇总).

    Where zones lie across counties, a county without a zone of its own is left out: it may well hold a part of one.

    Parameters
    ----------
    layer : ZoneLayer
        Zones whose listed areas add up.
    units : Units
        Counties and towns of the region.

    Returns
    -------
    list of Total
        Each total is the sum of the totals below it.
    """
    found: list[Total] = []
    by_town = not len(layer) or any(layer.columns["town"])  # some kinds are not cut by town
    for kind in (k for k, theme in KINDS.items() if theme == layer.theme):
        mine = layer.subset(np.asarray(layer.columns["kind"], dtype=np.str_) == kind)
        if not len(mine) and kind != layer.theme:
            continue
        found.append(_total(mine, kind, ("", "", "", ""), "region"))
        across = bool(len(mine)) and not all(mine.columns["county"])  # zones of several counties belong to none
        for county, name in zip(units.counties.codes, units.counties.names, strict=True):
            here = mine.subset(np.asarray(mine.columns["county"], dtype=np.str_) == county)
            if across and not len(here):
                continue
            found.append(_total(here, kind, (county, name, "", ""), "county"))
            found += _towns(here, kind, county, name, units) if by_town else []
        found += _elsewhere(mine, kind, units)
    return found


def _towns(here: ZoneLayer, kind: str, county: str, name: str, units: Units) -> list[Total]:
    """Return the totals of a county's towns, and of what lies in none if there is any."""
    if not units.towns.codes:
        return []
    own = [(c, n) for c, n in zip(units.towns.codes, units.towns.names, strict=True) if c.startswith(county)]
    of = np.asarray(here.columns["town"], dtype=np.str_)
    found = [_total(here.subset(of == code), kind, (county, name, code, town), "town") for code, town in own]
    rest = here.subset(~np.isin(of, [code for code, _ in own]))
    return found + ([_total(rest, kind, (county, name, "", ""), "town")] if len(rest) and own else [])


def _elsewhere(mine: ZoneLayer, kind: str, units: Units) -> list[Total]:
    """Return what is listed under no county of the region, so that the sum is whole."""
    rest = mine.subset(~np.isin(np.asarray(mine.columns["county"], dtype=np.str_), list(units.counties.codes)))
    return [_total(rest, kind, ("", "", "", ""), "county")] if len(rest) else []


def _total(zones: ZoneLayer, kind: str, place: tuple[str, str, str, str], level: str) -> Total:
    hundredths = np.rint(np.asarray(zones.columns["area_hm2"], dtype=np.float64) * 100)
    return Total(kind, *place, level, len(zones), int(hundredths.sum()), _mean_slope(zones))


def _mean_slope(zones: ZoneLayer) -> float:
    if "mean_slope" not in zones.columns or not len(zones):
        return float("nan")
    slope, area = (np.asarray(zones.columns[name], dtype=np.float64) for name in ("mean_slope", "area_m2"))
    known = np.isfinite(slope)
    return float(np.average(slope[known], weights=area[known])) if area[known].sum() > 0 else float("nan")


def total_rows(totals: Sequence[Total], kind_names: dict[str, str]) -> list[dict[str, Any]]:
    """
    Return totals as rows of a table (汇总表行).

    Parameters
    ----------
    totals : sequence of Total
        From :func:`totals_of`.
    kind_names : dict of str to str
        Name of each kind.
    """
    return [
        {
            "kind": total.kind, "kind_name": kind_names.get(total.kind, total.kind), "level": total.level,
            "county": total.county, "county_name": total.names[0], "town": total.town, "town_name": total.names[1],
            "zones": total.zones, "area_hm2": total.area_hm2,
        }
        for total in totals
    ]  # fmt: skip
