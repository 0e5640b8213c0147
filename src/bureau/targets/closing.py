"""
Dividing a region's target among its members so that it closes (目标分解的算法).

All reckoning is in exact fractions: the order of counties and the unit of area change nothing, and "closes" is a fact
rather than a matter of binary rounding. Targets are printed to 0.01 %, so everything that is given out is a whole
number of such steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

from bureau.refusal import Refusal

STEP = Decimal("0.01")
"""What a printed target is a whole number of, percent (S3, annex 2)."""
HALF = Fraction(1, 2)
Number = Decimal | Fraction | int


class Method(StrEnum):
    """How a target is divided (分解方法)."""

    EQUAL = "equal"
    TREATABLE = "treatable"
    AS_NOW = "as_now"


@dataclass(frozen=True)
class Member:
    """
    A county, or another part of the region, before its target is known (被分解单元).

    Attributes
    ----------
    code : str
        Region code; where two members have equal claims to a last 0.01 %, the lower code is first.
    name : str
    area : int
        Land area, m².
    base : Decimal
        Present conservation rate, percent.
    treatable : int
        Area that can still be treated, m².
    floor, ceiling : Decimal
        What the target may not fall below, and may not exceed, percent.
    held : Decimal or None
        Target that is not to be moved, percent.
    """

    code: str
    name: str
    area: int
    base: Decimal
    treatable: int
    floor: Decimal = Decimal(0)
    ceiling: Decimal = Decimal(100)
    held: Decimal | None = None

    @property
    def lowest(self) -> int:
        """Return the least target that can be printed, steps of 0.01 % (下限)."""
        return ceil(steps(self.floor if self.held is None else self.held))

    @property
    def highest(self) -> int:
        """Return the greatest target that can be printed, steps of 0.01 % (上限)."""
        return floor(steps(self.ceiling if self.held is None else self.held))


@dataclass(frozen=True)
class Division:
    """
    A target that is divided (分解结果).

    Attributes
    ----------
    percent : dict of str to Decimal
        Target by the code of the member, percent, to 0.01.
    exact : dict of str to Fraction
        The same before rounding.
    mean : Fraction
        Area-weighted mean of what is given out, percent.
    gap : Fraction
        ``mean`` less the region's target, percentage points; at most half a step of 0.01.
    """

    percent: dict[str, Decimal]
    exact: dict[str, Fraction]
    mean: Fraction
    gap: Fraction


def steps(percent: Number) -> Fraction:
    """Return a percentage in steps of 0.01 % (化为步数)."""
    return Fraction(percent) * 100


def mean_of(members: Iterable[tuple[int, Number]]) -> Fraction:
    r"""
    Return the area-weighted mean (面积加权平均).

    Parameters
    ----------
    members : iterable of (int, number)
        Area, in any one unit, and percent.

    Notes
    -----
    .. math:: \bar r = \frac{\sum_i r_i S_i}{\sum_i S_i}

    Examples
    --------
    >>> float(mean_of([(100, Decimal("50")), (300, Decimal("70"))]))
    65.0
    """
    given = list(members)
    return sum((area * Fraction(rate) for area, rate in given), Fraction()) / sum(area for area, _ in given)


def closes(mean: Fraction, target: Decimal) -> bool:
    """
    Return whether a mean is the target as it is printed, that is, to 0.01 % (是否闭合).

    Examples
    --------
    >>> closes(Fraction("63.5577"), Decimal("63.56")), closes(Fraction("63.5501"), Decimal("63.56"))
    (True, False)
    """
    return abs(steps(mean) - steps(target)) <= HALF


def divide(members: Sequence[Member], target: Decimal, method: Method) -> Division:
    r"""
    Divide a region's target among its members (分解目标).

    Parameters
    ----------
    members : sequence of Member
        Each code once.
    target : Decimal
        The region's own target, percent, to 0.01.
    method : Method
        ``EQUAL``: all gain the same percentage points. ``TREATABLE``: what each gains in area is proportional to what
        can still be treated there. ``AS_NOW``: all rates keep the proportion that they have.

    Returns
    -------
    Division
        Its area-weighted mean is the target to 0.01 %, and every member lies within its bounds.

    Raises
    ------
    Refusal
        ``ceilings-too-low``, ``floors-too-high``, ``bounds-crossed`` or ``method-cannot``; the message has the gap.

    Notes
    -----
    With :math:`b_i` the base, :math:`w_i` the weight of the method and :math:`[l_i, u_i]` the bounds, the one
    :math:`\lambda` is sought for which

    .. math:: \sum_i S_i \min(u_i, \max(l_i, b_i + \lambda w_i)) = r \sum_i S_i

    The left side is piecewise linear and never falls, so :math:`\lambda` is found exactly between two of the values at
    which a member meets a bound. Then everybody is rounded down to 0.01 %, and the largest remainders are rounded up as
    long as that brings the mean nearer.
    """
    _check(members, target)
    total = sum(member.area for member in members)
    lowest = sum(member.area * member.lowest for member in members)
    highest = sum(member.area * member.highest for member in members)
    wanted = min(max(steps(target) * total, Fraction(lowest)), Fraction(highest))
    lines = [_line(member, method) for member in members]

    def reached(multiplier: Fraction) -> Fraction:
        return sum((m.area * _at(m, line, multiplier) for m, line in zip(members, lines, strict=True)), Fraction())

    multiplier = _solve(reached, wanted, _turns(members, lines))
    if multiplier is None:
        raise Refusal(
            "method-cannot",
            f"按“{LABELS[method]}”无法达到 {target} %：有的地方现状为零或没有可治理面积；请换一种方法。",
        )
    exact = {m.code: _at(m, line, multiplier) for m, line in zip(members, lines, strict=True)}
    given = _rounded(members, exact, wanted)
    mean = Fraction(sum(m.area * given[m.code] for m in members), total * 100)
    return Division(
        percent={code: Decimal(step) * STEP for code, step in given.items()},
        exact={code: step / 100 for code, step in exact.items()},
        mean=mean,
        gap=mean - Fraction(target),
    )


LABELS = {Method.EQUAL: "同等提高", Method.TREATABLE: "按可治理面积", Method.AS_NOW: "按现状比例"}
"""What the methods are called (方法名称)."""


def _check(members: Sequence[Member], target: Decimal) -> None:
    """Refuse what cannot be closed, with the gap."""
    crossed = [m for m in members if m.lowest > m.highest]
    if crossed:
        said = "、".join(f"{m.name}（{m.floor:.2f}–{m.ceiling:.2f}）" for m in crossed)
        raise Refusal("bounds-crossed", f"这些地方的下限高于上限：{said}；请核对现状率与可治理面积。")
    total = sum(member.area for member in members)
    held = "；已固定的也可放开" if any(m.held is not None for m in members) else ""
    high = Fraction(sum(m.area * m.highest for m in members), total)
    if high < steps(target) - HALF:
        raise Refusal(
            "ceilings-too-low",
            f"各地都到上限，按面积加权也只有 {_said(high)} %，比目标 {target:.2f} % 少 {_said(steps(target) - high)} 个百分点"
            f"（{_land(steps(target) - high, total)} km²）；请核对可治理面积{held}。",
        )
    low = Fraction(sum(m.area * m.lowest for m in members), total)
    if low > steps(target) + HALF:
        raise Refusal(
            "floors-too-high",
            f"各地都在下限，按面积加权已有 {_said(low)} %，比目标 {target:.2f} % 多 {_said(low - steps(target))} 个百分点"
            f"（{_land(low - steps(target), total)} km²）；请核对现状率、已在执行的目标，或不以现状为下限{held}。",
        )


def _said(step: Fraction) -> str:
    return f"{float(step) / 100:.2f}"


def _land(step: Fraction, total: int) -> str:
    return f"{float(step * total) / 1e10:.2f}"


def _line(member: Member, method: Method) -> tuple[Fraction, Fraction]:
    """Return where a member starts, and what it gains for each unit of the multiplier, in steps."""
    if method is Method.AS_NOW:
        return Fraction(), steps(member.base)
    if method is Method.EQUAL:
        return steps(member.base), Fraction(1)
    return steps(member.base), Fraction(member.treatable, member.area) * 10000


def _at(member: Member, line: tuple[Fraction, Fraction], multiplier: Fraction) -> Fraction:
    """Return what a member has at a multiplier, in steps."""
    start, slope = line
    return min(Fraction(member.highest), max(Fraction(member.lowest), start + multiplier * slope))


def _turns(members: Sequence[Member], lines: Sequence[tuple[Fraction, Fraction]]) -> list[Fraction]:
    """Return the multipliers at which a member meets a bound, in order."""
    return sorted({(bound - start) / slope for m, (start, slope) in zip(members, lines, strict=True) if slope
                   for bound in (m.lowest, m.highest)})  # fmt: skip


def _solve(reached: Callable[[Fraction], Fraction], wanted: Fraction, turns: Sequence[Fraction]) -> Fraction | None:
    """Return the multiplier at which the wanted sum is reached; None if it never is."""
    if not turns:
        return Fraction() if reached(Fraction()) == wanted else None
    if not reached(turns[0]) <= wanted <= reached(turns[-1]):
        return None
    low, high = 0, len(turns) - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if reached(turns[middle]) <= wanted else (low, middle)
    before, after = reached(turns[low]), reached(turns[high])
    if after == before:
        return turns[low]
    return turns[low] + (turns[high] - turns[low]) * (wanted - before) / (after - before)


def _rounded(members: Sequence[Member], exact: dict[str, Fraction], wanted: Fraction) -> dict[str, int]:
    """Return whole steps: down for all, then up by the largest remainder while the mean comes nearer."""
    given = {code: floor(step) for code, step in exact.items()}
    lacking = wanted - sum(m.area * given[m.code] for m in members)
    for member in sorted(members, key=lambda m: (given[m.code] - exact[m.code], m.code)):
        if given[member.code] < exact[member.code] and member.area < 2 * lacking:
            given[member.code] += 1
            lacking -= member.area
    return given
