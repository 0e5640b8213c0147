"""
The way to the targets, year by year (年度路径).

It begins at a rate that was measured and passes through every target exactly; where it starts above one, it stays level: a rate
that was reached must not be given up again (不得倒退).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from bureau.refusal import Refusal
from bureau.targets.closing import STEP


class Shape(StrEnum):
    """How the way runs between two targets (路径形状)."""

    LINEAR = "linear"
    FRONT_LOADED = "front_loaded"
    OWN = "own"


SHAPES = {Shape.LINEAR: "逐年均匀", Shape.FRONT_LOADED: "先快后慢", Shape.OWN: "自定"}
"""What the shapes are called (形状名称)."""


def course(
    base: tuple[int, Decimal], targets: Mapping[int, Decimal], shape: Shape, own: Mapping[int, Decimal] | None = None
) -> dict[int, Decimal]:
    r"""
    Return the rate to have in every year from the base to the last target (年度路径).

    Parameters
    ----------
    base : (int, Decimal)
        Year and rate that it starts from, percent.
    targets : mapping of int to Decimal
        Targets by year, percent; those of the base year and before are passed over.
    shape : Shape
    own : mapping of int to Decimal, optional
        For ``OWN``: the rates of the years between.

    Returns
    -------
    dict of int to Decimal
        Percent by year, to 0.01; empty if no target lies ahead.

    Notes
    -----
    Between two of its marks, the share of the way that is covered after a share :math:`u` of the time is :math:`u`
    (linear) or :math:`1-(1-u)^2` (front-loaded). A target below the mark before it is passed at the height of that mark.

    Examples
    --------
    >>> way = course((2020, Decimal("60")), {2025: Decimal("65")}, Shape.LINEAR)
    >>> [str(way[year]) for year in (2020, 2022, 2025)]
    ['60.00', '62.00', '65.00']
    >>> level = course((2020, Decimal("66")), {2025: Decimal("65"), 2027: Decimal("68")}, Shape.LINEAR)
    >>> [str(level[year]) for year in (2020, 2023, 2025, 2026, 2027)]
    ['66.00', '66.00', '66.00', '67.00', '68.00']
    """
    marks = [base]
    for year, rate in sorted(targets.items()):
        if year > base[0]:
            marks.append((year, max(rate, marks[-1][1])))
    if len(marks) == 1:
        return {}
    if shape is Shape.OWN:
        return _own(marks, own or {})
    way: dict[int, Decimal] = {}
    for (start, low), (end, high) in zip(marks, marks[1:], strict=False):
        for year in range(start, end + 1):
            share = Decimal(year - start) / (end - start)
            if shape is Shape.FRONT_LOADED:
                share = 1 - (1 - share) ** 2
            way[year] = (low + (high - low) * share).quantize(STEP)
    return way


def _own(marks: list[tuple[int, Decimal]], own: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Return one's own way; every year between must be there, and none may fall."""
    way = {year: rate.quantize(STEP) for year, rate in [*own.items(), *marks] if marks[0][0] <= year <= marks[-1][0]}
    missing = [str(year) for year in range(marks[0][0], marks[-1][0] + 1) if year not in way]
    if missing:
        raise Refusal("years-missing", f"自定路径缺少 {'、'.join(missing)} 年；请逐年填写。")
    ordered = sorted(way.items())
    for (_, before), (year, after) in zip(ordered, ordered[1:], strict=False):
        if after < before:
            raise Refusal(
                "path-falls", f"{year} 年的 {after} % 低于上一年的 {before} %；路径不能下降，并须经过各目标年的目标值。"
            )
    return dict(ordered)
