"""terrain 地形: slope, aspect and flow direction of a grid of elevations."""

from shuibao.terrain.direction import DOWNHILL_COLS, DOWNHILL_ROWS, flow_direction
from shuibao.terrain.filling import fill_depressions
from shuibao.terrain.routing import OUTLET, route
from shuibao.terrain.slope import aspect, slope

__all__ = [
    "DOWNHILL_COLS",
    "DOWNHILL_ROWS",
    "OUTLET",
    "aspect",
    "fill_depressions",
    "flow_direction",
    "route",
    "slope",
]
