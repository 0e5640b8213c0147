"""
Key zones of prevention and of treatment: which small watersheds are in, by which index (重点预防区与重点治理区).

Each rule compares one index of a small watershed with a threshold. "1 + N": one base index and regional ones, of which,
unless the rule packs say otherwise, any one that is met suffices. A small watershed is of one kind at one level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.prevention_treatment_indices import Index, indices_of

PREVENTION, TREATMENT = "prevention", "treatment"
BOTH = (PREVENTION, TREATMENT)
"""The two kinds: 重点预防区, 重点治理区."""

MET, NOT_MET, MISSING = 1, 0, -1
"""What a rule says of a unit: 满足, 不满足, 指标缺失."""

LOGICS = ("any", "base_and_any", "all")
EXCLUSIVE_BY = ("margin", *BOTH)
HIGHER_CONFLICTS = ("leave_out", "follow")
SMALL_GROUPS = ("join", "drop")

STEPS = ("rule", "exclusive", "higher", "enclave", "detached", "small", "required", "none", "missing")
"""
What decided on a unit (判定环节): its own rules; the choice between two kinds; a zone of a higher level; being enclosed
by a zone; being joined to a zone near by; being too small a group; a requirement that is not met; no index that is met;
no facts.
"""

NOTHING = 1e-9
"""A threshold that small is 0: margins are not told as shares of it (chosen: below what any index is given to)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class UnitRule:
    """
    One index compared with one threshold (一条指标规则).

    Parameters
    ----------
    id, key : str
        Its id, and its key in the rule packs.
    index : Index
        What is compared.
    operator : {">=", ">", "<=", "<"}
        How.
    threshold : float
        With what, in the index's unit.
    kind : {"prevention", "treatment"}
        What it speaks for.
    role : {"base", "regional", "required"}
        Base index, regional index, or a requirement that must hold besides.
    source, clause, status, pack : str
        Where the threshold comes from.
    """

    id: str
    key: str
    index: Index
    operator: str
    threshold: float
    kind: str
    role: str
    source: str
    clause: str
    status: str
    pack: str

    def verdict(self, values: Floats) -> NDArray[np.int8]:
        """Return whether the rule is met by each value: 1, 0, or -1 where the value is missing (判定)."""
        compare = {">=": np.greater_equal, ">": np.greater, "<=": np.less_equal, "<": np.less}[self.operator]
        met = compare(values, self.threshold).astype(np.int8)
        return np.where(np.isnan(values), MISSING, met).astype(np.int8)

    def margin(self, values: Floats) -> Floats:
        """Return by what share of the threshold it is exceeded, or of 1 if the threshold is 0 (超出比例)."""
        beyond = values - self.threshold if self.operator.startswith(">") else self.threshold - values
        return np.asarray(beyond / (abs(self.threshold) if abs(self.threshold) > NOTHING else 1.0), dtype=np.float64)


@dataclass(frozen=True)
class Method:
    """
    How units become zones (判定办法).

    Parameters
    ----------
    logic : {"any", "base_and_any", "all"}
        How base and regional indices combine.
    exclusive_by : {"margin", "prevention", "treatment"}
        Which kind a unit is of that meets both.
    exclusive_tie : {"prevention", "treatment"}
        Which on equal margins.
    higher_share : float
        Share of a unit, percent, from which it is part of a zone of a higher level.
    higher_conflict : {"leave_out", "follow"}
        What becomes of a unit whose own kind a higher level contradicts.
    minimum_area, enclave_area : float
        Smallest zone, and largest enclosed group that is taken in, m².
    small_group : {"join", "drop"}
        What becomes of smaller groups.
    join_distance : float
        Farthest that they are joined over, m.
    """

    logic: str = "any"
    exclusive_by: str = "margin"
    exclusive_tie: str = TREATMENT
    higher_share: float = 50.0
    higher_conflict: str = "leave_out"
    minimum_area: float = 0.0
    small_group: str = "drop"
    join_distance: float = 0.0
    enclave_area: float = 0.0

    @classmethod
    def from_rules(cls, rules: Rules) -> Method:
        """
        Read the method from the packs in force (由规则包建立).

        Parameters
        ----------
        rules : Rules
            Asked for ``key_zone.*``.

        Raises
        ------
        ShuibaoError
            If a choice is none that is known, or the two kinds do not exclude each other.

        Examples
        --------
        >>> from shuibao.rules import load_rules
        >>> Method.from_rules(load_rules(["national"])).logic
        'any'
        """
        if not rules.value("key_zone.exclusive"):
            raise ShuibaoError(
                "规则 key_zone.exclusive 为否；同级的预防区与治理区须互斥，请改为 true。",
                "rule key_zone.exclusive is false; prevention and treatment exclude each other at one level, make it true.",
            )
        return cls(
            logic=_choice(rules, "logic", LOGICS),
            exclusive_by=_choice(rules, "exclusive_by", EXCLUSIVE_BY),
            exclusive_tie=_choice(rules, "exclusive_tie", BOTH),
            higher_share=float(rules.value("key_zone.higher_share")),
            higher_conflict=_choice(rules, "higher_conflict", HIGHER_CONFLICTS),
            minimum_area=float(rules.value("key_zone.minimum_area")) * 1e6,
            small_group=_choice(rules, "small_group", SMALL_GROUPS),
            join_distance=float(rules.value("key_zone.join_distance")),
            enclave_area=float(rules.value("key_zone.enclave_area")) * 1e6,
        )


