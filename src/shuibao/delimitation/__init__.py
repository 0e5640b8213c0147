"""
Delimiting the key zones, from the facts of a region to a boundary that can be announced (重点区域划定).

A region folder keeps its zones under ``zones/THEME``: the layers drawn from the facts, and all that people did to them.
"""

from shuibao.delimitation.drawing import draw_zones
from shuibao.delimitation.folder import read_layer, theme_folder, write_layer, zone_rows
from shuibao.delimitation.versions import current_layer

__all__ = ["current_layer", "draw_zones", "read_layer", "theme_folder", "write_layer", "zone_rows"]
