"""Compiled loops that bring a window of a source raster onto cells of the national grid. Cannot fail."""

from __future__ import annotations

import math

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def between(nodes, i, j, fr, fc):
    """Interpolate a node table bilinearly."""
    top = nodes[i, j] * (1.0 - fc) + nodes[i, j + 1] * fc
    low = nodes[i + 1, j] * (1.0 - fc) + nodes[i + 1, j + 1] * fc
    return top * (1.0 - fr) + low * fr


@njit(cache=True, nogil=True)
def sample_nearest(window, node_x, node_y, step, off_row, off_col, out):
    """Take the source pixel that holds each cell's centre; 0 or NaN outside the window. Nodes are pixel coordinates."""
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        i, fr = (r + off_row) // step, ((r + off_row) % step + 0.5) / step
        for c in range(cols):
            j, fc = (c + off_col) // step, ((c + off_col) % step + 0.5) / step
            x = math.floor(between(node_x, i, j, fr, fc))
            y = math.floor(between(node_y, i, j, fr, fc))
            if 0 <= x < wide and 0 <= y < high:
                out[r, c] = window[int(y), int(x)]


@njit(cache=True, nogil=True)
def sample_bilinear(window, node_x, node_y, step, off_row, off_col, out):
    """Interpolate between the four nearest source pixels; missing ones lend their weight if the nearest is valid."""
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        i, fr = (r + off_row) // step, ((r + off_row) % step + 0.5) / step
        for c in range(cols):
            j, fc = (c + off_col) // step, ((c + off_col) % step + 0.5) / step
            px = between(node_x, i, j, fr, fc)
            py = between(node_y, i, j, fr, fc)
            if px < 0.0 or py < 0.0 or px >= wide or py >= high:
                continue
            out[r, c] = bilinear_at(window, px, py)


@njit(cache=True, nogil=True)
def bilinear_at(window, px, py):
    """Return the bilinear value at pixel coordinates inside the window; NaN if the pixel there is missing."""
    high, wide = window.shape
    nearest = window[int(py), int(px)]
    if nearest != nearest:
        return nearest
    x, y = px - 0.5, py - 0.5
    x0, y0 = math.floor(x), math.floor(y)
    fx, fy = x - x0, y - y0
    total, weight = 0.0, 0.0
    for dy in range(2):
        wy = fy if dy else 1.0 - fy
        row = min(max(int(y0) + dy, 0), high - 1)
        for dx in range(2):
            w = wy * (fx if dx else 1.0 - fx)
            value = window[row, min(max(int(x0) + dx, 0), wide - 1)]
            if value == value:
                total += w * value
                weight += w
    return total / weight


@njit(cache=True, nogil=True, inline="always")
def cubic_weight(t):
    """Return the weight of cubic convolution (a = -1/2) at distance ``t``."""
    t = abs(t)
    if t <= 1.0:
        return (1.5 * t - 2.5) * t * t + 1.0
    if t < 2.0:
        return ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    return 0.0


@njit(cache=True, nogil=True)
def sample_cubic(window, node_x, node_y, step, off_row, off_col, out):
    """Interpolate by cubic convolution over 4 x 4 source pixels; bilinear where one of them is missing or outside."""
    rows, cols = out.shape
    high, wide = window.shape
    for r in range(rows):
        i, fr = (r + off_row) // step, ((r + off_row) % step + 0.5) / step
        for c in range(cols):
            j, fc = (c + off_col) // step, ((c + off_col) % step + 0.5) / step
            px = between(node_x, i, j, fr, fc)
            py = between(node_y, i, j, fr, fc)
            if px < 0.0 or py < 0.0 or px >= wide or py >= high:
                continue
            x0, y0 = int(math.floor(px - 0.5)), int(math.floor(py - 0.5))
            if x0 < 1 or y0 < 1 or x0 + 2 >= wide or y0 + 2 >= high:
                out[r, c] = bilinear_at(window, px, py)
                continue
            fx, fy = px - 0.5 - x0, py - 0.5 - y0
            total = 0.0
            for dy in range(-1, 3):
                line = 0.0
                for dx in range(-1, 3):
                    line += cubic_weight(fx - dx) * window[y0 + dy, x0 + dx]
                total += cubic_weight(fy - dy) * line
            out[r, c] = total if total == total else bilinear_at(window, px, py)


@njit(cache=True, nogil=True)
def sample_mean(window, node_x, node_y, step, off_row, off_col, parts, out):
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
                    x = math.floor(between(node_x, i, j, fr, fc))
                    y = math.floor(between(node_y, i, j, fr, fc))
                    if 0 <= x < wide and 0 <= y < high:
                        value = window[int(y), int(x)]
                        if value == value:
                            total += value
                            count += 1
            if 2 * count >= parts * parts:
                out[r, c] = total / count


@njit(cache=True, nogil=True)
def sample_mode(window, node_x, node_y, step, off_row, off_col, parts, out):
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
                    x = math.floor(between(node_x, i, j, fr, fc))
                    y = math.floor(between(node_y, i, j, fr, fc))
                    inside = 0 <= x < wide and 0 <= y < high
                    seen[a * parts + b] = window[int(y), int(x)] if inside else 0
            out[r, c] = commonest(seen)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def expand_nearest(window, factor, off_row, off_col, out):
    """Copy each coarse cell to the fine cells that lie in it."""
    rows, cols = out.shape
    for r in range(rows):
        line = window[(r + off_row) // factor]
        for c in range(cols):
            out[r, c] = line[(c + off_col) // factor]


@njit(cache=True, nogil=True)
def expand_bilinear(window, factor, off_row, off_col, out):
    """Interpolate between coarse cell centres; the window holds one cell more on every side."""
    rows, cols = out.shape
    wide = window.shape[1]
    line = np.empty(wide, dtype=np.float64)
    for r in range(rows):
        at = (r + off_row + 0.5) / factor + 0.5
        top = int(at)
        low = at - top
        for k in range(wide):
            line[k] = window[top, k] * (1.0 - low) + window[top + 1, k] * low
        for c in range(cols):
            at_c = (c + off_col + 0.5) / factor + 0.5
            left = int(at_c)
            right = at_c - left
            out[r, c] = line[left] * (1.0 - right) + line[left + 1] * right


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def predict_float(block, out):
    """
    Rearrange float32 rows for compression: bytes by significance, then differences (TIFF predictor 3).

    ``block`` is the (rows, cols) array seen as (rows, 4 * cols) bytes, little-endian.
    """
    rows, width = block.shape
    cols = width // 4
    for r in range(rows):
        for c in range(cols):
            for k in range(4):
                out[r, k * cols + c] = block[r, 4 * c + 3 - k]
        for k in range(width - 1, 0, -1):
            out[r, k] = out[r, k] - out[r, k - 1]
