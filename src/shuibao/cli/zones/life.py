"""Where zones stand, moving them on, and whether their records are whole (划定流程命令)."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.messages import say

if TYPE_CHECKING:
    from shuibao.delimitation.life.edits import Act

THEME = typer.Option(
    None, "--theme", metavar="THEME",
    help=say("类别：prevention_treatment、severe_fragile、steep_slope；只划了一类时可省。",
        "Theme: prevention_treatment, severe_fragile, steep_slope; not needed where one is drawn."),
)  # fmt: skip
BY = typer.Option(..., "--by", metavar="WHO", help=say("经办人。", "Who does it."))
ON = typer.Option(
    None,
    "--on",
    metavar="DATE",
    help=say("日期，如 2024-07-01；默认今天。", "Date, as 2024-07-01; today if not given."),
)
EVIDENCE = typer.Option(
    None, "--evidence", metavar="FILE", help=say("附件，可重复；复制保存。", "A file to keep with it; may be repeated.")
)
CRS = typer.Option(
    None,
    "--crs",
    metavar="CRS",
    help=say("文件没有坐标系时注明，如 EPSG:4490。", "CRS of a file that names none, as EPSG:4490."),
)
LAYER = typer.Option(
    "", "--layer", metavar="LAYER",
    help=say("GeoPackage 有几个图层时指明一个。", "Which layer, of a GeoPackage that has several."),
)  # fmt: skip


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "status",
        help=say(
            "划定进度：阶段、版本、修改、意见、时限。", "Where zones stand: stage, versions, edits, comments, dates."
        ),
    )(status)
    group.command(
        "advance", help=say("进入下一阶段，或退回调整。", "Move zones on to a stage, or back to adjustment.")
    )(advance)
    group.command(
        "verify",
        help=say("核对全部记录与版本，查出改动与缺失。", "Look through all records and versions for what was altered."),
    )(verify)


def act_of(by: str, on: str | None, why: str = "", evidence: list[Path] | None = None, *, option: str = "") -> Act:
    """
    Return who does something, when and why, as typed (经办信息).

    Parameters
    ----------
    by, on, why : str
        As typed; ``on`` may be None for today.
    evidence : list of Path, optional
        Files.
    option : str
        Name of the option of ``why`` where it must say something.
    """
    from shuibao.delimitation.life.dates import asked_date, asked_words
    from shuibao.delimitation.life.edits import Act

    words = asked_words(why, option) if option else why.strip()
    day = asked_date(on, "--on")
    if day > datetime.date.today().isoformat():
        typer.echo(say(
            f"注意：--on {day} 在今天之后；以后的记录不得早于它。",
            f"note: --on {day} lies after today; later records may not be dated before it.",
        ), err=True)  # fmt: skip
    return Act(asked_words(by, "--by"), day, words, tuple(evidence or ()))


def status(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    log: bool = typer.Option(False, "--log", help=say("逐条列出流程记录。", "List the records one by one.")),
    today: str | None = typer.Option(
        None, "--today", metavar="DATE",
        help=say("按这一天判断是否逾期；默认今天。", "Day to judge by what is late; today if not given."),
    ),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Show where zones stand."""
    from shuibao.delimitation.folder import theme_folder
    from shuibao.delimitation.life.dates import asked_date
    from shuibao.delimitation.life.journal import read_journal
    from shuibao.delimitation.life.status import chosen_theme, due_rows, history_rows, status_rows
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    region = load_region(folder)
    rules, day = load_rules(region.packs), asked_date(today, "--today")
    if log:
        records = read_journal(theme_folder(region.folder, chosen_theme(region.folder, theme)))
        _print_log(history_rows(records, rules), form)
        return
    chosen = None if theme is None else chosen_theme(region.folder, theme)
    rows = [r for r in status_rows(region.folder, rules, day) if chosen in (None, r["theme"])]
    due = [r for r in due_rows(region.folder, rules, day) if chosen in (None, r["theme"])]
    if form is Format.json:
        typer.echo(json.dumps({"today": day, "zones": rows, "due": due}, ensure_ascii=False, indent=1))
        return
    _print_status(rows, form, say("模拟数据　", "simulated data 模拟数据. ") if region.simulated else "")
    if form is Format.table and due:
        _print_due(due, day)


def _print_log(rows: list[dict[str, object]], form: Format) -> None:
    headings = {
        "sequence": say("序号", "no."), "when": say("日期", "date"), "who": say("经办", "who"), "kind_name": say("记录", "record"),
        "number": say("号", "number"), "what": say("内容", "what"), "why": say("说明", "why"), "version": say("版本", "version"),
    }  # fmt: skip
    print_rows(rows, headings, form, note="" if rows else say("还没有记录。", "there are no records yet."))


