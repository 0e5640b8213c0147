"""Uploads and commissions (资料与计算委托)."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q

from bureau.commissions.kinds import KINDS
from bureau.office.models import Person
from bureau.publications.models import Publication
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet


@pghistory.track()
class Upload(models.Model):
    """A file that somebody uploaded for runs (上传资料): converted in a child of its own before anything reads it."""

    class Status(models.TextChoices):
        """How far it is (状态)."""

        RECEIVED = "received", "等待检查"
        READY = "ready", "可用"
        REFUSED = "refused", "不可用"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    kind = models.CharField("种类", max_length=16, choices=[(k.key, k.label) for k in KINDS.values()])
    said = models.CharField("单位或分类", max_length=40, blank=True)
    name = models.CharField("原文件名", max_length=200)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="上传人", related_name="+")
    at = models.DateTimeField("上传时间")
    raw = models.CharField("原件位置", max_length=200, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.RECEIVED)
    message = models.TextField("说明", blank=True)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    path = models.CharField("整理后位置", max_length=200, blank=True, editable=False)
    size = models.BigIntegerField("大小", default=0)
    details = models.JSONField("内容", default=dict)

    objects = ScopedQuerySet["Upload"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "上传资料"
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.name}"

    @property
    def said_label(self) -> str:
        """Return its unit or scheme as people say it (单位或分类)."""
        return dict(KINDS[self.kind].choices).get(self.said, self.said) if self.kind in KINDS else self.said


class CommissionQuerySet(ScopedQuerySet["Commission"]):
    """Commissions (计算委托)."""

    def open(self) -> CommissionQuerySet:
        """Return those that are not settled (未了结)."""
        return self.filter(status__in=Commission.OPEN)


@pghistory.track(exclude=["told", "log"])
class Commission(models.Model):
    """A run that somebody ordered (计算委托)."""

    class Status(models.TextChoices):
        """How far it is (状态)."""

        ORDERED = "ordered", "等待计算"
        RUNNING = "running", "计算中"
        FINISHED = "finished", "待审核"
        FAILED = "failed", "未能完成"
        CANCELLED = "cancelled", "已取消"
        REJECTED = "rejected", "已退回"
        ACCEPTED = "accepted", "正在发布"
        PUBLISHED = "published", "已发布"

    OPEN = ("ordered", "running", "finished", "accepted")

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="commissions")
    year = models.PositiveSmallIntegerField("年份")
    cell = models.PositiveSmallIntegerField("像元（米）", default=30)
    imaginary = models.BooleanField("模拟数据", default=False)
    seed = models.PositiveIntegerField("种子", default=20240)
    inputs = models.ManyToManyField(Upload, verbose_name="资料", related_name="commissions", blank=True)
    note = models.TextField("说明", blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ORDERED)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="委托人", related_name="commissions")
    ordered = models.DateTimeField("委托时间")
    begun = models.DateTimeField("开始", null=True, blank=True)
    ended = models.DateTimeField("结束", null=True, blank=True)
    told = models.JSONField("进度", default=dict)
    log = models.TextField("输出", blank=True)
    message = models.TextField("结果说明", blank=True)
    judged_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="审核人", null=True, blank=True, related_name="+"
    )
    judged = models.DateTimeField("审核时间", null=True, blank=True)
    reason = models.TextField("审核意见", blank=True)

    objects = CommissionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计算委托"
        ordering: ClassVar = ["-ordered"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True) | ~Q(judged_by=models.F("by")), name="commission_judged_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年"

    @property
    def goes_on(self) -> bool:
        """Return whether something is done for it just now, behind the page (正在办理)."""
        return self.status in (self.Status.ORDERED, self.Status.RUNNING, self.Status.ACCEPTED)

    @property
    def made_up(self) -> bool:
        """Return whether a region folder among its inputs says that it is made up (输入为模拟数据)."""
        return any(upload.details.get("region", {}).get("simulated") for upload in self.inputs.all())

    @property
    def simulated(self) -> bool:
        """Return whether what it computes is made up, by order or by its inputs (模拟数据)."""
        return self.imaginary or self.made_up

    @property
    def folder(self) -> Path:
        """Return the region folder that the worker makes (区域文件夹)."""
        return Path(settings.HOME) / "commissions" / str(self.pk)


@pghistory.track(exclude=["details", "tally"])
class PatchBatch(models.Model):
    """A file of disturbance patches (图斑入库): converted, checked, judged by another than who brings it, published."""

    class Status(models.TextChoices):
        """How far it is (状态)."""

        RECEIVED = "received", "正在检查"
        FAULTY = "faulty", "待改正"
        CHECKED = "checked", "待审核"
        REFUSED = "refused", "不可用"
        WITHDRAWN = "withdrawn", "已撤回"
        REJECTED = "rejected", "已退回"
        ACCEPTED = "accepted", "正在发布"
        PUBLISHED = "published", "已发布"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    year = models.PositiveSmallIntegerField("年份")
    batch = models.CharField("解译批次", max_length=40)
    name = models.CharField("原文件名", max_length=200)
    simulated = models.BooleanField("模拟数据", default=False)
    before = models.DateField("前时相日期", null=True, blank=True)
    after = models.DateField("后时相日期", null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="上传人", related_name="+")
    at = models.DateTimeField("上传时间")
    raw = models.CharField("原件位置", max_length=200, editable=False)
    path = models.CharField("整理后位置", max_length=200, blank=True, editable=False)
    sha256 = models.CharField("校验值", max_length=64, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.RECEIVED)
    message = models.TextField("说明", blank=True)
    details = models.JSONField("内容", default=dict)
    columns = models.JSONField("列对照", default=dict)
    words = models.JSONField("字典对照", default=dict)
    findings = models.JSONField("检查结果", default=list)
    unknown = models.JSONField("字典没有的写法", default=dict)
    tally = models.JSONField("各县数目", default=list)
    round = models.PositiveIntegerField("检查次数", default=0)
    judged_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="审核人", null=True, blank=True, related_name="+"
    )
    judged = models.DateTimeField("审核时间", null=True, blank=True)
    reason = models.TextField("审核意见", blank=True)
    publication = models.ForeignKey(
        Publication, models.PROTECT, verbose_name="成果", null=True, blank=True, related_name="+"
    )

    objects = ScopedQuerySet["PatchBatch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "图斑入库"
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True) | ~Q(judged_by=models.F("by")), name="patches_judged_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年 {self.batch}"

    @property
    def goes_on(self) -> bool:
        """Return whether something is done for it just now, behind the page (正在办理)."""
        return self.status in (self.Status.RECEIVED, self.Status.ACCEPTED)
