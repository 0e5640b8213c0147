"""The one pass over a tile: LS, soil loss, class and counts, row by row. Arrays in, arrays out; cannot fail."""

from __future__ import annotations

import math

import numpy as np

from shuibao.compiling import kernel


@kernel(error_model="numpy")
def arctangents(tangent, out):
    """Write atan(x) for x >= 0 to 3e-7 (Cephes' atanf), without branches, so that it becomes vector code."""
    rows, cols = tangent.shape
    for r in range(rows):
        for c in range(cols):
            x = np.float32(tangent[r, c])
            far, near = x > np.float32(2.4142135), x > np.float32(0.41421357)
            over = np.float32(-1.0) if far else (x - np.float32(1.0) if near else x)
            under = x if far else (x + np.float32(1.0) if near else np.float32(1.0))
            y = over / under
            start = np.float32(1.5707964) if far else (np.float32(0.7853982) if near else np.float32(0.0))
            z = y * y
            series = (np.float32(8.05374449538e-2) * z - np.float32(1.38776856032e-1)) * z
            series = (series + np.float32(1.99777106478e-1)) * z - np.float32(3.33329491539e-1)
            out[r, c] = start + (series * z * y + y)


@kernel
def mark_present(numbers, seen):
    """Mark the numbers that occur."""
    rows, cols = numbers.shape
    for r in range(rows):
        for c in range(cols):
            seen[numbers[r, c]] = True


@kernel
def mark_combinations(county, watershed, land, county_at, watershed_at, seen):
    """Mark the combinations of county, small watershed and land class that occur, at their places in ``seen``."""
    rows, cols = land.shape
    for r in range(rows):
        for c in range(cols):
            seen[county_at[county[r, c]], watershed_at[watershed[r, c]], land[r, c]] = True


@kernel
def number_combinations(county, watershed, land, county_at, watershed_at, number, out):
    """Write the number of each cell's combination."""
    rows, cols = land.shape
    for r in range(rows):
        for c in range(cols):
            out[r, c] = number[county_at[county[r, c]], watershed_at[watershed[r, c]], land[r, c]]


@kernel
def count_reached(values, edges, first, out):
    """Write ``first`` plus how many of the edges each value reaches; 0 where it is missing."""
    for c in range(values.size):
        out[c] = first
    for k in range(edges.size):
        edge = edges[k]
        for c in range(values.size):
            out[c] += values[c] >= edge
    for c in range(values.size):
        out[c] = out[c] if values[c] == values[c] else 0


@kernel(error_model="numpy")
def steepness_of(tangent, limits, gain, offset, gain_here, offset_here, out):
    """Write S of a row from its gradients; ``gain_here`` and ``offset_here`` are work space."""
    for c in range(tangent.size):
        gain_here[c] = gain[0]
        offset_here[c] = offset[0]
    for k in range(limits.size):
        limit, g, o = limits[k], gain[k + 1], offset[k + 1]
        for c in range(tangent.size):
            reached = tangent[c] >= limit
            gain_here[c] = g if reached else gain_here[c]
            offset_here[c] = o if reached else offset_here[c]
    for c in range(tangent.size):
        t = tangent[c]
        out[c] = gain_here[c] * (t / math.sqrt(np.float32(1.0) + t * t)) + offset_here[c]


@kernel
def vegetation_of(
    land, measure, tillage, layers, columns, land_kind, land_b, measure_e, tillage_t, b_out, cover_out
):  # fmt: skip
    """Write B·E·T and the mean cover of a row; ``layers`` is the row of B of shrub, grass, forest and the cover."""
    for c in range(land.size):
        use = land[c]
        kind = land_kind[use]
        at = columns[c]
        follows = (kind >= 2) & (kind <= 4)
        grown = layers[kind - 2 if follows else 0, at]
        tilled = tillage_t[tillage[c]]
        b = grown if follows else land_b[use]
        b *= tilled if kind == 1 else np.float32(1.0)
        b_out[c] = b * measure_e[measure[c]]
        cover_out[c] = layers[3, at]


