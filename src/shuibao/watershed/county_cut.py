"""Small watersheds cut by county into management units (管理单元)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import CallError, ShuibaoError

NO_COUNTY = ""
"""County code of land that lies in no county (县界以外)."""


@dataclass(frozen=True, eq=False)
class ManagementUnits:
    """
    The parts of small watersheds in each county, by unit and county code (管理单元).

    Attributes
    ----------
    unit : (m,) int32 array
        Small watershed that the part belongs to, 1..U.
    county : (m,) array of str
        County code; empty where the land lies in no county.
    cells : (m,) int64 array
        Area of the part, cells. The parts of a unit sum to it exactly, and so do those of a county.
    share : (m,) float64 array
        Share of the part in its unit, 0..1.
    sliver : (m,) bool array
        Whether the part is below the tolerance. It stays with its county all the same.
    main : (m,) bool array
        Whether it is the largest part of its unit; of two alike that of the lower county code.
    """

    unit: NDArray[np.int32]
    county: NDArray[np.str_]
    cells: NDArray[np.int64]
    share: NDArray[np.float64]
    sliver: NDArray[np.bool_]
    main: NDArray[np.bool_]

    def main_county(self) -> NDArray[np.str_]:
        """Return the code of the county with the largest part of each unit 1..U (主县)."""
        return self.county[self.main]


def count_by_county(unit: NDArray[Any], county: NDArray[Any]) -> NDArray[np.int64]:
    """
    Count the cells of each unit in each county; see :func:`join_counts` for tiles (单元与县的像元计数).

    Parameters
    ----------
    unit : array
        Small watershed of each cell, 1..U; 0 is passed over.
    county : array of the same shape
        Number of the county of each cell; 0 in none.

    Returns
    -------
    (m, 3) int64 array
        Unit, county, cells; sorted.

    Raises
    ------
    CallError
        If the arrays differ in shape.

    Examples
    --------
    >>> import numpy as np
    >>> count_by_county(np.array([1, 1, 2, 0]), np.array([7, 7, 0, 7])).tolist()
    [[1, 7, 2], [2, 0, 1]]
    """
    if np.shape(unit) != np.shape(county):
        raise CallError(
            f"小流域与县的栅格应在同一格网上，现为 {np.shape(unit)} 与 {np.shape(county)}。",
            f"units and counties must be on one grid, not {np.shape(unit)} and {np.shape(county)}.",
        )
    inside = np.asarray(unit) > 0
    ones = np.ones(np.count_nonzero(inside), dtype=np.int64)
    return join_counts([np.column_stack([np.asarray(unit)[inside], np.asarray(county)[inside], ones])])


def join_counts(parts: Sequence[NDArray[Any]]) -> NDArray[np.int64]:
    """
    Add up counts by unit and county, for instance those of tiles (合并计数).

    Parameters
    ----------
    parts : sequence of (m, 3) integer arrays
        Unit, county, cells.

    Returns
    -------
    (m, 3) int64 array
        Each pair once, sorted.

    Examples
    --------
    >>> import numpy as np
    >>> join_counts([np.array([[1, 7, 2]]), np.array([[1, 7, 3]])]).tolist()
    [[1, 7, 5]]
    """
    every = np.concatenate([np.empty((0, 3), dtype=np.int64), *parts]).astype(np.int64)
    base = int(every[:, 1].max(initial=0)) + 1
    keys, place = np.unique(every[:, 0] * base + every[:, 1], return_inverse=True)
    cells = np.zeros(keys.size, dtype=np.int64)
    np.add.at(cells, place, every[:, 2])
    return np.column_stack([keys // base, keys % base, cells])


def cut_by_county(
    counts: NDArray[np.int64], unit_cells: NDArray[np.int64], codes: Sequence[str], tolerance: int
) -> ManagementUnits:
    """
    Cut small watersheds by county (按县切分小流域).

    Parameters
    ----------
    counts : (m, 3) int64 array
        Unit, county, cells, from :func:`count_by_county`.
    unit_cells : (U,) int64 array
        Area of each unit, cells.
    codes : sequence of str
        Code of county 1, 2, ... in ``counts``.
    tolerance : int
        Parts of fewer cells are marked as slivers, from ``watershed.sliver_area``. Not merged: facts stay exact by
        county.

    Returns
    -------
    ManagementUnits
        By unit, then by county code.

    Raises
    ------
    ShuibaoError
        If the parts of a unit do not sum to it, or a county has no code.

    Examples
    --------
    >>> import numpy as np
    >>> parts = cut_by_county(np.array([[1, 1, 30], [1, 2, 1]]), np.array([31]), ["140931", "140932"], 2)
    >>> parts.main_county().tolist(), parts.sliver.tolist()
    (['140931'], [False, True])
    """
    counts = join_counts([counts])
    unit, county, cells = counts.T
    if county.size and (county.max() > len(codes) or county.min() < 0):
        raise ShuibaoError(
            f"县的编号应在 0–{len(codes)} 之内，现有 {county.max()}；请核对县的栅格与代码表。",
            f"county numbers must be 0..{len(codes)}, not {county.max()}; check the raster of counties and its codes.",
        )
    sums = np.zeros(len(unit_cells) + 1, dtype=np.int64)
    np.add.at(sums, np.clip(unit, 0, len(unit_cells)), cells)
    wrong = sums[1:] != unit_cells
    if wrong.any() or sums[0] or (unit > len(unit_cells)).any():
        at = int(np.argmax(wrong)) + 1
        raise ShuibaoError(
            f"第 {at} 号小流域各县之和为 {sums[at]} 个像元，本身为 {unit_cells[at - 1]}；请用同一张小流域栅格计数。",
            f"the parts of small watershed {at} sum to {sums[at]} cells, the unit has {unit_cells[at - 1]}; count on"
            " the same raster of units.",
        )
    names = np.array([NO_COUNTY, *codes], dtype=np.str_)[county]
    order = np.lexsort((names, unit))
    unit, names, cells = unit[order], names[order], cells[order]
    largest = np.lexsort((names, -cells, names == NO_COUNTY, unit))
    main = np.zeros(unit.size, dtype=bool)
    main[largest[np.unique(unit[largest], return_index=True)[1]]] = True
    share = cells / unit_cells[unit - 1]
    return ManagementUnits(unit.astype(np.int32), names, cells, share, cells < tolerance, main)
