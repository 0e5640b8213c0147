"""Units of amounts (计量单位): which count things one by one, and which measure land."""

from __future__ import annotations

from decimal import Decimal

COUNTED = frozenset(["个", "座", "处", "条", "个县", "部", "户", "项", "次", "份", "家", "人", "套", "块", "件"])
"""Units of things that are counted: there is no half of one."""
LAND = {
    "m²": Decimal(1), "亩": Decimal(2000) / 3, "hm²": Decimal(10**4), "公顷": Decimal(10**4), "km²": Decimal(10**6),
    "平方公里": Decimal(10**6), "万亩": Decimal(2 * 10**7) / 3, "万km²": Decimal(10**10),
}  # fmt: skip
"""Units of land, in m²; fifteen mu are a hectare."""
EXACT = Decimal("0.0001")
"""To which part amounts are kept, in whatever unit (chosen)."""


def is_countable(unit: str) -> bool:
    """
    Return whether a unit counts things one by one (是否计个数).

    Examples
    --------
    >>> is_countable("条"), is_countable("万亩")
    (True, False)
    """
    return unit in COUNTED


def land_m2(amount: Decimal, unit: str) -> Decimal | None:
    """
    Return an amount of land in m²; None if the unit measures no land (折合平方米).

    Examples
    --------
    >>> int(land_m2(Decimal(3), "km²")), land_m2(Decimal(3), "座")
    (3000000, None)
    """
    return amount * LAND[unit] if unit in LAND else None


def converted(amount: Decimal, unit: str, to: str) -> Decimal | None:
    """
    Return an amount in another unit; None if the two do not measure the same (换算单位).

    Parameters
    ----------
    amount : Decimal
    unit : str
        Unit of the amount.
    to : str
        Unit that is wanted. Things that are counted are as many in the unit of any of them.

    Examples
    --------
    >>> str(converted(Decimal(350000), "亩", "万亩")), converted(Decimal(3), "座", "km²")
    ('35.0000', None)
    """
    if unit == to or (is_countable(unit) and is_countable(to)):
        return amount
    if unit not in LAND or to not in LAND:
        return None
    return (amount * LAND[unit] / LAND[to]).quantize(EXACT)
