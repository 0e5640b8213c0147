"""The one pass over a tile: slope, LS, soil loss, class and counts in one loop. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from shuibao.erosion._kernels import branch

DEGREES = 180.0 / math.pi


@njit(cache=True, nogil=True, inline="always")
def arctangent(x):
    """Return atan(x) for x >= 0 to 2e-7 (Cephes' atanf), in a form that compilers turn into vector code."""
    x = np.float64(x)
    start = 0.0
    if x > 2.414213562373095:
        start = 0.5 * math.pi
        x = -1.0 / x
    elif x > 0.4142135623730950:
        start = 0.25 * math.pi
        x = (x - 1.0) / (x + 1.0)
    z = x * x
    series = ((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1
    return start + series * z * x + x


@njit(cache=True, nogil=True)
def lower_edges_at_or_below(value, edges):
    """Return how many of the edges ``value`` reaches."""
    count = 0
    for k in range(edges.size):
        if value >= edges[k]:
            count += 1
    return count


@njit(cache=True, nogil=True)
def land_pass(
    halo, tangent, receiver, paths,
    s_limits, s_gain, s_offset, m_limits, factors,
    erosivity, erodibility, vegetation, vegetation_row, vegetation_col,
    land, measure, tillage, county,
    land_kind, land_b, measure_e, tillage_t,
    slope_edges, cover_edges, loss_edges, cell_area,
    labels, standing,
    slope_out, ls_out, loss_out, class_out,
    cells, grams, undecided_label, undecided_key, undecided_grams,
):  # fmt: skip
    """
    Compute every product of a tile's cells and count them.

    ``tangent``, ``receiver`` and ``paths`` have a halo; all else is the tile itself. ``vegetation`` holds B of shrub,
    grass and forest and the mean cover on cells of their own, found by ``vegetation_row`` and ``vegetation_col``.
    ``cells`` and ``grams`` are counts by (zone, key); cells of labels whose ``standing`` is 2 are listed instead, for a
    later decision. Returns how many were listed.

    A key is ((((county * 32 + land) * slopes + slope) * covers + cover) * 7 + class).
    """
    rows, cols = land.shape
    slopes, covers = slope_edges.size + 2, cover_edges.size + 2
    listed = 0
    for r in range(rows):
        v_row = vegetation_row[r]
        for c in range(cols):
            here = county[r, c]
            if here == 0:
                slope_out[r, c] = np.nan
                ls_out[r, c] = np.nan
                loss_out[r, c] = np.nan
                class_out[r, c] = 0
                continue
            t = np.float64(tangent[r + halo, c + halo])
            use = land[r, c]
            kind = land_kind[use]
            v_col = vegetation_col[c]
            slope_class = 0
            if t == t:
                steepness = s_gain[branch(t, s_limits)] * (t / math.sqrt(1.0 + t * t)) + s_offset[branch(t, s_limits)]
                ls = factors[branch(t, m_limits), receiver[r + halo, c + halo], paths[r + halo, c + halo]] * steepness
                slope_class = 1 + lower_edges_at_or_below(t, slope_edges)
                slope_out[r, c] = arctangent(t) * DEGREES
            else:
                ls = np.nan
                slope_out[r, c] = np.nan
            ls_out[r, c] = ls

            cover = vegetation[3, v_row, v_col]
            cover_class = 0
            if cover == cover:
                cover_class = 1 + lower_edges_at_or_below(cover, cover_edges)
            if kind >= 2 and kind <= 4:
                b = np.float64(vegetation[kind - 2, v_row, v_col])
            else:
                b = land_b[use]
            if kind == 1:
                b *= tillage_t[tillage[r, c]]
            b *= measure_e[measure[r, c]]
            if b == 0.0:
                loss = np.float32(0.0)
            else:
                loss = np.float32(100.0 * erosivity[r, c] * erodibility[r, c] * ls * b)
            loss_out[r, c] = loss

            intensity = 0
            grams_here = np.int64(0)
            if loss == loss:
                intensity = lower_edges_at_or_below(loss, loss_edges)
                grams_here = np.int64(np.rint(np.float64(loss) * cell_area))
            class_out[r, c] = intensity

            key = (((np.int64(here) * 32 + use) * slopes + slope_class) * covers + cover_class) * 7 + intensity
            label = labels[r, c]
            if standing[label] == 2:
                undecided_label[listed] = label
                undecided_key[listed] = key
                undecided_grams[listed] = grams_here
                listed += 1
            else:
                zone = standing[label]
                cells[zone, key] += 1
                grams[zone, key] += grams_here
    return listed
