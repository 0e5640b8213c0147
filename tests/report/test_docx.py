"""Documents for a word processor: the same bytes, no time of now, Chinese as it was given."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx

from shuibao.report.docx import add_paragraph, add_table, new_document, write_docx


def a_document(path: Path) -> Path:
    document = new_document("公告")
    add_paragraph(document, "禁止开垦陡坡地范围", align="center", bold=True, color="A3172A", indent=2)
    add_table(document, ["乡镇", "面积/hm²"], [["甲镇", "1.00"], ["乙镇", "2.50"]], widths=(40, 30), right=(1,))
    write_docx(path, document)
    return path


def test_two_writings_have_the_same_bytes(tmp_path: Path) -> None:
    assert a_document(tmp_path / "a.docx").read_bytes() == a_document(tmp_path / "b.docx").read_bytes()


def test_no_member_of_the_file_has_the_time_of_now(tmp_path: Path) -> None:
    with zipfile.ZipFile(a_document(tmp_path / "a.docx")) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        core = archive.read("docProps/core.xml").decode()
    assert core.count("2000-01-01T00:00:00Z") == 3


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    document = docx.Document(str(a_document(tmp_path / "a.docx")))
    assert [p.text for p in document.paragraphs] == ["禁止开垦陡坡地范围"]
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells == [["乡镇", "面积/hm²"], ["甲镇", "1.00"], ["乙镇", "2.50"]]


def test_no_row_of_a_table_lies_on_two_pages(tmp_path: Path) -> None:
    rows = docx.Document(str(a_document(tmp_path / "a.docx"))).tables[0].rows
    assert all("<w:cantSplit/>" in row._tr.xml for row in rows)
