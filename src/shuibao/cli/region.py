"""Commands on a region folder: new, check, run, facts, rate, report (区域文件夹命令)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from shuibao.cli.printing import Format, print_rows
from shuibao.messages import CallError, counted, say

if TYPE_CHECKING:
    from shuibao.facts.rate import Rate
    from shuibao.messages import Finding
    from shuibao.survey.region import Region

FOLDER = typer.Argument(..., metavar="DIR", help=say("区域文件夹。", "Region folder."))
FORMAT = typer.Option(Format.table, "--format", help=say("输出格式。", "Form of the output."))
JOBS = typer.Option(
    None, "--jobs", metavar="N", help=say("线程数，默认用全部处理器。", "Threads; all processors if not given.")
)
SCHEDULER = typer.Option(
    None, "--scheduler", metavar="ADDR",
    help=say(
        "dask 调度器地址，如 tcp://host:8786；各机共用区域文件夹。",
        "Address of a dask scheduler, as tcp://host:8786; its workers share the region folder.",
    ),
)  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line (登记命令)."""
    app.command(help=say("新建区域文件夹的骨架。", "Make the skeleton of a region folder."))(new)
    app.command(
        help=say(
            "计算之前检查全部输入，一次列出所有问题。", "Check all input before computing; list all that is wrong."
        )
    )(check)
    app.command(
        help=say("运行：只算有变化的步骤，可断点续算。", "Run the steps that are not done; a killed run goes on.")
    )(run)
    app.command(help=say("从事实表分组汇总。", "Sum the facts by some dimensions."))(facts)
    app.command(help=say("各县与全区水土保持率，对照目标。", "Conservation rates, beside the targets."))(rate)
    app.command(help=say("生成报告（单文件网页与 XLSX）。", "Write the report: one web page and an XLSX."))(report)


def new(
    code: str = typer.Argument(
        ..., metavar="CODE", help=say("GB/T 2260 代码，如 140932。", "GB/T 2260 code, as 140932.")
    ),
    folder: Path = FOLDER,
    year: int = typer.Option(..., "--year", help=say("年份。", "Year.")),
    cell: int = typer.Option(30, "--cell", help=say("像元边长，10 或 30 m。", "Cell size, 10 or 30 m.")),
) -> None:
    """Write a region.toml for a county, city or province, to be filled in."""
    from shuibao.survey.making import make_skeleton

    if not 1900 <= year <= 2100:
        raise CallError(f"--year 应为四位的公元年份，现为 {year}。", f"--year takes a year of four digits, not {year}.")
    path = make_skeleton(folder, code, year=year, cell=cell)
    typer.echo(say(
        f"已建 {path}。请把输入放进 {folder / 'inputs'}，按注释填写，再运行 shuibao check {folder}。",
        f"made {path}. Put the inputs into {folder / 'inputs'}, fill it in, then run shuibao check {folder}.",
    ))  # fmt: skip


def check(folder: Path = FOLDER, form: Format = FORMAT) -> None:
    """Check all input of a region folder."""
    from shuibao.survey.checking import check_region

    findings = check_region(folder).findings
    if form is not Format.table:
        rows = [{"severity": f.severity, "where": f.where, "zh": f.zh, "en": f.en} for f in findings]
        print_rows(rows, {}, form)
    else:
        print_findings(findings)
    if any(f.severity == "error" for f in findings):
        raise typer.Exit(1)


def print_findings(findings: Sequence[Finding], *, aside: bool = False) -> None:
    """Print what a check found, errors first; ``aside`` from the results, on standard error (输出检查结果)."""
    colon = say("：", ": ")
    for severity, mark in (("error", say("错误", "error")), ("warning", say("警告", "warning"))):
        for finding in findings:
            if finding.severity == severity:
                typer.echo(f"[{mark}] {finding.where}{colon}{finding}", err=aside)
    errors = sum(f.severity == "error" for f in findings)
    warnings = len(findings) - errors
    typer.echo(
        say(f"共 {errors} 处错误，{warnings} 处警告。", f"{counted(errors, 'error')}, {counted(warnings, 'warning')}."),
        err=aside,
    )


