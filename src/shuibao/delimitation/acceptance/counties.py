"""Zones against the borders of counties: none that is to be cut by county may lie across one (县界检查)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.naming import codes_in, county_ground, known_counties
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.rules import Rules
from shuibao.sources.boundaries import county_table
from shuibao.zoning.layer import HECTARE


def check_counties(layer: Submitted, rules: Rules, ledger: Ledger, counties: Sequence[str] = ()) -> None:
    r"""
    Note zones that lie across the border between two counties of the region (县界检查).

    Of a zone :math:`Z` of the county :math:`C`, the land that lies in another county :math:`C'` of the region and farther
    than :math:`d` from :math:`C` counts: a fault is

    .. math:: |Z \cap C' \setminus (C \oplus d)| > a.

    A zone that does not name one county is taken to be of the one that holds most of it. One that lies elsewhere
    altogether is not across a border: :func:`~shuibao.delimitation.acceptance.naming.check_names` notes it.

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Asked for ``zone_acceptance.county_themes``, ``county_cross`` (:math:`d`, m), ``county_part`` (:math:`a`, m²), and
        ``county_border`` and ``county_share``, by which a zone lies elsewhere.
    ledger : Ledger
        Where faults are noted.
    counties : sequence of str
        Codes of the counties, city or province that the layer is of; those that its zones name are added.
    """
    if (
        layer.theme not in rules.value("zone_acceptance.county_themes")
        or layer.own_crs is None
        or not layer.sound.any()
    ):
        return
    names = {row["code"]: row["name"] for row in county_table()}
    named = [[code for code in codes_in(text) if code in names] for text in layer.texts("county")]
    codes = sorted({code for own in named for code in own} | set(known_counties(counties)))
    if len(codes) < 2:
        return
    shapes = np.array([county_ground((code,)) for code in codes], dtype=object)
    home = _homes(layer, named, codes, shapes)
    doubt = float(rules.value("zone_acceptance.county_cross"))
    for place in np.unique(home[home >= 0]):
        wide = shapely.buffer(shapes[place], doubt)
        shapely.prepare(wide)
        rows = np.flatnonzero(home == place)
        rows = rows[~shapely.covers(wide, layer.metric[rows])]
        for row in _near_home(layer, rows, shapes[place], rules):
            _across(layer, int(row), (int(place), codes, shapes), wide, rules, ledger)


def _homes(
    layer: Submitted, named: Sequence[Sequence[str]], codes: Sequence[str], shapes: NDArray[np.object_]
) -> NDArray[np.intp]:
    """Return the place of the county of each zone among all; -1 where there is none."""
    place = {code: k for k, code in enumerate(codes)}
    home = np.array([place[own[0]] if len(own) == 1 else -1 for own in named], dtype=np.intp)
    home[~layer.sound] = -1
    rows = np.flatnonzero(layer.sound & (home < 0))
    if len(rows):
        which, near = shapely.STRtree(shapes).query(layer.metric[rows], predicate="intersects")
        area = shapely.area(shapely.intersection(layer.metric[rows[which]], shapes[near]))
        for k in np.lexsort((-near, area)):
            home[rows[which[k]]] = near[k]
    return home


def _near_home(layer: Submitted, rows: NDArray[np.intp], county: shapely.Geometry, rules: Rules) -> NDArray[np.intp]:
    """Return the zones of which not so much lies far from the county that they are in the wrong place."""
    if not len(rows):
        return rows
    limit, border = rules.value("zone_acceptance.county_share"), rules.value("zone_acceptance.county_border")
    within = shapely.area(shapely.intersection(layer.metric[rows], shapely.buffer(county, border)))
    near: NDArray[np.intp] = rows[1 - within / layer.area_m2[rows] <= limit]
    return near


def _across(
    layer: Submitted,
    row: int,
    known: tuple[int, Sequence[str], NDArray[np.object_]],
    wide: shapely.Geometry,
    rules: Rules,
    ledger: Ledger,
) -> None:
    """Note the counties that a zone reaches into."""
    place, codes, shapes = known
    names = {entry["code"]: entry["name"] for entry in county_table()}
    parts = shapely.difference(shapely.intersection(layer.metric[row], shapes), wide)
    parts[place] = shapely.Point()
    border = float(rules.value("zone_acceptance.county_cross"))
    for k in np.flatnonzero(shapely.area(parts) > float(rules.value("zone_acceptance.county_part"))).tolist():
        size, own = parts[k].area / HECTARE, codes[place]
        found = (f"{size:,.2f} hm² 在 {codes[k]} {names[codes[k]]}", f"{size:,.2f} hm² lie in the county {codes[k]}")
        allowed = (
            f"在 {own} {names[own]}界外 {border:g} m 以内",
            f"within {border:g} m of the border of the county {own}",
        )
        ledger.zone("county-crossed", layer, [row], found, allowed, parts[k])
