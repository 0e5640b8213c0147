"""Whether what is reported can be (填报核对): what cannot is refused, what is doubtful asks for a second look."""

from __future__ import annotations

from decimal import Decimal

from bureau.refusal import Refusal
from bureau.regions.areas import border_areas
from bureau.regions.models import Region
from bureau.tasks.models import Figure, ProgressReport
from bureau.units import is_countable, land_m2

MANIFOLD = 10
"""How many times a figure that is a least may be exceeded before it is asked about (chosen)."""


def refuse_impossible(figure: Figure, value: Decimal, region: Region) -> None:
    """
    Refuse an amount that cannot be (不可能的数).

    Parameters
    ----------
    figure : Figure
    value : Decimal
        What was reached in all.
    region : Region

    Raises
    ------
    Refusal
        If it is below nought, a part of what is counted, more than all, or more land than the region has.
    """
    told = f"{value.normalize():,f} {figure.unit}"
    if value < 0:
        raise Refusal("value-below-nought", f"完成量为 {value}；应不小于 0，请核对。")
    if is_countable(figure.unit) and value != value.to_integral_value():
        raise Refusal("not-whole", f"“{figure.label}”以“{figure.unit}”计，没有 {told}；请填整数。")
    if figure.unit == "%" and value > 100:
        raise Refusal("beyond-all", f"“{figure.label}”是比例，不会是 {told}；应在 0 与 100 之间，请核对。")
    land = land_m2(value, figure.unit)
    has = None if land is None else border_areas([region.code]).get(region.code)
    if land is not None and has is not None and land > has:
        raise Refusal(
            "beyond-the-land",
            f"{told}合 {land / 10**6:,.2f} km²，超过{region.name}的土地面积 {has / 10**6:,.2f} km²；请核对数量与单位。",
        )


def doubt(figure: Figure, value: Decimal) -> str:
    """
    Return why an amount is doubtful; empty if it is not (存疑).

    Parameters
    ----------
    figure : Figure
    value : Decimal
    """
    most = figure.value * (MANIFOLD if figure.comparison == Figure.Comparison.AT_LEAST else 1)
    if value <= most:
        return ""
    times = f" {MANIFOLD} 倍" if most != figure.value else ""
    return f"累计 {value.normalize():,f} {figure.unit}，超过文件定的 {figure.amount}{times}；填错了请改正；确实如此，请勾选“核对过”。"


def refuse_again(report: ProgressReport) -> None:
    """
    Refuse a report that stands already, word by word (重复填报).

    Raises
    ------
    Refusal
        If somebody of the region reported the very same, and it was neither returned nor withdrawn.
    """
    words = ("task", "region", "unit", "due", "figure", "year", "text", "value", "finishes")
    same = ProgressReport.objects.standing().filter(**{word: getattr(report, word) for word in words}).first()
    if same is not None:
        raise Refusal(
            "reported-already",
            f"同样的进展 {same.by.name} 已于 {same.at:%Y-%m-%d} 填报（{same.get_status_display()}）；不要重复填报。",
        )
