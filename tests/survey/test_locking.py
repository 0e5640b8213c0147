"""Two runs in one region folder do not disturb each other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shuibao.messages import ShuibaoError
from shuibao.survey.locking import alone, lock_of
from shuibao.survey.region import Region


def region_in(folder: Path) -> Region:
    return Region(folder, "试", "county", ("990001",), 2024, 30.0, ("national",), "", True, "", 2048)


def held(folder: Path) -> bool:
    """Tell whether a run in a folder is refused at this moment."""
    try:
        with alone(region_in(folder)):
            return False
    except ShuibaoError:
        return True


def test_a_second_run_is_refused_while_the_first_is_at_work(tmp_path: Path) -> None:
    with (
        alone(region_in(tmp_path)),
        pytest.raises(ShuibaoError, match="另一个 shuibao run"),
        alone(region_in(tmp_path)),
    ):
        pass


def test_the_folder_is_free_again_when_a_run_ends(tmp_path: Path) -> None:
    for _ in range(2):
        assert not held(tmp_path)
        with alone(region_in(tmp_path)):
            assert held(tmp_path)
    assert not held(tmp_path)


def test_the_folder_is_free_again_when_a_run_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), alone(region_in(tmp_path)):
        raise ZeroDivisionError
    assert not held(tmp_path)


def test_other_folders_are_not_kept_waiting(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    with alone(region_in(one)):
        assert (held(one), held(two)) == (True, False)
        with alone(region_in(two)):
            assert (held(one), held(two)) == (True, True)
        assert (held(one), held(two)) == (True, False)


def test_a_killed_run_leaves_the_folder_free(tmp_path: Path) -> None:
    hold = (
        "import fcntl, os, sys; d = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600); "
        "fcntl.flock(d, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", hold, str(lock_of(tmp_path))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(ShuibaoError, match="请等它结束"), alone(region_in(tmp_path)):
        pass
    other.kill()
    other.communicate()
    assert not held(tmp_path)
