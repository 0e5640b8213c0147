"""Administrative regions (行政区)."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.db.models import Func

from bureau.regions.codes import prefix_of


class Level(models.TextChoices):
    """How high a region stands (行政级别)."""

    NATION = "nation", "全国"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    TOWN = "town", "乡镇级"


AREA = Func("border", template="ST_Area((%(expressions)s)::geography)", output_field=models.FloatField())
"""Area within a border, on the ellipsoid, m²."""


class Region(models.Model):
    """
    A region of the administration (行政区): everything in the bureau belongs to one.

    The border is in CGCS2000 longitude and latitude. It is missing where no map of the region was loaded. The database
    keeps its area, on the ellipsoid, with it.
    """

    code = models.CharField("行政区划代码", max_length=9, primary_key=True)
    name = models.CharField("名称", max_length=64)
    level = models.CharField("级别", max_length=8, choices=Level)
    parent = models.ForeignKey(
        "self", models.PROTECT, verbose_name="上级", null=True, blank=True, related_name="children"
    )
    border = models.MultiPolygonField("边界", srid=4490, null=True, blank=True)
    border_source = models.CharField("边界来源", max_length=200, blank=True)
    border_m2 = models.GeneratedField(
        verbose_name="界内面积 m²", expression=AREA, output_field=models.FloatField(), db_persist=True
    )

    class Meta:
        verbose_name = verbose_name_plural = "行政区"
        ordering: ClassVar = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def prefix(self) -> str:
        """Return what the codes of all regions within begin with (代码前缀)."""
        return prefix_of(self.code)

    def holds(self, code: str) -> bool:
        """Return whether a region lies in this one, or is it (是否辖有)."""
        return code.startswith(self.prefix)

    def lineage(self) -> list[Region]:
        """Return the regions it lies in, the highest first, and itself (层级路径)."""
        found: list[Region] = []
        at: Region | None = self
        while at is not None:
            found.insert(0, at)
            at = at.parent
        return found
