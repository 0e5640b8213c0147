"""
The command line: ``shuibao …`` (命令行).

Results go to standard output, all else to standard error. Exit status: 0 done, 1 the data are wrong, 2 the call is wrong.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import typer

from shuibao import __version__
from shuibao.cli import delivery, demo, region, standards, watersheds, zones
from shuibao.messages import ShuibaoError, language, say

__all__ = ["app", "main", "run"]

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells have it."""

app = typer.Typer(
    name="shuibao",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=say(
        "水保：土地测一次，各项水土保持职责都从同一套事实作答。",
        "shuibao: the land is measured once, and every duty of soil and water conservation is answered from those facts.",
    ),
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"shuibao {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help=say("显示版本。", "Show the version.")
    ),
) -> None:
    """Hold the options that all commands share."""


region.add_to(app)
demo.add_to(app)
watersheds.add_to(app)
delivery.add_to(app)
zones.add_to(app)
standards.add_to(app)


def main(arguments: list[str] | None = None) -> None:
    """
    Run the command line; every refusal is one message, never a traceback (命令行入口).

    Parameters
    ----------
    arguments : list of str, optional
        Words of the call; those of the process if not given.
    """
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """
    Run the command line and return its exit status (执行命令行).

    Parameters
    ----------
    arguments : list of str
        Words of the call.

    Returns
    -------
    int
        0 done, 1 the data are wrong, 2 the call is wrong, 130 interrupted.
    """
    try:
        status = _command()(args=arguments, prog_name="shuibao", standalone_mode=False)
    except ShuibaoError as error:
        _complain(str(error))
        return error.exit_status
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        status = INTERRUPTED
    except BrokenPipeError:
        return 0
    except OSError as error:
        _complain(_unusable(error))
        return 1
    except Exception as error:  # the last door: a traceback is for developers, not for users
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(str(error.format_message()))  # type: ignore[attr-defined]
            return 0
        if hasattr(error, "format_message"):
            _complain(_in_our_words(error))
            return 2
        _complain(_unforeseen())
        return 1
    if status == INTERRUPTED:  # the command-line library hands an interrupt over as a status
        _complain(say("已中断；重新运行会从断点继续。", "interrupted; running again goes on from here."))
    return status if isinstance(status, int) else 0


@cache
def _command() -> Any:
    """Return all commands, put together once: whoever calls several in one program does not wait for each."""
    return typer.main.get_command(app)


def _unusable(error: OSError) -> str:
    """Return what is wrong with a file or folder that the system refused."""
    reasons = {
        errno.ENOENT: ("不存在", "does not exist"),
        errno.ENOTDIR: ("路径中有一段是文件，不是文件夹", "a part of the path is a file, not a folder"),
        errno.EISDIR: ("是文件夹，不是文件", "is a folder, not a file"),
        errno.EEXIST: ("已存在同名文件", "a file of that name exists"),
        errno.EACCES: ("没有读写权限", "may not be read or written"),
        errno.EPERM: ("没有读写权限", "may not be read or written"),
        errno.EROFS: ("所在磁盘只读", "lies on a read-only disk"),
    }
    name = re.sub(r"\.([^/\\]+)\.\d+\.[0-9a-f]{12}\.tmp", r"\1", str(error.filename or "")) or _named_in(error)
    if error.errno not in reasons and not error.filename:  # of rasterio and pyarrow: they say in words what is wrong
        words = " ".join(str(error).split())
        return say(
            f"{name or '有一个文件'} 读写不了，可能不完整或已损坏（{words}）。若是成果，请删去后重新运行 shuibao run；"
            "若是自己的数据，请换完好的文件。",
            f"{name or 'a file'} cannot be used; it may be cut short or damaged ({words}). If it is a product, delete it and "
            "run shuibao run again; if it is your own data, give a sound file.",
        )
    zh, en = reasons.get(error.errno or 0, (error.strerror or "无法读写", error.strerror or "cannot be used"))
    return say(
        f"{name} 无法使用：{zh}；请换一个路径或改正后再试。", f"{name} cannot be used: it {en}; choose another path."
    )


