"""Writing a raster that is in memory (栅格写出)."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.ground.cog import assemble, write_part
from shuibao.ground.files import renamed
from shuibao.ground.grid import BLOCK, Grid
from shuibao.ground.tiff import Look
from shuibao.messages import ShuibaoError

PRODUCT_TYPES = ("float32", "uint8", "uint16", "int16", "int32")
"""Types that rasters are stored in."""


def look_of(
    dtype: Any,
    *,
    tags: Mapping[str, str] | None = None,
    colors: Mapping[int, tuple[int, int, int]] | None = None,
    description: str = "",
    codec: str = "zstd",
) -> Look:
    """
    Return how a raster of a dtype is stored: NaN and 0 stand for missing (栅格存储方式).

    Parameters
    ----------
    dtype : dtype
        float32, or an integer type.
    tags : mapping of str to str, optional
        Provenance.
    colors : mapping of int to (r, g, b), optional
        Palette of a uint8 class raster.
    description : str
        Name of the band.
    codec : {"zstd", "deflate"}
        Compression; deflate for programs that do not read zstd.

    Raises
    ------
    ShuibaoError
        If products have no such type.
    """
    kind = np.dtype(dtype)
    if kind.name not in PRODUCT_TYPES:
        raise ShuibaoError(
            f"栅格不能存为 {kind.name}；可用：{'、'.join(PRODUCT_TYPES)}。",
            f"a raster cannot be stored as {kind.name}; allowed: {', '.join(PRODUCT_TYPES)}.",
        )
    real = kind.kind == "f"
    name = kind.newbyteorder("<").str
    return Look(name, codec, 3 if real else 1, "nan" if real else "0", dict(tags or {}), colors, description)


def write_raster(
    path: Path,
    cells: NDArray[Any],
    grid: Grid,
    *,
    tags: Mapping[str, str] | None = None,
    colors: Mapping[int, tuple[int, int, int]] | None = None,
    description: str = "",
) -> None:
    """
    Write one band as a cloud-optimised GeoTIFF on whole blocks of the national grid (写出单波段栅格).

    Parameters
    ----------
    path : Path
        File to write, whole or not at all.
    cells : (rows, cols) array
        float32 with NaN where missing, or integers with 0.
    grid : Grid
        Where the cells lie.
    tags : mapping of str to str, optional
        Provenance, kept in the file.
    colors : mapping of int to (r, g, b), optional
        Palette of a uint8 class raster.
    description : str
        Name of the band.

    Raises
    ------
    ShuibaoError
        If the shape of ``cells`` is not that of ``grid``, or products have no such type.
    """
    _check_shape(cells.shape, grid)
    whole = grid.whole_blocks(BLOCK)
    look = look_of(cells.dtype, tags=tags, colors=colors, description=description)
    padded = np.full(whole.shape, np.nan if look.predictor == 3 else 0, dtype=look.dtype)
    padded[grid.inside(whole)] = cells
    with tempfile.TemporaryDirectory(dir=_made(path.parent)) as folder:
        part = Path(folder) / "part"
        write_part(part, padded, look)
        assemble(path, whole, [(whole, part)], look)


def write_bands(
    path: Path,
    cells: NDArray[np.float32],
    grid: Grid,
    *,
    descriptions: list[str],
    tags: Mapping[str, str] | None = None,
) -> None:
    """
    Write several bands of a small raster as one GeoTIFF (写出多波段栅格).

    Parameters
    ----------
    path : Path
        File to write, whole or not at all.
    cells : (bands, rows, cols) float32 array
        Quantities, NaN where missing.
    grid : Grid
        Where the cells lie.
    descriptions : list of str
        Name of each band.
    tags : mapping of str to str, optional
        Provenance, kept in the file.

    Raises
    ------
    ShuibaoError
        If the shape of ``cells`` is not that of ``grid``.
    """
    _check_shape(cells.shape[1:], grid)
    profile: dict[str, Any] = {
        "driver": "GTiff",
        "dtype": "float32",
        "count": cells.shape[0],
        "height": grid.rows,
        "width": grid.cols,
        "crs": rasterio.crs.CRS.from_wkt(grid.crs.to_wkt("WKT1_GDAL")),
        "transform": grid.transform,
        "nodata": np.nan,
        "compress": "zstd",
        "predictor": 3,
        "interleave": "band",
    }
    with new_raster(path, profile) as dataset:
        dataset.write(cells.astype(np.float32, copy=False))
        dataset.update_tags(**(tags or {}))
        for number, name in enumerate(descriptions, start=1):
            dataset.set_band_description(number, name)


@contextmanager
def new_raster(path: Path, profile: Mapping[str, Any]) -> Iterator[Any]:
    """
    Give a GDAL dataset to write, whole or not at all (新建栅格).

    GDAL writes the last blocks as it closes a file and says nothing if the disk is full by then, so the file is read
    again before it takes its name.

    Parameters
    ----------
    path : Path
        File to write.
    profile : mapping
        Driver, size, type and storage, as rasterio takes them.

    Raises
    ------
    ShuibaoError
        If the disk is full.
    """
    with renamed(path) as temporary:
        with rasterio.open(temporary, "w", **profile) as dataset:
            yield dataset
        try:
            with rasterio.open(temporary) as written:
                for band in written.indexes:
                    for _, window in written.block_windows(band):
                        written.read(band, window=window)
        except rasterio.errors.RasterioIOError as error:
            raise OSError(errno.ENOSPC, "write failed") from error


def _check_shape(shape: tuple[int, ...], grid: Grid) -> None:
    if tuple(shape) != grid.shape:
        raise ShuibaoError(
            f"数组为 {shape} 行列，格网为 {grid.shape}；请把两者裁到同一范围。",
            f"the array has shape {shape} but the grid has {grid.shape}; clip both to one extent.",
        )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
