"""
Zones under review (划定), as an index of what lies on disk.

The folder of a delimitation holds its records, each with the hash of the one before: it is the truth. What is here is
written again from it after every act, so that lists, maps and scope can be asked of the database. The record of who did
what in the bureau (people, not names) is kept here alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Q
from django.urls import reverse

from bureau.commissions.models import Commission
from bureau.delimitation.wording import (
    OPINION_CHOICES,
    OUTCOME_CHOICES,
    PLACED_CHOICES,
    RECORD_CHOICES,
    STAGE_CHOICES,
)
from bureau.office.models import Person
from bureau.publications.models import Publication, SharedQuerySet, Theme
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet


class Status(models.TextChoices):
    """Whether the zones can be worked on (状态)."""

    DRAWING = "drawing", "正在划定"
    FAILED = "failed", "未能划定"
    OPEN = "open", "划定中"


@pghistory.track()
class Package(models.Model):
    """A package of zones that somebody uploaded (成果包): examined in the sandbox before anything is made of it."""

    class Status(models.TextChoices):
        """How far it is (状态)."""

        RECEIVED = "received", "正在验收"
        READY = "ready", "验收通过"
        FAULTY = "faulty", "有错误，退回"
        REFUSED = "refused", "不收"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    theme = models.CharField("区域类别", max_length=24, choices=Theme)
    year = models.PositiveSmallIntegerField("年份")
    name = models.CharField("原文件名", max_length=200)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="上传人", related_name="+")
    at = models.DateTimeField("上传时间")
    size = models.BigIntegerField("大小", default=0)
    raw = models.CharField("原件位置", max_length=200, editable=False)
    sha256 = models.CharField("原件校验值", max_length=64, blank=True)
    path = models.CharField("区域图层位置", max_length=200, blank=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.RECEIVED)
    message = models.TextField("说明", blank=True)
    found = models.JSONField("验收结果", default=dict)

    objects = ScopedQuerySet["Package"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "划定成果包"
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"{self.name}（{self.region.name} {self.year} 年{self.get_theme_display()}）"

    def get_absolute_url(self) -> str:
        """Return its page (成果包页)."""
        return reverse("delimitation:package", args=[self.pk])


@pghistory.track()
class Delimitation(models.Model):
    """One delimitation (划定): the zones of one theme in a region and a year, from the draft to the announcement."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="delimitations")
    theme = models.CharField("区域类别", max_length=24, choices=Theme)
    year = models.PositiveSmallIntegerField("年份")
    commission = models.ForeignKey(
        Commission, models.PROTECT, verbose_name="计算委托", null=True, blank=True, related_name="delimitations"
    )
    package = models.ForeignKey(
        Package, models.PROTECT, verbose_name="成果包", null=True, blank=True, related_name="delimitations"
    )
    source = models.CharField("来源文件夹", max_length=300, editable=False, blank=True)
    status = models.CharField("状态", max_length=8, choices=Status, default=Status.DRAWING)
    message = models.TextField("说明", blank=True)
    simulated = models.BooleanField("模拟数据", default=False)
    packs = models.JSONField("规则包", default=list)
    stage = models.CharField("阶段", max_length=20, choices=STAGE_CHOICES, default="preliminary")
    since = models.CharField("进入日期", max_length=10, blank=True)
    version = models.PositiveIntegerField("版本", default=0)
    records = models.PositiveIntegerField("记录数", default=0)
    head = models.CharField("末条记录校验和", max_length=64, blank=True)
    undecided = models.PositiveIntegerField("待取舍", default=0)
    opened_by = models.ForeignKey(Person, models.PROTECT, verbose_name="建立人", related_name="+")
    opened_at = models.DateTimeField("建立时间")
    submitted_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="送审人", null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="批准人", null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField("批准时间", null=True, blank=True)
    publication = models.ForeignKey(
        Publication, models.PROTECT, verbose_name="发布成果", null=True, blank=True, related_name="+"
    )

    objects = SharedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区域划定"
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "theme", "year"], condition=~Q(status=Status.FAILED), name="delimitation_once_a_year"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_by")),
                name="delimitation_approved_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年{self.get_theme_display()}"

    @property
    def folder(self) -> Path:
        """Return the region folder that it keeps to itself (区域文件夹)."""
        return Path(settings.HOME) / "delimitations" / str(self.pk)

    def get_absolute_url(self) -> str:
        """Return its page (划定页)."""
        return reverse("delimitation:one", args=[self.pk])


