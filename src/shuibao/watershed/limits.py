"""Areas between which small watersheds are drawn, as the rules in force give them (划分界限)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from shuibao.messages import CallError
from shuibao.rules import Rules

_AREAS = ("channel_area", "minimum_area", "target_area", "maximum_area", "large_river_area")
"""Keys of the areas that limit small watersheds, from the least."""


@dataclass(frozen=True)
class Limits:
    """
    Areas between which small watersheds are drawn, cells (划分界限).

    Parameters
    ----------
    minimum, target, maximum : int
        Smallest area, area from which a channel is cut above a junction, and largest area of a unit.
    large_river : int
        Contributing area from which the two banks of a channel are drawn apart.
    channel : int
        Contributing area from which a channel is seen at all; not more than ``minimum``.
    side_share : float, default 0.1
        Part of a closed unit that may drain past its outlet, 0 to less than 1.

    Raises
    ------
    CallError
        If the areas cannot be met together: 1 ≤ channel ≤ minimum ≤ target ≤ maximum ≤ large_river.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> limits = Limits.from_rules(load_rules(["national"]), 30.0 * 30.0)
    >>> limits.minimum, limits.maximum  # 10 and 50 km²
    (11112, 55555)
    """

    minimum: int
    target: int
    maximum: int
    large_river: int
    channel: int
    side_share: float = 0.1

    def __post_init__(self) -> None:
        """Refuse areas that contradict each other."""
        areas = (1, self.channel, self.minimum, self.target, self.maximum, self.large_river)
        if not (all(a <= b for a, b in zip(areas[:-1], areas[1:], strict=True)) and 0 <= self.side_share < 1):
            raise CallError(
                "小流域面积界限互相矛盾，应有 1 ≤ 河道阈值 ≤ 面积下限 ≤ 目标面积 ≤ 面积上限 ≤ 大河面积（像元），"
                f"且 0 ≤ 旁侧坡面占比 < 1；现依次为 {areas[1:]} 与 {self.side_share}。"
                "请改规则包的 watershed 各值，或用更小的像元。",
                "the area limits of small watersheds contradict each other: 1 ≤ channel ≤ minimum ≤ target ≤ maximum"
                f" ≤ large_river (cells) and 0 ≤ side_share < 1 are needed, not {areas[1:]} and {self.side_share};"
                " change watershed.* in the rule packs, or use smaller cells.",
            )

    @classmethod
    def from_rules(cls, rules: Rules, cell_area: float) -> Limits:
        """
        Read the limits from the rules in force (由规则取划分界限).

        Parameters
        ----------
        rules : Rules
            Must hold ``watershed.minimum_area`` and the like, km².
        cell_area : float
            Area of a cell, m².

        Raises
        ------
        CallError
            If ``cell_area`` is not positive, a rule is no number that it can be (:func:`number_of`), or the areas
            contradict each other.
        """
        if not cell_area > 0:
            raise CallError(
                f"像元面积应大于 0（m²），现为 {cell_area}。", f"cell_area must be positive (m²), not {cell_area}."
            )

        areas = [number_of(rules, f"watershed.{key}", above=0.0) for key in _AREAS]
        if any(a > b for a, b in zip(areas[:-1], areas[1:], strict=True)):
            written = [f"watershed.{key} = {area:g}" for key, area in zip(_AREAS, areas, strict=True)]
            raise CallError(
                f"规则包中小流域的面积界限互相矛盾（km²）：{'、'.join(written)}；应依次不减，请改规则包。",
                f"the area limits of small watersheds in the rule packs contradict each other (km²): {', '.join(written)}; they must "
                "not fall in this order. Change the rule packs.",
            )

        channel, minimum, target, maximum, large_river = (area * 1e6 / cell_area for area in areas)
        return cls(
            minimum=math.ceil(minimum),
            target=round(target),
            maximum=math.floor(maximum),
            large_river=math.ceil(large_river),
            channel=math.ceil(channel),
            side_share=number_of(rules, "watershed.side_share", least=0.0, below=100.0) / 100.0,
        )


def sliver_cells(rules: Rules, cell_area: float) -> int:
    """
    Return below how many cells a part cut off by county is a sliver (零星像元数).

    Parameters
    ----------
    rules : Rules
        Must hold ``watershed.sliver_area``, km²; with 0 no part is a sliver.
    cell_area : float
        Area of a cell, m².

    Raises
    ------
    CallError
        If the area is negative, infinite or not a number.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> sliver_cells(load_rules(["national"]), 30.0 * 30.0)  # 0.1 km²
    111
    """
    return round(number_of(rules, "watershed.sliver_area", least=0.0) * 1e6 / cell_area)


def number_of(
    rules: Rules, key: str, *, least: float | None = None, above: float | None = None, below: float | None = None
) -> float:
    """
    Return the number of a rule, refusing what it cannot be (取规则的数).

    Parameters
    ----------
    rules : Rules
        Rules in force.
    key : str
        Dotted key; its unit is said in the message.
    least, above, below : float, optional
        The number must not be less than ``least``, and lie above ``above`` and below ``below``.

    Raises
    ------
    CallError
        If it is infinite, not a number, or out of these bounds.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> number_of(load_rules(["national"]), "watershed.minimum_area", above=0.0)
    10.0
    """
    given, unit = rules.value(key), rules[key].unit
    number = float(given) if isinstance(given, int | float) else math.nan
    bounds = [("不小于", "of at least", least), ("大于", "above", above), ("小于", "below", below)]
    kept = [(zh, en, bound) for zh, en, bound in bounds if bound is not None]
    within = (least is None or number >= least) and (above is None or number > above)
    if math.isfinite(number) and within and (below is None or number < below):
        return number
    zh = "、".join(f"{word} {bound:g}" for word, _, bound in kept)
    en = " and ".join(f"{word} {bound:g}" for _, word, bound in kept)
    raise CallError(
        f"规则包中 {key} 为 {given}（{unit}），应为{zh}的有限数；请改规则包。",
        f"{key} in the rule packs is {given} ({unit}); it must be a finite number {en}. Change the rule packs.",
    )
