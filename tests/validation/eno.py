"""Filling and directions of water beside those of TauDEM 5 on the Eno river: every function returns counts of cells."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.terrain import DOWNHILL_COLS, DOWNHILL_ROWS, dinf_direction, fill_depressions, route
from shuibao.watershed import dinf_contributing_area

AXIS, FLATTENING = 6378137.0, 1 / 298.257222101
OUR_CODES = np.array([0, 1, 8, 7, 6, 5, 4, 3, 2], dtype=np.uint8)
"""Our code of each of TauDEM's, which are counter-clockwise from east."""
ROUNDING = 3e-7
"""Slopes that differ by less, relatively, may be equal in single precision after two roundings."""
FACETS = [
    ((0, 1), (-1, 1), 0, 1),
    ((-1, 0), (-1, 1), 1, -1),
    ((-1, 0), (-1, -1), 1, 1),
    ((0, -1), (-1, -1), 2, -1),
    ((0, -1), (1, -1), 2, 1),
    ((1, 0), (1, -1), 3, -1),
    ((1, 0), (1, 1), 3, 1),
    ((0, 1), (1, 1), 4, -1),
]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


def shifted(values: NDArray[Any], step: tuple[int, int]) -> NDArray[Any]:
    """Return the neighbours of all inner cells that lie one step away."""
    rows, cols = values.shape
    return values[1 + step[0] : rows - 1 + step[0], 1 + step[1] : cols - 1 + step[1]]


def ringed(inner: NDArray[Any], fill: Any) -> NDArray[Any]:
    """Return values of inner cells with an outer ring put around them."""
    return np.pad(inner, 1, constant_values=fill)


class Eno:
    """The elevations of the Eno river and what TauDEM made of them; missing cells NaN."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "ref_taudem_eno"
        with rasterio.open(self.folder / "input" / "enogeo.tif") as dataset:
            self.elevation = dataset.read(1)
            self.transform = dataset.transform

    def output(self, name: str) -> NDArray[Any]:
        """Return one of TauDEM's rasters as it is."""
        with rasterio.open(self.folder / "output" / f"enogeo{name}.tif") as dataset:
            return np.asarray(dataset.read(1))

    def sides(self, row: float = 1.5) -> tuple[Floats, Floats]:
        """
        Return width and height of the cells of each row, m, at that many rows below the upper side of the row.

        TauDEM's numbers are those of 1.5, the middle of the next row; 0.5 is the row itself.
        """
        step = math.radians(-self.transform.e)
        latitude = np.radians(self.transform.f) - (np.arange(self.elevation.shape[0]) + row) * step
        squared = FLATTENING * (2.0 - FLATTENING)
        w = np.sqrt(1.0 - squared * np.sin(latitude) ** 2)
        return AXIS * np.cos(latitude) / w * step, AXIS * (1.0 - squared) / w**3 * step

    @cached_property
    def filled(self) -> NDArray[np.float32]:
        """TauDEM's filled elevations."""
        return self.output("fel")

    @cached_property
    def codes(self) -> NDArray[np.uint8]:
        """TauDEM's D8 directions in our codes; 0 on the outer ring, where it gives none."""
        theirs = self.output("p")
        return np.where((theirs >= 1) & (theirs <= 8), OUR_CODES[np.clip(theirs, 0, 8)], 0).astype(np.uint8)

    @cached_property
    def specific_area(self) -> Floats:
        """TauDEM's D∞ contributing area, m; missing where it may depend on what lies outside."""
        theirs = self.output("sca").astype(np.float64)
        return np.where(theirs < 0.0, np.nan, theirs)

    @cached_property
    def inner(self) -> Mask:
        """All cells but those of the outer ring."""
        return ringed(np.ones((self.elevation.shape[0] - 2, self.elevation.shape[1] - 2), dtype=bool), False)

    @cached_property
    def flat(self) -> Mask:
        """Inner cells of the filled ground that have no lower neighbour."""
        z, lower = self.filled, np.zeros(self.filled.shape, dtype=bool)
        for step in zip(DOWNHILL_ROWS[1:], DOWNHILL_COLS[1:], strict=True):
            lower |= ringed(shifted(z, step) < z[1:-1, 1:-1], True)
        return self.inner & ~lower

    @cached_property
    def angle(self) -> Floats:
        """Our D∞ directions on TauDEM's filled ground, flats without one, the outer ring missing as TauDEM's is."""
        angle, _ = dinf_direction(self.filled.astype(np.float64), self.sides())
        return np.where(self.inner, angle, np.nan)