class ShapeQuerySet(SharedQuerySet):
    """Zones as they are now; one that is not cut by counties is everybody's in its region (现行区域)."""

    shared_path = "county__code"


class PartQuerySet(SharedQuerySet):
    """What hangs on a delimitation, seen by whoever sees it (划定的组成)."""

    shared_path = "delimitation__region__code"


class ZoneShape(models.Model):
    """
    A zone as it is now (现行区域), written again from the folder whenever it changed.

    It is not tracked: what it was before is in the records, to the last bit.
    """

    region_path = "county__code"

    delimitation = models.ForeignKey(Delimitation, models.CASCADE, verbose_name="划定", related_name="zones")
    code = models.CharField("编号", max_length=60)
    name = models.CharField("名称", max_length=120, blank=True)
    kind = models.CharField("种类", max_length=16)
    level = models.CharField("级别", max_length=12, blank=True)
    county = models.ForeignKey(Region, models.PROTECT, verbose_name="区县", related_name="+")
    place = models.CharField("县与乡镇", max_length=120, blank=True)
    area_m2 = models.FloatField("面积 m²")
    attributes = models.JSONField("属性", default=dict)
    token = models.CharField("校验", max_length=16, help_text="图形与属性的摘要；改动时核对")
    geometry = models.MultiPolygonField("范围", srid=4490)

    objects = ShapeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现行区域"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delimitation", "code"], name="zone_shape_coded_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


