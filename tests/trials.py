"""
How many examples a law is tried on: some on every change, all of them in `make test-laws` (试例数).

Examples are drawn the same every time, so the few are always the same few. Kernels as plain Python are tried on all.
"""

from __future__ import annotations

import os

from numba import config

ALL = bool(config.DISABLE_JIT) or os.environ.get("SHUIBAO_TRIALS") == "all"


def trials(many: int) -> int:
    """Return how many of so many examples to try: all if that is asked for, else one in four."""
    return many if ALL else max(10, many // 4)
