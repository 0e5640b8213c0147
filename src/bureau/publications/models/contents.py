"""What a publication holds (成果内容): facts, watersheds, zones, patches, rasters, and sums of them that pages ask for."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.gis.db import models

from bureau.publications.models.publication import Publication, Theme, ZoneQuerySet
from bureau.publications.triggers import frozen_rows
from bureau.regions.models import Region
from bureau.regions.scope import ScopedQuerySet


class Fact(models.Model):
    """
    One combination of the land, counted (事实): a row of :class:`shuibao.facts.Facts`.

    Keys to the publication and the county are held by the triggers, for all rows of a load at once.
    """

    region_path = "county__code"

    publication = models.ForeignKey(
        Publication, models.PROTECT, verbose_name="成果", related_name="facts", db_constraint=False, db_index=False
    )
    county = models.ForeignKey(
        Region, models.PROTECT, verbose_name="区县", related_name="+", db_constraint=False, db_index=False
    )
    watershed = models.CharField("小流域", max_length=40, blank=True)
    land_use = models.SmallIntegerField("地类")
    slope_class = models.SmallIntegerField("坡度级")
    cover_class = models.SmallIntegerField("盖度级")
    erosion_type = models.SmallIntegerField("侵蚀类型")
    intensity = models.SmallIntegerField("强度级")
    zone = models.CharField("区", max_length=40, blank=True)
    cells = models.BigIntegerField("像元数")
    area_m2 = models.FloatField("面积 m²")
    soil_loss_t = models.FloatField("流失量 t/a")

    objects = ScopedQuerySet["Fact"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事实"
        triggers: ClassVar = frozen_rows(counties=True)
        indexes: ClassVar = [
            models.Index(fields=["publication", "watershed"], name="fact_watershed"),
            models.Index(fields=["publication", "county"], name="fact_county"),
        ]

    def __str__(self) -> str:
        return f"{self.county_id} {self.watershed} {self.land_use}"


class Watershed(models.Model):
    """A small watershed (小流域), with what its facts add up to."""

    region_path = "county__code"

    publication = models.ForeignKey(Publication, models.PROTECT, verbose_name="成果", related_name="watersheds")
    code = models.CharField("编码", max_length=40)
    name = models.CharField("名称", max_length=80)
    type = models.CharField("类型", max_length=20, blank=True)
    county = models.ForeignKey(Region, models.PROTECT, verbose_name="区县", related_name="+")
    down_code = models.CharField("下游编码", max_length=40, blank=True)
    area_m2 = models.FloatField("面积 m²")
    eroded_m2 = models.FloatField("水土流失面积 m²", default=0.0)
    soil_loss_t = models.FloatField("流失量 t/a", default=0.0)
    geometry = models.MultiPolygonField("范围", srid=4490)

    objects = ScopedQuerySet["Watershed"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "小流域"
        ordering: ClassVar = ["code"]
        triggers: ClassVar = frozen_rows()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "code"], name="watershed_coded_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Zone(models.Model):
    """
    A key zone (重点区域).

    ``county`` is the publication's own region where the zone is not cut by counties.
    """

    region_path = "county__code"

    publication = models.ForeignKey(Publication, models.PROTECT, verbose_name="成果", related_name="zones")
    theme = models.CharField("区域类别", max_length=24, choices=Theme)
    kind = models.CharField("种类", max_length=16)
    code = models.CharField("编号", max_length=60)
    name = models.CharField("名称", max_length=120)
    level = models.CharField("级别", max_length=12, blank=True)
    county = models.ForeignKey(Region, models.PROTECT, verbose_name="区县", related_name="+")
    town = models.CharField("乡镇", max_length=80, blank=True)
    area_m2 = models.FloatField("面积 m²")
    basis = models.TextField("依据", blank=True)
    attributes = models.JSONField("属性", default=dict)
    geometry = models.MultiPolygonField("范围", srid=4490)

    objects = ZoneQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "区域"
        ordering: ClassVar = ["code"]
        triggers: ClassVar = frozen_rows()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "code"], name="zone_coded_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Patch(models.Model):
    """
    A disturbance patch (扰动图斑): land that a project, or somebody, has disturbed, as seen from above.

    ``verdict`` is what was confirmed in the field, or else what the overlay says; the map and the sums go by it. Where a
    patch lies in several counties, ``county`` is the one that the file names or that holds its middle.
    """

    region_path = "county__code"

    publication = models.ForeignKey(Publication, models.PROTECT, verbose_name="成果", related_name="patches")
    number = models.CharField("图斑编号", max_length=60)
    county = models.ForeignKey(Region, models.PROTECT, verbose_name="区县", related_name="+")
    type = models.CharField("扰动类型", max_length=20, blank=True)
    change = models.CharField("变化类型", max_length=20, blank=True)
    state = models.CharField("建设状态", max_length=20, blank=True)
    compliance = models.CharField("合规性", max_length=24, blank=True)
    confirmed = models.CharField("复核合规性", max_length=24, blank=True)
    verdict = models.CharField("合规性判定", max_length=24, blank=True)
    batch = models.CharField("解译批次", max_length=40, blank=True)
    project = models.CharField("项目名称", max_length=200, blank=True)
    area_m2 = models.FloatField("面积 m²")
    stated_hm2 = models.FloatField("填报面积 hm²", null=True)
    over_hm2 = models.FloatField("超出防治责任范围面积 hm²", null=True)
    image_before = models.DateField("前时相日期", null=True)
    image_after = models.DateField("后时相日期", null=True)
    address = models.CharField("地址", max_length=200, blank=True)
    note = models.TextField("备注", blank=True)
    geometry = models.MultiPolygonField("范围", srid=4490)

    objects = ScopedQuerySet["Patch"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "扰动图斑"
        ordering: ClassVar = ["number"]
        triggers: ClassVar = frozen_rows()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "number"], name="patch_numbered_once"),
        ]

    def __str__(self) -> str:
        return self.number


class Raster(models.Model):
    """A raster of the results (栅格): a COG in the media folder, named by what it holds."""

    region_path = "publication__region__code"

    publication = models.ForeignKey(Publication, models.PROTECT, verbose_name="成果", related_name="rasters")
    name = models.CharField("名称", max_length=24)
    unit = models.CharField("单位", max_length=24, blank=True)
    sha256 = models.CharField("校验和", max_length=64)
    size = models.BigIntegerField("字节数")
    bounds = models.JSONField("四至", help_text="西、南、东、北，度")

    objects = ScopedQuerySet["Raster"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "栅格"
        ordering: ClassVar = ["name"]
        triggers: ClassVar = frozen_rows()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "name"], name="raster_named_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.publication}"


class RegionSummary(models.Model):
    """What the facts of a region add up to (分区汇总): for each county, and for the regions that they lie in."""

    publication = models.ForeignKey(Publication, models.PROTECT, verbose_name="成果", related_name="summaries")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    land_m2 = models.FloatField("土地面积 m²")
    eroded_m2 = models.FloatField("水土流失面积 m²")
    missing_m2 = models.FloatField("缺测面积 m²", default=0.0)
    soil_loss_t = models.FloatField("流失量 t/a")
    low = models.FloatField("水土保持率下限 %", null=True)
    high = models.FloatField("水土保持率上限 %", null=True)

    objects = ScopedQuerySet["RegionSummary"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分区汇总"
        ordering: ClassVar = ["region_id"]
        triggers: ClassVar = frozen_rows()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "region"], name="region_summed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.publication}"

    @property
    def percent(self) -> float | None:
        """Return the conservation rate, %; None for no land (水土保持率)."""
        return 100.0 * (1.0 - self.eroded_m2 / self.land_m2) if self.land_m2 else None


class ClassSum(models.Model):
    """The area of one class in a region (分类汇总): of intensity, land use, slope, cover, kind of zone, or of patches."""

    class Dimension(models.TextChoices):
        """What the class is of (分类)."""

        INTENSITY = "intensity", "侵蚀强度"
        LAND_USE = "land_use", "土地利用"
        SLOPE = "slope_class", "坡度"
        COVER = "cover_class", "植被盖度"
        ZONE = "zone", "区域"
        VERDICT = "verdict", "合规性"
        DISTURBANCE = "disturbance", "扰动类型"

    publication = models.ForeignKey(Publication, models.PROTECT, verbose_name="成果", related_name="class_sums")
    region = models.ForeignKey(Region, models.PROTECT, verbose_name="行政区", related_name="+")
    dimension = models.CharField("分类", max_length=12, choices=Dimension)
    code = models.CharField("类", max_length=24)
    count = models.BigIntegerField("数目", help_text="事实为像元数，区域与图斑为个数")
    area_m2 = models.FloatField("面积 m²")
    eroded_m2 = models.FloatField("其中水土流失 m²", default=0.0)
    soil_loss_t = models.FloatField("流失量 t/a", default=0.0)

    objects = ScopedQuerySet["ClassSum"].as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分类汇总"
        ordering: ClassVar = ["region_id", "dimension", "code"]
        triggers: ClassVar = frozen_rows()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["publication", "region", "dimension", "code"], name="class_summed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.dimension} {self.code}"