@kernel
def lose_soil(erosivity, erodibility, ls, b, out):
    """Write the soil loss of a row, t/(km2 a): nothing where B·E·T is 0, whatever else is missing."""
    for c in range(out.size):
        loss = np.float32(100.0) * erosivity[c] * erodibility[c] * ls[c] * b[c]
        out[c] = np.float32(0.0) if b[c] == np.float32(0.0) else loss


@kernel
def land_pass(
    halo, tangent, receiver, paths,
    s_limits, s_gain, s_offset, m_limits, factors,
    erosivity, erodibility, vegetation, vegetation_row, vegetation_col,
    land, measure, tillage, unit,
    land_kind, land_b, measure_e, tillage_t,
    slope_edges, cover_edges, loss_edges, cell_area,
    labels, standing,
    ls_out, loss_out, class_out,
    cells, grams, undecided_label, undecided_key, undecided_grams,
):  # fmt: skip
    """
    Compute LS, soil loss and class of a tile's cells, row by row, and count them.

    ``tangent``, ``receiver`` and ``paths`` have a halo; all else is the tile itself. ``vegetation`` holds B of shrub,
    grass and forest and the mean cover on cells of their own, found by ``vegetation_row`` and ``vegetation_col``.
    ``cells`` and ``grams`` are counts by (zone, key); cells of labels whose ``standing`` is 2 are listed instead, for a
    later decision. Returns how many were listed.

    ``unit`` numbers the combinations of county, small watershed and land class in the tile, from 1; 0 is outside the
    region. A key is (((unit * slopes + slope) * covers + cover) * 7 + class). All quantities are float32.
    """
    rows, cols = land.shape
    slopes, covers = slope_edges.size + 2, cover_edges.size + 2
    steepness, gain_here, offset_here, b, cover = (
        np.empty(cols, np.float32), np.empty(cols, np.float32), np.empty(cols, np.float32),
        np.empty(cols, np.float32), np.empty(cols, np.float32),
    )  # fmt: skip
    slope_class, cover_class, exponent = np.empty(cols, np.uint8), np.empty(cols, np.uint8), np.empty(cols, np.uint8)
    listed = 0
    for r in range(rows):
        t = tangent[r + halo, halo : halo + cols]
        steepness_of(t, s_limits, s_gain, s_offset, gain_here, offset_here, steepness)
        count_reached(t, slope_edges, np.uint8(1), slope_class)
        count_reached(t, m_limits, np.uint8(0), exponent)
        ls, loss, grade = ls_out[r], loss_out[r], class_out[r]
        for c in range(cols):
            ls[c] = factors[exponent[c], receiver[r + halo, c + halo], paths[r + halo, c + halo]] * steepness[c]
        vegetation_of(
            land[r], measure[r], tillage[r], vegetation[:, vegetation_row[r]], vegetation_col,
            land_kind, land_b, measure_e, tillage_t, b, cover,
        )  # fmt: skip
        lose_soil(erosivity[r], erodibility[r], ls, b, loss)
        count_reached(loss, loss_edges, np.uint8(0), grade)
        count_reached(cover, cover_edges, np.uint8(1), cover_class)
        for c in range(cols):
            here = unit[r, c]
            if here == 0:
                ls[c] = np.nan
                loss[c] = np.nan
                grade[c] = 0
                continue
            amount = np.int64(np.rint(np.float64(loss[c]) * cell_area)) if grade[c] > 0 else np.int64(0)
            key = np.int64(here) * slopes + slope_class[c]
            key = (key * covers + cover_class[c]) * 7 + grade[c]
            zone = standing[labels[r, c]]
            if zone == 2:
                undecided_label[listed] = labels[r, c]
                undecided_key[listed] = key
                undecided_grams[listed] = amount
                listed += 1
            else:
                cells[zone, key] += 1
                grams[zone, key] += amount
    return listed
