"""Terrains to draw: rough and smooth, with pits, flats and holes, of one row or many; and plain slow answers."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numba import config
from numpy.typing import NDArray
from tests.trials import trials

EXAMPLES = 15 if config.DISABLE_JIT else trials(80)
"""How many terrains a law is tried on; plain Python is slow."""

NEIGHBOURS = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
"""Row and column step of directions 1 to 8, clockwise from east."""

seeds = st.integers(0, 2**32 - 1)


def ground(random: np.random.Generator, shape: tuple[int, int], *, holes: float = 0.0) -> NDArray[np.float64]:
    """Return a tilted piece of land: noise of some roughness, sometimes in whole metres so that there are ties."""
    row, col = np.indices(shape)
    tilt = random.uniform(-6.0, 6.0, 2)
    bumps = 10.0 ** random.uniform(-1.0, 1.3) * random.random(shape)
    waves = 15.0 * np.sin(row / random.uniform(1.0, 6.0)) * np.cos(col / random.uniform(1.0, 6.0))
    z = 800.0 + tilt[0] * row + tilt[1] * col + bumps + random.integers(0, 2) * waves
    if random.random() < 0.4:
        z = np.round(z)
    z[random.random(shape) < holes] = np.nan
    return z


@st.composite
def terrains(draw: st.DrawFn, least: int = 1, most: int = 12, *, holes: bool = True) -> NDArray[Any]:
    """Return a terrain in single or double precision."""
    random = np.random.default_rng(draw(seeds))
    shape = draw(st.integers(least, most)), draw(st.integers(least, most))
    share = draw(st.sampled_from([0.0, 0.05, 0.3])) if holes else 0.0
    return ground(random, shape, holes=share).astype(draw(st.sampled_from(["float32", "float64"])))


def around(z: NDArray[Any], r: int, c: int) -> list[float]:
    """Return the eight neighbours of an interior cell, by direction 1 to 8."""
    return [z[r + down, c + right] for down, right in NEIGHBOURS]


def interior(z: NDArray[Any]) -> list[tuple[int, int]]:
    """Return the cells that have eight neighbours."""
    return [(r, c) for r in range(1, z.shape[0] - 1) for c in range(1, z.shape[1] - 1)]
