"""Zones against the borders of towns that are given with them: none may lie across one (乡镇界检查)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.delimitation.handed_in import in_system, read_handed_in
from shuibao.ground.vectors import Vectors
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules

HECTARE = 10_000.0


@dataclass(frozen=True)
class TownBorders:
    """
    Towns as somebody gives them (乡镇界).

    Parameters
    ----------
    source : str
        Name of the file.
    codes, names : tuple of str
        Code and name of each; a name may be empty.
    vectors : Vectors
        Their shapes, in the system of the file.
    """

    source: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    vectors: Vectors

    def on(self, crs: CRS) -> NDArray[np.object_]:
        """Return the shapes in another coordinate system, sound (换算坐标)."""
        shapes = in_system(self.vectors, crs, self.source)
        return np.asarray(shapely.make_valid(shapes, method="structure", keep_collapsed=False), dtype=object)


def read_town_borders(path: Path, rules: Rules) -> TownBorders:
    """
    Read the borders of towns (读取乡镇界).

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile (zipped or not), GeoJSON or GeoParquet of polygons.
    rules : Rules
        Asked for ``zone_acceptance.town_fields``.

    Raises
    ------
    CallError
        If there is no such file.
    ShuibaoError
        If it cannot be read, has no field of codes, or holds anything but polygons.
    """
    vectors, _ = read_handed_in(path)
    given = {str(name).strip().lower(): values for name, values in vectors.columns.items()}
    fields = {row["id"]: [name.lower() for name in row["names"]] for row in rules.value("zone_acceptance.town_fields")}
    found = {key: next((given[name] for name in names if name in given), None) for key, names in fields.items()}
    if found["code"] is None:
        raise ShuibaoError(
            f"{path.name} 没有乡镇代码字段（现有：{'、'.join(map(str, vectors.columns)) or '无'}）；"
            f"可用的名称：{'、'.join(fields['code'])}。",
            f"{path.name} has no field of town codes (it has: {', '.join(map(str, vectors.columns)) or 'none'}); it may be"
            f" called: {', '.join(name for name in fields['code'] if name.isascii())}.",
        )
    kinds = {"missing" if shape is None else shape.geom_type for shape in vectors.geometry} - {
        "Polygon",
        "MultiPolygon",
    }
    if kinds:
        raise ShuibaoError(
            f"{path.name} 应只含面，其中有 {'、'.join(sorted(kinds))}；请提取面要素后再提供。",
            f"{path.name} must hold polygons only, it holds {', '.join(sorted(kinds))}; give the polygons.",
        )
    names = found["name"] if found["name"] is not None else [""] * len(vectors.geometry)
    return TownBorders(path.name, tuple(map(_text, found["code"])), tuple(map(_text, names)), vectors)


def _text(value: object) -> str:
    if value is None or value != value:  # a missing number is not equal to itself
        return ""
    return (
        str(int(value)) if isinstance(value, float | np.floating) and float(value).is_integer() else str(value).strip()
    )


def check_towns(layer: Submitted, towns: TownBorders, rules: Rules, ledger: Ledger) -> None:
    r"""
    Note zones that lie across the border of a town, or outside the town they name (乡镇界检查).

    Of a zone :math:`Z` of the town :math:`T`, the land that lies in another town :math:`T'` and farther than :math:`d`
    from :math:`T` counts: a fault is

    .. math:: |Z \cap T' \setminus (T \oplus d)| > a.

    A zone that names none of the towns is taken to be of the one that holds most of it.

    Parameters
    ----------
    layer : Submitted
        The layer.
    towns : TownBorders
        The towns.
    rules : Rules
        Asked for ``zone_acceptance.town_themes``, ``town_border`` (:math:`d`, m) and ``town_part`` (:math:`a`, m²).
    ledger : Ledger
        Where faults are noted.
    """
    if layer.theme not in rules.value("zone_acceptance.town_themes") or layer.own_crs is None or not layer.sound.any():
        return
    border, least = (float(rules.value(f"zone_acceptance.{key}")) for key in ("town_border", "town_part"))
    shapes = towns.on(layer.metric_crs)
    rows, zones = np.flatnonzero(layer.sound), layer.metric
    which, near = shapely.STRtree(shapes).query(zones[rows], predicate="intersects")
    row = rows[which]
    several = np.bincount(row, minlength=len(zones))[row] > 1  # most lie in one town, which may be the wrong one
    area = np.full(len(row), np.inf)
    area[several] = shapely.area(shapely.intersection(zones[row[several]], shapes[near[several]]))
    home = _homes(layer, towns, row, near, area)
    codes = np.array(towns.codes, dtype=object)
    far = np.flatnonzero((codes[near] != home[row]) & (area > least))
    for town in sorted(set(home[row[far]])):
        mine = far[home[row[far]] == town]
        wide = shapely.buffer(shapely.union_all(shapes[codes == town]), border)
        shapely.prepare(wide)
        mine = mine[~shapely.covers(wide, zones[row[mine]])]
        parts = shapely.difference(shapely.intersection(zones[row[mine]], shapes[near[mine]]), wide)
        for k, part in zip(mine, parts, strict=True):
            if part.area > least:
                _note(layer, int(row[k]), towns, (str(town), int(near[k])), part, border, ledger)


def _homes(
    layer: Submitted, towns: TownBorders, row: NDArray[np.intp], near: NDArray[np.intp], area: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return the town of each zone: the one it names, or else the one that holds most of it."""
    home = np.full(len(layer), "", dtype=object)
    for k in np.lexsort((-near, area)):
        home[row[k]] = towns.codes[near[k]]
    known = set(towns.codes)
    for k, own in enumerate(layer.texts("town")):
        if own in known:
            home[k] = own
    return home


def _note(
    layer: Submitted,
    row: int,
    towns: TownBorders,
    home: tuple[str, int],
    part: shapely.Geometry,
    border: float,
    ledger: Ledger,
) -> None:
    own, other = home
    called = {code: f"{code} {name}".strip() for code, name in zip(towns.codes, towns.names, strict=True)}
    found = (
        f"{part.area / HECTARE:,.2f} hm² 在 {called[towns.codes[other]]}",
        f"{part.area / HECTARE:,.2f} hm² lie in {called[towns.codes[other]]}",
    )
    allowed = (
        f"在 {called[own]} 界外 {border:g} m 以内",
        f"within {border:g} m of the border of {called[own]}",
    )
    ledger.zone("town-crossed", layer, [row], found, allowed, part)
