"""Data for any county: borders, the imaginary county, real sample terrain (数据源). Each with licence and checksum."""

from shuibao.sources.boundaries import Boundaries, county_areas, county_boundaries, county_table, expand_codes
from shuibao.sources.imaginary import XINZHOU_SEED, elevation, land_and_measures, write_imaginary_inputs
from shuibao.sources.jacksboro import Terrain, read_jacksboro, write_jacksboro_inputs

__all__ = [
    "XINZHOU_SEED",
    "Boundaries",
    "Terrain",
    "county_areas",
    "county_boundaries",
    "county_table",
    "elevation",
    "expand_codes",
    "land_and_measures",
    "read_jacksboro",
    "write_imaginary_inputs",
    "write_jacksboro_inputs",
]
