"""The command that writes an opinion on a project (征求意见回复命令)."""

from __future__ import annotations

from pathlib import Path

import typer

from shuibao.cli.region import FOLDER
from shuibao.cli.zones.control import (
    CRS,
    FILE,
    LAYER,
    NAME_FIELD,
    ZONES,
    ZONES_KIND,
    ZONES_LAYER,
    ZONES_LEVEL,
    projects_of,
    refuse_both,
    say_notes,
)
from shuibao.cli.zones.delivering import date_of
from shuibao.cli.zones.places import FORCE, refuse_place
from shuibao.messages import CallError, say


def add_to(group: typer.Typer) -> None:
    """Add the command to the group (登记命令)."""
    group.command(
        "opinion",
        help=say("就一个项目或规划写一页意见（DOCX）。", "Write a one-page opinion on a project or plan (DOCX)."),
    )(opinion)


def opinion(
    folder: Path = FOLDER,
    out: Path = typer.Argument(..., metavar="OUT", help=say("写出的 .docx。", "The .docx to write.")),
    file: Path | None = FILE,
    feature: str = typer.Option(
        "",
        "--feature",
        metavar="NAME",
        help=say("文件中哪一个项目；只有一个时可不写。", "Which project of the file; needless if there is one."),
    ),
    lon: float | None = typer.Option(None, "--lon", metavar="LON", help=say("经度，度。", "Longitude, degrees.")),
    lat: float | None = typer.Option(None, "--lat", metavar="LAT", help=say("纬度，度。", "Latitude, degrees.")),
    project: str = typer.Option("", "--project", metavar="NAME", help=say("项目名称。", "Name of the project.")),
    to: str = typer.Option("", "--to", metavar="UNIT", help=say("主送单位。", "Who asked.")),
    sender: str = typer.Option("", "--from", metavar="UNIT", help=say("落款单位。", "Who answers.")),
    number: str = typer.Option("", "--number", metavar="NUMBER", help=say("文号。", "Number of the document.")),
    day: str = typer.Option("", "--date", metavar="YYYY-MM-DD", help=say("日期。", "Date.")),
    name_field: str = NAME_FIELD,
    crs: str = CRS,
    zones: list[Path] = ZONES,
    zones_kind: str = ZONES_KIND,
    zones_level: str = ZONES_LEVEL,
    layer: str = LAYER,
    zones_layer: str = ZONES_LAYER,
    force: bool = FORCE,
) -> None:
    """Write an opinion on a project."""
    from shuibao.delimitation.control.finding import ask, open_control
    from shuibao.report.opinion import Letter, write_opinion

    refuse_both(file, lon, lat)
    refuse_place(out, (".docx",), force=force, folder=folder)
    dated = date_of(day)
    control = open_control(folder, zones, kind=zones_kind, level=zones_level, given_crs=crs or None, layer=zones_layer)
    projects = projects_of(control, file, lon, lat, name_field, crs, layer)
    projects = projects.named(feature) if feature else projects
    if len(projects) != 1:
        raise CallError(
            f"{projects.source} 中有 {len(projects)} 个这样的项目（{'、'.join(projects.names[:5])}）；一份意见只说一个，"
            "请用 --feature 指定，或先合并成一个要素。",
            f"{projects.source} holds {len(projects)} such projects ({', '.join(projects.names[:5])}); an opinion is on one:"
            " name it by --feature, or join them into one feature.",
        )
    answer = ask(control, projects)
    write_opinion(answer, Letter(project or projects.names[0], to, sender, number, dated), out)
    say_notes(answer)
    typer.echo(say(f"已写出 {out}。", f"wrote {out}."), err=True)
