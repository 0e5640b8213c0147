"""A command that is killed at any moment and given again leaves what one leaves that was never killed."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.delimitation.zone_folder import ACT, RULES, THEME, drawn_folder, edit, journal, some_zones
from tests.survey.small_region import small_region

from shuibao.delimitation.draft.drawing import draw_zones, drawn_path
from shuibao.delimitation.folder import theme_folder
from shuibao.delimitation.life.advancing import advance
from shuibao.delimitation.life.answering import answer, take_in
from shuibao.delimitation.life.editing import Wishes
from shuibao.delimitation.life.edits import Act, record_edit
from shuibao.delimitation.life.journal import append
from shuibao.delimitation.life.stages import stage_named
from shuibao.delimitation.life.verifying import verify
from shuibao.delimitation.locking import locked_zones
from shuibao.messages import ShuibaoError
from shuibao.survey.region import load_region

TOUCHING = ("os.rename", "os.remove", "os.mkdir", "open")


def killed(act: Callable[[], object], folder: Path, moment: int) -> bool:
    """Do something in a process of its own, which is killed when it touches the folder for a certain time."""
    process = os.fork()
    if not process:
        touched = 0

        def hook(event: str, what: tuple[object, ...]) -> None:
            nonlocal touched
            if (
                event not in TOUCHING
                or not str(what[0]).startswith(str(folder))
                or (event == "open" and what[1] == "r")
            ):
                return
            touched += 1
            if touched == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            act()
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def held(folder: Path) -> dict[str, bytes]:
    """Return all files of a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def told(folder: Path, photo: Path) -> None:
    record_edit(folder, THEME, Wishes(remove=("A2",)), Act("张三", "2024-07-01", "为梯田", (photo,)), RULES)


def moved(folder: Path, photo: Path) -> None:
    advance(folder, THEME, stage_named("field_review", RULES), Act("张三", "2024-07-02", "", (photo,)), RULES)


def said(folder: Path, photo: Path) -> None:
    comments = photo.with_name("comments.csv")
    comments.write_text("单位,意见内容,图斑编号\n甲县,太大,A1\n", encoding="utf-8")
    take_in(folder, THEME, comments, ACT, RULES)


def answered(folder: Path, photo: Path) -> None:
    answer(folder, THEME, 1, "reject", Act("张三", "2024-07-03", "维持", (photo,)), RULES)


@pytest.mark.parametrize(
    "before, act, step",
    [
        ([], told, 5),
        ([said], answered, 3),
        *(pytest.param(before, act, 1, marks=pytest.mark.slow)
          for before, act in (([], told), ([told], moved), ([], said), ([said], answered))),
    ],
)  # fmt: skip
def test_an_act_killed_at_any_moment_is_done_once_when_it_is_given_again(tmp_path: Path, before, act, step) -> None:
    photo = tmp_path / "复核.jpg"
    photo.write_bytes(b"photo")
    start, whole, folder = (tmp_path / name for name in ("start", "whole", "folder"))
    drawn_folder(start)
    for earlier in before:
        earlier(start, photo)
    shutil.copytree(start, whole)
    act(whole, photo)
    moment = 1 - step
    while True:
        moment += step
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(start, folder)
        if not killed(lambda: act(folder, photo), folder, moment):
            break
        done = len(journal(folder)) == len(journal(whole))
        with suppress(ShuibaoError):  # it is done already
            act(folder, photo)
            done = True
        assert done
        assert {n for n in held(folder) if ".tmp" not in n} == set(held(whole)), moment
        assert all(content == held(folder)[name] for name, content in held(whole).items()), moment
        assert not verify(folder, THEME).findings
    assert moment > 8


def test_what_was_recorded_before_a_command_was_killed_is_said_when_it_is_given_again(tmp_path: Path) -> None:
    folder = drawn_folder(tmp_path)
    edit(folder, remove=("A2",))
    zones = theme_folder(folder, THEME)
    (zones / "current.parquet").unlink()
    with pytest.raises(ShuibaoError, match="没有编号为 A2.*\n.*第 1 次修改已经记录，现已补全"):
        edit(folder, remove=("A2",))
    with pytest.raises(ShuibaoError, match="没有编号为 A2(?!.*\n.*现已补全)"):
        edit(folder, remove=("A2",))
    assert (zones / "current.parquet").exists()


def test_a_record_is_not_written_over_that_another_machine_has_added(tmp_path: Path) -> None:
    folder = drawn_folder(tmp_path)
    edit(folder, remove=("A1",))
    zones = theme_folder(folder, THEME)
    known = journal(folder)
    edit(folder, remove=("A2",))
    before = held(zones)
    for kind in ("edit", "answer"):
        with pytest.raises(ShuibaoError, match="另一台机器修改；本次没有记录"):
            append(zones, kind, {"who": "李四"}, records=known)
    assert held(zones) == before


def test_zones_are_not_drawn_while_another_command_changes_them(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("shuibao.delimitation.draft.drawing.drawer", lambda theme: lambda region, rules: some_zones())
    region = load_region(small_region(tmp_path))
    with locked_zones(region.folder, THEME), pytest.raises(ShuibaoError, match="另一个 shuibao zones 命令"):
        draw_zones(region, [THEME])
    assert not drawn_path(region, THEME).exists()
    draw_zones(region, [THEME])
    assert drawn_path(region, THEME).exists()
