"""
Reading windows of any raster onto cells of the national grid (栅格读取).

A source is opened once and read window by window, in any coordinate system that PROJ knows. What a cell gets does not
depend on the window it is read in. Missing values are settled here: NaN for quantities, 0 for classes.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.windows import Window

from shuibao.ground import _kernels
from shuibao.ground.grid import Grid
from shuibao.ground.transforming import system_of
from shuibao.ground.warping import NODE_STEP, Placement, alignment, in_place, place
from shuibao.messages import ShuibaoError

Kind = Literal["continuous", "class"]
Method = Literal["nearest", "bilinear", "cubic"]

_open_files = threading.local()
_FILES_KEPT = 64


@dataclass(frozen=True)
class Classes:
    """
    Crosswalk from a source's codes to our classes (代码对照).

    Parameters
    ----------
    codes : (n,) int64 array
        Codes of the source, ascending.
    classes : (n,) uint8 array
        Our class of each code.
    """

    codes: NDArray[np.int64]
    classes: NDArray[np.uint8]

    @classmethod
    def from_mapping(cls, mapping: Mapping[int, int]) -> Classes:
        """Return the crosswalk of a mapping from source code to class (由字典建立)."""
        codes = np.array(sorted(mapping), dtype=np.int64)
        return cls(codes, np.array([mapping[int(k)] for k in codes], dtype=np.uint8))

    def translate(self, values: NDArray[Any]) -> NDArray[np.uint8]:
        """Return the class of each code; 0 for codes that are not in the crosswalk (代码转换)."""
        whole = values.astype(np.int64)
        at = np.searchsorted(self.codes, whole).clip(max=self.codes.size - 1)
        return np.where(self.codes[at] == whole, self.classes[at], 0).astype(np.uint8)


@dataclass(frozen=True)
class RasterSource:
    """
    A raster that can be read onto any part of the national grid (栅格数据源).

    Made by :func:`open_source`; it holds no open file, so it can be sent to another process.

    Parameters
    ----------
    path : str
        File, or anything else GDAL opens.
    band : int
        Band, from 1.
    kind : {"continuous", "class"}
        Whether values are quantities or codes.
    method : {"nearest", "bilinear", "cubic"}
        How quantities are taken between pixels; classes are always nearest, or the commonest of finer pixels.
    size : (rows, cols)
        Size of the source, pixels.
    nodata : float or None
        Value that stands for missing, besides NaN and ±inf.
    scale : float
        What a value is multiplied by to be in the unit asked for.
    placement : Placement
        Where the source lies.
    aligned : (row, col, factor) or None
        National row and column of the first pixel, in pixels, and how many cells a pixel is wide, when its pixels are
        whole cells of the national grid.
    parts : int
        Points a side at which finer sources are looked at within a cell; 1 when the source is not finer.
    classes : Classes or None
        Crosswalk that is applied to codes.
    """

    path: str
    band: int
    kind: Kind
    method: Method
    size: tuple[int, int]
    nodata: float | None
    scale: float
    placement: Placement
    aligned: tuple[int, int, int] | None
    parts: int
    classes: Classes | None

    def read(self, grid: Grid) -> NDArray[Any]:
        """
        Read the source onto a grid (读取).

        Parameters
        ----------
        grid : Grid
            Cells wanted; they may lie partly or wholly outside the source.

        Returns
        -------
        (rows, cols) array
            float32 with NaN where missing, or for classes uint8 (with a crosswalk) or int32 with 0 where missing.
        """
        out = self._missing(grid.shape)
        if self.aligned is not None:
            self._read_aligned(grid, out)
        else:
            self._read_warped(grid, out)
        return out

    def cells_wide(self, region: Grid) -> int:
        """
        Return how many whole cells of a grid a pixel is wide, at least 1 (像元宽度).

        Parameters
        ----------
        region : Grid
            The grid that the source was opened for.
        """
        if self.aligned is not None:
            return self.aligned[2]
        return max(1, math.floor(1.0 / self.placement.pixels_per_cell(region) + 0.01))

    def _missing(self, shape: tuple[int, int]) -> NDArray[Any]:
        if self.kind == "continuous":
            return np.full(shape, np.nan, dtype=np.float32)
        return np.zeros(shape, dtype=np.uint8 if self.classes is not None else np.int32)

    def _read_aligned(self, grid: Grid, out: NDArray[Any]) -> None:
        row, col, factor = self.aligned or (0, 0, 1)
        smooth = self.kind == "continuous" and self.method != "nearest" and factor > 1
        margin = 1 if smooth else 0
        top, left = grid.row // factor - margin, grid.col // factor - margin
        bottom = (grid.row + grid.rows - 1) // factor + 1 + margin
        right = (grid.col + grid.cols - 1) // factor + 1 + margin
        pixels = self._pixels(top - row, left - col, bottom - row, right - col)
        if factor == 1:
            out[:] = pixels
            return
        expand = _kernels.expand_bilinear if smooth else _kernels.expand_nearest
        expand(pixels, factor, grid.row - (top + margin) * factor, grid.col - (left + margin) * factor, out)

    def _read_warped(self, grid: Grid, out: NDArray[Any]) -> None:
        x, y, off_row, off_col = self.placement.pixel_nodes(grid)
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            return
        top, left = math.floor(y.min()) - 3, math.floor(x.min()) - 3
        bottom, right = math.ceil(y.max()) + 3, math.ceil(x.max()) + 3
        top, left = max(top, 0), max(left, 0)
        bottom, right = min(bottom, self.size[0]), min(right, self.size[1])
        if bottom <= top or right <= left:
            return
        pixels = self._pixels(top, left, bottom, right)
        arguments = (pixels, top, left, x, y, NODE_STEP, off_row, off_col)
        if self.parts > 1:
            kernel = _kernels.sample_mean if self.kind == "continuous" else _kernels.sample_mode
            kernel(*arguments, self.parts, out)
        elif self.kind == "class" or self.method == "nearest":
            _kernels.sample_nearest(*arguments, out)
        else:
            kernel = _kernels.sample_cubic if self.method == "cubic" else _kernels.sample_bilinear
            kernel(*arguments, out)

    def _pixels(self, top: int, left: int, bottom: int, right: int) -> NDArray[Any]:
        """Return source pixels by row and column, missing outside the source."""
        inner_top, inner_left = min(max(top, 0), self.size[0]), min(max(left, 0), self.size[1])
        inner_bottom, inner_right = max(min(bottom, self.size[0]), inner_top), max(min(right, self.size[1]), inner_left)
        out = self._missing((bottom - top, right - left))
        if inner_bottom == inner_top or inner_right == inner_left:
            return out
        window = Window(inner_left, inner_top, inner_right - inner_left, inner_bottom - inner_top)
        values = self.settled(opened(self.path).read(self.band, window=window))
        if values.shape == out.shape:
            return values
        out[inner_top - top : inner_bottom - top, inner_left - left : inner_right - left] = values
        return out

    def settled(self, values: NDArray[Any]) -> NDArray[Any]:
        """
        Return raw pixel values with missing ones settled, classes translated and quantities scaled (缺测处理).

        Parameters
        ----------
        values : array
            Pixels as the file holds them.
        """
        if self.kind == "continuous":
            quantity = np.empty(values.shape, dtype=np.float32)
            _kernels.settle_quantities(values, _as_held(values, self.nodata), self.scale, quantity)
            return quantity
        gone = _equal(values, self.nodata)
        if values.dtype.kind == "f":
            whole = np.isfinite(values)
            gone = ~whole if gone is None else gone | ~whole
            values = np.where(whole, values, 0)
        codes = values.astype(np.int32) if self.classes is None else _translate(self.classes, values)
        if gone is not None:
            codes[gone] = 0
        return codes


def _as_held(values: NDArray[Any], nodata: float | None) -> float:
    """Return the missing value in the pixels' precision; NaN, which nothing equals, if there is none."""
    if nodata is None or values.dtype.kind != "f":
        return math.nan if nodata is None else float(nodata)
    with np.errstate(over="ignore"):
        return float(values.dtype.type(nodata))


