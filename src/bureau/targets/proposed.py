"""Targets that one person wrote down from a document, and that another has to approve (待批准的目标)."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from bureau.office.models import Person
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet


class ProposalQuerySet(ScopedQuerySet["Proposal"]):
    """Recorded targets (录入的目标)."""

    def waiting(self) -> ProposalQuerySet:
        """Return those that nobody has decided on (待批准)."""
        return self.filter(state=Proposal.State.WAITING)


@pghistory.track()
class Proposal(models.Model):
    """A target that somebody recorded (目标录入): it is in force once another has approved it, and never changed."""

    class State(models.TextChoices):
        """What became of it (办理状态)."""

        WAITING = "waiting", "待批准"
        APPROVED = "approved", "已批准"
        RETURNED = "returned", "已退回"

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    year = models.PositiveSmallIntegerField("目标年")
    percent = models.DecimalField("目标值（%）", max_digits=5, decimal_places=2)
    source = models.CharField("文件", max_length=200)
    clause = models.CharField("条款", max_length=200, blank=True)
    since = models.DateField("生效日期")
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="录入人", related_name="+")
    at = models.DateTimeField("录入时间")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        Person, models.PROTECT, verbose_name="办理人", null=True, blank=True, related_name="+"
    )
    decided = models.DateTimeField("办理时间", null=True, blank=True)
    returned_for = models.CharField("退回理由", max_length=300, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "目标录入"
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "year"], condition=Q(state="waiting"), name="proposal_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("by"))),
                name="proposal_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0) & Q(percent__lte=100), name="proposal_is_a_percentage"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.region.name} {self.year} 年 {self.percent} %"
