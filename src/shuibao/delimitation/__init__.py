"""
Delimiting the key zones, from the facts of a region to a boundary that can be announced (重点区域划定).

A region folder keeps its zones under ``zones/THEME``: the layers drawn from the facts, and all that people did to them.
"""

from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.delimitation.folder import read_layer, theme_folder, write_layer
from shuibao.delimitation.life.versions import current_layer
from shuibao.delimitation.watching.listing import zone_rows

__all__ = ["current_layer", "draw_zones", "read_layer", "theme_folder", "write_layer", "zone_rows"]
