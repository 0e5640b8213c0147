"""A demonstration never takes another's folder (演示不占用别人的文件夹)."""

from __future__ import annotations

from pathlib import Path

import pytest

from shuibao.cli import run


def test_a_demonstration_does_not_write_over_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = tmp_path / "mine" / "inputs" / "dem.tif"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    assert run(["demo", str(tmp_path / "mine"), "--land", "jacksboro"]) == 2
    assert mine.read_text() == "mine"
    assert "dem.tif" in capsys.readouterr().err


def test_another_region_is_not_called_the_demonstration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "140932", str(tmp_path / "own"), "--year", "2024"]) == 0
    assert run(["demo", str(tmp_path / "own"), "--land", "jacksboro"]) == 2
    assert "偏关县" in capsys.readouterr().err
    assert run(["demo", str(tmp_path / "own"), "--land", "140932"]) == 2  # the same county, but not made up
    assert "换一个文件夹" in capsys.readouterr().err


def test_a_file_where_a_folder_should_be_is_named_without_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert run(["new", "140932", str(tmp_path / "taken" / "sub"), "--year", "2024"]) == 1
    shown = capsys.readouterr().err
    assert "taken" in shown
    assert "程序内部出错" not in shown


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    shown = capsys.readouterr()
    assert "Usage" in shown.out
    assert "错误" not in shown.out + shown.err