def filling(eno: Eno) -> dict[str, int]:
    """Return how many cells our filling and TauDEM's raise, and how many come out otherwise."""
    ours = fill_depressions(eno.elevation)
    return {
        "像元": ours.size,
        "我方抬高": int((ours > eno.elevation).sum()),
        "TauDEM 抬高": int((eno.filled > eno.elevation).sum()),
        "高程不同": int((ours != eno.filled).sum()),
    }


def row_by_row(eno: Eno) -> NDArray[np.uint8]:
    """Return our D8 directions of the inner rows, each computed with its own width and height; right where not flat."""
    width, height = eno.sides()
    out = np.zeros(eno.filled.shape, dtype=np.uint8)
    for r in range(1, out.shape[0] - 1):
        out[r] = route(eno.filled[r - 1 : r + 2], (float(width[r]), float(height[r])), jobs=1)[1]
    return out


def mean_sides(eno: Eno) -> tuple[float, float]:
    """Return the mean width and height of the cells, m."""
    width, height = eno.sides()
    return float(width.mean()), float(height.mean())


def drops(eno: Eno, codes: NDArray[np.uint8], row: float = 1.5) -> Floats:
    """Return the fall per length of inner cells along D8 directions, each row with its own width and height."""
    z, (width, height) = eno.filled.astype(np.float64), eno.sides(row)
    r, c = np.nonzero(eno.inner & (codes >= 1) & (codes <= 8))
    k = codes[r, c]
    run = np.hypot(DOWNHILL_COLS[k] * width[r], DOWNHILL_ROWS[k] * height[r])
    out = np.full(z.shape, np.nan)
    out[r, c] = (z[r, c] - z[r + DOWNHILL_ROWS[k], c + DOWNHILL_COLS[k]]) / run
    return out


def falling(eno: Eno) -> dict[str, int]:
    """Return how D8 directions agree where the ground falls, and why they do not."""
    falls = eno.inner & ~eno.flat
    own, mean = row_by_row(eno), route(eno.filled, mean_sides(eno))
    theirs, apart = drops(eno, eno.codes), falls & (own != eno.codes)
    tie = apart & np.isclose(drops(eno, own), theirs, rtol=1e-9, atol=0.0)
    wide = falls & (mean != eno.codes)
    gentler = wide & ~tie & (drops(eno, mean) < theirs)  # with the row's own width TauDEM's way is the steeper
    return {
        "像元": int(falls.sum()),
        "逐行宽高：相同": int(falls.sum() - apart.sum()),
        "逐行宽高：两个方向同样陡，先后次序不同": int(tie.sum()),
        "逐行宽高：未能说明": int((apart & ~tie).sum()),
        "全图一个宽高：不同": int(wide.sum()),
        "全图一个宽高：因宽高而不同": int(gentler.sum()),
        "全图一个宽高：未能说明": int((wide & ~tie & ~gentler).sum()),
    }


def steps_from(eno: Eno, start: Mask) -> NDArray[np.int64]:
    """Return the steps within each flat from the cells where they are 1; 0 where none is reached."""
    out = start.astype(np.int64)
    waiting = deque((int(r), int(c)) for r, c in np.argwhere(start))
    while waiting:
        r, c = waiting.popleft()
        for k in range(1, 9):
            there = r + int(DOWNHILL_ROWS[k]), c + int(DOWNHILL_COLS[k])
            if eno.flat[there] and not out[there]:
                out[there] = out[r, c] + 1
                waiting.append(there)
    return out


