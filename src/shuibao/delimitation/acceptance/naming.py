"""Names and codes of counties and towns, against each other and against where the zones lie (名称与位置检查)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.shifting import check_shift
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.messages import ShuibaoError
from shuibao.rules import Rules
from shuibao.sources.boundaries import county_boundaries, county_table, expand_codes

SEPARATORS = re.compile(r"[,，、;；/ ]+")
"""What stands between counties where a zone lies in several."""

TOWN_DIGITS = 9


def check_names(layer: Submitted, rules: Rules, ledger: Ledger, counties: Sequence[str] = ()) -> None:
    """
    Check codes and names of counties and towns, and that zones lie in the counties they name (名称与位置检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force.
    ledger : Ledger
        Where faults are noted.
    counties : sequence of str
        Codes of the counties that the package is of; empty if that is not known.
    """
    _county_codes(layer, rules, ledger, counties)
    _county_names(layer, ledger)
    _towns(layer, ledger)
    _places(layer, rules, ledger, known_counties(counties))


@lru_cache(maxsize=1)
def _counties() -> Mapping[str, str]:
    return {row["code"]: row["name"] for row in county_table()}


@lru_cache(maxsize=1)
def _cities() -> Mapping[str, str]:
    wider = {row["city_code"]: row["city"] for row in county_table()}
    return wider | {row["province_code"]: row["province"] for row in county_table()}


def known_counties(codes: Sequence[str]) -> tuple[str, ...]:
    """
    Return the counties that codes of counties, cities and provinces stand for, without those nobody knows (所指的县).

    Parameters
    ----------
    codes : sequence of str
        Codes of GB/T 2260.

    Examples
    --------
    >>> len(known_counties(["140900", "999999"]))
    14
    """
    found: set[str] = set()
    for code in codes:
        try:
            found.update(expand_codes([code]))
        except ShuibaoError:
            continue
    return tuple(sorted(found))


def codes_in(text: str) -> list[str]:
    """
    Return the county codes that a value holds (值中的县级代码).

    Examples
    --------
    >>> codes_in("140921、140922")
    ['140921', '140922']
    """
    return [code for code in SEPARATORS.split(text) if code]


def is_abroad(counties: Sequence[str]) -> bool:
    """
    Tell whether all of a package's own codes are of provinces that GB/T 2260 does not have (是否国外或虚构的县).

    Parameters
    ----------
    counties : sequence of str
        Codes of the package.

    Examples
    --------
    >>> is_abroad(["990001"]), is_abroad(["140928"]), is_abroad([])
    (True, False, False)
    """
    return bool(counties) and not any(f"{code[:2]}0000" in _cities() for code in counties)


def _county_codes(layer: Submitted, rules: Rules, ledger: Ledger, counties: Sequence[str]) -> None:
    replaced = {row["code"]: row for row in rules.value("zone_acceptance.replaced")}
    texts = layer.texts("county")
    wrong = {code for text in set(texts) for code in codes_in(text)} - _counties().keys()
    if is_abroad(counties) and wrong & set(counties):
        own = sorted(wrong & set(counties))
        found = (
            f"{len(own)} 个县级代码不属任何省，如 {own[0]}",
            f"{len(own)} county codes are of no province, as {own[0]}",
        )
        ledger.file("county-foreign", layer.where, found, ("按成果自列的县对待", "taken as the package lists them"))
        wrong -= set(own)
    allowed = ("GB/T 2260 现行的六位县级代码", "a present code of six digits of GB/T 2260")
    for row, text in enumerate(texts):
        for code in codes_in(text) if wrong else []:
            if code not in wrong:
                continue
            if code in replaced:
                by = "、".join(f"{new} {_counties().get(new, '')}".strip() for new in replaced[code]["by"])
                codes = ", ".join(replaced[code]["by"])
                found = (
                    f"{code}（{replaced[code]['name']}）已撤销，现为 {by}",
                    f"{code} is abolished; it is {codes} now",
                )
                ledger.zone("county-replaced", layer, [row], found, allowed)
                continue
            wider = _cities().get(code, "")
            found = (f"没有代码 {code}" + (f"（是{wider}，不是县）" if wider else ""), f"there is no county {code}")
            ledger.zone("county-unknown", layer, [row], found, allowed)


def _county_names(layer: Submitted, ledger: Ledger) -> None:
    names = layer.texts("county_name")
    for row, (text, name) in enumerate(zip(layer.texts("county"), names, strict=True)):
        codes = codes_in(text)
        if len(codes) != 1 or not name or codes[0] not in _counties():
            continue
        right = _counties()[codes[0]]
        if right not in name:
            found = (f"代码 {codes[0]}，名称“{name}”", f"the code is {codes[0]}, the name '{name}'")
            ledger.zone("county-name", layer, [row], found, (right, right))


def _towns(layer: Submitted, ledger: Ledger) -> None:
    """Note town codes of another county, and towns with two names."""
    first: dict[str, str] = {}
    rows = zip(layer.texts("town"), layer.texts("town_name"), layer.texts("county"), strict=True)
    for row, (town, name, county) in enumerate(rows):
        if town.isdecimal() and len(town) == TOWN_DIGITS and county in _counties() and not town.startswith(county):
            found = (f"乡镇代码 {town} 不属于县 {county}", f"the town {town} is not of the county {county}")
            ledger.zone("town-name", layer, [row], found, (f"以 {county} 开头", f"beginning with {county}"))
        if town and name and first.setdefault(town, name) != name:
            found = (f"乡镇 {town} 又名“{name}”", f"the town {town} is '{name}' too")
            ledger.zone("town-name", layer, [row], found, (first[town], first[town]))


def _places(layer: Submitted, rules: Rules, ledger: Ledger, expected: tuple[str, ...]) -> None:
    """Note zones that lie outside the county they name, or outside all that the package is of."""
    if layer.own_crs is None or not layer.sound.any():
        return
    named = [tuple(code for code in codes_in(text) if code in _counties()) for text in layer.texts("county")]
    groups: dict[tuple[str, ...], list[int]] = {}
    for row in np.flatnonzero(layer.sound):
        strangers = set(named[row]) - set(expected) if expected else set()
        if strangers:
            code = min(strangers)
            found = (f"属 {code} {_counties()[code]}", f"it is of the county {code}")
            allowed = ("、".join(expected[:8]), ", ".join(expected[:8]))
            ledger.zone("place-differs", layer, [row], found, allowed)
        elif named[row] or expected:
            groups.setdefault(named[row] or expected, []).append(int(row))
    for codes, rows in sorted(groups.items()):
        _outside(layer, codes, np.array(rows), rules, ledger)
    if groups:
        check_shift(layer, county_ground(tuple(sorted({code for codes in groups for code in codes}))), rules, ledger)


def _outside(layer: Submitted, codes: tuple[str, ...], rows: NDArray[np.intp], rules: Rules, ledger: Ledger) -> None:
    limit, doubt = rules.value("zone_acceptance.county_share"), rules.value("zone_acceptance.county_border")
    county = shapely.buffer(county_ground(codes), doubt)
    shapely.prepare(county)
    strays = rows[~shapely.covers(county, layer.metric[rows])]
    within = shapely.area(shapely.intersection(layer.metric[strays], county))
    share = 1 - within / layer.area_m2[strays]
    for row, part in zip(strays[share > limit], share[share > limit], strict=True):
        name = "、".join(_counties()[code] for code in codes[:3]) + ("等" if len(codes) > 3 else "")
        real = _county_at(layer.metric[row], codes)
        where = (f"，在 {real} {_counties()[real]}", f", in {real}") if real else ("", "")
        found = (
            f"{part:.0%} 在{name}以外{where[0]}",
            f"{part:.0%} of it lies outside {', '.join(codes[:3])}{where[1]}",
        )
        allowed = (f"县界外 {doubt:g} m 以内", f"within {doubt:g} m of the county's border")
        ledger.zone("place-differs", layer, [row], found, allowed)


@lru_cache(maxsize=64)
def county_ground(codes: tuple[str, ...]) -> shapely.Geometry:
    """
    Return counties as one shape in the national equal-area system, m (县域).

    Parameters
    ----------
    codes : tuple of str
        Codes of counties.
    """
    return shapely.union_all(county_boundaries(codes).projected())


def _county_at(shape: shapely.Geometry, codes: tuple[str, ...]) -> str:
    """Return the county that a shape lies in, among those of the provinces named; empty if in none of them."""
    for province in sorted({code[:2] + "0000" for code in codes}):
        known, shapes = _province(province)
        hit = shapely.STRtree(shapes).query(shapely.point_on_surface(shape), predicate="within")
        if len(hit):
            return known[int(hit[0])]
    return ""


@lru_cache(maxsize=4)
def _province(code: str) -> tuple[tuple[str, ...], NDArray[np.object_]]:
    borders = county_boundaries([code])
    return borders.codes, borders.projected()
