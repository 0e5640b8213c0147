"""The pages of published results, and what each may take away from them."""

from __future__ import annotations

import csv
import io
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.formulas import safe
from bureau.publications.classes import INTENSITY_COLORS, classes
from bureau.publications.exporting import notes_of
from bureau.publications.models import Publication
from shuibao.ground.vectors import read_vectors
from shuibao.survey.land import INTENSITY_COLORS as OF_THE_PRODUCTS

Act = Callable[..., Publication]
SignIn = Callable[..., Client]


def taken(client: Client, made: Publication, what: str, form: str) -> bytes:
    """Return the content of an export."""
    answer = client.get(reverse("publications:export", args=[made.pk, what, form]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_a_city_sees_its_result_with_its_provenance(published: Act, signed_in: SignIn) -> None:
    made = published()
    client = signed_in("view", region=XINZHOU)
    listed = client.get(reverse("publications:list")).content.decode()
    assert made.title in listed
    shown = client.get(made.get_absolute_url()).content.decode()
    for word in ("模拟数据", "五寨县", "偏关县", "轻度", "草案", made.content_sha256, "shuibao 0.1.0", "第 1 版"):
        assert word in shown
    assert made.title in client.get(reverse("home")).content.decode()


def test_a_county_sees_its_own_part_of_the_citys_result(published: Act, signed_in: SignIn) -> None:
    made = published()
    client = signed_in("view", region=WUZHAI)
    shown = client.get(made.get_absolute_url()).content.decode()
    assert "五寨县的部分" in shown
    assert "偏关县" not in shown
    rows = list(csv.DictReader(io.StringIO(taken(client, made, "facts", "csv").decode("utf-8-sig"))))
    assert {row["区县代码"] for row in rows} == {WUZHAI}
    assert len(rows) == made.facts.filter(county_id=WUZHAI).count()
    assert {row["数据性质"] for row in rows} == {"模拟数据"}
    assert {row["区县"] for row in rows} == {"五寨县"}
    for dimension, name in (
        ("land_use", "地类"),
        ("slope_class", "坡度级"),
        ("cover_class", "盖度级"),
        ("intensity", "强度级"),
    ):
        names = {c.code: c.name for c in classes(dimension, made.packs)}
        assert {row[name]: row[f"{name}名称"] for row in rows}.items() <= names.items()
    assert {row["侵蚀类型名称"] for row in rows} <= {"水力侵蚀", "缺测"}
    assert client.get(reverse("publications:export", args=[made.pk, "soil_loss", "tif"])).status_code == 404


def test_exports_tell_the_day_that_it_was_published_here(published: Act) -> None:
    made = published(now=datetime(2026, 3, 4, 17, 0, tzinfo=UTC))
    assert "发布：2026-03-05" in notes_of(made)


def test_the_pages_say_which_survey_counts_for_a_county(published: Act, own: Act, signed_in: SignIn) -> None:
    city, county = published(), own()
    client = signed_in("view", region=XINZHOU)
    listed = client.get(reverse("publications:list")).content.decode()
    assert "最近发布" in listed
    assert "2 县中 1 县采用" in listed
    shown = client.get(city.get_absolute_url()).content.decode()
    assert f'<a href="{county.get_absolute_url()}">{county}</a>' in shown
    assert "采用覆盖全县的、最近发布的一份" in shown
    assert "采用最近发布的一份" not in client.get(county.get_absolute_url()).content.decode()
    mine = signed_in("view", region=WUZHAI).get(reverse("publications:list")).content.decode()
    assert "另有成果为准，未采用" in mine


def test_another_city_does_not_see_it(published: Act, signed_in: SignIn) -> None:
    made = published()
    client = signed_in("view", "approve", region="220100")
    assert client.get(made.get_absolute_url()).status_code == 404
    assert client.get(reverse("publications:export", args=[made.pk, "summary", "xlsx"])).status_code == 404
    assert made.title not in client.get(reverse("publications:list")).content.decode()


def test_the_workbook_tells_the_rates_and_that_it_is_made_up(published: Act, signed_in: SignIn) -> None:
    made = published()
    book = CalamineWorkbook.from_filelike(io.BytesIO(taken(signed_in("view", region=XINZHOU), made, "summary", "xlsx")))
    assert "模拟数据" in book.get_sheet_by_name("说明").to_python()[0][0]
    rows = book.get_sheet_by_name("水土保持率").to_python()
    assert {row[0] for row in rows[1:]} == {XINZHOU, WUZHAI, PIANGUAN}
    assert book.sheet_names[1:] == ["水土保持率", "侵蚀强度", "土地利用", "坡度", "植被盖度"]


@pytest.mark.parametrize("region, count", [(XINZHOU, 7), (WUZHAI, 4)])
def test_zones_come_as_geopackage_and_shapefile(
    published: Act, signed_in: SignIn, tmp_path: Path, region: str, count: int
) -> None:
    made = published(kind="zones", theme="steep_slope")
    client = signed_in("view", region=region)
    for form, name in (("gpkg", "a.gpkg"), ("zip", "a.zip")):
        path = tmp_path / name
        path.write_bytes(taken(client, made, "zones", form))
        if form == "zip":
            zipfile.ZipFile(path).extractall(tmp_path)
            path = tmp_path / "zones.shp"
        else:
            assert sqlite3.connect(path).execute("SELECT count(*) FROM zones").fetchone() == (count,)
        vectors = read_vectors(path)
        assert len(vectors.geometry) == count
        assert "模拟数据" in {str(v) for values in vectors.columns.values() for v in values}


def test_a_raster_is_handed_out_as_it_is(published: Act, signed_in: SignIn, folder: Path) -> None:
    made = published()
    given = taken(signed_in("view", region="140000"), made, "intensity", "tif")
    assert given == (folder / "products" / "intensity.tif").read_bytes()


def test_there_is_no_other_export(published: Act, signed_in: SignIn) -> None:
    made = published()
    client = signed_in("view", region=XINZHOU)
    for what, form in (("zones", "gpkg"), ("facts", "xlsx"), ("..", "tif"), ("summary", "exe")):
        assert client.get(f"/publications/{made.pk}/export/{what}.{form}").status_code == 404


def test_no_cell_is_taken_for_a_formula() -> None:
    assert [safe(text) for text in ("=1", "+1", "-1", "@a", "县", 1)] == ["'=1", "'+1", "'-1", "'@a", "县", 1]


def test_classes_wear_the_colours_of_the_products() -> None:
    for code, color in INTENSITY_COLORS.items():
        assert color == "#{:02x}{:02x}{:02x}".format(*OF_THE_PRODUCTS[int(code)])
    assert [c.name for c in classes("intensity", ["national"])] == [
        "微度", "轻度", "中度", "强烈", "极强烈", "剧烈", "缺测",
    ]  # fmt: skip
