"""Changes are told in words that a clerk understands: entries one by one, shapes by area and place, long texts folded."""

from __future__ import annotations

import ast
import csv
import inspect
import io
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry, Point
from django.template import Context, Template
from django.urls import reverse
from tests.bureau.commissions.matrix import patch_batch, upload
from tests.bureau.delimitation.matrix import make
from tests.bureau.people import make_person

from bureau.commissions import folder_converting, patch_converting, patches
from bureau.commissions.models import PatchBatch, Upload
from bureau.delimitation import examining
from bureau.delimitation.models import Comment, Redraw
from bureau.publications import reading
from bureau.trail.details import items, vocabulary
from bureau.trail.selectors import history
from bureau.trail.shapes import told_shapes


def told(row: Any) -> dict[str, list[tuple[str, str, str]]]:
    """Return the entries that the latest change of a row has, by field."""
    return {f.label: [(i.label, i.before, i.after) for i in f.items] for f in history(row)[0].fields if f.items}


@pytest.mark.django_db
def test_only_the_entries_that_changed_are_told_by_their_chinese_names() -> None:
    one = Upload.objects.get(**upload("140928"))
    one.details = {"crs": "EPSG:4490", "bands": 1, "region": {"name": "五寨县", "year": 2023}}
    one.save()
    one.details = {"crs": "EPSG:4490", "bands": 2, "region": {"name": "五寨县", "year": 2024, "simulated": True}}
    one.save()
    assert told(one) == {
        "内容": [("波段数", "1", "2"), ("区域 ／ 年份", "2023", "2024"), ("区域 ／ 模拟数据", "—", "是")]
    }


@pytest.mark.django_db
def test_findings_are_told_one_by_one() -> None:
    one = PatchBatch.objects.get(**patch_batch("140928"))
    one.findings = [{"wrong": True, "text": "没有编号列"}, {"wrong": False, "text": "2 个图斑相同"}]
    one.save()
    assert told(one) == {
        "检查结果": [
            ("没有编号列", "—", "是错误：是"), ("2 个图斑相同", "—", "是错误：否"),
        ]
    }  # fmt: skip


@pytest.mark.django_db
def test_parameters_of_a_redraw_are_called_by_their_names() -> None:
    one = Redraw.objects.create(
        delimitation=make("140928"), parameters={"steep_slope.angle": 25.5}, why="改坡度", by=make_person("clerk"),
        at="2026-03-05T00:00:00Z",
    )  # fmt: skip
    ((label, before, after),) = told(one)["参数"]
    assert (before, after) == ("—", "25.5")
    assert not label.isascii()


def test_every_key_that_the_rooms_write_themselves_has_a_chinese_name() -> None:
    writers: list[Callable[..., Any]] = [
        reading._provenance, patches.provenance_of, examining.examined, patch_converting.convert, folder_converting._checked,
    ]  # fmt: skip
    named = vocabulary()
    for write in writers:
        tree = ast.parse(textwrap.dedent(inspect.getsource(write)))
        keys = {
            key.value
            for node in ast.walk(tree) if isinstance(node, ast.Dict)
            for key in node.keys if isinstance(key, ast.Constant)
        }  # fmt: skip
        assert keys, write
        assert {key for key in keys if key not in named} == set(), write


@pytest.mark.django_db
def test_a_place_that_was_moved_says_how_far() -> None:
    one = Comment.objects.create(
        delimitation=make("140928"), number=1, region_id="140928", unit="五寨县水利局", opinion="object", text="位置不对",
        state="placed", place=Point(111.8, 38.9, srid=4490),
    )  # fmt: skip
    one.place = Point(111.8, 38.91, srid=4490)
    one.save()
    (field,) = (f for f in history(one)[0].fields if f.label == "位置")
    assert (field.before, field.after) == (
        "东经 111.80000°，北纬 38.90000°", "东经 111.80000°，北纬 38.91000°（移动 1110 m）",
    )  # fmt: skip


def square(lon: float, lat: float, side: float) -> GEOSGeometry:
    east, north = lon + side, lat + side
    return GEOSGeometry(
        f"MULTIPOLYGON ((({lon} {lat}, {east} {lat}, {east} {north}, {lon} {north}, {lon} {lat})))", 4490
    )


def test_a_shape_is_told_by_its_area_before_and_after_and_by_how_far_it_was_moved() -> None:
    was, now = told_shapes(square(112, 38, 0.01), square(112, 38, 0.02))
    assert was.startswith("面积 0.97")
    assert now.startswith("面积 3.8")
    assert "增加 29" in now
    assert "中心移动 7" in now
    assert "面积与中心不变" in told_shapes(square(112, 38, 0.01), square(112, 38, 0.01))[1]
    assert "中心移动 1.1 km" not in told_shapes(square(112, 38, 0.01), square(112, 38.01, 0.01))[1], (
        "metres below 10 km"
    )
    assert "减少" in told_shapes(square(112, 38, 0.02), square(112, 38, 0.01))[1]
    assert told_shapes(None, square(112, 38, 0.01))[0] == "—"


def test_a_long_text_is_folded_and_whole() -> None:
    text = "".join(f"第{n}句。" for n in range(200))
    page = Template("{% load trail %}{% folded text %}").render(Context({"text": text}))
    assert f"（共 {len(text)} 字）</summary>" in page
    assert text in page
    assert "<details" not in Template("{% load trail %}{% folded text %}").render(Context({"text": text[:100]}))
    assert "&lt;b&gt;" in Template("{% load trail %}{% folded text %}").render(Context({"text": "<b>" + text}))


@pytest.mark.django_db
def test_the_export_has_a_line_for_each_entry_and_no_braces(signed_in: Callable[..., Any]) -> None:
    one = PatchBatch.objects.get(**patch_batch("140928"))
    one.columns, one.unknown = {"number": "TBBH", "type": "LX"}, {"type": {"采石": 2}}
    one.save()
    client = signed_in("administer", region="140900")
    given = client.get(reverse("trail:export", args=["csv"]), {"kind": "commissions.patchbatch"}).content
    rows = list(csv.DictReader(io.StringIO(given.decode("utf-8-sig"))))
    lines = {row["字段"]: (row["原值"], row["新值"]) for row in rows if row["动作"] == "修改"}
    assert lines == {
        "列对照：图斑编号": ("QDNM", "TBBH"), "列对照：扰动类型": ("—", "LX"), "字典没有的写法：扰动类型 ／ 采石": ("—", "2"),
    }  # fmt: skip
    assert not [row for row in rows if row["动作"] == "新增" and row["新值"] == "—"], "what holds nothing is left out"
    assert not [row for row in rows if "{" in row["新值"] or "[" in row["新值"]]


@pytest.mark.django_db
def test_a_list_of_words_is_told_like_any_value() -> None:
    one = make("140928")
    one.packs = ["national", "shanxi"]
    one.save()
    (field,) = (f for f in history(one)[0].fields if f.label == "规则包")
    assert (field.after, field.items) == ("national、shanxi", ())


def test_entries_that_are_called_alike_are_counted() -> None:
    found = items([], [{"name": "甲", "size": 1}, {"name": "甲", "size": 2}])
    assert [(each.label, each.after) for each in found] == [
        ("甲", "大小（字节）：1"), ("甲（2）", "大小（字节）：2"),
    ]  # fmt: skip
