"""Commands for operators (运维命令): ``bureau check``, ``backup``, ``restore``, ``stop``, ``first-administrator`` and more."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shuibao.messages import CallError, ShuibaoError, say

if TYPE_CHECKING:
    from bureau.service.sessions import Session


def add_to(app: typer.Typer) -> None:
    """Give a command line these commands (加入命令)."""
    app.command(help=say("检查这个安装有什么问题。", "Tell what is wrong with this installation."))(check)
    app.command(help=say("把数据库和文件备份到一个文件。", "Back the database and the files up to one file."))(backup)
    app.command(help=say("从备份恢复。", "Restore a backup."))(restore)
    app.command(help=say("停止在本机运行的平台。", "Stop the bureau that runs on this machine."))(stop)
    app.command(
        "first-administrator", help=say("建立首个机构和管理员。", "Make the first organisation and administrator.")
    )(first_administrator)
    app.command(
        "renew-factor-key",
        help=say(
            "更换第二因子与推送密文的加密密钥，并用它重新加密。",
            "Encrypt second factors and secrets of webhooks anew with a new key.",
        ),
    )(renew_factor_key)
    app.command("try-mail", help=say("给一个地址发一封试验邮件。", "Send a message to an address, as a trial."))(
        try_mail
    )


def _ready() -> None:
    import django

    django.setup()


def check(
    form: Annotated[str, typer.Option("--format", help=say("text 或 json。", "text or json."))] = "text",
) -> None:
    """Tell what is wrong (体检); the status is 1 if there is a fault."""
    if form not in ("text", "json"):
        raise CallError(f"没有格式 {form!r}；可用 text、json。", f"No format {form!r}; there are text and json.")
    _ready()
    from bureau.service.inspection import FAULT, WARNING, inspect

    findings = inspect()
    faults, warnings = (sum(f.verdict == verdict for f in findings) for verdict in (FAULT, WARNING))
    if form == "json":
        told = {"ok": not faults, "faults": faults, "warnings": warnings, "findings": [f.as_dict() for f in findings]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            typer.echo(str(finding))
        typer.echo(say(f"故障 {faults} 项，提醒 {warnings} 项。", f"{faults} faults, {warnings} warnings."))
    raise typer.Exit(1 if faults else 0)


def backup(
    path: Annotated[
        Path | None,
        typer.Argument(
            help=say(
                "备份文件；不写则放入备份目录，以时间命名。",
                "File to write; by default one in the folder of backups, named by the time.",
            )
        ),
    ] = None,
) -> None:
    """Back up (备份)."""
    _ready()
    from django.utils import timezone

    from bureau.service.backup import back_up
    from bureau.service.installation import SUFFIX, backups_folder, database_at_hand

    now = timezone.localtime()
    target = (path or backups_folder() / f"bureau-{now:%Y%m%d-%H%M%S}{SUFFIX}").absolute()
    with database_at_hand():
        manifest = back_up(path=target, now=now)
    rows, size = sum(manifest.rows.values()), target.stat().st_size / 2**20
    typer.echo(say(f"已备份到 {target}：{len(manifest.rows)} 张表 {rows} 行，{manifest.files} 个文件，{size:.1f} MB。",
                   f"Backed up to {target}: {len(manifest.rows)} tables, {rows} rows, {manifest.files} files, {size:.1f} MB."))  # fmt: skip


def restore(
    path: Annotated[Path, typer.Argument(help=say("备份文件。", "Backup to restore."))],
    replace: Annotated[
        bool,
        typer.Option(
            "--replace", help=say("取代现有的数据库和文件。", "Replace the database and files that are there.")
        ),
    ] = False,
    disconnect: Annotated[
        bool,
        typer.Option(
            "--disconnect",
            help=say("先断开还连着数据库的程序；逐个列出，确认后断开。",
                     "End other sessions with the database first; lists them and asks."),
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help=say("断开前不再询问。", "Do not ask before disconnecting."))
    ] = False,
) -> None:  # fmt: skip
    """Restore (恢复)."""
    _ready()
    from django.utils import timezone

    from bureau.service.installation import database_at_hand
    from bureau.service.restoring import restore as run

    with database_at_hand():
        manifest, kept = run(
            path=path.absolute(), replace=replace, now=timezone.localtime(),
            disconnect=(lambda found: _agreed(found, yes=yes)) if disconnect else None,
        )  # fmt: skip
    typer.echo(say(f"已恢复 {manifest.made} 的备份：{len(manifest.rows)} 张表的行数与 {manifest.files} 个文件的校验和都相符。",
                   f"Restored the backup of {manifest.made}: rows of {len(manifest.rows)} tables and checksums of"
                   f" {manifest.files} files agree."))  # fmt: skip
    _tell_of_factors()
    if kept:
        typer.echo(
            say(
                f"原来的文件留在 {'、'.join(map(str, kept))}，确认无误后可删除。",
                f"The files that were there are kept in {', '.join(map(str, kept))}; delete them once all is well.",
            )
        )
    typer.echo(
        say(
            "如程序比备份新，请再执行 bureau manage migrate。",
            "If the program is newer than the backup, run bureau manage migrate.",
        )
    )


def _agreed(found: list[Session], *, yes: bool) -> bool:
    """List who is connected, and return whether their sessions may be ended."""
    typer.echo(say("连着数据库的：", "Connected to the database:"), err=True)
    for one in found:
        typer.echo(f"  {say(*one.said())}", err=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        typer.echo(
            say("这里不能询问；确实要断开，请加 --yes。", "There is nobody to ask here; add --yes to end them."),
            err=True,
        )
        return False
    return typer.confirm(
        say(
            f"断开这 {len(found)} 个连接？它们没有存完的都会丢失",
            f"End these {len(found)}? What they have not saved is lost",
        ),
        err=True,
    )


def _tell_of_factors() -> None:
    """Say so if the second factors of a restored backup need the key of another installation."""
    from bureau.office.factor_keys import key_file, standing

    lost = standing().unreadable
    if lost:
        typer.echo(
            say(
                f"{lost} 项密文（第二因子、推送）是用另一把密钥加密的：请把原安装的第二因子密钥文件拷到 {key_file()}，"
                "否则须由管理员重置第二因子、重新建立推送。",
                f"{lost} secrets (second factors, webhooks) were encrypted with another key: copy the key file of the former"
                f" installation to {key_file()}, or let an administrator reset them.",
            )
        )


def renew_factor_key() -> None:
    """Encrypt second factors with a new key (更换密钥)."""
    _ready()
    from bureau.office.factor_keys import key_file, renew_key
    from bureau.refusal import Refusal
    from bureau.service.installation import database_at_hand

    try:
        with database_at_hand():
            done = renew_key()
    except Refusal as unreadable:
        raise ShuibaoError(
            f"没有更换：有密文（第二因子、推送）读不出来；请先用 bureau check 查明。（{unreadable.message}）",
            "Nothing was changed: a second factor, or the secret of a webhook, cannot be read; see bureau check first.",
        ) from unreadable
    typer.echo(say(f"密钥已更换（{key_file()}），{done} 项密文（第二因子、推送）已重新加密；服务不必重启。请更新密钥的离线备份。",
                   f"The key was renewed ({key_file()}), {done} secrets (factors, webhooks) were encrypted anew; no restart is needed."
                   " Renew your copy of the key too."))  # fmt: skip


def stop() -> None:
    """Stop the bureau of this installation (停止)."""
    from django.conf import settings

    from bureau.service.cluster import PrivateCluster
    from bureau.service.installation import DESK, kind
    from bureau.service.running import stop as end

    ran = end(Path(settings.HOME), patience=60)
    cluster = PrivateCluster(settings.HOME / "cluster")
    if kind() == DESK and (cluster.data / "PG_VERSION").exists() and cluster.running():
        cluster.stop()  # left behind by one that was killed
        ran = True
    typer.echo(say("已停止。", "Stopped.") if ran else say("没有在运行的平台。", "Nothing runs."))


def first_administrator(
    region: Annotated[str, typer.Argument(help=say("行政区代码，如 140000。", "Code of the region, such as 140000."))],
    organisation: Annotated[str, typer.Argument(help=say("机构名称。", "Name of the organisation."))],
    username: Annotated[str, typer.Argument(help=say("登录名。", "Sign-in name."))],
    name: Annotated[str, typer.Argument(help=say("姓名。", "Name."))],
    password: Annotated[
        str,
        typer.Option(
            prompt=say("口令", "Password"),
            hide_input=True,
            confirmation_prompt=say("再输一次", "Once more"),
            envvar="BUREAU_PASSWORD",
        ),
    ],
) -> None:
    """Make the first administrator (首任管理员); the password is asked for, and not shown."""
    _ready()
    from django.utils import timezone

    from bureau.service.founding import appoint_first
    from bureau.service.installation import database_at_hand

    with database_at_hand():
        made = appoint_first(
            region=region, organisation=organisation, username=username, name=name, password=password,
            today=timezone.localdate(),
        )  # fmt: skip
    typer.echo(say(f"{made.organisation} 的管理员 {made} 已建立；首次登录时要设置第二因子。",
                   f"{made} administers {made.organisation}; the second factor is set up at the first sign-in."))  # fmt: skip


def try_mail(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help=say("收件地址。", "Address that gets it."))],
) -> None:
    """Send a message as a trial (试发邮件), or say why it cannot be."""
    _ready()
    from bureau.service.mail_trial import send_trial

    typer.echo(send_trial(address))
