"""Help is quick, complete and in the reader's language; what is wrong with a call is said in one line (帮助与用法)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from tests.cli.conftest import Call

from shuibao import __version__

HEAVY = ("numpy", "numba", "scipy", "rasterio", "pyarrow", "shapely", "pyproj", "matplotlib", "distributed")
COMMANDS = (
    "new", "check", "run", "facts", "rate", "watersheds", "delivery", "zones", "report", "demo", "rules", "targets",
)  # fmt: skip
ZONES = (
    "draw", "list", "check", "package", "announce", "sheets", "units", "why", "at", "opinion", "overlaps", "monitor",
    "status", "advance", "verify", "edit", "redraw", "decide", "rebuild", "diff", "comments", "assign", "answer",
)  # fmt: skip
HELPS = [
    *([c] for c in COMMANDS), ["rules", "list"], ["rules", "show"], ["rules", "check"], ["targets", "check"],
    *(["zones", c] for c in ZONES),
]  # fmt: skip
THEMED = [command for command in ZONES if command not in ("list", "units", "why", "announce", "at", "opinion")]


def test_help_answers_at_once() -> None:
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "shuibao", "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    after = os.times()
    took = after.children_user + after.children_system - before.children_user - before.children_system
    assert took < 3.0, "seconds of the processor, of which it takes one: what else the machine does is not counted"
    for command in COMMANDS:
        assert f"  {command} " in done.stdout


def test_the_command_line_loads_no_heavy_library() -> None:
    script = f"import sys, shuibao.cli; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_version_is_told(shuibao: Call) -> None:
    answer = shuibao("--version")
    assert (answer.status, answer.out) == (0, f"shuibao {__version__}\n")


@pytest.mark.parametrize("command", HELPS, ids=" ".join)
def test_each_command_has_help_in_chinese(shuibao: Call, command: list[str]) -> None:
    answer = shuibao(*command, "--help")
    assert answer.status == 0
    about = answer.out.split("\n\n")[1]
    assert any("\u4e00" <= character <= "\u9fff" for character in about)


@pytest.fixture(scope="module")
def english_helps() -> str:
    """Return the help of every command in English, one after the other, as a new process says it."""
    script = "from shuibao.cli import run; import json, sys; [run([*c, '--help']) for c in json.loads(sys.argv[1])]"
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(HELPS)],
        capture_output=True, text=True, check=True, env={**os.environ, "SHUIBAO_LANG": "en"},
    )  # fmt: skip
    return done.stdout


def test_each_command_has_help_in_english(english_helps: str) -> None:
    for command in HELPS:
        assert f"Usage: shuibao {' '.join(command)} " in english_helps
    chinese = [line for line in english_helps.splitlines() if any("\u4e00" <= c <= "\u9fff" for c in line)]
    assert chinese == []


@pytest.mark.parametrize("command", THEMED)
def test_the_help_of_zones_says_what_themes_there_are(shuibao: Call, command: str) -> None:
    words = "".join(shuibao("zones", command, "--help").out.split())
    assert all(theme in words for theme in ("prevention_treatment", "severe_fragile", "steep_slope"))


@pytest.mark.parametrize(
    "words, said",
    [
        (["rn"], "错误：没有命令 'rn'，是否应为 'run'？运行 shuibao --help 查看用法。"),
        (["run"], "错误：缺少参数 DIR"),
        (["run", "x", "--job", "2"], "错误：没有选项 --job，是否应为 --jobs？"),
        (["run", "x", "--jobs", "two"], "错误：参数 --jobs 的值不对：应为整数。"),
        (["facts", "x", "--format", "xml"], "错误：参数 --format 的值不对：'xml' 不在可用值之中"),
        (["rate", "x", "y"], "错误：多余的参数 (y)"),
        (["check", "nowhere"], "错误：nowhere 不是区域文件夹（没有 region.toml）"),
        (["targets", "check", "nowhere"], "错误："),
        (["rules", "show", "nowhere"], "错误："),
        (["new", "140932"], "错误：缺少参数 DIR"),
        (["zones", "edit", "x", "--by", "张三"], "错误：缺少选项 --why。运行 shuibao zones edit --help 查看用法。"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_is_refused_in_chinese(shuibao: Call, words: list[str], said: str) -> None:
    answer = shuibao(*words)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err.startswith(said)


@pytest.mark.parametrize(
    "words, said",
    [
        (["rn"], "error: No such command 'rn'. Did you mean 'run'? See 'shuibao --help'."),
        (["run"], "error: Missing argument 'DIR'. See 'shuibao run --help'."),
        (["zones", "why", "x"], "error: Missing option '--unit'. See 'shuibao zones why --help'."),
        (["check", "nowhere"], "error: nowhere is not a region folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_call_is_refused_in_english(
    shuibao: Call, words: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    answer = shuibao(*words)
    assert answer.status == 2
    assert answer.err.startswith(said)


def test_an_internal_error_is_one_line_and_its_traceback_is_kept(
    shuibao: Call, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuibao.facts.table import Facts

    def fail(*_: object) -> None:
        raise ZeroDivisionError("for a test")

    monkeypatch.setattr(Facts, "grouped", fail)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    answer = shuibao("facts", done)
    assert answer.status == 1
    assert answer.err.startswith("错误：程序内部出错（ZeroDivisionError：for a test）")
    (log,) = tmp_path.glob("shuibao-error-*.log")
    assert str(log) in answer.err
    assert "Traceback" in log.read_text(encoding="utf-8")
    shuibao("facts", done)
    assert len(list(tmp_path.glob("shuibao-error-*.log"))) == 2, "one call wrote over what another had kept"


def test_an_internal_error_is_one_line_even_where_no_file_can_be_written(
    shuibao: Call, done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuibao.facts.table import Facts

    def fail(*_: object) -> None:
        raise ZeroDivisionError("for a test")

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Facts, "grouped", fail)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    answer = shuibao("facts", done)
    assert answer.status == 1
    assert answer.err.startswith("错误：程序内部出错（ZeroDivisionError：for a test）。详情无处可存")
    assert answer.err.count("\n") == 1


def test_an_interrupt_says_how_to_go_on(shuibao: Call, done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from shuibao.survey import run as running

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "run_region", interrupt)
    answer = shuibao("run", done, "--no-check")
    assert answer.status == 130
    assert "重新运行会从断点继续" in answer.err
