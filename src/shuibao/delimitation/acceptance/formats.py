"""Layers beside each other: the same result in two formats, and a theme in several layers (图层之间的检查)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import shapely

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.ground.grid import national_crs
from shuibao.rules import Rules


def check_layers(layers: Sequence[Submitted], rules: Rules, ledger: Ledger) -> None:
    """
    Compare the layers of a package with each other (图层之间的检查).

    Two layers of a theme that have codes in common are two formats of one result: they must be alike. Two that have none
    in common are parts of it: they must not overlap.

    Parameters
    ----------
    layers : sequence of Submitted
        Layers of the package.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    """
    for first, second in combinations(layers, 2):
        if first.theme != second.theme or not len(first) or not len(second):
            continue
        if {code for code in first.codes if code} & set(second.codes):
            _same(first, second, rules, ledger)
        else:
            _apart(first, second, rules, ledger)


def is_copy(layer: Submitted, earlier: Sequence[Submitted]) -> bool:
    """
    Tell whether a layer is another format of an earlier one (是否同一成果的另一格式).

    Parameters
    ----------
    layer : Submitted
        A layer.
    earlier : sequence of Submitted
        Layers before it.
    """
    own = {code for code in layer.codes if code}
    return any(layer.theme == other.theme and own & set(other.codes) for other in earlier)


def is_alike(layer: Submitted, other: Submitted) -> bool:
    """
    Tell whether a layer has the shapes, codes and places of another, so that it need not be gone through again (是否相同).

    Parameters
    ----------
    layer, other : Submitted
        Layers whose rows are in order.
    """
    if layer.theme != other.theme or layer.crs is None or other.crs is None or layer.codes != other.codes:
        return False
    same = all(
        layer.texts(name) == other.texts(name)
        for name in ("county", "county_name", "town", "town_name", "level", "kind")
    )
    flat = not (layer.deep.any() or layer.curved.any() or layer.broken.any())
    return same and flat and bool(shapely.equals_exact(layer.metric, other.metric, ALIKE).all())


ALIKE = 1e-6
"""Distance within which coordinates are the same, m."""


def _same(first: Submitted, second: Submitted, rules: Rules, ledger: Ledger) -> None:
    where = f"{first.where} + {second.where}"
    lacking = set(first.codes) ^ set(second.codes)
    if lacking:
        code = min(lacking)
        found = (f"{len(lacking)} 个编号只在一处，如 {code}", f"{len(lacking)} codes are in one only, as {code}")
        ledger.file("files-differ", where, found, ("两种格式相同", "the same in both"), code)
    share, rounding = (rules.value(f"zone_acceptance.{key}") for key in ("area_share", "overlap_area"))
    areas = dict(zip(second.codes, second.area_m2.tolist(), strict=True))
    for code, area in zip(first.codes, first.area_m2.tolist(), strict=True):
        other = areas.get(code, np.nan)
        if abs(area - other) > rounding + share * area:
            found = (f"面积 {area:,.1f} 与 {other:,.1f} m²", f"areas of {area:,.1f} and {other:,.1f} m²")
            ledger.file("files-differ", where, found, ("两种格式相同", "the same in both"), code)


def _apart(first: Submitted, second: Submitted, rules: Rules, ledger: Ledger) -> None:
    bound = rules.value("zone_acceptance.overlap_area")
    a, b = np.flatnonzero(first.sound), np.flatnonzero(second.sound)
    tree = shapely.STRtree(second.metric[b])
    one, two = tree.query(first.metric[a], predicate="intersects")
    one, two = a[one], b[two]
    level = np.array(first.level_texts(), dtype=object)[one] == np.array(second.level_texts(), dtype=object)[two]
    common = shapely.intersection(first.metric[one], second.metric[two])
    both = _together(first, second)
    for index in np.flatnonzero((shapely.area(common) > bound) & level):
        area = shapely.area(common[index])
        found = (f"重叠 {area:,.1f} m²", f"they overlap by {area:,.1f} m²")
        allowed = (f"不超过 {bound:g} m²", f"{bound:g} m² at most")
        ledger.zone("overlap", both, [one[index], len(first) + two[index]], found, allowed, common[index])


def _together(first: Submitted, second: Submitted) -> Submitted:
    """Return the rows of two layers one after the other, in the equal-area system, for places and maps."""
    codes = np.array([*first.codes, *second.codes], dtype=object)
    none = np.zeros(len(codes), dtype=bool)
    return Submitted(
        f"{first.where} + {second.where}", first.theme, {"code": codes}, {"code": "code"}, {"code": "text"},
        np.concatenate([first.metric, second.metric]), none, none, none, national_crs(),
    )  # fmt: skip
