"""
Layers that only the zones need: what is left out of them, and the towns they are listed by (区划用的图层).

They are optional; what is missing or does not cover a county is said on the result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.burning import burn
from shuibao.ground.grid import Grid, equal_area_crs
from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.messages import ShuibaoError
from shuibao.survey.counties import Counties
from shuibao.survey.region import Region

LEFT_OUT = {
    "farmland": ("永久基本农田", "permanent basic farmland"),
    "construction": ("建设用地、城镇开发边界", "construction land, urban boundary"),
}
"""Inputs whose land is left out of the zone, with their names in Chinese and English (扣除图层)."""

TOWN_DIGITS, COUNTY_DIGITS = 9, 6
"""Digits of the codes of towns and of the counties that they begin with (GB/T 10114)."""

POLYGONS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True)
class Shapes:
    """
    Polygons of an input on the region's grid, sound and without empty ones (面状图层).

    Parameters
    ----------
    name : str
        Input.
    source : str
        File name.
    geometry : (n,) array of shapely geometry
        Polygons, m.
    columns : mapping of str to (n,) array
        Attributes.
    """

    name: str
    source: str
    geometry: NDArray[np.object_]
    columns: Mapping[str, NDArray[Any]]

    def on(self, grid: Grid) -> NDArray[np.bool_]:
        """
        Return which cells have their centre in a polygon (栅格化).

        Parameters
        ----------
        grid : Grid
            Cells wanted. Each polygon is burnt into the cells under its own box, so that many cost no more than few.
        """
        out = np.zeros(grid.shape, dtype=np.bool_)
        for k in self._tree.query(shapely.box(*grid.bounds)).tolist():
            rows, cols, window = window_of(self.geometry[k], grid)
            if window.rows > 0 and window.cols > 0:
                out[rows, cols] |= burn([(self.geometry[k], 1)], window) > 0
        return out

    @property
    def _tree(self) -> Any:
        return shapely.STRtree(self.geometry)


def window_of(shape: Any, grid: Grid) -> tuple[slice, slice, Grid]:
    """
    Return the rows and columns of a grid under a shape's box, and their grid (外接窗口).

    Parameters
    ----------
    shape : shapely geometry
        The shape, m.
    grid : Grid
        The grid.
    """
    left, bottom, right, top = shape.bounds
    row = max(int(np.floor(-top / grid.cell)) - grid.row, 0)
    col = max(int(np.floor(left / grid.cell)) - grid.col, 0)
    last_row = min(int(np.ceil(-bottom / grid.cell)) - grid.row, grid.rows)
    last_col = min(int(np.ceil(right / grid.cell)) - grid.col, grid.cols)
    window = Grid(
        grid.cell, grid.row + row, grid.col + col, max(last_row - row, 0), max(last_col - col, 0), grid.projection
    )
    return slice(row, row + window.rows), slice(col, col + window.cols), window


def shapes_of(region: Region, name: str) -> Shapes | None:
    """
    Read a layer that is left out of the zone (读取扣除图层).

    Parameters
    ----------
    region : Region
        The region folder.
    name : str
        One of :data:`LEFT_OUT`, or ``towns``.

    Returns
    -------
    Shapes or None
        None if region.toml does not name it.

    Raises
    ------
    ShuibaoError
        If the file is missing, has no coordinate system, or holds anything but polygons.
    """
    if name not in region.inputs:
        return None
    vectors = vectors_of(region, name)
    there = sound(vectors)
    to_grid = between(vectors.crs, equal_area_crs(region.projection))
    flat = shapely.force_2d(vectors.geometry[there])
    shapes = np.asarray(shapely.make_valid(shapely.transform(flat, to_grid.transform, interleaved=False)), dtype=object)
    wide = shapely.area(shapes) > 0
    columns = {key: np.asarray(values)[there][wide] for key, values in vectors.columns.items()}
    return Shapes(name, region.path_of(region.inputs[name]["path"]).name, shapes[wide], columns)


def uncovered(shapes: Shapes, counties: Counties, least: float) -> list[tuple[str, float]]:
    """
    Return the counties of which a layer spans too little, with the share that it spans (未覆盖的县).

    Parameters
    ----------
    shapes : Shapes
        The layer. What it spans in a county is the convex hull of its polygons there.
    counties : Counties
        The counties.
    least : float
        Share of a county that must be spanned, 0-1.

    Returns
    -------
    list of (str, float)
        Name of the county and the share, 0-1.
    """
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(shapes.geometry)))
    found = []
    for name, county in zip(counties.names, counties.geometry, strict=True):
        share = shapely.area(shapely.intersection(hull, county)) / shapely.area(county)
        if share < least or not shapely.intersects(shapes.geometry, county).any():
            found.append((name, float(share if shapely.intersects(shapes.geometry, county).any() else 0.0)))
    return found


def sound(vectors: Vectors) -> NDArray[np.bool_]:
    """Return which features have a shape at all (非空要素)."""
    return np.array([shape is not None and not shape.is_empty for shape in vectors.geometry], dtype=np.bool_)


def vectors_of(region: Region, name: str) -> Vectors:
    """
    Read the file of a layer and refuse what cannot be used (读取并检查图层).

    Parameters
    ----------
    region : Region
        The region folder.
    name : str
        Input.

    Raises
    ------
    ShuibaoError
        As for :func:`shapes_of`.
    """
    given = region.inputs[name]
    if "path" not in given:
        raise ShuibaoError(
            f'inputs.{name} 缺少 path；请指定矢量文件，如 {name} = {{ path = "inputs/{name}.gpkg" }}。',
            f'inputs.{name} has no path; name a vector file, as {name} = {{ path = "inputs/{name}.gpkg" }}.',
        )
    path = region.path_of(given["path"])
    vectors = read_vectors(path, layer=given.get("layer"))
    if vectors.crs is None:
        raise ShuibaoError(
            f"{path} 没有坐标系；请写入坐标系（如 .prj 文件），再运行。",
            f"{path} has no coordinate system; write one (for instance a .prj file), then run again.",
        )
    kinds = sorted({shape.geom_type for shape in vectors.geometry[sound(vectors)]} - set(POLYGONS))
    if kinds or not sound(vectors).any():
        zh = f"其中有 {'、'.join(kinds)}" if kinds else "其中没有要素"
        en = f"it holds {', '.join(kinds)}" if kinds else "it holds no feature"
        raise ShuibaoError(
            f"{path} 应只含面（Polygon、MultiPolygon），{zh}；请提取面要素后重新导出。",
            f"{path} must hold polygons only, {en}; take out the polygons and export them again.",
        )
    return vectors


@dataclass(frozen=True)
class Towns:
    """
    Towns of a region, in order of their codes (乡镇).

    Parameters
    ----------
    codes, names : tuple of str
        Code of 9 digits, of which the first 6 are the county's, and name.
    geometry : (towns,) array of shapely geometry
        Polygons, m.
    source : str
        File name.
    """

    codes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    geometry: NDArray[np.object_] = ()  # type: ignore[assignment]
    source: str = ""

    def on(self, grid: Grid) -> NDArray[np.uint16]:
        """Return the number of the town of each cell, from 1; 0 in none (乡镇栅格)."""
        near = [k for k, shape in enumerate(self.geometry) if shape.intersects(shapely.box(*grid.bounds))]
        return burn([(self.geometry[k], k + 1) for k in near], grid)


def towns_of(region: Region) -> Towns:
    """
    Return the towns that a region's ``towns`` names; none if it names none (读取乡镇界线).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        As for :func:`shapes_of`, or if a field is missing or a code is no code of a town.
    """
    shapes = shapes_of(region, "towns")
    if shapes is None:
        return Towns()
    codes, names = town_fields(region, shapes.columns, shapes.source)
    wrong = sorted({code for code in codes if not (len(code) == TOWN_DIGITS and code.isdigit())})
    if wrong:
        raise ShuibaoError(
            f"{shapes.source} 中有 {len(wrong)} 个乡镇代码不是 {TOWN_DIGITS} 位数字：{wrong[:5]}；请改正（县级 6 位＋乡级 3 位）。",
            f"{shapes.source}: {len(wrong)} codes of towns are not {TOWN_DIGITS} digits: {wrong[:5]}; correct them (6 of"
            " the county, 3 of the town).",
        )
    unique = sorted(set(codes))
    pieces = {code: [s for s, c in zip(shapes.geometry, codes, strict=True) if c == code] for code in unique}
    joined = [parts[0] if len(parts) == 1 else shapely.union_all(parts) for parts in pieces.values()]
    first = [names[codes.index(code)] for code in unique]
    return Towns(tuple(unique), tuple(first), np.array(joined, dtype=object), shapes.source)


def town_fields(region: Region, columns: Mapping[str, Any], source: str) -> tuple[list[str], list[str]]:
    """
    Return codes and names of towns from the fields that region.toml names (乡镇代码与名称).

    Parameters
    ----------
    region : Region
        The region folder.
    columns : mapping of str to array
        Attributes of the file.
    source : str
        File name, for messages.

    Raises
    ------
    ShuibaoError
        If a field is missing.
    """
    found = []
    for key in ("code", "name"):
        field = region.inputs["towns"].get(key, key)
        if field not in columns:
            raise ShuibaoError(
                f"{source} 没有字段「{field}」（现有：{'、'.join(columns)}）；请在 inputs.towns.{key} 中指定。",
                f"{source} has no field '{field}' (it has: {', '.join(columns)}); name it in inputs.towns.{key}.",
            )
        found.append([_text(value) for value in columns[field]])
    return found[0], found[1]


def _text(value: Any) -> str:
    """Return a code or name as text: numbers without their decimals."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()
