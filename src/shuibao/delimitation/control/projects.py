"""
Projects that somebody asks about: points, lines and areas, read, mended and named (待查项目).

What is mended is said; what cannot be is refused. A shape keeps its highest dimension only, so that it has one size.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.delimitation.handed_in import crs_named, in_system, read_handed_in, refuse_no_file
from shuibao.ground.vectors import Vectors
from shuibao.messages import CallError, ShuibaoError, say
from shuibao.zoning.layer import hectares

NAME_FIELDS = ("name", "项目名称", "名称", "PRNM", "project")
"""Fields that a name is looked for in, the first that there is; PRNM is that of the ministry's patches."""

LON_FIELDS, LAT_FIELDS = ("lon", "longitude", "经度", "x"), ("lat", "latitude", "纬度", "y")

CHINA = (73.0, 3.0, 136.0, 54.0)
"""West, south, east and north of all China, degrees: only to see whether two numbers were swapped."""

CGCS2000 = CRS.from_epsg(4490)

LISTED = 5
"""How many names or rows a message lists."""


@dataclass(frozen=True)
class Note:
    """What a reader of the answer must know, in both languages (说明)."""

    zh: str
    en: str

    def __str__(self) -> str:
        return say(self.zh, self.en)


@dataclass(frozen=True)
class Projects:
    """
    Projects to ask about (待查项目).

    Parameters
    ----------
    names : tuple of str
        Name of each; its number where it has none.
    numbers : tuple of int
        Row of each in the file, from 1.
    geometry : (n,) array of shapely geometry
        Points, lines or areas, each of one dimension, valid and not empty; m.
    notes : tuple of Note
        What was mended, left out or is doubtful.
    source : str
        Name of the file, or the point that was asked about.
    """

    names: tuple[str, ...]
    numbers: tuple[int, ...]
    geometry: NDArray[np.object_]
    notes: tuple[Note, ...]
    source: str

    def __len__(self) -> int:
        """Return the number of projects."""
        return len(self.names)

    def named(self, name: str) -> Projects:
        """
        Return the projects of one name (按名称选取).

        Parameters
        ----------
        name : str
            The name.

        Raises
        ------
        CallError
            If there is none of that name.
        """
        rows = [k for k, own in enumerate(self.names) if own == name]
        if not rows:
            some = "、".join(self.names[:LISTED])
            raise CallError(
                f"{self.source} 中没有名为「{name}」的项目；有：{some}{'…' if len(self) > LISTED else ''}（共 {len(self)} 个）。",
                f"{self.source} holds no project '{name}'; it has: {some}{'…' if len(self) > LISTED else ''} ({len(self)}).",
            )
        numbers = tuple(self.numbers[k] for k in rows)
        return Projects(tuple(name for _ in rows), numbers, self.geometry[rows], self.notes, self.source)


def project_at(lon: float, lat: float, crs: CRS) -> Projects:
    """
    Return a place as a project (点位).

    Parameters
    ----------
    lon, lat : float
        Longitude and latitude, degrees, CGCS2000 (WGS84 is within a metre of it).
    crs : CRS
        Coordinate system wanted.

    Raises
    ------
    CallError
        If they are no longitude and latitude, or were swapped.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> project_at(105, 0, national_crs()).geometry[0].x
    0.0
    """
    given = f"{lon:.6f}, {lat:.6f}"
    _refuse_swapped(np.array([[lon, lat]]), given)
    if not (np.isfinite([lon, lat]).all() and abs(lon) <= 180 and abs(lat) <= 90):
        raise CallError(
            f"「{given}」不是经纬度；请先写经度（-180 至 180）再写纬度（-90 至 90），如 112.73 38.42。",
            f"'{given}' is no place; write longitude (-180 to 180), then latitude (-90 to 90), as 112.73 38.42.",
        )
    points = np.array([shapely.Point(lon, lat)], dtype=object)
    shapes = in_system(Vectors({}, points, CGCS2000), crs, given)
    return Projects((given,), (1,), shapes, (), given)


