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
def size(value: float | Decimal, digits: int = 2) -> str:
    """Return how large a difference is, without its sign (差值大小)."""
    return f"{abs(value):.{digits}f}"


@register.filter
def grouped(value: float | Decimal, digits: int | None = None) -> str:
    """
    Return a number with its thousands apart; as many digits as it has, where none are asked for (千分位).

    Examples
    --------
    >>> grouped(Decimal("350000.00")), grouped(Decimal("2.50")), grouped(936.94, 1), grouped(Decimal("0E-2"))
    ('350,000', '2.5', '936.9', '0')
    """
    if digits is not None:
        return f"{value:,.{digits}f}"
    said = f"{value:,.2f}"
    return said.rstrip("0").rstrip(".")


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
