"""Delivering the zones: the result package, the announcement, the map sheets (成果交付)."""

from __future__ import annotations

from pathlib import Path

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.messages import say

THEME = typer.Option(..., "--theme", metavar="THEME", help=say("类别，如 steep_slope。", "Theme, as steep_slope."))
COUNTY = typer.Option(None, "--county", metavar="CODE", help=say("只取一个县。", "Only one county."))
FORCE = typer.Option(False, "--force", help=say("覆盖已有的文件。", "Replace what is there."))


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "package",
        help=say(
            "成果包：GeoPackage、shapefile、清单、汇总、元数据，写成文件夹或 .zip。",
            "The result package: GeoPackage, shapefile, list, totals, metadata; a folder or a .zip.",
        ),
    )(package)


def package(
    folder: Path = FOLDER,
    out: Path = typer.Argument(..., metavar="OUT", help=say("要写的 .zip 或文件夹。", "The .zip or folder to write.")),
    theme: str = THEME,
    county: str | None = COUNTY,
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:
    """Write the result package of a theme."""
    from shuibao.delimitation.result import read_result
    from shuibao.delimitation.totals import total_rows
    from shuibao.report.zone_package import make_package
    from shuibao.survey.region import load_region

    result = read_result(load_region(folder), theme, county)
    path = make_package(result, out, force=force)
    headings = {
        "kind_name": say("种类", "kind"), "county_name": say("县", "county"), "town_name": say("乡镇", "town"),
        "zones": say("个数", "zones"), "area_hm2": say("面积/hm²", "area, hm²"),
    }  # fmt: skip
    label = say("模拟数据　", "simulated data 模拟数据. ") if result.simulated else ""
    note = label + say(f"成果包：{path}", f"package: {path}")
    print_rows(total_rows(result.totals, result.kind_names), headings, form, note=note)
