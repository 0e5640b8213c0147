"""Facts to draw, and rule packs and targets to read them by."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from shuibao.facts import Facts, facts_from_counts

COUNTIES = ["140932", "140929", "140931"]
WATERSHEDS = ["B2", "A1", "A3"]
LIMITS = {
    "county": (1, 4),
    "land_use": (0, 22),
    "slope_class": (0, 9),
    "cover_class": (0, 6),
    "intensity": (0, 7),
    "zone": (0, 2),
}


def counts(seed: int, rows: int) -> dict[str, Any]:
    """Return counted cells of so many combinations, some of them twice."""
    random = np.random.default_rng(seed)
    found: dict[str, Any] = {name: random.integers(*limits, rows) for name, limits in LIMITS.items()}
    found["cells"] = random.integers(1, 10**6, rows)
    found["grams"] = np.where(found["intensity"] > 0, random.integers(0, 10**12, rows), 0)
    return found


@st.composite
def facts(draw: st.DrawFn, least: int = 1) -> Facts:
    """Return facts of three counties and as many small watersheds, and of land of none."""
    rows, seed = draw(st.integers(least, 40)), draw(st.integers(0, 2**32 - 1))
    found = counts(seed, rows) | {"watershed": np.random.default_rng(seed + 1).integers(0, 4, rows)}
    return facts_from_counts(found, COUNTIES, 900.0, {"year": "2024"}, watersheds=WATERSHEDS)
