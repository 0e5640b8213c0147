"""Tokens of programs, and webhooks (令牌与推送)."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from bureau.office.models import Organisation, Person
from bureau.regions.scope import ScopedQuerySet


@pghistory.track(exclude=["token_hash", "last_used"])
class Token(models.Model):
    """A token with which a program reads what its person may see (令牌). It reads only."""

    region_path = "person__organisation__region__code"

    person = models.ForeignKey(Person, models.PROTECT, verbose_name="人员", related_name="tokens")
    name = models.CharField("用途", max_length=60)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    made = models.DateTimeField("建立")
    expires = models.DateTimeField("失效")
    ended = models.DateTimeField("撤销", null=True, blank=True)
    last_used = models.DateTimeField("上次使用", null=True, blank=True)

    objects = ScopedQuerySet["Token"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "令牌"
        ordering: ClassVar = ["-made"]

    def __str__(self) -> str:
        return self.name

    def good_at(self, now: datetime) -> bool:
        """Return whether it opens anything at a time (是否有效)."""
        return self.ended is None and now < self.expires and self.person.is_active


class Event(models.TextChoices):
    """What a webhook can be told of (事件)."""

    PUBLISHED = "publication.published", "成果发布"


@pghistory.track(exclude=["secret"])
class Webhook(models.Model):
    """An address that is told when something happens (推送)."""

    region_path = "organisation__region__code"

    organisation = models.ForeignKey(Organisation, models.PROTECT, verbose_name="机构", related_name="webhooks")
    address = models.URLField("地址", max_length=300)
    subjects = ArrayField(models.CharField(max_length=40, choices=Event), verbose_name="事件")
    secret = models.CharField(max_length=400, editable=False)
    active = models.BooleanField("启用", default=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="建立人", related_name="+")
    made = models.DateTimeField("建立")

    objects = ScopedQuerySet["Webhook"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送"
        ordering: ClassVar = ["organisation_id", "address"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "address"], name="webhook_once_of_an_organisation"),
        ]

    def __str__(self) -> str:
        return self.address


class Delivery(models.Model):
    """One message to a webhook (推送记录), tried until it is taken or there were enough tries."""

    region_path = "webhook__organisation__region__code"

    webhook = models.ForeignKey(Webhook, models.CASCADE, verbose_name="推送", related_name="deliveries")
    event = models.CharField("事件", max_length=40, choices=Event)
    body = models.JSONField("内容")
    made = models.DateTimeField("产生")
    delivered = models.DateTimeField("送达", null=True, blank=True)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    answer = models.CharField("回应", max_length=200, blank=True)

    objects = ScopedQuerySet["Delivery"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "推送记录"
        ordering: ClassVar = ["-made"]

    def __str__(self) -> str:
        return f"{self.event} → {self.webhook}"
