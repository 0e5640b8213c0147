"""Areas and masses in the units that officials read (面积与质量)."""

from __future__ import annotations

from django import template

from bureau.publications.classes import pack_titles

register = template.Library()
register.filter("pack_titles", lambda packs: pack_titles(tuple(packs)))


@register.filter
def grouped(value: float | None, digits: int = 2) -> str:
    """Return a number with its thousands apart, a dash where there is none (千分位)."""
    return "—" if value is None else f"{value:,.{digits}f}"


@register.simple_tag
def area(square_metres: float | None) -> str:
    """Return an area in square kilometres, a dash where there is none (平方千米)."""
    return "—" if square_metres is None else grouped(square_metres / 1e6)


@register.simple_tag
def hectares(square_metres: float | None) -> str:
    """Return an area in hectares (公顷)."""
    return "—" if square_metres is None else grouped(square_metres / 1e4)


@register.simple_tag
def tens(tonnes: float | None) -> str:
    """Return a mass in ten thousand tonnes (万吨)."""
    return "—" if tonnes is None else grouped(tonnes / 1e4)
