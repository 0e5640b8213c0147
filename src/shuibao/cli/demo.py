"""The demonstration: made, run, reported in one command (演示命令)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shuibao.cli.printing import Format
from shuibao.cli.region import JOBS, existing_or_new, print_rates, run_checked, shown_progress
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.survey.region import Region


XINZHOU, JACKSBORO = "xinzhou", "jacksboro"
"""Lands that have a name here; every other is given by its code (演示用地)."""

CODES = {XINZHOU: "140900"}
"""Codes of the imaginary lands that have a name."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line (登记命令)."""
    app.command(help=say(
        "演示：在真实县界（忻州 14 县，或任一县、市）内生成模拟土地，计算并出报告。",
        "Demonstration: imaginary land within real borders (14 counties of Xinzhou, or any county or city), run and reported.",
    ))(demo)  # fmt: skip


def demo(
    folder: Path | None = typer.Argument(
        None, metavar="[DIR]",
        help=say("演示文件夹，已有则续算；默认 demo/ 加用地。", "Folder; goes on where it was. demo/ and the land if not given."),
    ),
    land: str = typer.Option(
        XINZHOU, "--land", metavar="xinzhou|jacksboro|CODE",
        help=say(
            "xinzhou：忻州 14 县的模拟土地；jacksboro：matplotlib 自带的真实地形；县或市的 GB/T 2260 代码，如 140932：该处的模拟土地。",
            "xinzhou: imaginary land in 14 counties; jacksboro: real terrain that matplotlib ships; the GB/T 2260 code of a "
            "county or city, as 140932: imaginary land there.",
        ),
    ),
    jobs: int | None = JOBS,
) -> None:  # fmt: skip
    """Make a region, run it, write its report, print its rates."""
    from shuibao.report import make_report
    from shuibao.survey.region import load_region

    _refuse_unknown(land)
    folder = Path("demo") / land if folder is None else folder
    existing_or_new(folder)
    if (folder / "region.toml").exists():
        _refuse_other_land(load_region(folder), land)
    else:
        _refuse_files_of_others(folder)
        _make(folder, land, jobs)
    region = load_region(folder)
    run_checked(region, [], jobs=jobs)
    path = make_report(region)
    print_rates(region, Format.table)
    typer.echo(say(f"报告：{path}", f"report: {path}"))


def _refuse_unknown(land: str) -> None:
    """Refuse what is neither a land with a name nor the code of a county or city."""
    from shuibao.survey.making import level_and_name

    if land in (XINZHOU, JACKSBORO):
        return
    if land.isascii() and not land.isdecimal():
        raise CallError(
            f"没有演示用地「{land}」；--land 可用 {XINZHOU}、{JACKSBORO}，或县、市的 GB/T 2260 代码，如 140932（偏关县）。",
            f"there is no land '{land}'; --land takes {XINZHOU}, {JACKSBORO}, or the GB/T 2260 code of a county or city, as "
            "140932.",
        )
    level, name = level_and_name(land)
    if level == "province":
        raise CallError(
            f"{land}（{name}）是省级代码，演示只造一个县或一个市；请给出其中一个县、市的代码。",
            f"{land} ({name}) is a province, the demonstration makes one county or city; give the code of one in it.",
        )


def _refuse_files_of_others(folder: Path) -> None:
    """Never write over files that an earlier demonstration has not made."""
    inputs = folder / "inputs"
    found = [p.name for p in inputs.iterdir() if p.name != ".unfinished"] if inputs.is_dir() else []
    if found:
        raise CallError(
            f"{inputs} 里已有文件（{found[0]} 等 {len(found)} 个），演示不会覆盖；请另给一个空文件夹。",
            f"{inputs} holds files ({found[0]}, {len(found)} in all), which are not written over; name an empty folder.",
        )


def _refuse_other_land(region: Region, land: str) -> None:
    """Refuse to call another region the demonstration."""
    made_up = land != JACKSBORO
    if region.simulated != made_up or list(region.codes) != [CODES.get(land, land)]:
        raise CallError(
            f"{region.folder} 里是「{region.name}」，不是演示「{land}」；请换一个文件夹，或运行 shuibao run。",
            f"{region.folder} holds '{region.name}', not the demonstration '{land}'; choose another folder, or use "
            "shuibao run.",
        )


def _make(folder: Path, land: str, jobs: int | None) -> None:
    from shuibao.survey import making
    from shuibao.survey.executing import processors

    if land == JACKSBORO:
        making.make_jacksboro_region(folder)
        return
    code = CODES.get(land, land)
    level, name = making.level_and_name(code)
    typer.echo(
        say(f"正在生成{name}的模拟土地（模拟数据）……", f"making imaginary land for {name} (simulated data) ..."),
        err=True,
    )
    with shown_progress() as progress:
        making.make_imaginary_region(
            folder,
            [code],
            name=name,
            level=level,
            year=2024,
            rules=tuple(making.rules_of(code)),
            targets=making.targets_of(code),
            jobs=jobs or processors(),
            progress=lambda done, total: progress("生成模拟数据", done, total),
        )
