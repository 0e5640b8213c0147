"""
Zones drawn from the land (区划): the steep slopes where nobody may plough, as patches with their areas.

A tile pass cleans the zone and traces its parts (:func:`clean`, :func:`tile_patches`); one step at the end joins them
(:func:`join_patches`). The raster is read once. Patch aggregation (:func:`aggregate`, :func:`draw_areas`) makes areas of
cells of several classes, never across a barrier; :func:`trade_off` tells what other parameters would have made.
"""

from shuibao.zoning.aggregation import Aggregation, aggregate, aggregate_tiles
from shuibao.zoning.aggregation_drawing import DrawnAreas, area_columns, draw_areas, draw_in_batches, write_areas
from shuibao.zoning.aggregation_joining import Aggregates
from shuibao.zoning.aggregation_rule import AggregationRule
from shuibao.zoning.aggregation_trade_off import TradeOff, trade_off
from shuibao.zoning.aggregation_zone import Candidates
from shuibao.zoning.cleaning import clean, cleaning_reach
from shuibao.zoning.patches import Patches, join_patches
from shuibao.zoning.steep_slope import PATCH_COLUMNS, SteepSlopeRule, patch_list
from shuibao.zoning.tracing import TilePatches, tile_patches

__all__ = [
    "PATCH_COLUMNS",
    "Aggregates",
    "Aggregation",
    "AggregationRule",
    "Candidates",
    "DrawnAreas",
    "Patches",
    "SteepSlopeRule",
    "TilePatches",
    "TradeOff",
    "aggregate",
    "aggregate_tiles",
    "area_columns",
    "clean",
    "cleaning_reach",
    "draw_areas",
    "draw_in_batches",
    "join_patches",
    "patch_list",
    "tile_patches",
    "trade_off",
    "write_areas",
]