def _equal(values: NDArray[Any], nodata: float | None) -> NDArray[np.bool_] | None:
    """Return where pixels are the missing value; None if they cannot be."""
    if nodata is None or math.isnan(nodata):
        return None
    if values.dtype.kind in "iu":
        limits = np.iinfo(values.dtype)
        if nodata != math.floor(nodata) or not limits.min <= nodata <= limits.max:
            return None
    with np.errstate(over="ignore"):  # beyond single precision it is infinite, and so are the pixels
        return values == values.dtype.type(nodata)


def _translate(classes: Classes, values: NDArray[Any]) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        out = np.empty(values.shape, dtype=np.uint8)
        _kernels.look_up(values, classes.translate(np.arange(256)), out)
        return out
    return classes.translate(values)


def opened(path: str) -> Any:
    """
    Return this thread's open dataset of a file; the least used of many is closed (打开文件).

    Parameters
    ----------
    path : str
        File, or anything else GDAL opens.

    Raises
    ------
    ShuibaoError
        If the file is missing or is not a raster.
    """
    files: OrderedDict[str, Any] | None = getattr(_open_files, "files", None)
    if files is None:
        files = _open_files.files = OrderedDict()
    if path in files:
        files.move_to_end(path)
        return files[path]
    dataset = _open(path)
    files[path] = dataset
    if len(files) > _FILES_KEPT:
        files.popitem(last=False)[1].close()
    return dataset


