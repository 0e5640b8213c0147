"""Compiled loops that bring a window of a source raster onto cells of the national grid. Cannot fail."""

from __future__ import annotations

import math

import numpy as np

from shuibao.compiling import kernel


@kernel
def settle_quantities(values, nodata, scale, out):
    """Write values times ``scale`` as float32; NaN where they are ``nodata`` or infinite."""
    rows, cols = values.shape
    for r in range(rows):
        for c in range(cols):
            value = np.float64(values[r, c])
            quantity = np.float32(value * scale)
            good = (value != nodata) & (abs(quantity) < np.float32(np.inf))
            out[r, c] = quantity if good else np.float32(np.nan)


@kernel
def look_up(values, table, out):
    """Write the table's entry of each value."""
    rows, cols = values.shape
    for r in range(rows):
        for c in range(cols):
            out[r, c] = table[values[r, c]]


@kernel(inline="always")
def between(nodes, i, j, fr, fc):
    """Interpolate a node table bilinearly."""
    top = nodes[i, j] * (1.0 - fc) + nodes[i, j + 1] * fc
    low = nodes[i + 1, j] * (1.0 - fc) + nodes[i + 1, j + 1] * fc
    return top * (1.0 - fr) + low * fr


@kernel
def sample_nearest(window, top, left, node_x, node_y, step, off_row, off_col, out):
    """
    Take the source pixel that holds each cell's centre; cells outside the window are left as they are.

    Nodes are pixel coordinates of the source, and the window's first pixel is ``top``, ``left`` there: nothing that is
    rounded depends on the window.
    """
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        i, fr = (r + off_row) // step, ((r + off_row) % step + 0.5) / step
        for c in range(cols):
            j, fc = (c + off_col) // step, ((c + off_col) % step + 0.5) / step
            x = int(math.floor(between(node_x, i, j, fr, fc))) - left
            y = int(math.floor(between(node_y, i, j, fr, fc))) - top
            if 0 <= x < wide and 0 <= y < high:
                out[r, c] = window[y, x]


@kernel
def sample_bilinear(window, top, left, node_x, node_y, step, off_row, off_col, out):
    """Interpolate between the four nearest source pixels; missing ones lend their weight if the nearest is valid."""
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        i, fr = (r + off_row) // step, ((r + off_row) % step + 0.5) / step
        for c in range(cols):
            j, fc = (c + off_col) // step, ((c + off_col) % step + 0.5) / step
            x = between(node_x, i, j, fr, fc) - 0.5
            y = between(node_y, i, j, fr, fc) - 0.5
            x0, y0 = math.floor(x), math.floor(y)
            out[r, c] = bilinear_at(window, int(y0) - top, int(x0) - left, y - y0, x - x0)


@kernel
def bilinear_at(window, row, col, low, right):
    """
    Return the value at ``low``, ``right`` of the way from the centre of pixel ``row``, ``col`` to the next ones.

    NaN if the nearest pixel is missing or outside the window; others that are lend their weight.
    """
    high, wide = window.shape
    near_row, near_col = row + (low >= 0.5), col + (right >= 0.5)
    if near_row < 0 or near_col < 0 or near_row >= high or near_col >= wide:
        return np.nan
    if window[near_row, near_col] != window[near_row, near_col]:
        return np.nan
    total, weight = 0.0, 0.0
    for dy in range(2):
        wy = low if dy else 1.0 - low
        y = min(max(row + dy, 0), high - 1)
        for dx in range(2):
            w = wy * (right if dx else 1.0 - right)
            value = window[y, min(max(col + dx, 0), wide - 1)]
            if value == value:
                total += w * value
                weight += w
    return total / weight


@kernel(inline="always")
def cubic_weight(t):
    """Return the weight of cubic convolution (a = -1/2) at distance ``t``."""
    t = abs(t)
    if t <= 1.0:
        return (1.5 * t - 2.5) * t * t + 1.0
    if t < 2.0:
        return ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    return 0.0


@kernel
def sample_cubic(window, top, left, node_x, node_y, step, off_row, off_col, out):
    """Interpolate by cubic convolution over 4 x 4 source pixels; bilinear where one of them is missing or outside."""
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        i, fr = (r + off_row) // step, ((r + off_row) % step + 0.5) / step
        for c in range(cols):
            j, fc = (c + off_col) // step, ((c + off_col) % step + 0.5) / step
            px = between(node_x, i, j, fr, fc) - 0.5
            py = between(node_y, i, j, fr, fc) - 0.5
            fx, fy = px - math.floor(px), py - math.floor(py)
            x, y = int(math.floor(px)) - left, int(math.floor(py)) - top
            if x < 1 or y < 1 or x + 2 >= wide or y + 2 >= high:
                out[r, c] = bilinear_at(window, y, x, fy, fx)
                continue
            total = 0.0
            for dy in range(-1, 3):
                line = 0.0
                for dx in range(-1, 3):
                    line += cubic_weight(fx - dx) * window[y + dy, x + dx]
                total += cubic_weight(fy - dy) * line
            out[r, c] = total if total == total else bilinear_at(window, y, x, fy, fx)


