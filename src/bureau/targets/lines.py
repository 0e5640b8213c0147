"""The lines of a decomposition (分解行): how they close on the region's target, and what may be changed of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bureau.refusal import Refusal
from bureau.targets.closing import Division, Method, closes, divide, mean_of
from bureau.targets.models import Decomposition, Line

SAID = 6
"""Names that a refusal lists at most."""


@dataclass(frozen=True)
class Shown:
    """
    What a person was shown of one line (所见的一行), to tell their own change from somebody else's.

    Attributes
    ----------
    held : bool
    percent : Decimal or None
        Target, percent.
    base : Decimal or None
        Present rate, percent.
    treatable : Decimal or None
        Area that can be treated, km².
    """

    held: bool
    percent: Decimal | None
    base: Decimal | None
    treatable: Decimal | None

    @property
    def goal(self) -> Decimal | None:
        """Return what it is held at; None where it moves with the others (固定值)."""
        return self.percent if self.held else None

    def moved_to(self, now: Shown) -> bool:
        """Return whether somebody has changed the line since (是否已被改动); targets that merely closed again do not count."""
        return (self.held, self.goal, self.base, self.treatable) != (now.held, now.goal, now.base, now.treatable)


@dataclass(frozen=True)
class Change:
    """
    What is to be changed of one line (一行的修改); what is None stays.

    Attributes
    ----------
    percent : Decimal or None
        Target to hold it at, percent.
    free : bool
        Whether it is let go, to move with the others.
    base : Decimal or None
        Present rate, percent.
    base_source : str
        Where that is from.
    treatable_m2 : int or None
        Area that can be treated, m².
    shown : Shown or None
        What the person was shown; None where it does not matter what others have changed since.
    """

    percent: Decimal | None = None
    free: bool = False
    base: Decimal | None = None
    base_source: str = ""
    treatable_m2: int | None = None
    shown: Shown | None = None

    @property
    def empty(self) -> bool:
        """Return whether it changes nothing (有无修改)."""
        return self.percent is None and not self.free and self.base is None and self.treatable_m2 is None

    def collides(self, line: Line) -> bool:
        """Return whether somebody else has changed the same since, to something else (是否冲突)."""
        if self.shown is None:
            return False
        was, now = self.shown, shown_of(line)
        wanted = None if self.free else self.percent
        goal = (self.free or self.percent is not None) and was.goal != now.goal and wanted != now.goal
        base = self.base is not None and was.base != now.base and self.base != now.base
        treatable = None if self.treatable_m2 is None else round(Decimal(self.treatable_m2) / 10**6, 2)
        return goal or base or (treatable is not None and was.treatable != now.treatable and treatable != now.treatable)


class Collision(Refusal):
    """
    Somebody else has changed the same since the page was opened (修改冲突); nothing was changed.

    Parameters
    ----------
    lines : sequence of Line
        Where both have changed something, as they stand now.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        names = "、".join(line.region.name for line in lines) or "分解方法"
        super().__init__(
            "changed-meanwhile",
            f"您打开本页之后，别人也改了{names}；您填的还在，现值列在旁边。请核对：仍要用您的，再提交一次；不用的，改回现值。",
        )
        self.keys = frozenset(line.pk for line in lines)


def shown_of(line: Line) -> Shown:
    """Return a line as a page shows it (所见的一行)."""
    treatable = None if line.can_be_treated_m2 is None else round(Decimal(line.can_be_treated_m2) / 10**6, 2)
    return Shown(line.held, line.percent, line.base, treatable)


def lines_of(decomposition: Decomposition) -> list[Line]:
    """Return the lines with what they need to be reckoned with (分解行)."""
    found = list(decomposition.lines.select_related("region").defer("region__border"))
    for line in found:
        line.decomposition = decomposition
    return found


def division_of(decomposition: Decomposition, lines: Sequence[Line]) -> Division:
    """
    Return how the target is divided by its method under its bounds (计算分解).

    Raises
    ------
    Refusal
        If a present rate is missing, or the target cannot be closed on.
    """
    lacking = [line.region.name for line in lines if line.base is None]
    if lacking:
        said = "、".join(lacking[:SAID]) + (f" 等 {len(lacking)} 处" if len(lacking) > SAID else "")
        raise Refusal("base-missing", f"没有现状水土保持率：{said}；请填写并写明依据，或先公布成果。")
    return divide([line.member() for line in lines], decomposition.percent, Method(decomposition.method))


def reclose(decomposition: Decomposition) -> Refusal | None:
    """
    Give every line that is not held its target anew; where that cannot be, take them away and say why (重新闭合).

    Parameters
    ----------
    decomposition : Decomposition
        A draft.
    """
    lines = lines_of(decomposition)
    trouble: Refusal | None = None
    percent: dict[str, Decimal] = {}
    try:
        percent = division_of(decomposition, lines).percent
    except Refusal as refused:
        trouble = refused
    for line in lines:
        if not line.held:
            line.percent = percent.get(line.region_id)
    Line.objects.bulk_update(lines, ["percent"])
    return trouble


def apply_change(line: Line, change: Change) -> None:
    """
    Change a line, if what is given can be (修改一行); whoever calls it saves the line.

    Raises
    ------
    Refusal
        If a share is none, an area is larger than the region, or a target lies outside its bounds.
    """
    if change.base is not None:
        if not 0 <= change.base <= 100:
            raise Refusal("not-a-percentage", f"{line.region.name}的现状率 {change.base} 不在 0–100 % 之间；请核对。")
        line.base, line.base_source = change.base, change.base_source or "本级填报"
    if change.treatable_m2 is not None:
        if not 0 <= change.treatable_m2 <= line.area_m2:
            raise Refusal(
                "not-within",
                f"{line.region.name}的可治理面积须在 0 与土地面积 {line.area_m2 / 1e6:.2f} km² 之间；请核对。",
            )
        line.treatable_m2 = change.treatable_m2
    if change.free:
        line.held = False
    elif change.percent is not None:
        if not 0 <= change.percent <= 100:
            raise Refusal("not-a-percentage", f"{line.region.name}的目标 {change.percent} 不在 0–100 % 之间；请核对。")
        line.held, line.percent = True, change.percent
        if line.base is not None and not line.floor <= change.percent <= (line.ceiling or Decimal(100)):
            raise Refusal(
                "out-of-bounds",
                f"{line.region.name}的目标 {change.percent:.2f} % 不在下限 {line.floor:.2f} % 与上限 {line.ceiling:.2f} % "
                "之间；请改目标，或核对现状率与可治理面积。",
            )


def trouble_of(decomposition: Decomposition, lines: Sequence[Line]) -> Refusal | None:
    """Return why a decomposition cannot be closed; None if it can (不能闭合的原因)."""
    try:
        division_of(decomposition, lines)
    except Refusal as refused:
        return refused
    return None


def demand_closed(decomposition: Decomposition) -> None:
    """
    Refuse a decomposition whose lines, as they stand, do not come to the region's target (闭合检查).

    Raises
    ------
    Refusal
        With what the lines come to.
    """
    lines = lines_of(decomposition)
    trouble = trouble_of(decomposition, lines)
    if trouble is not None:
        raise trouble
    mean = mean_of((line.area_m2, line.percent or Decimal(0)) for line in lines)
    if any(line.percent is None for line in lines) or not closes(mean, decomposition.percent):
        raise Refusal(
            "not-closed",
            f"各地加权为 {float(mean):.4f} %，目标为 {decomposition.percent} %，没有闭合；请重新计算后再提交。",
        )
