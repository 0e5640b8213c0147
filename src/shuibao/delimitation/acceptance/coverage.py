"""Zones beside each other: overlaps, slits, and edges that are not shared (重叠与缝隙)."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.gaps import enclosed_gaps
from shuibao.delimitation.acceptance.geometry import duplicate_rows
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.rules import Rules

Pair = tuple[int, int]


def check_coverage(layer: Submitted, rules: Rules, ledger: Ledger) -> None:
    """
    Check how the zones of a layer lie beside each other (覆盖检查).

    Zones of one level may not overlap; zones of different levels may. GEOS first tells which zones have an edge that is
    neither free nor shared, in one sweep; only those are compared with their neighbours.

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    """
    repeated = duplicate_rows(layer)
    level = np.array(layer.level_texts(), dtype=object)
    usable = layer.sound.copy()
    usable[list(repeated)] = False
    for name in sorted(set(level[usable])):
        rows = np.flatnonzero(usable & (level == name))
        if len(rows) > 1:
            _compare(layer, rows, rules, ledger)


def _compare(layer: Submitted, rows: NDArray[np.intp], rules: Rules, ledger: Ledger) -> None:
    shapes = layer.geometry[rows]
    width = rules.value("zone_acceptance.gap_width") / layer.metres_per_unit
    edges = shapely.coverage_invalid_edges(shapes, gap_width=width)
    flagged = np.flatnonzero(~shapely.is_empty(edges))
    overlapping = _overlaps(layer, rows, flagged, rules, ledger)
    slits = _slits(layer, rows, flagged, overlapping, width, ledger, rules)
    largest = rules.value("zone_acceptance.gap_area") / layer.metres_per_unit**2 * 2  # a degree of longitude is shorter
    for gap, owners in enclosed_gaps(shapes, largest):
        _note_gap(layer, rows[owners], gap, slits, rules, ledger)


def _near(shapes: NDArray[np.object_], flagged: NDArray[np.intp], distance: float) -> list[Pair]:
    """Return pairs of flagged shapes and what lies near them, each once."""
    tree = shapely.STRtree(shapes)
    if distance:
        first, second = tree.query(shapes[flagged], predicate="dwithin", distance=distance)
    else:
        first, second = tree.query(shapes[flagged])
    pairs = {(min(int(flagged[a]), int(b)), max(int(flagged[a]), int(b))) for a, b in zip(first, second, strict=True)}
    return sorted(pair for pair in pairs if pair[0] != pair[1])


def _overlaps(
    layer: Submitted, rows: NDArray[np.intp], flagged: NDArray[np.intp], rules: Rules, ledger: Ledger
) -> set[Pair]:
    """Note what two zones have in common, and return the pairs."""
    bound = rules.value("zone_acceptance.overlap_area")
    pairs = _near(layer.geometry[rows], flagged, 0)
    if not pairs:
        return set()
    a, b = np.array(pairs).T
    common = layer.in_metres(shapely.intersection(layer.geometry[rows[a]], layer.geometry[rows[b]]))
    areas = shapely.area(common)
    least = rules.value("zone_acceptance.edge_area")
    for index in np.flatnonzero(areas > least):
        kind = "overlap" if areas[index] > bound else "edge-mismatch"
        found = (f"重叠 {areas[index]:,.2f} m²", f"they overlap by {areas[index]:,.2f} m²")
        allowed = (
            (f"不超过 {bound:g} m²", f"{bound:g} m² at most")
            if kind == "overlap"
            else (
                f"在 {bound:g} m² 之内，但公共边应逐点一致",
                f"within {bound:g} m², but edges are to be shared vertex by vertex",
            )
        )
        ledger.zone(kind, layer, [rows[a[index]], rows[b[index]]], found, allowed, common[index])
    return {pairs[index] for index in np.flatnonzero(areas > bound)}


def _slits(
    layer: Submitted,
    rows: NDArray[np.intp],
    flagged: NDArray[np.intp],
    overlapping: set[Pair],
    width: float,
    ledger: Ledger,
    rules: Rules,
) -> set[Pair]:
    """Note narrow ground between two zones that belongs to neither, and return the pairs."""
    noted = set()
    shapes = layer.geometry[rows]
    tree = shapely.STRtree(shapes)
    for a, b in _near(shapes, flagged, width):
        if (a, b) in overlapping:
            continue
        slit = _between(shapes[a], shapes[b], width)
        if not shapely.is_empty(slit):
            slit = shapely.difference(slit, shapely.union_all(shapes[tree.query(slit)]))
        slit = layer.in_metres(slit)
        area = float(shapely.area(slit))
        if area <= rules.value("zone_acceptance.overlap_area") or _is_short(slit, rules):
            continue
        most = rules.value("zone_acceptance.gap_width")
        found = (f"窄缝 {area:,.1f} m²，宽不足 {most:g} m", f"a slit of {area:,.1f} m², narrower than {most:g} m")
        ledger.zone("gap", layer, [rows[a], rows[b]], found, ("共用一条边", "one shared edge"), slit)
        noted.add((a, b))
    return noted


def _between(first: shapely.Geometry, second: shapely.Geometry, width: float) -> shapely.Geometry:
    """Return the ground near both of two shapes that is in neither."""
    near = shapely.intersection(
        shapely.buffer(first, width, join_style="mitre", cap_style="flat"),
        shapely.buffer(second, width, join_style="mitre", cap_style="flat"),
    )
    ground = shapely.difference(near, shapely.union(first, second))
    facing = shapely.buffer(shapely.union(first, second), width / 2, join_style="mitre", mitre_limit=2)
    return shapely.intersection(ground, shapely.buffer(facing, -width / 2, join_style="mitre", mitre_limit=2))


def _note_gap(
    layer: Submitted, owners: NDArray[np.intp], gap: shapely.Geometry, slits: set[Pair], rules: Rules, ledger: Ledger
) -> None:
    """Note ground that zones enclose, unless it is large enough to be meant."""
    most = rules.value("zone_acceptance.gap_area")
    spot = layer.in_metres(gap)
    area = float(shapely.area(spot))
    if not rules.value("zone_acceptance.overlap_area") < area < most or slits and _is_slit(spot, rules):
        return
    found = (f"围成的空隙 {area:,.1f} m²", f"an enclosed gap of {area:,.1f} m²")
    allowed = (f"没有，或不小于 {most:g} m²", f"none, or {most:g} m² or more")
    ledger.zone("gap", layer, owners, found, allowed, spot)


def _is_slit(spot: shapely.Geometry, rules: Rules) -> bool:
    """Tell whether a gap is so narrow that it was noted as a slit."""
    return bool(2 * shapely.area(spot) / shapely.length(spot) < rules.value("zone_acceptance.gap_width"))


def _is_short(slit: shapely.Geometry, rules: Rules) -> bool:
    """Tell whether a slit is no more than the corner where two zones part."""
    return bool(shapely.length(slit) / 2 < rules.value("zone_acceptance.gap_length"))
