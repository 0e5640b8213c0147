"""What makes one area of many cells: the widths, areas and tolerances of patch aggregation (图斑聚合参数)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shuibao.messages import ShuibaoError
from shuibao.rules import Rules

HECTARE = 1e4
"""m² in one hm²."""

ROUNDING = 1e-9
"""Share of a cell that a quotient of two lengths may miss a whole number by (chosen: far above rounding error)."""


@dataclass(frozen=True)
class AggregationRule:
    """
    How cells are put together to areas, on a grid of some cell size (图斑聚合参数).

    Attributes
    ----------
    gap_cells : int
        Gaps up to this width are closed, cells; 0 closes none.
    sliver_cells : int
        Parts up to this width are dropped, cells; 0 drops none. The minimum width is one cell more.
    min_cells : int
        Cells of the smallest area that is kept.
    hole_cells : int
        Holes of fewer cells are filled; 0 fills none.
    hole_side : int
        A hole that is longer than this from north to south or west to east is kept, cells: a road, not a hole.
    simplify, smooth : float
        Tolerances of the border, m; 0 for none.
    """

    gap_cells: int = 0
    sliver_cells: int = 0
    min_cells: int = 1
    hole_cells: int = 0
    hole_side: int = 0
    simplify: float = 0.0
    smooth: float = 0.0

    @classmethod
    def from_rules(cls, rules: Rules, table: str, cell: float) -> AggregationRule:
        """
        Read the rule from the packs in force (由规则包建立).

        Parameters
        ----------
        rules : Rules
            Asked for ``minimum_area``, ``minimum_hole`` (hm²), ``gap_width``, ``sliver_width``, ``hole_length``,
            ``simplify_tolerance`` and ``smooth_tolerance`` (m) of the table.
        table : str
            ``steep_slope`` or ``severe_fragile``, or a table of a user's own with these keys.
        cell : float
            Side of the cell, m. Widths count in whole cells, rounded down; areas in whole cells, rounded up.

        Raises
        ------
        ShuibaoError
            If a width, area or tolerance is negative or no number.

        Examples
        --------
        >>> from shuibao.rules import load_rules
        >>> rule = AggregationRule.from_rules(load_rules(["national"]), "steep_slope", cell=10.0)
        >>> rule.gap_cells, rule.min_cells, rule.hole_cells
        (3, 500, 50)
        """

        def asked(name: str) -> float:
            return _number(rules, f"{table}.{name}")

        return cls(
            gap_cells=math.floor(asked("gap_width") / cell + ROUNDING),
            sliver_cells=math.floor(asked("sliver_width") / cell + ROUNDING),
            min_cells=max(math.ceil(asked("minimum_area") * HECTARE / cell**2 - ROUNDING), 1),
            hole_cells=math.ceil(asked("minimum_hole") * HECTARE / cell**2 - ROUNDING),
            hole_side=math.floor(asked("hole_length") / cell + ROUNDING),
            simplify=asked("simplify_tolerance"),
            smooth=asked("smooth_tolerance"),
        )

    @property
    def hole_reach(self) -> int:
        """Return how long a hole may be that is filled, cells."""
        return min(self.hole_side, max(self.hole_cells - 1, 0))

    @property
    def reach(self) -> int:
        """Return how far aggregation looks before areas are counted, cells: the halo a tile needs, with one for tracing."""
        holes = self.hole_reach + 1 if self.hole_reach > 0 else 0
        return 1 + self.gap_cells + holes + self.sliver_cells


def _number(rules: Rules, key: str) -> float:
    """Return a width, an area or a tolerance, which may not be negative."""
    value = rules.value(key)
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    if not (whole and math.isfinite(value) and value >= 0):
        raise ShuibaoError(
            f"规则 {key} 为 {value!r}，应为不小于 0 的数；请检查所用规则包。",
            f"rule {key} is {value!r}, it must be a number from 0 up; check the rule packs.",
        )
    return float(value)
