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
from shuibao.watershed.partition import Limits, Partition, count_cells, delineate, join_touching, paint, touching
from shuibao.watershed.pieces import PieceKind, Pieces, Seeds
from shuibao.watershed.snapping import Snapped, snap_outlets

__all__ = [
    "Channels",
    "Drainage",
    "Limits",
    "OUTLET",
    "Outlets",
    "Partition",
    "PieceKind",
    "Pieces",
    "Seeds",
    "Snapped",
    "accumulate",
    "all_basins",
    "basins",
    "contributing_area",
    "count_cells",
    "delineate",
    "downstream_sum",
    "finest_step",
    "height_above_nearest_drainage",
    "join_touching",
    "length_to",
    "length_to_outlet",
    "longest_upstream_length",
    "paint",
    "snap_outlets",
    "step_length",
    "touching",
]
