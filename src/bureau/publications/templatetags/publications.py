"""Areas and masses in the units that officials read (面积与质量)."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.simple_tag
def area(square_metres: float | None) -> str:
    """Return an area in square kilometres, a dash where there is none (平方千米)."""
    return "—" if square_metres is None else number_format(square_metres / 1e6, 2, force_grouping=True)


@register.simple_tag
def hectares(square_metres: float | None) -> str:
    """Return an area in hectares (公顷)."""
    return "—" if square_metres is None else number_format(square_metres / 1e4, 2, force_grouping=True)


@register.simple_tag
def tens(tonnes: float | None) -> str:
    """Return a mass in ten thousand tonnes (万吨)."""
    return "—" if tonnes is None else number_format(tonnes / 1e4, 2, force_grouping=True)