@pghistory.track()
class Entry(models.Model):
    """A record of the folder (流程记录), with the person who made it in the bureau; only added."""

    region_path = "delimitation__region__code"

    delimitation = models.ForeignKey(Delimitation, models.CASCADE, verbose_name="划定", related_name="entries")
    sequence = models.PositiveIntegerField("序号")
    kind = models.CharField("记录", max_length=12, choices=RECORD_CHOICES)
    kind_name = models.CharField("记录名称", max_length=12)
    number = models.PositiveIntegerField("号")
    who = models.CharField("经办", max_length=120)
    on = models.CharField("日期", max_length=10)
    why = models.TextField("说明", blank=True)
    what = models.TextField("内容", blank=True)
    version = models.PositiveIntegerField("版本", null=True)
    stage = models.CharField("进入阶段", max_length=20, choices=STAGE_CHOICES, blank=True)
    codes = ArrayField(models.CharField(max_length=60), verbose_name="区域", default=list)
    evidence = models.JSONField("依据材料", default=list)
    sha256 = models.CharField("校验和", max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="经办人", null=True, related_name="+")
    at = models.DateTimeField("登记时间", null=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "流程记录"
        ordering: ClassVar = ["sequence"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delimitation", "sequence"], name="entry_of_a_delimitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.kind_name}"


@pghistory.track()
class Comment(models.Model):
    """A comment on the zones (意见), with its place, its photographs and its answer: seen by its own region and above."""

    delimitation = models.ForeignKey(Delimitation, models.CASCADE, verbose_name="划定", related_name="comments")
    number = models.PositiveIntegerField("号")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="提出地区", related_name="+")
    unit = models.CharField("单位", max_length=120)
    commenter = models.CharField("提出人", max_length=60, blank=True)
    on = models.CharField("日期", max_length=10, blank=True)
    opinion = models.CharField("态度", max_length=12, choices=OPINION_CHOICES)
    text = models.TextField("意见", blank=True)
    codes = ArrayField(models.CharField(max_length=60), verbose_name="区域", default=list)
    state = models.CharField("对应", max_length=10, choices=PLACED_CHOICES)
    reason = models.CharField("对应说明", max_length=300, blank=True)
    place = models.GeometryField("位置", srid=4490, null=True)
    outcome = models.CharField("处理意见", max_length=8, choices=OUTCOME_CHOICES, blank=True)
    answer = models.TextField("答复", blank=True)
    answered = models.CharField("答复人与日期", max_length=140, blank=True)
    edit = models.PositiveIntegerField("据此修改", null=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="登记人", null=True, related_name="+")
    at = models.DateTimeField("登记时间", null=True)

    objects = ScopedQuerySet["Comment"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见"
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delimitation", "number"], name="comment_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 条意见"

    @property
    def placed(self) -> bool:
        """Tell whether it is known which zones it is about, or was (对应是否明确)."""
        return self.state in ("matched", "gone")


@pghistory.track()
class Photo(models.Model):
    """A photograph of a comment (意见照片), kept under the hash of its bytes."""

    region_path = "comment__region__code"

    comment = models.ForeignKey(Comment, models.CASCADE, verbose_name="意见", related_name="photos")
    name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("校验和", max_length=64)
    size = models.PositiveIntegerField("字节数")
    media_type = models.CharField("类型", max_length=20)
    path = models.CharField("位置", max_length=120, editable=False)

    objects = ScopedQuerySet["Photo"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "意见照片"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Redraw(models.Model):
    """A drawing of the zones anew (重划), on other results or other parameters; what people changed is made to it again."""

    class Status(models.TextChoices):
        """How far it is (状态)."""

        ORDERED = "ordered", "正在重划"
        DONE = "done", "已采用新底图"
        FAILED = "failed", "未能重划"

    region_path = "delimitation__region__code"

    delimitation = models.ForeignKey(Delimitation, models.CASCADE, verbose_name="划定", related_name="redraws")
    commission = models.ForeignKey(
        Commission, models.PROTECT, verbose_name="计算委托", null=True, blank=True, related_name="+"
    )
    package = models.ForeignKey(Package, models.PROTECT, verbose_name="成果包", null=True, blank=True, related_name="+")
    parameters = models.JSONField("参数", default=dict, blank=True)
    why = models.TextField("理由")
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="经办人", related_name="+")
    at = models.DateTimeField("时间")
    status = models.CharField("状态", max_length=8, choices=Status, default=Status.ORDERED)
    message = models.TextField("说明", blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "重划"
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delimitation"], condition=Q(status="ordered"), name="redraw_of_a_delimitation_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delimitation} 重划"


@pghistory.track()
class Announcement(models.Model):
    """An announcement (公告): the document of one county or region, and the publication that goes with it."""

    class Status(models.TextChoices):
        """How far it is (状态)."""

        PROPOSED = "proposed", "更正待确认"
        DECLINED = "declined", "不予更正"
        ORDERED = "ordered", "正在生成并发布"
        DONE = "done", "已公告发布"
        FAILED = "failed", "未能公告"
        CORRECTED = "corrected", "已更正"

    region_path = "delimitation__region__code"

    delimitation = models.ForeignKey(Delimitation, models.CASCADE, verbose_name="划定", related_name="announcements")
    number = models.CharField("文号", max_length=60)
    dated = models.DateField("成文日期")
    corrects = models.ForeignKey(
        "self", models.PROTECT, verbose_name="更正的公告", null=True, blank=True, related_name="corrections"
    )
    why = models.TextField("更正理由", blank=True)
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ORDERED)
    message = models.TextField("说明", blank=True)
    documents = models.JSONField("公告文件", default=list)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="经办人", related_name="+")
    at = models.DateTimeField("时间")

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公告"
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["delimitation"],
                condition=Q(status__in=("proposed", "ordered")),
                name="announcement_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by")),
                name="announcement_confirmed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Return its documents with their place in the list (公告文件)."""
        return [{"at": at, **document} for at, document in enumerate(self.documents)]
