"""Checking a result package, our own or anybody's (成果验收)."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FORMAT
from shuibao.cli.zones.places import FORCE, refuse_place
from shuibao.messages import CallError, counted, say

if TYPE_CHECKING:
    from shuibao.delimitation.acceptance import Report

MARKS = {"error": ("错误", "error"), "warning": ("警告", "warning"), "note": ("说明", "note")}


def add_to(group: typer.Typer) -> None:
    """Add the command to the group (登记命令)."""
    group.command(
        "check",
        help=say(
            "验收成果包（自己的或别人的）：图形、覆盖、坐标系、属性、合计、元数据；可出带位置图的问题清单。",
            "Check a result package, ours or anybody's: shapes, coverage, systems, attributes, totals, metadata.",
        ),
    )(check)


def check(
    package: Path = typer.Argument(
        ..., metavar="PACKAGE",
        help=say("文件夹、.zip、.gpkg、.shp、.parquet 或 .geojson。", "Folder, .zip, .gpkg, .shp, .parquet or .geojson."),
    ),
    theme: str = typer.Option(
        "", "--theme", metavar="THEME",
        help=say(
            "类别：prevention_treatment、severe_fragile、steep_slope；包里没有写明时用。",
            "Theme: prevention_treatment, severe_fragile, steep_slope; where the package does not say it.",
        ),
    ),
    county: list[str] = typer.Option(
        [], "--county", metavar="CODE",
        help=say("应属的县、市或省代码，可多次；默认取元数据所列。", "Counties it should be of; those of its metadata otherwise."),
    ),
    rules: list[str] = typer.Option(
        ["national"], "--rules", metavar="PACK",
        help=say("规则包，可多次：省的包定最小面积等。", "Rule packs: a province's sets minimum areas and the like."),
    ),
    towns: Path | None = typer.Option(
        None, "--towns", metavar="FILE",
        help=say("乡镇界（面，有代码）：查有没有跨乡镇界的陡坡地。", "Polygons of towns with codes: steep slopes may not lie across."),
    ),
    page: Path | None = typer.Option(
        None, "--html", metavar="FILE",
        help=say("把问题清单写成网页，每处附图。", "Write the list as a web page with a map of each place."),
    ),
    limit: int = typer.Option(
        10, "--limit", metavar="N",
        help=say("每种问题最多列几处（表格与网页）；CSV、JSON 全列。", "Faults shown of each kind; CSV and JSON have all."),
    ),
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Check a result package and list what is wrong with it."""
    from shuibao.delimitation.acceptance import check_package
    from shuibao.rules import load_rules

    if limit < 1:
        raise CallError(f"--limit 应不小于 1，现为 {limit}。", f"--limit must be 1 or more, not {limit}.")
    if page is not None:
        refuse_place(page, (".html", ".htm"), force=force)
    packs = rules if "national" in rules else ["national", *rules]
    report = check_package(package, load_rules(packs), theme=theme, counties=county, towns=towns)
    _print(report, limit, form)
    if page is not None:
        from shuibao.report.faults import write_fault_page

        write_fault_page(page, report, limit)
        typer.echo(say(f"问题清单：{page}", f"list of faults: {page}"), err=True)
    if not report.accepted:
        raise typer.Exit(1)


def _print(report: Report, limit: int, form: Format) -> None:
    if form is not Format.table:
        names = ("severity", "kind", "where", "code", "lon", "lat", "found", "allowed", "mend")
        print_rows([fault.row() for fault in report.faults], dict.fromkeys(names, ""), form)
        return
    rows: list[dict[str, Any]] = []
    for _, group in groupby(report.faults, key=lambda fault: fault.kind.id):
        faults = list(group)
        rows += [
            {
                "severity": say(*MARKS[f.kind.severity]), "kind": f.kind.id, "where": f.where, "code": f.code,
                "lon": _degrees(f.lon), "lat": _degrees(f.lat), "found": say(*f.found), "allowed": say(*f.allowed),
            }
            for f in faults[:limit]
        ]  # fmt: skip
        if len(faults) > limit:
            more = len(faults) - limit
            rows.append({
                "severity": "", "kind": faults[0].kind.id, "where": "", "code": "", "lon": "", "lat": "",
                "found": say(f"……另有 {more} 处", f"… {more} more"), "allowed": "",
            })  # fmt: skip
    headings = {
        "severity": say("轻重", "severity"), "kind": say("问题", "fault"), "where": say("文件", "file"), "code": say("编号", "code"),
        "lon": say("经度", "lon"), "lat": say("纬度", "lat"), "found": say("发现", "found"), "allowed": say("允许", "allowed"),
    }  # fmt: skip
    print_rows(rows, headings, form, note=_verdict(report)) if rows else typer.echo(_verdict(report))


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}"


def _verdict(report: Report) -> str:
    """Return the result in one line."""
    errors, warnings, notes = (report.count(severity) for severity in ("error", "warning", "note"))
    zones, layers = report.zones, len(report.layers)
    label = say("模拟数据　", "simulated data 模拟数据. ") if report.simulated else ""
    verdict = say("通过", "accepted") if report.accepted else say("退回", "sent back")
    return label + say(
        f"{report.package}：查过 {len(report.files)} 个文件、{layers} 个图层、{zones} 个区域；"
        f"错误 {errors}，警告 {warnings}，说明 {notes}：{verdict}。",
        f"{report.package}: {counted(len(report.files), 'file')}, {counted(layers, 'layer')}, {counted(zones, 'zone')} checked; "
        f"{counted(errors, 'error')}, {counted(warnings, 'warning')}, {counted(notes, 'note')}: {verdict}.",
    )
