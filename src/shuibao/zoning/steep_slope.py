"""
The steep-slope zone: slopes on which land may not be reclaimed for crops (禁止开垦陡坡地).

Slope at or above the province's angle, and a land class in the rule's list; cleaned; drawn as patches of at least the
minimum area. Every number comes from the rules ``steep_slope.*``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.zoning import _kernels
from shuibao.zoning.cleaning import clean, cleaning_reach
from shuibao.zoning.patches import Patches
from shuibao.zoning.tracing import SlopeUnit

HECTARE = 1e4
"""m² in one hm²."""

ROUNDING = 1e-9
"""Share of a cell that a quotient of two lengths may miss a whole number by (chosen: far above rounding error)."""

PATCH_COLUMNS: dict[str, tuple[str, str]] = {
    "number": ("图斑编号", "Number"),
    "county": ("县级代码", "County code"),
    "county_name": ("县名", "County"),
    "area_hm2": ("面积/hm²", "Area, hm²"),
    "area_m2": ("面积/m²", "Area, m²"),
    "mean_slope": ("平均坡度/°", "Mean slope, °"),
    "land_use": ("主要地类代码", "Main land class, code"),
    "land_use_name": ("主要地类", "Main land class"),
    "land_use_share": ("主要地类占比/%", "Share of main land class, %"),
    "perimeter_m": ("周长/m", "Perimeter, m"),
    "parts": ("块数", "Parts"),
    "cells": ("像元数", "Cells"),
    "slope_area_hm2": ("所在坡地总面积/hm²", "Area of the whole slope in all counties, hm²"),
    "easting": ("首像元东坐标/m", "Easting of first cell, m"),
    "northing": ("首像元北坐标/m", "Northing of first cell, m"),
}
"""The columns of the patch list, in order, with their headings in Chinese and English (图斑清单表头)."""


@dataclass(frozen=True)
class SteepSlopeRule:
    """
    What makes a steep slope, on a grid of some cell size (禁止开垦陡坡地划定规则).

    Attributes
    ----------
    angle : float
        Steep from this slope on, deg.
    inclusive : bool
        Whether a slope equal to the angle is steep.
    land : (256,) array of bool
        True at the land-class codes that count.
    min_cells : int
        Cells of the smallest component that is drawn.
    gap_cells, sliver_cells : int
        Widths for :func:`shuibao.zoning.clean`, cells.
    """

    angle: float
    inclusive: bool
    land: NDArray[np.bool_]
    min_cells: int
    gap_cells: int
    sliver_cells: int

    @classmethod
    def from_rules(cls, rules: Rules, cell: float) -> SteepSlopeRule:
        """
        Read the rule from the packs in force (由规则包建立).

        Parameters
        ----------
        rules : Rules
            Asked for ``steep_slope.angle`` (deg), ``.inclusive``, ``.land`` (land-class ids), ``.minimum_area`` (hm²),
            ``.gap_width`` and ``.sliver_width`` (m), and for ``land_class.classes``.
        cell : float
            Side of the cell, m. Widths count in whole cells, rounded down; the area in whole cells, rounded up.

        Raises
        ------
        ShuibaoError
            If a land class is unknown, or an angle, width or area cannot be.

        Examples
        --------
        >>> from shuibao.rules import load_rules
        >>> rule = SteepSlopeRule.from_rules(load_rules(["national", "jilin"]), cell=10.0)
        >>> rule.angle, rule.min_cells
        (20.0, 500)
        """
        angle = float(rules.value("steep_slope.angle"))
        if not 0 < angle < 90:
            zh = f"规则 steep_slope.angle 为 {angle:g}°，应在 0° 与 90° 之间；请检查所用规则包。"
            en = f"rule steep_slope.angle is {angle:g}°, it must lie between 0° and 90°; check the rule packs."
            raise ShuibaoError(zh, en)
        return cls(
            angle=angle,
            inclusive=bool(rules.value("steep_slope.inclusive")),
            land=_land_table(rules),
            min_cells=math.ceil(_length(rules, "minimum_area") * HECTARE / cell**2 - ROUNDING),
            gap_cells=math.floor(_length(rules, "gap_width") / cell + ROUNDING),
            sliver_cells=math.floor(_length(rules, "sliver_width") / cell + ROUNDING),
        )

    @property
    def reach(self) -> int:
        """Return how far cleaning looks, cells: the halo it needs."""
        return cleaning_reach(self.gap_cells, self.sliver_cells)

    def candidate(
        self, slope: NDArray[np.floating[Any]], land: NDArray[np.uint8], slope_unit: SlopeUnit = "rad"
    ) -> NDArray[np.bool_]:
        """
        Return the cells that are steep and of a land class that counts (初选像元).

        Parameters
        ----------
        slope : (rows, cols) array
            Slope angle, rad or deg as ``slope_unit`` says. NaN is not steep.
        land : (rows, cols) array of uint8
            Land-class code; 0 missing, which does not count.
        slope_unit : {"rad", "deg"}
            Unit of ``slope``.

        Returns
        -------
        (rows, cols) array of bool
            Steep and of a class that counts. The angle is compared in the precision of ``slope``.
        """
        return self._judged(slope, land, slope_unit)[0]

    def zone(
        self, slope: NDArray[np.floating[Any]], land: NDArray[np.uint8], slope_unit: SlopeUnit = "rad"
    ) -> NDArray[np.bool_]:
        """
        Return the cleaned zone, before the minimum area is asked (清理后的陡坡地).

        Parameters
        ----------
        slope, land, slope_unit
            As for :meth:`candidate`, with a halo of at least :attr:`reach` cells beyond what is to be used.

        Returns
        -------
        (rows, cols) array of bool
            Final where it lies at least :attr:`reach` cells from the border of the array.
        """
        steep, claimable = self._judged(slope, land, slope_unit)
        return clean(steep, claimable, self.gap_cells, self.sliver_cells)

    def _judged(
        self, slope: NDArray[np.floating[Any]], land: NDArray[np.uint8], slope_unit: SlopeUnit
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the cells that are steep and of a class that counts, and those of a class that counts."""
        limit = slope.dtype.type(self.angle if slope_unit == "deg" else math.radians(self.angle))
        if not self.inclusive:
            limit = np.nextafter(limit, slope.dtype.type(np.inf))
        steep, counted = np.empty(slope.shape, np.bool_), np.empty(slope.shape, np.bool_)
        _kernels.judge(slope, land, limit, self.land, steep, counted)
        return steep, counted


