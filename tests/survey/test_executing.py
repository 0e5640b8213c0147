"""Who computes the tiles: threads, or workers of a real dask scheduler that share the folder alone (执行)."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.survey.cluster import Cluster, cluster, environment, free_port
from tests.survey.twin_counties import digests, twin_region

from shuibao.ground.reading import opened
from shuibao.messages import CallError, ShuibaoError
from shuibao.survey import Region, executing, run_region
from shuibao.survey.executing import Errand, Threads, crew, on_worker

SLOW = """
import time
from shuibao.survey import tile

def slowly(*arguments, measure=getattr(tile, "measure_quickly", tile.measure_tile)):
    time.sleep(0.5)
    return measure(*arguments)

tile.measure_quickly = slowly.__kwdefaults__["measure"]
tile.measure_tile = slowly
"""
"""A worker that takes its time over each tile."""

MORTAL = """
import os, signal
from shuibao.survey import tile

def die(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

tile.measure_tile = die
"""
"""A worker that is killed in the middle of its first tile."""

OLD = "import shuibao.survey.executing as here\nhere.__version__ = '0.0.1'\n"
"""A worker with another version."""


@contextmanager
def started_run(region: Region, address: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start `shuibao run` as users do; it is ended when the block is left."""
    words = ["run", str(region.folder), "--no-check", "--scheduler", address]
    command = [sys.executable, "-c", "from shuibao.cli import main; main()", *words]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment()) as running:
        try:
            yield running
        finally:
            running.kill()


