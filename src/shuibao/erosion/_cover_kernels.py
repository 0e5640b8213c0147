"""Compiled loops over half-months of cover. No files, no units, no checks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def cover_factors(
    cover: Any,
    weights: Any,
    understory: Any,
    shrub: Any,
    grass: Any,
    forest: Any,
    ratio: float,
    out: Any,
) -> None:
    """
    Fill ``out`` with B of shrub, B of grass, B of forest and the mean cover of each cell.

    cover (24, rows, cols); weights (24, 1, 1) or (24, rows, cols); understory (0, 1, 1), (1, rows, cols) or
    (24, rows, cols), with ``ratio`` times cover taken where it is empty; out (4, rows, cols), NaN where missing.
    """
    rows, cols = cover.shape[1], cover.shape[2]
    everywhere = weights.shape[1] == 1 and weights.shape[2] == 1
    shrub_log, grass_log = 100.0 * np.log(shrub[2]), 100.0 * np.log(grass[2])
    for i in range(rows):
        for j in range(cols):
            b_shrub = b_grass = b_forest = mean = 0.0
            for k in range(24):
                fvc = np.float64(cover[k, i, j])
                weight = weights[k, 0, 0] if everywhere else weights[k, i, j]
                if understory.shape[0] == 0:
                    below = ratio * fvc
                elif understory.shape[0] == 1:
                    below = np.float64(understory[0, i, j])
                else:
                    below = np.float64(understory[k, i, j])
                mean += fvc
                b_shrub += weight * _clipped(1.0 / (shrub[0] + shrub[1] * np.exp(shrub_log * fvc)))
                b_grass += weight * _clipped(1.0 / (grass[0] + grass[1] * np.exp(grass_log * fvc)))
                loss = forest[0] * np.exp(-forest[1] * below) - forest[2] * np.exp(fvc - fvc * below) + forest[3]
                b_forest += weight * _clipped(loss)
            out[0, i, j] = b_shrub
            out[1, i, j] = b_grass
            out[2, i, j] = b_forest
            out[3, i, j] = mean / 24.0 + 0.0 * b_shrub  # NaN where a weight is


@njit(cache=True, nogil=True)
def _clipped(ratio: float) -> float:
    """Return the ratio within 0-1; NaN stays NaN."""
    if ratio < 0.0:
        return 0.0
    if ratio > 1.0:
        return 1.0
    return ratio