def read_projects(
    path: Path, crs: CRS, *, name_field: str = "", given_crs: str | None = None, layer: str = ""
) -> Projects:
    """
    Read projects from a file of shapes, or of places as CSV (读取项目).

    Parameters
    ----------
    path : Path
        GeoPackage, shapefile (zipped or not), GeoJSON, GeoParquet; or CSV with columns ``lon`` and ``lat`` (经度, 纬度).
    crs : CRS
        Coordinate system wanted; equal-area.
    name_field : str
        Field of the names; the first of :data:`NAME_FIELDS` that there is if empty.
    given_crs : str, optional
        Coordinate system of a file that names none.
    layer : str
        Layer of a GeoPackage that has several.

    Raises
    ------
    CallError
        If the file does not exist, is of no known kind, has no such field or layer, or several layers and none is named.
    ShuibaoError
        If no coordinate system is known, a shapefile lacks a part, longitude and latitude are swapped, a shape cannot be
        mended, or nothing is left.
    """
    places = path.suffix.lower() == ".csv"
    if places:
        vectors, curved = _places(path, CGCS2000 if given_crs is None else crs_named(given_crs)), 0
    else:
        vectors, curved = read_handed_in(path, crs=given_crs, layer=layer, shared=True)
    names = _names(vectors, path.name, name_field)
    notes: list[Note] = []
    if curved:
        notes.append(Note(f"{curved} 个弧线图形已化为折线。", f"{curved} shapes with arcs are chords now."))
    if vectors.crs is not None and vectors.crs.is_geographic:
        _refuse_swapped(shapely.get_coordinates(vectors.geometry), path.name)
    rows, shapes = _present(vectors.geometry, path.name, notes)
    shapes = in_system(Vectors({}, shapes, vectors.crs), crs, path.name)
    shapes = _mended(_of_highest_dimension(shapes, rows, notes), rows, path.name, notes)
    parts, owner = _points_apart(shapes)
    rows = rows[owner]
    called = [names[row] for row in rows]
    _note_twice(called, parts, notes)
    return Projects(tuple(called), tuple(int(row) + 1 for row in rows), parts, tuple(notes), path.name)


def _places(path: Path, crs: CRS) -> Vectors:
    """Read places from a CSV in UTF-8 or GBK."""
    refuse_no_file(path)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gbk", errors="replace")
    reader = csv.DictReader(io.StringIO(text))
    rows, heads = list(reader), list(reader.fieldnames or [])
    found = [next((h for h in heads if h and h.strip().lower() in known), "") for known in (LON_FIELDS, LAT_FIELDS)]
    if not all(found):
        raise ShuibaoError(
            f"{path.name} 缺少经纬度列（现有：{'、'.join(map(str, heads)) or '无'}）；应有 lon、lat 或 经度、纬度。",
            f"{path.name} lacks its places (it has: {', '.join(map(str, heads)) or 'nothing'}); give columns lon and lat.",
        )
    if not rows:
        raise ShuibaoError(f"{path.name} 中没有行；请核对。", f"{path.name} holds no rows; check it.")
    points = np.array([_place(row, found, number, path.name) for number, row in enumerate(rows, 2)], dtype=object)
    columns = {str(h): np.array([row[h] for row in rows], dtype=object) for h in heads}
    return Vectors(columns, points, crs)


def _place(row: dict[str, Any], fields: Sequence[str], line: int, name: str) -> shapely.Point:
    try:
        lon, lat = (float(row[field]) for field in fields)
    except (TypeError, ValueError) as error:
        found = [row[field] for field in fields]
        raise ShuibaoError(
            f"{name} 第 {line} 行的经纬度 {found} 不是数；请用十进制度，如 112.73。",
            f"{name}, line {line}: {found} are no longitude and latitude; write decimal degrees, as 112.73.",
        ) from error
    return shapely.Point(lon, lat)


def _refuse_swapped(points: NDArray[Any], name: str) -> None:
    """Refuse coordinates of which all are outside China and all inside once swapped."""
    west, south, east, north = CHINA

    def inside(lon: Any, lat: Any) -> Any:
        return (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)

    if len(points) and not inside(points[:, 0], points[:, 1]).any() and inside(points[:, 1], points[:, 0]).all():
        lat, lon = points[0]
        raise CallError(
            f"「{name}」的经纬度写反了：先写经度，再写纬度；是否应为 {lon:.6f} {lat:.6f}？",
            f"longitude and latitude of '{name}' are swapped: longitude comes first; should it be {lon:.6f} {lat:.6f}?",
        )


def _names(vectors: Vectors, file: str, field: str) -> list[str]:
    have = list(vectors.columns)
    if field and field not in have:
        raise CallError(
            f"{file} 没有字段「{field}」（现有：{'、'.join(have) or '无'}）；请用 --name-field 指定其中之一。",
            f"{file} has no field '{field}' (it has: {', '.join(have) or 'none'}); name one of them by --name-field.",
        )
    chosen = field or next((name for name in NAME_FIELDS if name in have), "")
    values = vectors.columns[chosen] if chosen else [None] * len(vectors.geometry)
    texts = ["" if v is None or v != v else str(v).strip() for v in values]
    return [text or str(row) for row, text in enumerate(texts, 1)]


