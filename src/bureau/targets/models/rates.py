"""Targets of the rate, how they are divided, the way to them, and how their years ended (水土保持率目标)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from bureau.office.models import Person
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet
from bureau.targets.closing import LABELS, STEP, Member, Method
from bureau.targets.course import SHAPES, Shape

YEARS = Q(year__gte=2000) & Q(year__lte=2100)


class TargetQuerySet(ScopedQuerySet["Target"]):
    """Targets (目标)."""

    def in_force(self, on: date | None = None) -> TargetQuerySet:
        """Return those that apply on a day, today if none is named: begun, and no later one in their place (现行目标)."""
        day = on or timezone.localdate()
        begun = Q(since=None) | Q(since__lte=day)
        return self.filter(begun, Q(superseded=None) | Q(superseded__gt=day))

    def latest_decided(self) -> TargetQuerySet:
        """Return those that nothing has been decided after, in force or ahead (最后定的目标)."""
        return self.filter(superseded=None)

    def ahead(self, today: date) -> TargetQuerySet:
        """Return those that are decided and begin later (将执行的目标)."""
        return self.filter(since__gt=today).filter(Q(superseded=None) | Q(superseded__gt=F("since")))

    def over(self, today: date) -> TargetQuerySet:
        """Return those whose place another has taken already (已被替代的目标)."""
        return self.filter(superseded__lte=today)


@pghistory.track()
class Target(models.Model):
    """A conservation rate that a region has to reach by a year (水土保持率目标), with the document it stands in."""

    class Status(models.TextChoices):
        """How sure the figure is (核对状态)."""

        VERIFIED = "verified", "已核对原文"
        DRAFT = "draft", "草案"
        DECIDED = "decided", "本级文件"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="rate_targets")
    year = models.PositiveSmallIntegerField("目标年")
    percent = models.DecimalField("目标值（%）", max_digits=5, decimal_places=2)
    source = models.CharField("文件", max_length=200)
    clause = models.CharField("条款", max_length=200, blank=True)
    status = models.CharField("状态", max_length=8, choices=Status)
    pack = models.CharField("目标包", max_length=40, blank=True)
    decomposition = models.ForeignKey(
        "Decomposition", models.PROTECT, verbose_name="分解", null=True, blank=True, related_name="targets"
    )
    simulated = models.BooleanField("模拟数据", default=False)
    since = models.DateField("生效日期", null=True, blank=True)
    superseded = models.DateField("被替代日期", null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="录入人", null=True, blank=True, related_name="+")

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "水土保持率目标"
        ordering: ClassVar = ["region_id", "year", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "year"], condition=Q(superseded=None), name="target_in_force_once_a_year"
            ),
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lte=100), name="target_is_a_percentage"),
            models.CheckConstraint(condition=YEARS, name="target_year_is_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年 {self.percent} %"


@pghistory.track()
class Decomposition(models.Model):
    """A region's target divided among its members (目标分解): drafted, submitted, approved by another, put in force."""

    class State(models.TextChoices):
        """How far it is (分解状态)."""

        DRAFT = "draft", "起草"
        SUBMITTED = "submitted", "已提交"
        APPROVED = "approved", "已批准"
        IN_FORCE = "in_force", "已生效"
        DISCARDED = "discarded", "已作废"

    OPEN = (State.DRAFT, State.SUBMITTED, State.APPROVED)

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="decompositions")
    year = models.PositiveSmallIntegerField("目标年")
    percent = models.DecimalField("本级目标（%）", max_digits=5, decimal_places=2)
    method = models.CharField("方法", max_length=10, choices=[(m.value, LABELS[m]) for m in Method])
    keep_present = models.BooleanField("不低于现状", default=True)
    area_source = models.CharField("面积来源", max_length=200)
    base_source = models.CharField("现状来源", max_length=300, blank=True)
    simulated = models.BooleanField("现状为模拟数据", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey(Person, models.PROTECT, verbose_name="起草人", related_name="+")
    made = models.DateTimeField("起草时间")
    submitted_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="提交人", null=True, blank=True, related_name="+"
    )
    submitted = models.DateTimeField("提交时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="批准人", null=True, blank=True, related_name="+"
    )
    approved = models.DateTimeField("批准时间", null=True, blank=True)
    returned_for = models.CharField("退回理由", max_length=500, blank=True)
    document = models.CharField("印发文号", max_length=100, blank=True)
    in_force = models.DateField("生效日期", null=True, blank=True)

    objects = ScopedQuerySet["Decomposition"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标分解"
        ordering: ClassVar = ["-made"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "year"],
                condition=Q(state__in=["draft", "submitted", "approved"]),
                name="decomposition_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("submitted_by")),
                name="decomposition_approved_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | (Q(in_force__isnull=False) & ~Q(document="")),
                name="decomposition_in_force_has_a_document",
            ),
            models.CheckConstraint(condition=YEARS, name="decomposition_year_is_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年目标分解"

    @property
    def is_draft(self) -> bool:
        """Return whether it can still be changed (可否修改)."""
        return self.state == self.State.DRAFT


@pghistory.track()
class Line(models.Model):
    """What one member of the region is given (分解行)."""

    decomposition = models.ForeignKey(Decomposition, models.CASCADE, verbose_name="分解", related_name="lines")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    area_m2 = models.BigIntegerField("面积（m²）")
    base = models.DecimalField("现状率（%）", max_digits=7, decimal_places=4, null=True, blank=True)
    base_source = models.CharField("现状依据", max_length=200, blank=True)
    treatable_m2 = models.BigIntegerField("可治理面积（m²）", null=True, blank=True)
    in_force_before = models.DecimalField(
        "已在执行的较早目标（%）", max_digits=5, decimal_places=2, null=True, blank=True
    )
    held = models.BooleanField("固定", default=False)
    percent = models.DecimalField("目标值（%）", max_digits=5, decimal_places=2, null=True, blank=True)

    region_path = "region__code"
    objects = ScopedQuerySet["Line"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分解行"
        ordering: ClassVar = ["region_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["decomposition", "region"], name="line_once_a_region"),
            models.CheckConstraint(condition=Q(area_m2__gt=0), name="line_has_an_area"),
            models.CheckConstraint(
                condition=Q(treatable_m2=None) | (Q(treatable_m2__gte=0) & Q(treatable_m2__lte=F("area_m2"))),
                name="line_treatable_lies_within",
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | (Q(percent__gte=0) & Q(percent__lte=100)), name="line_is_a_percentage"
            ),
            models.CheckConstraint(
                condition=Q(held=False) | Q(percent__isnull=False), name="line_is_held_at_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.percent} %"

    @property
    def eroded_m2(self) -> int | None:
        """Return the area that erodes now, m² (现状水土流失面积)."""
        return None if self.base is None else int(self.area_m2 * (100 - self.base) / 100)

    @property
    def can_be_treated_m2(self) -> int | None:
        """Return the area that can be treated, m²: all that erodes, if nobody said otherwise (可治理面积)."""
        return self.eroded_m2 if self.treatable_m2 is None else self.treatable_m2

    @property
    def floor(self) -> Decimal:
        """Return what it may not fall below, percent: present rate, and a target in force already (下限)."""
        present = self.base if self.base is not None and self.decomposition.keep_present else Decimal(0)
        return max(present.quantize(STEP, "ROUND_CEILING"), self.in_force_before or Decimal(0))

    @property
    def ceiling(self) -> Decimal | None:
        """Return what it may not exceed, percent: all that can be treated is treated (上限)."""
        if self.base is None:
            return None
        if self.treatable_m2 is None:
            return Decimal(100)
        reached = self.base + Decimal(self.can_be_treated_m2 or 0) * 100 / self.area_m2
        return min(Decimal(100), reached).quantize(STEP, "ROUND_FLOOR")

    @property
    def gain(self) -> Decimal | None:
        """Return how much it has to gain, percentage points (需提高)."""
        return None if self.percent is None or self.base is None else self.percent - self.base

    @property
    def to_treat_km2(self) -> Decimal | None:
        """Return how much less land has to erode, km² (需减少的水土流失面积)."""
        return None if self.gain is None else self.gain * self.area_m2 / 100 / 10**6

    def member(self) -> Member:
        """Return it as the algorithm takes it; it has a base (化为被分解单元)."""
        assert self.base is not None  # noqa: S101 - asked only where every line has one
        return Member(
            code=self.region_id, name=self.region.name, area=self.area_m2, base=self.base,
            treatable=self.can_be_treated_m2 or 0, floor=self.floor, ceiling=self.ceiling or Decimal(100),
            held=self.percent if self.held else None,
        )  # fmt: skip


@pghistory.track()
class Course(models.Model):
    """How a region goes to its targets (年度路径); where there is none, evenly from the first published rate."""

    region = models.OneToOneField(Region, models.PROTECT, verbose_name="行政区", related_name="rate_course")
    shape = models.CharField("形状", max_length=12, choices=[(s.value, SHAPES[s]) for s in Shape])
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="设定人", related_name="+")
    at = models.DateTimeField("设定时间")

    objects = ScopedQuerySet["Course"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度路径"

    def __str__(self) -> str:
        return f"{self.region.name}年度路径（{self.get_shape_display()}）"


@pghistory.track()
class Milestone(models.Model):
    """The rate of one year on a way of one's own (自定年度值)."""

    region_path = "course__region__code"

    course = models.ForeignKey(Course, models.CASCADE, verbose_name="路径", related_name="milestones")
    year = models.PositiveSmallIntegerField("年份")
    percent = models.DecimalField("水土保持率（%）", max_digits=5, decimal_places=2)

    objects = ScopedQuerySet["Milestone"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自定年度值"
        ordering: ClassVar = ["course_id", "year"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "year"], name="milestone_once_a_year"),
            models.CheckConstraint(condition=Q(percent__gte=0) & Q(percent__lte=100), name="milestone_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年 {self.percent} %"


@pghistory.track()
class YearEnd(models.Model):
    """
    How a region's year ended (年度核定): the published rate beside what was asked for, settled by the region above.

    It keeps the figures of its day; a later publication does not change it. Reopened with a reason, never edited.
    """

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    year = models.PositiveSmallIntegerField("年份")
    asked = models.DecimalField("应达（%）", max_digits=5, decimal_places=2)
    is_target = models.BooleanField("目标年", default=False)
    percent = models.DecimalField("公布的率（%）", max_digits=7, decimal_places=4)
    low = models.DecimalField("区间下限（%）", max_digits=7, decimal_places=4, null=True, blank=True)
    high = models.DecimalField("区间上限（%）", max_digits=7, decimal_places=4, null=True, blank=True)
    publication = models.PositiveIntegerField("成果")
    version = models.PositiveIntegerField("成果版本")
    simulated = models.BooleanField("模拟数据", default=False)
    remark = models.CharField("说明", max_length=300, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="核定人", related_name="+")
    at = models.DateTimeField("核定时间")
    reopened = models.DateTimeField("重开时间", null=True, blank=True)
    reopened_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="重开人", null=True, blank=True, related_name="+"
    )
    reopened_for = models.CharField("重开理由", max_length=300, blank=True)

    objects = ScopedQuerySet["YearEnd"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "年度核定"
        ordering: ClassVar = ["-year", "region_id", "-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "year"], condition=Q(reopened=None), name="year_ends_once_in_a_region"
            ),
            models.CheckConstraint(condition=YEARS, name="year_end_year_is_a_year"),
            models.CheckConstraint(
                condition=Q(reopened=None, reopened_by=None)
                | (Q(reopened__isnull=False, reopened_by__isnull=False) & ~Q(reopened_for="")),
                name="year_end_is_reopened_by_somebody_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年核定"

    @property
    def met(self) -> bool:
        """Return whether the rate came to what was asked, to 0.01 % (是否达到)."""
        return self.percent.quantize(STEP) >= self.asked
