"""What acceptance finds: faults with a kind, a place and a way to mend them (验收问题)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import shapely

from shuibao.messages import say
from shuibao.rules import Rules

if TYPE_CHECKING:
    from shuibao.delimitation.acceptance.submitted import Submitted

Severity = Literal["error", "warning", "note"]
"""How bad a fault is: an error sends the package back, a warning is to be looked at, a note is for information."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

Words = tuple[str, str]
"""A wording in Chinese and in English."""

NOTHING: Words = ("", "")


@dataclass(frozen=True)
class FaultKind:
    """
    One kind of fault, as the rule pack describes it (问题种类).

    Parameters
    ----------
    id : str
        Stable name, as ``overlap``.
    order : int
        Its place in the list.
    group : str
        What it is about: files, crs, geometry, coverage, area, attributes, names, totals, metadata.
    severity : {"error", "warning", "note"}
        How bad it is.
    name, mend : (zh, en)
        What it is called, and what to do about it.
    """

    id: str
    order: int
    group: str
    severity: Severity
    name: Words
    mend: Words


def fault_kinds(rules: Rules) -> dict[str, FaultKind]:
    """
    Return the kinds of fault by id, in the order of the pack (问题种类表).

    Parameters
    ----------
    rules : Rules
        Rule packs in force; ``zone_acceptance.faults``.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> fault_kinds(load_rules(["zone-acceptance"]))["overlap"].severity
    'error'
    """
    return {
        row["id"]: FaultKind(
            row["id"],
            order,
            row["group"],
            row["severity"],
            (row["name"], row["name_en"]),
            (row["mend"], row["mend_en"]),
        )
        for order, row in enumerate(rules.value("zone_acceptance.faults"))
    }


@dataclass(frozen=True)
class Fault:
    """
    One fault, with its place (一处问题).

    Parameters
    ----------
    kind : FaultKind
        What is wrong.
    where : str
        File and layer in the package.
    code : str
        Code of the zone; of both, joined by ``+``, where two are concerned. Empty for a file.
    lon, lat : float or None
        Place, degrees; None where there is none.
    extent : (west, south, east, north) or None
        The ground to look at, degrees.
    found, allowed : (zh, en)
        What was found and what is allowed.
    rows : tuple of int
        Rows of the layer that it concerns, for the map.
    spot : shapely geometry or None
        The fault itself, m in the layer's equal-area system, for the map.
    layer : Submitted or None
        That layer.
    """

    kind: FaultKind
    where: str
    code: str
    lon: float | None
    lat: float | None
    extent: tuple[float, float, float, float] | None
    found: Words
    allowed: Words
    rows: tuple[int, ...] = field(default=(), compare=False)
    spot: Any = field(default=None, compare=False)
    layer: Submitted | None = field(default=None, compare=False, repr=False)

    def row(self) -> dict[str, Any]:
        """Return the fault as a row of a table, words in both languages (问题行)."""
        west, south, east, north = self.extent or (None,) * 4
        kind = self.kind
        return {
            "severity": kind.severity, "kind": kind.id, "group": kind.group, "where": self.where, "code": self.code,
            "lon": self.lon, "lat": self.lat, "west": west, "south": south, "east": east, "north": north,
            "name": kind.name[0], "found": self.found[0], "allowed": self.allowed[0], "mend": kind.mend[0],
            "name_en": kind.name[1], "found_en": self.found[1], "allowed_en": self.allowed[1], "mend_en": kind.mend[1],
        }  # fmt: skip

    def __str__(self) -> str:
        return say(*self.found)


@dataclass(frozen=True)
class Report:
    """
    What acceptance came to (验收结果).

    Parameters
    ----------
    package : str
        Name of the package.
    faults : tuple of Fault
        Sorted by severity, kind, file and code.
    layers : tuple of Submitted
        The layers that were read, for maps and counts.
    files : tuple of str
        All files of the package.
    zones : int
        Zones, each once however many formats it comes in.
    simulated : bool
        Whether the package says that its land is made up.
    """

    package: str
    faults: tuple[Fault, ...]
    layers: tuple[Submitted, ...]
    files: tuple[str, ...] = ()
    zones: int = 0
    simulated: bool = False

    @property
    def accepted(self) -> bool:
        """Return whether there is no error."""
        return not any(f.kind.severity == "error" for f in self.faults)

    def counts(self) -> dict[str, int]:
        """Return the number of faults by kind, in the order of the faults (各种问题数)."""
        return dict(Counter(f.kind.id for f in self.faults))

    def count(self, severity: Severity) -> int:
        """Return the number of faults of one severity."""
        return sum(f.kind.severity == severity for f in self.faults)


class Ledger:
    """
    The list that checks write faults into (问题登记).

    Parameters
    ----------
    rules : Rules
        Rule packs in force.
    """

    def __init__(self, rules: Rules) -> None:
        self._kinds = fault_kinds(rules)
        self._faults: list[Fault] = []

    def file(self, kind: str, where: str, found: Words, allowed: Words = NOTHING, code: str = "") -> None:
        """Note a fault that has no place (无位置的问题)."""
        self._faults.append(Fault(self._kinds[kind], where, code, None, None, None, found, allowed))

    def zone(
        self,
        kind: str,
        layer: Submitted,
        rows: Iterable[Any],
        found: Words,
        allowed: Words = NOTHING,
        spot: Any = None,
    ) -> None:
        """
        Note a fault of a zone, or of two (有位置的问题).

        ``spot`` is the fault itself, m in the layer's equal-area system; the zone's shape if not given.
        """
        rows = tuple(int(row) for row in rows)
        at = layer.metric[rows[0]] if spot is None else spot
        lon = lat = extent = None
        if at is not None and not shapely.is_empty(at):
            lon, lat, extent = layer.place_of(at)
        codes = "+".join(sorted({layer.codes[row] for row in rows}))
        self._faults.append(
            Fault(self._kinds[kind], layer.where, codes, lon, lat, extent, found, allowed, rows, spot, layer)
        )

    def add_new(self, other: Ledger) -> None:
        """
        Take over the faults of another format of the same result, without those of zones that are known already.

        Parameters
        ----------
        other : Ledger
            What was found in that format.
        """
        known = {_zone_key(fault) for fault in self._faults if fault.code}
        self._faults += [fault for fault in other._faults if not fault.code or _zone_key(fault) not in known]

    def sorted(self) -> tuple[Fault, ...]:
        """Return the faults, worst first (排序)."""
        return tuple(sorted(self._faults, key=_rank))


def _zone_key(fault: Fault) -> tuple[str, str]:
    return fault.kind.id, fault.code


def _rank(fault: Fault) -> tuple[Any, ...]:
    place = (np.inf, np.inf) if fault.lon is None or fault.lat is None else (fault.lon, fault.lat)
    severity = SEVERITIES.index(fault.kind.severity)
    return severity, fault.kind.order, fault.where, fault.code, place, fault.found[0]
