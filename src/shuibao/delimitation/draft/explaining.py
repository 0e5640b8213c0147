"""
What other aggregation parameters would have drawn, on the land of a region (聚合参数的依据).

The parameters in force are one row of the table; around each of them a few others are tried. A region that is too large
is looked at by some of its tiles, the same ones every time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from shuibao.delimitation.draft.severe_fragile import open_ground
from shuibao.delimitation.draft.steep_slope import open_steep_ground, require_run
from shuibao.ground.grid import Grid
from shuibao.messages import CallError
from shuibao.rules import Rules
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.executing import processors
from shuibao.survey.region import Region
from shuibao.zoning.aggregation import Reader
from shuibao.zoning.aggregation_rule import HECTARE, AggregationRule
from shuibao.zoning.aggregation_trade_off import TradeOff, trade_off

Opener = Callable[[Region, Rules, Counties, Grid], Reader]

OPENERS: dict[str, Opener] = {
    "severe_fragile": lambda *given: open_ground(*given).candidates,
    "steep_slope": lambda *given: open_steep_ground(*given).candidates,
}
"""What opens the candidates of each theme that is aggregated from cells (由像元聚合的类别)."""

MOST_CELLS = 2**26
"""Cells that are looked at whole (chosen: a city of 14 counties at 30 m); of a larger region, some tiles."""

GAPS, SLIVERS, AREAS = (0.0, 1.0, 2.0, 3.0), (0.0, 1.0, 2.0), (0.2, 1.0, 2.0)
"""Multiples of the parameters in force that are tried; of one cell where a width in force is 0 (试算倍数)."""


@dataclass(frozen=True)
class Explanation:
    """
    The trade-off around the parameters in force (参数依据).

    Attributes
    ----------
    theme : str
        The theme.
    table : TradeOff
        One row for each combination; ``chosen`` is that of the rules in force.
    tiles : int
        Tiles that were looked at.
    of : int
        Tiles of the region that hold any of it.
    """

    theme: str
    table: TradeOff
    tiles: int
    of: int

    @property
    def sampled(self) -> bool:
        """Return whether only some of the tiles were looked at (是否抽样)."""
        return self.tiles < self.of


def explain(region: Region, rules: Rules, theme: str, *, most_cells: int = MOST_CELLS) -> Explanation:
    """
    Return what parameters around those in force would draw (聚合参数取舍).

    Parameters
    ----------
    region : Region
        A region that ``shuibao run`` was done on.
    rules : Rules
        Rule packs in force; asked for the theme's rules and its aggregation parameters.
    theme : str
        ``severe_fragile`` or ``steep_slope``.
    most_cells : int
        Cells that are looked at whole. Of a larger region, as many whole tiles as have no more are looked at, evenly
        spread over those that hold any of it, each as a region of its own.

    Returns
    -------
    Explanation

    Raises
    ------
    CallError
        If the theme is not aggregated from cells.
    ShuibaoError
        If the region was not run, or an input is missing or wrong.
    """
    if theme not in OPENERS:
        raise CallError(
            f"「{theme}」不由像元聚合而成，没有聚合参数可以说明；可用：{'、'.join(OPENERS)}。",
            f"'{theme}' is not aggregated from cells and has no parameters to explain; there are: {', '.join(OPENERS)}.",
        )
    require_run(region)
    counties = counties_of(region)
    grid = counties.grid(region.cell)
    read = OPENERS[theme](region, rules, counties, grid)
    rule = AggregationRule.from_rules(rules, theme, grid.cell)
    tiles = [tile for tile in grid.tiles(region.tile) if _holds(tile, counties)]
    some = spread(len(tiles), most_cells // max(max(t.rows * t.cols for t in tiles), 1))
    blocks = [grid] if len(some) == len(tiles) else [tiles[k] for k in some]
    tried = {"gaps": _gaps(rule, grid.cell), "slivers": _slivers(rule, grid.cell), "areas": _areas(rule, grid)}
    tables = [trade_off(read, block, rule, **tried, tile=region.tile, jobs=processors()) for block in blocks]
    return Explanation(theme, joined_trade_offs(tables), len(some), len(tiles))


def spread(count: int, most: int) -> list[int]:
    """
    Return which of some tiles are looked at, evenly spread (均匀抽样).

    Parameters
    ----------
    count : int
        Tiles.
    most : int
        How many may be looked at; one is, whatever it says.

    Examples
    --------
    >>> spread(10, 3), spread(3, 5), spread(4, 0)
    ([1, 5, 8], [0, 1, 2], [2])
    """
    size = min(max(most, 1), count)
    return [((2 * k + 1) * count) // (2 * size) for k in range(size)]


def joined_trade_offs(tables: Sequence[TradeOff]) -> TradeOff:
    """
    Add up the tables of several places that the same parameters were tried on (合并取舍表).

    Parameters
    ----------
    tables : sequence of TradeOff
        At least one; of the same rule, gaps, slivers and areas.

    Returns
    -------
    TradeOff
        Numbers and areas are sums, the compactness is the mean weighted by area.
    """
    first = tables[0]
    if len(tables) == 1:
        return first
    area = np.stack([t.area for t in tables])
    weighted = np.where(area > 0, area * np.stack([np.nan_to_num(t.compactness) for t in tables]), 0.0).sum(axis=0)
    total = area.sum(axis=0)
    return replace(
        first,
        areas=np.stack([t.areas for t in tables]).sum(axis=0),
        area=total,
        commission=np.stack([t.commission for t in tables]).sum(axis=0),
        omission=np.stack([t.omission for t in tables]).sum(axis=0),
        compactness=np.where(total > 0, weighted / np.maximum(total, np.finfo(float).tiny), np.nan),
        source=sum(t.source for t in tables),
    )


def _holds(tile: Grid, counties: Counties) -> bool:
    """Return whether a tile holds any of the region."""
    return bool(shapely.intersects(shapely.box(*tile.bounds), np.asarray(counties.geometry, dtype=object)).any())


def _gaps(rule: AggregationRule, cell: float) -> Sequence[float]:
    return [max(rule.gap_cells, 1) * cell * times for times in GAPS] + [rule.gap_cells * cell]


def _slivers(rule: AggregationRule, cell: float) -> Sequence[float]:
    return [max(rule.sliver_cells, 1) * cell * times for times in SLIVERS] + [rule.sliver_cells * cell]


def _areas(rule: AggregationRule, grid: Grid) -> Sequence[float]:
    return [rule.min_cells * grid.cell_area / HECTARE * times for times in AREAS]