def ended(running: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Return the exit status of a run, and what it said."""
    _, said = running.communicate(timeout=60)
    return running.returncode, said.decode()


def run(region: Region, address: str) -> tuple[int, str]:
    """Run a region on a cluster and return the exit status and what was said."""
    with started_run(region, address) as running:
        return ended(running)


def wait_for_a_tile(region: Region, running: subprocess.Popen[bytes]) -> None:
    """Wait until a tile is done."""
    until = time.monotonic() + 60
    while not list(region.products.glob(".land-*/*_counts.npz")):
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("dask") / "cluster") as started:
        yield started


def double(number: int) -> int:
    return 2 * number


def refuse(number: int) -> int:
    if number == 3:
        raise ShuibaoError("第三幅有误", "the third is wrong")
    return number


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_threads_do_each_item_once(jobs: int) -> None:
    items = list(range(100))
    assert sorted(Threads(jobs).each_done(double, items)) == [(k, 2 * k) for k in items]


def test_threads_hold_few_items_at_a_time() -> None:
    started: list[int] = []
    work = Threads(1).each_done(started.append, range(100))
    next(work)
    assert len(started) <= 2 + executing.AHEAD
    work.close()
    assert len(started) < 100


def test_the_first_error_ends_the_threads() -> None:
    with pytest.raises(ShuibaoError, match="第三幅有误"):
        list(Threads(2).each_done(refuse, range(100)))


@pytest.mark.parametrize("jobs", [0, -1])
def test_no_threads_are_refused(jobs: int) -> None:
    with pytest.raises(CallError, match="--jobs 应不小于 1"), crew(jobs, None):
        pass


@pytest.mark.parametrize("kind", [ShuibaoError, CallError])
def test_a_refusal_keeps_both_languages_on_its_way_between_processes(
    kind: type[ShuibaoError], monkeypatch: pytest.MonkeyPatch
) -> None:
    error = pickle.loads(pickle.dumps(kind("坡度为负", "slope is negative")))  # noqa: S301 - our own
    assert type(error) is kind
    assert (str(error), error.zh, error.en) == ("坡度为负", "坡度为负", "slope is negative")
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert str(error) == "slope is negative"


def test_a_worker_hands_back_what_is_wrong_with_the_data_and_does_not_try_again() -> None:
    errand = Errand(refuse, executing.__version__, "run")
    assert on_worker(4, errand) == 4
    assert on_worker(3, errand).en == "the third is wrong"


def test_a_worker_of_another_version_refuses() -> None:
    assert "0.0.1" in on_worker(4, Errand(refuse, "0.0.1", "run")).zh


def test_a_worker_closes_the_files_of_earlier_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[int] = []
    monkeypatch.setattr(executing, "close_files", lambda: closed.append(1))
    for name in ("first", "first", "second"):
        on_worker(4, Errand(refuse, executing.__version__, name))
    assert len(closed) == 2


def test_a_scheduler_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executing, "CONNECT", 0.5)
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(ShuibaoError, match=f"连不上调度器 {address}"), crew(None, address):
        pass


@pytest.mark.slow
def test_two_workers_write_the_bytes_that_threads_write(
    tmp_path: Path, twin_inputs: Path, finished: Region, two_workers: Cluster
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    status, said = run(region, two_workers.address)
    assert status == 0, said + two_workers.log()
    assert digests(region.products) == digests(finished.products)


@pytest.mark.slow
def test_workers_read_inputs_that_were_replaced_since_their_last_run(
    tmp_path: Path, twin_inputs: Path, finished: Region, two_workers: Cluster
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    dem = region.folder / "inputs" / "dem.tif"
    dem.unlink()
    dem.symlink_to(twin_inputs / "measures.tif")  # flat ground
    status, said = run(region, two_workers.address)
    assert status == 0, said
    assert digests(region.products) != digests(finished.products)
    dem.unlink()
    dem.symlink_to(twin_inputs / "dem.tif")
    status, said = run(region, two_workers.address)
    assert status == 0, said
    assert digests(region.products) == digests(finished.products)


@pytest.mark.slow
def test_an_error_in_a_worker_arrives_in_its_own_words(
    tmp_path: Path, twin_inputs: Path, two_workers: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    with crew(None, two_workers.address) as workers, pytest.raises(ShuibaoError) as caught:
        list(workers.each_done(opened, [str(tmp_path / "none.tif")]))
    assert str(caught.value).startswith(f"file not found: {tmp_path / 'none.tif'}")


@pytest.mark.slow
def test_a_killed_worker_costs_only_time(tmp_path: Path, twin_inputs: Path, finished: Region) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    with cluster(tmp_path / "cluster", [SLOW, SLOW]) as started, started_run(region, started.address) as running:
        wait_for_a_tile(region, running)
        started.workers[0].kill()
        status, said = ended(running)
        assert status == 0, said + started.log()
        assert started.workers[0].poll() is not None
        assert started.workers[1].poll() is None
    assert digests(region.products) == digests(finished.products)


@pytest.mark.slow
def test_a_lost_scheduler_is_said_and_the_next_run_goes_on(tmp_path: Path, twin_inputs: Path, finished: Region) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    with cluster(tmp_path / "cluster", [SLOW]) as started, started_run(region, started.address) as running:
        wait_for_a_tile(region, running)
        started.scheduler.kill()
        status, said = ended(running)
    assert status == 1
    assert "再运行会从断点继续" in said
    assert list(region.products.glob(".land-*/*_counts.npz"))
    run_region(region, jobs=1)
    assert digests(region.products) == digests(finished.products)


@pytest.mark.slow
def test_tiles_that_end_worker_after_worker_are_said(
    tmp_path: Path, twin_inputs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with cluster(tmp_path / "cluster", [MORTAL]) as started:
        status, said = run(region, started.address)
    assert status == 1
    assert "多次使工作进程中断" in said


@pytest.mark.slow
def test_a_cluster_of_another_version_is_refused(tmp_path: Path, twin_inputs: Path) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    with cluster(tmp_path / "cluster", [OLD]) as started:
        status, said = run(region, started.address)
    assert status == 1
    assert "0.0.1" in said


@pytest.mark.slow
def test_a_scheduler_without_workers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executing, "PATIENCE", 0.5)
    with (
        cluster(tmp_path / "cluster", []) as started,
        crew(None, started.address) as workers,
        pytest.raises(ShuibaoError, match=f"请在各机运行 dask worker {started.address}"),
    ):
        list(workers.each_done(double, [1]))


@pytest.mark.slow
def test_workers_that_share_no_folder_are_said(two_workers: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    with crew(None, two_workers.address) as workers:
        workers.client.wait_for_workers(2, timeout=30)
        monkeypatch.setattr(executing, "PATIENCE", 0.5)
        with pytest.raises(ShuibaoError, match="须在同一路径下共用区域文件夹"):
            list(workers.each_done(Path, ["/nowhere/counts.npz"]))
