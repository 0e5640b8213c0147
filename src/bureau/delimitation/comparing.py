"""Comparing two versions (版本比较): what came, what went, zone by zone, kind by kind, county by county."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from bureau.delimitation.acting import in_plain_words
from bureau.delimitation.folders import present
from bureau.delimitation.indexing import degrees, zones_folder
from bureau.delimitation.models import Delimitation
from bureau.refusal import Refusal
from shuibao.delimitation.folder import DRAWN, read_layer
from shuibao.delimitation.life.difference import CHANGES, Difference, ZoneChange, difference
from shuibao.delimitation.life.journal import Record, read_journal
from shuibao.delimitation.life.lineage import HOWS, Descent, descents
from shuibao.delimitation.life.versions import rebuilt, version_of
from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import ZoneLayer

TITLES = {
    "name": "名称", "kind": "种类", "level": "级别", "county": "县代码", "county_name": "县", "town": "乡镇代码",
    "town_name": "乡镇", "basis": "依据",
}  # fmt: skip
"""Names of the attributes that people set."""
MOST_TOLD = 6
"""Codes that a sentence names (chosen)."""
MOST_VERTICES, LEAST_STEP, LARGEST_STEP = 60_000, 10.0, 640.0
"""Vertices that a browser is given at most, and the steps by which shapes are thinned until they are fewer, m (chosen)."""


@dataclass(frozen=True)
class Comparison:
    """
    Two versions beside each other (版本比较).

    Attributes
    ----------
    rows : list of dict
        Zones that are not the same.
    kinds : list of dict
        Land gained and lost of each kind.
    descents : list of dict
        Which zones became which: split, merged, divided anew.
    features : dict
        GeoJSON of both sides: ``before``, ``after``, ``gained``, ``lost``; borders within zones: ``drawn``, ``gone``.
    """

    rows: list[dict[str, Any]]
    kinds: list[dict[str, Any]]
    descents: list[dict[str, Any]]
    features: dict[str, Any]


def compare(delimitation: Delimitation, first: int, second: int, *, scope: str) -> Comparison:
    """
    Compare two versions, each built again from the records (比较两版).

    Parameters
    ----------
    delimitation : Delimitation
    first, second : int
        Versions; 0 is the drawn layer before any record.
    scope : str
        What the region codes of whoever asks begin with: of zones of other counties nothing is told.

    Raises
    ------
    Refusal
        If there is no such version, or it cannot be built.
    """
    try:
        present(delimitation)
        folder = zones_folder(delimitation)
        records = read_journal(folder)
        a, b = (seen(layer_at(delimitation, records, number), scope) for number in (first, second))
        found = difference(a, b)
    except ShuibaoError as refused:
        raise Refusal("not-comparable", in_plain_words(refused)) from refused
    lines = descents(found)
    told = _told(lines)
    rows = [
        {**row, "change_name": CHANGES[row["change"]][0], "said": _said(change), "descent": _descent_of(change, told)}
        for row, change in zip(found.rows(), found.changes, strict=True)
    ]
    kinds = [row for row in found.by_kind() if row["before_hm2"] or row["after_hm2"]]
    groups = [{"how": HOWS[one.how][0], "before": _some(one.before), "after": _some(one.after)} for one in lines]
    return Comparison(rows, kinds, groups, _features(found) | _borders(lines, found.first))


def _told(lines: Sequence[Descent]) -> dict[str, str]:
    """Return what is said of each zone that was split, merged or divided anew."""
    told = {}
    for one in lines:
        words = f"{_some(one.before)} {HOWS[one.how][0]} {_some(one.after)}"
        told.update(dict.fromkeys((*one.before, *one.after), words))
    return told


def _descent_of(change: ZoneChange, told: Mapping[str, str]) -> str:
    """Return where a zone comes from, or what became of it."""
    if change.change == "recoded" and change.before is not None:
        return f"原编号 {change.before.code}"
    return told.get(change.zone.code, "")


def _some(codes: Sequence[str]) -> str:
    return "、".join(codes[:MOST_TOLD]) + (f" 等 {len(codes)} 个" if len(codes) > MOST_TOLD else "")


def _borders(lines: Sequence[Descent], layer: ZoneLayer) -> dict[str, Any]:
    """Return the borders that came and went within zones, as GeoJSON; with fewer vertices where there are too many."""
    found = {}
    for name in ("drawn", "gone"):
        shapes = np.array([getattr(one, name) for one in lines], dtype=object)
        if int(shapely.get_num_coordinates(shapes).sum()) > MOST_VERTICES:
            shapes = shapely.simplify(shapes, LEAST_STEP)
        told = [("、".join(one.after[:MOST_TOLD]), line) for one, line in zip(lines, shapes, strict=True)]
        found[name] = _collection([(codes, line) for codes, line in told if not line.is_empty], layer)
    return found


def layer_at(delimitation: Delimitation, records: list[Record], number: int) -> ZoneLayer:
    """
    Return the layer of a version; 0 is the drawn one before any record (版本图层).

    Parameters
    ----------
    delimitation : Delimitation
    records : list of Record
        Its journal.
    number : int
    """
    folder = zones_folder(delimitation)
    return (
        read_layer(folder / DRAWN) if number == 0 and not records else rebuilt(folder, version_of(records, number or 1))
    )


def seen(layer: ZoneLayer, scope: str) -> ZoneLayer:
    """
    Return the zones of a layer that somebody sees: of their own land, and those not cut by counties (可见区域).

    Parameters
    ----------
    layer : ZoneLayer
    scope : str
        What the codes of their regions begin with.
    """
    county = np.asarray(layer.columns["county"], dtype=np.str_)
    return layer.subset(np.array([not code or code.startswith(scope) for code in county], dtype=bool))


def _said(change: ZoneChange) -> str:
    """Return in words which attributes are not the same; of those that were measured on the shape, how many."""
    if change.before is None or change.after is None:
        return ""
    old, new = change.before.attributes, change.after.attributes
    told = [f"{TITLES[n]}：{old.get(n) or '—'} → {new.get(n) or '—'}" for n in change.columns if n in TITLES]
    others = sum(name not in TITLES and name != "code" for name in change.columns)
    return "；".join([*told, *([f"量得的列 {others} 项"] if others else [])])


def _features(found: Difference) -> dict[str, Any]:
    """Return the zones of both sides that differ, and the land gained and lost, as GeoJSON."""
    sides: dict[str, list[tuple[str, Any]]] = {"before": [], "after": [], "gained": [], "lost": []}
    for change in found.changes:
        for name, zone in (("before", change.before), ("after", change.after)):
            if zone is not None:
                sides[name].append((zone.code, zone.geometry))
        for name, part in (("gained", change.gained), ("lost", change.lost)):
            if part is not None and not part.is_empty:
                sides[name].append((change.zone.code, part))
    return {name: _collection(shapes, found.first) for name, shapes in _lighter(sides).items()}


def _lighter(sides: dict[str, list[tuple[str, Any]]]) -> dict[str, list[tuple[str, Any]]]:
    """Return shapes with fewer vertices where a browser would be given too many; the lists and areas are exact."""
    step = LEAST_STEP
    while sum(int(shapely.get_num_coordinates(shape)) for side in sides.values() for _, shape in side) > MOST_VERTICES:
        sides = {name: _thinned(side, step, least=name in ("gained", "lost")) for name, side in sides.items()}
        if step > LARGEST_STEP:
            break
        step *= 2
    return sides


def _thinned(side: list[tuple[str, Any]], step: float, *, least: bool) -> list[tuple[str, Any]]:
    """Return shapes with vertices no closer than a step; of land gained and lost, none that is smaller than one."""
    shapes = np.array([shape for _, shape in side], dtype=object)
    thin = shapely.simplify(shapes, step, preserve_topology=False) if len(side) else shapes
    smallest = step**2 if least else 0.0
    return [(code, shape) for (code, _), shape in zip(side, thin, strict=True) if shape.area > smallest]


def _collection(shapes: list[tuple[str, Any]], layer: ZoneLayer) -> dict[str, Any]:
    if not shapes:
        return {"type": "FeatureCollection", "features": []}
    turned = degrees(np.array([shape for _, shape in shapes], dtype=object), layer.crs)
    texts = shapely.to_geojson(shapely.set_precision(turned, 1e-6, mode="pointwise"))
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code}, "geometry": json.loads(text)}
            for (code, _), text in zip(shapes, texts, strict=True)
        ],
    }
