"""What must hold of every tool's results, and how far they agree with ours (结果的检查): on .npy files, block by block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

BLOCK = 1024
"""Rows looked at in one go."""


def check(folder: Path, ours: Path, elevation: Path) -> dict[str, Any]:
    """
    Return what the results in a folder come to.

    ``lowered`` cells of the filled surface below the ground, ``not_filled`` land that is missing in it; ``surface_same``
    share of the land where it equals ours, ``surface_apart_m`` the greatest difference; ``leaves`` share of the land whose
    water leaves over the border or into a hole; ``ends_inside`` cells inside the land where water ends; ``area_same``
    share of the land with our contributing area; ``units`` and ``labelled``: sub-basins and the share they cover.
    """
    ground = np.load(elevation, mmap_mode="r")
    found: dict[str, Any] = {}
    if (folder / "surface.npy").exists():
        found.update(_check_surface(_opened(folder, "surface"), ground, _opened(ours, "surface")))
    if (folder / "cells.npy").exists():
        cells, own = _opened(folder, "cells"), _opened(ours, "cells")
        land, same = 0, 0
        for rows in _blocks(ground):
            here = ~np.isnan(ground[rows])
            land += int(here.sum())
            same += int((here & (np.abs(cells[rows] - own[rows]) < 0.5)).sum())
        found["area_same"] = same / land
        if (folder / "directions.npy").exists():
            left, inside = outflow(_opened(folder, "directions"), cells)
            found.update(leaves=left / land, ends_inside=int(inside))
    if (folder / "labels.npy").exists():
        found.update(_check_labels(_opened(folder, "labels"), ground))
    return found


def _opened(folder: Path, name: str) -> Any:
    return np.load(folder / f"{name}.npy", mmap_mode="r")


def _blocks(cells: Any) -> list[slice]:
    return [slice(r, r + BLOCK) for r in range(0, cells.shape[0], BLOCK)]


def _check_surface(surface: Any, ground: Any, ours: Any) -> dict[str, Any]:
    lowered = lost = same = land = 0
    apart = 0.0
    for rows in _blocks(ground):
        here = ~np.isnan(ground[rows])
        land += int(here.sum())
        lowered += int((surface[rows] < ground[rows])[here].sum())
        lost += int((here & np.isnan(surface[rows])).sum())
        difference = np.abs(surface[rows] - ours[rows])[here]
        same += int((difference == 0).sum())
        apart = max(apart, float(np.nanmax(difference, initial=0.0)))
    return {"lowered": lowered, "not_filled": lost, "surface_same": same / land, "surface_apart_m": apart}


def _check_labels(labels: Any, ground: Any) -> dict[str, Any]:
    units: NDArray[Any] = np.empty(0, dtype=np.int64)
    land = inside = 0
    for rows in _blocks(ground):
        here = ~np.isnan(ground[rows])
        found = labels[rows][here]
        land, inside = land + found.size, inside + int((found > 0).sum())
        units = np.union1d(units, found[found > 0])
    return {"units": int(units.size), "labelled": inside / land}


@njit(cache=True, nogil=True)
def outflow(directions, cells):
    """
    Return the water that leaves the land, cells, and how many cells it ends at inside.

    directions: codes 1..8 clockwise from east, 9 none, 0 missing; cells: contributing area.
    """
    rows, cols = directions.shape
    down, right = (0, 0, 1, 1, 1, 0, -1, -1, -1), (0, 1, 1, 0, -1, -1, -1, 0, 1)
    left, inside = 0.0, 0
    for r in range(rows):
        for c in range(cols):
            code = directions[r, c]
            if code == 0:
                continue
            if code < 9:
                a, b = r + down[code], c + right[code]
                if a < 0 or b < 0 or a >= rows or b >= cols or directions[a, b] == 0:
                    left += cells[r, c]
                continue
            at_border = False
            for k in range(1, 9):
                a, b = r + down[k], c + right[k]
                if a < 0 or b < 0 or a >= rows or b >= cols or directions[a, b] == 0:
                    at_border = True
            if at_border:
                left += cells[r, c]
            else:
                inside += 1
    return left, inside
