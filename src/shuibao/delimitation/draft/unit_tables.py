"""Reading why small watersheds are in a key zone or not, as tables for people and programs (单元判定表读取)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shuibao.delimitation.draft.zone_names import kind_name
from shuibao.delimitation.folder import theme_folder
from shuibao.ground.vectors import read_vectors
from shuibao.messages import CallError, ShuibaoError, say
from shuibao.rules import Rules
from shuibao.survey.region import Region
from shuibao.zoning.prevention_treatment_indices import indices_of
from shuibao.zoning.prevention_treatment_reasons import KIND_NAMES, ROLE_NAMES, SIGNS, UNITS, VERDICT_NAMES
from shuibao.zoning.prevention_treatment_rules import BOTH

THEME = "prevention_treatment"
UNIT_TABLE, VERDICT_TABLE = "units.parquet", "verdicts.parquet"
"""Tables beside the zones: small watersheds with their verdicts, and each rule's word on each (单元表、逐条判定表)."""


def read_units(region: Region) -> dict[str, NDArray[Any]]:
    """
    Return every small watershed with its indices, verdict and reason (单元判定表).

    Parameters
    ----------
    region : Region
        A region whose key zones were drawn.

    Returns
    -------
    dict of str to (n,) array
        Columns of ``units.parquet``.

    Raises
    ------
    ShuibaoError
        If the zones were not drawn.
    """
    path = theme_folder(region.folder, THEME) / UNIT_TABLE
    if not path.is_file():
        raise ShuibaoError(
            f"还没有单元判定表：{path}；请先运行 shuibao zones draw {region.folder} --theme {THEME}。",
            f"there is no table of units yet: {path}; run shuibao zones draw {region.folder} --theme {THEME} first.",
        )
    return read_vectors(path).columns


def unit_verdicts(region: Region, code: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """
    Return why one small watershed is in or out (某小流域列入与否的理由).

    Parameters
    ----------
    region : Region
        A region whose key zones were drawn.
    code : str
        Code of the small watershed.

    Returns
    -------
    unit : dict
        Its row of ``units.parquet``.
    rules : list of dict
        Each rule with value, threshold, verdict (1 met, 0 not, -1 no data) and source.

    Raises
    ------
    CallError
        If there is no such small watershed.
    ShuibaoError
        If the zones were not drawn.
    """
    units = read_units(region)
    found = np.flatnonzero(np.asarray(units["code"], dtype=np.str_) == code)
    if not found.size:
        first = [str(c) for c in units["code"][:3]]
        raise CallError(
            f"没有小流域「{code}」；编码如 {'、'.join(first)}，全部见 shuibao zones units。",
            f"there is no small watershed '{code}'; codes are like {', '.join(first)}, all are in shuibao zones units.",
        )
    unit = {name: values[found[0]] for name, values in units.items()}
    table = pq.read_table(theme_folder(region.folder, THEME) / VERDICT_TABLE)
    return unit, [row for row in table.to_pylist() if row["code"] == code]


def unit_rows(units: Mapping[str, NDArray[Any]], rules: Rules, kind: str = "") -> list[dict[str, Any]]:
    """
    Return the small watersheds as rows to print (单元清单).

    Parameters
    ----------
    units : mapping of str to (n,) array
        From :func:`read_units`.
    rules : Rules
        Names of kinds, and the indices.
    kind : str
        Only this kind, ``none`` for those in no zone; all if empty.

    Raises
    ------
    CallError
        If there is no such kind.
    """
    if kind not in ("", "none", *BOTH):
        raise CallError(
            f"没有「{kind}」这一种；可用：{'、'.join((*BOTH, 'none'))}。",
            f"there is no kind '{kind}'; use {', '.join((*BOTH, 'none'))}.",
        )
    rows = []
    for k in range(len(units["code"])):
        own = str(units["kind"][k])
        if kind and own != kind.replace("none", ""):
            continue
        reason = say(str(units["reason"][k]), str(units["reason_en"][k]))
        rows.append({
            **{name: str(units[name][k]) for name in ("code", "name", "county")},
            "area_km2": float(units["area_m2"][k]) / 1e6,
            **{index.id: _number(units[index.id][k]) for index in indices_of(rules) if index.id in units},
            "kind": own, "kind_name": kind_name(rules, own),
            **{name: str(units[name][k]) for name in ("zone", "step", "higher_kind", "higher_level")},
            "lead": reason.split(say("。", ". "))[0], "reason": reason,
        })  # fmt: skip
    return rows


def _number(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)


def verdict_rows(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """
    Return what each rule says of a small watershed as rows to print (逐条判定).

    Parameters
    ----------
    rules : sequence of mapping
        From :func:`unit_verdicts`.
    """
    rows = []
    for rule in rules:
        unit = UNITS.get(str(rule["index_unit"]), str(rule["index_unit"]))
        value = _number(rule["value"])
        shown = "—" if value is None else f"{value:.2f}"
        rows.append({
            **{name: rule[name] for name in ("kind", "role", "index")},
            "kind_name": say(*KIND_NAMES[rule["kind"]]), "role_name": say(*ROLE_NAMES[rule["role"]]),
            "index_name": say(rule["index_name"], rule["index_name_en"]), "value": value, "operator": rule["operator"],
            "threshold": rule["threshold"], "unit": rule["index_unit"],
            "shown": f"{shown} {SIGNS[rule['operator']]} {rule['threshold']:g} {unit}".strip(),
            "verdict": int(rule["verdict"]), "verdict_name": say(*VERDICT_NAMES[int(rule["verdict"])]),
            **{name: rule[name] for name in ("rule", "source", "clause", "status", "pack")},
            "status_name": say("草案", "draft") if rule["status"] == "draft" else say("已核对", "verified"),
        })  # fmt: skip
    return rows