def run(
    folder: Path = FOLDER,
    steps: list[str] = typer.Argument(
        None, metavar="[STEP]...", help=say("步骤，默认全部。", "Steps; all if not given.")
    ),
    jobs: int | None = JOBS,
    scheduler: str | None = SCHEDULER,
    no_check: bool = typer.Option(False, "--no-check", help=say("不先检查输入。", "Do not check the input first.")),
) -> None:
    """Run a region."""
    from shuibao.survey.region import load_region

    region = load_region(folder)
    run_checked(region, list(steps or []), jobs=jobs, scheduler=scheduler, check_first=not no_check)


def run_checked(
    region: Region, steps: list[str], *, jobs: int | None = None, scheduler: str | None = None, check_first: bool = True
) -> None:
    """Check, then run, with progress on standard error (检查并运行)."""
    from shuibao.survey.memory import keep_memory
    from shuibao.survey.run import STEPS, run_region

    keep_memory()
    if check_first:
        refuse_errors(region.folder)
    with shown_progress() as progress:
        done = run_region(region, steps=steps, jobs=jobs, scheduler=scheduler, progress=progress)
    for item in done:
        name = say(*STEPS[item.step])
        text = say("无变化，跳过", "unchanged, skipped") if item.skipped else f"{item.seconds:.1f} s"
        typer.echo(
            f"  {name}（{item.step}）：{text}" if say("z", "e") == "z" else f"  {name} ({item.step}): {text}", err=True
        )
    typer.echo(say(f"成果在 {region.products}", f"products are in {region.products}"), err=True)


def refuse_errors(folder: Path) -> None:
    """
    Check a region and stop at errors; warnings are kept for the report (运行前检查).

    Raises
    ------
    Exit
        With status 1 if the check found errors.
    """
    from shuibao.survey.checking import check_region

    findings = check_region(folder, write=True).findings
    errors = [f for f in findings if f.severity == "error"]
    if findings:
        print_findings(findings, aside=True)
    if errors:
        raise typer.Exit(1)


@lru_cache(maxsize=1)
def _announce_compiling() -> None:
    """Say once that the first run on a machine pays for compiling."""
    from shuibao.survey.compiling import kernels_are_cached

    if not kernels_are_cached():
        typer.echo(say(
            "首次运行：正在编译计算内核（约半分钟到一分钟），编译结果会缓存，以后不再需要。",
            "first run on this machine: compiling the kernels (half a minute to a minute); they are cached for later runs.",
        ), err=True)  # fmt: skip


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function that shows how far each step is, with the time left (进度与剩余时间)."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from shuibao.survey.run import STEPS

    console = Console(stderr=True)
    _announce_compiling()
    columns = [
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TextColumn(say("剩余", "left")), TimeRemainingColumn(),
    ]  # fmt: skip
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(say(*STEPS.get(step, (step, step))), total=total)
            bar.update(tasks[step], completed=done, total=total)

        yield show


def facts(
    folder: Path = FOLDER,
    by: str = typer.Option(
        "county,intensity", "--by", help=say("维度，逗号分隔。", "Dimensions, separated by commas.")
    ),
    form: Format = FORMAT,
) -> None:
    """Print sums of the facts."""
    from shuibao.facts.table import Facts
    from shuibao.survey.region import load_region
    from shuibao.survey.words import words_of

    region = load_region(folder)
    _warn_stale(region)
    table = Facts.read(region.products / "facts.parquet").grouped(
        [name.strip() for name in by.replace("，", ",").split(",") if name.strip()]
    )
    rows = table.to_pylist()
    headings = {name: say(*HEADINGS[name]) for name in table.column_names if name not in ("soil_loss_g", "cells")}
    if form is Format.table:
        words = words_of(region)
        rows = [
            {name: words[name].get(value, value) if name in words else value for name, value in row.items()}
            | {"area_m2": row["area_m2"] / 1e6}
            for row in rows
        ]
    print_rows(rows, headings, form)


