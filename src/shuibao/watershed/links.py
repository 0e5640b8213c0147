"""Links 河段: channels between junctions, as a table that is a forest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.ground.vectors import write_geoparquet
from shuibao.messages import CallError
from shuibao.terrain.cells import heights_of
from shuibao.watershed import _kernels, _stream_kernels
from shuibao.watershed.channels import Channels
from shuibao.watershed.drainage import Drainage, checked_cell_size, index_type
from shuibao.watershed.pfafstetter import forest_codes
from shuibao.watershed.stream_order import magnitudes_of, orders_of
from shuibao.watershed.streams import channels_from_mask

_DIAGONAL, _NORTH_SOUTH, _EAST_WEST = (2, 4, 6, 8), (3, 7), (1, 5)


@dataclass(frozen=True, eq=False)
class Links:
    """
    The channels cut at their junctions, and what is known of each piece (河段表).

    A link begins at a source or a junction and ends above the next junction, so that a junction is the first cell
    of the link below it. Links are numbered from 1 by contributing area at their lower ends, of equals by flat index:
    every link before the one it flows into, whatever the tiling.

    Attributes
    ----------
    channels : Channels
        The channel cells.
    number : (n,) integer array
        Link of each channel cell.
    cell_size : (float, float)
        Width and height of the cell, m.
    columns : dict of str to (links,) array
        ``link`` number, 1..; ``down`` the link it flows into, 0 if none; ``first_cell``, ``last_cell`` flat indices;
        ``end_cell`` the junction it flows into, or its last cell where the channel ends; ``up_links`` how many links
        flow into it; ``strahler`` order; ``shreve`` magnitude; ``length_m`` along cell centres to ``end_cell``, m;
        ``cells`` contributing area of ``last_cell``; ``local_cells`` of these those that no link above drains; with
        elevation also ``drop_m`` from ``first_cell`` to ``end_cell``, m, and ``slope``, drop over length, m/m
        (NaN for a link without length).
    """

    channels: Channels
    number: NDArray[Any]
    cell_size: tuple[float, float]
    columns: dict[str, NDArray[Any]]

    @property
    def count(self) -> int:
        """Return how many links there are (河段数)."""
        return int(self.columns["link"].size)

    @property
    def label(self) -> NDArray[Any]:
        """Raster of link numbers at channel cells, 0 elsewhere: int32, (rows, cols) (河段编号栅格)."""
        out = np.zeros(self.channels.shape, dtype=self.number.dtype)
        out.ravel()[self.channels.cell] = self.number
        return out

    def catchments(self, drainage: Drainage) -> NDArray[Any]:
        """
        Land that drains into each link (河段集水区).

        Parameters
        ----------
        drainage : Drainage
            The drainage that the channels were taken from.

        Returns
        -------
        (rows, cols) integer array
            Number of the first link that the water of a cell meets; 0 if it meets none, and at missing cells. Where
            the channels end inside the land, the land below is 0.

        Raises
        ------
        CallError
            If the drainage has another shape.
        """
        if drainage.shape != self.channels.shape:
            raise _other_shape(drainage.shape, self.channels.shape)
        label = self.label
        _kernels.label_upward(drainage.direction.ravel(), drainage.steps, drainage.order, label.ravel())
        return label

    def pfafstetter(self, *, levels: int | None = None, min_area: float | None = None) -> NDArray[np.int64]:
        """
        Pfafstetter code of each link, whatever the size of the grid (河段的普法夫斯泰特流域编码).

        Parameters
        ----------
        levels : int, optional
            Digits of the codes, 1 to 18. Without it as many as the links leave something to divide.
        min_area : float, optional
            Least contributing area of a tributary, cells. Every link is a tributary if it is not given.

        Returns
        -------
        (links,) int64 array
            The codes that :func:`pfafstetter` gives the channel cells if its ``min_area`` is the threshold of the
            channels, or more. Each river is coded by itself.

        Raises
        ------
        CallError
            If ``levels`` is not 1..18 or ``min_area`` is negative; if more than 18 digits would be needed.
        """
        node = np.arange(self.count, dtype=np.int64)
        receiver = np.where(self.columns["down"] == 0, node, self.columns["down"].astype(np.int64) - 1)
        if levels is None and min_area is None:
            min_area = 0.0
        roots = np.flatnonzero(receiver == node)
        return forest_codes(receiver, node, self.columns["cells"], roots, levels=levels, min_area=min_area)

    def lines(self, grid: Grid) -> NDArray[Any]:
        """
        Each link as a line along cell centres, down to its ``end_cell`` (河段线).

        Parameters
        ----------
        grid : Grid
            Where the cells lie.

        Returns
        -------
        (links,) array of shapely LineString
            In the order of the table, drawn downstream. A link of one cell that ends there has its point twice.

        Raises
        ------
        CallError
            If the grid has another shape or cell size.
        """
        if grid.shape != self.channels.shape:
            raise _other_shape(grid.shape, self.channels.shape)
        if self.cell_size != (grid.cell, grid.cell):
            raise CallError(
                f"格网像元 {grid.cell} m 与汇流结构的像元 {self.cell_size} m 不同；请用同一格网。",
                f"the grid's cells of {grid.cell} m are not the drainage's of {self.cell_size} m; use one grid.",
            )
        link, cell = self._paths()
        row, col = np.divmod(cell, grid.cols)
        points = np.column_stack([grid.left + (col + 0.5) * grid.cell, grid.top - (row + 0.5) * grid.cell])
        return np.asarray(shapely.linestrings(points, indices=link), dtype=object)

    def write(self, path: Path, grid: Grid, *, metadata: dict[str, str] | None = None) -> None:
        """
        Write table and lines as GeoParquet (写出河段).

        Parameters
        ----------
        path : Path
            File to write, whole or not at all.
        grid : Grid
            Where the cells lie.
        metadata : dict of str to str, optional
            Provenance, kept in the file.

        Raises
        ------
        CallError
            If the grid has another shape or cell size.
        """
        write_geoparquet(path, self.columns, self.lines(grid), grid.crs, metadata=metadata)

    def _paths(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return row of the table and cell of every point of every line, link by link, downstream."""
        order = np.lexsort((self.channels.cells, self.number))
        sizes = np.bincount(self.number, minlength=self.count + 1)[1:]
        ends, end_cell = np.cumsum(sizes), self.columns["end_cell"]
        joined = np.flatnonzero((end_cell != self.columns["last_cell"]) | (sizes == 1))
        link = np.insert(self.number[order].astype(np.int64) - 1, ends[joined], joined)
        return link, np.insert(self.channels.cell[order], ends[joined], end_cell[joined])