def _present(shapes: NDArray[Any], file: str, notes: list[Note]) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Leave out rows without a shape."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    if empty.all():
        raise ShuibaoError(
            f"{file} 的 {len(shapes)} 个要素都没有图形；请核对。",
            f"none of the {len(shapes)} features of {file} has a shape.",
        )
    if empty.any():
        zh, en = _listed(np.flatnonzero(empty))
        notes.append(Note(f"第 {zh} 个要素没有图形，已略去。", f"features {en} have no shape and are left out."))
    points = shapely.get_coordinates(shapes[~empty])
    if not np.isfinite(points).all():
        raise ShuibaoError(
            f"{file} 中有坐标不是有限的数；请在 GIS 软件中修复后另存。",
            f"{file} holds coordinates that are no numbers; mend them.",
        )
    return np.flatnonzero(~empty), shapes[~empty]


def _of_highest_dimension(shapes: NDArray[Any], rows: NDArray[np.int64], notes: list[Note]) -> NDArray[Any]:
    """Take of a collection what is of its highest dimension."""
    mixed = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    for k in mixed:
        parts = np.array(list(_parts(shapes[k])), dtype=object)
        dimension = shapely.get_dimensions(parts)
        shapes[k] = shapely.union_all(parts[dimension == dimension.max()])
    if len(mixed):
        zh, en = _listed(rows[mixed])
        notes.append(
            Note(
                f"第 {zh} 个要素是混合图形，只取其中的面（没有面则取线）。",
                f"features {en} are collections; only their areas count, or their lines where there is no area.",
            )
        )
    return shapes


def _parts(shape: Any) -> Iterator[Any]:
    """Yield the simple parts of a collection, however deep."""
    for part in shapely.get_parts(shape):
        if part.geom_type == "GeometryCollection":
            yield from _parts(part)
        elif not part.is_empty:
            yield part


def _mended(shapes: NDArray[Any], rows: NDArray[np.int64], file: str, notes: list[Note]) -> NDArray[Any]:
    """Mend what crosses itself, and refuse what has nothing left then."""
    for k in np.flatnonzero(~shapely.is_valid(shapes)):
        whole = shapely.make_valid(shapes[k], method="structure", keep_collapsed=False)
        if whole.is_empty or shapely.get_dimensions(whole) != shapely.get_dimensions(shapes[k]):
            raise ShuibaoError(
                f"{file} 第 {rows[k] + 1} 个要素的边界自相交，修复后没有面积；请在 GIS 软件中改正。",
                f"{file}, feature {rows[k] + 1}: its border crosses itself and mended it has no area; correct it in a GIS.",
            )
        size = f"{hectares(float(shapely.area(whole)))} hm²"
        notes.append(
            Note(
                f"第 {rows[k] + 1} 个要素的边界自相交，已修复，面积 {size}；请核对。",
                f"feature {rows[k] + 1} crosses itself and was mended; its area is {size}: check it.",
            )
        )
        shapes[k] = whole
    flat = (shapely.get_dimensions(shapes) == 2) & (shapely.area(shapes) == 0)
    flat |= (shapely.get_dimensions(shapes) == 1) & (shapely.length(shapes) == 0)
    if flat.any():
        zh, en = _listed(rows[flat])
        raise ShuibaoError(
            f"{file} 第 {zh} 个要素没有面积或长度；请改正。",
            f"{file}: features {en} have no area or length; correct them.",
        )
    return shapes


def _points_apart(shapes: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Make one project of each point of several."""
    parts = [shapely.get_parts(g).tolist() if g.geom_type == "MultiPoint" else [g] for g in shapes]
    owner = np.repeat(np.arange(len(shapes)), [len(some) for some in parts])
    return np.array([part for some in parts for part in some], dtype=object), owner


def _note_twice(names: Sequence[str], shapes: NDArray[Any], notes: list[Note]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        some = "、".join(twice[:LISTED])
        notes.append(
            Note(
                f"{len(twice)} 个名称出现多次（{some}）；结果按要素号区分。",
                f"{len(twice)} names occur more than once ({some}); rows are told apart by the feature's number.",
            )
        )
    same = len(shapes) - len(set(shapely.to_wkb(shapely.normalize(shapes)).tolist()))
    if same:
        notes.append(Note(f"{same} 个要素与别的要素图形相同。", f"{same} features have the very shape of another."))


def _listed(rows: NDArray[Any]) -> tuple[str, str]:
    """Return some numbers of rows from 1, in Chinese and in English."""
    some, more = [str(int(row) + 1) for row in rows[:LISTED]], len(rows) > LISTED
    return "、".join(some) + ("…" if more else ""), ", ".join(some) + ("…" if more else "")
