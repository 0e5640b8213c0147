"""
Zones drawn from the land (区划): the steep slopes where nobody may plough, as patches with their areas.

A tile pass cleans the zone and traces its parts (:func:`clean`, :func:`tile_patches`); one step at the end joins them
(:func:`join_patches`). The raster is read once.
"""

from shuibao.zoning.cleaning import clean, cleaning_reach
from shuibao.zoning.patches import Patches, join_patches
from shuibao.zoning.steep_slope import PATCH_COLUMNS, SteepSlopeRule, patch_list
from shuibao.zoning.tracing import TilePatches, tile_patches

__all__ = [
    "PATCH_COLUMNS",
    "Patches",
    "SteepSlopeRule",
    "TilePatches",
    "clean",
    "cleaning_reach",
    "join_patches",
    "patch_list",
    "tile_patches",
]