def stream_links(
    drainage: Drainage,
    mask: NDArray[Any],
    *,
    area_cells: NDArray[Any] | None = None,
    elevation: NDArray[Any] | None = None,
) -> Links:
    """
    Cut the channels of a grid in memory into links (河段划分).

    Parameters
    ----------
    drainage : Drainage
        The way of the water.
    mask : (rows, cols) bool array
        Channel cells. Where one drains to a cell that is none, the channel ends.
    area_cells : (rows, cols) integer array, optional
        Contributing area, cells; computed if not given.
    elevation : (rows, cols) array, optional
        Ground elevation, m, for drop and slope; missing (NaN) makes them missing.

    Returns
    -------
    Links

    Raises
    ------
    ShuibaoError
        If the arrays are not of the drainage's shape, or contributing area does not grow downstream.
    CallError
        If ``elevation`` has another shape.

    Notes
    -----
    The links are a forest; their local areas add up to the contributing area where the channels end; below a junction
    the magnitude is the sum of those above; and the order is never greater than the magnitude.

    References
    ----------
    Shreve, R. L. (1967) Infinite topologically random channel networks. Journal of Geology 75, 178-186.

    Examples
    --------
    Two sources meet in the middle and leave to the south:

    >>> import numpy as np
    >>> direction = np.array([[1, 3, 5], [0, 9, 0]], dtype=np.uint8)
    >>> drainage = Drainage.from_directions(direction, 30.0)
    >>> links = stream_links(drainage, direction > 0)
    >>> links.label.tolist(), links.columns["down"].tolist(), links.columns["length_m"].tolist()
    ([[1, 3, 2], [0, 3, 0]], [3, 3, 0], [30.0, 30.0, 30.0])
    """
    channels = channels_from_mask(drainage, mask, area_cells=area_cells)
    if elevation is not None:
        if np.shape(elevation) != drainage.shape:
            raise _other_shape(np.shape(elevation), drainage.shape)
        elevation = heights_of(elevation).ravel()[channels.cell]
    return links_of_channels(channels, drainage.cell_size, elevation=elevation)


