"""Figures as the pages of targets show them (数值格式)."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def signed(value: float | Decimal, digits: int = 2) -> str:
    """
    Return a difference with its sign; what rounds to nothing has none (带符号).

    Examples
    --------
    >>> signed(1.5), signed(-0.257), signed(-0.001), signed(0.0044, 4)
    ('+1.50', '−0.26', '0.00', '+0.0044')
    """
    said = f"{value:+.{digits}f}"
    return said[1:] if float(said) == 0 else said.replace("-", "−")


@register.filter
def km2(value: int | None) -> str:
    """
    Return square metres as km², a dash where there are none (平方公里).

    Examples
    --------
    >>> km2(2527870000), km2(None)
    ('2,527.87', '—')
    """
    return "—" if value is None else f"{value / 1e6:,.2f}"


@register.filter
def km2_plain(value: int | None) -> str:
    """Return square metres as km², for a field that is filled in (可填的平方公里)."""
    return "" if value is None else f"{Decimal(value) / 10**6:.2f}"


@register.filter
def plain(value: Decimal | None, digits: int = 2) -> str:
    """Return a number for a field that is filled in (可填的数)."""
    return "" if value is None else f"{value:.{digits}f}"
