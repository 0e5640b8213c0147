"""
Published results (成果): what a run or a delimitation found, with versions and provenance.

Everything here is written once, by :func:`bureau.publications.services.publish`; triggers hold it
(:mod:`bureau.publications.triggers`).
"""

from bureau.publications.models.contents import ClassSum, Fact, Patch, Raster, RegionSummary, Watershed, Zone
from bureau.publications.models.publication import (
    Kind,
    Publication,
    PublicationQuerySet,
    SharedQuerySet,
    Status,
    Theme,
    ZoneQuerySet,
    codes_above,
)

__all__ = [
    "ClassSum",
    "Fact",
    "Kind",
    "Patch",
    "Publication",
    "PublicationQuerySet",
    "Raster",
    "RegionSummary",
    "SharedQuerySet",
    "Status",
    "Theme",
    "Watershed",
    "Zone",
    "ZoneQuerySet",
    "codes_above",
]
