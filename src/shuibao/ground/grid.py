"""
The national grid: one Albers equal-area grid for the nation, cut into tiles (全国统一格网).

Cells are squares with their corners at whole multiples of the cell size from the origin (0, 0), so that two counties
computed apart fit edge to edge. Rows are counted southward: the upper edge of row ``r`` is at ``y = -r * cell``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from affine import Affine
from pyproj import CRS
from pyproj.crs import GeographicCRS, ProjectedCRS
from pyproj.crs.coordinate_operation import AlbersEqualAreaConversion
from pyproj.exceptions import CRSError

from shuibao.messages import CallError, ShuibaoError

BLOCK = 512
"""Side of a stored block, cells: the extent of every product begins and ends at whole blocks."""

TILE = 2048
"""Side of a tile of the national grid, cells."""

CELL_SIZES = (10.0, 30.0)
"""Cell sizes of the national grid that products are made in, m."""


@lru_cache(maxsize=1)
def national_crs() -> CRS:
    """
    Return the coordinate system of the national grid (全国格网坐标系).

    Albers equal-area on CGCS2000: standard parallels 25°N and 47°N, central meridian 105°E, origin on the equator.

    Examples
    --------
    >>> national_crs().to_dict()["lon_0"]
    105
    """
    return ProjectedCRS(
        conversion=AlbersEqualAreaConversion(25, 47, 0, 105, 0, 0),
        name="CGCS2000 / China Albers",
        geodetic_crs=GeographicCRS.from_epsg(4490),
    )


@lru_cache(maxsize=16)
def equal_area_crs(projection: str) -> CRS:
    """
    Return the coordinate system of a grid: the national one, or another equal-area projection (等积坐标系).

    Parameters
    ----------
    projection : str
        Anything PROJ reads, for land outside China; empty for the national grid.

    Raises
    ------
    ShuibaoError
        If it is not a projection in metres that keeps areas.

    Examples
    --------
    >>> equal_area_crs("") == national_crs()
    True
    """
    if not projection:
        return national_crs()
    try:
        crs = CRS.from_user_input(projection)
    except CRSError as error:
        raise ShuibaoError(
            f"region.projection 无法识别：{projection}（{error}）；请用 PROJ 字符串或 EPSG 代码。",
            f"region.projection cannot be read: {projection} ({error}); give a PROJ string or an EPSG code.",
        ) from error
    operation = crs.coordinate_operation
    metres = bool(crs.axis_info) and crs.axis_info[0].unit_name in ("metre", "meter")
    if operation is None or "equal area" not in operation.method_name.lower() or not metres:
        raise ShuibaoError(
            f"region.projection 应为以米为单位的等积投影（如 laea、aea），现为 {crs.name}；面积统计要求等积。",
            f"region.projection must be an equal-area projection in metres (laea, aea), found {crs.name}; areas are counted.",
        )
    return crs


@dataclass(frozen=True)
class Grid:
    """
    A rectangle of cells of the national grid (格网范围). Compared as a value.

    Parameters
    ----------
    cell : float
        Side of the square cell, m.
    row, col : int
        National index of the upper left cell: rows southward, columns eastward from the origin.
    rows, cols : int
        Size, cells.
    projection : str
        Equal-area projection of a grid outside China; empty for the national grid.

    Examples
    --------
    >>> g = Grid(30.0, row=-140000, col=18000, rows=2, cols=3)
    >>> g.bounds
    (540000.0, 4199940.0, 540090.0, 4200000.0)
    """

    cell: float
    row: int
    col: int
    rows: int
    cols: int
    projection: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse cells without a size (检查)."""
        if not 0.0 < self.cell < math.inf:
            raise CallError(
                f"像元边长应为大于 0 的米数，现为 {self.cell}。",
                f"cell must be a positive length in metres, not {self.cell}.",
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Return (rows, cols)."""
        return self.rows, self.cols

    @property
    def crs(self) -> CRS:
        """Return the coordinate system."""
        return equal_area_crs(self.projection)

    @property
    def left(self) -> float:
        """Return the easting of the left edge, m."""
        return self.col * self.cell

    @property
    def top(self) -> float:
        """Return the northing of the upper edge, m."""
        return -self.row * self.cell

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return (left, bottom, right, top), m."""
        return (
            self.left,
            -(self.row + self.rows) * self.cell,
            (self.col + self.cols) * self.cell,
            self.top,
        )

    @property
    def transform(self) -> Affine:
        """Return the affine from (column, row) of this grid to (easting, northing)."""
        return Affine(self.cell, 0.0, self.left, 0.0, -self.cell, self.top)

    @property
    def cell_area(self) -> float:
        """Return the area of a cell, m². The projection is equal-area, so it is exact."""
        return self.cell * self.cell

    def grown(self, cells: int) -> Grid:
        """Return this grid with a halo of ``cells`` on every side (加边)."""
        return replace(
            self,
            row=self.row - cells,
            col=self.col - cells,
            rows=self.rows + 2 * cells,
            cols=self.cols + 2 * cells,
        )

    def whole_blocks(self, block: int = BLOCK) -> Grid:
        """Return the smallest grid of whole national blocks that holds this one (对齐到块)."""
        row = math.floor(self.row / block) * block
        col = math.floor(self.col / block) * block
        row_end = math.ceil((self.row + self.rows) / block) * block
        col_end = math.ceil((self.col + self.cols) / block) * block
        return replace(self, row=row, col=col, rows=row_end - row, cols=col_end - col)

    def coarser(self, factor: int) -> Grid:
        """Return the smallest grid with ``factor`` times larger cells, aligned to the origin, that holds this one."""
        row = math.floor(self.row / factor)
        col = math.floor(self.col / factor)
        row_end = math.ceil((self.row + self.rows) / factor)
        col_end = math.ceil((self.col + self.cols) / factor)
        return Grid(self.cell * factor, row, col, row_end - row, col_end - col, self.projection)

    def inside(self, other: Grid) -> tuple[slice, slice]:
        """Return the slices of an array on ``other`` that this grid covers; it must lie inside."""
        r, c = self.row - other.row, self.col - other.col
        return slice(r, r + self.rows), slice(c, c + self.cols)

    def tiles(self, size: int = TILE) -> Iterator[Grid]:
        """
        Yield the tiles of the national grid that cover this one, clipped to it, row by row (分幅).

        Parameters
        ----------
        size : int
            Side of a tile, cells. Tiles are anchored at the national origin.
        """
        for tile_row in range(math.floor(self.row / size), math.ceil((self.row + self.rows) / size)):
            top = max(tile_row * size, self.row)
            bottom = min((tile_row + 1) * size, self.row + self.rows)
            for tile_col in range(math.floor(self.col / size), math.ceil((self.col + self.cols) / size)):
                left = max(tile_col * size, self.col)
                right = min((tile_col + 1) * size, self.col + self.cols)
                yield Grid(self.cell, top, left, bottom - top, right - left, self.projection)

    def name(self) -> str:
        """Return the name of this tile: cell size, eastward and northward cell index of its lower left corner."""
        return f"{self.cell:g}m_x{self.col:+07d}_y{-(self.row + self.rows):+07d}"

    def centres(self) -> tuple[np.ndarray, np.ndarray]:
        """Return eastings (cols,) and northings (rows,) of the cell centres, m."""
        x = (self.col + np.arange(self.cols) + 0.5) * self.cell
        y = -(self.row + np.arange(self.rows) + 0.5) * self.cell
        return x, y


def grid_over(bounds: tuple[float, float, float, float], cell: float, projection: str = "") -> Grid:
    """
    Return the smallest grid that covers a rectangle (覆盖范围的格网).

    Parameters
    ----------
    bounds : (left, bottom, right, top)
        Rectangle in the national coordinate system, m.
    cell : float
        Side of the cell, m.
    projection : str
        Equal-area projection of a grid outside China; empty for the national grid.

    Examples
    --------
    >>> grid_over((15.0, 10.0, 100.0, 95.0), 30.0)
    Grid(cell=30.0, row=-4, col=0, rows=4, cols=4)
    """
    left, bottom, right, top = bounds
    col, row = math.floor(left / cell), math.floor(-top / cell)
    return Grid(cell, row, col, math.ceil(-bottom / cell) - row, math.ceil(right / cell) - col, projection)
