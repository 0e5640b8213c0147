"""What differs between two layers of zones: land gained and lost, zones added, removed, reshaped (版本差异)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.life.changes import same_shape
from shuibao.delimitation.life.kind_overlaps import polygons_of
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
        return [_row(change) for change in self.changes]

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
        gone: dict[str, list[Any]] = {}
        came: dict[str, list[Any]] = {}
        for change in self.changes:
            if change.before is not None:
                gone.setdefault(by(change.before), []).append(change.before.geometry)
            if change.after is not None:
                came.setdefault(by(change.after), []).append(change.after.geometry)
        out = {}
        for group in sorted(set(gone) | set(came)):
            a, b = (shapely.union_all(sides.get(group, [])) for sides in (gone, came))
            out[group] = shapely.difference(b, a).area, shapely.difference(a, b).area
        return out

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
    found = [_compared(a[code], b[code]) for code in a.keys() & b.keys()]
    gone, came = {c: a[c] for c in a.keys() - b.keys()}, {c: b[c] for c in b.keys() - a.keys()}
    recoded = _recoded(gone, came)
    found += recoded
    for change in recoded:
        gone.pop(change.before.code)  # type: ignore[union-attr]
        came.pop(change.zone.code)
    found += [ZoneChange("removed", zone, None, None, zone.geometry) for zone in gone.values()]
    found += [ZoneChange("added", None, zone, zone.geometry, None) for zone in came.values()]
    changes = sorted((c for c in found if c is not None), key=lambda c: (c.zone.code, c.change))
    return Difference(first.theme, first, second, tuple(changes))


def _compared(a: Zone, b: Zone) -> ZoneChange | None:
    columns = _unlike(a, b)
    if same_shape(a.geometry, b.geometry) or shapely.equals(a.geometry, b.geometry):
        return ZoneChange("attributes", a, b, columns=columns) if columns else None
    gained = polygons_of(shapely.difference(b.geometry, a.geometry))
    lost = polygons_of(shapely.difference(a.geometry, b.geometry))
    return ZoneChange("reshaped", a, b, gained, lost, columns)


def _unlike(a: Zone, b: Zone) -> tuple[str, ...]:
    """Return the attributes that are not the same; those that one file does not have are not compared."""
    both = a.attributes.keys() & b.attributes.keys()
    return tuple(sorted(name for name in both if a.attributes[name] != b.attributes[name]))


def _recoded(gone: dict[str, Zone], came: dict[str, Zone]) -> list[ZoneChange]:
    """Return the zones whose very shape and kind are there under another code."""
    by_shape: dict[tuple[str, bytes], Zone] = {}
    for code in sorted(came):
        by_shape.setdefault(_shape_key(came[code]), came[code])
    out = []
    for code in sorted(gone):
        twin = by_shape.pop(_shape_key(gone[code]), None)
        if twin is not None:
            out.append(ZoneChange("recoded", gone[code], twin, columns=("code", *_unlike(gone[code], twin))))
    return out


def _shape_key(zone: Zone) -> tuple[str, bytes]:
    return zone.kind, bytes(shapely.to_wkb(shapely.normalize(zone.geometry), byte_order=1))


def _row(change: ZoneChange) -> dict[str, Any]:
    zone = change.zone
    area = [0.0 if z is None else float(z.geometry.area) for z in (change.before, change.after)]
    gained, lost = (0.0 if part is None else float(part.area) for part in (change.gained, change.lost))
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
        **_areas(gained, lost, area[0], area[1]), "columns": said,
    }  # fmt: skip


def _shown(value: Any) -> str:
    """Return a value of an attribute as people read it: a number with at most four decimals, a dash for none."""
    if value is None or value != value:  # noqa: PLR0124  NaN is not equal to itself
        return "—"
    return f"{round(value, 4):.15g}" if isinstance(value, float) else str(value)
