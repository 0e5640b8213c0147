"""What other aggregation parameters would draw: ``shuibao zones draw --explain`` (聚合参数的依据)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.zones.places import refuse_place
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.survey.region import Region

SUFFIXES = (".svg", ".png", ".pdf")


def explain_parameters(region: Region, themes: Sequence[str], path: Path, form: Format, *, force: bool = False) -> None:
    """
    Draw the trade-off over the aggregation parameters of one theme and print its table (参数取舍).

    Parameters
    ----------
    region : Region
        A region that was run.
    themes : sequence of str
        What ``--theme`` was given; exactly one.
    path : Path
        Where the drawing is written.
    form : Format
        Of the table.
    force : bool
        Whether a drawing that is there may be replaced.

    Raises
    ------
    CallError
        If not one theme is given, it has no such parameters, or the drawing may not be written there.
    """
    if len(themes) != 1:
        raise CallError(
            f"--explain 要且只要一个 --theme，现有 {len(themes)} 个；如 --theme steep_slope。",
            f"--explain wants one --theme, {len(themes)} are given; for instance --theme steep_slope.",
        )
    refuse_place(path, SUFFIXES, force=force, folder=region.folder)
    from shuibao.delimitation.draft.explaining import explain
    from shuibao.report.trade_off import draw_trade_off
    from shuibao.rules import load_rules

    rules = load_rules(region.packs)
    found = explain(region, rules, themes[0])
    names = next(t for t in rules.value("zone_kind.themes") if t["id"] == found.theme)
    remarks = [(f"{region.name}　{names['name']}", f"{region.name}: {names['name_en']}")]
    sample = (
        f"区域较大，均匀抽取 {found.tiles} 幅（共 {found.of} 幅），各幅单独聚合；面积只是这些幅的合计",
        f"large region: {found.tiles} of {found.of} tiles, evenly spread, each aggregated on its own; areas are of these",
    )
    if found.sampled:
        remarks.append(sample)
    draw_trade_off(found.table, path, simulated=region.simulated, remarks=remarks)
    _print(found.table, found.sampled, say(*sample), path, form, region.simulated)


def _print(table: Any, sampled: bool, sample: str, path: Path, form: Format, simulated: bool) -> None:
    """Print the table, with a mark at the parameters in force."""
    columns = {name: values.tolist() for name, values in table.columns().items()}
    rows: list[dict[str, Any]] = []
    for k in range(len(table)):
        row = {name: values[k] for name, values in columns.items()}
        row["compactness"] = None if row["areas"] == 0 else row["compactness"]
        rows.append({"in_force": k == table.chosen, **row})
    headings = {
        "in_force": say("现行", "in force"), "gap_width_m": say("间隙/m", "gaps, m"),
        "sliver_width_m": say("狭条/m", "slivers, m"), "minimum_area_hm2": say("最小面积/hm²", "minimum area, hm²"),
        "areas": say("图斑数", "areas"), "area_hm2": say("面积/hm²", "area, hm²"),
        "commission_hm2": say("纳入/hm²", "taken in, hm²"), "omission_hm2": say("舍去/hm²", "left out, hm²"),
        "compactness": say("紧凑度", "compactness"),
    }  # fmt: skip
    if sampled:
        typer.echo(say("注意：", "note: ") + sample, err=True)
    made_up = say("模拟数据　", "simulated data 模拟数据. ") if simulated else ""
    where = say(f"取舍图在 {path}；没有划区，zones/ 不变", f"the drawing is {path}; no zones were drawn")
    print_rows(rows, headings, form, note=made_up + where)
