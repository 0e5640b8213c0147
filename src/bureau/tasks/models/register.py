"""Registers of duties, as documents lay them down (任务台账)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from bureau.office.models import Organisation
from bureau.regions.models import Region
from bureau.tasks.dates import Kind, Reading
from bureau.tasks.scope import Reach, RegisterQuerySet, TaskQuerySet

SHARES = ("%", "‰", "年", "个月", "月", "天", "日")
"""Units of which a sum over regions says nothing."""


@pghistory.track()
class Register(models.Model):
    """A document that lays down duties (任务台账)."""

    region_path = "region__code"

    class Status(models.TextChoices):
        """How well its numbers are known (核对状态)."""

        VERIFIED = "verified", "已与原文核对"
        DRAFT = "draft", "草案"

    name = models.SlugField("代号", max_length=40, unique=True)
    title = models.CharField("名称", max_length=100)
    number = models.CharField("文号", max_length=40)
    issuer = models.CharField("发文机关", max_length=60)
    issued = models.DateField("成文日期", null=True, blank=True)
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    status = models.CharField("核对状态", max_length=8, choices=Status, default=Status.DRAFT)
    note = models.CharField("说明", max_length=300, blank=True)

    objects = RegisterQuerySet["Register"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务台账"
        ordering: ClassVar = ["region_id", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "number"], name="document_loaded_once_in_a_region"),
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.number}）"

    @property
    def verified(self) -> bool:
        """Return whether it was compared with its document (是否核对)."""
        return self.status == self.Status.VERIFIED


@pghistory.track()
class Unit(models.Model):
    """A unit that a document names (责任单位): an office, a bureau, or “各县”."""

    region_path = "region__code"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    name = models.CharField("名称", max_length=60)
    reach = models.CharField("所指范围", max_length=8, choices=Reach, default=Reach.OWN)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, verbose_name="对应机构", null=True, blank=True, related_name="+"
    )

    to_task = "tasks"
    objects = TaskQuerySet["Unit"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任单位"
        ordering: ClassVar = ["region_id", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["region", "name"], name="unit_named_once_in_a_region")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Task(models.Model):
    """A task of a register (任务)."""

    region_path = "register__region__code"

    register = models.ForeignKey(Register, models.PROTECT, verbose_name="台账", related_name="tasks")
    number = models.PositiveSmallIntegerField("序号")
    section = models.CharField("部分", max_length=60, blank=True)
    title = models.CharField("任务", max_length=100)
    clause = models.CharField("条款", max_length=60, blank=True)
    units = models.ManyToManyField(Unit, through="TaskUnit", related_name="tasks")

    objects = TaskQuerySet["Task"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务"
        ordering: ClassVar = ["register__region_id", "register_id", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["register", "number"], name="task_numbered_once")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class TaskUnit(models.Model):
    """A unit's part in a task (任务分工)."""

    class Role(models.TextChoices):
        """What part (分工)."""

        LEAD = "lead", "牵头"
        RESPONSIBLE = "responsible", "负责"
        COOPERATE = "cooperate", "配合"
        ADDRESSED = "addressed", "正文涉及"

    task = models.ForeignKey(Task, models.CASCADE, verbose_name="任务", related_name="parts")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="单位", related_name="parts")
    role = models.CharField("分工", max_length=12, choices=Role)
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "任务分工"
        ordering: ClassVar = ["task_id", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["task", "unit"], name="unit_has_one_part_in_a_task")]

    def __str__(self) -> str:
        return f"{self.unit}（{self.get_role_display()}）"


