"""
Key zones of prevention and of treatment: which small watersheds are in, by which index (重点预防区与重点治理区).

Each rule compares one index of a small watershed with a threshold. "1 + N": one base index and regional ones, of which,
unless the rule packs say otherwise, any one that is met suffices. A small watershed is of one kind at one level.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shuibao.zoning.prevention_treatment_rules import BOTH, MET, PREVENTION, TREATMENT, Floats, Method, UnitRule

STEPS = ("rule", "exclusive", "higher", "enclave", "detached", "small", "required", "none", "missing")
"""
What decided on a unit (判定环节): its own rules; the choice between two kinds; a zone of a higher level; being enclosed
by a zone; being joined to a zone near by; being too small a group; a requirement that is not met; no index that is met;
no facts.
"""


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
    >>> from shuibao.zoning.prevention_treatment_rules import unit_rules
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