def crossing(eno: Eno) -> dict[str, int]:
    """Return how D8 directions agree on flats, and why they do not."""
    low_start, high_start = np.zeros_like(eno.flat), np.zeros_like(eno.flat)
    for step in zip(DOWNHILL_ROWS[1:], DOWNHILL_COLS[1:], strict=True):
        there, here = shifted(eno.filled, step), eno.filled[1:-1, 1:-1]
        low_start[1:-1, 1:-1] |= (there == here) & ~shifted(eno.flat, step)
        high_start[1:-1, 1:-1] |= there > here
    low = steps_from(eno, eno.flat & low_start)
    high = steps_from(eno, eno.flat & high_start)
    mine = route(eno.filled, mean_sides(eno))
    places = np.argwhere(eno.flat & (mine != eno.codes))
    tie = equal_weights = 0
    for r, c in places:
        a, b = ((r + DOWNHILL_ROWS[k], c + DOWNHILL_COLS[k]) for k in (mine[r, c], eno.codes[r, c]))
        level = eno.flat[a] and eno.flat[b]
        tie += level and low[a] == low[b] and high[a] == high[b]
        equal_weights += level and low[a] < low[b] and low[a] - high[a] == low[b] - high[b]
    return {
        "像元": int(eno.flat.sum()),
        "相同": int((mine == eno.codes)[eno.flat].sum()),
        "两步数相同的邻元": int(tie),
        "权重 1∶1 时并列": int(equal_weights),
        "未能说明": len(places) - int(tie) - int(equal_weights),
    }


def slopes(eno: Eno) -> dict[str, float]:
    """Return how the slopes along D8 and D∞ agree: greatest relative differences, and cells where only one is 0."""
    z, theirs = eno.filled.astype(np.float64), eno.output("slp").astype(np.float64)
    gentle = eno.output("sd8").astype(np.float64)
    falls = eno.inner & ~eno.flat
    found: dict[str, float] = {}
    for name, row in (("下一行的宽高", 1.5), ("本行的宽高", 0.5)):
        drop = drops(eno, eno.codes, row)[falls]
        found[f"D8 坡降，{name}"] = float(np.max(np.abs(gentle[falls] - drop) / drop))
        _, slope = dinf_direction(z, eno.sides(row))
        found[f"D∞ 坡降，{name}"] = float(np.max((np.abs(theirs - slope) / np.where(falls, slope, 1.0))[falls]))
        found["坡降一为 0 而另一不为 0 的像元"] = float(((theirs == 0.0) != (slope == 0.0))[eno.inner].sum())
    return found


def lengths(eno: Eno) -> Floats:
    """Return what each cell adds to TauDEM's area: the width of its row, m."""
    return np.repeat(eno.sides()[0][:, None], eno.elevation.shape[1], axis=1)


@dataclass(frozen=True)
class Areas:
    """Contributing areas on land that no water comes to from flats: cells by how far ours is from TauDEM's."""

    cells: int
    missing: int
    missing_in_one: int
    within_millionths: int
    most: float


def areas(eno: Eno) -> Areas:
    """Return how D∞ contributing area agrees where no flat lies above: there the two programs do the same."""
    foot = eno.flat.copy()  # flats, and whatever they may give to
    for step in zip(DOWNHILL_ROWS[1:], DOWNHILL_COLS[1:], strict=True):
        back = (-int(step[0]), -int(step[1]))
        foot[1:-1, 1:-1] |= shifted(eno.flat, back) & (shifted(eno.filled, back) >= eno.filled[1:-1, 1:-1])
    below = dinf_contributing_area(eno.angle, eno.sides(), load=foot.astype(np.float64)) > 0.0
    ours = dinf_contributing_area(eno.angle, eno.sides(), load=lengths(eno), edge="missing")
    clear = eno.inner & ~below
    both = clear & ~np.isnan(ours) & ~np.isnan(eno.specific_area)
    off = np.abs(ours - eno.specific_area)[both] / eno.specific_area[both]
    return Areas(
        cells=int(clear.sum()),
        missing=int((clear & np.isnan(ours)).sum()),
        missing_in_one=int((np.isnan(ours) != np.isnan(eno.specific_area))[clear].sum()),
        within_millionths=int((off <= 2e-6).sum()),
        most=float(off.max()),
    )


def facet_slopes(eno: Eno) -> tuple[Floats, Floats]:
    """Return slope and angle of the eight facets of the inner cells."""
    z = eno.filled.astype(np.float64)
    width, height = (side[1:-1, None] for side in eno.sides())
    steep, bearing = [], []
    for e1, e2, quarter, sense in FACETS:
        d1, d2 = (width, height) if e1[0] == 0 else (height, width)
        s1 = (z[1:-1, 1:-1] - shifted(z, e1)) / d1
        s2 = (shifted(z, e1) - shifted(z, e2)) / d2
        turn, corner = np.arctan2(s2, s1), np.arctan2(d2, d1)
        across = (z[1:-1, 1:-1] - shifted(z, e2)) / np.hypot(d1, d2)
        steep.append(np.where(turn < 0.0, s1, np.where(turn > corner, across, np.hypot(s1, s2))))
        bearing.append((sense * np.clip(turn, 0.0, corner) + quarter * (math.pi / 2)) % (2 * math.pi))
    return np.array(steep), np.array(bearing)


