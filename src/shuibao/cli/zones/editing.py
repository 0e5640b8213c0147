"""Editing boundaries, and carrying edits over to a new drawing (边界修改命令)."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shuibao.cli.region import FOLDER
from shuibao.cli.zones.life import BY, CRS, EVIDENCE, LAYER, ON, THEME, act_of
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.delimitation.life.deciding import Choice
    from shuibao.delimitation.life.journal import Record

WHY = typer.Option(..., "--why", metavar="TEXT", help=say("理由。", "Why."))


FILLED = ("mean_slope", "land_use_share", "land_mix", "slope_area_hm2")
"""Columns measured inside a shape, which a package may ask for."""

EMPTY = (None, "")


class Overlaps(StrEnum):
    """What to do about zones of one kind that would lie over each other (重叠处理)."""

    refuse = "refuse"
    edited = "cut-edited"
    others = "cut-others"


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "edit",
        help=say(
            "修改边界或属性，逐次留档：谁、何时、为何、依据。", "Edit zones; who, when, why and on what is recorded."
        ),
    )(edit)
    group.command(
        "redraw",
        help=say(
            "采用重划的底图，重放人工修改，列出不再适用的。",
            "Take up a new drawing; replay the edits, list what no longer fits.",
        ),
    )(redraw)
    group.command(
        "decide", help=say("对不再适用的修改作出取舍。", "Decide what becomes of an edit that no longer fits.")
    )(decide)


def edit(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    source: Path | None = typer.Option(
        None, "--from", metavar="FILE",
        help=say("改动后的区域，按编号：GeoPackage、shapefile（或 .zip）、GeoJSON。",
            "Zones as they should be, by code: GeoPackage, shapefile (or .zip), GeoJSON."),
    ),
    remove: list[str] = typer.Option(None, "--remove", metavar="CODE", help=say("删除，可重复。", "Remove; may be repeated.")),
    merge: list[str] = typer.Option(
        None, "--merge", metavar="CODES", help=say("合并，如 A1,A2；编号用第一个。", "Merge, as A1,A2; the first code is kept.")
    ),
    settings: list[str] = typer.Option(
        None, "--set", metavar="CODE:NAME=VALUE", help=say("设属性，如 A1:name=东沟。", "Set an attribute, as A1:name=East Gully.")
    ),
    by: str = BY,
    why: str = WHY,
    on: str | None = ON,
    evidence: list[Path] = EVIDENCE,
    overlaps: Overlaps = typer.Option(
        Overlaps.refuse, "--overlaps",
        help=say("与同类重叠时：拒绝、裁修改的、裁相邻的。", "Overlaps: refuse them, cut the edited, cut the others."),
    ),
    repair: bool = typer.Option(False, "--repair", help=say("修复自相交的图形。", "Mend shapes that cross themselves.")),
    crs: str | None = CRS,
    sheet: str = LAYER,
) -> None:  # fmt: skip
    """Edit zones."""
    from shuibao.delimitation.life.editing import Wishes
    from shuibao.delimitation.life.edits import record_edit
    from shuibao.delimitation.life.incoming import read_incoming, refuse_foreign, territory_of
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.delimitation.life.versions import current_layer
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    region = load_region(folder)
    rules, chosen = load_rules(region.packs), chosen_theme(region.folder, theme)
    act = act_of(by, on, why, evidence, option="--why")
    _refuse_nothing(source, remove, merge, settings)
    incoming = None
    if source is not None:
        layer = current_layer(region.folder, chosen)
        incoming = read_incoming(source, layer, rules, territory_of(region), crs=crs, sheet=sheet, repair=repair)
        for note in incoming.notes:
            typer.echo(note, err=True)
    wishes = Wishes(
        incoming, tuple(remove or ()), tuple(_codes(words) for words in merge or ()), _settings(settings or [])
    )
    refuse_foreign(wishes.settings or {}, territory_of(region))
    record = record_edit(
        region.folder, chosen, wishes, act, rules, source=source, resolution=overlaps.value
    )  # fmt: skip
    single = any(row["theme"] == chosen and not row["multipart"] for row in rules.value("zone_acceptance.themes"))
    _tell(record, single=single)


def _refuse_nothing(source: Path | None, *options: list[str] | None) -> None:
    if source is None and not any(options):
        raise CallError(
            "没有要做的修改；请给出 --from、--remove、--merge 或 --set。",
            "nothing to edit; give --from, --remove, --merge or --set.",
        )


def _codes(words: str) -> tuple[str, ...]:
    """Return codes that are written with commas between, Western or Chinese."""
    return tuple(code.strip() for code in re.split("[,，、]", words) if code.strip())


def _settings(words: list[str]) -> dict[str, dict[str, str]]:
    """Return attributes by code, of CODE:NAME=VALUE."""
    out: dict[str, dict[str, str]] = {}
    for word in words:
        target, equals, value = word.partition("=")
        code, colon, name = target.rpartition(":")
        if not equals or not colon or not code or not name:
            raise CallError(
                f"--set 应写成 编号:列名=值，如 A1:name=东沟；现为「{word}」。",
                f"--set takes CODE:NAME=VALUE, as A1:name=East; not '{word}'.",
            )
        out.setdefault(code, {})[name.strip()] = value.strip()
    return out


def _tell(record: Record, *, single: bool) -> None:
    from shuibao.delimitation.life.changes import OPERATIONS

    for change in record["changes"]:
        codes = [" + ".join(z["code"] for z in change[side]) or "—" for side in ("before", "after")]
        words = say(*OPERATIONS[change["operation"]])
        arrow = codes[0] if codes[0] == codes[1] else f"{codes[0]} → {codes[1]}"
        typer.echo(f"  {change['origin']}  {words}  {arrow}")
    several = _several_parts(record)
    if several and single:
        typer.echo(say(
            f"注意：{'、'.join(several)} 现有几块；验收要求一个编号一块，进入审核之前请拆分（新编号写明 parent）。",
            f"note: {', '.join(several)} are now of several parts; a code is for one part: split them before examination, new"
            " codes with parent.",
        ), err=True)  # fmt: skip
    cleared = _cleared(record)
    if cleared:
        typer.echo(say(
            f"注意：形状变了，以下各列已置空：{'、'.join(cleared)}。陡坡地在打包、公告、出图时按新图形重新量算；也可用 --set 填写。",
            f"note: with the new shape these are empty: {', '.join(cleared)}. Steep slopes are measured again when they are packed,"
            " announced or mapped; --set fills them in too.",
        ), err=True)  # fmt: skip
    typer.echo(say(
        f"已记录第 {record.number} 次修改（edits/{record.number:04d}.json）。",
        f"edit {record.number} is recorded (edits/{record.number:04d}.json).",
    ))  # fmt: skip


def _several_parts(record: Record) -> list[str]:
    """Return the codes of the zones that an edit left in several parts."""
    from shuibao.delimitation.life.changes import change_of

    after = [zone for change in record["changes"] for zone in change_of(change).after]
    return [z.code for z in after if len(getattr(z.geometry, "geoms", ())) > 1]


def _cleared(record: Record) -> list[str]:
    """Return the attributes that an edit left empty, as CODE:NAME."""
    found = []
    for change in record["changes"]:
        before = {zone["code"]: zone["attributes"] for zone in change["before"]}
        found += [
            f"{zone['code']}:{name}"
            for zone in change["after"]
            for name, value in zone["attributes"].items()
            if name in FILLED and value in EMPTY and before.get(zone["code"], {}).get(name) not in EMPTY
        ]
    return found


def redraw(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    by: str = BY,
    why: str = typer.Option("", "--why", metavar="TEXT", help=say("理由。", "Why.")),
    on: str | None = ON,
) -> None:
    """Take up a new drawing."""
    from shuibao.delimitation.life.redrawing import redraw as take
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    region = load_region(folder)
    chosen = chosen_theme(region.folder, theme)
    record = take(region.folder, chosen, act_of(by, on, why), load_rules(region.packs))
    kept, conflicts = record["changes"], record["conflicts"]
    typer.echo(say(
        f"已采用新底图：{len(kept)} 项修改重放成功，{len(conflicts)} 项不再适用。",
        f"the new drawing is taken up: {len(kept)} changes were made again, {len(conflicts)} no longer fit.",
    ))  # fmt: skip
    for conflict in conflicts:
        typer.echo(f"  {conflict['change']['origin']}  {say(conflict['reason'], conflict['reason_en'])}")
    if conflicts:
        typer.echo(say(
            "请逐项取舍：shuibao zones decide … --keep、--drop 或 --redo。", "decide each: shuibao zones decide … --keep, --drop or --redo."
        ))  # fmt: skip


def decide(
    folder: Path = FOLDER,
    origin: str = typer.Argument(..., metavar="EDIT", help=say("修改号，如 3.1。", "Number of the edit, as 3.1.")),
    theme: str | None = THEME,
    keep: bool = typer.Option(False, "--keep", help=say("保留：新底图让位。", "Keep it: the new drawing gives way.")),
    drop: bool = typer.Option(False, "--drop", help=say("放弃。", "Drop it.")),
    redo: int | None = typer.Option(
        None, "--redo", metavar="N", help=say("已由第 N 次修改重做。", "It was done again by edit N.")
    ),
    by: str = BY,
    why: str = WHY,
    on: str | None = ON,
    evidence: list[Path] = EVIDENCE,
) -> None:
    """Decide what becomes of an edit that no longer fits."""
    from shuibao.delimitation.life.deciding import CHOICE_NAMES, CHOICES
    from shuibao.delimitation.life.deciding import decide as choose
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    given: dict[Choice, bool] = {"keep": keep, "drop": drop, "redo": redo is not None}
    asked = [choice for choice in CHOICES if given[choice]]
    if len(asked) != 1:
        raise CallError("请在 --keep、--drop、--redo 中选一个。", "choose one of --keep, --drop and --redo.")
    region = load_region(folder)
    record = choose(
        region.folder, chosen_theme(region.folder, theme), origin, asked[0],
        act_of(by, on, why, evidence, option="--why"), load_rules(region.packs), redone=redo,
    )  # fmt: skip
    typer.echo(say(
        f"已记录对修改 {record['decides']} 的取舍：{CHOICE_NAMES[record['choice']][0]}。",
        f"decided on {record['decides']}: {CHOICE_NAMES[record['choice']][1]}.",
    ))  # fmt: skip
