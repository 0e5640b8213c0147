"""
The command line of an installation: ``bureau …`` (平台命令行).

``bureau serve`` is all that one's own machine needs; the other commands are for operators.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import typer
from django.db.utils import DatabaseError, OperationalError

from bureau.service import commands
from bureau.trail.naming import sign_changes_of_this_process
from shuibao.messages import CallError, ShuibaoError, say

DESK = "bureau.settings.desk"

app = typer.Typer(
    name="bureau", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=say("水保平台：机构、一张图、划定、目标、任务。", "The bureau: office, one map, zones, targets, tasks."),
)  # fmt: skip


@app.command(
    help=say(
        "在本机运行平台：私有数据库、演示数据、网页与后台任务。",
        "Run the bureau on this machine: its own database, the demo, pages and worker.",
    )
)
def serve(
    port: int = typer.Option(8000, min=1, max=65535, help=say("网页端口。", "Port of the pages.")),
    demo: bool = typer.Option(True, help=say("装载演示数据（模拟数据）。", "Load the demonstration (made-up data).")),
) -> None:
    """Run everything until interrupted (单机运行)."""
    from bureau.service.serving import serve as run

    run(port=port, demo=demo)


@app.command(
    help=say(
        "把区域文件夹发布到平台：调查成果，或 --theme 指明的划定成果。",
        "Publish a region folder: its survey, or the zones that --theme names.",
    )
)
def publish(
    folder: Path = typer.Argument(..., metavar="DIR", help=say("区域文件夹。", "Region folder.")),
    by: str = typer.Option(..., "--by", help=say("发布人的登录名。", "Who publishes: sign-in name.")),
    reviewed_by: str = typer.Option(
        ..., "--reviewed-by", help=say("复核人的登录名，须为另一人。", "Who reviewed it: another's sign-in name.")
    ),
    theme: str = typer.Option("", help=say("区域类别，如 steep_slope。", "Kind of zones, such as steep_slope.")),
    region: str = typer.Option("", help=say("行政区代码。", "Code of the region.")),
    partial: bool = typer.Option(
        False,
        "--partial",
        help=say(
            "成果没有覆盖全县也发布；有覆盖全县的成果时不采用它。",
            "Publish it though it covers counties in part only; one of a whole county counts before it.",
        ),
    ),
) -> None:
    """Publish from a desk (桌面发布)."""
    from bureau.service.publishing import publish as run

    run(folder=folder, by=by, reviewed_by=reviewed_by, theme=theme, region=region, partial=partial)


@app.command(
    "publish-patches",
    help=say(
        "把扰动图斑（GeoPackage 或 shapefile 的 ZIP）发布到平台。",
        "Publish disturbance patches: a GeoPackage or a zipped shapefile.",
    ),
)
def publish_patches(
    file: Path = typer.Argument(..., metavar="FILE", help=say("图斑文件。", "File of patches.")),
    region: str = typer.Option(..., help=say("行政区代码。", "Code of the region.")),
    year: int = typer.Option(..., min=1980, max=2100, help=say("年份。", "Year.")),
    batch: str = typer.Option(..., help=say("解译批次，如“第 1 期”。", "Interpretation batch.")),
    by: str = typer.Option(..., "--by", help=say("发布人的登录名。", "Who publishes: sign-in name.")),
    reviewed_by: str = typer.Option(
        ..., "--reviewed-by", help=say("复核人的登录名，须为另一人。", "Who reviewed it: another's sign-in name.")
    ),
    simulated: bool = typer.Option(False, "--simulated", help=say("模拟数据。", "Made-up data.")),
) -> None:
    """Publish patches from a desk (桌面发布图斑)."""
    from bureau.service.publishing import publish_patches as run

    run(file=file, region=region, year=year, batch=batch, by=by, reviewed_by=reviewed_by, simulated=simulated)


commands.add_to(app)


@app.command("manage", help=say("Django 的管理命令，如 bureau manage migrate。", "Django's own commands, such as bureau manage migrate."),
             context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})  # fmt: skip
def manage(context: typer.Context) -> None:
    """Pass words on to Django (管理命令)."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["bureau manage", *context.args])


def main() -> None:
    """Run the command line; every refusal is one message (命令行入口)."""
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        os.environ["DJANGO_SETTINGS_MODULE"] = DESK
    sign_changes_of_this_process(sys.argv[1:])
    try:
        _known_settings()
        app()
    except ShuibaoError as refused:
        typer.echo(str(refused), err=True)
        sys.exit(refused.exit_status)
    except DatabaseError as lost:
        typer.echo(_told(lost), err=True)
        sys.exit(1)


def _known_settings() -> None:
    """Refuse settings that are not there, before Django looks for them."""
    named = os.environ["DJANGO_SETTINGS_MODULE"]
    try:
        there = find_spec(named) is not None
    except (ImportError, ValueError):
        there = False
    if not there:
        raise CallError(
            f"没有配置 DJANGO_SETTINGS_MODULE={named}；服务器用 bureau.settings.production，单机不必设置。",
            f"There are no settings DJANGO_SETTINGS_MODULE={named}; a server has bureau.settings.production, a desk needs none.",
        )


def _told(lost: DatabaseError) -> str:
    """Say what a database answered, in one line."""
    line = next(iter(str(lost).strip().splitlines()), type(lost).__name__)
    if isinstance(lost, OperationalError):
        return say(
            f"连不上数据库：{line}。这一步没有完成；请用 bureau check 查明原因，再重试。",
            f"The database does not answer: {line}. This was not done; see bureau check, then try again.",
        )
    return say(
        f"数据库拒绝了这一步：{line}。请用 bureau check 查看数据表是否与程序版本一致。",
        f"The database refused this: {line}. See with bureau check whether its tables are those of this version.",
    )
