"""What was reported of tasks, its evidence, and reminders (进展、佐证与提醒)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from bureau.office.models import Person
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet
from bureau.tasks.models.register import Due, Figure, Task, Unit


class ProgressReportQuerySet(ScopedQuerySet["ProgressReport"]):
    """Reports of progress (进展报告)."""

    def standing(self) -> ProgressReportQuerySet:
        """Return those that were neither returned nor withdrawn (有效报告)."""
        return self.filter(status__in=ProgressReport.STANDING)


@pghistory.track()
class ProgressReport(models.Model):
    """
    What a region reports of a task (进展报告): written once; a second person confirms or returns it, or its own region withdraws it.

    A report that ``finishes`` says that what was due in ``year`` is done. ``value`` is how much was reached in all, in
    the year for figures that come every year: the latest confirmed one counts.
    """

    region_path = "region__code"

    class Status(models.TextChoices):
        """Where it stands (状态)."""

        SUBMITTED = "submitted", "已提交"
        CONFIRMED = "confirmed", "已确认"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    STANDING = (Status.SUBMITTED, Status.CONFIRMED)

    task = models.ForeignKey(Task, models.PROTECT, verbose_name="任务", related_name="reports")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="填报地区", related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="责任单位", null=True, blank=True, related_name="+")
    due = models.ForeignKey(Due, models.PROTECT, verbose_name="期限", null=True, blank=True, related_name="reports")
    figure = models.ForeignKey(
        Figure, models.PROTECT, verbose_name="数字", null=True, blank=True, related_name="reports"
    )
    year = models.PositiveSmallIntegerField("年度")
    text = models.TextField("进展", max_length=2000)
    value = models.DecimalField("累计完成", max_digits=14, decimal_places=4, null=True, blank=True)
    finishes = models.BooleanField("已完成", default=False)
    imaginary = models.BooleanField("模拟数据", default=False)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="填报人", related_name="+")
    at = models.DateTimeField("填报时间")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SUBMITTED)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    decision = models.CharField("意见", max_length=300, blank=True)

    objects = ProgressReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进展报告"
        ordering: ClassVar = ["-at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status="submitted", decided_by=None, decided_at=None)
                | Q(status="withdrawn", decided_by=None, decided_at__isnull=False)
                | Q(status__in=["confirmed", "returned"], decided_by__isnull=False, decided_at__isnull=False),
                name="report_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("by")), name="report_is_decided_by_another"
            ),
            models.CheckConstraint(condition=Q(value=None) | Q(value__gte=0), name="report_counts_from_nought"),
            models.CheckConstraint(
                condition=Q(value__isnull=True, figure__isnull=True) | Q(value__isnull=False, figure__isnull=False),
                name="report_counts_a_figure",
            ),
            models.CheckConstraint(condition=Q(finishes=False) | Q(due__isnull=False), name="report_finishes_a_due"),
            models.UniqueConstraint(
                fields=["due", "year", "region"], condition=Q(finishes=True, status__in=["submitted", "confirmed"]),
                name="due_is_finished_once_a_year_in_a_region",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.task.title}：{self.text[:20]}"

    @property
    def beyond_parts(self) -> Decimal:
        """Return what it counts beside the reports that it adds up (本级另计)."""
        return (self.value or Decimal(0)) - sum(
            (part.source.value or Decimal(0) for part in self.parts.all()), Decimal(0)
        )


@pghistory.track()
class ReportPart(models.Model):
    """A report of a region below that a sum was made of (汇总明细): reports are written once, so it stays what it was."""

    region_path = "report__region__code"

    report = models.ForeignKey(ProgressReport, models.PROTECT, verbose_name="汇总报告", related_name="parts")
    source = models.ForeignKey(ProgressReport, models.PROTECT, verbose_name="下级报告", related_name="taken_into")

    objects = ScopedQuerySet["ReportPart"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "汇总明细"
        ordering: ClassVar = ["source__region_id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "source"], name="report_added_once"),
            models.CheckConstraint(condition=~Q(report=F("source")), name="report_not_part_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.source.region.name} {self.source.value}"


class Evidence(models.Model):
    """A file that bears a report out (佐证), named by its contents."""

    region_path = "report__region__code"

    report = models.ForeignKey(ProgressReport, models.PROTECT, verbose_name="报告", related_name="evidence")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.PositiveIntegerField("字节")
    media_type = models.CharField("类型", max_length=100)
    path = models.CharField("存放", max_length=120, editable=False)

    objects = ScopedQuerySet["Evidence"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "佐证"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "sha256"], name="evidence_attached_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """A reminder to a person of what is due (提醒)."""

    region_path = "person__organisation__region__code"

    class Kind(models.TextChoices):
        """Why (缘由)."""

        SOON = "soon", "即将到期"
        LATE = "late", "已过期限"

    person = models.ForeignKey(Person, models.CASCADE, verbose_name="人员", related_name="+")
    due = models.ForeignKey(Due, models.CASCADE, verbose_name="期限", related_name="+")
    on = models.DateField("到期日")
    kind = models.CharField("缘由", max_length=4, choices=Kind)
    at = models.DateTimeField("发出")
    read = models.DateTimeField("已读", null=True, blank=True)
    mailed = models.DateTimeField("邮件发出", null=True, blank=True)

    objects = ScopedQuerySet["Notice"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        ordering: ClassVar = ["-at", "on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "due", "on", "kind"], name="person_reminded_once_of_each"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.due}（{self.on}）"


class MailChoice(models.Model):
    """Whether a person wants reminders by mail (是否接收提醒邮件); whoever never chose gets them."""

    region_path = "person__organisation__region__code"

    person = models.OneToOneField(Person, models.CASCADE, verbose_name="人员", related_name="+")
    wanted = models.BooleanField("接收")

    objects = ScopedQuerySet["MailChoice"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提醒邮件"

    def __str__(self) -> str:
        return f"{self.person}{'接收' if self.wanted else '不接收'}提醒邮件"
