"""
Compiled rules of what grows on the imaginary land. No files, no units, no checks.

Land is decided cell by cell from height, slope, the place between valley and ridge, moisture, and the parcel the cell
lies in: a parcel is the neighbourhood of the nearest point of a jittered lattice.
"""

import numpy as np

from shuibao.compiling import kernel
from shuibao.sources.imaginary._kernels import (
    BASIN,
    FILL,
    MOIST,
    MOUNTAIN,
    RIVER,
    STEP,
    bits,
    high_share,
    low_share,
    noise,
    spline_at,
    spline_weights,
)

PADDY, IRRIGATED, DRY, ORCHARD, _TEA, FOREST, SHRUB, OTHER_FOREST, GRASS, URBAN, RURAL = range(1, 12)
DISTURBED, TRANSPORT, WATER, BARE_SOIL, BARE_ROCK, SAND, FACILITY, _SALINE, WETLAND = range(12, 21)
CLASSES = 22

NO_MEASURE, LEVEL_TERRACE, STONE_TERRACE, SLOPING_TERRACE, _INTERVAL, FIELD_RIDGE, LEVEL_BENCH = range(1, 8)
LEVEL_TRENCH, FISH_SCALE_PIT, ORCHARD_PIT = 8, 9, 10

PARCEL = 210.0  # m between parcels
VILLAGE = 1900.0  # m between villages
TOWN = 13000.0  # m between towns
MINE = 9000.0  # m between mines and building sites


@kernel
def _field_at(fields, index, i, j, wx, wy):
    value = 0.0
    for a in range(4):
        row = 0.0
        for b in range(4):
            row += wx[b] * fields[index, i + a, j + b]
        value += wy[a] * row
    return value


@kernel
def _from_river(fields, i, j, wx, wy):
    """Return about how far a point is from the nearest river, m."""
    river = _field_at(fields, RIVER, i, j, wx, wy)
    east = _field_at(fields, RIVER, i, j + 1, wx, wy) - river
    north = _field_at(fields, RIVER, i + 1, j, wx, wy) - river
    return abs(river) * STEP / (np.sqrt(east * east + north * north) + 1e-4)


@kernel
def _parcel(x, y, spacing, salt):
    """Return the hash of the nearest lattice point."""
    ci, cj = np.int64(np.floor(y / spacing)), np.int64(np.floor(x / spacing))
    nearest, found = 1e30, np.uint64(0)
    for i in range(ci - 1, ci + 2):
        for j in range(cj - 1, cj + 2):
            h = bits(j, i, salt)
            dx = x - (j + 0.1 + 0.8 * low_share(h)) * spacing
            dy = y - (i + 0.1 + 0.8 * high_share(h)) * spacing
            d = dx * dx + dy * dy
            if d < nearest:
                nearest, found = d, h
    return bits(np.int64(found >> np.uint64(1)), 0, salt)


@kernel
def _inside_site(x, y, spacing, least, most, salt):
    """Return how far inside a site (village, town, mine) a point lies: 1 at its heart, 0 and less outside."""
    ci, cj = np.int64(np.floor(y / spacing)), np.int64(np.floor(x / spacing))
    deepest = -1.0
    for i in range(ci - 1, ci + 2):
        for j in range(cj - 1, cj + 2):
            h = bits(j, i, salt)
            dx = x - (j + 0.1 + 0.8 * low_share(h)) * spacing
            dy = y - (i + 0.1 + 0.8 * high_share(h)) * spacing
            size = low_share(bits(i, j, salt + 1))
            radius = least + (most - least) * size * size * size
            if radius > 0.0:
                deepest = max(deepest, 1.0 - np.sqrt(dx * dx + dy * dy) / radius)
    return deepest


@kernel
def _wet(x, y, slope, above, basin, d_river, second, seed):
    """Return the class of land under or beside a river, or 0. second: a chance of the parcel."""
    width = 16.0 + 38.0 * basin + 18.0 * noise(x / 5000.0, y / 5000.0, seed + 31)
    if d_river < width and slope < 0.3 and above < 25.0:
        return WATER
    if d_river < width + 90.0 and slope < 0.06 and above < 10.0 and second < 0.22:
        return WETLAND
    return 0