def _print_status(rows: list[dict[str, object]], form: Format, label: str) -> None:
    headings = {
        "theme_name": say("类别", "theme"), "stage_name": say("阶段", "stage"), "since": say("自", "since"),
        "next_names": say("可到", "may come next"), "office": say("经办单位", "who acts"),
        "versions": say("版本", "versions"), "edits": say("修改", "edits"),
        "conflicts": say("待取舍", "conflicts"), "comments": say("意见", "comments"),
        "open_comments": say("未答复", "open"), "unmatched": say("未对应", "unmatched"), "due": say("时限", "due"),
        "late": say("逾期", "late"),
    }  # fmt: skip
    redrawn = [str(r["theme_name"]) for r in rows if r["redrawn"]]
    note = (
        label if rows else say("还没有划定成果；请运行 shuibao zones draw。", "no zones yet; run shuibao zones draw.")
    )
    if redrawn:
        note += say(
            f"{'、'.join(redrawn)}：底图已重划，尚未采用；请运行 shuibao zones redraw。",
            f"{', '.join(redrawn)}: drawn anew and not taken up; run shuibao zones redraw.",
        )
    print_rows(rows, headings, form, note=note)


def _print_due(due: list[dict[str, object]], day: str) -> None:
    headings = {
        "by": say("时限", "due"), "theme_name": say("类别", "theme"), "work": say("工作", "work"), "office": say("单位", "office"),
        "done_on": say("完成于", "done on"), "late": say("逾期", "late"), "clause": say("条款", "clause"),
    }  # fmt: skip
    typer.echo("")
    sources = "；".join(sorted({str(row["source"]) for row in due}))
    print_rows(
        due, headings, Format.table, note=say(f"按 {day} 判断；依据：{sources}", f"judged by {day}; source: {sources}")
    )


def advance(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    to: str = typer.Option(..., "--to", metavar="STAGE", help=say("阶段，如 consultation 或 征求意见。", "Stage, as consultation.")),
    by: str = BY,
    on: str | None = ON,
    note: str = typer.Option("", "--note", metavar="TEXT", help=say("说明。", "A note.")),
    evidence: list[Path] = EVIDENCE,
) -> None:  # fmt: skip
    """Move zones on to a stage."""
    from shuibao.delimitation.life.advancing import advance as move
    from shuibao.delimitation.life.stages import may_follow, stage_named
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    region = load_region(folder)
    rules = load_rules(region.packs)
    stage = stage_named(to, rules)
    record = move(
        region.folder, chosen_theme(region.folder, theme), stage, act_of(by, on, note, evidence), rules
    )  # fmt: skip
    following = [stage_named(name, rules) for name in may_follow(stage, rules)]
    zh, en = "、".join(s.name for s in following), ", ".join(s.id for s in following)
    typer.echo(say(
        f"已进入「{stage.name}」（第 {record['version']} 版，{record['when']}）；之后可到：{zh}。",
        f"now in '{stage.name_en}' (version {record['version']}, {record['when']}); next may come: {en}.",
    ))  # fmt: skip


def verify(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    head: str = typer.Option(
        "", "--head", metavar="HASH",
        help=say("以前公布的某条记录的校验和，应仍在其中。", "Hash of a record as published earlier, which must still be there."),
    ),
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Look through all records and versions."""
    from shuibao.cli.region import print_findings
    from shuibao.delimitation.life.status import chosen_theme, drawn_themes
    from shuibao.delimitation.life.verifying import verify as look_through
    from shuibao.survey.region import load_region

    region = load_region(folder)
    themes = drawn_themes(region.folder) if theme is None and not head else [chosen_theme(region.folder, theme)]
    found = {name: look_through(region.folder, name, head=head) for name in themes}
    if form is Format.table:
        for name, result in found.items():
            typer.echo(say(
                f"{name}：{result.records} 条记录，{result.versions} 个版本；末条 {result.head or '—'}",
                f"{name}: {result.records} records, {result.versions} versions; last {result.head or '—'}",
            ))  # fmt: skip
        print_findings([finding for result in found.values() for finding in result.findings])
    else:
        rows = [
            {"theme": name, "severity": f.severity, "where": f.where, "zh": f.zh, "en": f.en}
            for name, result in found.items()
            for f in result.findings
        ]
        print_rows(rows, {"theme": "", "severity": "", "where": "", "zh": "", "en": ""}, form)
    if any(f.severity == "error" for result in found.values() for f in result.findings):
        raise typer.Exit(1)
