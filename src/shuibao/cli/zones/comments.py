"""Comments of counties: taken in, listed, assigned, answered, exported (征求意见命令)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FOLDER, FORMAT
from shuibao.cli.zones.life import BY, CRS, EVIDENCE, LAYER, ON, THEME, act_of
from shuibao.cli.zones.places import FORCE, refuse_place
from shuibao.messages import CallError, counted, say

if TYPE_CHECKING:
    from shuibao.delimitation.life.comments import Comment

NUMBER = typer.Argument(..., metavar="N", help=say("意见号。", "Number of the comment."))


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group (登记命令)."""
    group.command(
        "comments",
        help=say(
            "征求意见：登记、列出、导出采纳情况表。", "Comments: take them in, list them, export the table of answers."
        ),
    )(comments)
    group.command("assign", help=say("指定意见对应的图斑。", "Say which zones a comment is about."))(assign)
    group.command("answer", help=say("答复意见：采纳、部分采纳、不采纳。", "Answer a comment: adopt, partly, reject."))(
        answer
    )


def comments(
    folder: Path = FOLDER,
    theme: str | None = THEME,
    source: Path | None = typer.Option(
        None, "--from", metavar="FILE",
        help=say("登记：GeoPackage、shapefile、XLSX 或 CSV。", "Take in: GeoPackage, shapefile, XLSX or CSV."),
    ),
    by: str = typer.Option("", "--by", metavar="WHO", help=say("登记人。", "Who takes them in.")),
    on: str | None = ON,
    crs: str | None = CRS,
    sheet: str = LAYER,
    waiting: bool = typer.Option(False, "--open", help=say("只列未答复的。", "Only those that are not answered.")),
    export: Path | None = typer.Option(
        None, "--export", metavar="FILE", help=say("导出意见采纳情况表 .xlsx。", "Export the table of answers, .xlsx.")
    ),
    force: bool = FORCE,
    form: Format = FORMAT,
) -> None:  # fmt: skip
    """Take in, list or export comments."""
    from shuibao.delimitation.folder import theme_folder
    from shuibao.delimitation.life.answering import take_in
    from shuibao.delimitation.life.comment_following import comments_now
    from shuibao.delimitation.life.comments import comment_rows, zones_in_words
    from shuibao.delimitation.life.journal import read_journal
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    if export is not None:
        refuse_place(export, (".xlsx",), force=force, folder=folder)
    region = load_region(folder)
    rules, chosen = load_rules(region.packs), chosen_theme(region.folder, theme)
    if source is not None:
        found, known = take_in(region.folder, chosen, source, act_of(by, on), rules, crs=crs, sheet=sheet)
        _tell(found, known)
    place = theme_folder(region.folder, chosen)
    rows = comment_rows(comments_now(place, read_journal(place), rules), rules)
    if export is not None:
        _export(rows, export, region.name, simulated=region.simulated)
        return
    rows = [row for row in rows if not waiting or not row["outcome"]]
    headings = {
        "number": say("号", "no."), "unit": say("单位", "unit"), "opinion": say("态度", "opinion"), "text": say("意见", "comment"),
        "codes": say("图斑", "zones"), "state": say("对应", "match"), "reason": say("依据", "how"),
        "outcome": say("采纳", "outcome"), "answer": say("答复", "answer"),
    }  # fmt: skip
    if form is Format.table:
        rows = [{**row, "codes": zones_in_words(row)} for row in rows]
    print_rows(rows, headings, form, note="" if rows else say("没有意见。", "there are no comments."))


def _tell(found: list[Comment], known: int) -> None:
    """Say how many comments came in, and what to do about those that match no zone or several."""
    lost = [str(c.number) for c in found if not c.placed]
    before = say(f"（另有 {known} 条已登记过）", f" ({known} more were there already)") if known else ""
    typer.echo(
        say(f"登记 {len(found)} 条意见{before}。", f"took in {counted(len(found), 'comment')}{before}."), err=True
    )
    if lost:
        typer.echo(say(
            f"{len(lost)} 条没有对应图斑或对应多个（第 {'、'.join(lost)} 条）；请用 shuibao zones assign 指定。",
            f"{len(lost)} match no zone or several (no. {', '.join(lost)}); say which zones they are about by shuibao zones"
            " assign.",
        ), err=True)  # fmt: skip


def _export(rows: list[dict[str, object]], path: Path, region: str, *, simulated: bool) -> None:
    from shuibao.report.zone_comment_table import write_comment_table

    write_comment_table(rows, path, region, simulated=simulated)
    typer.echo(say(f"已导出 {len(rows)} 条意见到 {path}", f"exported {len(rows)} comments to {path}"))


def assign(
    folder: Path = FOLDER,
    number: int = NUMBER,
    codes: list[str] = typer.Argument(None, metavar="[CODE]...", help=say("图斑编号，可多个。", "Codes of zones.")),
    whole: bool = typer.Option(False, "--whole", help=say("针对全部成果，不对应图斑。", "It is about all of them.")),
    theme: str | None = THEME,
    by: str = BY,
    why: str = typer.Option("", "--why", metavar="TEXT", help=say("理由。", "Why.")),
    on: str | None = ON,
) -> None:
    """Say which zones a comment is about."""
    from shuibao.delimitation.life.answering import assign as say_which
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    if bool(codes) == whole:
        raise CallError(
            "请给出图斑编号，或用 --whole 表示针对全部成果。", "give codes of zones, or --whole for all of them."
        )
    region = load_region(folder)
    chosen = chosen_theme(region.folder, theme)
    record = say_which(region.folder, chosen, number, list(codes or ()), act_of(by, on, why), load_rules(region.packs))
    words = "、".join(record["codes"]) or "全部成果"
    typer.echo(say(
        f"第 {number} 条意见：{words}。", f"comment {number} is about: {', '.join(record['codes']) or 'all of them'}."
    ))  # fmt: skip


def answer(
    folder: Path = FOLDER,
    number: int = NUMBER,
    theme: str | None = THEME,
    adopt: bool = typer.Option(False, "--adopt", help=say("采纳。", "Adopt it.")),
    partly: bool = typer.Option(False, "--partly", help=say("部分采纳。", "Adopt it in part.")),
    reject: bool = typer.Option(False, "--reject", help=say("不采纳。", "Reject it.")),
    by: str = BY,
    text: str = typer.Option(..., "--text", metavar="TEXT", help=say("答复内容。", "The answer.")),
    edit: int | None = typer.Option(
        None, "--edit", metavar="K", help=say("据此所做的修改号。", "Number of the edit that was made of it.")
    ),
    on: str | None = ON,
    evidence: list[Path] = EVIDENCE,
) -> None:
    """Answer a comment."""
    from shuibao.delimitation.life.answering import answer as reply
    from shuibao.delimitation.life.comments import OUTCOMES
    from shuibao.delimitation.life.status import chosen_theme
    from shuibao.rules import load_rules
    from shuibao.survey.region import load_region

    asked = [name for name, given in (("adopt", adopt), ("partly", partly), ("reject", reject)) if given]
    if len(asked) != 1:
        raise CallError("请在 --adopt、--partly、--reject 中选一个。", "choose one of --adopt, --partly and --reject.")
    region = load_region(folder)
    act = act_of(by, on, text, evidence, option="--text")
    reply(region.folder, chosen_theme(region.folder, theme), number, asked[0], act, load_rules(region.packs), edit=edit)
    words = OUTCOMES[asked[0]]
    typer.echo(say(f"第 {number} 条意见：{words[0]}。", f"comment {number}: {words[1]}."))
