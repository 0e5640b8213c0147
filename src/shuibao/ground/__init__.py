"""ground 底图: the land as arrays and shapes on one national grid."""

from shuibao.ground.grid import BLOCK, CELL_SIZES, TILE, Grid, equal_area_crs, grid_over, national_crs
from shuibao.ground.reading import Classes, RasterSource, open_source
from shuibao.ground.vectors import Vectors, read_vectors, write_geopackage, write_geoparquet
from shuibao.ground.writing import write_bands, write_raster

__all__ = [
    "BLOCK",
    "CELL_SIZES",
    "TILE",
    "Classes",
    "Grid",
    "RasterSource",
    "Vectors",
    "equal_area_crs",
    "grid_over",
    "national_crs",
    "open_source",
    "read_vectors",
    "write_bands",
    "write_geopackage",
    "write_geoparquet",
    "write_raster",
]
