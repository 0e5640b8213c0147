"""
How the years of a region's members end (年度核定): what was published beside what the way or the target asked for.

A region settles the years of those below it, nobody their own. Settled figures stay as they were on that day; where a later
publication says otherwise, that is shown, and the year can be reopened with a reason and settled again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from bureau.access import Duty
from bureau.office.models import Person
from bureau.publications.selectors import RateFigure
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets.actuals import Figures
from bureau.targets.closing import STEP
from bureau.targets.effect import says_something
from bureau.targets.models import YearEnd
from bureau.targets.standing import Standing, standings

FOUR = Decimal("0.0001")
"""Rates are kept to this, percent."""


@dataclass(frozen=True)
class YearRow:
    """
    A region's year: what was asked, what was published, and how it was settled (年度一行).

    Attributes
    ----------
    region : Region
    year : int
    asked : Decimal or None
        The target of the year, or what the way asks for, percent; the way where that is more, as it started above the target.
    is_target : bool
        Whether it is the target that is asked for.
    figure : RateFigure or None
        What is published of the year now.
    end : YearEnd or None
        How it was settled.
    beyond : bool
        Whether what is asked is above the next target: the way started above it, and stays level.
    """

    region: Region
    year: int
    asked: Decimal | None
    is_target: bool
    figure: RateFigure | None
    end: YearEnd | None
    beyond: bool = False

    @property
    def rate(self) -> Decimal | None:
        """Return the published rate, percent, to four places (公布的率)."""
        return None if self.figure is None else _kept(self.figure.percent)

    @property
    def gap(self) -> Decimal | None:
        """Return the rate less what was asked, percentage points (差距)."""
        if self.end is not None:
            return self.end.percent - self.end.asked
        return None if self.rate is None or self.asked is None else self.rate - self.asked

    @property
    def met(self) -> bool | None:
        """Return whether the rate came to what was asked, to 0.01 %; None if that is not known (是否达到)."""
        if self.end is not None:
            return self.end.met
        return None if self.rate is None or self.asked is None else self.rate.quantize(STEP) >= self.asked

    @property
    def open(self) -> bool:
        """Return whether it can be settled (可否核定)."""
        return self.end is None and self.met is not None

    @property
    def ground(self) -> str:
        """Return what asks for it, in words (应达依据)."""
        if self.end is not None and (self.end.asked, self.end.is_target) != (self.asked, self.is_target):
            return "目标" if self.end.is_target else "年度路径"
        if self.asked is None:
            return ""
        return "起点（已高于目标，不得倒退）" if self.beyond else "目标" if self.is_target else "年度路径"

    @property
    def moved(self) -> bool:
        """Return whether what is published has changed since it was settled (成果此后有更新)."""
        return self.end is not None and self.rate is not None and self.rate != self.end.percent


def _kept(percent: float) -> Decimal:
    return Decimal(repr(percent)).quantize(FOUR)


def year_rows(regions: list[Region], year: int, figures: Figures) -> list[YearRow]:
    """
    Return the year of some regions (各地年度).

    Parameters
    ----------
    regions : list of Region
        Whoever asks has made sure that they may be seen.
    year : int
    figures : Figures
        Published rates.
    """
    ends = {end.region_id: end for end in YearEnd.objects.filter(region__in=regions, year=year, reopened=None)}
    return [_row(standing, year, ends.get(standing.region.code)) for standing in standings(regions, year, figures)]


def _row(standing: Standing, year: int, end: YearEnd | None) -> YearRow:
    target = standing.targets.get(year)
    starts = standing.base is not None and standing.base[0] == year  # the way asks for what it starts from
    asked = None if starts else standing.way.get(year)
    if target is not None:
        asked = max(
            target.percent, asked or target.percent
        )  # never less than the target, nor than where the way started
    is_target = target is not None and asked == target.percent
    return YearRow(standing.region, year, asked, is_target, standing.figures.get(year), end, standing.beyond(year))


@transaction.atomic
def settle(
    *, by: Person, region: Region, year: int, rows: list[YearRow], remarks: Mapping[str, str], now: datetime, today: date
) -> list[YearEnd]:  # fmt: skip
    """
    Settle a year of a region's members, as far as it can be (年度核定).

    Parameters
    ----------
    by : Person
        Reviews for the region whose members they are.
    region : Region
    year : int
    rows : list of YearRow
        Of regions below it.
    remarks : mapping of str to str
        Why, by region; those that fell short need one.
    now : datetime
    today : date

    Raises
    ------
    Refusal
        If it is not theirs, the year is not over, nothing can be settled, or one that fell short has no remark.
    """
    if not by.may(Duty.REVIEW, region.code):
        raise Refusal("not-your-region", f"{region.name}下级的年度核定，须由{region.name}或其上级的“审核”岗位办理。")
    if year >= today.year:
        raise Refusal("not-over", f"{year} 年还没有过完；请在下一年、成果公布之后核定。")
    foreign = [row.region.name for row in rows if row.region.code == region.code or not region.holds(row.region.code)]
    if foreign:
        raise Refusal("not-below", f"{'、'.join(foreign)}不是{region.name}的下级；一地的年度由其上级核定。")
    ready = [row for row in rows if row.open]
    if not ready:
        raise Refusal("nothing-open", f"{year} 年没有可核定的：各地已核定，或还没有公布的率、没有路径；请先公布成果。")
    silent = [row.region.name for row in ready if not row.met and not says_something(remarks.get(row.region.code, ""))]
    if silent:
        raise Refusal("no-remark", f"没有达到的须写明原因与措施：{'、'.join(silent)}；请在说明栏填写后再核定。")
    try:
        with transaction.atomic():
            return [YearEnd.objects.create(**_settled(row, remarks, by, now)) for row in ready]
    except IntegrityError as twice:
        raise Refusal("settled-already", f"{year} 年刚刚由他人核定；请刷新页面查看。") from twice


def _settled(row: YearRow, remarks: Mapping[str, str], by: Person, now: datetime) -> dict[str, object]:
    """Return the fields of a year that is settled."""
    figure = row.figure
    assert figure is not None  # noqa: S101 - only open rows are settled
    return {
        "region": row.region, "year": row.year, "asked": row.asked, "is_target": row.is_target, "percent": row.rate,
        "low": None if figure.low is None else _kept(figure.low),
        "high": None if figure.high is None else _kept(figure.high), "publication": figure.publication,
        "version": figure.version, "simulated": figure.simulated,
        "remark": remarks.get(row.region.code, "").strip()[:300], "by": by, "at": now,
    }  # fmt: skip


@transaction.atomic
def reopen(*, by: Person, end: YearEnd, reason: str, now: datetime) -> None:
    """
    Reopen a year that was settled; what was settled stays to be seen (重开年度).

    Raises
    ------
    Refusal
        If it is one's own region's, one settled it oneself, no reason is given, or it was reopened before.
    """
    if not by.may(Duty.APPROVE, end.region_id) or by.organisation.region_id == end.region_id:
        raise Refusal("not-your-region", f"重开{end.region.name}的年度，须由其上级的“批准”岗位办理。")
    if by.pk == end.by_id:
        raise Refusal("oneself", "不能重开自己核定的年度；请由另一位批准人办理。")
    if not says_something(reason):
        raise Refusal("no-reason", "没有写重开理由；请写明哪里有误，或哪一版成果有更正。")
    words = {"reopened": now, "reopened_by": by, "reopened_for": reason.strip()[:300]}
    if YearEnd.objects.filter(pk=end.pk, reopened=None).update(**words) != 1:
        raise Refusal("reopened-already", "这一年已经重开；请刷新页面查看。")
