"""
Which result counts (采用哪一份): where several in force hold a county, one rule for whoever shows, sums or hands them out.

- Surveys: of each county and year the one published last among those that cover the county; else the one published last.
- Zones without level: of each county and class those of the latest year, of two of that year those published last, among
  those that were drawn on the whole county; else of the others. Zones of a level lie beside those of others; of one
  region's own, those of the latest year count, those drawn on the whole region first.
- Patches: of each county, year and batch those published last, where they draw some in the county.
"""

from bureau.publications.counting.covering import FOLLOWS, ZONES_FOLLOW, Covered, partly, said, shares
from bureau.publications.counting.patches import patch_publications, patch_sums
from bureau.publications.counting.places import counted_elsewhere, marks, that_count, years_of
from bureau.publications.counting.surveys import (
    counties_by_year,
    counties_counted,
    shares_of,
    summaries,
    survey_of,
)
from bureau.publications.counting.zones import extents_of, zone_areas

__all__ = [
    "FOLLOWS", "ZONES_FOLLOW", "Covered", "counted_elsewhere", "counties_by_year", "counties_counted", "extents_of", "marks", "partly",
    "patch_publications", "patch_sums", "said", "shares", "shares_of", "summaries", "survey_of", "that_count", "years_of",
    "zone_areas",
]  # fmt: skip
