"""What erodes and what people disturb inside the zones, and what has changed since another year (重点区监测)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.watching.overlaps import drawn_layers
from shuibao.delimitation.watching.zone_facts import count_by_zone, zone_facts
from shuibao.facts.by_zone import disturbed_and_eroded
from shuibao.facts.rate import exact_sum, first_eroded_class
from shuibao.facts.table import Facts
from shuibao.messages import CallError
from shuibao.rules import Rules, load_rules
from shuibao.survey.region import Region
from shuibao.zoning.layer import HECTARE, KINDS, ZoneLayer
from shuibao.zoning.prevention_treatment_indices import land_codes

LEVELS = ("kind", "county", "zone")
"""What zones may be put together by: 种类、种类与县、逐个."""

AREAS = ("area", "eroded", "missing", "disturbed", "disturbed_eroded")
"""Areas that are told of: all, eroded, without soil loss, disturbed by people, and eroded of that."""

Measures = Mapping[str, NDArray[np.float64]]


def monitoring_rows(
    region: Region, themes: Sequence[str] = (), *, by: str = "kind", against: Region | None = None
) -> list[dict[str, Any]]:
    """
    Return what erodes and what is disturbed inside the zones of a region (分区监测表).

    Parameters
    ----------
    region : Region
        A region whose zones were drawn.
    themes : sequence of str
        Themes; all that are drawn if empty.
    by : {"kind", "county", "zone"}
        What zones are put together by.
    against : Region, optional
        The same land in another year, run; its facts are counted inside the same zones.

    Returns
    -------
    list of dict
        ``theme``, ``kind``, ``county``, ``code``, ``name``, ``zones``, ``year``; areas in hm²: ``area_hm2``,
        ``eroded_hm2``, ``missing_hm2``, ``disturbed_hm2``, ``disturbed_eroded_hm2``, ``intensity_1_hm2`` and so on;
        ``eroded_percent``; ``soil_loss_t``. With another year also ``year_before`` and each of these with ``_before``
        and ``_change`` (this year less that).

    Raises
    ------
    CallError
        If there is no such grouping, or the other region lies on another grid.
    ShuibaoError
        If nothing is drawn, or a region was not run.
    """
    if by not in LEVELS:
        raise CallError(
            f"不能按「{by}」汇总；可用：{'、'.join(LEVELS)}。", f"cannot group by '{by}'; use {', '.join(LEVELS)}."
        )
    if against is not None and against.projection != region.projection:
        raise CallError(
            f"{against.folder} 与 {region.folder} 的投影不同，不能比较；请用同一格网的两年。",
            f"{against.folder} and {region.folder} have different projections and cannot be compared.",
        )
    rules = load_rules(region.packs)
    rows: list[dict[str, Any]] = []
    for theme, layer in drawn_layers(region, themes).items():
        now = _measured(zone_facts(region, theme, layer), layer, rules)
        then = None if against is None else _measured(count_by_zone(against, layer), layer, rules)
        for words, mine in _groups(layer, by):
            row = {**words, "year": region.year, **_told(now, mine)}
            if then is not None and against is not None:
                before = _told(then, mine)
                row |= {"year_before": against.year, **{f"{name}_before": value for name, value in before.items()}}
                row |= {f"{name}_change": _less(row[name], value) for name, value in before.items()}
            rows.append(row)
    return rows


def _less(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else round(now - before, 6)


def _measured(facts: Facts, layer: ZoneLayer, rules: Rules) -> Measures:
    zones = {str(code): k for k, code in enumerate(layer.columns["code"])}
    disturbed = np.array(land_codes(rules, classes=rules.value("zone_monitor.disturbed_land")), dtype=np.int64)
    classes = len(rules.value("erosion_intensity.classes"))
    return disturbed_and_eroded(facts, zones, disturbed, first_eroded_class(rules), classes)


def _groups(layer: ZoneLayer, by: str) -> list[tuple[dict[str, Any], NDArray[np.bool_]]]:
    """Return the groups of zones with their names."""
    kind, county, code = (np.asarray(layer.columns[name], dtype=np.str_) for name in ("kind", "county", "code"))
    found = []
    key: Callable[[int], tuple[str, str, str]] = {
        "kind": lambda k: (str(kind[k]), "", ""),
        "county": lambda k: (str(kind[k]), str(county[k]), ""),
        "zone": lambda k: (str(kind[k]), str(county[k]), str(code[k])),
    }[by]
    keys = [key(k) for k in range(len(layer))]
    order = {name: k for k, name in enumerate(KINDS)}
    for one in sorted(set(keys), key=lambda each: (order[each[0]], each[1], each[2])):
        mine = np.array([each == one for each in keys], dtype=np.bool_) if by != "zone" else code == one[2]
        first = int(np.flatnonzero(mine)[0])
        names = {
            "kind": "",
            "county": str(layer.columns["county_name"][first]),
            "zone": str(layer.columns["name"][first]),
        }
        words = {"theme": layer.theme, "kind": one[0], "county": one[1], "code": one[2], "name": names[by]}
        found.append((words | {"zones": int(mine.sum())}, mine))
    return found


def _told(measures: Measures, mine: NDArray[np.bool_]) -> dict[str, float | None]:
    """Return the measures of some zones together."""
    square = {name: exact_sum(values[mine]) for name, values in measures.items() if name.endswith("_m2")}
    out: dict[str, float | None] = {name.replace("_m2", "_hm2"): value / HECTARE for name, value in square.items()}
    whole = square["area_m2"]
    out["eroded_percent"] = 100.0 * square["eroded_m2"] / whole if whole else None
    out["soil_loss_t"] = float(measures["soil_loss_t"][mine].sum())
    return out
