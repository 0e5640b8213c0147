"""watershed 流域: where water goes — drainage, contributing area, channels, basins and small watersheds (小流域)."""

from shuibao.watershed.accumulation import accumulate, contributing_area, finest_step, longest_upstream_length
from shuibao.watershed.basins import all_basins, basins
from shuibao.watershed.channels import Channels, Outlets
from shuibao.watershed.county_cut import ManagementUnits, count_by_county, cut_by_county, join_counts
from shuibao.watershed.dinf_area import dinf_contributing_area
from shuibao.watershed.distance import (
    downstream_sum,
    height_above_nearest_drainage,
    length_to,
    length_to_outlet,
    step_length,
)
from shuibao.watershed.drainage import OUTLET, Drainage
from shuibao.watershed.limits import Limits, sliver_cells
from shuibao.watershed.links import Links, links_of_channels, stream_links
from shuibao.watershed.partition import Partition, count_cells, delineate, join_touching, paint, touching
from shuibao.watershed.pfafstetter import pfafstetter, pfafstetter_downstream
from shuibao.watershed.pieces import Pieces, Seeds
from shuibao.watershed.small_watersheds import SmallWatersheds, compose
from shuibao.watershed.snapping import Snapped, snap_outlets
from shuibao.watershed.stream_order import shreve_magnitude, strahler_order
from shuibao.watershed.streams import channels_from_mask, channels_mask
from shuibao.watershed.watershed_codes import (
    CODE_SCHEMES,
    CountyScheme,
    TreeScheme,
    check_codes,
    code_scheme,
    longest_code,
)
from shuibao.watershed.watershed_names import outlet_streams, stream_lengths, watershed_names

__all__ = [
    "CODE_SCHEMES",
    "Channels",
    "CountyScheme",
    "Drainage",
    "Limits",
    "Links",
    "ManagementUnits",
    "OUTLET",
    "Outlets",
    "Partition",
    "Pieces",
    "Seeds",
    "SmallWatersheds",
    "Snapped",
    "TreeScheme",
    "accumulate",
    "all_basins",
    "basins",
    "channels_from_mask",
    "channels_mask",
    "check_codes",
    "code_scheme",
    "compose",
    "contributing_area",
    "count_by_county",
    "count_cells",
    "cut_by_county",
    "delineate",
    "dinf_contributing_area",
    "downstream_sum",
    "finest_step",
    "height_above_nearest_drainage",
    "join_counts",
    "join_touching",
    "length_to",
    "length_to_outlet",
    "links_of_channels",
    "longest_code",
    "longest_upstream_length",
    "outlet_streams",
    "paint",
    "pfafstetter",
    "pfafstetter_downstream",
    "shreve_magnitude",
    "sliver_cells",
    "snap_outlets",
    "step_length",
    "strahler_order",
    "stream_lengths",
    "stream_links",
    "touching",
    "watershed_names",
]
