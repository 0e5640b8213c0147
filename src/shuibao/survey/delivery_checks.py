"""What must hold before sediment is followed: the region was run, nothing has changed, and memory is enough (输移前检查)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.grid import Grid
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.survey.rating import changed_settings
from shuibao.survey.records import hashes_of, read_record, size_of
from shuibao.survey.region import Region
from shuibao.survey.run import DEPENDS, input_files
from shuibao.watershed import Drainage, contributing_area

NEEDED = ("dem_filled", "flow_direction", "contributing_area", "watersheds", "soil_loss")
"""Rasters that the region's run must have left."""

BYTES_A_CELL = 120
"""Memory that following the sediment takes at most, bytes a cell; measured."""

BESIDES = 300 << 20
"""Memory that the program takes besides, bytes."""

_GIB = 1 << 30


def refuse_changed(region: Region, rules: Rules) -> Grid:
    """
    Return the grid of a region that has been run and has not changed since (运行后有无改动).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        If a step was not run or a product is missing, settings, inputs or rules have changed since, or a product is not
        as the run left it.
    """
    records = {step: read_record(region, step) for step in ("boundaries", "water", "land")}
    suffix = "vrt" if region.layout == "tiles" else "tif"
    absent = [f"records/{step}.json" for step, record in records.items() if record is None]
    absent += [f"products/{n}.{suffix}" for n in NEEDED if not (region.products / f"{n}.{suffix}").is_file()]
    boundaries, land = records["boundaries"], records["land"]
    if absent or boundaries is None or land is None:
        raise ShuibaoError(
            f"{region.folder} 还没有运行完（缺 {'、'.join(absent)}）；请先运行 shuibao run {region.folder}。",
            f"{region.folder} has not been run ({', '.join(absent)} missing); run shuibao run {region.folder} first.",
        )
    if changed := _changed(region, rules, land["depends"]):
        raise ShuibaoError(
            f"运行之后有改动（{'、'.join(changed)}），权重与土壤流失量会对不上；请先运行 shuibao run {region.folder}。",
            f"{', '.join(changed)} changed since the run, so that weight and soil loss would not fit; run shuibao run "
            f"{region.folder} first.",
        )
    if damaged := _resized(region, records):
        raise ShuibaoError(
            f"{'、'.join(damaged)} 的大小与运行时写下的不同，可能不完整、已损坏或被改过；请运行 shuibao run {region.folder} 重算。",
            f"{', '.join(damaged)} differ in size from what the run wrote: cut short, damaged or changed; run shuibao run "
            f"{region.folder} to make them anew.",
        )
    cell, row, col, rows, cols = boundaries["summary"]["grid"]
    return Grid(float(cell), row, col, rows, cols, region.projection)


def _changed(region: Region, rules: Rules, made: dict[str, Any]) -> list[str]:
    """Return what has changed since the land was measured: settings, inputs, files, rules."""
    changed = [f"region.{key}" for key in changed_settings(region)]
    before, now = made.get("inputs", {}), {k: v for k, v in region.inputs.items() if k in DEPENDS["land"]}
    changed += [f"inputs.{k}" for k in sorted({*before, *now}) if before.get(k) != now.get(k)]
    if not changed:
        files, present = made.get("files", {}), hashes_of(region, input_files(region, list(now)))
        changed += [name for name in sorted({*files, *present}) if files.get(name) != present.get(name)]
    return changed + ([] if made.get("rules") == rules.digest() else ["rules"])


def _resized(region: Region, records: Mapping[str, Any]) -> list[str]:
    """Return the rasters that sediment is followed on, or tiles of them, whose size is not what the run wrote."""
    outputs = {name: size for record in records.values() for name, size in record.get("outputs", {}).items()}
    needed = {
        name: size for name, size in outputs.items() if {part.split(".")[0] for part in name.split("/")} & {*NEEDED}
    }
    return [name for name, size in sorted(needed.items()) if size_of(region.folder / name) != size]


