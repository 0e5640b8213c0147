"""The small watersheds of a region: listed, checked, exported (小流域命令)."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT, print_findings
from shuibao.messages import CallError, language, say

if TYPE_CHECKING:
    from shuibao.messages import Finding
    from shuibao.survey.watershed_products import WatershedProducts


class Group(StrEnum):
    """What small watersheds can be grouped by (分组)."""

    county = "county"
    type = "type"
    size = "size"


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line (登记命令)."""
    app.command(help=say("小流域：列出、检查、导出。", "The small watersheds: list them, check them, export them."))(
        watersheds
    )


def watersheds(
    folder: Path = FOLDER,
    check: bool = typer.Option(
        False, "--check", help=say("检查代码、上下游、面积、图形。", "Check codes, links, areas and shapes.")
    ),
    export: Path | None = typer.Option(
        None, "--export", metavar="FILE",
        help=say("导出到 .gpkg .geojson .zip（shapefile）.parquet .csv .xlsx。",
            "Export to .gpkg .geojson .zip (shapefile) .parquet .csv .xlsx."),
    ),
    force: bool = typer.Option(False, "--force", help=say("覆盖已有的导出文件。", "Replace an existing export.")),
    by: Group | None = typer.Option(None, "--by", help=say("按县、类型、面积分组。", "Group by county, type or size.")),
    top: int | None = typer.Option(None, "--top", metavar="N", help=say("只列最大的 N 个。", "Only the N largest.")),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """List, check or export the small watersheds."""
    from shuibao.survey.region import load_region
    from shuibao.survey.watershed_products import read_watersheds

    _refuse_contradictions(check=check, export=export, force=force, by=by, top=top)
    products = read_watersheds(load_region(folder))
    _warn_changed(products)
    if check:
        _check(products, form)
    elif export is not None:
        _export(products, export, force=force)
    elif by is not None:
        _print_groups(products, by, top, form)
    else:
        _print_list(products, top, form)


def _refuse_contradictions(*, check: bool, export: Path | None, force: bool, by: Group | None, top: int | None) -> None:
    if check and export is not None:
        raise CallError(
            "--check 与 --export 请分两次运行；先检查，再导出。", "use --check and --export in two calls; check first."
        )
    if (check or export is not None) and (by is not None or top is not None):
        raise CallError(
            "--by 与 --top 只用于列表，不与 --check、--export 同用。",
            "--by and --top are for the list; leave them out with --check and --export.",
        )
    if force and export is None:
        raise CallError("--force 只与 --export 同用。", "--force goes with --export only.")
    if top is not None and top < 1:
        raise CallError(f"--top 应不小于 1，现为 {top}。", f"--top must be 1 or more, not {top}.")


def _warn_changed(products: WatershedProducts) -> None:
    """Say on standard error where region.toml has changed since the small watersheds were drawn."""
    from shuibao.survey.watershed_products import changed_water_settings

    for key, (now, made) in changed_water_settings(products).items():
        typer.echo(say(
            f"注意：{key} 现为 {now}，而小流域是按 {made} 划的；请重新运行 shuibao run。",
            f"note: {key} is {now} now, but the small watersheds were drawn with {made}; run shuibao run again.",
        ), err=True)  # fmt: skip


def _check(products: WatershedProducts, form: Format) -> None:
    from shuibao.survey.watershed_checks import check_watersheds

    findings = check_watersheds(products.region)
    _print_checked(products, findings, form)
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(1)


def _print_checked(products: WatershedProducts, findings: list[Finding], form: Format) -> None:
    if form is not Format.table:
        rows = [{"severity": f.severity, "where": f.where, "zh": f.zh, "en": f.en} for f in findings]
        print_rows(rows, {"severity": "", "where": "", "zh": "", "en": ""}, form)
        return
    print_findings(findings)
    units, parts, links = (len(v.geometry) for v in (products.watersheds, products.units, products.channels))
    typer.echo(say(
        f"查过 {units} 个小流域、{parts} 个管理单元、{links} 段河道：代码、上下游、面积、限值、名称、图形、栅格计数。",
        f"checked {units} small watersheds, {parts} management units, {links} channels: codes, links, areas, limits, names, "
        "shapes, cells of the raster.",
    ))  # fmt: skip


def _export(products: WatershedProducts, path: Path, *, force: bool) -> None:
    from shuibao.report.workbook import write_watershed_workbook
    from shuibao.survey.watershed_export import WRITERS, export_watersheds

    export_watersheds(products, path, WRITERS | {".xlsx": write_watershed_workbook}, force=force)
    count = len(products.watersheds.geometry)
    typer.echo(say(f"已导出 {count} 个小流域到 {path}", f"exported {count} small watersheds to {path}"))


def _print_list(products: WatershedProducts, top: int | None, form: Format) -> None:
    from shuibao.survey.watershed_products import watershed_rows

    rows = watershed_rows(products)
    if top is not None:
        rows = sorted(rows, key=lambda row: (-row["area_km2"], row["code"]))[:top]
    if form is Format.json:
        _print_json("watersheds", rows, products)
        return
    if form is Format.table:
        rows = [_spoken(row) for row in rows]
    headings = {
        "code": say("代码", "code"), "name": say("名称", "name"), "type": say("类型", "type"),
        "county_name": say("主县", "main county"), "area_km2": say("面积/km²", "area, km²"),
        "in_region_km2": say("区内/km²", "in region, km²"), "upstream_km2": say("上游/km²", "upstream, km²"),
        "down_code": say("流入", "drains into"), "within_limits": say("限内", "within limits"), "reason": say("原因", "why not"),
    }  # fmt: skip
    if all(row["within_limits"] for row in rows):
        del headings["reason"]
    print_rows(rows, headings, form, note=summary_line(products))


def _print_groups(products: WatershedProducts, by: Group, top: int | None, form: Format) -> None:
    from shuibao.rules import load_rules
    from shuibao.survey.watershed_products import watershed_groups

    rows = watershed_groups(products, load_rules(products.region.packs), by.value)
    if top is not None:
        rows = sorted(rows, key=lambda row: -row["in_region_km2"])[:top]
    if form is Format.json:
        _print_json("groups", rows, products)
        return
    if form is Format.table:
        rows = [_spoken(row) for row in rows]
    names = {"county": ("县", "county"), "type": ("类型", "type"), "size": ("面积级/km²", "size, km²")}
    headings = {
        ("county_name" if by is Group.county else by.value): say(*names[by.value]),
        "watersheds": say("小流域", "small watersheds"), "management_units": say("管理单元", "management units"),
        "in_region_km2": say("区内面积/km²", "in region, km²"), "in_region_percent": say("占比/%", "share, %"),
        "mean_km2": say("平均/km²", "mean, km²"), "minimum_km2": say("最小/km²", "least, km²"),
        "maximum_km2": say("最大/km²", "greatest, km²"), "within_limits": say("限内", "within limits"),
    }  # fmt: skip
    print_rows(rows, headings, form, note=summary_line(products))


def _print_json(name: str, rows: list[dict[str, Any]], products: WatershedProducts) -> None:
    from shuibao.survey.watershed_products import watershed_summary

    content = {"summary": watershed_summary(products), name: rows}
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1))