@kernel
def sample_mean(window, top, left, node_x, node_y, step, off_row, off_col, parts, out):
    """Average the source pixels under ``parts`` x ``parts`` points of each cell; missing if more than half are."""
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        for c in range(cols):
            total, count = 0.0, 0
            for a in range(parts):
                i, fr = (r + off_row) // step, ((r + off_row) % step + (a + 0.5) / parts) / step
                for b in range(parts):
                    j, fc = (c + off_col) // step, ((c + off_col) % step + (b + 0.5) / parts) / step
                    x = int(math.floor(between(node_x, i, j, fr, fc))) - left
                    y = int(math.floor(between(node_y, i, j, fr, fc))) - top
                    if 0 <= x < wide and 0 <= y < high:
                        value = window[y, x]
                        if value == value:
                            total += value
                            count += 1
            if 2 * count >= parts * parts:
                out[r, c] = total / count


@kernel
def sample_mode(window, top, left, node_x, node_y, step, off_row, off_col, parts, out):
    """Take the commonest class under ``parts`` x ``parts`` points of each cell, missing (0) included; ties to the lower."""
    rows, cols = out.shape
    high, wide = window.shape
    seen = np.empty(parts * parts, dtype=window.dtype)
    for r in range(rows):
        for c in range(cols):
            for a in range(parts):
                i, fr = (r + off_row) // step, ((r + off_row) % step + (a + 0.5) / parts) / step
                for b in range(parts):
                    j, fc = (c + off_col) // step, ((c + off_col) % step + (b + 0.5) / parts) / step
                    x = int(math.floor(between(node_x, i, j, fr, fc))) - left
                    y = int(math.floor(between(node_y, i, j, fr, fc))) - top
                    inside = 0 <= x < wide and 0 <= y < high
                    seen[a * parts + b] = window[y, x] if inside else 0
            out[r, c] = commonest(seen)


@kernel
def commonest(values):
    """Return the commonest of a few values, the lower of equals."""
    best, times = values[0], 0
    for k in range(values.size):
        count = 0
        for m in range(values.size):
            if values[m] == values[k]:
                count += 1
        if count > times or (count == times and values[k] < best):
            best, times = values[k], count
    return best


@kernel
def expand_nearest(window, factor, off_row, off_col, out):
    """Copy each coarse cell to the fine cells that lie in it."""
    rows, cols = out.shape
    for r in range(rows):
        line = window[(r + off_row) // factor]
        for c in range(cols):
            out[r, c] = line[(c + off_col) // factor]


@kernel
def between_pixels(k, factor):
    """Return the pixel whose centre fine cell ``k`` lies at or after, in a window of one pixel more, and how far after."""
    share = (k % factor + 0.5) / factor + 0.5
    return k // factor + int(share), share - int(share)


@kernel
def expand_bilinear(window, factor, off_row, off_col, out):
    """Interpolate between coarse cell centres, missing ones as in ``bilinear_at``; the window holds one more all round."""
    rows, cols = out.shape
    wide = window.shape[1]
    line = np.empty(wide, dtype=np.float64)
    lefts, rights = np.empty(cols, dtype=np.int64), np.empty(cols, dtype=np.float64)
    for c in range(cols):
        lefts[c], rights[c] = between_pixels(c + off_col, factor)
    for r in range(rows):
        top, low = between_pixels(r + off_row, factor)
        for k in range(wide):
            line[k] = window[top, k] * (1.0 - low) + window[top + 1, k] * low
        for c in range(cols):
            left, right = lefts[c], rights[c]
            value = line[left] * (1.0 - right) + line[left + 1] * right
            out[r, c] = value if value == value else bilinear_at(window, top, left, low, right)


@kernel
def halve_mean(fine, out):
    """Average 2 x 2 cells, missing ones left out; missing where all four are."""
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            total, count = 0.0, 0
            for a in range(2):
                for b in range(2):
                    value = fine[2 * r + a, 2 * c + b]
                    if value == value:
                        total += value
                        count += 1
            out[r, c] = total / count if count else np.nan


@kernel
def halve_class(fine, out):
    """Take the commonest class of 2 x 2 cells that is not missing; of equals the first."""
    for r in range(out.shape[0]):
        for c in range(out.shape[1]):
            a, b = fine[2 * r, 2 * c], fine[2 * r, 2 * c + 1]
            d, e = fine[2 * r + 1, 2 * c], fine[2 * r + 1, 2 * c + 1]
            if a != 0 and (a == b or a == d or a == e):
                out[r, c] = a
            elif b != 0 and (b == d or b == e):
                out[r, c] = b
            elif d != 0 and d == e:
                out[r, c] = d
            else:
                out[r, c] = a if a != 0 else (b if b != 0 else (d if d != 0 else e))


@kernel
def predict_float(block, out):
    """
    Rearrange float32 rows for compression: bytes by significance, then differences (TIFF predictor 3).

    ``block`` is the (rows, cols) array seen as uint32; ``out`` is (rows, 4 * cols) bytes.
    """
    rows, cols = block.shape
    width = 4 * cols
    planes = np.empty(width, dtype=np.uint8)
    for r in range(rows):
        line, target = block[r], out[r]
        for c in range(cols):
            planes[c] = np.uint8(line[c] >> np.uint32(24))
        for c in range(cols):
            planes[cols + c] = np.uint8(line[c] >> np.uint32(16))
        for c in range(cols):
            planes[2 * cols + c] = np.uint8(line[c] >> np.uint32(8))
        for c in range(cols):
            planes[3 * cols + c] = np.uint8(line[c])
        target[0] = planes[0]
        for k in range(1, width):
            target[k] = np.uint8(planes[k] - planes[k - 1])
