"""Compiled loops between stations and cells. No files, no units, no checks."""

from __future__ import annotations

from typing import Any

import numpy as np

from shuibao.compiling import kernel


@kernel
def solve(matrix: Any, right: Any) -> None:
    """
    Solve ``matrix @ u = right`` by elimination with row exchange; ``right`` (n, m) becomes u, ``matrix`` is used up.

    Written out, so that the last bit does not depend on the linear-algebra library and its threads.
    """
    n, m = right.shape
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        if pivot != k:
            for j in range(n):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
            for j in range(m):
                right[k, j], right[pivot, j] = right[pivot, j], right[k, j]
        for i in range(k + 1, n):
            factor = matrix[i, k] / matrix[k, k]
            if factor != 0.0:
                for j in range(k + 1, n):
                    matrix[i, j] -= factor * matrix[k, j]
                for j in range(m):
                    right[i, j] -= factor * right[k, j]
    for k in range(n - 1, -1, -1):
        for j in range(m):
            total = right[k, j]
            for i in range(k + 1, n):
                total -= matrix[k, i] * right[i, j]
            right[k, j] = total / matrix[k, k]


@kernel
def krige(
    x: Any, y: Any, dual: Any, nugget: float, sill: float, reach: float, spherical: bool, at: Any, out: Any
) -> None:
    """
    Fill ``out`` (m, places) with dual kriging at ``at`` (2, places).

    dual (n + 1, m): coefficients of the n stations and, last, the constant.
    """
    n, layers = dual.shape[0] - 1, dual.shape[1]
    for place in range(at.shape[1]):
        for layer in range(layers):
            out[layer, place] = dual[n, layer]
        for i in range(n):
            dx, dy = at[0, place] - x[i], at[1, place] - y[i]
            distance = np.sqrt(dx * dx + dy * dy)
            if distance > 0.0:
                h = distance / reach
                if spherical:
                    rise = 1.5 * h - 0.5 * h * h * h if h < 1.0 else 1.0
                else:
                    rise = 1.0 - np.exp(-3.0 * h)
                gamma = nugget + sill * rise
                for layer in range(layers):
                    out[layer, place] += dual[i, layer] * gamma


@kernel
def weigh_by_distance(x: Any, y: Any, values: Any, power: float, at: Any, out: Any) -> None:
    """Fill ``out`` (m, places) with the means of ``values`` (n, m) weighed by distance ** -power."""
    n, layers = values.shape
    for place in range(at.shape[1]):
        for layer in range(layers):
            out[layer, place] = 0.0
        total, here = 0.0, -1
        for i in range(n):
            dx, dy = at[0, place] - x[i], at[1, place] - y[i]
            square = dx * dx + dy * dy
            if square == 0.0:
                here = i
                break
            weight = square ** (-0.5 * power)
            total += weight
            for layer in range(layers):
                out[layer, place] += weight * values[i, layer]
        for layer in range(layers):
            out[layer, place] = values[here, layer] if here >= 0 else out[layer, place] / total


@kernel
def hold_shares(layers: Any) -> None:
    """
    Make erosivity of half-months (24, places) not negative, with its former sum, or 0 if that is negative.

    The negative half-months become 0 and the others shrink in proportion.
    """
    for place in range(layers.shape[1]):
        annual = positive = 0.0
        for k in range(layers.shape[0]):
            value = layers[k, place]
            annual += value
            if value > 0.0:
                positive += value
        scale = annual / positive if annual > 0.0 else 0.0
        for k in range(layers.shape[0]):
            value = layers[k, place]
            if value <= 0.0:
                layers[k, place] = 0.0
            elif positive != annual:
                layers[k, place] = value * scale
