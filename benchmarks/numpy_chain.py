"""The same chain as the compiled pass, in plain numpy over whole arrays: what a script would do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))


def chain(ground: NDArray[np.float32], land: NDArray[np.uint8], cell: float) -> tuple[NDArray[np.int64], ...]:
    """Slope, D8, slope length with cut-offs and cap, LS, soil loss, class, counts, for factors that are uniform."""
    z = ground
    east = (z[:-2, 2:] - z[:-2, :-2]) + 2 * (z[1:-1, 2:] - z[1:-1, :-2]) + (z[2:, 2:] - z[2:, :-2])
    south = (z[2:, :-2] - z[:-2, :-2]) + 2 * (z[2:, 1:-1] - z[:-2, 1:-1]) + (z[2:, 2:] - z[:-2, 2:])
    tangent = np.full(z.shape, np.nan, dtype=np.float32)
    tangent[1:-1, 1:-1] = np.sqrt(east**2 + south**2) / (8 * cell)
    slope = np.degrees(np.arctan(tangent))
    code, drop = steepest(z, cell)
    length_in, own = slope_length(code, drop, cell)
    m = np.select([slope <= 1, slope < 3, slope < 5], [0.2, 0.3, 0.4], 0.5)
    out = np.minimum(length_in + own, 100.0)
    upper = np.maximum(out - own, 0.0)
    length_factor = (out ** (m + 1) - upper ** (m + 1)) / ((out - upper) * 22.13**m)
    sine = np.sin(np.radians(slope))
    steepness = np.select([slope < 5, slope < 10], [10.8 * sine + 0.03, 16.8 * sine - 0.5], 21.9 * sine - 0.96)
    b = np.where(land <= 3, 0.42, 0.1)
    loss = 100.0 * 1800.0 * 0.045 * length_factor * steepness * b
    classes = np.where(np.isnan(loss), 0, np.digitize(loss, [1000, 2500, 5000, 8000, 15000]) + 1)
    slopes = np.digitize(np.nan_to_num(slope), [2, 5, 6, 8, 15, 25, 35])
    key = (land.astype(np.int64) * 9 + slopes) * 7 + classes
    grams = np.rint(np.nan_to_num(loss) * cell * cell)
    return np.bincount(key.ravel()), np.bincount(key.ravel(), weights=grams.ravel()).astype(np.int64)


def steepest(z: NDArray[np.float32], cell: float) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the D8 direction (0 none, 1..8) and the gradient along it."""
    best = np.zeros(z.shape, dtype=np.float32)
    code = np.zeros(z.shape, dtype=np.int8)
    inner = np.s_[1:-1, 1:-1]
    for k, (dy, dx) in enumerate(STEPS, start=1):
        other = z[1 + dy : z.shape[0] - 1 + dy, 1 + dx : z.shape[1] - 1 + dx]
        fall = (z[inner] - other) / (cell * np.hypot(dy, dx))
        steeper = fall > best[inner]
        best[inner][steeper] = fall[steeper]
        code[inner][steeper] = k
    return code, best


def slope_length(
    code: NDArray[np.int8], drop: NDArray[np.float32], cell: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the longest uncut length into each cell and the cell's own, by as many sweeps as the cap has cells."""
    rows, cols = code.shape
    steps = np.array([0, *(dy * cols + dx for dy, dx in STEPS)])
    index = np.arange(code.size)
    below = index + steps[code.ravel()]
    own = np.where(code % 2 == 1, cell, cell * np.sqrt(2)).ravel().astype(np.float32)
    own[code.ravel() == 0] = cell
    here = np.maximum(drop.ravel(), np.tan(np.radians(0.1)))
    share = np.where(here < 0.05, 0.7, 0.5)
    cut = (here[below] < here * share) | (code.ravel() == 0)
    own[cut & (code.ravel() > 0)] *= 0.5
    flows = np.flatnonzero(~cut)
    inflow = np.zeros(code.size, dtype=np.float32)
    for _ in range(int(np.ceil(100.0 / cell)) + 1):
        following = np.zeros_like(inflow)
        np.maximum.at(following, below[flows], np.minimum(inflow[flows] + own[flows], 100.0))
        inflow = following
    return inflow.reshape(rows, cols), own.reshape(rows, cols)
