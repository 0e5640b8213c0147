"""Zones drawn elsewhere, as national and provincial ones are, read beside a region's own (外来区域图层)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.delimitation.control.projects import Note
from shuibao.delimitation.handed_in import holds_several, in_system, read_handed_in
from shuibao.ground.vectors import Vectors
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning.layer import KINDS, LEVELS, ZoneLayer, zone_layer

FIELDS = ("code", "name", "kind", "level", "county", "county_name")
"""Columns that are looked for, under the names that ``zone_package.fields`` gives them."""


def read_outside_zones(
    path: Path,
    crs: CRS,
    rules: Rules,
    *,
    kind: str = "",
    level: str = "",
    given_crs: str | None = None,
    layer: str = "",
) -> tuple[list[ZoneLayer], list[Note]]:
    """
    Read zones that were not drawn in the region folder (读取外来区域).

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile (zipped or not), GeoJSON or GeoParquet.
    crs : CRS
        Coordinate system wanted; equal-area.
    rules : Rules
        For the names of fields, kinds and levels: ``zone_package.fields``, ``zone_kind.classes``,
        ``zone_level.classes``.
    kind, level : str
        Kind and level of all zones, where the file does not say them.
    given_crs : str, optional
        Coordinate system of a file that names none.
    layer : str
        Layer of a GeoPackage that has several; one that has a single layer does without.

    Returns
    -------
    layers : list of ZoneLayer
        One for each theme in the file.
    notes : list of Note
        What was mended or left out.

    Raises
    ------
    CallError
        If kind or level is not known, or is neither in the file nor given.
    ShuibaoError
        If the file cannot be read, or a zone says a kind or level that does not exist.
    """
    vectors, curved = read_handed_in(
        path, crs=given_crs, layer=layer if holds_several(path) else "", shared=True, option="--zones-layer"
    )
    notes: list[Note] = []
    if curved:
        notes.append(
            Note(f"{path.name} 有 {curved} 个弧线图形已化为折线。", f"{curved} arcs of {path.name} are chords now.")
        )
    areas = np.isin(shapely.get_type_id(vectors.geometry), (3, 6)) & ~shapely.is_empty(vectors.geometry)
    if not areas.any():
        raise ShuibaoError(f"{path.name} 中没有面；区域应是面图层。", f"{path.name} holds no areas; zones are areas.")
    if not areas.all():
        left = int((~areas).sum())
        notes.append(
            Note(f"{path.name} 有 {left} 个要素不是面，已略去。", f"{left} features of {path.name} are no areas.")
        )
    shapes = in_system(Vectors({}, vectors.geometry[areas], vectors.crs), crs, path.name)
    broken = ~shapely.is_valid(shapes)
    if broken.any():
        shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
        number = int(broken.sum())
        notes.append(
            Note(
                f"{path.name} 有 {number} 个区域自相交，已修复。", f"{number} zones of {path.name} crossed themselves."
            )
        )
    own = _columns({name: values[areas] for name, values in vectors.columns.items()}, rules)
    own["kind"] = _words(own.get("kind"), kind, rules, "kind", tuple(KINDS), path.name, len(shapes))
    own["level"] = _words(own.get("level"), level, rules, "level", LEVELS, path.name, len(shapes))
    own["code"] = _codes(own.get("code"), path.stem, len(shapes))
    return _by_theme(own, shapes, crs, path.name), notes


def _by_theme(own: Mapping[str, NDArray[Any]], shapes: NDArray[Any], crs: CRS, file: str) -> list[ZoneLayer]:
    themes = np.array([KINDS[kind] for kind in own["kind"]], dtype=object)
    layers = []
    for theme in dict.fromkeys(themes.tolist()):
        mine = themes == theme
        columns = {name: values[mine] for name, values in own.items()}
        layers.append(zone_layer(theme, columns, shapes[mine], crs, {"FROM_FILE": file}))
    return layers


def _columns(given: Mapping[str, NDArray[Any]], rules: Rules) -> dict[str, NDArray[Any]]:
    """Return the columns that are known, under our names, as text."""
    known: dict[str, str] = {}
    for field in rules.value("zone_package.fields"):
        for word in ("name", "short", "title"):
            known[str(field[word]).lower()] = field["name"]
    found: dict[str, NDArray[Any]] = {}
    for name, values in given.items():
        ours = known.get(name.lower(), "")
        if ours in FIELDS and ours not in found:
            found[ours] = np.array(["" if v is None or v != v else _text(v) for v in values], dtype=object)
    return found


def _text(value: Any) -> str:
    """Return a value as text; a whole number without its decimals."""
    return (
        str(int(value)) if isinstance(value, float | np.floating) and float(value).is_integer() else str(value).strip()
    )


def _words(
    values: NDArray[Any] | None, given: str, rules: Rules, what: str, known: Sequence[str], file: str, number: int
) -> NDArray[Any]:
    """Return kinds or levels by id, from ids, codes or Chinese names."""
    if given and given not in known:
        raise CallError(
            f"--zones-{what} 的值「{given}」不存在；可用：{'、'.join(known)}。",
            f"--zones-{what} '{given}' does not exist; there are: {', '.join(known)}.",
        )
    ids: dict[str, str] = {}
    for entry in rules.value(f"zone_{what}.classes"):
        ids |= {str(entry[word]).lower(): entry["id"] for word in ("id", "code", "name", "name_en")}
    if values is None or not any(values):
        if not given:
            raise CallError(
                f"{file} 没有{'种类' if what == 'kind' else '级别'}字段；请用 --zones-{what} 指明（{'、'.join(known)}）。",
                f"{file} does not say the {what} of its zones; give it by --zones-{what} ({', '.join(known)}).",
            )
        return np.full(number, given, dtype=object)
    wrong = sorted(
        {value for value in values if value and value.lower() not in ids}
        | ({""} if "" in values and not given else set())
    )
    if wrong:
        raise ShuibaoError(
            f"{file} 的字段 {what} 有不认识的值 {wrong[:5]}；可用：{'、'.join(known)}，或其代码、中文名。",
            f"field {what} of {file} holds unknown values {wrong[:5]}; there are: {', '.join(known)}, their codes and names.",
        )
    return np.array([ids[value.lower()] if value else given for value in values], dtype=object)


def _codes(values: NDArray[Any] | None, stem: str, number: int) -> NDArray[Any]:
    """Return the codes of the file if they are whole and unique, else numbers behind its name."""
    if values is not None and all(values) and len(set(values.tolist())) == number:
        return values
    return np.array([f"{stem}-{k:05d}" for k in range(1, number + 1)], dtype=object)
