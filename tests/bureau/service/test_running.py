"""One bureau runs in an installation, whoever starts it, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from tests.bureau.service.serving import answers, free_port, gone, wait

from bureau.service import serving
from bureau.service.cluster import PrivateCluster, kept_secret
from bureau.service.running import stop, take_mark, who_runs
from shuibao.messages import ShuibaoError

PATIENCE = 300
"""Seconds after which something hangs, however much else the machine does."""


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


def test_of_processes_that_make_a_key_at_once_all_get_the_same(tmp_path: Path) -> None:
    together = Barrier(4)

    def make(path: Path) -> str:
        together.wait()
        return kept_secret(path)

    with ThreadPoolExecutor(4) as pool:
        for at in range(50):
            folder = tmp_path / str(at)
            made = set(pool.map(make, [folder / "key"] * 4))
            assert [len(key) for key in made] == [64]
            assert [path.name for path in folder.iterdir()] == ["key"], "nothing half remains"


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("words, port", [([], "bureau serve"), (["PORT=8010"], "bureau serve --port 8010")])
def test_make_serve_takes_a_port(words: list[str], port: str) -> None:
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    told = subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "--dry-run", *words, "serve"], cwd=Path(__file__).parents[3], env=outside, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    assert told.stdout.splitlines()[-1].endswith(port)


def test_without_the_scripts_of_the_pages_nothing_is_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.HOME = tmp_path / "home"
    monkeypatch.setattr(serving, "FRONT_END", tmp_path / "dist" / "pages-page.js")
    with pytest.raises(ShuibaoError, match=r"make serve"):
        serving.serve(port=free_port(), demo=False)
    assert not (tmp_path / "home").exists()


# The whole thing, as somebody starts it


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
def test_it_runs_once_survives_kills_and_leaves_nothing_behind(home: Path, begin: Any) -> None:
    port, cluster = free_port(), PrivateCluster(home / "cluster")
    first = begin("serve", "--no-demo", "--port", str(port))
    next(line for line in first.stdout if f"http://127.0.0.1:{port}/" in line)
    assert answers(port), "what is said to be ready can be opened"

    told, _ = begin("serve", "--no-demo", "--port", str(free_port())).communicate(timeout=PATIENCE)
    assert "平台已在运行" in told

    children = json.loads((home / "serving.json").read_text())["children"]
    os.kill(children[1], signal.SIGKILL)  # the worker: it is started again
    workers = begin("check", "--format", "json")
    assert "findings" in workers.communicate(timeout=PATIENCE)[0]

    first.kill()  # nothing could be tidied up
    wait(lambda: all(gone(pid) for pid in children))
    wait(lambda: not answers(port))
    assert cluster.running()

    again = begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    again.send_signal(signal.SIGTERM)
    assert again.wait(timeout=PATIENCE) == 0
    assert not cluster.running()
    assert not (home / "serving.json").exists()

    taken = socket.create_server(("127.0.0.1", port))
    told, _ = begin("serve", "--no-demo", "--port", str(port)).communicate(timeout=PATIENCE)
    taken.close()
    assert f"端口 {port} 已被占用" in told

    third = begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    assert "已停止" in begin("stop").communicate(timeout=PATIENCE)[0]
    third.wait(timeout=PATIENCE)
    assert not cluster.running()
    assert "没有在运行的平台" in begin("stop").communicate(timeout=PATIENCE)[0]


@pytest.mark.slow
def test_a_desk_that_rests_can_be_backed_up_and_restored(home: Path, begin: Any, tmp_path: Path) -> None:
    port = free_port()
    begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    begin("stop").communicate(timeout=PATIENCE)
    target = tmp_path / "desk.bureau"
    told, _ = begin("backup", str(target)).communicate(timeout=PATIENCE)
    assert "已备份到" in told
    assert "--replace" in begin("restore", str(target)).communicate(timeout=PATIENCE)[0]
    assert "都相符" in begin("restore", str(target), "--replace").communicate(timeout=PATIENCE)[0]
    assert not PrivateCluster(home / "cluster").running()
