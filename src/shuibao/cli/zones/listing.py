"""What zones a region folder holds (已有区域)."""

from __future__ import annotations

from pathlib import Path

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.messages import say


def add_to(group: typer.Typer) -> None:
    """Add the command to the group (登记命令)."""
    group.command(
        "list", help=say("列出已划定的区域：种类、个数、面积。", "List the zones drawn: kinds, number, area.")
    )(list_zones)


def list_zones(folder: Path = FOLDER, form: Format = FORMAT) -> None:
    """List the zones of a region folder."""
    from shuibao.delimitation.watching.listing import zone_rows
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region
    from shuibao.survey.run import is_simulated

    region = load_region(folder)
    headings = {
        "theme": say("类别", "theme"), "kind": say("种类", "kind"), "kind_name": say("名称", "name"),
        "zones": say("个数", "zones"), "area_hm2": say("面积/hm²", "area, hm²"),
    }  # fmt: skip
    rows = zone_rows(region.folder, load_rules(region.packs))
    label = say("模拟数据", "simulated data 模拟数据") if is_simulated(region) else ""
    note = (
        label if rows else say("还没有划定成果；请运行 shuibao zones draw。", "no zones yet; run shuibao zones draw.")
    )
    print_rows(rows, headings, form, note=note)
