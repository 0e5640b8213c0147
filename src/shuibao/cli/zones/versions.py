"""Versions of zones: built again, and compared (版本命令)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, csv_of, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.cli.zones.life import LAYER, THEME
from shuibao.cli.zones.places import FORCE, refuse_place
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.delimitation.life.difference import Difference
    from shuibao.rules import Rules
    from shuibao.survey.region import Region
    from shuibao.zoning.layer import ZoneLayer

PICTURES = (".png", ".svg", ".pdf")

LISTS = (".csv", ".json")


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "rebuild", help=say("由底图与修改重建某一版。", "Build a version again from its drawing and its edits.")
    )(rebuild)
    group.command(
        "diff", help=say("比较两版或两个文件：面积得失、清单、图。", "Compare two versions or files: areas, list, map.")
    )(diff)


def rebuild(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    version: int | None = typer.Option(
        None,
        "--version",
        metavar="K",
        help=say("版本号；默认最后一版。", "Number of the version; the last if not given."),
    ),
    out: Path | None = typer.Option(
        None, "--out", metavar="FILE", help=say("写到 .parquet 或 .gpkg。", "Write it to a .parquet or .gpkg.")
    ),
    force: bool = FORCE,
) -> None:
    """Build a version again."""
    from shuibao.delimitation.folder import theme_folder, write_layer
    from shuibao.delimitation.life.journal import read_journal
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.delimitation.life.versions import rebuilt, version_of, versions_of
    from shuibao.ground.vectors import write_geopackage
    from shuibao.survey.region import load_region

    if out is not None:
        refuse_place(out, (".parquet", ".gpkg"), force=force, folder=folder)
    region = load_region(folder)
    chosen = chosen_theme(region.folder, theme)
    place = theme_folder(region.folder, chosen)
    records = read_journal(place)
    found = version_of(records, version if version is not None else len(versions_of(records)))
    layer = rebuilt(place, found)
    if out is not None:
        if out.suffix.lower() == ".gpkg":
            write_geopackage(out, {chosen: (layer.columns, layer.geometry)}, layer.crs, metadata=layer.metadata)
        else:
            write_layer(out, layer)
    typer.echo(say(
        f"第 {found.number} 版：底图 {found.drawn[:12]}…，{len(found.records) - 1} 条记录，{len(layer)} 个区域，"
        f"{float(layer.columns['area_m2'].sum()) / 1e4:,.2f} hm²；与记录相符（{found.layer[:12]}…）"
        + (f"，已写到 {out}" if out else "。"),
        f"version {found.number}: drawing {found.drawn[:12]}…, {len(found.records) - 1} records, {len(layer)} zones,"
        f" {float(layer.columns['area_m2'].sum()) / 1e4:,.2f} hm²; as recorded ({found.layer[:12]}…)"
        + (f", written to {out}" if out else "."),
    ))  # fmt: skip


def diff(
    folder: Path = FOLDER,
    first: str = typer.Argument(..., metavar="A", help=say("版本号、drawn、current 或文件。", "Version, drawn, current or a file.")),
    second: str = typer.Argument(..., metavar="B", help=say("同上。", "The same.")),
    theme: str | None = THEME,
    picture: Path | None = typer.Option(
        None, "--map", metavar="FILE", help=say("另画图到 .png、.svg 或 .pdf。", "Draw a map to a .png, .svg or .pdf too.")
    ),
    limit: int = typer.Option(
        50, "--limit", metavar="N", min=1,
        help=say("表中最多列几个区域，变化大的优先。", "Most zones that the table lists, the greatest changes first."),
    ),
    out: Path | None = typer.Option(
        None, "--out", metavar="FILE", help=say("全部清单另写到 .csv 或 .json。", "Write the whole list to a .csv or .json too.")
    ),
    sheet: str = LAYER,
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Compare two versions or files."""
    from shuibao.delimitation.life.difference import difference
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    if picture is not None:
        refuse_place(picture, PICTURES, force=force, folder=folder)
    if out is not None:
        refuse_place(out, LISTS, force=force, folder=folder)
    region = load_region(folder)
    rules, chosen = load_rules(region.packs), chosen_theme(region.folder, theme)
    found = difference(*(_layer(region, chosen, text, rules, sheet) for text in (first, second)))
    if picture is not None:
        from shuibao.report.zone_difference_map import write_difference_map

        write_difference_map(found, region, rules, picture, names=(first, second))
    if out is not None:
        _write(found, out)
    if form is Format.table:
        _print(found, rules, limit, out, simulated=region.simulated)
    else:
        typer.echo(_listed(found, form), nl=False)
    if picture is not None and form is Format.table:
        typer.echo(say(f"图：{picture}", f"map: {picture}"))


