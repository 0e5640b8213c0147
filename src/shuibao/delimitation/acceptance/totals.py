"""What is summed: lists and totals against the shapes they belong to (合计检查)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.areas import numbers
from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.fields import AREA_UNITS, code_table
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.delimitation.acceptance.tables import ListTable, Row
from shuibao.rules import Rules
from shuibao.zoning.layer import ACROSS, HECTARE

WHOLE_WORDS = ("合计", "总计", "全县", "全市", "全省", "total", "region")
"""Words in a row that is the sum of the others."""

NOT_WORDS = (*AREA_UNITS, "code", "name", "basis")
"""Columns in which such a word means nothing."""

UNPLACED = (ACROSS, "未划入乡镇")
"""Names of what lies in none of the places of a table."""

PLACES = ("county", "county_name", "town", "town_name")

LEVEL_WORDS = {("county", "county_name"): ("county", "县"), ("town", "town_name"): ("town", "乡镇")}
"""How a row of totals says that it is of a county or a town, by the columns that name it."""


def listed_hm2(layer: Submitted) -> NDArray[np.float64]:
    """
    Return the area that each zone states, hm²; that of its shape where it states none (填写面积).

    Parameters
    ----------
    layer : Submitted
        The layer.
    """
    found = layer.area_m2 / HECTARE
    for name in ("area_km2", "area_m2", "area_hm2"):
        stated = numbers(layer.columns.get(name), len(layer)) * AREA_UNITS[name] / HECTARE
        found = np.where(np.isfinite(stated), stated, found)
    return np.nan_to_num(found)


def check_totals(layer: Submitted, tables: Sequence[ListTable], rules: Rules, ledger: Ledger) -> None:
    """
    Check lists and totals against a layer (合计检查).

    A table with codes is a list: each of its zones must be in the layer, with its area. A table without is one of totals:
    each of its rows must be the sum of the zones it speaks of.

    Parameters
    ----------
    layer : Submitted
        The layer.
    tables : sequence of ListTable
        Tables of the same theme.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    """
    for table in tables:
        if not table.area:
            continue
        if "code" in table.names:
            _check_list(layer, table, rules, ledger)
        else:
            _check_sums(layer, table, rules, ledger)


def _check_list(layer: Submitted, table: ListTable, rules: Rules, ledger: Ledger) -> None:
    known = dict(zip(layer.codes, listed_hm2(layer).tolist(), strict=True))
    unit = AREA_UNITS[table.area] / HECTARE
    tolerance = rules.value("zone_acceptance.total_area")
    whole = [row for row in table.rows if row.get("code", "") not in known and _is_whole(row)]
    details = [row for row in table.rows if row.get("code") and row not in whole]
    stated = numbers(_column(details, table.area), len(details)) * unit
    codes = [row["code"] for row in details]
    if lacking := sorted(set(known) - set(codes) - {""}):
        found = (
            f"清单缺少 {len(lacking)} 个编号，如 {lacking[0]}",
            f"the list lacks {len(lacking)} codes, as {lacking[0]}",
        )
        ledger.file("total-differs", table.where, found, ("与图层相同", "those of the layer"), lacking[0])
    if strange := sorted(set(codes) - set(known)):
        found = (
            f"清单多出 {len(strange)} 个编号，如 {strange[0]}",
            f"the list has {len(strange)} codes more, as {strange[0]}",
        )
        ledger.file("total-differs", table.where, found, ("与图层相同", "those of the layer"), strange[0])
    for code, area in zip(codes, stated.tolist(), strict=True):
        if code in known and abs(area - known[code]) > tolerance + 1e-9:
            found = (
                f"清单 {area:,.2f} hm²，图层 {known[code]:,.2f} hm²",
                f"{area:,.2f} hm² in the list, {known[code]:,.2f} hm² in the layer",
            )
            ledger.file("total-differs", table.where, found, _within(tolerance), code)
    for row in whole:
        _compare(layer, table, row, np.ones(len(layer), dtype=bool), rules, ledger)


def _check_sums(layer: Submitted, table: ListTable, rules: Rules, ledger: Ledger) -> None:
    kinds = code_table(rules, "zone_kind.classes")
    columns = {name: np.array(layer.texts(name), dtype=object) for name in PLACES if name in layer.columns}
    listed = {name: {row[name] for row in table.rows if row.get(name)} for name in PLACES}
    for row in table.rows:
        kind = next((name for name in ("kind", "kind_name") if row.get(name)), "")
        places = _places(row, columns)
        if places is None or not (places or kind or _is_whole(row)):
            continue
        chosen = np.ones(len(layer), dtype=bool)
        if kind:
            own = layer.texts(kind if kind in layer.columns else "kind")
            chosen &= np.array([kinds.get(text, text) == kinds.get(row[kind], row[kind]) for text in own], dtype=bool)
        for name, value in places.items():
            chosen &= columns[name] == value if value else ~np.isin(columns[name], list(listed[name]))
        _compare(layer, table, row, chosen, rules, ledger)


def _places(row: Row, columns: Mapping[str, NDArray[np.object_]]) -> dict[str, str] | None:
    """
    Return the columns by which a row chooses zones, and their values; empty for what is in none of those listed.

    None for a row about a place that the layer does not know.
    """
    chosen: dict[str, str] = {}
    row = {key: "" if value in UNPLACED and key in PLACES else value for key, value in row.items()}
    for (code, name), levels in LEVEL_WORDS.items():
        by = next((key for key in (code, name) if row.get(key) and key in columns), "")
        if by and not any(word in row[by].lower() for word in WHOLE_WORDS):
            chosen[by] = row[by]
        elif not by and (row.get(code) or row.get(name)) and not _is_whole(row):
            return None
        elif not by and row.get("level") in levels and code in columns:
            chosen[code] = ""
    return chosen


def _is_whole(row: Row) -> bool:
    """Tell whether a row is the sum of the others."""
    words = " ".join(value for name, value in row.items() if name not in NOT_WORDS).lower()
    return any(word in words for word in WHOLE_WORDS)


def _compare(
    layer: Submitted, table: ListTable, row: Row, chosen: NDArray[np.bool_], rules: Rules, ledger: Ledger
) -> None:
    """Note a total that is not the sum of the zones chosen, or not their number."""
    tolerance = rules.value("zone_acceptance.total_area")
    unit = AREA_UNITS[table.area] / HECTARE
    area, count = numbers(_column([row], table.area), 1)[0] * unit, numbers(_column([row], "zones"), 1)[0]
    real = float(listed_hm2(layer)[chosen].sum())
    what = " ".join(value for key, value in row.items() if key not in (*AREA_UNITS, "zones") and value)[:60]
    if np.isfinite(area) and abs(area - real) > tolerance + 1e-6 * max(1.0, unit):
        found = (
            f"“{what}”填 {area:,.2f} hm²，图斑之和 {real:,.2f} hm²",
            f"'{what}' says {area:,.2f} hm², its zones add up to {real:,.2f} hm²",
        )
        ledger.file("total-differs", table.where, found, _within(tolerance))
    if np.isfinite(count) and int(count) != int(chosen.sum()):
        found = (
            f"“{what}”填 {int(count)} 个，图层有 {int(chosen.sum())} 个",
            f"'{what}' says {int(count)} zones, the layer has {int(chosen.sum())}",
        )
        ledger.file("total-differs", table.where, found, ("个数相等", "as many"))


def _within(tolerance: float) -> tuple[str, str]:
    return f"相差不超过 {tolerance:g} hm²", f"within {tolerance:g} hm²"


def _column(rows: Sequence[Row], name: str) -> NDArray[np.object_]:
    values = np.empty(len(rows), dtype=object)
    values[:] = [row.get(name, "").replace(",", "") or None for row in rows]
    return values
