"""The rules on small watersheds: which index, which threshold, and how units become zones (小流域指标规则与判定办法)."""

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
    source, clause, status, pack, document : str
        Where the threshold comes from; ``document`` is its number, or its title where it has none.
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
    document: str

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
            given.citation.number or given.citation.title,
        ))  # fmt: skip
    roles = ("base", "regional", "required")
    return sorted(found, key=lambda rule: (BOTH.index(rule.kind), roles.index(rule.role), rule.id))