HEADINGS = {
    "county": ("县", "county"), "watershed": ("小流域", "small watershed"),
    "land_use": ("地类", "land use"), "slope_class": ("坡度级", "slope class"),
    "cover_class": ("盖度级", "cover class"), "erosion_type": ("侵蚀类型", "erosion type"),
    "intensity": ("侵蚀强度", "intensity"), "zone": ("区", "zone"), "cells": ("像元数", "cells"),
    "area_m2": ("面积/km²", "area, km²"), "soil_loss_g": ("流失量/g", "soil loss, g"),
    "soil_loss_t": ("土壤流失量/(t/a)", "soil loss, t/a"),
}  # fmt: skip


def rate(folder: Path = FOLDER, form: Format = FORMAT) -> None:
    """Print the conservation rates."""
    from shuibao.survey.region import load_region

    region = load_region(folder)
    _warn_stale(region)
    print_rates(region, form)


def _warn_stale(region: Region) -> None:
    """Say on standard error where region.toml has changed since the products were made."""
    from shuibao.survey.rating import changed_settings

    for key, (now, made) in changed_settings(region).items():
        typer.echo(say(
            f"注意：region.{key} 现为 {now}，而成果是按 {made} 算的；请重新运行 shuibao run。",
            f"note: region.{key} is {now} now, but the products were made with {made}; run shuibao run again.",
        ), err=True)  # fmt: skip


def print_rates(region: Region, form: Format) -> None:
    """Print the conservation rates of a region's counties and its own, beside the targets (输出水土保持率)."""
    from shuibao.survey.rating import area_basis

    rows = [
        {
            "code": r.code, "name": r.name, "land_km2": r.area_m2 / 1e6, "eroded_km2": r.eroded_m2 / 1e6,
            "rate_percent": round(r.rate, 4), "target_percent": r.target, "target_year": r.target_year,
            "gap_points": None if r.gap is None else round(r.gap, 4), "soil_loss_t": r.soil_loss_t,
            "modulus_t_km2": round(r.modulus, 2), "missing_km2": r.missing_m2 / 1e6,
        }
        for r in shown_rates(region)
    ]  # fmt: skip
    headings = {
        "name": say("县", "county"), "land_km2": say("土地面积/km²", "land, km²"),
        "eroded_km2": say("水土流失面积/km²", "eroded, km²"), "rate_percent": say("水土保持率/%", "rate, %"),
        "target_percent": say("目标/%", "target, %"), "target_year": say("目标年", "target year"),
        "gap_points": say("差距/百分点", "gap, points"), "modulus_t_km2": say("平均模数/(t/km²·a)", "modulus, t/(km²·a)"),
    }  # fmt: skip
    if all(row["target_percent"] is None for row in rows):
        headings = {k: v for k, v in headings.items() if k not in ("target_percent", "target_year", "gap_points")}
    label = say("模拟数据　", "simulated data 模拟数据. ") if region.simulated else ""
    print_rows(rows, headings, form, note=label + say("面积依据：", "area basis: ") + say(*area_basis(region)))


def shown_rates(region: Region) -> list[Rate]:
    """Return the rates to print: the region's own row is left out where it is that of its one county (显示的水土保持率)."""
    from shuibao.survey.rating import region_rates

    found = region_rates(region)
    return found[:1] if len(found) == 2 else found


def report(folder: Path = FOLDER) -> None:
    """Write the report of a region."""
    from shuibao.report import make_report
    from shuibao.survey.region import load_region

    path = make_report(load_region(folder))
    typer.echo(say(f"报告：{path}", f"report: {path}"))


def existing_or_new(folder: Path) -> None:
    """
    Refuse a folder that is a file (检查文件夹).

    Raises
    ------
    CallError
        If the path is a file.
    """
    if folder.is_file():
        raise CallError(f"{folder} 是文件，请给出文件夹。", f"{folder} is a file; give a folder.")
