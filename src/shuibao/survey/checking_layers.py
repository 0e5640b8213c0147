"""Opening every raster that region.toml names, so that it can be counted (打开待查栅格)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from shuibao.ground.grid import Grid
from shuibao.ground.reading import RasterSource, open_source
from shuibao.ground.units import UNITS
from shuibao.ground.warping import geographic_bounds
from shuibao.messages import ShuibaoError, counted
from shuibao.rules import Rules
from shuibao.survey.checking_notes import LookedAt, Notes, listed
from shuibao.survey.checking_rasters import Box, overlaps, sound_file
from shuibao.survey.checking_tallies import Layer
from shuibao.survey.counties import Counties
from shuibao.survey.inputs import QUANTITIES, bands_of, class_source, files_of, quantity_source, unit_factor
from shuibao.survey.records import name_of
from shuibao.survey.region import Region

COARSE_DEM = 4
"""An elevation model whose pixels are as many cells wide gives slopes that are much too gentle (chosen)."""

HALF_MONTHS = 24

PLAUSIBLE: dict[str, tuple[float, float]] = {
    "elevation": (-160.0, 8850.0),
    "cover": (0.0, 1.0),
    "erosivity": (0.0, 40000.0),
    "erodibility": (0.0, 0.12),
    "texture": (0.0, 100.0),
    "carbon": (0.0, 60.0),
}
"""
What is believed of each quantity, in our units (chosen): the land of China lies between Aydingkol (-154 m) and
Qomolangma (8849 m); cover is a share; the rest is wider than anything published.
"""


@dataclass
class Look:
    """
    What a check looks at and with what (检查对象).

    Parameters
    ----------
    notes : Notes
        Is added to.
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Counties of the region.
    grid : Grid
        Extent of the products.
    placed : bool
        Whether it is known where the region lies; if not, counties and grid are stand-ins, and files are only looked
        at one by one.
    layers : list of Layer
        Rasters that could be opened.
    """

    notes: Notes
    region: Region
    rules: Rules
    counties: Counties
    grid: Grid
    placed: bool = True
    layers: list[Layer] = field(default_factory=list)

    @property
    def box(self) -> Box | None:
        """Return where the region lies, degrees, or None if that is not known."""
        return geographic_bounds(self.grid) if self.placed else None

    def given(self, name: str) -> Mapping[str, Any]:
        """Return what ``region.toml`` says of an input, empty if nothing (输入说明)."""
        return self.region.inputs.get(name, {})

    def saw(self, where: str, files: list[Path], zh: str, en: str) -> None:
        """Note an input that was read (记下看过的输入)."""
        self.notes.inputs.append(LookedAt(where, tuple(name_of(self.region, f) for f in files), zh, en))

    def layers_of(self, where: str) -> list[Layer]:
        """Return the open layers of an input (某输入的图层)."""
        return [layer for layer in self.layers if layer.where == where]


def scale_of(look: Look, name: str) -> float:
    """
    Return what the values of an input are multiplied by, 1 if its unit is wrong, which is noted (单位换算).

    Parameters
    ----------
    look : Look
        What is looked at.
    name : str
        Input.
    """
    with look.notes.catching(f"inputs.{name}.unit"):
        return unit_factor(name, look.given(name))
    return 1.0


def open_quantity(
    look: Look,
    name: str,
    path: Path,
    *,
    scale: float = 1.0,
    quantity: str = "",
    own_cells: bool = False,
    key: str = "",
    band: int | None = None,
) -> Layer | None:
    """
    Open a raster of quantities, or note why it cannot be (打开连续型栅格).

    Parameters
    ----------
    look : Look
        Is added to.
    name : str
        Input.
    path : Path
        File.
    scale : float
        What values are multiplied by.
    quantity : str
        Key of :data:`PLAUSIBLE`; that of the input if not given.
    own_cells : bool
        Whether it is read on cells as wide as its pixels, as cover and soil are.
    key : str
        Key of the file below the input, for inputs of several files.
    band : int, optional
        Band, from 1, of a file whose bands are layers.
    """
    where = f"inputs.{name}.{key}" if key else f"inputs.{name}"
    given = look.given(name)
    counts = (HALF_MONTHS,) if name == "cover" else ()
    if not sound_file(look.notes, where, path, given, look.box, counts) or not look.placed:
        return None
    try:
        grid = look.grid
        if own_cells:
            grid = grid.coarser(_quantity(look, name, path, grid, scale, key, band).cells_wide(grid))
        source = _quantity(look, name, path, grid, scale, key, band)
    except ShuibaoError as problem:
        look.notes.error(where, problem.zh, problem.en)
        return None
    limits = PLAUSIBLE[quantity or QUANTITIES[name]]
    layer = Layer(where, path.name, source, grid, limits, everywhere=name in ("cover", "dem"), rim=name == "dem")
    return _kept(look, layer)


def _quantity(look: Look, name: str, path: Path, grid: Grid, scale: float, key: str, band: int | None) -> RasterSource:
    if key:
        return open_source(path, grid, crs=look.given(name).get("crs"))
    return quantity_source(look.region, name, grid, path=path, scale=scale, band=band)


def open_codes(look: Look, name: str) -> Layer | None:
    """
    Open a raster of codes without a crosswalk, or note why it cannot be (打开分类栅格).

    Parameters
    ----------
    look : Look
        Is added to.
    name : str
        Input.
    """
    where, given = f"inputs.{name}", look.given(name)
    path = look.region.path_of(given["path"])
    if not sound_file(look.notes, where, path, given, look.box) or not look.placed:
        return None
    with look.notes.catching(where):
        source = class_source(look.region, name, look.grid, None)
        return _kept(look, Layer(where, path.name, source, look.grid))
    return None


def _kept(look: Look, layer: Layer) -> Layer | None:
    if not overlaps(look.notes, layer.where, layer.label, layer.source, look.grid):
        return None
    look.layers.append(layer)
    return layer


def open_elevation(look: Look) -> None:
    """Open the elevation model; warn if it is far coarser than the cells (打开 DEM)."""
    path = look.region.path_of(look.given("dem")["path"])
    layer = open_quantity(look, "dem", path, scale=scale_of(look, "dem"))
    if layer is None:
        return
    wide = layer.source.cells_wide(look.grid)
    if wide >= COARSE_DEM:
        cell = look.grid.cell
        look.notes.warn(
            "inputs.dem",
            f"{layer.label} 的像元约 {wide * cell:g} m，是计算像元（{cell:g} m）的 {wide} 倍；坡度会明显偏缓，"
            "土壤流失量偏小。"
            f"请换用 {2 * cell:g} m 以内的 DEM。",
            f"{layer.label} has pixels of about {wide * cell:g} m, {wide} times the cell ({cell:g} m); slopes come "
            "out much "
            f"too gentle and soil loss too small. Use a DEM of {2 * cell:g} m or finer.",
        )


def open_cover(look: Look) -> None:
    """Open the cover files: 24 half-months in order, or one for the year (打开植被盖度)."""
    notes, files = look.notes, []
    with notes.catching("inputs.cover"):
        files = files_of(look.region, "cover")
    if not files:
        return
    if len(files) not in (1, HALF_MONTHS):
        zh, en = listed([f.name for f in files])
        notes.error(
            "inputs.cover",
            f"有 {len(files)} 个文件（{zh}），应为 24 个（每半月一个，按文件名排序）或 1 个（年均）；"
            "请补齐缺的半月或改正 path 的通配符。",
            f"found {counted(len(files), 'file')} ({en}); there must be 24 (one a half-month, in order of their names) or 1 "
            "(the "
            "year's mean). Add the missing ones or correct the pattern in path.",
        )
    _check_order(look, files)
    scale = scale_of(look, "cover")
    layers: list[tuple[Path, int]] = [(path, 1) for path in files]
    with notes.catching("inputs.cover"):
        layers = bands_of(look.region, "cover", HALF_MONTHS)
    for path, band in layers:
        open_quantity(look, "cover", path, scale=scale, own_cells=True, band=band)
    sizes = sorted({(la.source.size, la.grid.cell) for la in look.layers_of("inputs.cover")})
    if len(sizes) > 1:
        shown = ", ".join(f"{size[0]}×{size[1]}" for size, _ in sizes)
        notes.warn(
            "inputs.cover",
            f"各文件的大小不一（{shown}），以第一个文件的像元为准；请核对是否同一产品。",
            f"the files differ in size ({shown}); the pixels of the first are used. Check that they are one product.",
        )


def _check_order(look: Look, files: list[Path]) -> None:
    """Refuse names whose numbers are out of order: fvc_10 sorts before fvc_2."""
    numbers = [[int(n) for n in re.findall(r"\d+", path.stem)] for path in files]
    if len(files) == 1 or not all(numbers) or numbers == sorted(numbers):
        return
    names = [path.name for path in files[:4]]
    look.notes.error(
        "inputs.cover",
        f"按文件名排序的次序不是半月的次序（{'、'.join(names)}……）；请用等长的编号，如 fvc_01.tif … fvc_24.tif。",
        f"in order of their names the files are not in order of the half-months ({', '.join(names)}, ...); number "
        "them with "
        "equal digits, as fvc_01.tif to fvc_24.tif.",
    )


def check_value(look: Look, name: str, key: str = "value") -> None:
    """
    Check a number that stands for the whole region (检查全区一值).

    Parameters
    ----------
    look : Look
        Is added to.
    name : str
        Input.
    key : str
        Key of the number.
    """
    given = look.given(name)
    value = float(given[key]) * scale_of(look, name)
    low, high = PLAUSIBLE.get(QUANTITIES[name], (0.0, 1.0))
    unit = next(iter(UNITS[QUANTITIES[name]]))
    if not low <= value <= high:
        look.notes.error(
            f"inputs.{name}.{key}",
            f"{given[key]:g} 合 {value:g} {unit}，不在 {low:g}～{high:g} 之间；请核对数值与 unit。",
            f"{given[key]:g} is {value:g} {unit}, outside {low:g} to {high:g}; check the value and its unit.",
        )
    look.saw(f"inputs.{name}", [], f"全区一值 {given[key]:g}", f"{given[key]:g} everywhere")


def count_infinite(layer: Layer) -> int:
    """
    Return how many pixels of a file are infinite; only files of real numbers can have any (无穷大像元数).

    Parameters
    ----------
    layer : Layer
        Band to scan, block by block.
    """
    found = 0
    with rasterio.open(layer.source.path) as dataset:
        if np.dtype(dataset.dtypes[layer.source.band - 1]).kind != "f":
            return 0
        rows, cols = dataset.shape
        for top in range(0, rows, 1024):
            for left in range(0, cols, 1024):
                window = rasterio.windows.Window(left, top, min(1024, cols - left), min(1024, rows - top))
                found += int(np.isinf(dataset.read(layer.source.band, window=window)).sum())
    return found