def _length(rules: Rules, name: str) -> float:
    """Return a width or an area of the rule, which may not be negative."""
    value = float(rules.value(f"steep_slope.{name}"))
    if not (math.isfinite(value) and value >= 0):
        zh = f"规则 steep_slope.{name} 为 {value:g}，不得为负；请检查所用规则包。"
        en = f"rule steep_slope.{name} is {value:g}, it may not be negative; check the rule packs."
        raise ShuibaoError(zh, en)
    return value


def _land_table(rules: Rules) -> NDArray[np.bool_]:
    """Return for each of 256 land-class codes whether it counts."""
    codes = {str(c["id"]): int(c["code"]) for c in rules.value("land_class.classes")}
    wanted = [str(name) for name in rules.value("steep_slope.land")]
    unknown = [name for name in wanted if name not in codes]
    if unknown:
        zh = f"规则 steep_slope.land 中的地类 {'、'.join(unknown)} 不存在；可用：{'、'.join(codes)}。请改正规则包。"
        en = (
            f"rule steep_slope.land names land classes that do not exist: {', '.join(unknown)}; there are"
            f" {', '.join(codes)}. Correct the rule pack."
        )
        raise ShuibaoError(zh, en)
    table = np.zeros(256, np.bool_)
    table[[codes[name] for name in wanted]] = True
    return table


def patch_list(
    patches: Patches,
    counties: Iterable[tuple[str, str]],
    land_names: Mapping[int, str],
    cell: float,
) -> dict[str, NDArray[Any]]:
    """
    Return the patch list of the steep-slope zone, ready to be written (图斑清单).

    Parameters
    ----------
    patches : Patches
        From :func:`shuibao.zoning.join_patches`.
    counties : iterable of (code, name)
        The counties by index, the first having index 1.
    land_names : mapping of int to str
        Name of each land-class code.
    cell : float
        Side of the cell, m.

    Returns
    -------
    dict of str to (patches,) array
        Columns named and ordered as :data:`PATCH_COLUMNS`. Areas in hm² are rounded to 0.01, slopes to 0.01°; sums are
        to be taken of ``area_m2``. A patch is numbered by county code and its order in the county.

    Notes
    -----
    The geometry, ``patches.geometry``, has the same order.
    """
    by_index = [("", ""), *counties]
    codes = np.array([code for code, _ in by_index], dtype=object)
    names = np.array([name for _, name in by_index], dtype=object)
    county = codes[patches.county]
    begins = np.searchsorted(patches.county, patches.county)
    order = np.arange(len(patches)) - begins + 1
    most = patches.land_cells[np.arange(len(patches)), patches.land]
    land_use = [land_names.get(int(code), "") for code in patches.land]
    columns = {
        "number": np.array([f"{c}-{k:05d}" for c, k in zip(county, order, strict=True)], dtype=object),
        "county": county,
        "county_name": names[patches.county],
        "area_hm2": np.round(patches.area / HECTARE, 2),
        "area_m2": patches.area,
        "mean_slope": np.round(patches.mean_slope, 2),
        "land_use": patches.land,
        "land_use_name": np.array(land_use, dtype=object),
        "land_use_share": np.round(100.0 * most / np.maximum(patches.cells, 1), 1),
        "perimeter_m": patches.perimeter,
        "parts": patches.parts.astype(np.int32),
        "cells": patches.cells,
        "slope_area_hm2": np.round(patches.component_cells * (cell * cell) / HECTARE, 2),
        "easting": (patches.first[:, 1] + 0.5) * cell,
        "northing": -(patches.first[:, 0] + 0.5) * cell,
    }
    return {name: columns[name] for name in PATCH_COLUMNS}
