"""In which zones land lies, and what follows; an opinion on a project (管控查询与意见)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.cli.zones.places import FORCE, refuse_place
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.delimitation.control.finding import Answer, Control
    from shuibao.delimitation.control.projects import Projects

FILE = typer.Option(
    None, "--file", metavar="FILE",
    help=say(
        "项目文件：GeoPackage、shapefile（可为 .zip）、GeoJSON、GeoParquet，或有 lon、lat 列的 CSV。",
        "Projects: GeoPackage, shapefile (also as .zip), GeoJSON, GeoParquet, or CSV with columns lon and lat.",
    ),
)  # fmt: skip
NAME_FIELD = typer.Option("", "--name-field", metavar="FIELD", help=say("项目名称的字段。", "Field of the names."))
CRS = typer.Option(
    "", "--crs", metavar="CRS",
    help=say("文件没有坐标系时的坐标系，如 EPSG:4490。", "Coordinate system of files that name none, as EPSG:4490."),
)  # fmt: skip
LAYER = typer.Option(
    "", "--layer", metavar="LAYER",
    help=say("项目文件（GeoPackage）有几个图层时指明一个。", "Which layer of the projects, if the GeoPackage has several."),
)  # fmt: skip
ZONES = typer.Option(
    [], "--zones", metavar="FILE",
    help=say("另外的区域图层（国家级、省级等），可多次。", "Further zones (national, provincial), may be repeated."),
)  # fmt: skip
ZONES_KIND = typer.Option(
    "", "--zones-kind", metavar="KIND",
    help=say("其种类，若文件没有写：prevention、treatment、severe、fragile、steep_slope。",
        "Their kind, if the file does not say it: prevention, treatment, severe, fragile, steep_slope."),
)  # fmt: skip
ZONES_LEVEL = typer.Option(
    "", "--zones-level", metavar="LEVEL",
    help=say("其级别，若文件没有写：national、province、city、county。",
        "Their level, if the file does not say it: national, province, city, county."),
)  # fmt: skip
ZONES_LAYER = typer.Option(
    "", "--zones-layer", metavar="LAYER",
    help=say("另外的区域图层所在的 GeoPackage 有几个图层时指明一个。", "Which layer of further zones, if the GeoPackage has several."),
)  # fmt: skip


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "at",
        help=say(
            "点或项目位于哪些区域、各多大、有哪些义务与禁止。",
            "In which zones a point or a project lies, with how much of it, and what follows.",
        ),
    )(at)


def at(
    folder: Path = FOLDER,
    lon: float | None = typer.Argument(None, metavar="[LON]", help=say("经度，度。", "Longitude, degrees.")),
    lat: float | None = typer.Argument(None, metavar="[LAT]", help=say("纬度，度。", "Latitude, degrees.")),
    file: Path | None = FILE,
    name_field: str = NAME_FIELD,
    crs: str = CRS,
    zones: list[Path] = ZONES,
    zones_kind: str = ZONES_KIND,
    zones_level: str = ZONES_LEVEL,
    layer: str = LAYER,
    zones_layer: str = ZONES_LAYER,
    out: Path | None = typer.Option(
        None, "--out", metavar="FILE", help=say("写成 .xlsx 或 .csv，不在屏幕上列出。", "Write .xlsx or .csv instead.")
    ),
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:
    """Tell in which zones a point or projects lie."""
    from shuibao.delimitation.control.finding import ask, open_control

    refuse_both(file, lon, lat)
    if out is not None:
        refuse_place(out, (".xlsx", ".csv"), force=force, folder=folder)
    control = open_control(folder, zones, kind=zones_kind, level=zones_level, given_crs=crs or None, layer=zones_layer)
    answer = ask(control, projects_of(control, file, lon, lat, name_field, crs, layer))
    if out is not None:
        from shuibao.report.control_tables import write_answer

        write_answer(answer, out)
        say_notes(answer)
        typer.echo(
            say(f"已写出 {out}（{len(answer.projects)} 个项目）。", f"wrote {out} ({len(answer.projects)} projects)."),
            err=True,
        )
        return
    _SHOWN[form](answer)


def refuse_both(file: Path | None, lon: float | None, lat: float | None) -> None:
    """
    Refuse a call that gives both a file and a place, or neither (只能给一种).

    Parameters
    ----------
    file : Path or None
        File of projects.
    lon, lat : float or None
        A place.

    Raises
    ------
    CallError
        If there is not exactly one of them.
    """
    if (file is None) == (lon is None) or (lon is None) != (lat is None):
        raise CallError(
            "请给出经度、纬度两个数，或用 --file 给出项目文件，二者取一，如 shuibao zones at DIR 112.73 38.42。",
            "give longitude and latitude, or a file of projects by --file, one of the two, as"
            " shuibao zones at DIR 112.73 38.42.",
        )


def projects_of(
    control: Control, file: Path | None, lon: float | None, lat: float | None, name_field: str, crs: str, layer: str
) -> Projects:
    """
    Return the projects that a call names (所问项目).

    Parameters
    ----------
    control : Control
        The zones, for their coordinate system.
    file, lon, lat : Path, float, float or None
        What the call gives.
    name_field, crs, layer : str
        Field of the names; coordinate system of a file that names none; layer of one that has several.
    """
    from shuibao.delimitation.control.projects import project_at, read_projects

    if file is not None:
        return read_projects(file, control.index.crs, name_field=name_field, given_crs=crs or None, layer=layer)
    return project_at(float(lon or 0), float(lat or 0), control.index.crs)


def say_notes(answer: Answer) -> None:
    """Say on standard error what a reader must know (说明)."""
    if answer.control.simulated:
        typer.echo(say("模拟数据：不反映当地实况。", "Simulated data."), err=True)
    for note in answer.notes:
        typer.echo(str(note), err=True)


def _as_table(answer: Answer) -> None:
    from shuibao.delimitation.control.finding import summary_rows, zone_rows

    say_notes(answer)
    if len(answer.projects) > 1:
        print_rows([_readable(row) for row in summary_rows(answer)], _summary_headings(), Format.table)
        return
    rows, summary = list(zone_rows(answer)), next(iter(summary_rows(answer)))
    if rows:
        print_rows(rows, _zone_headings(summary["shape"]), Format.table, note=_in_words(summary))
    else:
        typer.echo(_in_words(summary))
    print_rows(duty_rows(answer, 0), _duty_headings(), Format.table)


def _as_csv(answer: Answer) -> None:
    from shuibao.report.control_tables import csv_text

    say_notes(answer)
    typer.echo(csv_text(answer), nl=False)


def _as_json(answer: Answer) -> None:
    import json

    from shuibao.delimitation.control.finding import layer_sources, summary_rows, zone_rows

    zones = list(zone_rows(answer))
    projects = [
        {
            **summary,
            "in_zones": [r for r in zones if r["feature"] == summary["feature"] and r["project"] == summary["project"]],
            "duties": [row["id"] for row in duty_rows(answer, number)],
        }
        for number, summary in enumerate(summary_rows(answer))
    ]
    told = {row["id"]: row for number in range(len(answer.projects)) for row in duty_rows(answer, number)}
    whole = {
        "simulated": answer.control.simulated,
        "sources": [str(source) for source in layer_sources(answer.control)],
        "notes": [str(note) for note in answer.notes],
        "projects": projects,
        "duties": list(told.values()),
    }
    typer.echo(json.dumps(whole, ensure_ascii=False, indent=1))


_SHOWN: dict[Format, Callable[[Any], None]] = {Format.table: _as_table, Format.csv: _as_csv, Format.json: _as_json}


def duty_rows(answer: Answer, project: int) -> list[dict[str, Any]]:
    """
    Return what follows for a project as rows (义务表).

    Parameters
    ----------
    answer : Answer
        What was found.
    project : int
        Row of the project.
    """
    from shuibao.rules.duties import duty_row

    rows = []
    for duty in answer.duties_of(project):
        row = dict(duty_row(duty, answer.control.rules))
        ground = f"{row['source']}{row['clause']}" if row["clause"] else f"{row['source']}"
        rows.append({**row, "ground": ground})
    return rows


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "share": _percent(row["share"]), "in_region": _percent(row["in_region"])}


def _percent(share: float) -> str:
    return f"{share * 100:.2f} %"


def _in_words(summary: dict[str, Any]) -> str:
    if summary["zones"]:
        part = "" if summary["shape"] == "point" else say(
            f"，占项目的 {_percent(summary['share'])}（重叠只计一次）", f", {_percent(summary['share'])} of the project"
        )  # fmt: skip
        return say(f"位于 {summary['zones']} 个重点区域{part}。", f"lies in {summary['zones']} key zones{part}.")
    near = summary["nearest_m"]
    return say(
        f"不在任何重点区域内；最近的是 {summary['nearest']}，相距 {near:,.1f} m。",
        f"lies in no key zone; the nearest is {summary['nearest']}, {near:,.1f} m away.",
    )


def _zone_headings(shape: str) -> dict[str, str]:
    found = {
        "code": say("编号", "code"), "name": say("名称", "name"), "kind_name": say("种类", "kind"),
        "level_name": say("级别", "level"), "county_name": say("县", "county"),
        "area_m2": say("面积/m²", "area, m²"), "length_m": say("长度/m", "length, m"),
        "share": say("份额", "share"), "relation_name": say("位置关系", "relation"),
    }  # fmt: skip
    unused = {"area": ("length_m",), "line": ("area_m2",), "point": ("area_m2", "length_m", "share")}[shape]
    return {name: words for name, words in found.items() if name not in unused}


def _summary_headings() -> dict[str, str]:
    return {
        "project": say("项目", "project"), "size": say("面积/m² 或长度/m", "size"), "kind_names": say("所在区域", "zones"),
        "any": say("区内合计", "in zones"), "share": say("份额", "share"), "nearest": say("最近的区域", "nearest"),
        "nearest_m": say("距离/m", "distance, m"), "in_region": say("在本区域内", "in region"),
        "forbidden": say("禁止", "forbidden"), "restricted": say("限制", "restricted"), "required": say("应当", "required"),
    }  # fmt: skip


def _duty_headings() -> dict[str, str]:
    return {
        "modality_name": say("性质", "demand"), "activity_name": say("活动", "activity"), "text": say("内容", "words"),
        "ground": say("依据", "ground"), "status_name": say("状态", "status"),
    }  # fmt: skip