@kernel
def _built(x, y, slope, above, basin, d_river, seed):
    """Return the class of built land, or 0. slope: rise over run; above: height over the plain, m."""
    ragged = 0.35 * noise(x / 260.0, y / 260.0, seed + 20)
    if slope < 0.12 and above < 30.0:
        if _inside_site(x, y, TOWN, 250.0, 1300.0 + 2600.0 * basin, seed + 21) + ragged > 0.0:
            return URBAN
    if slope < 0.22:
        if _inside_site(x, y, VILLAGE, 90.0, 640.0, seed + 23) + ragged > 0.0:
            return RURAL
        if _inside_site(x + 300.0, y, VILLAGE, 20.0, 130.0, seed + 23) > 0.0:
            return FACILITY
    if slope < 0.5 and _inside_site(x, y, MINE, -80.0, 800.0, seed + 25) + ragged > 0.05:
        return DISTURBED
    if slope < 0.25:
        width = 1.0 / 2600.0
        here = noise(x * width, y * width, seed + 27)
        east = noise((x + 20.0) * width, y * width, seed + 27) - here
        north = noise(x * width, (y + 20.0) * width, seed + 27) - here
        if abs(here) * 20.0 < 16.0 * np.sqrt(east * east + north * north):
            return TRANSPORT
        if abs(d_river - 420.0) < 16.0 and above < 60.0:
            return TRANSPORT
    return 0


@kernel
def _farmed(slope, above, height, mountain, moist, first, second):
    """Return the class of farmed land, or 0. first, second: chances of the parcel."""
    if slope < 0.105:
        share = 0.90 - 1.0 * slope
    elif slope < 0.268:
        share = 0.935 - 2.65 * slope
    else:
        share = max(0.0, 0.38 - 0.70 * slope)
    share *= (1.0 - 0.80 * mountain) * min(1.0, max(0.05, (2000.0 - height) / 450.0))
    share += 0.10 * moist
    if first >= share:
        return 0
    if above < 16.0 and slope < 0.07:
        if second < 0.004:
            return PADDY
        if second < 0.48:
            return IRRIGATED
    if height < 1350.0 and slope > 0.05 and second > 0.935:
        return ORCHARD
    return DRY


@kernel
def _grown(slope, north, hollow, height, mountain, moist, first, second):
    """Return the class of land that is neither built nor farmed. north: share of the slope that looks north."""
    if slope > 0.62 and second > 0.80:
        return BARE_ROCK if mountain > 0.5 else BARE_SOIL
    if height > 2550.0 + 120.0 * moist:
        return GRASS
    damp = 0.85 * mountain + 0.00042 * (height - 1370.0) + 0.42 * moist + 0.22 * north + 0.005 * min(40.0, hollow)
    damp += 0.55 * (first - 0.5)
    if damp > 0.50:
        return FOREST
    if damp > 0.29:
        return OTHER_FOREST if second < 0.5 else SHRUB
    if damp > 0.09:
        return SHRUB
    if damp < -0.45 and slope < 0.13 and second < 0.3:
        return SAND
    return GRASS


@kernel
def _measure(land, slope, second, third):
    """Return the engineering measure of a cell. third: another chance of the parcel."""
    if land == DRY and slope > 0.052:
        if third < 0.70:
            return LEVEL_TERRACE
        if third < 0.74:
            return STONE_TERRACE
        if third < 0.82:
            return SLOPING_TERRACE
        return FIELD_RIDGE if third < 0.88 else NO_MEASURE
    if land == ORCHARD and slope > 0.052:
        return LEVEL_TERRACE if third < 0.45 else (ORCHARD_PIT if third < 0.65 else NO_MEASURE)
    if land == OTHER_FOREST and slope > 0.08:
        return FISH_SCALE_PIT if third < 0.34 else (LEVEL_BENCH if third < 0.62 else NO_MEASURE)
    if land == SHRUB and slope > 0.08 and third < 0.16:
        return LEVEL_TRENCH if second < 0.4 else LEVEL_BENCH
    return NO_MEASURE


