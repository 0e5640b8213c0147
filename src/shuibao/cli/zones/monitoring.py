"""What the zones overlap, and what happens inside them (重叠与监测)."""

from __future__ import annotations

from pathlib import Path

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.messages import language, say

THEME = typer.Option(
    [], "--theme", metavar="THEME",
    help=say(
        "类别：prevention_treatment、severe_fragile、steep_slope，可多次给出；默认全部已划的。",
        "Theme: prevention_treatment, severe_fragile, steep_slope; may be given several times; all that are drawn if not given.",
    ),
)  # fmt: skip


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "overlaps",
        help=say(
            "与三区三线、与别的重点区的重叠面积：合计与逐个。",
            "Overlaps with the lines of spatial planning and with other kinds of zone: totals, and one by one.",
        ),
    )(overlaps)
    group.command(
        "monitor",
        help=say(
            "区内水土流失与人为扰动的面积；可与另一年比较。",
            "Land that erodes and land that people disturb inside the zones; beside another year if asked.",
        ),
    )(monitor)


def overlaps(
    folder: Path = FOLDER,
    theme: list[str] = THEME,
    each: bool = typer.Option(False, "--each", help=say("逐个列出区域，不只合计。", "List the zones one by one, not only totals.")),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Print the overlaps of zones."""
    from shuibao.delimitation.draft.excluding import notes_of, planning_notes
    from shuibao.delimitation.watching.overlaps import overlap_rows
    from shuibao.rules import load_rules
    from shuibao.survey.counties import counties_of
    from shuibao.survey.region import load_region
    from shuibao.survey.run import is_simulated

    region = load_region(folder)
    rows = [row for row in overlap_rows(region, theme) if each or not row["code"]]
    for note in notes_of(
        planning_notes(region, load_rules(region.packs), counties_of(region)), english=language() == "en"
    ):
        typer.echo(say("注意：", "note: ") + note, err=True)
    headings = {
        "kind_name": say("区域", "zones"), **({"code": say("编号", "code"), "name": say("名称", "name")} if each else {}),
        "with_name": say("重叠对象", "overlap with"), "zones": say("个数", "number"),
        "area_hm2": say("重叠面积/hm²", "overlap, hm²"), "percent": say("占区域/%", "of the zones, %"),
    }  # fmt: skip
    label = say("模拟数据　", "simulated data 模拟数据. ") if is_simulated(region) else ""
    print_rows(rows, headings, form, note=label + say("重叠只报告，不扣除。", "Overlaps are told, not taken away."))


def monitor(
    folder: Path = FOLDER,
    theme: list[str] = THEME,
    by: str = typer.Option(
        "kind", "--by", metavar="BY",
        help=say("汇总方式：kind 种类、county 种类与县、zone 逐个。", "What zones are put together by: kind, county, zone."),
    ),
    against: Path | None = typer.Option(
        None, "--against", metavar="DIR",
        help=say("另一年的区域文件夹，已运行。", "Region folder of another year, which was run."),
    ),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Print what erodes and what is disturbed inside the zones."""
    from shuibao.delimitation.watching.monitoring import monitoring_rows
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region
    from shuibao.survey.run import is_simulated

    region = load_region(folder)
    other = None if against is None else load_region(against)
    kinds = {k["id"]: say(k["name"], k["name_en"]) for k in load_rules(region.packs).value("zone_kind.classes")}
    rows = [{**row, "kind_name": kinds[row["kind"]]} for row in monitoring_rows(region, theme, by=by, against=other)]
    headings = {
        "kind_name": say("种类", "kind"), **({} if by == "kind" else {"code" if by == "zone" else "county": say("编号", "code")}),
        **({} if by == "kind" else {"name": say("名称", "name")}), "zones": say("个数", "zones"),
        "area_hm2": say("面积/hm²", "area, hm²"), "eroded_hm2": say("流失/hm²", "eroded, hm²"),
        "eroded_percent": say("流失/%", "eroded, %"), "soil_loss_t": say("流失量/t", "soil loss, t"),
        "disturbed_hm2": say("人为扰动/hm²", "disturbed, hm²"),
    }  # fmt: skip
    if other is not None:
        headings |= {
            "eroded_hm2_change": say("流失变化/hm²", "eroded, change"),
            "soil_loss_t_change": say("流失量变化/t", "soil loss, change"),
            "disturbed_hm2_change": say("扰动变化/hm²", "disturbed, change"),
        }
    label = say("模拟数据　", "simulated data 模拟数据. ") if is_simulated(region) else ""
    years = (
        f"{region.year}"
        if other is None
        else say(f"{region.year} 年减 {other.year} 年", f"{region.year} less {other.year}")
    )
    counted = say(
        "；面积为区内像元的计数，与图形面积略有出入", "; areas are those of the cells inside, a little off the shapes'"
    )
    print_rows(rows, headings, form, note=label + years + counted)
