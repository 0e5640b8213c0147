"""Why each small watershed is in a key zone or not (单元判定)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.messages import say


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "units",
        help=say(
            "重点预防区、治理区：逐个小流域的指标、判定与理由。",
            "Key zones of prevention and treatment: indices, verdict and reason of each small watershed.",
        ),
    )(units)
    group.command(
        "why",
        help=say(
            "某个小流域为什么列入或不列入：逐条指标与阈值。", "Why a small watershed is in or out: index by index."
        ),
    )(why)


def units(
    folder: Path = FOLDER,
    kind: str = typer.Option(
        "", "--kind", metavar="KIND",
        help=say("只列 prevention、treatment 或 none；默认全部。", "Only prevention, treatment or none; all if not given."),
    ),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """List the small watersheds with their verdicts."""
    from shuibao.delimitation.draft.unit_tables import read_units, unit_rows
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region
    from shuibao.survey.run import is_simulated

    region = load_region(folder)
    rules = load_rules(region.packs)
    rows = unit_rows(read_units(region), rules, kind)
    headings = {
        "code": say("小流域", "watershed"), "name": say("名称", "name"), "area_km2": say("面积/km²", "area, km²"),
        "forest_grass_share": say("林草/%", "forest, grass, %"), "eroded_share": say("流失/%", "eroded, %"),
        "moderate_share": say("中度以上/%", "moderate +, %"), "slope_farmland_share": say("坡耕地/%", "slope crop, %"),
        "kind_name": say("判定", "verdict"), "zone": say("区域", "zone"), "lead": say("理由", "reason"),
    }  # fmt: skip
    inside = sum(row["kind"] != "" for row in rows)
    area = sum(row["area_km2"] for row in rows if row["kind"] != "")
    label = say("模拟数据　", "simulated data 模拟数据. ") if is_simulated(region) else ""
    note = say(
        f"{label}{len(rows)} 个小流域，列入 {inside} 个，{area:.2f} km²；逐条理由见 shuibao zones why。",
        f"{label}{len(rows)} small watersheds, {inside} in zones, {area:.2f} km²; rule by rule: shuibao zones why.",
    )
    print_rows(rows, headings, form, note=note)


def why(
    folder: Path = FOLDER,
    unit: str = typer.Option(..., "--unit", metavar="CODE", help=say("小流域编码。", "Code of the small watershed.")),
    form: Format = FORMAT,
) -> None:
    """Say why a small watershed is in a zone or not."""
    from shuibao.delimitation.draft.unit_tables import unit_verdicts, verdict_rows
    from shuibao.survey.region import load_region
    from shuibao.survey.run import is_simulated

    region = load_region(folder)
    found, rules = unit_verdicts(region, unit)
    rows = verdict_rows(rules)
    headings: dict[str, str] = {
        "kind_name": say("种类", "kind"), "role_name": say("作用", "role"), "index_name": say("指标", "index"),
        "shown": say("值与阈值", "value and threshold"), "verdict_name": say("判定", "verdict"), "rule": say("规则", "rule"),
        "source": say("来源", "source"), "status_name": say("状态", "status"),
    }  # fmt: skip
    lead = f"{found['code']} {found['name']}" + say("：", ": ") + say(str(found["reason"]), str(found["reason_en"]))
    label = say("模拟数据　", "simulated data 模拟数据. ") if is_simulated(region) else ""
    if form is Format.json:
        plain: dict[str, Any] = {name: _plain(value) for name, value in found.items()}
        print_rows([{**plain, "rules": rows}], {}, form)
    else:
        print_rows(rows, headings, form, note=label + lead)


def _plain(value: Any) -> Any:
    """Return a number of numpy as Python's own; nothing for NaN."""
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124