def _layer(region: Region, theme: str, text: str, rules: Rules, sheet: str) -> ZoneLayer:
    """Return the layer that a word names: a version, the drawn one, that of now, or a file."""
    from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder
    from shuibao.delimitation.life.incoming import layer_of_file
    from shuibao.delimitation.life.journal import read_journal
    from shuibao.delimitation.life.versions import current_layer, rebuilt, version_of, versions_of
    from shuibao.ground.vectors import read_vectors

    place = theme_folder(region.folder, theme)
    if text == "drawn":
        return read_layer(place / DRAWN)
    if text == "current":
        return current_layer(region.folder, theme)
    if text.isdecimal():
        return rebuilt(place, version_of(read_journal(place), int(text)))
    path = Path(text)
    if not path.exists():
        number = len(versions_of(read_journal(place)))
        there = {0: ("还没有版本", "no versions yet"), 1: ("只有第 1 版", "version 1")}
        zh, en = there.get(number, (f"版本 1–{number}", f"versions 1–{number}"))
        raise CallError(
            f"「{text}」不是版本号，也没有这个文件；可用：{zh}，drawn（底图），current（现行），或图层文件。",
            f"'{text}' is no version and there is no such file; there are: {en}, drawn, current, or a file of zones.",
        )
    if path.suffix.lower() == ".parquet" and path.is_file() and "THEME" in read_vectors(path).metadata:
        return read_layer(path)
    return layer_of_file(path, current_layer(region.folder, theme), rules, sheet=sheet)


def _listed(found: Difference, form: Format) -> str:
    """Return the whole list, for programs."""
    rows = found.rows()
    if form is Format.json:
        content = {"zones": rows, "kinds": found.by_kind(), "counties": found.by_county()}
        return json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    return csv_of(rows, HEADINGS)


def _write(found: Difference, path: Path) -> None:
    from shuibao.ground.files import renamed

    csv = path.suffix.lower() == ".csv"
    with renamed(path) as temporary:
        text = _listed(found, Format.csv if csv else Format.json)
        temporary.write_text(text, encoding="utf-8-sig" if csv else "utf-8")


HEADINGS = (
    "change", "code", "name", "kind", "county", "county_name", "before_hm2", "after_hm2", "gained_hm2", "lost_hm2", "columns",
)  # fmt: skip
"""Columns of the whole list."""


def _print(found: Difference, rules: Rules, limit: int, out: Path | None, *, simulated: bool) -> None:
    from shuibao.delimitation.life.difference import CHANGES
    from shuibao.zoning.layer import ACROSS

    rows = found.rows()
    areas = {
        "before_hm2": say("前/hm²", "before, hm²"), "after_hm2": say("后/hm²", "after, hm²"),
        "gained_hm2": say("增/hm²", "gained, hm²"), "lost_hm2": say("减/hm²", "lost, hm²"),
    }  # fmt: skip
    headings = {
        "code": say("编号", "code"), "name": say("名称", "name"), "change": say("变化", "change"),
        "county_name": say("县", "county"), **areas, "columns": say("属性", "attributes"),
    }  # fmt: skip
    shown = rows if len(rows) <= limit else sorted(rows, key=lambda row: -row["gained_hm2"] - row["lost_hm2"])[:limit]
    spoken = [
        {**row, "change": say(*CHANGES[row["change"]]), "county_name": row["county_name"] or row["county"] or ACROSS}
        for row in shown
    ]
    label = say("模拟数据　", "simulated data 模拟数据. ") if simulated else ""
    print_rows(spoken, headings, Format.table, note=label + _note(len(rows), len(shown), out))
    kinds = {row["id"]: say(row["name"], row["name_en"]) for row in rules.value("zone_kind.classes")}
    _print_sums([{**row, "name": kinds[row["kind"]]} for row in found.by_kind()], say("种类", "kind"), areas)
    counties = [{**row, "name": row["county_name"] or row["county"]} for row in found.by_county()]
    changed = [row for row in counties if row["gained_hm2"] or row["lost_hm2"]]
    if changed and len(counties) > 1:
        _print_sums(changed, say("有变化的县", "county that changed"), areas)


def _note(number: int, shown: int, out: Path | None) -> str:
    """Say how many zones differ, how many of them are not shown, and where all of them are."""
    if not number:
        return say("没有差别。", "they are the same.")
    words = say(f"{number} 个区域有差别", f"{number} zones differ")
    if shown < number:
        words += say(
            f"，上面是变化最大的 {shown} 个，另有 {number - shown} 个",
            f"; the {shown} greatest changes are above, {number - shown} more are not shown",
        )
    if out is not None:
        return words + say(f"；全部清单：{out}", f"; the whole list: {out}")
    return words + (
        say("；全部清单用 --out 文件.csv 或 --format csv。", "; for the whole list use --out FILE.csv or --format csv.")
        if shown < number
        else say("。", ".")
    )


def _print_sums(rows: list[dict[str, Any]], title: str, areas: dict[str, str]) -> None:
    typer.echo("")
    print_rows(rows, {"name": title, **areas}, Format.table)
