"""
Compiled noise and relief of the imaginary land. No files, no units, no checks.

Every value is a function of its own coordinates, the seed and a bounded neighbourhood, so that any tile is a window of
the whole. Only ``+ - * /``, ``sqrt`` and ``floor`` are used, which round alike on every machine, and counts and minima,
whose order does not matter.

The land is cut on nested lattices, each half as wide as the one before. On a lattice water runs from node to node; the
nodes that drain into a node are counted up to ``CAP``, and no further: what lies more than ``CAP`` steps away can then
not be told from here, which keeps the neighbourhood bounded. Streams dig by that count, and slopes slip to their angle.
"""

import numpy as np

from shuibao.compiling import kernel

STEP = 480.0  # m between the knots of the smooth fields; the widest lattice
CAP = 40  # nodes counted at most
BREACH = 5  # nodes that a closed hollow looks around for a way out
SLIP = 6  # steps that a slope slips by in one round
HALO = CAP + BREACH + SLIP + 3  # nodes lost at the edge in one round

REGIONAL, MOUNTAIN, RIVER, BASIN, FILL, BASE, MOIST, VIGOUR, FLOOR, TOWARD = range(10)
FIELDS = 10


@kernel
def bits(i, j, salt):
    """Return 64 mixed bits of a lattice point."""
    h = np.uint64(i) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(j) * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(salt)
    h = (h ^ (h >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


@kernel
def low_share(h):
    """Return the low 32 bits as a number in [0, 1)."""
    return np.float64(h & np.uint64(0xFFFFFFFF)) * (1.0 / 4294967296.0)


@kernel
def high_share(h):
    """Return the high 32 bits as a number in [0, 1)."""
    return np.float64(h >> np.uint64(32)) * (1.0 / 4294967296.0)


@kernel
def smooth_step(low, high, value):
    """Return 0 below ``low``, 1 above ``high``, and a smooth rise between."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3.0 - 2.0 * t)


@kernel
def _corner(i, j, dx, dy, salt):
    h = bits(i, j, salt)
    return (2.0 * low_share(h) - 1.0) * dx + (2.0 * high_share(h) - 1.0) * dy


@kernel
def noise(x, y, salt):
    """Return gradient noise of unit wavelength, about -1 to 1, standard deviation about 0.4."""
    fx, fy = np.floor(x), np.floor(y)
    i, j = np.int64(fx), np.int64(fy)
    dx, dy = x - fx, y - fy
    u = dx * dx * dx * (dx * (dx * 6.0 - 15.0) + 10.0)
    v = dy * dy * dy * (dy * (dy * 6.0 - 15.0) + 10.0)
    south = _corner(i, j, dx, dy, salt) * (1.0 - u) + _corner(i + 1, j, dx - 1.0, dy, salt) * u
    north = _corner(i, j + 1, dx, dy - 1.0, salt) * (1.0 - u) + _corner(i + 1, j + 1, dx - 1.0, dy - 1.0, salt) * u
    return 1.9 * (south * (1.0 - v) + north * v)


@kernel
def _flank(distance, floor, reach):
    """Return the rise from a valley line to its shoulders: flat floor, straight flank, rounded top; 0 to 1."""
    t = max(0.0, abs(distance) - floor)
    return t / (t + reach) * (1.0 + 0.45 * t)


@kernel
def lay_fields(x, y, seed, out):
    """
    Lay the smooth fields of the land on their knots.

    x: (cols,) m; y: (rows,) m; out: (FIELDS, rows, cols).
    """
    for r in range(y.size):
        for c in range(x.size):
            px, py = x[c], y[r]
            warp_x = px + 5200.0 * noise(px / 17000.0, py / 17000.0, seed + 1)
            warp_y = py + 5200.0 * noise(px / 17000.0, py / 17000.0, seed + 2)
            warp_x += 1500.0 * noise(px / 5300.0, py / 5300.0, seed + 8)
            warp_y += 1500.0 * noise(px / 5300.0, py / 5300.0, seed + 9)
            along = (warp_x + warp_y) * 0.7071067811865476  # ranges strike from south-west to north-east
            across = (warp_x - warp_y) * 0.7071067811865476
            range_ = noise(along / 120000.0, across / 46000.0, seed + 3) + 0.30 * noise(
                warp_x / 23000.0, warp_y / 23000.0, seed + 4
            )
            mountain = smooth_step(0.02, 0.75, range_)
            basin = smooth_step(0.22, 0.62, -range_)
            regional = (
                1110.0 + 330.0 * range_ + 330.0 * mountain + 190.0 * noise(px / 170000.0, py / 170000.0, seed + 14)
            )
            river = noise(warp_x / 15000.0, warp_y / 15000.0, seed + 5)
            h1 = _flank(river, 0.012, 0.42)
            hills = (
                0.5
                + noise(warp_x / 6500.0, warp_y / 6500.0, seed + 6)
                + 0.5 * noise(px / 2900.0, py / 2900.0, seed + 7)
            )
            lift = 1.0 - 0.9 * basin
            plain = -120.0 + 235.0 * basin + 24.0 * noise(px / 9000.0, py / 9000.0, seed + 10)
            out[REGIONAL, r, c] = regional
            out[MOUNTAIN, r, c] = mountain
            out[RIVER, r, c] = river
            out[BASIN, r, c] = basin
            out[FILL, r, c] = regional + plain
            out[BASE, r, c] = regional + lift * (
                (330.0 + 1300.0 * mountain) * h1 + (130.0 + 300.0 * mountain) * hills * (0.1 + h1)
            )
            out[MOIST, r, c] = noise(px / 7000.0, py / 7000.0, seed + 11) + 0.6 * noise(
                px / 1900.0, py / 1900.0, seed + 12
            )
            out[VIGOUR, r, c] = lift * (0.75 + 0.25 * mountain + 0.3 * noise(px / 16000.0, py / 16000.0, seed + 13))


@kernel
def spline_weights(t, w):
    """Set the four weights of a uniform cubic B-spline at ``t`` in [0, 1) behind the second knot."""
    s = 1.0 - t
    w[0] = s * s * s / 6.0
    w[1] = (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0
    w[2] = (3.0 * s * s * s - 6.0 * s * s + 4.0) / 6.0
    w[3] = t * t * t / 6.0


@kernel
def spline_at(x, y, knots, left, bottom, step, wx, wy):
    """Return a field at a point; ``left`` and ``bottom`` are the place of knot (0, 0), m."""
    gx, gy = (x - left) / step, (y - bottom) / step
    fx, fy = np.floor(gx), np.floor(gy)
    spline_weights(gx - fx, wx)
    spline_weights(gy - fy, wy)
    i, j = np.int64(fy) - 1, np.int64(fx) - 1
    value = 0.0
    for a in range(4):
        row = 0.0
        for b in range(4):
            row += wx[b] * knots[i + a, j + b]
        value += wy[a] * row
    return value


@kernel
def refine(coarse, coarse_left, coarse_bottom, coarse_step, x, y, rough, seed, out):
    """
    Carry a lattice to one half as wide: smoothly, a little bent, and roughened.

    coarse: (rows, cols); x: (cols,), y: (rows,) m; out: (rows, cols).
    """
    wx, wy = np.empty(4), np.empty(4)
    bend, wave = 0.6 * coarse_step, 4.3 * coarse_step
    for r in range(y.size):
        for c in range(x.size):
            px = x[c] + bend * noise(x[c] / wave, y[r] / wave, seed + 1)
            py = y[r] + bend * noise(x[c] / wave, y[r] / wave, seed + 2)
            height = spline_at(px, py, coarse, coarse_left, coarse_bottom, coarse_step, wx, wy)
            grain = noise(x[c] / (1.3 * coarse_step), y[r] / (1.3 * coarse_step), seed + 3)
            speck = low_share(bits(np.int64(x[c]), np.int64(y[r]), seed + 4)) - 0.5
            out[r, c] = height + rough * coarse_step * (grain + 0.35 * speck)


@kernel
def breach(height, out):
    """Open closed hollows: cut a line from each to the nearest lower node around. out: copy of height, overwritten."""
    rows, cols = height.shape
    for r in range(BREACH, rows - BREACH):
        for c in range(BREACH, cols - BREACH):
            here = height[r, c]
            closed = True
            for a in range(-1, 2):
                for b in range(-1, 2):
                    if height[r + a, c + b] < here:
                        closed = False
            if not closed:
                continue
            nearest, goal_a, goal_b, goal = BREACH * BREACH + 1, 0, 0, here
            for a in range(-BREACH, BREACH + 1):
                for b in range(-BREACH, BREACH + 1):
                    level, far = height[r + a, c + b], a * a + b * b
                    if level < here and (far < nearest or (far == nearest and level < goal)):
                        nearest, goal, goal_a, goal_b = far, level, a, b
            if goal < here:
                steps = max(abs(goal_a), abs(goal_b))
                for k in range(1, steps):
                    a = np.int64(np.floor(goal_a * k / steps + 0.5))
                    b = np.int64(np.floor(goal_b * k / steps + 0.5))
                    level = here + (goal - here) * k / steps
                    out[r + a, c + b] = min(out[r + a, c + b], level)


@kernel
def gather(height, first_row, first_col, seed, receiver, donors, stack, count):
    """
    Count the nodes that drain through each node, itself among them, up to CAP.

    Water runs to the steepest of the eight neighbours, each fall weighed by chance, so that streams wander across the
    lattice and do not keep to its eight directions (after Fairfield and Leymarie 1991).

    height: (rows, cols); first_row, first_col: lattice index of height[0, 0]; receiver, donors, stack, count:
    (rows * cols,) int32, int8, int32, int32; all overwritten.
    """
    rows, cols = height.shape
    diagonal = 1.0 / np.sqrt(2.0)
    receiver[:] = -1
    donors[:] = 0
    count[:] = 1
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            here, best, to = height[r, c], 0.0, -1
            chance = bits(first_col + c, first_row + r, seed)
            for a in range(-1, 2):
                for b in range(-1, 2):
                    fall = here - height[r + a, c + b]
                    if a != 0 and b != 0:
                        fall *= diagonal
                    fall *= 0.45 + np.float64(chance & np.uint64(127)) * (1.1 / 128.0)
                    chance >>= np.uint64(7)
                    if fall > best:
                        best, to = fall, (r + a) * cols + c + b
            receiver[r * cols + c] = to
            if to >= 0:
                donors[to] += 1
    top = 0
    for i in range(count.size):
        if donors[i] == 0:
            stack[top] = i
            top += 1
    while top > 0:
        top -= 1
        i = stack[top]
        to = receiver[i]
        if to >= 0:
            count[to] = min(CAP, count[to] + count[i])
            donors[to] -= 1
            if donors[to] == 0:
                stack[top] = to
                top += 1


@kernel
def dig(height, count, depth, vigour, left, bottom, vigour_left, vigour_bottom, step):
    """Lower each node by what drains through it. height: (rows, cols), overwritten; depth: m at CAP nodes."""
    wx, wy = np.empty(4), np.empty(4)
    rows, cols = height.shape
    for r in range(rows):
        for c in range(cols):
            share = np.sqrt((count[r * cols + c] - 1.0) / (CAP - 1.0))
            if share > 0.0:
                strength = spline_at(
                    left + c * step, bottom + r * step, vigour, vigour_left, vigour_bottom, STEP, wx, wy
                )
                height[r, c] -= depth * share * max(0.0, strength)


@kernel
def widen(height, receiver, rise, out):
    """
    Lower the two nodes beside every oblique step of a stream, so that its bed does not become a row of pits.

    height: (rows, cols); receiver: (rows * cols,); rise: m over the bed; out: copy of height, overwritten.
    """
    rows, cols = height.shape
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            to = receiver[r * cols + c]
            if to >= 0:
                a, b = to // cols, to % cols
                if a != r and b != c:
                    bank = 0.5 * (height[r, c] + height[a, b]) + rise
                    out[r, b] = min(out[r, b], bank)
                    out[a, c] = min(out[a, c], bank)


@kernel
def copy_to(out, array):
    """Copy a raster into another of its shape."""
    for r in range(array.shape[0]):
        for c in range(array.shape[1]):
            out[r, c] = array[r, c]


@kernel
def slip(height, rise, spare):
    """Let slopes slip until no node stands more than ``rise`` above its neighbours, SLIP steps. Both overwritten."""
    rows, cols = height.shape
    oblique = rise * np.sqrt(2.0)
    for _ in range(SLIP):
        copy_to(spare, height)
        for r in range(1, rows - 1):
            for c in range(1, cols - 1):
                side = min(min(spare[r - 1, c], spare[r + 1, c]), min(spare[r, c - 1], spare[r, c + 1]))
                corner = min(
                    min(spare[r - 1, c - 1], spare[r - 1, c + 1]), min(spare[r + 1, c - 1], spare[r + 1, c + 1])
                )
                height[r, c] = min(spare[r, c], min(side + rise, corner + oblique))


@kernel
def raise_land(x, y, lattice, left, bottom, step, fill, fill_left, fill_bottom, seed, out):
    """
    Raise the land: height at every cell centre, m, to 0.1 m; sediment fills what lies below the plain.

    x: (cols,); y: (rows,); lattice, fill: (rows, cols) of knots; out: (rows, cols) float32.
    """
    wx, wy, vx, vy = np.empty(4), np.empty(4), np.empty(4), np.empty(4)
    bend, wave = 0.5 * step, 4.3 * step
    for r in range(y.size):
        for c in range(x.size):
            px = x[c] + bend * noise(x[c] / wave, y[r] / wave, seed + 1)
            py = y[r] + bend * noise(x[c] / wave, y[r] / wave, seed + 2)
            height = spline_at(px, py, lattice, left, bottom, step, wx, wy)
            plain = spline_at(x[c], y[r], fill, fill_left, fill_bottom, STEP, vx, vy)
            above = height - plain
            height = plain + 0.5 * (above + np.sqrt(above * above + 64.0))
            out[r, c] = np.float32(np.floor(height * 10.0 + 0.5) * 0.1)


@kernel
def lay_spline(x, y, knots, left, bottom, step, out):
    """Evaluate a field at cell centres. x: (cols,), y: (rows,) m; out: (rows, cols)."""
    wx, wy = np.empty(4), np.empty(4)
    for r in range(y.size):
        for c in range(x.size):
            out[r, c] = spline_at(x[c], y[r], knots, left, bottom, step, wx, wy)
