"""Judging what the rasters hold: gaps, ranges, units, codes (栅格数值检查)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from shuibao.ground.grid import Grid
from shuibao.ground.transforming import between
from shuibao.messages import counted
from shuibao.survey.checking_layers import Look, count_infinite
from shuibao.survey.checking_notes import listed
from shuibao.survey.checking_rasters import box_text, datum_of
from shuibao.survey.checking_tallies import Layer, Tally

DEM_GAP = 0.01
"""Share of the region that elevation may lack before a run is refused (chosen)."""

NODATA_LIKE = (-32768.0, -32767.0, -9999.0, -3.4e38, 32767.0, 65535.0, 9999.0)
"""Numbers that files use for missing without saying so."""

TITLES = {
    "dem": ("高程", "elevation"),
    "land_use": ("土地利用", "land use"),
    "r_factor": ("降雨侵蚀力", "erosivity"),
    "soil_k": ("土壤可蚀性", "erodibility"),
    "soil_texture": ("土壤质地", "soil texture"),
    "cover": ("植被盖度", "vegetation cover"),
}
"""What each input is called in messages."""


def title(where: str) -> tuple[str, str]:
    """Return what an input is called in Chinese and English (输入名称)."""
    name = where.split(".")[1]
    return TITLES.get(name, (name, name))


def judge_layer(look: Look, layer: Layer, tally: Tally, files: Sequence[Path]) -> None:
    """
    Note what is wrong with one raster of quantities or codes (判断单个图层).

    Parameters
    ----------
    look : Look
        Is added to.
    layer : Layer
        The raster.
    tally : Tally
        What it holds inside the region.
    files : sequence of Path
        Its file, or those that are taken together.
    """
    notes = look.notes
    if tally.broken:
        notes.error(
            layer.where,
            f"{layer.label} 有一部分读不出来（{tally.broken}）；文件可能没有传完或已损坏，请重新拷贝或重新导出。",
            f"a part of {layer.label} cannot be read ({tally.broken}); the file may be cut short or damaged. Copy or "
            "export it "
            "again.",
        )
        return
    judge_gaps(look, layer, tally)
    if layer.source.kind == "continuous" and np.isfinite(tally.low):
        judge_range(look, layer, tally)
    _describe(look, layer, tally, files)


def judge_gaps(look: Look, layer: Layer, tally: Tally) -> None:
    """
    Note how much of the region a raster lacks, and where (覆盖检查).

    Parameters
    ----------
    look : Look
        Is added to.
    layer : Layer
        The raster.
    tally : Tally
        What it holds inside the region.
    """
    if tally.rim and tally.share <= DEM_GAP:
        look.notes.warn(
            layer.where,
            f"{layer.label} 沿区域边界或空洞裁得太紧：{tally.rim} 个像元缺邻近高程，没有坡度，按缺测计，从区域外流来的"
            "水也不计。请向外多留 200 m 以上。",
            f"{layer.label} is clipped too close to the border or to holes: {counted(tally.rim, 'cell')} without a "
            "neighbour's elevation and so without slope, counted as missing, and water from "
            "outside is unknown. Leave at least 200 m around the region.",
        )
    if not tally.gone or layer.where in ("inputs.measures", "inputs.tillage"):
        return
    zh, en = title(layer.where)
    _judge_infinite(look, layer)
    if tally.gone == tally.cells:
        found_zh, found_en = "在整个区域内都没有值", "has no value anywhere in the region"
    else:
        where_zh, where_en = where_missing(look, layer.grid, tally)
        found_zh, found_en = f"没有覆盖整个区域：{where_zh}", f"does not cover the region: {where_en}"
    if layer.where == "inputs.dem":
        todo_zh, todo_en = _gap_of_ground(tally)
    else:
        todo_zh = "缺的像元在结果中按缺测计；请补齐，或在 note 中说明。"
        todo_en = "Those cells count as missing in the results; complete the file, or say why in note."
    refused = tally.gone == tally.cells or (layer.where == "inputs.dem" and tally.share > DEM_GAP)
    look.notes.add(
        "error" if refused else "warning",
        layer.where,
        f"{zh} {layer.label} {found_zh}。{todo_zh}",
        f"{en} {layer.label} {found_en}. {todo_en}",
    )


def _gap_of_ground(tally: Tally) -> tuple[str, str]:
    """Say what a gap in the elevations does, and what to do."""
    zh = en = ""
    if tally.stripes:
        zh = f"有 {tally.stripes} 处像扫描条带，可由两侧内插补上；"
        en = f"There are {tally.stripes} gaps like stripes of scan lines, which can be filled from both sides; "
    return (
        f"{zh}允许缺 {DEM_GAP:.0%} 以内（按缺测计，水流到那里就算离开陆地，河道在那里断开）；"
        "请补上缺的图幅或空洞，向外多留 200 m。",
        f"{en}{'at' if en else 'At'} most {DEM_GAP:.0%} may be missing (it counts as missing; water that comes there "
        "leaves the land, and channels end there); add the sheets or fill the holes, 200 m beyond the border.",
    )


def _judge_infinite(look: Look, layer: Layer) -> None:
    """Say it where values are missing because they are infinite."""
    infinite = count_infinite(layer) if layer.source.kind == "continuous" else 0
    if infinite:
        look.notes.error(
            layer.where,
            f"{layer.label} 有 {infinite} 个像元为无穷大（inf）；请在生成该文件的软件中查明原因，"
            "改为缺失值或正确的值。",
            f"{layer.label} has {infinite} infinite pixels (inf); find out why where the file was made, and set them "
            "missing or "
            "right.",
        )


def where_missing(look: Look, grid: Grid, tally: Tally) -> tuple[str, str]:
    """
    Say how much is missing and where: area, share, side, counties, box (缺失位置).

    Parameters
    ----------
    look : Look
        The region.
    grid : Grid
        Cells that were counted.
    tally : Tally
        What was counted.
    """
    km2 = tally.missing * grid.cell_area / 1e6
    order = [int(k) for k in np.argsort(-km2, kind="stable") if km2[k] > 0]
    names = [f"{look.counties.names[k - 1]} {area_text(km2[k])} km²" for k in order]
    named_zh, named_en = listed(names)
    row, col = tally.centre / tally.gone
    bounds = shapely.total_bounds(look.counties.geometry).tolist()
    side_zh, side_en = compass(bounds, (col + 0.5) * grid.cell, -(row + 0.5) * grid.cell)
    top, left, bottom, right = tally.box or [0, 0, 0, 0]
    box = in_degrees(grid, left * grid.cell, -(bottom + 1) * grid.cell, (right + 1) * grid.cell, -top * grid.cell)
    total = f"{area_text(km2.sum())} km²"
    percent = f"{100 * tally.share:.2g} %" if tally.share < 0.995 else f"{100 * tally.share:.4g} %"
    return (
        f"缺 {total}（占 {percent}），在{side_zh}，{box_text(box)} 之内：{named_zh}",
        f"{total} ({percent}) are missing, in the {side_en}, within {box_text(box)}: {named_en}",
    )


def area_text(km2: float) -> str:
    """
    Return an area as people write it: four digits of meaning below 1000, whole above (面积写法).

    Examples
    --------
    >>> area_text(22691.4), area_text(0.8123), area_text(12.3456), area_text(0.0)
    ('22,691', '0.8123', '12.35', '0')
    """
    return f"{km2:,.0f}" if km2 >= 1000 else f"{km2:.4g}" if km2 >= 0.0001 or km2 == 0 else f"{km2:.6f}"


def compass(bounds: Sequence[float], x: float, y: float) -> tuple[str, str]:
    """
    Return the side of a box (left, bottom, right, top) that a place lies on (方位).

    Examples
    --------
    >>> compass((0.0, 0.0, 100.0, 100.0), 90.0, 80.0)
    ('东北部', 'north-east')
    """
    left, bottom, right, top = bounds
    east = (2 * x - left - right) / (right - left)
    north = (2 * y - bottom - top) / (top - bottom)
    ns = ("北", "north") if north > 0.2 else ("南", "south") if north < -0.2 else ("", "")
    ew = ("东", "east") if east > 0.2 else ("西", "west") if east < -0.2 else ("", "")
    zh, en = ew[0] + ns[0], "-".join(part for part in (ns[1], ew[1]) if part)
    return (f"{zh}部", en) if zh else ("中部", "middle")


def in_degrees(grid: Grid, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
    """Return a box of a grid in degrees (经纬度范围)."""
    to_degrees = between(grid.crs, datum_of(grid))
    west, south, east, north = to_degrees.transform_bounds(left, bottom, right, top)
    return west, south, east, north


def judge_range(look: Look, layer: Layer, tally: Tally) -> None:
    """
    Note values that cannot be right, with what is most likely the reason (取值范围检查).

    Parameters
    ----------
    look : Look
        Is added to.
    layer : Layer
        The raster.
    tally : Tally
        What it holds.
    """
    if layer.where == "inputs.dem" and tally.low == tally.high and tally.known > 1:
        look.notes.error(
            layer.where,
            f"{layer.label} 处处为 {tally.low:g} m，没有起伏；请核对文件与波段 band。",
            f"{layer.label} is {tally.low:g} m everywhere; check the file and the band.",
        )
    _judge_small(look, layer, tally)
    if not tally.outside:
        return
    low, high = layer.limits
    zh, en = title(layer.where)
    hint_zh, hint_en = _hint(look, layer, tally)
    look.notes.error(
        layer.where,
        f"{layer.label} 的{zh}为 {tally.low:.5g}～{tally.high:.5g}，其中 {tally.outside} 个像元不在允许的 "
        f"{low:g}～{high:g} 之间；"
        f"{hint_zh}",
        f"{en} in {layer.label} runs from {tally.low:.5g} to {tally.high:.5g}; {counted(tally.outside, 'cell')} outside the "
        f"allowed {low:g} to {high:g}. {hint_en}",
    )


def _judge_small(look: Look, layer: Layer, tally: Tally) -> None:
    """Note values so small that their unit must be another."""
    unit = look.given(layer.where.split(".")[1]).get("unit")
    if layer.where == "inputs.cover" and unit == "%" and 0 < tally.high <= 0.01:
        look.notes.error(
            layer.where,
            f'{layer.label} 按百分数读，最大只有 {tally.high * 100:g} %，像是 0～1 的比例；请改为 unit = "1"。',
            f"{layer.label} is read as percent but reaches only {tally.high * 100:g} %: it looks like shares of 0 to "
            "1. Set "
            'unit = "1".',
        )
    if layer.where == "inputs.soil_k" and 0 < tally.mean < 0.001 and layer.source.kind != "class":
        look.notes.warn(
            layer.where,
            f"{layer.label} 的 K 平均只有 {tally.mean:.2g} t·hm²·h/(hm²·MJ·mm)，一般为 0.01～0.06；请核对 "
            f"unit（{unit}）。",
            f"the mean K of {layer.label} is only {tally.mean:.2g} t hm2 h/(hm2 MJ mm), usually 0.01 to 0.06; check "
            "the unit "
            f"({unit}).",
        )


def _hint(look: Look, layer: Layer, tally: Tally) -> tuple[str, str]:
    scale = layer.source.scale
    for raw in (tally.low / scale, tally.high / scale):
        if any(np.isclose(raw, code, rtol=1e-3) for code in NODATA_LIKE):
            return (
                f"{raw:g} 像是没有声明的缺失值，请在该项加 nodata = {raw:g}。",
                f"{raw:g} looks like an undeclared missing value: add nodata = {raw:g} to the input.",
            )
    if layer.where == "inputs.cover":
        return _cover_hint(tally)
    if layer.where == "inputs.dem":
        return (
            "单位可能不对，请核对 unit（m、dm、cm、ft），并查看异常像元。",
            "The unit may be wrong: check unit (m, dm, cm, ft) and look at those cells.",
        )
    if layer.where == "inputs.soil_k" and tally.high * 0.1317 <= layer.limits[1] and scale == 1.0:
        return (
            'K 可能是美制单位，请改为 unit = "US"（乘 0.1317）。',
            'K may be in US units: set unit = "US" (times 0.1317).',
        )
    return "请核对文件、波段与 unit。", "Check the file, the band and the unit."


def _cover_hint(tally: Tally) -> tuple[str, str]:
    if tally.low >= 0 and 1 < tally.high <= 100:
        return '像是百分数，请在该项写 unit = "%"。', 'It looks like percent: write unit = "%" in the input.'
    if tally.low >= 0 and 100 < tally.high <= 255:
        return (
            "像是 0～255 的灰度，或 255 等缺失值没有声明；请换算成 0～1，或加 nodata = 255。",
            "It looks like grey levels of 0 to 255, or 255 stands for missing: bring it to 0-1, or add nodata = 255.",
        )
    if tally.low >= -1 and tally.high <= 1:
        return (
            "有负值，像是 NDVI 而不是盖度；请先换算为植被覆盖度。",
            "There are negative values, as NDVI has: turn it into vegetation cover first.",
        )
    return '请换算成 0～1（或百分数并写 unit = "%"）。', 'Bring it to 0-1 (or to percent, with unit = "%").'


def _describe(look: Look, layer: Layer, tally: Tally, files: Sequence[Path]) -> None:
    rows, cols = layer.source.size
    if layer.source.kind == "class":
        zh, en = f"{len(tally.codes)} 种代码", counted(len(tally.codes), "code")
    else:
        zh, en = f"{tally.low:.4g}～{tally.high:.4g}", f"{tally.low:.4g} to {tally.high:.4g}"
    look.saw(layer.where, list(files), f"{rows}×{cols} 像元，{zh}", f"{rows}x{cols} pixels, {en}")
