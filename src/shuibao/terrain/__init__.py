"""terrain 地形: slope, aspect and flow direction of a grid of elevations."""

from shuibao.terrain.breaching import BreachResult, Spare, breach_depressions, breach_window, breaching_reach
from shuibao.terrain.conditioning import METHODS, BreachLimits, breach_limits, condition
from shuibao.terrain.dinf import dinf_direction
from shuibao.terrain.direction import DOWNHILL_COLS, DOWNHILL_ROWS, flow_direction
from shuibao.terrain.filling import fill_depressions
from shuibao.terrain.routing import OUTLET, route
from shuibao.terrain.slope import aspect, slope
from shuibao.terrain.stream_burning import burn_streams

__all__ = [
    "METHODS",
    "BreachLimits",
    "BreachResult",
    "DOWNHILL_COLS",
    "DOWNHILL_ROWS",
    "OUTLET",
    "Spare",
    "aspect",
    "dinf_direction",
    "breach_depressions",
    "breach_limits",
    "breach_window",
    "breaching_reach",
    "burn_streams",
    "condition",
    "fill_depressions",
    "flow_direction",
    "route",
    "slope",
]