def _choice(rules: Rules, name: str, allowed: Sequence[str]) -> str:
    value = str(rules.value(f"key_zone.{name}"))
    if value not in allowed:
        raise ShuibaoError(
            f"规则 key_zone.{name} 为「{value}」；可用：{'、'.join(allowed)}。请改正规则包。",
            f"rule key_zone.{name} is '{value}'; allowed: {', '.join(allowed)}. Correct the rule pack.",
        )
    return value


def unit_rules(rules: Rules) -> list[UnitRule]:
    """
    Return the rules on small watersheds that are in use, by kind, role and id (指标规则).

    Parameters
    ----------
    rules : Rules
        Asked for ``key_zone_rule.*``; those whose role is ``off`` are left out.

    Raises
    ------
    ShuibaoError
        If a rule asks for an index that does not exist.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> [rule.id for rule in unit_rules(load_rules(["national"])) if rule.kind == "prevention"]
    ['prevention_forest_grass', 'prevention_water_source', 'prevention_eroded']
    """
    indices = {index.id: index for index in indices_of(rules)}
    found = []
    for name in rules.table("key_zone_rule"):
        given = rules[f"key_zone_rule.{name}"]
        words: Mapping[str, Any] = given.value
        if words["role"] == "off":
            continue
        if words["index"] not in indices:
            raise ShuibaoError(
                f"规则 {given.key} 的指标「{words['index']}」不存在；可用：{'、'.join(indices)}。",
                f"rule {given.key} asks for the index '{words['index']}', which does not exist; there are "
                f"{', '.join(indices)}.",
            )
        found.append(UnitRule(
            name, given.key, indices[words["index"]], words["operator"], float(words["threshold"]), words["kind"],
            words["role"], given.source, given.clause, given.status, given.pack,
        ))  # fmt: skip
    roles = ("base", "regional", "required")
    return sorted(found, key=lambda rule: (BOTH.index(rule.kind), roles.index(rule.role), rule.id))


@dataclass(frozen=True)
class Verdicts:
    """
    What each rule says of each unit, and which kinds the unit qualifies for (逐条判定).

    Parameters
    ----------
    rules : tuple of UnitRule
        The rules.
    values : (rules, n) array
        Value of the rule's index for each unit; NaN missing.
    met : (rules, n) int8 array
        1 met, 0 not met, -1 the value is missing.
    qualifies : mapping of str to (n,) array of bool
        For each kind, whether the unit's indices suffice.
    margin : mapping of str to (n,) array
        For each kind, the greatest margin of an index that is met; NaN for none.
    """

    rules: tuple[UnitRule, ...]
    values: Floats
    met: NDArray[np.int8]
    qualifies: Mapping[str, NDArray[np.bool_]]
    margin: Mapping[str, Floats]

    def of_kind(self, kind: str, *roles: str) -> NDArray[np.bool_]:
        """Return which rules speak for a kind in some roles (某类的规则)."""
        return np.array([rule.kind == kind and rule.role in roles for rule in self.rules], dtype=np.bool_)


