"""The tables of a report as a workbook, the same bytes every time (统计表工作簿)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from shuibao.ground.files import renamed
from shuibao.report.bilingual import Text
from shuibao.report.bulletin import Bulletin
from shuibao.report.caveats import INPUT_NAMES
from shuibao.report.counting import (
    intensity_table,
    land_intensity_table,
    land_table,
    patch_summary_table,
    patch_table,
    rate_table,
    residual_table,
    slope_table,
)
from shuibao.report.parameter_words import class_names, unit_text, value_text
from shuibao.report.provenance import input_files, settings_text, statements
from shuibao.report.tables import Cell, Column, Kind, Table
from shuibao.report.watersheds import losses_of, outside_table, type_table, watershed_table
from shuibao.rules.citation import BASES
from shuibao.survey.watershed_products import WatershedProducts, watershed_summary

FIXED_DATE = datetime(2000, 1, 1)
"""A workbook must have dates; a fixed one keeps two reports' bytes the same."""

FORMATS: dict[Kind, str] = {
    "text": "@", "count": "#,##0", "km2": "#,##0.00", "hm2": "#,##0.00", "m2": "#,##0", "percent": "0.00",
    "points": "+0.00;-0.00;0.00", "tonnes": "#,##0", "modulus": "#,##0.0", "degrees": "0.00", "metres": "#,##0",
}  # fmt: skip
"""How the workbook shows a kind of column; the numbers themselves are not rounded."""

