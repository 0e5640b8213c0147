"""Names of key zones: after their longest river, or their counties (重点区命名)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shuibao.ground.lines import rivers_on
from shuibao.messages import ShuibaoError, say
from shuibao.rules import Rules
from shuibao.survey.counties import counties_of
from shuibao.survey.region import Region
from shuibao.survey.watershed_products import WatershedProducts
from shuibao.watershed.watershed_names import numeral, stream_lengths

MOST_COUNTIES = 2
"""Counties that a name lists; of more it names the first and says 等."""

Members = Sequence[NDArray[np.bool_]]


def zone_names(
    region: Region, rules: Rules, products: WatershedProducts, geometry: NDArray[np.object_], members: Members,
    kinds: Sequence[str],
) -> dict[str, list[str]]:  # fmt: skip
    """
    Name zones of small watersheds, and say which counties they lie in (重点区命名与所属县).

    Parameters
    ----------
    region : Region
        The region folder; its ``rivers``, if they have names, and its level.
    rules : Rules
        Asked for the names of kinds and levels.
    products : WatershedProducts
        The small watersheds.
    geometry : (zones,) array of shapely geometry
        Shapes of the zones.
    members : sequence of (n,) arrays of bool
        Small watersheds of each zone.
    kinds : sequence of str
        Kind of each zone.

    Returns
    -------
    dict of str to list of str
        ``name``, unique; ``county`` and ``county_name``, empty where a zone lies in several; ``counties``, all codes;
        ``main_county``, the one with the largest part.
    """
    by_county = [_counties(products, mine) for mine in members]
    names = products.county_names()
    level = {str(c["id"]): str(c["name"]) for c in rules.value("zone_level.classes")}[region.level]
    kind_names = {str(c["id"]): str(c["name"]) for c in rules.value("zone_kind.classes")}
    rivers = _rivers(region, geometry)
    plain = []
    for found, river, kind in zip(by_county, rivers, kinds, strict=True):
        place = river or _place([names.get(code, code) for code in found])
        plain.append(f"{place}{level}水土流失{kind_names[kind]}")
    single = [found[0] if len(found) == 1 else "" for found in by_county]
    return {
        "name": unique_names(plain),
        "county": single,
        "county_name": [names.get(code, "") for code in single],
        "counties": [" ".join(sorted(found)) for found in by_county],
        "main_county": [found[0] for found in by_county],
    }


def _counties(products: WatershedProducts, mine: NDArray[np.bool_]) -> list[str]:
    """Return the counties of some small watersheds, the largest part first."""
    own = {str(code) for code in products.column("code")[mine].tolist()}
    parts = products.units.columns
    area: Counter[str] = Counter()
    for parent, county, size in zip(parts["parent_code"], parts["county"], parts["area_m2"], strict=True):
        if str(parent) in own:
            area[str(county)] += int(size)
    return [code for code, _ in sorted(area.items(), key=lambda item: (-item[1], item[0]))]


def _place(counties: Sequence[str]) -> str:
    return "、".join(counties) if len(counties) <= MOST_COUNTIES else f"{counties[0]}等县"


def _rivers(region: Region, geometry: NDArray[np.object_]) -> list[str]:
    """Return the longest named river of each zone; empty where none is known."""
    given = region.inputs.get("rivers", {})
    if "path" not in given or "name" not in given or not len(geometry):
        return [""] * len(geometry)
    grid = counties_of(region).grid(region.cell)
    found = rivers_on(region.path_of(given["path"]), grid, layer=given.get("layer"), name_field=given["name"])
    try:
        lengths = stream_lengths(list(geometry), found.names, list(found.lines))
    except ShuibaoError:  # no river crosses a zone
        return [""] * len(geometry)
    return [min((-length, name) for name, length in each.items())[1] if each else "" for each in lengths]


def unique_names(names: Sequence[str]) -> list[str]:
    """
    Return names with a numeral behind those that occur several times (名称编号).

    Parameters
    ----------
    names : sequence of str
        Names.

    Examples
    --------
    >>> unique_names(["甲", "乙", "甲"])
    ['甲（一）', '乙', '甲（二）']
    """
    times, seen = Counter(names), Counter[str]()
    out = []
    for name in names:
        seen[name] += 1
        out.append(f"{name}（{numeral(seen[name])}）" if times[name] > 1 else name)
    return out


def kind_name(rules: Rules, kind: str) -> str:
    """
    Return the name of a kind of zone for the reader (区域种类名称).

    Parameters
    ----------
    rules : Rules
        Asked for ``zone_kind.classes``.
    kind : str
        Kind; empty for none.
    """
    names = {str(c["id"]): say(str(c["name"]), str(c["name_en"])) for c in rules.value("zone_kind.classes")}
    return names.get(kind, say("不列入", "none"))
