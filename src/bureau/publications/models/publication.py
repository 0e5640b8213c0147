"""
Publications (成果): what was found where, by whom and when, with versions and provenance.

Everything here is written once, by :func:`bureau.publications.services.publish`; triggers hold it (:mod:`.triggers`).
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import pghistory
from django.contrib.gis.db import models
from django.db.models import Q
from django.urls import reverse

from bureau.office.models import Person
from bureau.publications.triggers import frozen_publication
from bureau.regions.codes import parent_code
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet


class Kind(models.TextChoices):
    """What kind of result (成果类型)."""

    SURVEY = "survey", "调查成果"
    ZONES = "zones", "划定成果"
    PATCHES = "patches", "扰动图斑"


class Theme(models.TextChoices):
    """What kind of key zones (区域类别)."""

    PREVENTION_TREATMENT = "prevention_treatment", "重点预防区和重点治理区"
    SEVERE_FRAGILE = "severe_fragile", "水土流失严重、生态脆弱区域"
    STEEP_SLOPE = "steep_slope", "禁止开垦陡坡地"


class Status(models.TextChoices):
    """Whether a version is the one in force (成果状态)."""

    PREPARING = "preparing", "入库中"
    PUBLISHED = "published", "现行"
    SUPERSEDED = "superseded", "已被取代"


def codes_above(scope: str) -> list[str]:
    """
    Return the codes of the regions that a scope lies in (上级区划代码).

    Parameters
    ----------
    scope : str
        Prefix of region codes.

    Examples
    --------
    >>> codes_above("140928"), codes_above("")
    (['140900', '140000', '000000'], [])
    """
    found: list[str] = []
    code = parent_code(scope if len(scope) > 6 else scope.ljust(6, "0"))
    while code is not None:
        found.append(code)
        code = parent_code(code)
    return found


class SharedQuerySet(ScopedQuerySet[Any]):
    """
    What a region shares with those within it (上级成果, 下级可见).

    Beside the rows of their own region, people see those of the regions that it lies in: a county reads the publication
    of its city. What hangs on a publication by county is still only their own county's.
    """

    shared_path = "region__code"

    def for_person(self, person: Any) -> Self:
        """
        Return what a person may see (本人可见范围).

        Parameters
        ----------
        person : Person
        """
        scope = getattr(person, "scope", None)
        if scope is None:
            return self.none()
        path = self.shared_path
        return self.filter(Q(**{f"{path}__startswith": scope}) | Q(**{f"{path}__in": codes_above(scope)}))


class PublicationQuerySet(SharedQuerySet):
    """Publications (成果)."""

    def in_force(self) -> Self:
        """Return those that no later version supersedes (现行成果)."""
        return self.filter(status=Status.PUBLISHED)


class ZoneQuerySet(SharedQuerySet):
    """Zones; one that is not cut by counties is everybody's in its region (区域)."""

    shared_path = "county__code"


@pghistory.track()
class Publication(models.Model):
    """One version of the results of a region and a year (成果), never changed once it is published."""

    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="publications")
    kind = models.CharField("类型", max_length=8, choices=Kind)
    theme = models.CharField("区域类别", max_length=24, choices=Theme, blank=True)
    year = models.PositiveSmallIntegerField("年份")
    batch = models.CharField("批次", max_length=40, blank=True, default="", help_text="扰动图斑的解译批次")
    version = models.PositiveSmallIntegerField("版本")
    status = models.CharField("状态", max_length=12, choices=Status, default=Status.PREPARING)
    title = models.CharField("标题", max_length=120)
    published_at = models.DateTimeField("发布时间")
    superseded_at = models.DateTimeField("被取代时间", null=True, blank=True)
    by = models.ForeignKey(Person, models.PROTECT, verbose_name="发布人", related_name="+")
    reviewed_by = models.ForeignKey(Person, models.PROTECT, verbose_name="复核人", related_name="+")
    simulated = models.BooleanField("模拟数据", default=False)
    content_sha256 = models.CharField("内容校验和", max_length=64)
    provenance = models.JSONField("来源", default=dict)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "成果"
        ordering: ClassVar = ["-year", "region_id", "kind", "theme", "-batch", "-version"]
        triggers: ClassVar = frozen_publication()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "kind", "theme", "year", "batch", "version"], name="publication_of_one_version"
            ),
            models.UniqueConstraint(
                fields=["region", "kind", "theme", "year", "batch"], condition=Q(status=Status.PUBLISHED),
                name="publication_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["region", "kind", "theme", "year", "batch", "content_sha256"],
                name="publication_of_the_same_bytes_once",
            ),
            models.CheckConstraint(
                condition=Q(kind=Kind.ZONES, theme__in=Theme.values) | (~Q(kind=Kind.ZONES) & Q(theme="")),
                name="publication_of_zones_has_a_theme",
            ),
            models.CheckConstraint(
                condition=(Q(kind=Kind.PATCHES) & ~Q(batch="")) | (~Q(kind=Kind.PATCHES) & Q(batch="")),
                name="publication_of_patches_has_a_batch",
            ),
            models.CheckConstraint(condition=~Q(by=models.F("reviewed_by")), name="publication_has_a_second_person"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.title}（第 {self.version} 版）"

    def get_absolute_url(self) -> str:
        """Return the page of it (成果页)."""
        return reverse("publications:one", args=[self.pk])

    @property
    def packs(self) -> list[str]:
        """Return the ids of the rule packs that it rests on (规则包)."""
        return list(self.provenance.get("rule_packs") or ["national"])