@kernel
def settle(x, y, cell, height, fields, left, bottom, wide, wide_left, wide_bottom, wide_step, seed, land, measure):
    """
    Decide land and measure of every cell.

    x: (cols,), y: (rows,) m; height: (rows + 2, cols + 2) with one cell around; fields: (FIELDS, rows, cols) of knots;
    wide: (rows, cols) of knots, the land seen from afar; land, measure: (rows, cols) uint8, overwritten.
    """
    wx, wy, vx, vy = np.empty(4), np.empty(4), np.empty(4), np.empty(4)
    for r in range(y.size):
        gy = (y[r] - bottom) / STEP
        i = np.int64(np.floor(gy)) - 1
        spline_weights(gy - np.floor(gy), wy)
        for c in range(x.size):
            px, py, here = x[c], y[r], np.float64(height[r + 1, c + 1])
            gx = (px - left) / STEP
            j = np.int64(np.floor(gx)) - 1
            spline_weights(gx - np.floor(gx), wx)
            fall_x = (np.float64(height[r + 1, c + 2]) - np.float64(height[r + 1, c])) / (2.0 * cell)
            fall_y = (np.float64(height[r, c + 1]) - np.float64(height[r + 2, c + 1])) / (2.0 * cell)
            slope = np.sqrt(fall_x * fall_x + fall_y * fall_y)
            above = here - _field_at(fields, FILL, i, j, wx, wy)
            basin = _field_at(fields, BASIN, i, j, wx, wy)
            mountain = _field_at(fields, MOUNTAIN, i, j, wx, wy)
            moist = _field_at(fields, MOIST, i, j, wx, wy)
            d_river = _from_river(fields, i, j, wx, wy)
            chance = _parcel(px, py, PARCEL, seed + 30)
            first, second = low_share(chance), high_share(chance)
            code = _wet(px, py, slope, above, basin, d_river, second, seed)
            if code == 0:
                code = _built(px, py, slope, above, basin, d_river, seed)
            if code == 0:
                code = _farmed(slope, above, here, mountain, moist, first, second)
            if code == 0:
                hollow = spline_at(px, py, wide, wide_left, wide_bottom, wide_step, vx, vy) - here
                code = _grown(slope, -fall_y / (slope + 0.02), hollow, here, mountain, moist, first, second)
            land[r, c] = code
            measure[r, c] = _measure(code, slope, second, low_share(bits(np.int64(chance >> np.uint64(1)), 1, seed)))


@kernel
def mean_cover(land, height, factor, moist, curves, out):
    """
    Lay the vegetation cover of 24 half-months on cells ``factor`` times wider.

    land: (rows * factor, cols * factor); height, moist: (rows, cols); curves: (CLASSES, 2, 24), least and most cover;
    out: (24, rows, cols) float32, to 0.01.
    """
    shares = np.empty(CLASSES)
    for r in range(out.shape[1]):
        for c in range(out.shape[2]):
            shares[:] = 0.0
            for a in range(factor):
                for b in range(factor):
                    shares[land[r * factor + a, c * factor + b]] += 1.0
            lush = min(1.0, max(0.0, 0.55 + 0.45 * moist[r, c]))
            late = min(2.0, max(-1.0, (height[r, c] - 1200.0) / 700.0))  # half-months that spring comes later
            for t in range(24):
                grows, fades = min(23.0, max(0.0, t - late)), min(23.0, max(0.0, t + late))
                when = grows if t < 14 else fades
                k = min(22, np.int64(when))
                part = when - k
                cover = 0.0
                for s in range(1, CLASSES):
                    if shares[s] > 0.0:
                        least = curves[s, 0, k] * (1.0 - part) + curves[s, 0, k + 1] * part
                        most = curves[s, 1, k] * (1.0 - part) + curves[s, 1, k + 1] * part
                        cover += shares[s] * (least + (most - least) * lush)
                cover /= factor * factor
                out[t, r, c] = np.float32(np.floor(cover * 100.0 + 0.5) * 0.01)