def judge(values: Mapping[str, Floats], rules: Sequence[UnitRule], logic: str = "any") -> Verdicts:
    r"""
    Hold every unit against every rule (逐单元判定).

    Parameters
    ----------
    values : mapping of str to (n,) array
        Indices by id; an index that is not there is missing everywhere.
    rules : sequence of UnitRule
        The rules in use.
    logic : {"any", "base_and_any", "all"}
        How base and regional indices combine.

    Returns
    -------
    Verdicts

    Notes
    -----
    With :math:`b, r, q` the verdicts of base, regional and required rules of a kind, it qualifies if

    .. math:: \Bigl(\bigvee b \lor \bigvee r\Bigr) \land \bigwedge q

    for ``any``; ``base_and_any`` asks for :math:`\bigvee b \land \bigvee r`, ``all`` for every one. What is missing is
    not met.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> found = judge({"eroded_share": np.array([30.0, 29.9])}, unit_rules(load_rules(["national"])))
    >>> found.qualifies["treatment"].tolist()
    [True, False]
    """
    size = next((np.size(v) for v in values.values()), 0)
    table = np.array([values.get(rule.index.id, np.full(size, np.nan)) for rule in rules], dtype=np.float64)
    table = table.reshape(len(rules), size)
    met = np.array([rule.verdict(row) for rule, row in zip(rules, table, strict=True)], dtype=np.int8)
    met = met.reshape(len(rules), size)
    margins = np.array([rule.margin(row) for rule, row in zip(rules, table, strict=True)]).reshape(len(rules), size)
    found = Verdicts(tuple(rules), table, met, {}, {})
    qualifies, margin = {}, {}
    for kind in BOTH:
        counted = found.of_kind(kind, "base", "regional")
        qualifies[kind] = _suffices(found, kind, logic) & (met[found.of_kind(kind, "required")] == MET).all(axis=0)
        best = np.where(met[counted] == MET, margins[counted], -np.inf).max(axis=0, initial=-np.inf)
        margin[kind] = np.where(np.isfinite(best), best, np.nan)
    return Verdicts(tuple(rules), table, met, qualifies, margin)


def _suffices(found: Verdicts, kind: str, logic: str) -> NDArray[np.bool_]:
    base, regional = (found.met[found.of_kind(kind, role)] == MET for role in ("base", "regional"))
    if logic == "base_and_any":
        return np.asarray(base.any(axis=0) & regional.any(axis=0))
    both = np.concatenate([base, regional])
    if logic == "all":
        return np.asarray(both.all(axis=0) & bool(len(both)))
    return np.asarray(both.any(axis=0))


@dataclass(frozen=True)
class Decision:
    """
    The kind of each unit and what decided on it (判定结果).

    Parameters
    ----------
    kind : (n,) array of str
        ``prevention``, ``treatment``, or empty for neither.
    step : (n,) array of str
        One of :data:`STEPS`.
    wanted : (n,) array of str
        The kind that the unit's own indices ask for; empty for none.
    """

    kind: NDArray[np.object_]
    step: NDArray[np.object_]
    wanted: NDArray[np.object_]

    def changed(self, rows: NDArray[np.bool_], kind: str, step: str) -> Decision:
        """Return the decision with some units of another kind, and what made them so (改判)."""
        return Decision(
            np.where(rows, kind, self.kind).astype(object), np.where(rows, step, self.step).astype(object), self.wanted
        )


def choose(verdicts: Verdicts, method: Method, area: Floats) -> Decision:
    """
    Give each unit one kind or none (互斥判定).

    Parameters
    ----------
    verdicts : Verdicts
        From :func:`judge`.
    method : Method
        Which kind a unit is of that meets both.
    area : (n,) array
        Area of each unit, m²; one of 0 has no facts and is left out.

    Returns
    -------
    Decision
        Never both kinds.
    """
    prevents, treats = (verdicts.qualifies[kind] for kind in BOTH)
    both = prevents & treats
    if method.exclusive_by == "margin":
        first, second = (verdicts.margin[kind] for kind in BOTH)
        tie = first == second
        wins = np.where(tie, method.exclusive_tie == PREVENTION, first > second)
    else:
        wins = np.full(both.shape, method.exclusive_by == PREVENTION)
    kind = np.full(both.shape, "", dtype=object)
    kind[prevents & (wins | ~treats)] = PREVENTION
    kind[treats & (~wins | ~prevents)] = TREATMENT
    step = np.full(both.shape, "none", dtype=object)
    for each in BOTH:
        step[_suffices(verdicts, each, method.logic) & ~verdicts.qualifies[each]] = "required"
    step[kind != ""] = "rule"
    step[both] = "exclusive"
    empty = ~(area > 0)
    kind[empty], step[empty] = "", "missing"
    return Decision(kind, step, kind.copy())


def reconcile(
    decision: Decision, verdicts: Verdicts, higher: NDArray[np.object_], method: Method
) -> tuple[Decision, NDArray[np.bool_]]:
    """
    Let no unit contradict a zone of a higher level (与上级区域一致).

    Parameters
    ----------
    decision : Decision
        From :func:`choose`.
    verdicts : Verdicts
        From :func:`judge`.
    higher : (n,) array of str
        Kind that a higher level has each unit as; empty for none.
    method : Method
        What becomes of a contradiction.

    Returns
    -------
    decision : Decision
        Units that contradicted are of the higher level's kind, or of none.
    contradicted : (n,) array of bool
        Which those are.
    """
    clash = (decision.kind != "") & (higher != "") & (decision.kind != higher)
    for kind in BOTH:
        mine = clash & (higher == kind)
        follows = mine & (verdicts.qualifies[kind] | (method.higher_conflict == "follow"))
        decision = decision.changed(follows, kind, "higher").changed(mine & ~follows, "", "higher")
    return decision, clash
