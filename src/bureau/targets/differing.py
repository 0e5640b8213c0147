"""Why two years of a region do not compare (不可比的原因): what differs between their surveys, and in which counties."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bureau.publications.classes import pack_titles
from bureau.publications.selectors import SAME_LAND, Basis, RateFigure, compares
from bureau.regions.codes import prefix_of
from bureau.regions.models import Region
from bureau.targets.actuals import Figures

SAID = 3
"""Counties that are named at most."""
COUNTY = 6
"""Digits of the prefix of a county."""


def differences(one: RateFigure, last: RateFigure) -> list[str]:
    """
    Return what differs between two years of a region (不同之处).

    Parameters
    ----------
    one, last : RateFigure

    Returns
    -------
    list of str
        Chinese words, such as 像元不同（30 m；10 m）; empty if nothing does.
    """
    aspects: tuple[tuple[str, Callable[[Basis], str]], ...] = (
        ("调查的行政区", lambda basis: basis.region_code),
        ("规则包", lambda basis: pack_titles(basis.packs)),
        ("像元", lambda basis: f"{basis.cell_m:g} m" if basis.cell_m else "没有写明"),
        ("数据", lambda basis: "模拟数据" if basis.simulated else "实际数据"),
    )
    found = [_told(word, one.bases, last.bases, value) for word, value in aspects]
    if one.bases != last.bases and not any(found):
        found.append("各县调查的搭配不同")
    if abs(one.land_m2 - last.land_m2) > SAME_LAND * last.land_m2:
        found.append(f"土地面积不同（{one.land_m2 / 1e6:,.2f} km²；{last.land_m2 / 1e6:,.2f} km²）")
    return [word for word in found if word]


def _told(word: str, one: Iterable[Basis], last: Iterable[Basis], value: Callable[[Basis], str]) -> str:
    """Return that an aspect differs; nothing if it does not."""
    was, now = ({value(basis) for basis in bases} for bases in (one, last))
    if was == now:
        return ""
    if word == "调查的行政区":
        names = dict(Region.objects.filter(code__in=was | now).values_list("code", "name"))
        was, now = ({names.get(code, code) for code in codes} for codes in (was, now))
    said = ["、".join(sorted(part)[:SAID]) + ("等" if len(part) > SAID else "") or "没有" for part in (was, now)]
    return f"{word}不同（{'；'.join(said)}）"


def counties_that_differ(code: str, year: int, last: int, figures: Figures) -> list[str]:
    """
    Return the codes of the counties within a region whose two years do not compare (不可比的县).

    Parameters
    ----------
    code : str
        Code of the region.
    year, last : int
    figures : Figures
        Published rates of the region and those within it.
    """
    prefix = prefix_of(code)
    within = (
        (each, by_year)
        for each, by_year in figures.items()
        if each != code and each.startswith(prefix) and len(prefix_of(each)) == COUNTY
    )
    return sorted(
        each
        for each, by_year in within
        if year in by_year and last in by_year and not compares(by_year[year], by_year[last])
    )


def told_difference(code: str, year: int, last: int, figures: Figures) -> str:
    """
    Return why a year does not compare with the last, in words (不可比的原因).

    Parameters
    ----------
    code : str
        Code of the region.
    year, last : int
    figures : Figures
        Published rates of the region and those within it.
    """
    said = "，".join(differences(figures[code][year], figures[code][last]))
    codes = counties_that_differ(code, year, last, figures)
    if not codes:
        return said
    names = list(Region.objects.filter(code__in=codes[:SAID]).order_by("code").values_list("name", flat=True))
    return f"{said}，涉及{'、'.join(names)}" + (f"等 {len(codes)} 县" if len(codes) > SAID else "")
