"""Compiled loops over half-months of cover. No files, no units, no checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from shuibao.compiling import kernel

STEPS = 4096
"""Steps of cover in the table of ratios: between them the ratios are straight to less than float32 can tell."""


@kernel
def fill_ratios(shrub: Any, grass: Any, forest: Any, understory: float, table: Any) -> None:
    """
    Fill ``table`` (STEPS + 2, 3) with the soil loss ratios of shrub, grass and forest at cover 0, 1/STEPS, ... 1.

    Below the canopy of forest is ``understory`` times its cover. The last row repeats the one before.
    """
    for step in range(STEPS + 2):
        fvc = min(step, STEPS) / STEPS
        table[step, 0] = clipped(1.0 / (shrub[0] + shrub[1] * shrub[2] ** (100.0 * fvc)))
        table[step, 1] = clipped(1.0 / (grass[0] + grass[1] * grass[2] ** (100.0 * fvc)))
        table[step, 2] = forest_ratio(fvc, understory * fvc, forest)


@kernel
def cover_factors(cover: Any, weights: Any, understory: Any, forest: Any, table: Any, out: Any) -> None:
    """
    Fill ``out`` with B of shrub, B of grass, B of forest and the mean cover of each cell.

    cover (24, rows, cols); weights (24, 1, 1) or (24, rows, cols); understory (0, 1, 1), (1, rows, cols) or
    (24, rows, cols), with the table's own taken where it is empty; table from ``fill_ratios``; out (4, rows, cols),
    NaN where missing.
    """
    everywhere = weights.shape[1] == 1 and weights.shape[2] == 1
    for i in range(cover.shape[1]):
        for j in range(cover.shape[2]):
            b_shrub = b_grass = b_forest = mean = 0.0
            for k in range(24):
                fvc = np.float64(cover[k, i, j])
                weight = np.float64(weights[k, 0, 0] if everywhere else weights[k, i, j])
                if np.isnan(fvc) or np.isnan(weight):
                    b_shrub = b_grass = b_forest = mean = np.nan
                    break
                place = fvc * STEPS
                step = int(place)
                part = place - step
                mean += fvc
                b_shrub += weight * (table[step, 0] + part * (table[step + 1, 0] - table[step, 0]))
                b_grass += weight * (table[step, 1] + part * (table[step + 1, 1] - table[step, 1]))
                if understory.shape[0] == 0:
                    b_forest += weight * (table[step, 2] + part * (table[step + 1, 2] - table[step, 2]))
                else:
                    below = np.float64(understory[k if understory.shape[0] == 24 else 0, i, j])
                    b_forest += weight * forest_ratio(fvc, below, forest)
            out[0, i, j] = b_shrub
            out[1, i, j] = b_grass
            out[2, i, j] = b_forest
            out[3, i, j] = mean / 24.0


@kernel
def forest_ratio(cover: float, understory: float, forest: Any) -> float:
    """Return the soil loss ratio of forest from canopy and understory; NaN stays NaN."""
    loss = forest[0] * np.exp(-forest[1] * understory) - forest[2] * np.exp(cover - cover * understory) + forest[3]
    return clipped(loss)


@kernel
def clipped(ratio: float) -> float:
    """Return the ratio within 0-1; NaN stays NaN."""
    if ratio < 0.0:
        return 0.0
    if ratio > 1.0:
        return 1.0
    return ratio