def _named_in(error: BaseException) -> str:
    """Return the first file that an error names in its words, or one that it came from; empty if there is none."""
    seen: BaseException | None = error
    while seen is not None:
        quoted = re.search(r"'([^'\n]+\.\w{2,8})'", str(seen))
        found = quoted or re.search(r"([^\s'\",;:：]+\.(?:tiff?|vrt|img|parquet|gpkg|shp|dbf|json))\b", str(seen))
        if found:
            return found[1]
        seen = seen.__cause__ or seen.__context__
    return ""


def _complain(text: str) -> None:
    typer.echo(say("错误：", "error: ") + text, err=True)


def _in_our_words(error: Any) -> str:
    """Return a refusal of the command-line library, in Chinese where the reader wants it."""
    text = str(error.format_message())
    context = getattr(error, "ctx", None)
    usage = f"{context.command_path if context is not None else 'shuibao'} --help"
    kind = type(error).__name__
    param: Any = getattr(error, "param", None)
    option = getattr(param, "param_type_name", "") == "option"
    if language() == "en":
        text = f"Missing option '{param.opts[0]}'" if kind == "MissingParameter" and option else text.rstrip(".")
        return f"{text}{'' if text.endswith('?') else '.'} See '{usage}'."
    name = getattr(param, "metavar", None) or ", ".join(getattr(param, "opts", [])) or ""
    if kind == "NoSuchOption":
        close = "、".join(error.possibilities or [])
        text = f"没有选项 {error.option_name}" + (f"，是否应为 {close}？" if close else "")
    elif kind == "MissingParameter":
        text = f"缺少选项 {param.opts[0]}" if option else f"缺少参数 {name}"
    elif kind == "BadOptionUsage":
        text = f"选项 {error.option_name} 后面缺少值"
    elif kind == "BadParameter":
        if option:
            name = ", ".join(param.opts)
        text = f"参数 {name} 的值不对：{error.message}"
    for english, chinese in _WORDS.items():
        text = text.replace(english, chinese)
    text = text.rstrip(".。").replace("'?", "'？")
    return f"{text}{'' if text.endswith('？') else '。'}运行 {usage} 查看用法。"


_WORDS = {
    "No such command": "没有命令",
    ". Did you mean": "，是否应为",
    "Did you mean": "是否应为",
    "Got unexpected extra argument(s)": "多余的参数",
    "Got unexpected extra arguments": "多余的参数",
    "Got unexpected extra argument": "多余的参数",
    "is not one of ": "不在可用值之中：",
    "is not a valid integer": "不是整数",
    "is not a valid float": "不是数",
    "Input should be a valid integer, unable to parse string as an integer": "应为整数",
    "Input should be a valid number, unable to parse string as a number": "应为数",
    "Value error, ": "",
}


def _unforeseen() -> str:
    """Keep the traceback in a file of its own and return what to tell the user."""
    kind, value, _ = sys.exc_info()
    name = kind.__name__ if kind is not None else "?"
    zh, en = f"程序内部出错（{name}：{value}）。", f"an internal error ({name}: {value}). "
    log = _kept(traceback.format_exc())
    if log is None:
        zh += "详情无处可存：临时文件夹不可写；请连同所用命令报告问题。"
        en += "Details could not be kept, as no temporary folder may be written to; please report it with the command. "
    else:
        zh += f"详情已存到 {log}；请附上该文件报告问题。"
        en += f"Details are in {log}; please attach it to a bug report. "
    return say(zh + "已写出的成果没有损坏。", en + "Finished products are unharmed.")


def _kept(text: str) -> Path | None:
    """Write text to a new file, and return which; None if there is no place for it."""
    try:
        handle, path = tempfile.mkstemp(prefix="shuibao-error-", suffix=".log")
        os.close(handle)
        Path(path).write_text(text, encoding="utf-8")
    except OSError:
        return None
    return Path(path)