def _spoken(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row in the reader's language, with a dash where water leaves the region."""
    from shuibao.watershed.small_watersheds import REASONS, TYPE_NAMES

    words = dict([*TYPE_NAMES.values(), *REASONS.values()]) if language() == "en" else {}
    said = {key: words.get(row[key], row[key]) for key in ("type", "reason") if key in row}
    return row | said | ({"down_code": row["down_code"] or None} if "down_code" in row else {})


def summary_line(products: WatershedProducts) -> str:
    """
    Return the small watersheds of a region in a line (小流域摘要).

    Parameters
    ----------
    products : WatershedProducts
        The products of a region.
    """
    from shuibao.survey.watershed_products import watershed_summary
    from shuibao.watershed.small_watersheds import TYPE_NAMES

    found = watershed_summary(products)
    label = say("模拟数据　", "simulated data 模拟数据. ") if products.region.simulated else ""
    if not found["watersheds"]:
        return label + say("没有小流域。", "there are no small watersheds.")
    low, high = found["limits_km2"]
    kinds = [(say(zh, en), found["types"].get(zh, 0)) for zh, en in TYPE_NAMES.values()]
    least, mean, most = (f"{found[name]:,.2f}" for name in ("minimum_km2", "mean_km2", "maximum_km2"))
    share, total, region = (f"{found[name]:,.2f}" for name in ("within_limits_percent", "in_region_km2", "region_km2"))
    within, count = found["within_limits"], found["watersheds"]
    return label + say(
        f"{count} 个小流域（{'、'.join(f'{word} {number}' for word, number in kinds)}），面积 {least}–{most} km²，平均 {mean} km²；"
        f"{low:.4g}–{high:.4g} km² 之内 {within} 个，占 {share} %；区内合计 {total} km²，区域 {region} km²",
        f"{count} small watersheds ({', '.join(f'{word} {number}' for word, number in kinds)}) of {least}–{most} km², mean "
        f"{mean} km²; {within} within {low:.4g}–{high:.4g} km², {share} %; together {total} km² in the region of {region} km²",
    )