def checked_drainage(direction: NDArray[Any], area: NDArray[np.float32], cell: float, again: str) -> Drainage:
    """
    Return the drainage of a region, refusing flow directions and contributing areas that do not go together (汇流核对).

    Parameters
    ----------
    direction : (rows, cols) uint8 array
        D8 codes of ``flow_direction``.
    area : (rows, cols) float32 array
        Contributing area of ``contributing_area``, m²; NaN where missing.
    cell : float
        Side of a cell, m.
    again : str
        The call that makes them anew.

    Raises
    ------
    ShuibaoError
        If the directions are no drainage or there are none, or the areas are not what they add up to.

    Examples
    --------
    >>> direction = np.array([[9, 5]], dtype=np.uint8)
    >>> checked_drainage(direction, np.array([[1800.0, 900.0]], dtype=np.float32), 30.0, "shuibao run DIR").order.tolist()
    [1, 0]
    """
    try:
        drainage = Drainage.from_directions(direction, cell)
    except ShuibaoError as error:
        raise spoilt("flow_direction", again, error.zh, error.en) from error
    if not drainage.order.size:
        raise spoilt("flow_direction", again, "没有一个像元有流向", "no cell has a direction")
    whole = (contributing_area(drainage) * drainage.cell_area).astype(np.float32)
    wrong = np.where(direction == 0, ~np.isnan(area), area != whole)
    if wrong.any():
        count = int(wrong.sum())
        zh, en = (
            f"{count} 个像元的汇水面积与流向不符",
            f"of {count} cells the area is not what the directions add up to",
        )
        raise spoilt("contributing_area", again, zh, en)
    return drainage


def spoilt(name: str, again: str, zh: str, en: str) -> ShuibaoError:
    """Return that a product is not what the run made, and how to renew it: a file that is there is not made again."""
    return ShuibaoError(
        f"products/{name} 已损坏或被改过（{zh.rstrip('。')}）；请删去这个文件，再运行 {again}。",
        f"products/{name} is damaged or was changed ({en.rstrip('.')}); delete that file and run {again}.",
    )


def refuse_too_large(grid: Grid) -> None:
    """
    Refuse a region that the memory there is cannot hold (内存是否够用).

    Parameters
    ----------
    grid : Grid
        The region's grid.

    Raises
    ------
    ShuibaoError
        If it needs more memory than there is; the message says how much.
    """
    needed, there = grid.rows * grid.cols * BYTES_A_CELL + BESIDES, available_memory()
    if there is None or needed <= there:
        return
    raise ShuibaoError(
        f"泥沙输移在内存中计算：{grid.rows} × {grid.cols} 像元需约 {needed / _GIB:.1f} GB，现可用 {there / _GIB:.1f} GB；"
        "请关掉别的程序、换内存更大的机器，或按县另建区域文件夹（连同各县上游）。",
        f"sediment is followed in memory: {grid.rows} x {grid.cols} cells need about {needed / _GIB:.1f} GB, and "
        f"{there / _GIB:.1f} GB are free; close other programs, take a machine with more, or make region folders of counties "
        "with the land above them.",
    )


def available_memory() -> int | None:
    """
    Return how much memory this process may still take, bytes; None where the system does not say (可用内存).

    Examples
    --------
    >>> there = available_memory()
    >>> there is None or there > 0
    True
    """
    free = [n for n in (_of_machine(), _of_group()) if n is not None]
    return min(free) if free else None


def _of_machine() -> int | None:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_group() -> int | None:
    """Return what the control group of a container leaves, bytes."""
    folder = Path("/sys/fs/cgroup")
    try:
        most, now = ((folder / name).read_text(encoding="ascii").strip() for name in ("memory.max", "memory.current"))
        return None if most == "max" else max(int(most) - int(now), 0)
    except (OSError, ValueError):
        return None
