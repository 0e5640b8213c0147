"""How figures of zones are written (划定模板标签)."""

from __future__ import annotations

from django import template

from bureau.publications.classes import ZONE_NAMES

register = template.Library()


@register.filter
def hectares(area_m2: float) -> str:
    """Return an area of m² in hm² with two decimals (公顷)."""
    return f"{area_m2 / 1e4:,.2f}"


@register.filter
def kind_name(kind: str) -> str:
    """Return the name of a kind of zone (种类名称)."""
    return ZONE_NAMES.get(kind, kind)