def links_of_channels(
    channels: Channels, cell_size: float | tuple[float, float], *, elevation: NDArray[Any] | None = None
) -> Links:
    """
    Cut channels into links, whatever the size of the grid they are from (由河道表划分河段).

    Parameters
    ----------
    channels : Channels
        The channel cells.
    cell_size : float or (float, float)
        Side of the cell, or its width and height, m.
    elevation : (n,) array, optional
        Ground elevation of each channel cell, m; missing (NaN) makes drop and slope missing.

    Returns
    -------
    Links

    Raises
    ------
    ShuibaoError
        If ``cell_size`` is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> direction, area = np.array([[9, 5, 5]], dtype=np.uint8), np.array([[3, 2, 1]])
    >>> links = links_of_channels(Channels.from_arrays(direction, area, 1), 30.0, elevation=np.array([1.0, 2.0, 4.0]))
    >>> [links.columns[name].tolist() for name in ("first_cell", "end_cell", "length_m", "drop_m", "slope")]
    [[2], [0], [60.0], [3.0], [0.05]]
    """
    size = checked_cell_size(cell_size)
    number, first, last = _traced(channels)
    receiver, cells = channels.receiver, channels.cells
    end = receiver[last]
    down = np.where(end == last, 0, number[end])
    above = np.bincount(down, minlength=last.size + 1)[1:]
    inflow = np.zeros(last.size + 1, dtype=np.int64)
    np.add.at(inflow, down, cells[last])
    order = np.argsort(cells, kind="stable")  # contributing area grows downstream
    columns: dict[str, NDArray[Any]] = {
        "link": np.arange(1, last.size + 1, dtype=number.dtype),
        "down": down.astype(number.dtype),
        "first_cell": channels.cell[first],
        "last_cell": channels.cell[last],
        "end_cell": channels.cell[end],
        "up_links": above.astype(np.int32),
        "strahler": orders_of(receiver, order)[last],
        "shreve": magnitudes_of(receiver, order)[last],
        "length_m": _lengths(channels, number, last.size, size),
        "cells": cells[last],
        "local_cells": cells[last] - inflow[1:],
    }
    if elevation is not None:
        drop = np.asarray(elevation, dtype=np.float64)[first] - np.asarray(elevation, dtype=np.float64)[end]
        length = columns["length_m"]
        columns["drop_m"] = drop
        columns["slope"] = np.divide(drop, length, out=np.full_like(drop, np.nan), where=length > 0)
    return Links(channels, number, size, columns)


def _traced(channels: Channels) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Return the link number of each channel cell, and the positions of the first and last cell of each link."""
    n = channels.cell.size
    donors = np.empty(n, dtype=np.uint8)
    link, first, last = (np.empty(n, dtype=np.int64) for _ in range(3))
    _stream_kernels.count_donors(channels.receiver, donors)
    order = np.argsort(channels.cells, kind="stable")
    count = _stream_kernels.trace_links(channels.receiver, order, donors, link, first, last)
    first, last = first[:count], last[:count]
    rank = np.lexsort((channels.cell[last], channels.cells[last]))
    number = np.empty(count, dtype=index_type(count + 1))
    number[rank] = np.arange(1, count + 1)
    return number[link], first[rank], last[rank]


def _lengths(
    channels: Channels, number: NDArray[Any], count: int, cell_size: tuple[float, float]
) -> NDArray[np.float64]:
    """Return the length of each link, m, counted in whole steps so that no order of summing can matter."""
    flows = channels.receiver != np.arange(channels.cell.size)
    width, height = cell_size
    length = np.zeros(count)
    for codes, step in (
        (_EAST_WEST, width),
        (_NORTH_SOUTH, height),
        (_DIAGONAL, float(np.hypot(width, height))),
    ):
        taken = flows & np.isin(channels.direction, codes)
        length += step * np.bincount(number[taken], minlength=count + 1)[1:]
    return length


def _other_shape(found: tuple[int, ...], wanted: tuple[int, int]) -> CallError:
    return CallError(
        f"形状 {found} 与河道所在格网 {wanted} 不同；请用同一格网。",
        f"the shape {found} is not that of the channels' grid {wanted}; use one grid.",
    )
