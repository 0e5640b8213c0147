"""
What the result must say of the layers it rests on: which are missing, and which do not cover a county (图层说明).

A layer of land that is left out cannot show where it was never surveyed; where its outermost points leave much of a
county outside, that is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.draft.units import Units
from shuibao.rules import Rules
from shuibao.survey.counties import Counties
from shuibao.survey.region import Region
from shuibao.survey.zone_inputs import LEFT_OUT, Shapes, shapes_of, uncovered

PLANNING = {
    "red_line": ("生态保护红线", "ecological red line"),
    "farmland": ("永久基本农田", "permanent basic farmland"),
    "construction": ("城镇开发边界、建设用地", "urban boundary, construction land"),
}
"""Layers of spatial planning that zones are held against (三区三线), with their names."""

NOTE, NOTE_EN = "NOTE_", "NOTE_EN_"
"""How the keys of a layer's metadata begin that hold what must be said of it, in Chinese and in English."""


def layer_notes(
    region: Region, rules: Rules, counties: Counties, left_out: Sequence[Shapes], units: Units
) -> dict[str, str]:
    """
    Return what must be said of the layers, as metadata of the result (图层覆盖说明).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Asked for ``zone_package.layer_cover``: the share of a county that a layer must span, percent.
    counties : Counties
        Counties of the region.
    left_out : sequence of Shapes
        The layers that are given.
    units : Units
        Counties and towns.

    Returns
    -------
    dict of str to str
        ``NOTE_*`` in Chinese and ``NOTE_EN_*`` in English; nothing where all is well.
    """
    least = float(rules.value("zone_package.layer_cover")) / 100
    given = {shapes.name: shapes for shapes in left_out}
    notes: dict[str, str] = {}
    for name, (zh, en) in LEFT_OUT.items():
        if name not in given:
            notes[NOTE + name] = f"没有提供{zh}图层（inputs.{name}），未予扣除。"
            notes[NOTE_EN + name] = f"no layer of {en} (inputs.{name}) is given; it is not left out."
            continue
        short = uncovered(given[name], counties, least)
        if short:
            notes[NOTE + name] = (
                f"{zh}图层 {given[name].source} 没有覆盖：{_listed(short, '、', '只覆盖 {:.0f}%')}；其外的{zh}未予扣除。"
            )
            notes[NOTE_EN + name] = (
                f"the layer of {en}, {given[name].source}, does not cover {_listed(short, ', ', 'only {:.0f} %')};"
                " beyond it nothing is left out."
            )
    if not units.towns.codes:
        notes[NOTE + "towns"] = "没有提供乡镇界线（inputs.towns），只按县切分。"
        notes[NOTE_EN + "towns"] = "no towns (inputs.towns) are given; zones are cut by county only."
    else:
        notes |= _town_notes(units, least)
    return notes


def _town_notes(units: Units, least: float) -> dict[str, str]:
    """Say which counties are not covered by their own towns."""
    short = [(name, share) for name, share in town_shares(units) if share < least]
    if not short:
        return {}
    return {
        NOTE
        + "towns": f"乡镇界线 {units.towns.source} 没有盖满：{_listed(short, '、', '{:.1f}%')}；其余部分不分乡镇。",
        NOTE_EN
        + "towns": f"the towns of {units.towns.source} do not fill {_listed(short, ', ', '{:.1f} %')}; the rest is"
        " listed in no town.",
    }


def town_shares(units: Units) -> list[tuple[str, float]]:
    """Return the share of each county that its own towns fill, 0-1 (乡镇覆盖比例)."""
    found = []
    for number, (name, county) in enumerate(zip(units.counties.names, units.counties.geometry, strict=True), start=1):
        own = units.table[(units.table[:, 0] == number) & (units.table[:, 1] > 0), 1] - 1
        filled = (
            shapely.union_all(np.asarray(units.towns.geometry, dtype=object)[own]) if own.size else shapely.Polygon()
        )
        found.append((name, float(shapely.area(shapely.intersection(filled, county)) / shapely.area(county))))
    return found


def _listed(short: Sequence[tuple[str, float]], comma: str, form: str) -> str:
    """Return names with their shares."""
    return comma.join(f"{name} ({form.format(100 * share)})" for name, share in short)


def notes_of(metadata: Any, *, english: bool = False) -> list[str]:
    """
    Return what must be said of a layer, in order (成果说明).

    Parameters
    ----------
    metadata : mapping of str to str
        Metadata of a :class:`shuibao.zoning.layer.ZoneLayer`.
    english : bool
        Whether in English.

    Examples
    --------
    >>> notes_of({"NOTE_towns": "没有乡镇。", "NOTE_EN_towns": "no towns."})
    ['没有乡镇。']
    """
    begin = NOTE_EN if english else NOTE
    return [
        text
        for key, text in sorted(metadata.items())
        if key.startswith(begin) and (english or not key.startswith(NOTE_EN))
    ]


def planning_notes(region: Region, rules: Rules, counties: Counties) -> dict[str, str]:
    """
    Return what must be said of the planning layers: which are missing, and which do not cover a county (图层覆盖说明).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Asked for ``zone_package.layer_cover``: the share of a county that a layer must span, percent.
    counties : Counties
        Counties of the region.

    Returns
    -------
    dict of str to str
        ``NOTE_overlap_*`` in Chinese and ``NOTE_EN_overlap_*`` in English.
    """
    least = float(rules.value("zone_package.layer_cover")) / 100
    notes = {}
    for name, (zh, en) in PLANNING.items():
        given = shapes_of(region, name)
        if given is None:
            notes[f"{NOTE}overlap_{name}"] = f"没有提供{zh}图层（inputs.{name}），未计与它的重叠。"
            notes[f"{NOTE_EN}overlap_{name}"] = f"no layer of {en} (inputs.{name}) is given; overlaps are not counted."
            continue
        short = uncovered(given, counties, least)
        if short:
            listed = "、".join(f"{county}（{100 * share:.0f} %）" for county, share in short)
            listed_en = ", ".join(f"{county} ({100 * share:.0f} %)" for county, share in short)
            notes[f"{NOTE}overlap_{name}"] = f"{zh}图层 {given.source} 没有覆盖全县：{listed}；那里的重叠面积偏小。"
            notes[f"{NOTE_EN}overlap_{name}"] = (
                f"the layer of {en}, {given.source}, does not cover all of {listed_en}; overlaps there are too small."
            )
    return notes
