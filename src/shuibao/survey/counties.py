"""The counties of a region as shapes and as cells (区县范围)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shuibao.ground.burning import burn
from shuibao.ground.grid import BLOCK, Grid, equal_area_crs, grid_over
from shuibao.ground.transforming import between
from shuibao.ground.vectors import read_vectors, write_geoparquet
from shuibao.messages import ShuibaoError
from shuibao.sources.boundaries import county_boundaries
from shuibao.survey.region import Region


@dataclass(frozen=True)
class Counties:
    """
    The counties of a region, in order of their codes (区县).

    Parameters
    ----------
    codes, names : tuple of str
        GB/T 2260 code and name of each county.
    geometry : (counties,) array of shapely geometry
        Polygons, m on the national grid.
    source : str
        Where the borders come from, in words.
    projection : str
        Projection of the shapes; empty for the national grid.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    geometry: NDArray[Any]
    source: str
    projection: str = ""

    def grid(self, cell: float) -> Grid:
        """Return the whole blocks of the national grid that hold the region (区域格网)."""
        left, bottom, right, top = shapely.total_bounds(self.geometry).tolist()
        return grid_over((left, bottom, right, top), cell, self.projection).whole_blocks(BLOCK)

    def on(self, grid: Grid) -> NDArray[np.uint16]:
        """
        Return the number of the county of each cell, from 1; 0 outside the region (区县栅格).

        A cell belongs to the county that holds its centre, so each cell is counted once.
        """
        near = np.flatnonzero(shapely.intersects(self.geometry, shapely.box(*grid.bounds)))
        return burn([(self.geometry[k], int(k) + 1) for k in near], grid)

    def write(self, path: Path) -> None:
        """Write the counties as GeoParquet (写出)."""
        columns = {"code": list(self.codes), "name": list(self.names)}
        write_geoparquet(
            path, columns, self.geometry, equal_area_crs(self.projection), metadata={"SOURCE": self.source}
        )


def counties_of(region: Region) -> Counties:
    """
    Return the counties that a region's ``boundaries`` name (读取区县边界).

    Parameters
    ----------
    region : Region
        The region folder.

    Raises
    ------
    ShuibaoError
        If a code does not exist, the file has no such fields or no coordinate system, or it holds no polygon.
    """
    given = region.inputs.get("boundaries", {"source": "counties"})
    if "path" in given:
        return _from_file(region, given)
    source = given.get("source", "counties")
    if source != "counties":
        raise ShuibaoError(
            f"inputs.boundaries.source 为「{source}」，可用：counties；或用 path 指定矢量文件。",
            f"inputs.boundaries.source is '{source}'; use 'counties', or path for a vector file.",
        )
    if region.projection:
        raise ShuibaoError(
            "region.projection 用于中国以外的土地，须在 inputs.boundaries.path 中给出边界文件。",
            "region.projection is for land outside China; give a boundary file in inputs.boundaries.path.",
        )
    if not region.codes:
        raise ShuibaoError(
            "region.codes 为空；请给出 GB/T 2260 代码，或在 inputs.boundaries.path 中给出边界文件。",
            "region.codes is empty; give GB/T 2260 codes, or a boundary file in inputs.boundaries.path.",
        )
    found = county_boundaries(list(region.codes), given.get("edition", "amap"))
    return Counties(found.codes, found.names, found.projected(), f"{found.source} ({found.licence}, {found.version})")


@lru_cache(maxsize=8)
def _to_equal_area(crs: CRS, projection: str) -> Transformer:
    """Return the way from a coordinate system to that of the grid; PROJ takes 70 ms to find it, and a run asks often."""
    return between(crs, equal_area_crs(projection))


def _from_file(region: Region, given: Any) -> Counties:
    path = region.path_of(given["path"])
    vectors = read_vectors(path, layer=given.get("layer"))
    if vectors.crs is None:
        raise ShuibaoError(
            f"{path} 没有坐标系；请写入坐标系（如 .prj 文件）。",
            f"{path} has no coordinate system; write one (for instance a .prj file).",
        )
    fields = {key: given.get(key, key) for key in ("code", "name")}
    for key, name in fields.items():
        if name not in vectors.columns:
            have = list(vectors.columns)
            raise ShuibaoError(
                f"{path} 没有字段「{name}」（现有：{'、'.join(have)}）；请在 inputs.boundaries.{key} 中指定。",
                f"{path} has no field '{name}' (it has: {', '.join(have)}); name it in inputs.boundaries.{key}.",
            )
    polygons = np.array([g is not None and g.geom_type in {"Polygon", "MultiPolygon"} for g in vectors.geometry])
    if not polygons.all() or not polygons.size:
        raise ShuibaoError(
            f"{path} 应只含面，共 {polygons.size} 个要素，其中 {int((~polygons).sum())} 个不是面。",
            f"{path} must hold polygons only; {int((~polygons).sum())} of {polygons.size} features are not.",
        )
    to_national = _to_equal_area(vectors.crs, region.projection)
    shapes = shapely.make_valid(shapely.transform(vectors.geometry, to_national.transform, interleaved=False))
    codes = [str(code) for code in vectors.columns[fields["code"]]]
    if len(set(codes)) != len(codes):
        shapes, codes, names = _dissolved(shapes, codes, [str(n) for n in vectors.columns[fields["name"]]])
    else:
        names = [str(name) for name in vectors.columns[fields["name"]]]
    order = np.argsort(np.array(codes), kind="stable")
    return Counties(
        tuple(codes[k] for k in order),
        tuple(names[k] for k in order),
        np.asarray(shapes)[order],
        path.name,
        region.projection,
    )


def _dissolved(shapes: NDArray[Any], codes: list[str], names: list[str]) -> tuple[NDArray[Any], list[str], list[str]]:
    """Join the pieces of counties that a file holds in several rows."""
    unique = sorted(set(codes))
    joined = [shapely.union_all([s for s, c in zip(shapes, codes, strict=True) if c == code]) for code in unique]
    return np.array(joined, dtype=object), unique, [names[codes.index(code)] for code in unique]
