"""What differs between two layers of zones: land gained and lost, zones added, removed, reshaped (版本差异)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.life.difference_areas import Shapes, Sides, differences
from shuibao.delimitation.life.recorded_zones import Zone, zones_of
from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import ACROSS, HECTARE, KINDS, ZoneLayer

CHANGES = {
    "added": ("新增", "added"), "removed": ("删除", "removed"), "reshaped": ("边界变化", "reshaped"),
    "attributes": ("属性变化", "attributes"), "recoded": ("编号变化", "recoded"),
}  # fmt: skip
"""What may become of a zone between two layers."""


@dataclass(frozen=True)
class ZoneChange:
    """
    A zone that is not the same in two layers (一个区域的变化).

    Parameters
    ----------
    change : str
        One of :data:`CHANGES`.
    before, after : Zone or None
        The zone in the first layer and in the second.
    gained, lost : shapely geometry or None
        Land that is in the second alone, and in the first alone, m.
    columns : tuple of str
        Attributes that are not the same.
    """

    change: str
    before: Zone | None
    after: Zone | None
    gained: Any = field(default=None, compare=False)
    lost: Any = field(default=None, compare=False)
    columns: tuple[str, ...] = ()

    @property
    def zone(self) -> Zone:
        """Return the zone as it is last known (区域)."""
        found = self.after or self.before
        if found is None:  # pragma: no cover - one of them is always there
            raise ValueError("a change of no zone")
        return found


@dataclass(frozen=True)
class Difference:
    """
    All that differs between two layers (差异).

    Parameters
    ----------
    theme : str
        Theme of both.
    first, second : ZoneLayer
        The layers.
    changes : tuple of ZoneChange
        Sorted by code.
    """

    theme: str
    first: ZoneLayer = field(compare=False)
    second: ZoneLayer = field(compare=False)
    changes: tuple[ZoneChange, ...]

    def rows(self) -> list[dict[str, Any]]:
        """Return the changes as rows of a table, areas in hm² (变化清单)."""
        sides = [_areas_of([getattr(change, name) for change in self.changes]) for name in ("gained", "lost")] + [
            _areas_of([None if zone is None else zone.geometry for zone in (getattr(c, name) for c in self.changes)])
            for name in ("before", "after")
        ]
        return [_row(change, *areas) for change, *areas in zip(self.changes, *sides, strict=True)]

    def sums(self, by: Callable[[Zone], str]) -> dict[str, tuple[float, float]]:
        """
        Return land gained and lost in groups of zones, m² (分组得失面积).

        A zone that moves from one group to another is lost to the first and gained by the second; land that passes
        between zones of one group is counted on neither side.

        Parameters
        ----------
        by : callable
            The group of a zone.
        """
        before, after = ([by(zone) for zone in side] for side in self.zones)
        return self.sides.gained_and_lost(np.array(before, dtype=np.str_), np.array(after, dtype=np.str_))

    @cached_property
    def zones(self) -> tuple[list[Zone], list[Zone]]:
        """Return the zones that changed, as they were and as they are (变化前后的区域)."""
        return (
            [change.before for change in self.changes if change.before is not None],
            [change.after for change in self.changes if change.after is not None],
        )

    @cached_property
    def sides(self) -> Sides:
        """Return the shapes of the zones that changed, for their areas (变化前后的图形)."""
        before, after = (_shapes_of(side) for side in self.zones)
        return Sides(before, after)

    def land(self) -> tuple[Shapes, Shapes]:
        """
        Return the land that each kind gained and that it lost, whatever zones it passes between (得失土地).

        They are as large as :meth:`by_kind` says; a zone that only got another code is in neither.
        """
        before, after = (np.array([zone.kind for zone in side], dtype=np.str_) for side in self.zones)
        return self.sides.land(before, after)

    def by_kind(self) -> list[dict[str, Any]]:
        """Return land gained and lost, and the whole area, of each kind, hm² (各种类得失)."""
        sums = self.sums(lambda zone: zone.kind)
        rows = []
        for kind in (kind for kind, theme in KINDS.items() if theme == self.theme):
            gained, lost = sums.get(kind, (0.0, 0.0))
            a, b = (_area_of(layer, "kind", kind) for layer in (self.first, self.second))
            rows.append({"kind": kind, **_areas(gained, lost, a, b)})
        return rows

    def by_county(self) -> list[dict[str, Any]]:
        """
        Return land gained and lost, and the whole area, of the zones of each county, hm² (各县得失).

        The county is what the zones say, not where their land lies; zones of several counties are one group.
        """
        sums = self.sums(lambda zone: f"{zone.kind}|{zone.attributes.get('county') or ''}")
        counties = {str(c) for layer in (self.first, self.second) for c in layer.columns["county"]}
        names = dict(zip(*(self.second.columns[n].tolist() for n in ("county", "county_name")), strict=True))
        rows = []
        for county in sorted(counties):
            mine = [value for key, value in sums.items() if key.partition("|")[2] == county]
            a, b = (_area_of(layer, "county", county) for layer in (self.first, self.second))
            gained, lost = sum(g for g, _ in mine), sum(x for _, x in mine)
            name = names.get(county, "") if county else ACROSS
            rows.append({"county": county, "county_name": name, **_areas(gained, lost, a, b)})
        return rows


def _areas(gained: float, lost: float, before: float, after: float) -> dict[str, float]:
    figures = {"before_hm2": before, "after_hm2": after, "gained_hm2": gained, "lost_hm2": lost}
    return {name: round(value / HECTARE, 4) for name, value in figures.items()}


def _area_of(layer: ZoneLayer, column: str, value: str) -> float:
    mine = np.asarray(layer.columns[column], dtype=np.str_) == value
    return float(shapely.area(layer.geometry[mine]).sum())


def difference(first: ZoneLayer, second: ZoneLayer) -> Difference:
    """
    Return what differs between two layers of one theme (比较两个图层).

    Zones are compared by code; a zone whose shape is there under another code has been recoded.

    Parameters
    ----------
    first, second : ZoneLayer
        The layers.

    Raises
    ------
    ShuibaoError
        If they are of different themes or coordinate systems.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> from shuibao.zoning.layer import zone_layer
    >>> def layer(width):
    ...     shapes = np.array([shapely.box(0, 0, width, 100)], dtype=object)
    ...     return zone_layer("steep_slope", {"code": ["a"], "kind": ["steep_slope"]}, shapes, national_crs())
    >>> [(row["change"], row["gained_hm2"], row["lost_hm2"]) for row in difference(layer(100), layer(150)).rows()]
    [('reshaped', 0.5, 0.0)]
    """
    if first.theme != second.theme or first.crs != second.crs:
        raise ShuibaoError(
            f"两个图层不能比较：类别 {first.theme} 与 {second.theme}，坐标系 {first.crs.name} 与 {second.crs.name}；应相同。",
            f"the layers cannot be compared: themes {first.theme} and {second.theme}, systems {first.crs.name} and"
            f" {second.crs.name}; they must be the same.",
        )
    a, b = ({zone.code: zone for zone in zones_of(layer)} for layer in (first, second))
    found = _compared([(a[code], b[code]) for code in sorted(a.keys() & b.keys())])
    gone, came = {c: a[c] for c in a.keys() - b.keys()}, {c: b[c] for c in b.keys() - a.keys()}
    recoded = _recoded(gone, came)
    found += recoded
    for change in recoded:
        gone.pop(change.before.code)  # type: ignore[union-attr]
        came.pop(change.zone.code)
    found += [ZoneChange("removed", zone, None, None, zone.geometry) for zone in gone.values()]
    found += [ZoneChange("added", None, zone, zone.geometry, None) for zone in came.values()]
    changes = sorted(found, key=lambda c: (c.zone.code, c.change))
    return Difference(first.theme, first, second, tuple(changes))


def _compared(pairs: Sequence[tuple[Zone, Zone]]) -> list[ZoneChange]:
    """Return the changes of zones that are in both layers."""
    if not pairs:
        return []
    before, after = (_shapes_of([pair[k] for pair in pairs]) for k in (0, 1))
    moved = np.flatnonzero(_differ(before, after))
    gained, lost = differences(after[moved], before[moved]), differences(before[moved], after[moved])
    land = {int(k): (came, gone) for k, came, gone in zip(moved, gained, lost, strict=True)}
    out = []
    for k, (a, b) in enumerate(pairs):
        columns = _unlike(a, b)
        if k in land:
            out.append(ZoneChange("reshaped", a, b, *land[k], columns))
        elif columns:
            out.append(ZoneChange("attributes", a, b, columns=columns))
    return out


def _differ(before: Shapes, after: Shapes) -> NDArray[np.bool_]:
    """Tell which shapes are not those of before, whatever vertex their rings begin with."""
    differ = shapely.to_wkb(before, byte_order=1) != shapely.to_wkb(after, byte_order=1)
    maybe = np.flatnonzero(differ & (shapely.bounds(before) == shapely.bounds(after)).all(axis=1))
    differ[maybe] = ~shapely.equals(before[maybe], after[maybe])
    return np.asarray(differ, dtype=np.bool_)


def _shapes_of(zones: Sequence[Zone]) -> Shapes:
    out = np.empty(len(zones), dtype=object)
    out[:] = [zone.geometry for zone in zones]
    return out


def _unlike(a: Zone, b: Zone) -> tuple[str, ...]:
    """Return the attributes that are not the same; those that one file does not have are not compared."""
    both = a.attributes.keys() & b.attributes.keys()
    return tuple(sorted(name for name in both if a.attributes[name] != b.attributes[name]))


def _recoded(gone: dict[str, Zone], came: dict[str, Zone]) -> list[ZoneChange]:
    """Return the zones whose very shape and kind are there under another code."""
    by_shape: dict[tuple[str, bytes], Zone] = {}
    new = [came[code] for code in sorted(came)]
    for key, zone in zip(_shape_keys(new), new, strict=True):
        by_shape.setdefault(key, zone)
    out = []
    old = [gone[code] for code in sorted(gone)]
    for key, zone in zip(_shape_keys(old), old, strict=True):
        twin = by_shape.pop(key, None)
        if twin is not None:
            out.append(ZoneChange("recoded", zone, twin, columns=("code", *_unlike(zone, twin))))
    return out


def _shape_keys(zones: Sequence[Zone]) -> list[tuple[str, bytes]]:
    if not zones:
        return []
    wkb = shapely.to_wkb(shapely.normalize(_shapes_of(zones)), byte_order=1)
    return [(zone.kind, bytes(found)) for zone, found in zip(zones, wkb, strict=True)]


def _areas_of(shapes: Sequence[Any]) -> list[float]:
    """Return areas, m²; nothing is 0."""
    area = shapely.area(np.array(shapes, dtype=object)) if shapes else np.empty(0)
    return [float(value) for value in np.nan_to_num(area)]


def _row(change: ZoneChange, gained: float, lost: float, before: float, after: float) -> dict[str, Any]:
    zone = change.zone
    old = {} if change.before is None else {"code": change.before.code, **change.before.attributes}
    new = {} if change.after is None else {"code": change.after.code, **change.after.attributes}
    said = (
        "; ".join(f"{name}: {_shown(old.get(name))} → {_shown(new.get(name))}" for name in change.columns)
        if old and new
        else ""
    )
    return {
        "change": change.change, "code": zone.code, "name": str(zone.attributes.get("name") or ""), "kind": zone.kind,
        "county": str(zone.attributes.get("county") or ""), "county_name": str(zone.attributes.get("county_name") or ""),
        **_areas(gained, lost, before, after), "columns": said,
    }  # fmt: skip


def _shown(value: Any) -> str:
    """Return a value of an attribute as people read it: a number with at most four decimals, a dash for none."""
    if value is None or value != value:  # noqa: PLR0124  NaN is not equal to itself
        return "—"
    return f"{round(value, 4):.15g}" if isinstance(value, float) else str(value)
