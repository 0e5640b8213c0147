"""What is taken away of zones under review: only what a person sees, and no formula in it; a split is told of."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyogrio
import pytest
from django.contrib.gis.geos import LineString
from django.test import Client
from tests.bureau.delimitation.packed import packed, squares
from tests.bureau.delimitation.test_packages import received, settled
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, WUZHAI, XINZHOU, reason, zone

from bureau.delimitation import commenting, comparing, drawing, editing, packages
from bureau.delimitation.commenting import Words
from bureau.delimitation.models import Delimitation
from bureau.office.models import Person

A = f"{WUZHAI}-0001"


def test_comments_are_a_workbook_of_ones_own_without_formulas(
    delimitation: Delimitation, signed_in: Callable[..., Client], person: Callable[..., Person]
) -> None:
    for region, text in ((WUZHAI, '=HYPERLINK("http://x")'), (PIANGUAN, "界线偏西")):
        code = f"{region}-0001"
        commenting.comment(
            by=person("clerk", region=region),
            delimitation=delimitation,
            words=Words("adjust", text, code=code),
            now=NOW,
        )
    for region, texts in ((XINZHOU, 2), (WUZHAI, 1)):
        answer = signed_in("view", region=region).get(f"/delimitation/{delimitation.pk}/comments.xlsx")
        assert answer["Content-Disposition"].startswith("attachment")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        cells = [
            str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
        ]
        assert not [text for text in cells if text.startswith("=")]
        assert sum("HYPERLINK" in text or "偏西" in text for text in cells) == texts
        assert any("模拟数据" in text for text in cells)


def test_zones_are_a_geopackage_of_what_one_sees(
    delimitation: Delimitation, signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    for region, count in ((XINZHOU, 6), (WUZHAI, 3)):
        answer = signed_in("view", region=region).get(f"/delimitation/{delimitation.pk}/zones.gpkg")
        path = tmp_path / f"{region}.gpkg"
        path.write_bytes(answer.content)
        assert pyogrio.read_info(path)["features"] == count
    assert signed_in("view", region="220122").get(f"/delimitation/{delimitation.pk}/zones.gpkg").status_code == 404
    answer = signed_in("view", region=XINZHOU).get(f"/delimitation/{delimitation.pk}/zones.gpkg?version=9")
    assert answer.status_code == 302


@pytest.mark.slow
def test_a_package_that_was_brought_in_goes_out_again(
    home: Path, person: Callable[..., Person], signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    clerk = person("clerk", region=WUZHAI)
    made = settled(received(clerk, packed(squares(), tmp_path / "region").read_bytes()))
    one = packages.open_on_package(by=clerk, package=made, now=NOW)
    drawing.draw(one.pk)
    answer = signed_in("view", region=WUZHAI).get(f"/delimitation/{one.pk}/package.zip")
    assert answer["Content-Type"] == "application/zip", answer.headers
    assert "metadata.json" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    again = settled(received(clerk, answer.content, year=2025))
    assert again.status == "ready", again.found


def test_a_split_is_told_of_with_its_border(delimitation: Delimitation, clerk: Person) -> None:
    found = zone(delimitation, A)
    west, south, east, north = found.geometry.extent
    middle = (west + east) / 2
    line = LineString((middle, south - 0.01), (middle, north + 0.01)).json
    editing.split(by=clerk, delimitation=delimitation, code=A, token=found.token, line=line, reason=reason(), now=NOW)
    told = comparing.compare(delimitation, 1, 2, scope="1409")
    assert told.descents == [{"how": "拆分为", "before": A, "after": f"{A}、{A}-1"}]
    assert {row["code"]: row["descent"] for row in told.rows} == dict.fromkeys((A, f"{A}-1"), f"{A} 拆分为 {A}、{A}-1")
    assert len(told.features["drawn"]["features"]) == 1
    assert told.features["gone"]["features"] == []
    editing.merge(
        by=clerk, delimitation=delimitation, code=A, token=zone(delimitation, A).token, others=[f"{A}-1"], reason=reason(),
        now=NOW,
    )  # fmt: skip
    assert comparing.compare(delimitation, 2, 3, scope="1409").descents[0]["how"] == "合并为"
    assert comparing.compare(delimitation, 1, 2, scope=PIANGUAN).descents == []


def test_all_records_are_looked_through_and_what_was_altered_is_found(
    delimitation: Delimitation, clerk: Person, signed_in: Callable[..., Client]
) -> None:
    found = zone(delimitation, A)
    editing.rename(
        by=clerk, delimitation=delimitation, code=A, token=found.token, name="东沟", reason=reason("改名"), now=NOW
    )
    client, address = signed_in("view", region=XINZHOU), f"/delimitation/{delimitation.pk}/history/?verify=1"
    assert "已核对 2 条记录" in client.get(address).content.decode()
    assert "核对" not in signed_in("view", region=WUZHAI).get(address).content.decode()
    path = next((delimitation.folder / "zones" / delimitation.theme / "edits").glob("*.json"))
    path.write_text(path.read_text(encoding="utf-8").replace("东沟", "西沟"), encoding="utf-8")
    assert "核对出问题" in client.get(address).content.decode()


def test_a_browser_is_not_given_more_vertices_than_it_can_draw(
    delimitation: Delimitation, clerk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = zone(delimitation, A)
    round_one = json.dumps(json.loads(found.geometry.centroid.buffer(0.001, quadsegs=200).json))
    editing.reshape(
        by=clerk, delimitation=delimitation, code=A, token=found.token, geometry=round_one, reason=reason(), now=NOW,
        overlaps="cut-others",
    )  # fmt: skip
    whole = comparing.compare(delimitation, 1, 2, scope="1409")
    monkeypatch.setattr(comparing, "MOST_VERTICES", 100)
    thin = comparing.compare(delimitation, 1, 2, scope="1409")
    assert (thin.rows, thin.kinds) == (whole.rows, whole.kinds)
    for name in ("after", "drawn"):
        assert len(json.dumps(thin.features[name])) < len(json.dumps(whole.features[name])) / 3
        assert len(thin.features[name]["features"]) == len(whole.features[name]["features"])
