"""What people want changed, as changes of zones (修改意图成为变更)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.life.changes import Change, named_zones
from shuibao.delimitation.life.incoming import Incoming
from shuibao.delimitation.life.kind_overlaps import polygons_of
from shuibao.delimitation.life.recorded_zones import Zone, zones_of
from shuibao.delimitation.life.snapping import snapped
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.watershed.watershed_names import numeral
from shuibao.zoning.layer import COLUMNS, KINDS, LEVELS, ZoneLayer

FIXED = ("code", "area_m2", "area_hm2", "perimeter_m")
"""Columns that cannot be set: the code names a zone for good, the others follow from its shape."""


@dataclass(frozen=True)
class Wishes:
    """
    What one edit is to do (一次修改的内容).

    Parameters
    ----------
    incoming : Incoming or None
        Zones by code that take the place of those there are, or are new.
    remove : tuple of str
        Codes of zones that go.
    merge : tuple of tuple of str
        Codes of zones that become one, under the first.
    settings : mapping of str to mapping
        Attributes to set, by code.
    """

    incoming: Incoming | None = None
    remove: tuple[str, ...] = ()
    merge: tuple[tuple[str, ...], ...] = ()
    settings: Mapping[str, Mapping[str, str]] | None = None


def changes_for(layer: ZoneLayer, wishes: Wishes, rules: Rules) -> list[Change]:
    """
    Return the changes that an edit comes to (编制变更).

    Parameters
    ----------
    layer : ZoneLayer
        The zones as they are.
    wishes : Wishes
        What is to be done.
    rules : Rules
        Rule packs in force: tolerances, measured columns.

    Raises
    ------
    ShuibaoError
        If a zone is not there, is asked for twice, or nothing would change.
    """
    out = [*_of_removals(layer, wishes.remove), *_of_merges(layer, wishes.merge, rules)]
    if wishes.incoming is not None:
        out += _of_incoming(layer, wishes.incoming, rules)
    out += _of_settings(layer, wishes.settings or {})
    seen: set[str] = set()
    for change in out:
        again = seen & set(change.codes)
        if again:
            raise ShuibaoError(
                f"区域 {'、'.join(sorted(again))} 在一次修改中有两种改法；请分两次修改。",
                f"the zones {', '.join(sorted(again))} are changed in two ways by one edit; make two edits of it.",
            )
        seen |= set(change.codes)
    if not out:
        raise ShuibaoError(
            "没有任何变化：送来的区域与现状相同；没有记录。",
            "nothing would change: the zones are as they were; no record.",
        )
    return out


def _of_removals(layer: ZoneLayer, codes: Sequence[str]) -> list[Change]:
    return [Change("remove", (zone,), ()) for zone in named_zones(layer, list(dict.fromkeys(codes)))]


def _of_merges(layer: ZoneLayer, merges: Sequence[Sequence[str]], rules: Rules) -> list[Change]:
    out = []
    for codes in merges:
        zones = named_zones(layer, list(dict.fromkeys(codes)))
        if len(zones) < 2 or len({zone.kind for zone in zones}) > 1:
            raise ShuibaoError(
                f"合并要两个以上同种类的区域，现为 {'、'.join(codes)}；请写成 --merge A1,A2。",
                f"merging takes two or more zones of one kind, not {', '.join(codes)}; write --merge A1,A2.",
            )
        _refuse_across(layer.theme, zones)
        shape = polygons_of(shapely.union_all([zone.geometry for zone in zones]))
        if _parts(shape) > max(_parts(zone.geometry) for zone in zones):
            raise ShuibaoError(
                f"{'、'.join(codes)} 不相邻，合并后不是一块；只能合并相邻的区域。",
                f"{', '.join(codes)} do not touch, and would not be one piece; only neighbours can be merged.",
            )
        out.append(Change("merge", tuple(zones), (_measured_anew(zones[0], shape, rules, {}),)))
    return out


def _refuse_across(theme: str, zones: Sequence[Zone]) -> None:
    """Refuse to merge steep slopes of several counties or towns: each is announced, and summed, in its own."""
    for column in ("county", "town") if theme == "steep_slope" else ():
        places = {
            str(zone.attributes.get(column) or ""): str(zone.attributes.get(f"{column}_name") or "") for zone in zones
        }
        if len(places) > 1:
            words = [f"{code} {name}".strip() or "—" for code, name in sorted(places.items())]
            raise ShuibaoError(
                f"{'、'.join(zone.code for zone in zones)} 分属 {'、'.join(words)}；陡坡地按县、乡镇切分，只能合并同一乡镇的图斑。",
                f"{', '.join(zone.code for zone in zones)} are of {', '.join(words)}; steep slopes are split by county and town:"
                " only those of one town can be merged.",
            )


def _parts(shape: Any) -> int:
    return int(shapely.get_num_geometries(shape))


def _of_settings(layer: ZoneLayer, settings: Mapping[str, Mapping[str, str]]) -> list[Change]:
    out = []
    for zone in named_zones(layer, list(settings)):
        given = {name: _typed(layer, name, text) for name, text in settings[zone.code].items()}
        changed = {name: value for name, value in given.items() if zone.attributes.get(name) != value}
        if changed:
            operation = "rename" if set(changed) == {"name"} else "attributes"
            out.append(Change(operation, (zone,), (replace(zone, attributes={**zone.attributes, **changed}),)))
    return out


def _typed(layer: ZoneLayer, name: str, text: str) -> Any:
    """Return a typed value of a column, refusing what cannot be set."""
    settable = [n for n in layer.columns if n not in FIXED]
    if name not in settable:
        raise CallError(
            f"不能设置列「{name}」；可设：{'、'.join(settable)}。",
            f"'{name}' cannot be set; these can: {', '.join(settable)}.",
        )
    kinds = [kind for kind, of in KINDS.items() if of == layer.theme]
    for column, allowed in (("kind", kinds), ("level", list(LEVELS))):
        if name == column and text not in allowed:
            raise CallError(
                f"{name} 为「{text}」，可用：{'、'.join(allowed)}。",
                f"{name} is '{text}'; allowed: {', '.join(allowed)}.",
            )
    kind = np.asarray(layer.columns[name]).dtype.kind
    try:
        if kind in "iub":
            return bool(int(text)) if kind == "b" else int(text)
        return float(text) if kind == "f" else text
    except ValueError as error:
        raise CallError(f"{name} 应为数，现为「{text}」。", f"{name} must be a number, not '{text}'.") from error


def _of_incoming(layer: ZoneLayer, incoming: Incoming, rules: Rules) -> list[Change]:
    rows = {str(code): k for k, code in enumerate(layer.columns["code"])}
    shapes = _snapped(layer, incoming, rules)
    given = {
        code: (shapes[k], {n: v for n, v in incoming.attributes[k].items() if n != "parent"})
        for k, code in enumerate(incoming.codes)
    }
    parents = {
        code: str(values["parent"])
        for code, values in zip(incoming.codes, incoming.attributes, strict=True)
        if values.get("parent") and values["parent"] != code
    }
    out = [_split(layer, parent, parents, given, rules) for parent in sorted(set(parents.values()))]
    done = set(parents) | set(parents.values())
    for code, (shape, values) in given.items():
        if code in done:
            continue
        if code in rows:
            out += _altered(zones_of(layer, [rows[code]])[0], shape, values, rules)
        else:
            out.append(Change("add", (), (_new(layer, code, shape, values),)))
    return out


def _split(
    layer: ZoneLayer, parent: str, parents: Mapping[str, str], given: Mapping[str, tuple[Any, Any]], rules: Rules
) -> Change:
    """Return the change of a zone into several: those that name it, and what the file leaves of itself."""
    (whole,) = named_zones(layer, [parent])
    children = [code for code, of in parents.items() if of == parent] + ([parent] if parent in given else [])
    names = part_names(layer, whole, children, {code: str(given[code][1].get("name") or "") for code in children})
    after = []
    for code in children:
        shape, values = given[code]
        part = _measured_anew(whole, shape, rules, {**values, "name": names[code]})
        after.append(replace(part, code=code))
    return Change("split", (whole,), tuple(after))


_NUMBERED = re.compile(r"^(.*)（[零一二三四五六七八九十百千]+）$")


def part_names(layer: ZoneLayer, whole: Zone, children: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """
    Return the names of the parts of a zone that is split: each its own (拆分后的名称).

    A part that the file gives another name than the whole's has that; the part that keeps the code keeps the name. The
    others have the name of the whole with the next numeral behind it that no zone has.

    Parameters
    ----------
    layer : ZoneLayer
        The zones as they are.
    whole : Zone
        The zone that is split.
    children : sequence of str
        Codes of its parts.
    given : mapping of str to str
        Name of each in the file; empty if it says none.
    """
    own = str(whole.attributes.get("name") or "")
    found = _NUMBERED.match(own)
    stem = found[1] if found else own
    names = {code: given[code] for code in children if given[code] and given[code] != own}
    if whole.code in children:
        names.setdefault(whole.code, own)
    taken = {str(name) for name in layer.columns.get("name", ())} | set(names.values())
    number = 1 if whole.code not in children else 2
    for code in sorted(set(children) - set(names)):
        while f"{stem}（{numeral(number)}）" in taken:
            number += 1
        names[code] = f"{stem}（{numeral(number)}）" if stem else ""
        taken.add(names[code])
    return names


def _altered(zone: Zone, shape: Any, values: Mapping[str, Any], rules: Rules) -> list[Change]:
    named = {n: v for n, v in values.items() if n in COLUMNS and n not in FIXED}
    changed = {name: value for name, value in named.items() if zone.attributes.get(name) != value}
    if shape is not zone.geometry:
        return [Change("reshape", (zone,), (_measured_anew(zone, shape, rules, values),))]
    if not changed:
        return []
    operation = "rename" if set(changed) == {"name"} else "attributes"
    return [Change(operation, (zone,), (replace(zone, attributes={**zone.attributes, **changed}),))]


def _measured_anew(zone: Zone, shape: Any, rules: Rules, given: Mapping[str, Any]) -> Zone:
    """Return a zone with another shape; what was measured on the old one is missing unless the file gives it."""
    attributes = {**zone.attributes}
    if not fits(zone.geometry, shape, float(rules.value("zone_edit.fit"))):
        attributes |= {name: None for name in rules.value("zone_edit.measured") if name in attributes}
    known = {name: value for name, value in given.items() if name in attributes and name not in FIXED}
    return Zone(zone.code, attributes | known, shape)


def fits(a: Any, b: Any, percent: float) -> bool:
    """
    Tell whether two shapes differ by no more than a part of the first (边界是否相符).

    Parameters
    ----------
    a, b : shapely geometry
        Shapes.
    percent : float
        Area that is in one alone, percent of the first's.

    Examples
    --------
    >>> square = shapely.box(0, 0, 100, 100)
    >>> fits(square, shapely.box(0, 0, 100, 100.5), 1), fits(square, shapely.box(0, 0, 100, 102), 1)
    (True, False)
    """
    return bool(shapely.symmetric_difference(a, b).area * 100 <= percent * a.area)


def _new(layer: ZoneLayer, code: str, shape: Any, values: Mapping[str, Any]) -> Zone:
    kinds = [kind for kind, of in KINDS.items() if of == layer.theme]
    kind = values.get("kind") or (kinds[0] if len(kinds) == 1 else "")
    if not kind:
        raise ShuibaoError(
            f"新区域 {code} 没有写明种类；请在字段 kind 中填写：{'、'.join(kinds)}。",
            f"the new zone {code} does not say its kind; fill in the field kind: {', '.join(kinds)}.",
        )
    known: dict[str, Any] = {name: None for name in layer.columns if name not in FIXED}
    texts = {name: "" for name in COLUMNS if name not in FIXED}
    return Zone(code, known | texts | {n: v for n, v in values.items() if n in known} | {"kind": kind}, shape)


def _snapped(layer: ZoneLayer, incoming: Incoming, rules: Rules) -> NDArray[Any]:
    """
    Return incoming shapes with vertices on those that were there; a shape that has not moved is the old one itself.

    Coordinates that went to another system and back differ in their last digits: a shared side must stay one.
    """
    near = float(rules.value("zone_edit.snap"))
    rows = {str(code): k for k, code in enumerate(layer.columns["code"])}
    tree = shapely.STRtree(layer.geometry)
    out = incoming.geometry.copy()
    for k, code in enumerate(incoming.codes):
        shape = incoming.geometry[k]
        if code in rows and _unmoved(layer.geometry[rows[code]], shape, near):
            out[k] = layer.geometry[rows[code]]
            continue
        beside = tree.query(shape, predicate="dwithin", distance=near)
        if len(beside):
            out[k] = snapped(shape, shapely.get_coordinates(layer.geometry[beside]), near)
    return out


def _unmoved(old: Any, new: Any, near: float) -> bool:
    """Tell whether two boundaries run within a distance of each other throughout."""
    if shapely.equals_exact(shapely.normalize(old), shapely.normalize(new), near):
        return True
    if abs(old.area - new.area) > near * old.length:
        return False
    a, b = shapely.boundary(old), shapely.boundary(new)
    return bool(shapely.covers(shapely.buffer(a, near), b) and shapely.covers(shapely.buffer(b, near), a))
