"""The announcement of severe and fragile areas says what was drawn and what was read, and leaves the rest open."""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import date

import docx
import numpy as np
import pytest
import shapely
from tests.bureau.delimitation.packed import WUZHAI, folder_of, squares
from typer.testing import CliRunner

from shuibao.cli import app
from shuibao.delimitation.delivery.result import read_result
from shuibao.messages import CallError, ShuibaoError
from shuibao.report.announcement_parts import Announcement
from shuibao.report.document_pdf import content_of
from shuibao.report.key_zone_announcement import write_key_zone_announcement
from shuibao.survey.region import load_region
from shuibao.zoning.layer import zone_layer

THEME = "severe_fragile"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    drawn = squares()
    columns = {
        "code": drawn.columns["code"], "name": ["严重一区（模拟）", "脆弱一区（模拟）", "脆弱二区（模拟）"],
        "kind": ["severe", "fragile", "fragile"], "level": ["province"] * 3, "county": [WUZHAI, WUZHAI, ""],
        "county_name": ["五寨县", "五寨县", ""], "basis": ["severe_fragile"] * 3,
    }  # fmt: skip
    layer = zone_layer(THEME, columns, drawn.geometry, drawn.crs, {"DATA_KIND": "模拟数据"})
    return folder_of(layer, tmp_path_factory.mktemp("announced") / "region")


def words_of(path):
    document = docx.Document(path)
    tables = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    return "\n".join(p.text for p in document.paragraphs), tables


def test_it_says_how_much_of_each_kind_and_what_is_not_known(folder, tmp_path):
    result = read_result(load_region(folder), THEME)
    path = tmp_path / "a.docx"
    write_key_zone_announcement(result, Announcement("模告〔2026〕1号", date(2026, 3, 5)), path)
    text, tables = words_of(path)
    for said in (
        "模告〔2026〕1号",
        "2026年3月5日",
        "严重",
        "1 个，面积 0.16 平方千米",
        "2 个，面积 0.32 平方千米",
        "模拟数据",
    ):
        assert said in text, said
    assert "发布机关〔待填〕" in text
    assert "第十八条" not in text.partition("附件 1")[0], "a clause that was not read is not in the articles"
    assert "没有读到原文" in text
    listed = [row for row in tables if row[0].startswith(WUZHAI)]
    assert [row[2] for row in listed] == [result.kind_names[k] for k in ("severe", "fragile", "fragile")]
    sums = [float(row[3]) for row in tables if row[1] == "合计"]
    assert np.isclose(sum(sums), shapely.area(result.layer.geometry).sum() / 1e4)
    write_key_zone_announcement(result, Announcement("模告〔2026〕1号", date(2026, 3, 5)), tmp_path / "b.docx")
    assert path.read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_the_pdf_has_the_words_of_the_document_and_the_same_bytes_each_time(folder, tmp_path):
    pytest.importorskip("typst")
    result, words = read_result(load_region(folder), THEME), Announcement("模告〔2026〕1号", date(2026, 3, 5))
    for name in ("a.docx", "a.pdf", "b.pdf"):
        write_key_zone_announcement(result, words, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()
    document = docx.Document(tmp_path / "a.docx")
    told = content_of(document)
    kept = [block for section in told["sections"] for block in section["blocks"]]
    text, tables = words_of(tmp_path / "a.docx")
    assert [b["text"] for b in kept if b["kind"] == "paragraph" and b["text"]] == [t for t in text.split("\n") if t]
    assert [row for b in kept if b["kind"] == "table" for row in (b["heads"], *b["rows"])] == tables
    assert [s["width"] > s["height"] for s in told["sections"]] == [False, True]
    assert all("模拟数据" in s["header"][0]["text"] for s in told["sections"]), "every page says that it is made up"
    if shutil.which("pdftotext"):
        done = subprocess.run(["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, check=True)
        shown = "".join(done.stdout.decode().split())
        for line in [*text.split("\n"), *(cell for row in tables for cell in row)]:
            assert "".join(line.split()) in shown or len(line) > 24, line  # longer ones are broken by pages and cells


def test_without_typst_the_word_document_is_offered(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ShuibaoError, match=r"改为生成 \.docx"):
        write_key_zone_announcement(read_result(load_region(folder), THEME), Announcement(), tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()


def test_the_command_writes_it_and_steep_slopes_have_their_own(folder, tmp_path):
    done = CliRunner().invoke(app, ["zones", "announce", str(folder), str(tmp_path / "c.docx"), "--theme", THEME])
    assert done.exit_code == 0, done.output
    assert "文号〔待填〕" in words_of(tmp_path / "c.docx")[0]
    pages = tmp_path / "c.pdf"
    done = CliRunner().invoke(app, ["zones", "announce", str(folder), str(pages), "--theme", THEME])
    assert done.exit_code == 0, done.output
    assert pages.read_bytes().startswith(b"%PDF")
    steep = read_result(load_region(folder_of(squares(), tmp_path / "steep")), "steep_slope")
    with pytest.raises(CallError, match="陡坡地另有公告"):
        write_key_zone_announcement(steep, Announcement(), tmp_path / "d.docx")
