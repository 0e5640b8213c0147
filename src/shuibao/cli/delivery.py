"""Sediment of a region: how much of the soil lost reaches the channels and passes an outlet (泥沙输移命令)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.ground.grid import Grid
    from shuibao.rules import Parameter
    from shuibao.survey.delivering import Delivered
    from shuibao.survey.delivery_outlets import Outlet
    from shuibao.survey.region import Region


class Group(StrEnum):
    """What sediment can be added up by (汇总单元)."""

    watershed = "watershed"
    county = "county"


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line (登记命令)."""
    app.command(help=say("泥沙输移：流失的土有多少到河道、到出口。", "Sediment: how much soil lost reaches channels and outlets."))(
        delivery
    )  # fmt: skip


def delivery(
    folder: Path = FOLDER,
    outlet: list[str] = typer.Option(
        None, "--outlet", metavar="LON,LAT", help=say("出口的经度,纬度；可重复。", "Longitude,latitude of an outlet; may repeat.")
    ),
    outlets: Path | None = typer.Option(
        None, "--outlets", metavar="FILE",
        help=say("出口点文件，坐标系不限，名称取 name。", "File of outlets: points in any coordinate system, with name."),
    ),
    max_snap: float | None = typer.Option(
        None, "--max-snap", metavar="M", help=say("出口最多移动多少米到河道。", "How far outlets may be moved to a channel, m.")
    ),
    min_area: float | None = typer.Option(
        None, "--min-area", metavar="KM2",
        help=say("出口所在河道的最小汇水面积。", "Least contributing area of the channel of an outlet, km²."),
    ),
    by: Group | None = typer.Option(
        None, "--by", help=say("按小流域或县汇总。", "Add up by small watershed or by county.")
    ),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Follow soil loss to the channels, write the products, and print the sums."""
    from shuibao.survey.delivering import deliver_region
    from shuibao.survey.region import load_region

    given = list(outlet or [])
    _refuse_contradictions(bool(given) or outlets is not None, max_snap=max_snap, min_area=min_area, by=by, form=form)
    region = load_region(folder)
    points = _outlets(region, given, outlets)
    found = deliver_region(
        region,
        points,
        max_snap=max_snap,
        least_area=None if min_area is None else min_area * 1e6,
        by=(by or Group.watershed).value,
    )
    group = None if points and by is None else by or Group.watershed
    if form is Format.json:
        _print_json(found, group)
        return
    if points:
        _print_outlets(found, form)
    if group is not None:
        _print_groups(found, group, form)
    if form is Format.table:
        for line in notes(region, found):
            typer.echo(line)
    for path in found.paths:
        typer.echo(say(f"成果：{path}", f"product: {path}"), err=True)


def _refuse_contradictions(
    at_outlets: bool, *, max_snap: float | None, min_area: float | None, by: Group | None, form: Format
) -> None:
    if not at_outlets and (max_snap is not None or min_area is not None):
        raise CallError(
            "--max-snap 与 --min-area 只与 --outlet 或 --outlets 同用。",
            "--max-snap and --min-area go with --outlet or --outlets only.",
        )
    if at_outlets and by is not None and form is Format.csv:
        raise CallError(
            "CSV 一次只写一张表；请分两次运行，一次用 --by，一次用出口。",
            "CSV holds one table; make two calls, one with --by and one with the outlets.",
        )


def _outlets(region: Region, given: Sequence[str], path: Path | None) -> list[Outlet]:
    """Return the outlets of the call and of the file, those of the call first."""
    if not given and path is None:
        return []
    from shuibao.survey.delivery_outlets import outlets_given, outlets_in

    frame = _frame(region)
    return outlets_given(given, frame) + ([] if path is None else outlets_in(path, frame))


def _frame(region: Region) -> Grid:
    """Return a cell of the region's grid, which says in what coordinates it lies."""
    from shuibao.ground.grid import Grid

    return Grid(region.cell, 0, 0, 1, 1, region.projection)


def _print_outlets(found: Delivered, form: Format) -> None:
    rows = found.outlets
    if form is Format.table:
        rows = [_percent(row) | {"place": f"{row['lon']:.5f}, {row['lat']:.5f}"} for row in rows]
    headings = {
        "name": say("出口", "outlet"), "place": say("河道处经纬度", "place on the channel"), "moved_m": say("移动/m", "moved, m"),
        "area_km2": say("汇水面积/km²", "area above, km²"), **_sums_headings(say("到达出口/(t/a)", "at the outlet, t/a")),
    }  # fmt: skip
    print_rows(rows, headings, form)


def _print_groups(found: Delivered, group: Group, form: Format) -> None:
    rows = found.groups
    none = say("不属于任何小流域", "in no small watershed") if group is Group.watershed else ""
    if form is Format.table:
        rows = [_percent(row) | ({} if row["code"] else {"name": none}) for row in rows]
    headings = {
        "code": say("代码", "code"), "name": say("小流域", "small watershed") if group is Group.watershed else say("县", "county"),
        "area_km2": say("区内面积/km²", "in region, km²"), **_sums_headings(say("到达河道/(t/a)", "to channels, t/a")),
    }  # fmt: skip
    print_rows(rows, headings, form)


def _sums_headings(delivered: str) -> dict[str, str]:
    return {
        "slope_loss_t": say("坡面流失/(t/a)", "lost on slopes, t/a"),
        "delivered_t": delivered,
        "ratio_percent": say("输移比/%", "delivered, %"),
        "channel_loss_t": say("河道像元上/(t/a)", "on channel cells, t/a"),
        "unknown_km2": say("未计/km²", "not known, km²"),
    }


def _percent(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"ratio_percent": None if row["ratio"] is None else 100.0 * row["ratio"]}


def _print_json(found: Delivered, group: Group | None) -> None:
    content: dict[str, Any] = {"total": found.total}
    if found.outlets:
        content["outlets"] = found.outlets
    if group is not None:
        content["watersheds" if group is Group.watershed else "counties"] = found.groups
    content["parameters"] = [p.record() for p in found.parameters]
    content["products"] = [path.as_posix() for path in found.paths]
    typer.echo(json.dumps(content, ensure_ascii=False, indent=1))


def notes(region: Region, found: Delivered) -> list[str]:
    """
    Return the sum of the region, the parameters, and which of them are drafts, as lines below the tables (表下说明).

    Parameters
    ----------
    region : Region
        The region folder.
    found : Delivered
        Its sediment.
    """
    from shuibao.survey.records import read_record

    label = say("模拟数据　", "simulated data 模拟数据. ") if region.simulated else ""
    total = found.total
    lost, delivered, area = (f"{total[key]:,.2f}" for key in ("slope_loss_t", "delivered_t", "area_km2"))
    ratio = "—" if total["ratio"] is None else f"{100.0 * total['ratio']:.2f}"
    own = {p.key: p.value for p in found.parameters}
    curve = tuple(f"{own[f'delivery.{key}']:g}" for key in ("ic0", "k", "greatest"))
    drafts = [p for p in found.parameters if p.status == "draft"]
    records = [read_record(region, step) or {} for step in ("rain", "soil", "cover", "land")]
    others = {p["key"] for record in records for p in record.get("parameters", []) if p["status"] == "draft"}
    others -= {p.key for p in drafts}
    return [
        label + say(
            f"全区 {area} km²：坡面流失 {lost} t/a，到达河道 {delivered} t/a，输移比 {ratio} %",
            f"the region, {area} km²: {lost} t/a lost on slopes, {delivered} t/a to channels, {ratio} %",
        ),
        say(
            f"输移比曲线 IC0 = {curve[0]}、k = {curve[1]}、上限 {curve[2]} 为公布的默认值，未经当地率定：只有数量级的意义；"
            "不含沟蚀、岸蚀，河道里不淤不冲。",
            f"the curve's IC0 = {curve[0]}, k = {curve[1]} and greatest ratio {curve[2]} are published defaults, not calibrated "
            "here: of the right order at best; no gullies, no banks, nothing settles in channels.",
        ),
        say(
            f"草案参数：{'、'.join(_draft(p) for p in drafts) or '无'}；土壤流失量另有 {len(others)} 项，见公报。",
            f"draft parameters: {', '.join(_draft(p) for p in drafts) or 'none'}; {len(others)} more in the soil loss, see the report.",
        ),
    ]  # fmt: skip


def _draft(parameter: Parameter) -> str:
    """Return a draft parameter by name and key, with its value where that is a number."""
    name = say(f"{parameter.name}（{parameter.key}）", f"{parameter.name_en} ({parameter.key})")
    if isinstance(parameter.value, bool) or not isinstance(parameter.value, int | float):
        return name
    unit = "" if parameter.unit == "1" else f" {parameter.unit}"
    return f"{name}{say('', ' ')}{parameter.value:g}{unit}"
