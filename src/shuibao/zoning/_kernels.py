"""Compiled loops over the cells of a rule. No files, no units, no checks."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from shuibao.compiling import kernel


@kernel
def judge(
    slope: NDArray[Any],
    land: NDArray[Any],
    limit: Any,
    counts: NDArray[Any],
    steep: NDArray[Any],
    counted: NDArray[Any],
) -> None:
    """Write where the land class counts, and where the slope also is at least ``limit``; NaN is not."""
    rows, cols = slope.shape
    for i in range(rows):
        for j in range(cols):
            here = counts[land[i, j]]
            counted[i, j] = here
            steep[i, j] = here & (slope[i, j] >= limit)
