"""
From cells of the national grid to pixels of a source in any coordinate system (坐标转换).

Coordinates are transformed exactly at nodes every 32 cells, anchored at the origin of the national grid, and
interpolated between: a cell's place does not depend on the window it is read in, so tiles equal the whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.crs import BoundCRS, GeographicCRS, ProjectedCRS
from pyproj.crs.coordinate_operation import AlbersEqualAreaConversion, ToWGS84Transformation
from pyproj.transformer import AreaOfInterest, TransformerGroup

from shuibao.ground.grid import Grid, equal_area_crs
from shuibao.ground.transforming import between
from shuibao.messages import ShuibaoError

NODE_STEP = 32
"""Distance of the nodes at which coordinates are exact, cells."""


@dataclass(frozen=True)
class Placement:
    """
    How a source lies under the national grid (源数据定位).

    Parameters
    ----------
    crs : str
        Coordinate system of the source, WKT.
    transform : tuple of 6 float
        Affine from pixel to source coordinates.
    operation : str
        Name of the datum operation, for the record.
    certain : bool
        Whether the operation is published for this place; if not, datums were taken as equal.
    area : (west, south, east, north)
        Where the operation was chosen for, degrees.
    shift : tuple of float
        Position-vector parameters to WGS84 given by the user, 3 or 7 numbers, or empty.
    projection : str
        Projection of the grid; empty for the national one.
    """

    crs: str
    transform: tuple[float, ...]
    operation: str
    certain: bool
    area: tuple[float, float, float, float]
    shift: tuple[float, ...] = ()
    projection: str = ""

    def pixel_nodes(self, grid: Grid) -> tuple[NDArray[np.float64], NDArray[np.float64], int, int]:
        """
        Return pixel coordinates (x, y) at the nodes around a grid, and the grid's offset from the first node (节点坐标).

        Parameters
        ----------
        grid : Grid
            Cells wanted.
        """
        first_row = math.floor(grid.row / NODE_STEP)
        first_col = math.floor(grid.col / NODE_STEP)
        last_row = math.floor((grid.row + grid.rows - 1) / NODE_STEP) + 1
        last_col = math.floor((grid.col + grid.cols - 1) / NODE_STEP) + 1
        x = np.arange(first_col, last_col + 1) * (NODE_STEP * grid.cell)
        y = np.arange(first_row, last_row + 1) * (-NODE_STEP * grid.cell)
        east, north = np.meshgrid(x, y)
        source_x, source_y = _transformer(self.crs, self.area, self.shift, self.projection).transform(east, north)
        inverse = ~Affine(*self.transform[:6])
        col = source_x * inverse.a + source_y * inverse.b + inverse.c
        row = source_x * inverse.d + source_y * inverse.e + inverse.f
        return col, row, grid.row - first_row * NODE_STEP, grid.col - first_col * NODE_STEP

    def pixels_per_cell(self, region: Grid) -> float:
        """
        Return how many source pixels a cell is wide in the middle of a region (每格像元数).

        Parameters
        ----------
        region : Grid
            The region.
        """
        middle = Grid(
            region.cell, region.row + region.rows // 2, region.col + region.cols // 2, 1, 1, region.projection
        )
        x, y, _, _ = self.pixel_nodes(middle)
        return math.hypot(x[0, 1] - x[0, 0], y[0, 1] - y[0, 0]) / NODE_STEP


def place(crs: CRS, transform: Affine, region: Grid, shift: tuple[float, ...] = ()) -> Placement:
    """
    Find how a source lies under the national grid, with the best published datum operation there (定位).

    Parameters
    ----------
    crs : CRS
        Coordinate system of the source.
    transform : Affine
        From pixel to source coordinates.
    region : Grid
        Where the operation shall hold.
    shift : tuple of float
        Three or seven position-vector parameters from the source's datum to WGS84 (m, arc seconds, ppm), if the user
        knows them; else empty.

    Raises
    ------
    ShuibaoError
        If ``shift`` has neither three nor seven numbers, or no operation can be found.
    """
    if len(shift) not in (0, 3, 7):
        raise ShuibaoError(
            f"datum_shift 应为 3 个或 7 个参数（到 WGS84），现有 {len(shift)} 个；请补齐或删去该项。",
            f"datum_shift takes 3 or 7 parameters (to WGS84), found {len(shift)}; complete or remove it.",
        )
    area = geographic_bounds(region)
    wkt = crs.to_wkt()
    operation = _transformer(wkt, area, tuple(shift), region.projection)
    description = operation.description
    certain = bool(shift) or "ballpark" not in description.lower()
    return Placement(wkt, tuple(transform)[:6], description, certain, area, tuple(shift), region.projection)


def in_place(crs: CRS, transform: Affine, region: Grid) -> Placement:
    """
    Return the placement of a source whose pixels are cells of the grid: nothing has to be looked up (同一格网).

    Parameters
    ----------
    crs : CRS
        Coordinate system of the source.
    transform : Affine
        From pixel to source coordinates.
    region : Grid
        The region.
    """
    everywhere = (-180.0, -90.0, 180.0, 90.0)
    return Placement(crs.to_wkt(), tuple(transform)[:6], "same grid", True, everywhere, (), region.projection)


def alignment(crs: CRS, transform: Affine, region: Grid) -> tuple[int, int, int] | None:
    """
    Return how pixels lie on a grid when they are whole cells of it, else None (像元对齐).

    Parameters
    ----------
    crs : CRS
        Coordinate system of the source.
    transform : Affine
        From pixel to source coordinates.
    region : Grid
        The grid.

    Returns
    -------
    (row, col, factor) or None
        Row and column of the first pixel, counted in pixels from the origin, and how many cells a pixel is wide.
    """
    if (
        transform.b
        or transform.d
        or not math.isclose(transform.a, -transform.e, rel_tol=1e-9)
        or not same_projection(crs, region.crs)
    ):
        return None
    factor = round(transform.a / region.cell)
    if factor < 1 or not math.isclose(transform.a, factor * region.cell, rel_tol=1e-9):
        return None
    row, col = -transform.f / transform.a, transform.c / transform.a
    if abs(row - round(row)) > 1e-6 or abs(col - round(col)) > 1e-6:
        return None
    return round(row), round(col), factor


def same_projection(crs: CRS, ours: CRS) -> bool:
    """
    Tell whether two coordinate systems are one projection of one ellipsoid, whatever their names (投影是否相同).

    Parameters
    ----------
    crs, ours : CRS
        Coordinate systems. CGCS2000, WGS84 and GRS80 are one to the millimetre.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> same_projection(CRS.from_string("+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80"), national_crs())
    True
    """
    one, other = crs.coordinate_operation, ours.coordinate_operation
    if one is None or other is None or one.method_name != other.method_name:
        return False
    if crs.ellipsoid is None or ours.ellipsoid is None:
        return False
    if abs(crs.ellipsoid.semi_major_metre - ours.ellipsoid.semi_major_metre) > 1e-3:
        return False
    if abs(crs.ellipsoid.inverse_flattening - ours.ellipsoid.inverse_flattening) > 1e-3:
        return False
    theirs, mine = ({p.name: float(p.value) for p in o.params} for o in (one, other))
    return all(abs(mine[name] - theirs.get(name, math.inf)) < 1e-9 for name in mine)


@lru_cache(maxsize=64)
def geographic_bounds(region: Grid) -> tuple[float, float, float, float]:
    """Return (west, south, east, north) of a grid, degrees, rounded outward to 0.01 (经纬度范围)."""
    left, bottom, right, top = region.bounds
    to_degrees = between(region.crs, 4326)
    west, south, east, north = to_degrees.transform_bounds(left, bottom, right, top)
    return (
        math.floor(west * 100) / 100,
        math.floor(south * 100) / 100,
        math.ceil(east * 100) / 100,
        math.ceil(north * 100) / 100,
    )


@lru_cache(maxsize=64)
def _transformer(
    crs: str, area: tuple[float, float, float, float], shift: tuple[float, ...], projection: str
) -> Transformer:
    """Return the transformer from the national grid. CGCS2000 and WGS84 are one datum to the centimetre."""
    source = CRS.from_user_input(crs)
    if projection or _same_datum_as_cgcs2000(source):
        source_datum: CRS = equal_area_crs(projection)
    else:
        source_datum = ProjectedCRS(
            conversion=AlbersEqualAreaConversion(25, 47, 0, 105, 0, 0), geodetic_crs=GeographicCRS.from_epsg(4326)
        )
    if shift:
        full = list(shift) + [0.0] * (7 - len(shift))
        geodetic = source.geodetic_crs
        source = BoundCRS(source, GeographicCRS.from_epsg(4326), ToWGS84Transformation(geodetic, *full))
    group = TransformerGroup(source_datum, source, always_xy=True, area_of_interest=AreaOfInterest(*area))
    if not group.transformers:
        raise ShuibaoError(
            f"找不到从 {source.name} 到全国格网的坐标转换；请核对该文件的坐标系。",
            f"there is no transformation from {source.name} to the national grid; check the file's coordinate system.",
        )
    return group.transformers[0]


def _same_datum_as_cgcs2000(crs: CRS) -> bool:
    datum = crs.datum or (crs.geodetic_crs.datum if crs.geodetic_crs else None)
    return datum is not None and datum.name in {"China 2000", "China_2000", "CGCS2000", "D_China_2000"}
