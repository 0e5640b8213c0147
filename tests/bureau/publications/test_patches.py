"""Disturbance patches: what a file means, what is wrong with it, and what is published of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU
from tests.bureau.publications.patched import columns, give_borders, shapes, square, write

from bureau.publications.counting import patch_publications, patch_sums
from bureau.publications.models import ClassSum, Patch, Publication, Status
from bureau.publications.patch_reading import Meaning, PatchLayer, read_patches
from bureau.publications.patch_words import dictionary, fields, guess, told
from bureau.refusal import Refusal
from bureau.regions.models import Region

Act = Callable[..., Publication]


def read(path: Path, region: str = XINZHOU, **more: Any) -> PatchLayer:
    """Read a file as its columns are guessed."""
    from shuibao.ground.vectors import read_vectors

    give_borders()
    meaning = Meaning(guess(read_vectors(path).columns), **{"batch": "第 1 期"} | more)
    return read_patches(path, meaning, Region.objects.get(pk=region))


def wrong(layer: PatchLayer) -> str:
    """Return what is wrong with patches."""
    return "\n".join(found.text for found in layer.findings if found.wrong)


def test_columns_and_words_are_a_draft_and_say_where_they_are_from() -> None:
    assert told()["status"] == "draft"
    assert told()["source"]
    for name in ("type", "change", "state", "compliance"):
        words = dictionary(name)
        assert len({word.code for word in words}) == len({word.name for word in words}) == len(words)
    assert {field.dictionary for field in fields() if field.dictionary} == {"type", "change", "state", "compliance"}


def test_a_file_is_read_by_the_names_that_its_columns_have(tmp_path: Path, db: None) -> None:
    layer = read(write(tmp_path / "a.gpkg"))
    assert layer.good
    assert layer.columns["county"] == [WUZHAI, WUZHAI, PIANGUAN, PIANGUAN]
    assert layer.columns["type"] == ["spoil", "other", "borrow", "other"]
    assert layer.columns["verdict"] == ["unapproved", "suspected_unapproved", "compliant", "compliant"]
    assert [str(day) for day in layer.columns["image_after"]] == ["2024-05-01"] * 3 + ["None"]
    assert 3e4 < layer.columns["area_m2"][0] < 4.5e4
    assert any("第" not in f.text and "面积相差" in f.text for f in layer.findings), "one stated area is far off"


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, db: None) -> None:
    given = columns() | {
        "QDNM": ["A", "A", "", "B"],
        "QTYPE": ["矿山"] * 2 + ["其他扰动"] * 2,
        "后时相": ["去年"] * 4,
        "QAREA": ["多", "-3", "inf", "1.5"],
    }
    drawn = [*shapes()[:3], square(112.9, 39.4)]
    told_wrong = wrong(read(write(tmp_path / "a.gpkg", given, drawn)))
    for word in (
        "没有编号",
        "编号重复：A",
        "“矿山”2 个",
        "日期读不懂：去年",
        "不是数的值或负数：多、-3、inf；",
        "不在忻州市各县界线内：B",
    ):
        assert word in told_wrong


def test_a_county_that_is_not_in_the_region_is_refused_and_one_elsewhere_is_pointed_out(
    tmp_path: Path, db: None
) -> None:
    layer = read(write(tmp_path / "a.gpkg", columns() | {"XZQDM": ["220122", WUZHAI, WUZHAI, ""]}))
    assert "县代码不属于忻州市：220122" in wrong(layer)
    assert any("与其位置所在的县不同：140932-2024-001" in found.text for found in layer.findings)
    assert layer.columns["county"][2:] == [WUZHAI, PIANGUAN], "what the file says is taken; else the place decides"


def test_patches_without_a_number_are_told_by_their_place_in_the_file(tmp_path: Path, db: None) -> None:
    path = write(tmp_path / "a.gpkg", columns() | {"QDNM": [""] * 4}, [*shapes()[:2], *[square(112.9, 39.4)] * 2])
    layer = read(path)
    assert "2 个图斑不在忻州市各县界线内：第 3 个、第 4 个；" in wrong(layer)
    assert any("图形与别的图斑完全相同：第 4 个。" in found.text for found in layer.findings)


def test_words_that_no_dictionary_has_can_be_explained(tmp_path: Path, db: None) -> None:
    path = write(tmp_path / "a.gpkg", columns() | {"QTYPE": ["矿山"] * 4})
    assert read(path).unknown == {"type": {"矿山": 4}}
    assert read(path, words={"type": {"矿山": "borrow"}}).columns["type"] == ["borrow"] * 4


def test_patches_are_published_with_sums_of_counties(publish_some: Act) -> None:
    made = publish_some()
    assert (made.kind, made.batch, made.version, made.status) == ("patches", "第 1 期", 1, Status.PUBLISHED)
    assert made.title == "忻州市 2024 年扰动图斑（第 1 期）"
    assert made.patches.count() == 4
    sums = {(s.region_id, s.code): s.count for s in made.class_sums.filter(dimension="verdict")}
    assert sums[WUZHAI, "unapproved"] == sums[XINZHOU, "unapproved"] == 1
    assert sums[PIANGUAN, "compliant"] == sums[XINZHOU, "compliant"] == 2


def test_a_batch_has_versions_of_its_own_and_the_same_bytes_are_one(publish_some: Act) -> None:
    first, second = publish_some(), publish_some(batch="第 2 期")
    assert publish_some() == first
    again = publish_some(columns() | {"QDCS": ["合规"] * 4})
    first.refresh_from_db()
    second.refresh_from_db()
    assert (again.version, first.status, second.status) == (2, Status.SUPERSEDED, Status.PUBLISHED)
    with pytest.raises(Refusal, match="完全相同"):
        publish_some()


def test_what_is_wrong_or_has_no_second_person_is_not_published(publish_some: Act, person: Callable[..., Any]) -> None:
    with pytest.raises(Refusal, match="编号重复"):
        publish_some(columns() | {"QDNM": ["A"] * 4})
    one = person("clerk", "review", region=XINZHOU)
    with pytest.raises(Refusal, match="另一人复核"):
        publish_some(by=one, reviewed_by=one)
    with pytest.raises(Refusal, match="解译批次"):
        publish_some(batch=" ")
    assert not Publication.objects.exists()


def test_published_patches_are_never_changed(publish_some: Act) -> None:
    publish_some()
    for statement in ("UPDATE publications_patch SET type = ''", "DELETE FROM publications_patch"):
        with pytest.raises(DatabaseError, match="成果已发布"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_county_is_counted_once_where_city_and_county_published_the_same_batch(publish_some: Act) -> None:
    publish_some()
    one = {name: values[:1] for name, values in columns().items()}
    publish_some(one, shapes()[:1], region=WUZHAI)
    sums = patch_sums(patch_publications("1409", 2024), "1409")[ClassSum.Dimension.VERDICT]
    assert sums[WUZHAI] == {"unapproved": (1, pytest.approx(sums[WUZHAI]["unapproved"][1]))}
    assert sums[PIANGUAN]["compliant"][0] == 2


def test_the_latest_year_stands_for_a_year_without_patches(publish_some: Act) -> None:
    publish_some(year=2023)
    latest = publish_some()
    assert patch_publications("1409", 2030) == [latest]
    assert patch_publications("1409", 2023) != [latest]
    assert not patch_publications("22", None)


def taken(client: Client, made: Publication, form: str) -> bytes:
    """Return an export."""
    answer = client.get(reverse("publications:export", args=[made.pk, "patches", form]))
    assert answer.status_code == 200
    return answer.content


def test_patches_go_out_as_table_and_shapes_of_ones_own_county(
    publish_some: Act, signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    from shuibao.ground.vectors import read_vectors

    made = publish_some()
    city, county = signed_in("view", region=XINZHOU), signed_in("view", region=PIANGUAN)
    rows = (
        CalamineWorkbook.from_filelike(io.BytesIO(taken(city, made, "xlsx"))).get_sheet_by_name("扰动图斑").to_python()
    )
    assert len(rows) == 5
    assert {"弃土（渣）场", "未批先建"} <= set(rows[1])
    assert any("'=模拟光伏" in row for row in rows), "no cell is a formula"
    (tmp_path / "out.gpkg").write_bytes(taken(county, made, "gpkg"))
    out = read_vectors(tmp_path / "out.gpkg")
    assert out.columns["图斑编号"].tolist() == ["140932-2024-001", "140932-2024-002"]
    assert set(out.columns["数据性质"]) == {"模拟数据"}
    names = zipfile.ZipFile(io.BytesIO(taken(county, made, "zip"))).namelist()
    assert any(name.endswith(".shp") for name in names)
    stranger = signed_in("view", region="220122")
    assert stranger.get(reverse("publications:export", args=[made.pk, "patches", "gpkg"])).status_code == 404


def test_the_page_of_patches_tells_counts_and_versions(publish_some: Act, signed_in: Callable[..., Client]) -> None:
    made = publish_some()
    page = signed_in("view", region=WUZHAI).get(made.get_absolute_url()).content.decode()
    for word in ("扰动图斑", "未批先建", "五寨县", "模拟数据", "草案", "第 1 版"):
        assert word in page
    assert "偏关县" not in page
    listed = signed_in("view", region=XINZHOU).get(reverse("publications:list"), {"kind": "patches"}).content.decode()
    assert made.title in listed
    assert Patch.objects.count() == 4
