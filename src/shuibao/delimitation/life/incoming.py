"""Zones that somebody hands in, examined before any of them is believed (送来的区域)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.handed_in import holds_several, in_system, read_handed_in
from shuibao.delimitation.life.kind_overlaps import polygons_of
from shuibao.ground.vectors import Vectors
from shuibao.messages import CallError, ShuibaoError, counted, say
from shuibao.rules import Rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import Region
from shuibao.zoning.layer import COLUMNS, KINDS, LEVELS, ZoneLayer, zone_layer

POLYGONAL = ("Polygon", "MultiPolygon")

MOST_TOLD = 20
"""Faults that a refusal names."""

ELSEWHERE = 0.99
"""Part of a zone outside the region from which it lies elsewhere altogether: rounding of borders is no more."""

Fault = tuple[str, str, str]
"""Which zone, and what is wrong with it in Chinese and in English."""


@dataclass(frozen=True)
class Territory:
    """
    The land that zones must lie on (辖区).

    Parameters
    ----------
    codes : tuple of str
        GB/T 2260 codes of its counties; empty where none are known.
    shapes : (n,) array of shapely geometry or None
        Its counties, which do not overlap, m, in the system of the layer; None where they are not known.
    """

    codes: tuple[str, ...] = ()
    shapes: NDArray[Any] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Incoming:
    """
    Zones as handed in, in the system of the layer that they belong to (送来的区域).

    Parameters
    ----------
    codes : tuple of str
        Their codes, each once.
    attributes : tuple of mapping
        Of each zone, what the file says of it, by our names; empty values are left out.
    geometry : (n,) array of shapely geometry
        Valid polygons, m.
    notes : tuple of str
        What was done to them on the way in.
    """

    codes: tuple[str, ...]
    attributes: tuple[Mapping[str, Any], ...]
    geometry: NDArray[Any]
    notes: tuple[str, ...]


def territory_of(region: Region) -> Territory:
    """
    Return the land of a region, which its zones must lie on (取辖区).

    Parameters
    ----------
    region : Region
        The region folder.
    """
    counties = counties_of(region)
    return Territory(counties.codes, counties.geometry)


def refuse_foreign(settings: Mapping[str, Mapping[str, str]], territory: Territory) -> None:
    """
    Refuse to put a zone into a county that is not of the region (拒绝他县代码).

    Parameters
    ----------
    settings : mapping of str to mapping
        Attributes to set, by code of the zone.
    territory : Territory
        The counties of the region.

    Raises
    ------
    CallError
        If one is not among them.
    """
    for code, given in settings.items():
        if territory.codes and given.get("county", territory.codes[0]) not in territory.codes:
            raise CallError(
                f"{code} 的 county 为「{given['county']}」，不在本区域；可用：{'、'.join(territory.codes)}。",
                f"county of {code} is '{given['county']}', not in the region; use: {', '.join(territory.codes)}.",
            )


def read_incoming(
    path: Path,
    layer: ZoneLayer,
    rules: Rules,
    territory: Territory,
    *,
    crs: str | None = None,
    sheet: str = "",
    repair: bool = False,
) -> Incoming:
    """
    Read zones that somebody hands in, refusing them with all that is wrong (读取送来的区域).

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile (zipped or not), GeoJSON or GeoParquet.
    layer : ZoneLayer
        The layer that they belong to.
    rules : Rules
        Rule packs in force: names of fields, codes of kinds and levels, tolerances.
    territory : Territory
        The land that they must lie on.
    crs : str, optional
        Coordinate system for a file that names none.
    sheet : str
        Layer of a GeoPackage that has several.
    repair : bool
        Whether shapes that cross themselves are mended rather than refused.

    Raises
    ------
    ShuibaoError
        If the file has no codes, or any zone is wrong; the message lists them.
    """
    vectors, curved = read_handed_in(path, crs=crs, layer=sheet)
    columns = named_columns(vectors, rules.value("zone_edit.fields"), list(layer.columns))
    if "code" not in columns:
        have = [str(name) for name in vectors.columns]
        raise ShuibaoError(
            f"{path.name} 没有编号字段（现有：{'、'.join(have) or '无'}）；请加上 code 或「编号」。",
            f"{path.name} has no field of codes (it has: {', '.join(have) or 'none'}); add one named code.",
        )
    codes = [_text(value) for value in columns.pop("code")]
    with np.errstate(invalid="ignore"):
        shapes = in_system(vectors, layer.crs, path.name)
    shapes, notes = _mended(vectors, shapes, curved, repair=repair)
    attributes = [_values(columns, k, layer, rules) for k in range(len(codes))]
    faults = [
        *_wrong_codes(codes), *_wrong_shapes(codes, shapes), *_wrong_attributes(codes, attributes, layer.theme),
        *_elsewhere(codes, shapes, attributes, territory, rules),
    ]  # fmt: skip
    _refuse(path.name, faults)
    return Incoming(tuple(codes), tuple(attributes), shapes, tuple(notes))


def layer_of_file(path: Path, like: ZoneLayer, rules: Rules, *, sheet: str = "") -> ZoneLayer:
    """
    Return zones from a file as a layer like another: of its theme and in its system (文件成图层).

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile, GeoJSON, or GeoParquet.
    like : ZoneLayer
        A layer of the theme.
    rules : Rules
        Rule packs in force.
    sheet : str
        Layer of a GeoPackage that has several; one that has a single layer does without.

    Raises
    ------
    ShuibaoError
        If the file is wrong, or a zone does not say its kind.
    """
    found = read_incoming(path, like, rules, Territory(), sheet=sheet if holds_several(path) else "")
    kinds = [kind for kind, of in KINDS.items() if of == like.theme]
    names = sorted({name for values in found.attributes for name in values if name in like.columns} | {"kind"})
    columns = {name: [values.get(name, "") for values in found.attributes] for name in names if name in COLUMNS}
    columns["kind"] = [kind or (kinds[0] if len(kinds) == 1 else "") for kind in columns["kind"]]
    if "" in columns["kind"]:
        raise ShuibaoError(
            f"{path.name} 有区域没有写明种类（kind）；可用：{'、'.join(kinds)}。",
            f"zones of {path.name} do not say their kind; allowed: {', '.join(kinds)}.",
        )
    return zone_layer(like.theme, {"code": list(found.codes), **columns}, found.geometry, like.crs)


def named_columns(vectors: Vectors, fields: list[Mapping[str, Any]], own: list[str]) -> dict[str, NDArray[Any]]:
    """
    Return the columns of a file under our names (对照字段名).

    Parameters
    ----------
    vectors : Vectors
        The file as read.
    fields : list of mapping
        ``id`` and the ``names`` that it may go by, the preferred first.
    own : list of str
        Names of columns that are taken as they are.
    """
    given = {str(name).strip().lower(): values for name, values in vectors.columns.items()}
    out = {name: given[name.lower()] for name in own if name.lower() in given}
    for entry in fields:
        for name in entry["names"]:
            if entry["id"] not in out and name.lower() in given:
                out[entry["id"]] = given[name.lower()]
    return out


def _mended(vectors: Vectors, shapes: NDArray[Any], curved: int, *, repair: bool) -> tuple[NDArray[Any], list[str]]:
    notes = []
    deep = int(shapely.has_z(vectors.geometry).sum())
    if deep:
        notes.append(
            say(f"{deep} 个图形带高程或量测值（Z/M），已去掉。", f"dropped Z or M of {counted(deep, 'shape')}.")
        )
    if curved:
        notes.append(say(
            f"{curved} 个图形含圆弧，已化为折线。", f"arcs of {counted(curved, 'shape')} became chords."
        ))  # fmt: skip
    crossing = np.array([s is not None and s.geom_type in POLYGONAL and not s.is_valid for s in shapes], dtype=bool)
    if repair and crossing.any():
        out = shapes.copy()
        for k in np.flatnonzero(crossing):
            out[k] = polygons_of(shapely.make_valid(shapes[k]))
        notes.append(say(
            f"{int(crossing.sum())} 个图形自相交，已修复。", f"mended {counted(int(crossing.sum()), 'shape')} that crossed themselves."
        ))  # fmt: skip
        return out, notes
    return shapes, notes


def _values(columns: Mapping[str, NDArray[Any]], row: int, layer: ZoneLayer, rules: Rules) -> dict[str, Any]:
    """Return what a row says, with codes of kinds and levels by our names; what is empty is left out."""
    out: dict[str, Any] = {}
    for name, values in columns.items():
        text = _text(values[row])
        if not text or name in ("area_m2", "area_hm2"):
            continue
        if name in layer.columns and np.asarray(layer.columns[name]).dtype.kind in "iufb":
            out[name] = values[row].item() if isinstance(values[row], np.generic) else values[row]
        else:
            out[name] = text
    for name, key in (("kind", "zone_kind.classes"), ("level", "zone_level.classes")):
        if name in out:
            out[name] = _of_class(out[name], rules.value(key))
    return out


def _of_class(text: str, classes: list[Mapping[str, Any]]) -> str:
    for entry in classes:
        if text in (entry["id"], str(entry["code"]), entry["name"], entry["name_en"]):
            return str(entry["id"])
    return text


def _text(value: Any) -> str:
    if value is None or value != value:  # a missing number is not equal to itself
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _wrong_codes(codes: list[str]) -> Iterator[Fault]:
    for k, code in enumerate(codes, start=1):
        if not code:
            yield f"#{k}", "没有编号。", f"feature {k} has no code."
    for code in sorted({c for c in codes if c and codes.count(c) > 1}):
        yield code, "编号出现不止一次。", "the code occurs more than once."


def _wrong_shapes(codes: list[str], shapes: NDArray[Any]) -> Iterator[Fault]:
    seen: dict[bytes, str] = {}
    for k, shape in enumerate(shapes):
        code = codes[k] or f"#{k + 1}"
        if shape is None or shape.is_empty:
            yield code, "没有图形（空）。", "has no shape (empty)."
        elif shape.geom_type not in POLYGONAL:
            yield code, f"图形是 {shape.geom_type}，应为面。", f"is a {shape.geom_type}, must be a polygon."
        elif not shape.is_valid:
            reason = shapely.is_valid_reason(shape)
            yield (
                code,
                f"自相交或无效（{reason}）；可加 --repair 修复。",
                f"crosses itself ({reason}); --repair mends it.",
            )
        else:
            twin = seen.setdefault(shapely.to_wkb(shapely.normalize(shape)), code)
            if twin != code:
                yield code, f"图形与 {twin} 完全相同。", f"has the very shape of {twin}."


def _wrong_attributes(codes: list[str], attributes: list[dict[str, Any]], theme: str) -> Iterator[Fault]:
    kinds = [kind for kind, of in KINDS.items() if of == theme]
    for code, values in zip(codes, attributes, strict=True):
        for name, allowed in (("kind", kinds), ("level", list(LEVELS))):
            if name in values and values[name] not in allowed:
                yield (
                    code, f"{name} 为「{values[name]}」，可用：{'、'.join(allowed)}。",
                    f"{name} is '{values[name]}'; allowed: {', '.join(allowed)}.",
                )  # fmt: skip


def _elsewhere(
    codes: list[str], shapes: NDArray[Any], attributes: list[dict[str, Any]], territory: Territory, rules: Rules
) -> Iterator[Fault]:
    """Yield zones of another county, by what they say and by where they lie."""
    for code, values in zip(codes, attributes, strict=True):
        county = values.get("county", "")
        if county and territory.codes and not any(county.startswith(own) for own in territory.codes):
            yield code, f"县代码 {county} 不在本区域。", f"county {county} is not of this region."
    if territory.shapes is None:
        return
    most, tree = float(rules.value("zone_edit.outside")) / 100, shapely.STRtree(territory.shapes)
    for code, shape in zip(codes, shapes, strict=True):
        if shape is None or shape.is_empty or not shape.is_valid or not shape.area:
            continue
        inside = shapely.intersection(territory.shapes[tree.query(shape, predicate="intersects")], shape)
        share = 1 - float(shapely.area(inside).sum()) / shape.area
        if share >= ELSEWHERE:
            yield (
                code,
                "全部在区域之外：属于别的县，或坐标系写错。",
                "lies outside the region: of another county, or the CRS is wrong.",
            )
        elif share > most:
            yield code, f"有 {share:.1%} 在区域之外。", f"lies outside the region by {share:.1%}."


def _refuse(name: str, faults: list[Fault]) -> None:
    if not faults:
        return
    zh = "\n".join(f"  · {where}：{words}" for where, words, _ in faults[:MOST_TOLD])
    en = "\n".join(f"  - {where}: {words}" for where, _, words in faults[:MOST_TOLD])
    more = len(faults) - MOST_TOLD
    raise ShuibaoError(
        f"{name} 有 {len(faults)} 处问题，没有采用：\n{zh}"
        + (f"\n  · 另有 {more} 处" if more > 0 else "")
        + "\n请改正后再提供。",
        f"{name} is not taken, as {counted(len(faults), 'thing')} in it must be put right:\n{en}"
        + (f"\n  - and {more} more" if more > 0 else ""),
    )
