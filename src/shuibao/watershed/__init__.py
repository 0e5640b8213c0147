"""watershed 流域: where water goes — drainage, contributing area, channels, basins and small watersheds (小流域)."""

from shuibao.watershed.accumulation import accumulate, contributing_area, finest_step, longest_upstream_length
from shuibao.watershed.basins import all_basins, basins
from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.distance import (
    downstream_sum,
    height_above_nearest_drainage,
    length_to,
    length_to_outlet,
    step_length,
)
from shuibao.watershed.drainage import OUTLET, Drainage
from shuibao.watershed.snapping import Snapped, snap_outlets

__all__ = [
    "Channels",
    "Drainage",
    "OUTLET",
    "Outlets",
    "Snapped",
    "accumulate",
    "all_basins",
    "basins",
    "contributing_area",
    "downstream_sum",
    "finest_step",
    "height_above_nearest_drainage",
    "length_to",
    "length_to_outlet",
    "longest_upstream_length",
    "snap_outlets",
    "step_length",
]
