"""Drawing the zones from the facts (划定)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.cli.zones.explaining import explain_parameters
from shuibao.cli.zones.places import FORCE
from shuibao.messages import language, say


def add_to(group: typer.Typer) -> None:
    """Add the command to the group (登记命令)."""
    group.command(
        "draw",
        help=say(
            "划定：由区域成果与规则包画出区域，写入 zones/，作为初步成果。",
            "Draw the zones from the products and the rule packs, as a first draft under zones/.",
        ),
    )(draw)


def draw(
    folder: Path = FOLDER,
    theme: list[str] = typer.Option(
        [], "--theme", metavar="THEME",
        help=say(
            "类别：prevention_treatment、severe_fragile、steep_slope，可多次给出；默认全部。",
            "Theme: prevention_treatment, severe_fragile, steep_slope; may be given several times; all if not given.",
        ),
    ),
    explain: Path | None = typer.Option(
        None, "--explain", metavar="OUT",
        help=say(
            "不划区，只画一类的聚合参数取舍图（.svg、.png、.pdf）并列出取舍表；类别为 severe_fragile 或 steep_slope。",
            "Draw no zones but the trade-off of a theme's aggregation parameters (.svg, .png, .pdf), and print its table;"
            " the theme is severe_fragile or steep_slope.",
        ),
    ),
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Draw the zones of a region folder, or explain the parameters that they are aggregated by."""
    from shuibao.delimitation.draft.drawing import DRAWERS, draw_zones, zones_by_county
    from shuibao.delimitation.draft.excluding import notes_of
    from shuibao.delimitation.life.redrawing import waiting_themes
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    region = load_region(folder)
    if explain is not None:
        explain_parameters(region, theme, explain, form, force=force)
        return
    drawn = draw_zones(region, theme or list(DRAWERS))
    kinds = {k["id"]: say(k["name"], k["name_en"]) for k in load_rules(region.packs).value("zone_kind.classes")}
    rows: list[dict[str, Any]] = []
    notes: dict[str, None] = {}
    for name, layer in drawn.items():
        rows += [{**row, "kind_name": kinds[row["kind"]]} for row in zones_by_county(name, layer)]
        notes |= dict.fromkeys(notes_of(layer.metadata, english=language() == "en"))
    for words in notes:
        typer.echo(say("注意：", "note: ") + words, err=True)
    headings = {
        "theme": say("类别", "theme"), "kind_name": say("种类", "kind"), "county": say("县级代码", "county"),
        "county_name": say("县", "county name"), "zones": say("个数", "zones"), "area_hm2": say("面积/hm²", "area, hm²"),
    }  # fmt: skip
    label = "DATA_KIND" in next(iter(drawn.values())).metadata
    note = say("模拟数据　", "simulated data 模拟数据. ") if label else ""
    for name in waiting_themes(region.folder, list(drawn)):
        typer.echo(say(
            f"注意：{name} 已有人工修改或流程记录，现行图层不变；请运行 shuibao zones redraw 采用新底图并重放修改。",
            f"note: {name} has edits or records, and the zones of now stay as they are; run shuibao zones redraw to take the"
            " new drawing up and replay the edits.",
        ), err=True)  # fmt: skip
    where = say(f"初步成果在 {region.folder / 'zones'}", f"the first draft is in {region.folder / 'zones'}")
    print_rows(rows, headings, form, note=note + where)
