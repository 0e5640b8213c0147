"""Lines onto cells, and mapped rivers in any coordinate system (线状要素与河流)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.ground import _lines_kernels
from shuibao.ground.grid import Grid
from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.ground.warping import same_projection
from shuibao.messages import ShuibaoError

LINES = ("LineString", "MultiLineString", "LinearRing")
"""Kinds of shapes that are lines."""


@dataclass(frozen=True)
class Rivers:
    """
    Mapped rivers in the coordinates of a grid (河流).

    Parameters
    ----------
    lines : (n,) array of shapely geometry
        Lines, m.
    names : tuple of str
        Name of each; empty where it has none or no field was asked for.
    """

    lines: NDArray[Any]
    names: tuple[str, ...]


def burn_lines(lines: Sequence[Any] | NDArray[Any], grid: Grid) -> NDArray[np.uint32]:
    """
    Return the cells along lines: of each cell the number of the line that passes (线状要素栅格化).

    Parameters
    ----------
    lines : sequence of shapely geometry
        Lines in the grid's coordinates, m. They are numbered from 1 in this order; where several pass, the last counts.
    grid : Grid
        Cells wanted.

    Returns
    -------
    (rows, cols) uint32 array
        Number of the line; 0 where none passes.

    Notes
    -----
    A segment takes one cell of every column whose centre line it crosses, or of every row if it is steeper than 45°, and
    the cells that hold its ends. The cells of a line hang together by sides or corners, as D8 directions do. Crossings
    are found one by one in national coordinates, so that the answer for a cell does not depend on the window.

    Examples
    --------
    >>> burn_lines([shapely.LineString([(10.0, -10.0), (100.0, -50.0)])], Grid(30.0, 0, 0, 2, 4)).tolist()
    [[1, 1, 0, 0], [0, 0, 1, 1]]
    """
    out = np.zeros(grid.shape, dtype=np.uint32)
    shapes = np.asarray(lines, dtype=object)
    if not shapes.size:
        return out
    parts, owner = shapely.get_parts(shapes, return_index=True)
    left, bottom, right, top = grid.grown(1).bounds
    bounds = shapely.bounds(parts)
    near = (bounds[:, 0] <= right) & (bounds[:, 2] >= left) & (bounds[:, 1] <= top) & (bounds[:, 3] >= bottom)
    coordinates, part = shapely.get_coordinates(parts[near], return_index=True)
    ends = np.cumsum(np.bincount(part, minlength=int(near.sum()))).astype(np.int64)
    number = (owner[near] + 1).astype(np.uint32)
    x, y = (np.ascontiguousarray(column) for column in coordinates.T)
    _lines_kernels.mark_lines(x, y, ends, number, float(grid.cell), grid.row, grid.col, out)
    return out


def rivers_on(path: Path, grid: Grid, *, layer: str | None = None, name_field: str | None = None) -> Rivers:
    """
    Read the mapped rivers that touch a grid (读取河流).

    Parameters
    ----------
    path : Path
        Vector file of lines, in any coordinate system that it states.
    grid : Grid
        The land.
    layer : str, optional
        Layer of a file that has several; the first if not given.
    name_field : str, optional
        Attribute that holds the rivers' names.

    Returns
    -------
    Rivers
        In the grid's coordinates and in the file's order. Shapes without coordinates are passed over.

    Raises
    ------
    ShuibaoError
        If the file cannot be read, states no coordinate system, lacks the field, holds no line or something that is not a
        line, cannot be transformed, or no line touches the grid.
    """
    vectors = read_vectors(path, layer=layer)
    if vectors.crs is None:
        raise ShuibaoError(
            f"{path} 没有坐标系；请写入坐标系（如 .prj 文件）。",
            f"{path} has no coordinate system; write one (for instance a .prj file).",
        )
    names = _names(path, vectors, name_field)
    there = np.array([g is not None and not g.is_empty for g in vectors.geometry], dtype=bool)
    _check_lines(path, vectors.geometry[there])
    lines = _on_grid(path, shapely.force_2d(vectors.geometry[there]), vectors.crs, grid)
    touching = touching_lines(lines, grid, str(path))
    kept = np.flatnonzero(there)[touching]
    return Rivers(lines[touching], tuple(names[i] for i in kept))


def touching_lines(lines: NDArray[Any], grid: Grid, where: str) -> NDArray[np.bool_]:
    """
    Tell which lines touch a grid, refusing lines of which none does (与格网相交的线).

    Parameters
    ----------
    lines : (n,) array of shapely geometry
        Lines in the grid's coordinates, m.
    grid : Grid
        The land.
    where : str
        What the lines are or come from, for the message.
    """
    if shapely.is_empty(lines).all():
        raise ShuibaoError(
            f"{where} 没有河流（没有图形）；请核对文件与图层。",
            f"{where} holds no rivers (no shapes); check the file and the layer.",
        )
    touching = np.asarray(shapely.intersects(lines, shapely.box(*grid.bounds)), dtype=bool)
    if not touching.any():
        theirs, ours = (_extent(b) for b in (shapely.total_bounds(lines), grid.bounds))
        raise ShuibaoError(
            f"{where} 与格网不相交：河流范围 {theirs}，格网范围 {ours}（左、下、右、上，m）；请核对坐标系与区域。",
            f"{where} does not touch the grid: the rivers cover {theirs}, the grid {ours} (left, bottom, right, top, m); "
            "check the coordinate system and the region.",
        )
    return touching


def _extent(bounds: Sequence[float] | NDArray[Any]) -> str:
    return "(" + ", ".join(f"{value:.0f}" for value in bounds) + ")"


def _names(path: Path, vectors: Vectors, field: str | None) -> list[str]:
    if field is None:
        return [""] * len(vectors.geometry)
    if field not in vectors.columns:
        have = list(vectors.columns)
        raise ShuibaoError(
            f"{path} 没有字段「{field}」（现有：{'、'.join(have)}）；请指定河名字段。",
            f"{path} has no field '{field}' (it has: {', '.join(have)}); say which field holds the names.",
        )
    return ["" if v is None or v != v else str(v).strip() for v in vectors.columns[field].tolist()]  # noqa: PLR0124


def _check_lines(path: Path, shapes: NDArray[Any]) -> None:
    others = Counter(g.geom_type for g in shapes if g.geom_type not in LINES)
    if others:
        first = next(i for i, g in enumerate(shapes) if g.geom_type not in LINES)
        found = ", ".join(f"{kind} {count}" for kind, count in sorted(others.items()))
        raise ShuibaoError(
            f"{path} 应只有线（LineString），另有 {found}，第一个是第 {first + 1} 个图形；河面请先提取中心线。",
            f"{path} should hold lines only, found also {found}, the first as shape {first + 1}; draw the centre lines of "
            "river polygons first.",
        )


def _on_grid(path: Path, lines: NDArray[Any], crs: CRS, grid: Grid) -> NDArray[Any]:
    if same_projection(crs, grid.crs):
        return lines
    to_grid = between(crs, grid.crs)
    moved = shapely.transform(lines, lambda xy: np.column_stack(to_grid.transform(xy[:, 0], xy[:, 1])))
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        raise ShuibaoError(
            f"{path} 的坐标不能从 {crs.name} 转到格网坐标系；所写的坐标系可能不对，请核对。",
            f"coordinates of {path} cannot be transformed from {crs.name} to the grid; the stated coordinate system may be "
            "wrong, check it.",
        )
    return np.asarray(moved, dtype=object)