def close_files() -> None:
    """Close this thread's open datasets, so that files can be replaced or removed (关闭文件)."""
    files: OrderedDict[str, Any] | None = getattr(_open_files, "files", None)
    while files:
        files.popitem()[1].close()


def _open(path: str) -> Any:
    try:
        return rasterio.open(path)
    except rasterio.errors.RasterioIOError as error:
        if "://" not in path and not path.startswith("/vsi") and not Path(path).exists():
            raise ShuibaoError(
                f"文件不存在：{path}；请核对 region.toml 中的路径（相对于区域文件夹）。",
                f"file not found: {path}; check the path in region.toml (relative to the region folder).",
            ) from error
        raise ShuibaoError(
            f"不是可读的栅格：{path}（GDAL：{error}）；请提供 GeoTIFF、IMG 等栅格文件。",
            f"not a readable raster: {path} (GDAL: {error}); give a GeoTIFF, IMG or another raster file.",
        ) from error


def open_source(
    path: str | Path,
    region: Grid,
    *,
    kind: Kind = "continuous",
    method: Method | None = None,
    band: int = 1,
    nodata: float | None = None,
    scale: float = 1.0,
    crs: str | None = None,
    datum_shift: tuple[float, ...] = (),
    classes: Classes | None = None,
) -> RasterSource:
    """
    Look at a raster and find how it lies under the national grid (打开数据源).

    Parameters
    ----------
    path : path
        File, or anything else GDAL opens.
    region : Grid
        The region it will be read for; it fixes the datum operation and how much finer the source is.
    kind : {"continuous", "class"}
        Whether values are quantities or codes.
    method : {"nearest", "bilinear", "cubic"}, optional
        How quantities are taken between pixels; bilinear if not given.
    band : int
        Band, from 1.
    nodata : float, optional
        Value that stands for missing; the file's own if not given.
    scale : float
        What values are multiplied by, for instance 0.1 for decimetres.
    crs : str, optional
        Coordinate system to use instead of the file's own.
    datum_shift : tuple of float
        Three or seven parameters from the source's datum to WGS84.
    classes : Classes, optional
        Crosswalk applied to codes.

    Returns
    -------
    RasterSource

    Raises
    ------
    ShuibaoError
        If the file is missing, is not a raster, has no such band, or has no coordinate system and none is given, or
        the one given cannot be read.
    """
    dataset = opened(str(path))
    if not 1 <= band <= dataset.count:
        raise ShuibaoError(
            f"{path} 没有第 {band} 波段（共 {dataset.count} 个）；请改正 band。",
            f"{path} has no band {band} (it has {dataset.count}); correct the band.",
        )
    if crs is None and dataset.crs is None:
        raise ShuibaoError(
            f'{path} 没有坐标系；请写入坐标系，或在 region.toml 该项中给出 crs，如 crs = "EPSG:4547"。',
            f'{path} has no coordinate system; write one into the file, or give it in region.toml, as crs = "EPSG:4547".',
        )
    system = _given_system(crs, path) if crs is not None else system_of(dataset.crs.to_wkt())
    aligned = None if datum_shift else alignment(system, dataset.transform, region)
    if aligned is not None and aligned[2] > 1 and kind == "continuous" and method == "cubic":
        aligned = None  # whole cells are copied or interpolated linearly
    here = (system, dataset.transform, region)
    placement = place(*here, datum_shift) if aligned is None else in_place(*here)
    return RasterSource(
        path=str(path),
        band=band,
        kind=kind,
        method=method or "bilinear",
        size=(dataset.height, dataset.width),
        nodata=dataset.nodatavals[band - 1] if nodata is None else nodata,
        scale=scale,
        placement=placement,
        aligned=aligned,
        parts=1 if aligned else _fineness(placement, region),
        classes=classes,
    )


def _given_system(crs: str, path: str | Path) -> CRS:
    try:
        return CRS.from_user_input(crs)
    except CRSError as error:
        raise ShuibaoError(
            f'为 {path} 给出的坐标系无法识别：{crs}；请用 EPSG 代码、WKT 或 PROJ 字符串，如 crs = "EPSG:4547"。',
            f"the coordinate system given for {path} cannot be read: {crs}; give an EPSG code, WKT or a PROJ string, as "
            'crs = "EPSG:4547".',
        ) from error


def _fineness(placement: Placement, region: Grid) -> int:
    """Return how many source pixels a cell is wide in the middle of the region: 1 unless it is at least 1.5."""
    pixels = placement.pixels_per_cell(region)
    return min(math.ceil(pixels - 0.01), 16) if pixels >= 1.5 else 1
