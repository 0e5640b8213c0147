"""Why each small watershed is in or out, in words (列入与不列入的理由)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shuibao.zoning.prevention_treatment import Verdicts
from shuibao.zoning.prevention_treatment_groups import Grouped
from shuibao.zoning.prevention_treatment_rules import BOTH, MET, MISSING, UnitRule

KIND_NAMES = {"prevention": ("重点预防区", "key prevention zone"), "treatment": ("重点治理区", "key treatment zone")}
LEVEL_NAMES = {
    "national": ("国家级", "national"), "province": ("省级", "provincial"), "city": ("市级", "city"), "county": ("县级", "county"),
}  # fmt: skip
ROLE_NAMES = {"base": ("基础指标", "base"), "regional": ("区域指标", "regional"), "required": ("前提", "required")}
VERDICT_NAMES = {MET: ("满足", "met"), 0: ("不满足", "not met"), MISSING: ("缺数据，未判定", "no data, not judged")}
SIGNS = {">=": "≥", ">": ">", "<=": "≤", "<": "<"}
UNITS = {"percent": "%", "1": "", "km km-2": "km/km²", "t km-2 a-1": "t/(km²·a)", "km-2": "/km²"}

Words = tuple[str, str]


@dataclass(frozen=True)
class Higher:
    """
    What zones of higher levels have the units as (上级区域).

    Parameters
    ----------
    kind : (n,) array of str
        Kind; empty for none.
    level : (n,) array of str
        Level of the zone that covers most of the unit; empty for none.
    share : (n,) array
        Share of the unit that it covers, percent.
    clash : (n,) array of bool
        Whether the unit's own indices ask for the other kind.
    """

    kind: NDArray[np.object_]
    level: NDArray[np.object_]
    share: NDArray[np.float64]
    clash: NDArray[np.bool_]


def no_higher(size: int) -> Higher:
    """Return that no zones of higher levels are known (无上级区域)."""
    empty = np.full(size, "", dtype=object)
    return Higher(empty, empty.copy(), np.zeros(size), np.zeros(size, dtype=np.bool_))


def comparison(rule: UnitRule, value: float) -> Words:
    """
    Return a value beside its threshold (指标与阈值).

    Parameters
    ----------
    rule : UnitRule
        The rule.
    value : float
        Value of its index; NaN missing.
    """
    unit = UNITS.get(rule.index.unit, rule.index.unit)
    bound = f"{SIGNS[rule.operator]} {rule.threshold:g} {unit}".strip()
    if np.isnan(value):
        return f"{rule.index.name}（{bound}）", f"{rule.index.name_en} ({bound})"
    # as many digits as tell the value from its threshold
    digits = next(d for d in (2, 4, 6, 9) if d == 9 or value == rule.threshold or round(value, d) != rule.threshold)
    shown = f"{value:.{digits}f} {unit}".strip()
    return f"{rule.index.name} {shown}（{bound}）", f"{rule.index.name_en} {shown} ({bound})"


def unit_reasons(verdicts: Verdicts, grouped: Grouped, higher: Higher) -> list[Words]:
    """
    Return why each unit is in a zone or not, in Chinese and English (逐单元理由).

    Parameters
    ----------
    verdicts : Verdicts
        What each rule says.
    grouped : Grouped
        What became of the units.
    higher : Higher
        Zones of higher levels.

    Returns
    -------
    list of (str, str)
        First what decided, then every index with its value, its threshold and the verdict.
    """
    return [_joined(_lead(verdicts, grouped, higher, k), _list(verdicts, k)) for k in range(verdicts.met.shape[1])]


def _joined(lead: Words, rest: Words) -> Words:
    return f"{lead[0]}{rest[0]}。", f"{lead[1]}{rest[1]}."


def _list(verdicts: Verdicts, k: int) -> Words:
    zh, en = [], []
    for rule, value, met in zip(verdicts.rules, verdicts.values[:, k], verdicts.met[:, k], strict=True):
        what, role, said = comparison(rule, float(value)), ROLE_NAMES[rule.role], VERDICT_NAMES[int(met)]
        kind = ("预防", "prevention") if rule.kind == BOTH[0] else ("治理", "treatment")
        zh.append(f"{kind[0]}{role[0]}：{what[0]}{said[0]}")
        en.append(f"{kind[1]}, {role[1]}: {what[1]} {said[1]}")
    return "；".join(zh), "; ".join(en)


def _lead(verdicts: Verdicts, grouped: Grouped, higher: Higher, k: int) -> Words:
    """Return what decided on a unit."""
    step, kind, wanted = (
        str(getattr(grouped.decision, name)[k]) for name in ("step", "kind", "wanted")
    )  # fmt: skip
    zh, en = KIND_NAMES.get(kind, ("", ""))
    area, gap = grouped.group_area[k] / 1e6, grouped.distance[k]
    also = _also(verdicts, k) if verdicts.qualifies[BOTH[0]][k] and verdicts.qualifies[BOTH[1]][k] else ("", "")
    if higher.clash[k] and step != "higher":
        also = (also[0] + _higher_words(higher, k)[0], also[1] + _higher_words(higher, k)[1])
    if step == "higher":
        return _overruled(higher, k, wanted, kind)
    leads: dict[str, Words] = {
        "rule": (f"列入{zh}：指标满足。", f"in the {en}: its indices suffice. "),
        "exclusive": (f"列入{zh}：两类指标都满足。", f"in the {en}: both kinds are met. "),
        "enclave": (
            f"列入{zh}：自身指标不足，但四周都是同一区域，并入以求连片。",
            f"in the {en}: its own indices do not suffice, but one zone encloses it. ",
        ),
        "detached": (
            f"列入{zh}：指标满足；所在孤立片 {area:.2f} km² 不足最小面积，距最近的同类区域 {gap:.0f} m，并入为飞地。",
            f"in the {en}: its indices suffice; its group of {area:.2f} km² is below the smallest area and joined to the "
            f"nearest zone, {gap:.0f} m away. ",
        ),
        "small": _dropped(wanted, area),
        "required": (
            "不列入：有指标满足，但前提不满足或缺数据。", "out: an index is met, but a requirement is not, or lacks data. ",
        ),
        "none": ("不列入：没有足够的指标满足。", "out: its indices do not suffice. "),
        "missing": ("不列入：没有事实（区内无面积）。", "out: no facts (no area in the region). "),
    }  # fmt: skip
    return leads[step][0] + also[0], leads[step][1] + also[1]


def _dropped(wanted: str, area: float) -> Words:
    zh, en = KIND_NAMES.get(wanted, ("重点区", "key zone"))
    return (
        f"不列入：指标满足{zh}，但连片面积只有 {area:.2f} km²，不足最小面积，附近没有可并入的同类区域。",
        f"out: fit for a {en}, but its group of {area:.2f} km² is below the smallest area and no zone of its kind is near. ",
    )


def _also(verdicts: Verdicts, k: int) -> Words:
    first, second = (100.0 * float(verdicts.margin[kind][k]) for kind in BOTH)
    return (
        f"预防区指标超出阈值 {first:.1f} %，治理区 {second:.1f} %，择一归入。",
        f"Prevention exceeds its threshold by {first:.1f} %, treatment by {second:.1f} %; one was chosen. ",
    )


def _higher_words(higher: Higher, k: int) -> Words:
    kind, level = KIND_NAMES[str(higher.kind[k])], LEVEL_NAMES[str(higher.level[k])]
    return (
        f"上级已划为{level[0]}{kind[0]}（占 {higher.share[k]:.1f} %），不得与之相反。",
        f"It is in a {level[1]} {kind[1]} ({higher.share[k]:.1f} %), which may not be contradicted. ",
    )


def _overruled(higher: Higher, k: int, wanted: str, kind: str) -> Words:
    own, said = KIND_NAMES.get(wanted, ("", "")), _higher_words(higher, k)
    if kind == "":
        return f"不列入：自身指标为{own[0]}，但{said[0]}", f"out: fit for a {own[1]}, but overruled. {said[1]}"
    zh, en = KIND_NAMES[kind]
    return f"列入{zh}：自身指标为{own[0]}，但{said[0]}", f"in the {en}: fit for a {own[1]}, but overruled. {said[1]}"


def basis_of(verdicts: Verdicts, grouped: Grouped, units: NDArray[np.bool_], kind: str) -> str:
    """
    Return the rules that put units in their zone: keys, clauses, and which are drafts (依据).

    Parameters
    ----------
    verdicts : Verdicts
        What each rule says.
    grouped : Grouped
        What became of the units.
    units : (n,) array of bool
        Units of one zone.
    kind : str
        Its kind.
    """
    mine = units & verdicts.qualifies[kind]
    used: Sequence[UnitRule] = [
        rule for rule, met in zip(verdicts.rules, verdicts.met, strict=True)
        if rule.kind == kind and (met[mine] == MET).any()
    ]  # fmt: skip
    grounds = {(r.document, r.clause, r.status): None for r in used}
    words = []
    for document, clause, status in grounds:
        names = "、".join(r.id for r in used if (r.document, r.clause, r.status) == (document, clause, status))
        words.append(f"key_zone_rule: {names}（{document}{clause}{'，草案' if status == 'draft' else ''}）")
    words += ["key_zone.enclave_area"] if (grouped.decision.step[units] == "enclave").any() else []
    words += ["key_zone.higher_conflict"] if (grouped.decision.step[units] == "higher").any() else []
    return "；".join(words)
