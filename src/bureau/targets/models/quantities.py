"""Quantities that documents set, other than rates, and what was done of them (规划任务量与进展)."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from bureau.office.models import Person
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet
from bureau.targets.models.rates import Target


@pghistory.track()
class PlannedQuantity(models.Model):
    """A quantity that a document sets, other than a rate (规划任务量)."""

    class Sense(models.TextChoices):
        """How the figure is meant (要求)."""

        EXACTLY = "exactly", ""
        AT_LEAST = "at_least", "以上"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="planned_quantities")
    code = models.SlugField("编号", max_length=60, unique=True)
    key = models.CharField("代号", max_length=60, blank=True, help_text="与任务台账里同一个量的代号相同")
    title = models.CharField("任务量", max_length=100)
    amount = models.DecimalField("数量", max_digits=14, decimal_places=2)
    unit = models.CharField("单位", max_length=20)
    sense = models.CharField("要求", max_length=10, choices=Sense, default=Sense.EXACTLY)
    begins = models.DateField("起", null=True, blank=True)
    due = models.DateField("期限", null=True, blank=True)
    period = models.CharField("时段", max_length=60, blank=True)
    source = models.CharField("文件", max_length=200)
    clause = models.CharField("条款", max_length=200)
    contradiction = models.CharField("文件内的矛盾", max_length=500, blank=True)
    status = models.CharField("状态", max_length=8, choices=Target.Status, default=Target.Status.VERIFIED)

    objects = ScopedQuerySet["PlannedQuantity"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规划任务量"
        ordering: ClassVar = ["region_id", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="quantity_is_positive"),
            models.UniqueConstraint(
                fields=["region", "key"], condition=~Q(key=""), name="quantity_has_a_key_of_its_own_in_a_region"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ProgressQuerySet(ScopedQuerySet["Progress"]):
    """Reports of progress (进展)."""

    def standing(self) -> ProgressQuerySet:
        """Return those that were not withdrawn, confirmed or not (未撤销的进展)."""
        return self.filter(withdrawn=None)

    def counted(self) -> ProgressQuerySet:
        """Return those that another person has confirmed, and that stand (计入的进展)."""
        return self.standing().exclude(confirmed=None)

    def waiting(self) -> ProgressQuerySet:
        """Return those that nobody has confirmed yet (待确认的进展)."""
        return self.standing().filter(confirmed=None)


@pghistory.track()
class Progress(models.Model):
    """
    An amount that a region has done (进展填报): who, when, how much, and what shows it.

    Another person confirms it, and only then does it count; it is withdrawn, never edited.
    """

    quantity = models.ForeignKey(PlannedQuantity, models.PROTECT, verbose_name="任务量", related_name="progress")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="完成地", related_name="+")
    amount = models.DecimalField("完成量", max_digits=14, decimal_places=2)
    on = models.DateField("完成日期")
    evidence = models.CharField("依据", max_length=500)
    because = models.CharField("超出或逾期说明", max_length=300, blank=True)
    simulated = models.BooleanField("模拟数据", default=False)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="填报人", related_name="+")
    at = models.DateTimeField("填报时间")
    confirmed = models.DateTimeField("确认时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="确认人", null=True, blank=True, related_name="+"
    )
    withdrawn = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="撤销人", null=True, blank=True, related_name="+"
    )
    withdrawn_for = models.CharField("撤销理由", max_length=300, blank=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "进展填报"
        ordering: ClassVar = ["-on", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="progress_is_positive"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("by")), name="progress_confirmed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity.title} {self.amount}{self.quantity.unit}"