@pghistory.track()
class Due(models.Model):
    """A date of a task (期限): once, every year, or without a date."""

    region_path = "task__register__region__code"
    to_task = "task"

    task = models.ForeignKey(Task, models.PROTECT, verbose_name="任务", related_name="dues")
    position = models.PositiveSmallIntegerField("次序")
    phrase = models.CharField("原文", max_length=60, blank=True)
    what = models.CharField("事项", max_length=100, blank=True)
    key = models.CharField("代号", max_length=60, blank=True, help_text="各文件所指是同一件事的，代号相同")
    kind = models.CharField("类型", max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField("年", null=True, blank=True)
    month = models.PositiveSmallIntegerField("月", null=True, blank=True)
    day = models.PositiveSmallIntegerField("日", null=True, blank=True, help_text="不填为月末")
    begins = models.DateField("起", null=True, blank=True)
    note = models.CharField("读法", max_length=60, blank=True)

    objects = TaskQuerySet["Due"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "期限"
        ordering: ClassVar = ["task_id", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "phrase", "what"], name="due_laid_down_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["once", "yearly"], month__range=(1, 12))
                | Q(kind__in=["continuous", "unspecified"], month=None),
                name="due_with_a_date_has_a_month",
            ),
            models.CheckConstraint(condition=~Q(kind="once") | Q(year__isnull=False), name="due_once_has_a_year"),
        ]

    def __str__(self) -> str:
        return self.what or self.phrase or self.get_kind_display()

    @property
    def reading(self) -> Reading:
        """Return how its words are read (读法)."""
        return Reading(Kind(self.kind), self.year, self.month, self.day, self.begins, self.note)

    @property
    def words(self) -> str:
        """Return its words, without blanks (期限字句)."""
        found = self.phrase.replace(" ", "") or self.get_kind_display()
        return f"每年{found}" if self.kind == Kind.YEARLY and not found.startswith("每年") else found

    @property
    def once(self) -> date | None:
        """Return the day, if it comes once (到期日)."""
        return self.reading.once


@pghistory.track()
class Figure(models.Model):
    """A number that a document lays down (数字): of a task, or of the document as a whole."""

    region_path = "register__region__code"
    to_register = "register"

    class Comparison(models.TextChoices):
        """How what is reached is compared with it (比较)."""

        EQUAL = "eq", "达到"
        AT_LEAST = "ge", "不少于"
        AT_MOST = "le", "不超过"

    register = models.ForeignKey(Register, models.PROTECT, verbose_name="台账", related_name="figures")
    task = models.ForeignKey(Task, models.PROTECT, verbose_name="任务", null=True, blank=True, related_name="figures")
    position = models.PositiveSmallIntegerField("次序")
    key = models.CharField("代号", max_length=60, help_text="同一个量在各处的代号相同")
    label = models.CharField("名称", max_length=60)
    comparison = models.CharField("比较", max_length=2, choices=Comparison, default=Comparison.EQUAL)
    value = models.DecimalField("数值", max_digits=14, decimal_places=4)
    unit = models.CharField("单位", max_length=12)
    phrase = models.CharField("原文", max_length=100)
    by_phrase = models.CharField("期限原文", max_length=60, blank=True)
    by = models.DateField("期限", null=True, blank=True)
    yearly = models.BooleanField("每年", default=False)
    counted = models.BooleanField("计数", default=False, help_text="进展报告可填完成量")
    clause = models.CharField("条款", max_length=60, blank=True)

    objects = RegisterQuerySet["Figure"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "数字"
        ordering: ClassVar = ["register_id", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["register", "task", "key", "phrase", "by_phrase"], name="figure_laid_down_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(value__gt=0), name="figure_is_positive"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.label}{self.sign}{self.amount}"

    @property
    def sign(self) -> str:
        """Return the comparison as a sign (比较号)."""
        return {"eq": " ", "ge": " ≥ ", "le": " ≤ "}[self.comparison]

    @property
    def adds(self) -> bool:
        """Return whether what regions reach can be added up: shares and spans of time cannot (可否相加)."""
        return self.unit not in SHARES

    @property
    def amount(self) -> str:
        """Return the number with its unit, without needless zeros (数量)."""
        return f"{self.value.normalize():f} {self.unit}"