UNSAFE = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet may take for the beginning of a formula."""

TITLE = 13
"""Size of titles, points."""

_HEAD = PatternFill("solid", fgColor="E4EFEC")
_LINE = Side(style="thin", color="8FB0A9")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")


def write_workbook(bulletin: Bulletin, path: Path) -> None:
    """
    Write the tables of a report as a workbook (写出统计表).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    path : Path
        File to write, whole or not at all.
    """
    title = f"{bulletin.region.name} {bulletin.region.year}"
    write_tables(sheets(bulletin), path, title, simulated=bulletin.simulated)


def write_watershed_workbook(products: WatershedProducts, path: Path) -> None:
    """
    Write the small watersheds of a region as a workbook of their own (导出小流域工作簿).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    path : Path
        File to write, whole or not at all.
    """
    region, names = products.region, products.county_names()
    table = watershed_table(products, lambda code: Text(names.get(code, code), names.get(code, code)))
    write_tables([("小流域", [table])], path, f"{region.name} {region.year}", simulated=region.simulated)


def write_tables(content: Sequence[tuple[str, Sequence[Table]]], path: Path, title: str, *, simulated: bool) -> None:
    """
    Write tables as a workbook (写出工作簿).

    Parameters
    ----------
    content : sequence of (str, sequence of Table)
        Name of each sheet, and its tables.
    path : Path
        File to write, whole or not at all.
    title : str
        Title in the file's properties.
    simulated : bool
        Whether the land is made up; every sheet then says so.
    """
    book = Workbook()
    book.remove(book.active)
    for name, tables in content:
        sheet = book.create_sheet(name)
        row = 1
        if simulated:
            row = _warning(sheet, "模拟数据：自然条件由种子生成，不反映当地实况。Simulated data.")
        for table in tables:
            row = _table(sheet, table, row, freeze=len(tables) == 1)
        _widen(sheet)
    book.properties.creator = "shuibao"
    book.properties.title = title
    book.properties.created = FIXED_DATE
    buffer = io.BytesIO()
    book.save(buffer)
    with renamed(path) as temporary:
        temporary.write_bytes(timeless(buffer.getvalue()))


def sheets(bulletin: Bulletin) -> list[tuple[str, list[Table]]]:
    """
    Return the sheets of the workbook with their tables (工作表).

    Parameters
    ----------
    bulletin : Bulletin
        The report's content.
    """
    residuals = residual_table(bulletin)
    return [
        ("总表", [_overview(bulletin)]),
        ("县级强度", [intensity_table(bulletin)]),
        ("地类", [land_table(bulletin), land_intensity_table(bulletin)]),
        ("坡度", [slope_table(bulletin)]),
        ("陡坡地图斑", [patch_summary_table(bulletin), patch_table(bulletin, most=None)]),
        *_watershed_sheets(bulletin),
        ("目标", [rate_table(bulletin), *([residuals] if residuals else [])]),
        ("参数", [_parameters(bulletin)]),
        ("来源", [_sources(bulletin)]),
    ]


def _watershed_sheets(bulletin: Bulletin) -> list[tuple[str, list[Table]]]:
    products = bulletin.watersheds
    if products is None:
        return []
    outside = outside_table(products)
    every = watershed_table(products, bulletin.county_name, losses_of(bulletin, products))
    return [("小流域", [type_table(products), *([outside] if outside else []), every])]


def escaped(text: str) -> str:
    """
    Return text that no spreadsheet takes for a formula (防公式注入).

    Examples
    --------
    >>> escaped("=1+1"), escaped("水田")
    ("'=1+1", '水田')
    """
    clean = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text)
    return f"'{clean}" if clean.startswith(UNSAFE) else clean


def timeless(data: bytes) -> bytes:
    """
    Return a workbook without the time at which it was written (去除时间戳).

    Parameters
    ----------
    data : bytes
        An XLSX file.
    """
    out = io.BytesIO()
    stamp = FIXED_DATE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            content = given.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            made.writestr(info, content)
    return out.getvalue()


def _warning(sheet: Any, words: str) -> int:
    cell = sheet.cell(1, 1, words)
    cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="A3172A")
    return 2


def _table(sheet: Any, table: Table, row: int, *, freeze: bool) -> int:
    """Write a table from a row on and return the row for the next one."""
    sheet.cell(row, 1, table.title.zh).font = Font(bold=True, size=TITLE)
    head = row + 1
    for k, column in enumerate(table.columns, start=1):
        unit = f"（{column.unit.zh}）" if column.unit.zh else ""
        cell = sheet.cell(head, k, column.title.zh + unit)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, Border(bottom=_LINE)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
    if freeze or sheet.freeze_panes is None:
        sheet.freeze_panes = sheet.cell(head + 1, 2)
    at = head + 1
    for cells in table.rows:
        _row(sheet, at, table.columns, cells)
        at += 1
    if table.total:
        _row(sheet, at, table.columns, table.total)
        for k in range(1, len(table.columns) + 1):
            sheet.cell(at, k).font, sheet.cell(at, k).border = Font(bold=True), Border(top=_LINE)
        at += 1
    if table.note:
        sheet.cell(at, 1, escaped(table.note.zh)).font = Font(italic=True, color="5B6866")
        at += 1
    return at + 1


def _row(sheet: Any, row: int, columns: Sequence[Column], cells: Sequence[Cell]) -> None:
    for k, (column, value) in enumerate(zip(columns, cells, strict=True), start=1):
        if value is None:
            continue
        cell = sheet.cell(row, k)
        if isinstance(value, Text | str):
            cell.value = escaped(value.zh if isinstance(value, Text) else value)
        else:
            cell.value, cell.number_format = value, FORMATS[column.kind]
            if column.kind == "text":
                cell.number_format, cell.alignment = _loose(value), Alignment(horizontal="left")


def _loose(value: float) -> str:
    """Return the format of a number in a column of mixed things: years have no thousands."""
    return "General" if isinstance(value, int) or abs(value) < 1 else "#,##0.00"


def _widen(sheet: Any) -> None:
    """Make columns as wide as their cells; titles and notes may run over."""
    for cells in sheet.iter_cols():
        held = [c.value for c in cells[1:] if c.value is not None and c.font.sz != TITLE and not c.font.i]
        texts = [value if isinstance(value, str) else f"{value:,.2f}" for value in held]
        widest = max((sum(2 if ord(ch) > 255 else 1 for ch in text) for text in texts), default=8)
        sheet.column_dimensions[get_column_letter(cells[0].column)].width = min(max(widest + 2, 9), 48)


def _overview(bulletin: Bulletin) -> Table:
    own = bulletin.own
    zone = sum(float(a) for a in bulletin.patches.columns["area_m2"])
    rows: list[list[Cell]] = [
        ["区域", bulletin.region.name, None],
        ["年份", bulletin.region.year, None],
        ["土地面积", own.area_m2 / 1e6, "km²"],
        ["土地面积依据", bulletin.basis.zh, None],
        ["水土流失面积", own.eroded_m2 / 1e6, "km²"],
        ["缺测面积", own.missing_m2 / 1e6, "km²"],
        ["水土保持率", own.rate, "%"],
        ["目标", own.target, "%"],
        ["目标年", own.target_year, None],
        ["差距", own.gap, "百分点"],
        ["土壤流失量", own.soil_loss_t, "t/a"],
        ["平均侵蚀模数", own.modulus, "t/(km²·a)"],
        ["禁止开垦陡坡地", zone / 1e4, "hm²"],
        ["禁止开垦陡坡地图斑", len(bulletin.patches.geometry), "块"],
        ["所用参数", len(bulletin.parameters), "项"],
        ["其中草案", len(bulletin.drafts), "项"],
    ]
    if bulletin.watersheds is not None:
        found = watershed_summary(bulletin.watersheds)
        rows[14:14] = [
            ["小流域", found["watersheds"], "个"],
            ["其中面积超限", found["watersheds"] - found["within_limits"], "个"],
        ]
    notes = [("警告", warning.zh) for warning in bulletin.warnings]
    notes += [("数据说明", bulletin.region.note)] if bulletin.region.note else []
    rows += [[name, words, None] for name, words in notes]
    columns = [Column(Text("项目", "Item")), Column(Text("数值", "Value")), Column(Text("单位", "Unit"))]
    return Table("overview", Text(f"{bulletin.region.name} {bulletin.region.year} 年水土保持总表", ""), columns, rows)


def _parameters(bulletin: Bulletin) -> Table:
    names = {
        "name": "参数", "key": "键", "value": "值", "unit": "单位", "status": "状态", "pack": "规则包", "source": "来源",
        "clause": "条款", "basis": "取得方式", "confidence": "可信度", "note": "说明",
    }  # fmt: skip
    said = {"status": {"verified": "已核对", "draft": "草案"}, "basis": {key: zh for key, (zh, _) in BASES.items()}}
    classes = class_names(bulletin.rules)
    spoken = [
        {**p, **{key: words.get(p[key], p[key]) for key, words in said.items()}, "unit": unit_text(p["unit"]).zh}
        for p in bulletin.parameters
    ]
    rows: list[list[Cell]] = [
        [value_text(p[key], classes) if key == "value" else p[key] for key in names] for p in spoken
    ]
    return Table("parameters", Text("参数", "Parameters"), [Column(Text(zh, zh)) for zh in names.values()], rows)


def _sources(bulletin: Bulletin) -> Table:
    rows: list[list[Cell]] = [["依据", name.zh, text] for name, text in statements(bulletin)]
    for name, given in bulletin.region.inputs.items():
        rows.append(["输入", INPUT_NAMES[name].zh if name in INPUT_NAMES else name, settings_text(given)])
    rows += [["文件 sha256", name, digest] for name, digest in input_files(bulletin)]
    columns = [Column(Text("类别", "Kind")), Column(Text("名称", "Name")), Column(Text("内容", "Content"))]
    return Table("sources", Text("来源", "Sources"), columns, rows)
