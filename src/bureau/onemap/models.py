"""
Shapes as the map draws them (制图数据), made from publications and regions; never a source of figures.

Each shape is there once for each band of zooms in which it is drawn: whole where one is near, simplified farther off,
and below zoom 9 zones and patches are added up by squares, so that a tile is quick however many there are.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex

from bureau.publications.models import Publication


class Layer(models.TextChoices):
    """What a shape is (图层)."""

    REGION = "region", "行政区"
    PLACE = "place", "行政区名"
    WATERSHED = "watershed", "小流域"
    ZONE = "zone", "区域"
    PATCH = "patch", "扰动图斑"


class Shape(models.Model):
    """A shape in one band of zooms (制图要素), in Web Mercator."""

    publication = models.ForeignKey(
        Publication, models.CASCADE, verbose_name="成果", null=True, related_name="+", db_index=False
    )
    layer = models.CharField("图层", max_length=10, choices=Layer)
    least_zoom = models.SmallIntegerField("最小级别")
    most_zoom = models.SmallIntegerField("最大级别")
    code = models.CharField("编码", max_length=60, blank=True)
    name = models.CharField("名称", max_length=120, blank=True)
    kind = models.CharField("种类", max_length=24, blank=True)
    other = models.CharField("第二种类", max_length=24, blank=True, default="", help_text="图斑的扰动类型")
    region_code = models.CharField("区划代码", max_length=9)
    area_m2 = models.FloatField("面积 m²", default=0.0)
    value = models.FloatField("数值", null=True)
    geometry = models.GeometryField("形状", srid=3857, spatial_index=False)

    class Meta:
        verbose_name = verbose_name_plural = "制图要素"
        indexes: ClassVar = [
            GistIndex(fields=["publication", "layer", "least_zoom", "geometry"], name="shape_in_its_place"),
        ]

    def __str__(self) -> str:
        return f"{self.layer} {self.code}"
