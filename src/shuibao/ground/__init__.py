"""ground 底图: the land as arrays and shapes on one national grid."""

from shuibao.ground.coverage import TileBoundaries, dissolve, join_boundaries, polygonize, tile_boundaries
from shuibao.ground.coverage_arcs import Arcs
from shuibao.ground.grid import BLOCK, CELL_SIZES, TILE, Grid, equal_area_crs, grid_over, national_crs
from shuibao.ground.lines import Rivers, burn_lines, rivers_on
from shuibao.ground.reading import Classes, RasterSource, open_source
from shuibao.ground.vectors import Vectors, read_vectors, write_geopackage, write_geoparquet
from shuibao.ground.writing import write_bands, write_raster

__all__ = [
    "BLOCK",
    "CELL_SIZES",
    "TILE",
    "Arcs",
    "Classes",
    "Grid",
    "RasterSource",
    "Rivers",
    "TileBoundaries",
    "Vectors",
    "burn_lines",
    "dissolve",
    "equal_area_crs",
    "grid_over",
    "join_boundaries",
    "national_crs",
    "open_source",
    "polygonize",
    "read_vectors",
    "rivers_on",
    "tile_boundaries",
    "write_bands",
    "write_geopackage",
    "write_geoparquet",
    "write_raster",
]
