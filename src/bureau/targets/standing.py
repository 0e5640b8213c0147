"""How regions stand to their targets (达标情况): rate, way, forecast, and whether they will reach them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bureau.publications.classes import pack_titles
from bureau.publications.selectors import Basis, RateFigure
from bureau.refusal import Refusal
from bureau.regions.codes import parent_code
from bureau.regions.models import Region
from bureau.targets.actuals import Figures
from bureau.targets.course import SHAPES, Shape, course
from bureau.targets.differing import told_difference
from bureau.targets.forecast import MISSES, VERDICTS, Forecast, Verdict, comparable, forecast, judge
from bureau.targets.models import Course, Target

TONES = {
    Verdict.REACHED: "good", Verdict.WILL_REACH: "good", Verdict.LIKELY: "info", Verdict.UNLIKELY: "due",
    Verdict.MISSED: "late", Verdict.WILL_MISS: "late", Verdict.UNKNOWN: "",
}  # fmt: skip
"""Colour of each verdict."""


@dataclass(frozen=True)
class Standing:
    """
    How a region stands to its target of a year (达标情况).

    Attributes
    ----------
    region : Region
    year : int
        Year of the target.
    targets : dict of int to Target
        Targets in force, by year.
    figures : dict of int to RateFigure
        Published rates, by year.
    way : dict of int to Decimal
        Rate to have in each year, percent.
    trend : Forecast or None
    verdict : Verdict
    shape : Shape
        Of the way.
    milestones : dict of int to Decimal
        Rates of a way of its own.
    around : Figures
        Published rates of the region and those within it, to say why years do not compare.
    """

    region: Region
    year: int
    targets: dict[int, Target]
    figures: dict[int, RateFigure]
    way: dict[int, Decimal]
    trend: Forecast | None
    verdict: Verdict
    shape: Shape = Shape.LINEAR
    milestones: dict[int, Decimal] = field(default_factory=dict)
    around: Figures = field(default_factory=dict, repr=False)

    @property
    def target(self) -> Target | None:
        """Return the target of the year (目标)."""
        return self.targets.get(self.year)

    @property
    def figure(self) -> RateFigure | None:
        """Return the last published rate (最近一次公布的率)."""
        return self.figures[max(self.figures)] if self.figures else None

    @property
    def base(self) -> tuple[int, Decimal] | None:
        """Return the first published year and rate, from which the way starts (起点)."""
        if not self.figures:
            return None
        year = min(self.figures)
        return year, Decimal(repr(self.figures[year].percent)).quantize(Decimal("0.01"))

    @property
    def gap(self) -> float | None:
        """Return the last rate less the target, percentage points (差距)."""
        if self.figure is None or self.target is None:
            return None
        return self.figure.percent - float(self.target.percent)

    @property
    def lacking_km2(self) -> float | None:
        """Return how much less land has to erode to reach the target, km² (尚需减少的水土流失面积)."""
        if self.gap is None or self.figure is None:
            return None
        return max(0.0, -self.gap / 100 * self.figure.land_m2 / 1e6)

    @property
    def due_now(self) -> Decimal | None:
        """Return what the way asks for in the year of the last rate, percent (当年应达)."""
        return None if self.figure is None else self.way.get(self.figure.year)

    @property
    def behind(self) -> bool:
        """Return whether the last rate lies under the way (是否落后于路径)."""
        return (
            self.due_now is not None and self.figure is not None and self.figure.percent < float(self.due_now) - 0.005
        )

    def beyond(self, year: int) -> bool:
        """Return whether the way asks for more than the next target, since it starts above it (应达已高于目标)."""
        ahead = [target.percent for when, target in sorted(self.targets.items()) if when >= year]
        return bool(ahead) and self.way.get(year, Decimal(0)) > ahead[0]

    @property
    def beyond_now(self) -> bool:
        """Return whether that is so in the year of the last rate (当年应达已高于目标)."""
        return self.figure is not None and self.beyond(self.figure.year)

    @property
    def surpassed(self) -> list[Target]:
        """Return the targets that the way was above from its start (起点已高于的目标)."""
        return [each for year, each in sorted(self.targets.items()) if self.way.get(year, Decimal(0)) > each.percent]

    @property
    def compared(self) -> list[int]:
        """Return the years that the trend rests on: those that compare with the last (可比的年份)."""
        return sorted(comparable(self.figures))

    @property
    def not_compared(self) -> list[int]:
        """Return the published years that do not compare with the last (不可比的年份)."""
        return sorted(set(self.figures) - set(self.compared))

    @property
    def not_compared_told(self) -> list[tuple[list[int], str]]:
        """Return the years that do not compare with the last, and why; once where it is the same (不可比的年份与原因)."""
        found: dict[str, list[int]] = defaultdict(list)
        for year in self.not_compared:
            found[told_difference(self.region.code, year, max(self.figures), self.around)].append(year)
        return [(years, why) for why, years in found.items()]

    @property
    def basis(self) -> str:
        """Return what the years that compare have in common (口径)."""
        bases = sorted(self.figure.bases) if self.figure else []
        names = dict(Region.objects.filter(code__in=[basis.region_code for basis in bases]).values_list("code", "name"))
        return "；".join(told(basis, names.get(basis.region_code, basis.region_code)) for basis in bases)

    @property
    def expected(self) -> float | None:
        """Return the rate that the trend leads to in the year of the target, percent (预测值)."""
        return None if self.trend is None else self.trend.middle.get(self.year)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the interval of what is expected, percent; None with fewer than three rates (预测区间)."""
        if self.trend is None or self.year not in self.trend.low:
            return None
        return self.trend.low[self.year], self.trend.high[self.year]

    @property
    def misses(self) -> bool:
        """Return whether the target was or will be missed, by the trend (是否不达标)."""
        return self.verdict in MISSES

    @property
    def simulated(self) -> bool:
        """Return whether anything in it is made up (是否含模拟数据)."""
        return any(f.simulated for f in self.figures.values()) or any(t.simulated for t in self.targets.values())

    @property
    def verdict_label(self) -> str:
        """Return what the verdict is called (判断名称)."""
        return VERDICTS[self.verdict]

    @property
    def tone(self) -> str:
        """Return the colour of the verdict (颜色)."""
        return TONES[self.verdict]

    @property
    def shape_label(self) -> str:
        """Return what the shape of the way is called (形状名称)."""
        return SHAPES[self.shape]

    @property
    def table(self) -> list[dict[str, Any]]:
        """Return the figures of the chart, year by year (逐年数值)."""
        trend = self.trend
        years = {*self.way, *self.figures, *self.targets, *(trend.middle if trend else ())}
        return [
            {
                "year": year, "way": self.way.get(year), "target": year in self.targets,
                "actual": self.figures[year].percent if year in self.figures else None,
                "least": self.figures[year].low if year in self.figures else None,
                "most": self.figures[year].high if year in self.figures else None,
                "middle": trend.middle.get(year) if trend else None, "low": trend.low.get(year) if trend else None,
                "high": trend.high.get(year) if trend else None,
            }
            for year in sorted(years)
        ]  # fmt: skip

    def chart(self) -> dict[str, Any]:
        """Return what the chart of the region draws (图表数据)."""
        trend = self.trend
        ahead = sorted(trend.middle) if trend else []
        return {
            "name": self.region.name,
            "way": [[year, float(rate)] for year, rate in sorted(self.way.items())],
            "actual": [[y, round(f.percent, 4), f.low, f.high] for y, f in sorted(self.figures.items())],
            "targets": [[year, float(t.percent)] for year, t in sorted(self.targets.items())],
            "middle": [[year, round(trend.middle[year], 4)] for year in ahead] if trend else [],
            "band": [[y, round(trend.low[y], 4), round(trend.high[y], 4)] for y in ahead if y in trend.low]
            if trend
            else [],
            "simulated": self.simulated,
        }


