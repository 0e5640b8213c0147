"""The commands of the key zones: draw, review, check, ask (重点区域命令)."""

from __future__ import annotations

import typer

from shuibao.cli.zones import (
    checking,
    comments,
    control,
    deciding,
    delivering,
    drawing,
    editing,
    life,
    listing,
    monitoring,
    opinion,
    versions,
)
from shuibao.messages import say


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the command line (登记命令组)."""
    group = typer.Typer(
        no_args_is_help=True,
        help=say("重点区域：划定、复核、检查、查询。", "The key zones: draw, review, check, ask."),
    )
    for commands in (
        drawing,
        listing,
        checking,
        delivering,
        deciding,
        control,
        opinion,
        monitoring,
        life,
        editing,
        versions,
        comments,
    ):
        commands.add_to(group)
    app.add_typer(group, name="zones")
