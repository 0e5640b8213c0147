"""The demonstration: made, run, reported in one command (演示命令)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from shuibao.cli.printing import Format
from shuibao.cli.region import JOBS, existing_or_new, print_rates, run_checked, shown_progress
from shuibao.messages import CallError, say

if TYPE_CHECKING:
    from shuibao.survey.region import Region


class Land(StrEnum):
    """Lands that the demonstration knows (演示用地)."""

    xinzhou = "xinzhou"
    jacksboro = "jacksboro"


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line (登记命令)."""
    app.command(help=say(
        "演示：在忻州 14 个真实县界内生成模拟土地，计算并出报告。",
        "Demonstration: imaginary land in the real 14 counties of Xinzhou, run and reported.",
    ))(demo)  # fmt: skip


def demo(
    folder: Path = typer.Argument(
        Path("demo/xinzhou"), metavar="[DIR]", help=say("演示文件夹，已有则续算。", "Folder; goes on where it was.")
    ),
    land: Land = typer.Option(
        Land.xinzhou,
        "--land",
        help=say(
            "xinzhou：模拟土地；jacksboro：matplotlib 自带的真实地形。",
            "xinzhou: imaginary land; jacksboro: real terrain that matplotlib ships.",
        ),
    ),  # fmt: skip
    jobs: int | None = JOBS,
) -> None:
    """Make a region, run it, write its report, print its rates."""
    from shuibao.report import make_report
    from shuibao.survey.region import load_region

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


def _refuse_files_of_others(folder: Path) -> None:
    """Never write over files that an earlier demonstration has not made."""
    inputs = folder / "inputs"
    found = [p.name for p in inputs.iterdir() if p.name != ".unfinished"] if inputs.is_dir() else []
    if found:
        raise CallError(
            f"{inputs} 里已有文件（{found[0]} 等 {len(found)} 个），演示不会覆盖；请另给一个空文件夹。",
            f"{inputs} holds files ({found[0]}, {len(found)} in all), which are not written over; name an empty folder.",
        )


def _refuse_other_land(region: Region, land: Land) -> None:
    """Refuse to call another region the demonstration."""
    from shuibao.sources.jacksboro import NAME

    wanted = {Land.xinzhou: "忻州市", Land.jacksboro: NAME}[land]
    if region.name != wanted:
        raise CallError(
            f"{region.folder} 里是「{region.name}」，不是演示「{land.value}」；请换一个文件夹，或运行 shuibao run。",
            f"{region.folder} holds '{region.name}', not the demonstration '{land.value}'; choose another folder, or use "
            "shuibao run.",
        )


def _make(folder: Path, land: Land, jobs: int | None) -> None:
    from shuibao.survey.executing import processors
    from shuibao.survey.making import make_imaginary_region, make_jacksboro_region

    if land is Land.jacksboro:
        make_jacksboro_region(folder)
        return
    typer.echo(
        say("正在生成忻州市的模拟土地（模拟数据）……", "making imaginary land for Xinzhou (simulated data) ..."),
        err=True,
    )
    with shown_progress() as progress:
        make_imaginary_region(
            folder,
            ["140900"],
            name="忻州市",
            level="city",
            year=2024,
            targets="xinzhou",
            jobs=jobs or processors(),
            progress=lambda done, total: progress("生成模拟数据", done, total),
        )