def told(basis: Basis, name: str) -> str:
    """
    Return what a survey was made for and by, in words (口径).

    Examples
    --------
    >>> told(Basis("140900", ("national", "shanxi"), 30.0, False), "忻州市")
    '忻州市的调查成果，规则包 全国水土保持规则、山西省水土保持规则，像元 30 m'
    """
    cell = f"，像元 {basis.cell_m:g} m" if basis.cell_m else ""
    return f"{name}的调查成果，规则包 {pack_titles(basis.packs)}{cell}{'，模拟数据' if basis.simulated else ''}"


def standings(regions: Sequence[Region], year: int, figures: Figures) -> list[Standing]:
    """
    Return how some regions stand to their targets of a year (达标情况).

    Parameters
    ----------
    regions : sequence of Region
        Whoever asks has made sure that they may be seen.
    year : int
        Year of the targets.
    figures : Figures
        Published rates.
    """
    codes = [region.code for region in regions]
    targets: dict[str, dict[int, Target]] = defaultdict(dict)
    for target in Target.objects.in_force().filter(region_id__in=codes):
        targets[target.region_id][target.year] = target
    courses = {c.region_id: c for c in Course.objects.filter(region_id__in=codes).prefetch_related("milestones")}
    return [
        _standing(region, year, targets.get(region.code, {}), figures, courses.get(region.code)) for region in regions
    ]


def _standing(
    region: Region, year: int, targets: dict[int, Target], around: Figures, chosen: Course | None
) -> Standing:
    figures = around.get(region.code, {})
    rates = {when: figure.percent for when, figure in figures.items()}
    last = max(rates, default=0)
    compared = {when: figure.percent for when, figure in comparable(figures).items()}
    trend = forecast(compared, range(last + 1, max([year, *targets, last]) + 1))
    target = targets.get(year)
    verdict = Verdict.UNKNOWN if target is None else judge(float(target.percent), year, rates, trend)
    shape = Shape(chosen.shape) if chosen else Shape.LINEAR
    own = {m.year: m.percent for m in chosen.milestones.all()} if chosen else {}
    made = Standing(region, year, targets, figures, {}, trend, verdict, shape, own, around)
    if made.base is not None:
        made.way.update(_way(made.base, {when: t.percent for when, t in targets.items()}, shape, own))
    return made


def _way(
    base: tuple[int, Decimal], targets: dict[int, Decimal], shape: Shape, own: dict[int, Decimal]
) -> dict[int, Decimal]:
    """Return the way; one's own that no longer fits the targets gives way to the even one."""
    try:
        return course(base, targets, shape, own)
    except Refusal:
        return course(base, targets, Shape.LINEAR)


def printed_above(region: Region) -> list[Target]:
    """
    Return the targets of the regions above that stand in a printed document (上级文件目标).

    They are published, so whoever may see a region may see them; what a region above has decided itself is not shown.

    Parameters
    ----------
    region : Region
    """
    codes = lineage_codes(region.code)[:-1]
    found = (
        Target.objects.in_force()
        .filter(region_id__in=codes)
        .exclude(pack="")
        .select_related("region")
        .defer("region__border")
    )
    return sorted(found, key=lambda target: (codes.index(target.region_id), target.year))


def lineage_codes(code: str) -> list[str]:
    """
    Return the codes of the regions that a region lies in, the highest first, and its own (层级代码).

    Examples
    --------
    >>> lineage_codes("140928")
    ['000000', '140000', '140900', '140928']
    """
    found = [code]
    while (above := parent_code(found[0])) is not None:
        found.insert(0, above)
    return found