def ambiguous(eno: Eno) -> Mask:
    """Return the cells of which two facets fall equally in single precision, but to different sides."""
    steep, bearing = facet_slopes(eno)
    best = steep.max(axis=0)
    off = np.abs((bearing - eno.angle[1:-1, 1:-1] + math.pi) % (2 * math.pi) - math.pi)
    return ringed(((steep >= best * (1.0 - ROUNDING)) & (best > 0.0) & (off > 1e-7)).any(axis=0), False)


def received(eno: Eno) -> tuple[Floats, Floats]:
    """Return what our shares of TauDEM's areas bring to each cell, and the sum of the givers' areas, m."""
    z = np.nan_to_num(eno.angle, nan=-1.0)
    width, height = (side[:, None] for side in eno.sides())
    corner = np.arctan2(height, width)
    right = math.pi / 2
    bounds = [0.0, corner, right, math.pi - corner, math.pi, math.pi + corner, 3 * right, 4 * right - corner, 4 * right]
    steps = [(0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1)]
    came, givers = np.zeros(z.shape), np.zeros(z.shape)
    for k in range(8):
        share = (z - bounds[k]) / (bounds[k + 1] - bounds[k])
        here = (share > -1e-9) & (share <= 1.0 - 1e-9)
        for part, (row, col) in ((1.0 - share, steps[k]), (share, steps[(k + 1) % 8])):
            gives = here & (part > 1e-6)
            given = np.where(gives, part * eno.specific_area, 0.0)
            whole = np.where(gives, eno.specific_area, 0.0)
            came[1:-1, 1:-1] += shifted(given, (-row, -col))
            givers[1:-1, 1:-1] += shifted(whole, (-row, -col))
    return came, givers


def beside(mask: Mask) -> Mask:
    """Return the cells that have a neighbour in the mask."""
    out = np.zeros_like(mask)
    for step in zip(DOWNHILL_ROWS[1:], DOWNHILL_COLS[1:], strict=True):
        out[1:-1, 1:-1] |= shifted(mask, step)
    return out


def balances(eno: Eno) -> dict[str, int]:
    """Return in how many cells TauDEM's area is what TauDEM's neighbours give by our angles, and why not in others."""
    came, givers = received(eno)
    known = ~np.isnan(eno.specific_area)
    level = np.zeros_like(eno.flat)  # a flat beside it may give it water
    for step in zip(DOWNHILL_ROWS[1:], DOWNHILL_COLS[1:], strict=True):
        level[1:-1, 1:-1] |= shifted(eno.flat, step) & (shifted(eno.filled, step) >= eno.filled[1:-1, 1:-1])
    asked = known & ~level
    expected = came + lengths(eno)
    off = np.where(asked, np.abs(expected - eno.specific_area) / (givers + lengths(eno)), 0.0)
    apart = off > 2e-6
    tie = beside(ambiguous(eno))
    return {
        "TauDEM 有值": int(known.sum()),
        "受平地来水，不比": int((known & level).sum()),
        "相同": int((asked & ~apart).sum()),
        "单精度下两面同样陡": int((apart & tie).sum()),
        "未能说明": int((apart & ~tie).sum()),
    }


def whole(eno: Eno) -> dict[str, float]:
    """Return how contributing areas agree over the whole grid, flats crossed by our D8 where TauDEM divides the water."""
    codes = np.where(eno.inner, route(eno.filled, mean_sides(eno)), 0)
    angle, _ = dinf_direction(eno.filled.astype(np.float64), eno.sides(), direction=codes)
    angle = np.where(eno.inner, angle, np.nan)
    ours = dinf_contributing_area(angle, eno.sides(), load=lengths(eno), edge="missing")
    both = ~np.isnan(ours) & ~np.isnan(eno.specific_area)
    off = np.abs(ours - eno.specific_area)[both] / eno.specific_area[both]
    return {
        "两方都有值": int(both.sum()),
        "只有一方有值": int((np.isnan(ours) != np.isnan(eno.specific_area)).sum()),
        **{
            name: float((off < limit).mean())
            for name, limit in (("十万分之一", 1e-5), ("百分之一", 0.01), ("十分之一", 0.1))
        },
    }
