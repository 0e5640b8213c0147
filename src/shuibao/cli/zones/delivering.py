"""Delivering the zones: the result package, the announcement, the map sheets (成果交付)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.cli.zones.life import THEME
from shuibao.cli.zones.places import FORCE, refuse_package_place, refuse_place
from shuibao.messages import say

COUNTY = typer.Option(None, "--county", metavar="CODE", help=say("只取一个县。", "Only one county."))


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "package",
        help=say(
            "成果包：GeoPackage、shapefile、清单、汇总、元数据，写成文件夹或 .zip。",
            "The result package: GeoPackage, shapefile, list, totals, metadata; a folder or a .zip.",
        ),
    )(package)
    group.command(
        "announce",
        help=say(
            "公告（DOCX）：禁止开垦陡坡地一县一份，另两类一个区域一份。",
            "The announcement (DOCX): of steep slopes one for each county, of the other kinds one for the region.",
        ),
    )(announce)
    group.command(
        "sheets",
        help=say("分幅图册（PDF）：索引图和各图幅。", "Map sheets as a PDF: an index, then each sheet."),
    )(sheets)


def package(
    folder: Path = FOLDER,
    out: Path = typer.Argument(..., metavar="OUT", help=say("要写的 .zip 或文件夹。", "The .zip or folder to write.")),
    theme: str | None = THEME,
    county: str | None = COUNTY,
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:
    """Write the result package of a theme."""
    from shuibao.delimitation.delivery.result import read_result
    from shuibao.delimitation.delivery.totals import total_rows
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.report.zone_package import make_package
    from shuibao.survey.region import load_region

    region = load_region(folder)
    refuse_package_place(out, folder=folder)
    result = read_result(region, chosen_theme(region.folder, theme), county)
    path = make_package(result, out, force=force)
    headings = {
        "kind_name": say("种类", "kind"), "county_name": say("县", "county"), "town_name": say("乡镇", "town"),
        "zones": say("个数", "zones"), "area_hm2": say("面积/hm²", "area, hm²"),
    }  # fmt: skip
    label = say("模拟数据　", "simulated data 模拟数据. ") if result.simulated else ""
    note = label + say(f"成果包：{path}", f"package: {path}")
    print_rows(total_rows(result.totals, result.kind_names), headings, form, note=note)


def announce(
    folder: Path = FOLDER,
    out: Path = typer.Argument(..., metavar="OUT", help=say("要写的 .docx 或 .pdf。", "The .docx or .pdf to write.")),
    theme: str = typer.Option(
        "steep_slope", "--theme", metavar="THEME",
        help=say("类别：steep_slope、prevention_treatment、severe_fragile。", "Theme: steep_slope, prevention_treatment, severe_fragile."),
    ),
    county: str | None = COUNTY,
    number: str = typer.Option("", "--number", help=say("文号。", "Number of the document.")),
    dated: str = typer.Option("", "--date", metavar="YYYY-MM-DD", help=say("成文日期。", "Date of the document.")),
    force: bool = FORCE,
) -> None:  # fmt: skip
    """Write the announcement of a county's steep-slope zone, or of the key zones of a region."""
    from shuibao.delimitation.delivery.result import read_result
    from shuibao.report.announcement_parts import Announcement
    from shuibao.report.key_zone_announcement import write_key_zone_announcement
    from shuibao.report.zone_announcement import write_announcement
    from shuibao.survey.region import load_region

    refuse_place(out, (".docx", ".pdf"), force=force, folder=folder)
    day = date_of(dated)
    result = read_result(load_region(folder), theme, county)
    write = write_announcement if theme == "steep_slope" else write_key_zone_announcement
    write(result, Announcement(number, day), out)
    typer.echo(say(f"公告：{out}", f"announcement: {out}"))


def sheets(
    folder: Path = FOLDER,
    out: Path = typer.Argument(..., metavar="OUT.pdf", help=say("要写的 PDF。", "The PDF to write.")),
    theme: str | None = THEME,
    county: str | None = COUNTY,
    paper: str = typer.Option("A3", "--paper", metavar="A3|A4", help=say("纸张，横放。", "Paper, lying.")),
    scale: str = typer.Option(
        "auto", "--scale", metavar="auto|N", help=say("比例尺分母，如 25000。", "Denominator of the scale, as 25000.")
    ),
    force: bool = FORCE,
) -> None:
    """Write the map sheets of a theme."""
    from shuibao.delimitation.delivery.result import read_result
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.report.zone_sheets import plan_sheets, write_sheets
    from shuibao.survey.region import load_region

    refuse_place(out, (".pdf",), force=force, folder=folder)
    region = load_region(folder)
    result = read_result(region, chosen_theme(region.folder, theme), county)
    atlas = plan_sheets(result, paper=paper, scale=scale)
    pages = write_sheets(atlas, out)
    typer.echo(say(
        f"图册：{out}，{pages} 页（索引 1 页，1:{atlas.scale} 图幅 {len(atlas.sheets)} 幅）",
        f"map sheets: {out}, {pages} pages (an index, {len(atlas.sheets)} sheets at 1:{atlas.scale})",
    ))  # fmt: skip


def date_of(text: str) -> date | None:
    """
    Return the date that an option gives; None if it gives none (日期).

    Raises
    ------
    CallError
        If it is no date.
    """
    from shuibao.delimitation.life.dates import asked_date

    return date.fromisoformat(asked_date(text, "--date")) if text else None
