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
    """

    percent: Decimal | None = None
    free: bool = False
    base: Decimal | None = None
    base_source: str = ""
    treatable_m2: int | None = None


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
