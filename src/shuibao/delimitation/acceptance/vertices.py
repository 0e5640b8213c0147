"""Vertices: repeated, too dense, spikes, and how finely coordinates are given (顶点检查)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.rules import Rules

FINEST = 9
"""Decimals beyond which coordinates of a double say nothing more."""


@dataclass(frozen=True)
class _Corners:
    """Every corner of every ring of the sound shapes: where it is, the sides into it and out of it, whose it is."""

    at: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    row: NDArray[np.intp]


def check_vertices(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """
    Check the vertices of a layer (顶点检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    """
    corners = _corners(layer)
    if not len(corners.row):
        return
    _repeated(layer, corners, rules, ledger)
    _dense(layer, corners, rules, ledger)
    _spikes(layer, corners, rules, ledger)
    _precision(layer, rules, ledger)


def _corners(layer: Submitted) -> _Corners:
    """Return the corners, m; the point that closes a ring is left out."""
    rows = np.flatnonzero(layer.sound)
    parts, part_row = shapely.get_parts(layer.metric[rows], return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    last = np.append(ring[1:] != ring[:-1], True) if len(ring) else np.zeros(0, dtype=bool)
    points, ring = points[~last], ring[~last]
    size = np.bincount(ring, minlength=len(rings))
    start = np.cumsum(size) - size
    place = np.arange(len(ring)) - start[ring]
    following = start[ring] + (place + 1) % size[ring]
    preceding = start[ring] + (place - 1) % size[ring]
    row = rows[part_row[ring_part[ring]]]
    return _Corners(points, points - points[preceding], points[following] - points, row)


def _repeated(layer: Submitted, corners: _Corners, rules: Rules, ledger: Ledger) -> None:
    least = rules.value("zone_acceptance.vertex_gap")
    gap = np.hypot(*corners.after.T)
    close = np.flatnonzero(gap < least * (1 - 1e-6))
    _, first, counts = np.unique(corners.row[close], return_index=True, return_counts=True)
    for index, count in zip(close[first], counts, strict=True):
        found = (
            f"{count} 处相邻顶点相距不足 {least:g} m，首处 {gap[index]:.4f} m",
            f"{count} neighbouring vertices nearer than {least:g} m, the first {gap[index]:.4f} m",
        )
        allowed = (f"相距不小于 {least:g} m", f"{least:g} m apart or more")
        ledger.zone("vertex-repeated", layer, [corners.row[index]], found, allowed, shapely.Point(corners.at[index]))


def _dense(layer: Submitted, corners: _Corners, rules: Rules, ledger: Ledger) -> None:
    least = rules.value("zone_acceptance.vertex_spacing")
    number = np.bincount(corners.row, minlength=len(layer))
    length = np.bincount(corners.row, weights=np.hypot(*corners.after.T), minlength=len(layer))
    spacing = length / np.maximum(number, 1)
    for row in np.flatnonzero((number > 0) & (spacing < least)):
        found = (
            f"{number[row]} 个顶点，平均间距 {spacing[row]:.2f} m",
            f"{number[row]} vertices, {spacing[row]:.2f} m apart on the average",
        )
        allowed = (f"平均间距不小于 {least:g} m", f"{least:g} m or more on the average")
        ledger.zone("vertex-dense", layer, [row], found, allowed)


def _spikes(layer: Submitted, corners: _Corners, rules: Rules, ledger: Ledger) -> None:
    """Note corners where the boundary turns back on itself."""
    angle, leg = rules.value("zone_acceptance.spike_angle"), rules.value("zone_acceptance.spike_length")
    into, out = np.hypot(*corners.before.T), np.hypot(*corners.after.T)
    cross = corners.before[:, 0] * corners.after[:, 1] - corners.before[:, 1] * corners.after[:, 0]
    back = -np.sum(corners.before * corners.after, axis=1)
    opening = np.degrees(np.arctan2(np.abs(cross), back))
    for index in np.flatnonzero((opening < angle) & (np.minimum(into, out) >= leg)):
        found = (
            f"夹角 {opening[index]:.2f}°，边长 {min(into[index], out[index]):.1f} m",
            f"a corner of {opening[index]:.2f}° with legs of {min(into[index], out[index]):.1f} m",
        )
        allowed = (f"夹角不小于 {angle:g}°", f"{angle:g}° or more")
        spot = shapely.Point(corners.at[index])
        ledger.zone("vertex-spike", layer, [corners.row[index]], found, allowed, spot)


def _precision(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    degrees = layer.in_degrees
    wanted = rules.value(f"zone_acceptance.{'degree' if degrees else 'metre'}_step")
    points = shapely.get_coordinates(layer.geometry[layer.sound])
    step = coordinate_step(points)
    if step <= wanted * (1 + 1e-9) or (not degrees and _on_cells(points, rules.value("zone_acceptance.cell_side"))):
        return
    unit = "°" if degrees else " m"
    found = (f"坐标都是 {step:g}{unit} 的整倍数", f"all coordinates are multiples of {step:g}{unit}")
    allowed = (f"取到 {wanted:g}{unit}", f"given to {wanted:g}{unit}")
    ledger.file("precision-coarse", layer.where, found, allowed)


def _on_cells(points: NDArray[np.float64], side: float) -> bool:
    """Tell whether all points are corners of cells of some size: these are exact, however round their numbers are."""
    offsets = points - points[0]
    whole = np.rint(offsets).astype(np.int64)
    return bool(np.allclose(offsets, whole, atol=1e-6) and np.gcd.reduce(whole, axis=None) >= side)


def coordinate_step(points: NDArray[np.float64]) -> float:
    """
    Return the largest power of ten that all coordinates are multiples of (坐标取位).

    Parameters
    ----------
    points : (n, 2) array
        Coordinates.

    Examples
    --------
    >>> coordinate_step(np.array([[111.25, 38.5], [111.5, 39.0]])), coordinate_step(np.array([[500.0, 20.0]]))
    (0.01, 10.0)
    """
    for decimals in range(-3, FINEST):
        scaled = points * 10.0**decimals
        if (np.abs(scaled - np.rint(scaled)) <= np.maximum(1e-6, np.abs(scaled) * 1e-14)).all():
            return float(10.0**-decimals)
    return float(10.0**-FINEST)
