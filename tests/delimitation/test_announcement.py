"""The announcement says what was drawn and no more, adds up, and is the same twice."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import docx
import numpy as np
import pytest
from tests.delimitation.steep_region import TOWNS, steep_region
from typer.testing import CliRunner

from shuibao.cli import app
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.draft.drawing import draw_zones
from shuibao.messages import CallError
from shuibao.report.zone_announcement import Announcement, legal_bases, write_announcement
from shuibao.rules import load_rules
from shuibao.survey.region import load_region

THEME, COUNTY = "steep_slope", "990001"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("announced")
    draw_zones(steep_region(made), [THEME])
    return made


@pytest.fixture(scope="module")
def result(folder):
    return read_result(load_region(folder), THEME, COUNTY)


@pytest.fixture(scope="module")
def document(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("out") / "a.docx"
    write_announcement(result, Announcement("模政告〔2025〕1号", date(2025, 12, 1)), path)
    return docx.Document(path)


def words(document):
    return "\n".join(p.text for p in document.paragraphs)


def cells(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_it_names_county_number_date_angle_and_area(document, result):
    text = words(document)
    for said in (
        "模拟甲县人民政府",
        "模政告〔2025〕1号",
        "2025年12月1日",
        "坡度 25° 以上（含）",
        "连片面积不小于 5 公顷",
    ):
        assert said in text
    assert f"总面积 {result.totals[0].area_hm2:,.2f} 公顷" in text
    assert "已扣除永久基本农田" in text


def test_its_table_of_towns_adds_up_to_a_hundredth_of_a_hectare(document, result):
    head, *rows, total = cells(document.tables[0])
    assert head == ["乡镇", "图斑数", "面积/hm²", "占比/%", "平均坡度/°"]
    assert [row[0] for row in rows] == [name for code, (name, _) in TOWNS.items() if code.startswith(COUNTY)]
    assert (
        sum(round(float(row[2]) * 100) for row in rows) == round(float(total[2]) * 100) == result.totals[0].hundredths
    )
    assert sum(int(row[1]) for row in rows) == int(total[1]) == len(result.layer)


def test_its_annex_lists_every_patch_and_adds_up(document, result):
    head, *rows = cells(document.tables[1])
    assert [row[0] for row in rows] == list(result.layer.columns["code"])
    assert sum(round(float(row[2]) * 100) for row in rows) == result.totals[0].hundredths
    lon, lat = float(rows[0][-2]), float(rows[0][-1])
    assert 111.2 < lon < 111.4
    assert 39.4 < lat < 39.6


def test_a_heading_stays_with_the_words_below_it(document):
    headings = [p for p in document.paragraphs if p.text[:2] in ("一、", "二、", "三、", "四、")]
    assert len(headings) == 4
    assert all(p.paragraph_format.keep_with_next for p in headings)


def test_made_up_land_is_labelled_before_the_title(document):
    assert document.paragraphs[0].text.startswith("模拟数据")


def test_every_page_of_made_up_land_says_so_in_its_header(document):
    headers = ["".join(p.text for p in section.header.paragraphs) for section in document.sections]
    assert headers == ["模拟数据"] * len(document.sections)


def test_what_is_annexed_is_listed_before_the_signature(document):
    texts = [paragraph.text for paragraph in document.paragraphs]
    annexed = next(k for k, text in enumerate(texts) if text.startswith("附件：1."))
    signed = max(k for k, text in enumerate(texts) if text.endswith("人民政府"))
    assert annexed < signed


def test_drafts_and_missing_layers_are_said_in_the_annex(document):
    text = words(document)
    assert "以下标准仍是草案" in text
    assert "没有提供建设用地" in text
    assert "没有覆盖：模拟甲县" in text


def test_only_statutes_are_a_legal_basis_and_only_with_clauses_that_were_read(result):
    def bases(pack):
        return legal_bases(replace(result, rules=load_rules([pack])))

    assert bases("national") == ["《中华人民共和国水土保持法》第二十条"]
    assert bases("jilin") == ["《中华人民共和国水土保持法》第二十条", "《吉林省水土保持条例》"]
    assert bases("shanxi") == ["《中华人民共和国水土保持法》第二十条"]  # its angle was read in a county's notice


def test_what_the_county_must_add_is_marked(result, tmp_path):
    write_announcement(result, Announcement(), tmp_path / "a.docx")
    text = words(docx.Document(tmp_path / "a.docx"))
    assert "文号〔待填〕" in text
    assert "日期〔待填〕" in text


def test_two_documents_have_the_same_bytes(result, tmp_path):
    for name in ("a", "b"):
        write_announcement(result, Announcement("1", date(2025, 12, 1)), tmp_path / f"{name}.docx")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()


def test_a_county_without_steep_slopes_is_told_so(folder, result, tmp_path):
    none = result.layer.subset(np.zeros(len(result.layer), dtype=bool))
    totals = [replace(t, zones=0, hundredths=0, mean_slope=float("nan")) for t in result.totals]
    write_announcement(replace(result, layer=none, totals=totals), Announcement(), tmp_path / "a.docx")
    assert "没有应划定的禁止开垦陡坡地" in words(docx.Document(tmp_path / "a.docx"))


def test_several_counties_at_once_are_refused(folder, tmp_path):
    with pytest.raises(CallError, match="--county"):
        write_announcement(read_result(load_region(folder), THEME), Announcement(), tmp_path / "a.docx")


@pytest.mark.parametrize(
    "arguments,said",
    [
        (["a.odt"], "应以 .docx 或 .pdf 结尾"),
        (["a.docx", "--county", "110101"], "没有县"),
        (["a.docx", "--county", COUNTY, "--date", "2025-13-01"], "不是日期"),
    ],
)
def test_a_wrong_call_is_refused(folder, tmp_path, arguments, said):
    out = [str(tmp_path / arguments[0]), *arguments[1:]]
    answer = CliRunner().invoke(app, ["zones", "announce", str(folder), *out])
    assert isinstance(answer.exception, CallError)
    assert said in answer.exception.zh
    assert not list(tmp_path.iterdir())


def test_nothing_drawn_is_refused(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("zones"))
    answer = CliRunner().invoke(app, ["zones", "announce", str(tmp_path / "copy"), str(tmp_path / "a.docx")])
    assert "shuibao zones draw" in answer.exception.zh
