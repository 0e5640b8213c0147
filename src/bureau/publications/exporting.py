"""
Files of a publication for other programs (成果导出): tables as XLSX and CSV, shapes as GeoPackage and shapefile.

Whoever asks gets the rows of their own scope only; made-up data says so in the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import shapely
from django.db import connection
from django.utils import timezone

from bureau.office.models import Person
from bureau.publications.classes import LEVEL_NAMES, ZONE_NAMES, classes
from bureau.publications.models import ClassSum, Kind, Publication, RegionSummary
from bureau.publications.patch_words import label
from bureau.workbooks import Table
from shuibao.facts.table import WATER_EROSION
from shuibao.ground.shapefile import TableField, write_shapefile
from shuibao.ground.vectors import write_geopackage

CRS = pyproj.CRS("EPSG:4490")
HECTARE, SQUARE_KILOMETRE = 1e4, 1e6

WATERSHED_FIELDS = (
    TableField("CODE", "text", 40), TableField("NAME", "text", 80), TableField("TYPE", "text", 20),
    TableField("COUNTY", "text", 12), TableField("DOWN", "text", 40), TableField("AREA_HM2", "real", 16, 2),
    TableField("EROD_HM2", "real", 16, 2), TableField("LOSS_T", "real", 18, 2),
)  # fmt: skip
ZONE_FIELDS = (
    TableField("CODE", "text", 60), TableField("NAME", "text", 120), TableField("KIND", "text", 40),
    TableField("LEVEL", "text", 20), TableField("COUNTY", "text", 12), TableField("TOWN", "text", 80),
    TableField("AREA_HM2", "real", 16, 2), TableField("BASIS", "text", 254),
)  # fmt: skip
PATCH_FIELDS = (
    TableField("NUMBER", "text", 60), TableField("COUNTY", "text", 12), TableField("TYPE", "text", 40),
    TableField("CHANGE", "text", 40), TableField("STATE", "text", 20), TableField("COMPLY", "text", 40),
    TableField("CONFIRM", "text", 40), TableField("BATCH", "text", 80), TableField("PROJECT", "text", 200),
    TableField("AREA_HM2", "real", 16, 4), TableField("STATED_HM2", "real", 16, 4),
    TableField("OVER_HM2", "real", 16, 4), TableField("BEFORE", "text", 10), TableField("AFTER", "text", 10),
    TableField("ADDRESS", "text", 200), TableField("NOTE", "text", 254),
)  # fmt: skip
OWN = {
    "watersheds": (
        "code", "name", "type", "county__name", "down_code", "area_m2", "eroded_m2", "soil_loss_t",
    ),
    "zones": ("code", "name", "kind", "level", "county__name", "town", "area_m2", "basis"),
    "patches": (
        "number", "county__name", "type", "change", "state", "compliance", "confirmed", "batch", "project", "area_m2",
        "stated_hm2", "over_hm2", "image_before", "image_after", "address", "note",
    ),
}  # fmt: skip
FIELDS = {"watersheds": WATERSHED_FIELDS, "zones": ZONE_FIELDS, "patches": PATCH_FIELDS}
NAMES = {"watersheds": "小流域", "zones": "区域", "patches": "扰动图斑"}
CHINESE = {
    "NUMBER": "图斑编号", "CHANGE": "变化类型", "STATE": "建设状态", "COMPLY": "合规性", "CONFIRM": "复核合规性",
    "BATCH": "解译批次", "PROJECT": "项目名称", "STATED_HM2": "填报面积_hm2", "OVER_HM2": "超出面积_hm2",
    "BEFORE": "前时相", "AFTER": "后时相", "ADDRESS": "地址", "NOTE": "备注",
    "CODE": "编号", "NAME": "名称", "TYPE": "类型", "COUNTY": "区县", "DOWN": "下游编码", "AREA_HM2": "面积_hm2",
    "EROD_HM2": "水土流失面积_hm2", "LOSS_T": "流失量_t", "KIND": "种类", "LEVEL": "级别", "TOWN": "乡镇", "BASIS": "依据",
}  # fmt: skip


def notes_of(publication: Publication) -> list[str]:
    """
    Return what every export says of its publication (导出说明).

    Parameters
    ----------
    publication : Publication
    """
    told = publication.provenance
    lines = [str(publication), f"发布：{timezone.localtime(publication.published_at):%Y-%m-%d}"]
    if publication.kind == Kind.PATCHES:
        lines += [f"文件：{told.get('file') or told.get('origin', '')}", "扰动类型、合规性等字典为草案。"]
    else:
        lines += [f"软件：{told.get('software', '')}", f"规则包：{'、'.join(publication.packs)}"]
    lines.append(f"内容校验和：{publication.content_sha256}")
    if publication.simulated:
        lines.insert(0, "模拟数据：仅供演示，不得用于决策。")
    if told.get("drafts"):
        lines.append(f"依据中有 {len(told['drafts'])} 项参数为草案，尚未经两人核对原文。")
    return lines


def summary_tables(publication: Publication, person: Person) -> list[Table]:
    """
    Return the sums of the regions that a person may see (汇总表).

    Parameters
    ----------
    publication : Publication
    person : Person
    """
    sheets: list[Table] = []
    summaries = RegionSummary.objects.for_person(person).filter(publication=publication).select_related("region")
    if publication.kind == Kind.SURVEY:
        rows = [
            [s.region_id, s.region.name, round(s.land_m2 / HECTARE, 2), round(s.eroded_m2 / HECTARE, 2),
             None if s.percent is None else round(s.percent, 2), round(s.soil_loss_t, 1)]
            for s in summaries
        ]  # fmt: skip
        head = ("代码", "行政区", "土地面积_hm2", "水土流失面积_hm2", "水土保持率_%", "流失量_t/a")
        sheets.append(Table("水土保持率", head, rows))
    sums = ClassSum.objects.for_person(person).filter(publication=publication).select_related("region")
    for dimension, title in ClassSum.Dimension.choices:
        names = {c.code: c.name for c in classes(dimension, publication.packs)}
        rows = [
            [s.region_id, s.region.name, names.get(s.code, s.code), s.count, round(s.area_m2 / HECTARE, 2),
             round(s.eroded_m2 / HECTARE, 2)]
            for s in sums if s.dimension == dimension
        ]  # fmt: skip
        if rows:
            sheets.append(Table(title, ("代码", "行政区", title, "数目", "面积_hm2", "其中水土流失_hm2"), rows))
    return sheets


def shapes(publication: Publication, person: Person, what: str) -> tuple[tuple[TableField, ...], dict[str, Any], Any]:
    """
    Return the watersheds or zones that a person may see, with their table and shapes (矢量成果).

    Parameters
    ----------
    publication : Publication
    person : Person
    what : {"watersheds", "zones", "patches"}
    """
    own, fields = OWN[what], FIELDS[what]
    found = getattr(publication, what).for_person(person).order_by("number" if what == "patches" else "code")
    rows = list(found.values_list(*own, "geometry"))
    columns: dict[str, Any] = {}
    for place, (name, field) in enumerate(zip(own, fields, strict=True)):
        values = [_shown(what, name, row[place]) for row in rows]
        columns[field.name] = np.array(values, dtype=float if field.type == "real" else object)
    wkb = [bytes(row[-1].wkb) for row in rows]
    return fields, columns, np.asarray(shapely.from_wkb(wkb), dtype=object)


def _shown(what: str, name: str, value: Any) -> Any:
    """Return a value as people read it: hectares, and Chinese for codes."""
    if name in ("area_m2", "eroded_m2"):
        return value / HECTARE
    if name in ("image_before", "image_after"):
        return value.isoformat() if value else ""
    if what == "patches" and name in DICTIONARIES:
        return label(DICTIONARIES[name], value)
    if what == "zones" and name in ("kind", "level"):
        return (ZONE_NAMES if name == "kind" else LEVEL_NAMES).get(value, value)
    return value


DICTIONARIES = {
    "type": "type", "change": "change", "state": "state", "compliance": "compliance", "confirmed": "compliance",
}  # fmt: skip


def geopackage(publication: Publication, person: Person, what: str) -> bytes:
    """Return shapes as a GeoPackage with Chinese field names (导出 GeoPackage)."""
    _, columns, geometry = shapes(publication, person, what)
    told = {"说明": "；".join(notes_of(publication))}
    named = {CHINESE[name]: values for name, values in columns.items()}
    if publication.simulated:
        named["数据性质"] = np.array(["模拟数据"] * len(geometry), dtype=object)
    return _written(lambda path: write_geopackage(path, {what: (named, geometry)}, CRS, metadata=told), "x.gpkg")


def shapefile(publication: Publication, person: Person, what: str) -> bytes:
    """Return shapes as a zipped shapefile (导出 shapefile)."""
    fields, columns, geometry = shapes(publication, person, what)
    if publication.simulated:
        fields = (*fields, TableField("DATA_KIND", "text", 20))
        columns["DATA_KIND"] = np.array(["模拟数据"] * len(geometry), dtype=object)
    return _written(lambda path: write_shapefile(path, what, fields, columns, geometry, CRS), "x.zip")


def table_of_shapes(publication: Publication, person: Person, what: str) -> list[Table]:
    """Return the table of shapes without their geometry (属性表)."""
    fields, columns, _ = shapes(publication, person, what)
    headings = [CHINESE[field.name] for field in fields]
    rows = [list(row) for row in zip(*(columns[field.name] for field in fields), strict=True)]
    return [Table(NAMES[what], headings, [[_value(v) for v in row] for row in rows])]


def _value(value: Any) -> Any:
    if not isinstance(value, float):
        return value
    return None if value != value else round(float(value), 4)


def _written(write: Callable[[Path], None], name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def facts_csv(publication: Publication, person: Person) -> Iterator[bytes]:
    """
    Yield the facts that a person may see, as CSV for spreadsheets, by COPY (导出事实表).

    Parameters
    ----------
    publication : Publication
    person : Person
    """
    yield "\ufeff".encode()
    given: list[str | int] = []
    columns = [_named(column, chinese, publication.packs, given) for column, chinese in FACT_CLASSES.items()]
    statement = _FACTS.format(columns=", ".join(columns))
    given += ["模拟数据" if publication.simulated else "", publication.pk, f"{person.scope}%"]
    with connection.cursor() as cursor, cursor.cursor.copy(statement, given) as copy:
        for block in copy:
            yield bytes(block)


_FACTS = """
    COPY (SELECT county_id AS 区县代码, region.name AS 区县, watershed AS 小流域, {columns}, zone AS 区, cells AS 像元数,
        area_m2 AS 面积_m2, soil_loss_t AS 流失量_t, %s::text AS 数据性质
    FROM publications_fact LEFT JOIN regions_region region ON region.code = county_id
    WHERE publication_id = %s AND county_id LIKE %s) TO STDOUT WITH (FORMAT csv, HEADER)
"""
FACT_CLASSES = {
    "land_use": "地类", "slope_class": "坡度级", "cover_class": "盖度级", "erosion_type": "侵蚀类型", "intensity": "强度级",
}  # fmt: skip
"""Columns of the facts that hold codes; beside each stands its name."""
EROSION_TYPES = {"0": "缺测", str(WATER_EROSION): "水力侵蚀"}


def _named(column: str, chinese: str, packs: Sequence[str], given: list[str | int]) -> str:
    """Return the columns of a code and of what it means, by the rule packs of the publication; adds to what is given."""
    names = EROSION_TYPES if column == "erosion_type" else {c.code: c.name for c in classes(column, packs)}
    for code, name in names.items():
        given += [int(code), name]
    cases = " ".join("WHEN %s::integer THEN %s::text" for _ in names)
    return f"{column} AS {chinese}, CASE {column} {cases} ELSE '' END AS {chinese}名称"
