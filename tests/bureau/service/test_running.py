"""One bureau runs in an installation, whoever starts it, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bureau.service.cluster import PrivateCluster, kept_secret, programs
from bureau.service.running import stop, take_mark, who_runs
from shuibao.messages import ShuibaoError


def test_a_second_one_is_told_of_the_first(tmp_path: Path) -> None:
    with take_mark(tmp_path / "home", port=8001) as mark:
        mark.ready([1, 2])
        assert who_runs(tmp_path / "home") == os.getpid()
        with (
            pytest.raises(ShuibaoError, match=f"进程 {os.getpid()}，http://127.0.0.1:8001/"),
            take_mark(tmp_path / "home", port=8002),
        ):
            pass
    assert who_runs(tmp_path / "home") is None
    with take_mark(tmp_path / "home", port=8002):
        pass


def test_a_mark_that_was_left_behind_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "serving.json").write_text('{"pid": 1, "port": 8001')
    assert who_runs(tmp_path) is None
    assert not stop(tmp_path, patience=1)
    with take_mark(tmp_path, port=8002):
        assert json.loads((tmp_path / "serving.json").read_text())["port"] == 8002


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ShuibaoError, match="写不进安装目录"), take_mark(tmp_path / "file" / "home", port=8001):
        pass
    with pytest.raises(ShuibaoError, match="密钥文件"):
        kept_secret(tmp_path / "file" / "home" / "key")


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    assert kept_secret(tmp_path / "home" / "key") == kept_secret(tmp_path / "home" / "key")
    assert (tmp_path / "home" / "key").stat().st_mode & 0o777 == 0o600


# The whole thing, as somebody starts it


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder for an installation, and leave no cluster behind."""
    try:
        programs()
    except ShuibaoError as missing:
        pytest.skip(str(missing))
    import tempfile

    with tempfile.TemporaryDirectory(prefix="bureau-serve-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "home"
        cluster = PrivateCluster(Path(name) / "home" / "cluster")
        if (cluster.data / "PG_VERSION").exists():
            cluster.stop()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@pytest.fixture
def begin(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return the function that runs ``bureau`` with some words."""
    started: list[subprocess.Popen[str]] = []

    def run(*words: str) -> subprocess.Popen[str]:
        env = os.environ | {
            "BUREAU_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "bureau.settings.desk",
            "SHUIBAO_LANG": "zh",
        }
        child = subprocess.Popen(
            [sys.executable, "-m", "bureau", *words],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(child)
        return child

    yield run
    for child in started:
        if child.poll() is None:
            child.kill()
        child.communicate()


def answers(port: int) -> bool:
    """Return whether pages are answered."""
    try:
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/alive", timeout=2).read() == b"ok")  # noqa: S310
    except OSError:
        return False


def wait(ready: Callable[[], Any], seconds: float = 240) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.2)


def gone(pid: int) -> bool:
    """Return whether a process has ended."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_it_runs_once_survives_kills_and_leaves_nothing_behind(home: Path, begin: Any) -> None:
    port, cluster = free_port(), PrivateCluster(home / "cluster")
    first = begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))

    told, _ = begin("serve", "--no-demo", "--port", str(free_port())).communicate(timeout=60)
    assert "平台已在运行" in told

    children = json.loads((home / "serving.json").read_text())["children"]
    os.kill(children[1], signal.SIGKILL)  # the worker: it is started again
    workers = begin("check", "--format", "json")
    assert "findings" in workers.communicate(timeout=60)[0]

    first.kill()  # nothing could be tidied up
    wait(lambda: all(gone(pid) for pid in children))
    wait(lambda: not answers(port))
    assert cluster.running()

    again = begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=60) == 0
    assert not cluster.running()
    assert not (home / "serving.json").exists()

    taken = socket.create_server(("127.0.0.1", port))
    told, _ = begin("serve", "--no-demo", "--port", str(port)).communicate(timeout=60)
    taken.close()
    assert f"端口 {port} 已被占用" in told

    third = begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    assert "已停止" in begin("stop").communicate(timeout=90)[0]
    third.wait(timeout=30)
    assert not cluster.running()
    assert "没有在运行的平台" in begin("stop").communicate(timeout=60)[0]


@pytest.mark.slow
def test_a_desk_that_rests_can_be_backed_up_and_restored(home: Path, begin: Any, tmp_path: Path) -> None:
    port = free_port()
    begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    begin("stop").communicate(timeout=90)
    target = tmp_path / "desk.bureau"
    told, _ = begin("backup", str(target)).communicate(timeout=60)
    assert "已备份到" in told
    assert "--replace" in begin("restore", str(target)).communicate(timeout=60)[0]
    assert "都相符" in begin("restore", str(target), "--replace").communicate(timeout=60)[0]
    assert not PrivateCluster(home / "cluster").running()
