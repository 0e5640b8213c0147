"""The database stops in the middle of work and starts again: nothing is lost, nothing half written, people are told."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.bureau.service.serving import PEOPLE, Guest, answers, free_port, gone, wait, within

from bureau.service.cluster import PrivateCluster, programs

REGION = "140932"
ORDER = {"region": REGION, "year": "2024", "cell": "30", "source": "imaginary", "note": "盘点用"}
COMMISSIONS = f"""
from bureau.commissions.models import Commission
told = list(Commission.objects.filter(region_id="{REGION}").order_by("year").values("pk", "year", "status", "told", "message", "log"))
"""
COUNTS = """
from django.db import connection
told = {}
with connection.cursor() as cursor:
    for table, where in (("commissions_commission", "year = 2023"), ("commissions_commissionevent", "year = 2023"),
                         ("procrastinate_jobs", "task_name = 'commissions.run'")):
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {where}")
        told[table] = cursor.fetchone()[0]
"""
PAGES = ("/", "/commissions/", "/commissions/new/", "/map/", "/tasks/", "/targets/", "/publications/", "/alive")


def control(cluster: PrivateCluster, *words: str) -> None:
    """Run ``pg_ctl`` upon a cluster, as the user that it belongs to."""
    as_them = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    command = [*as_them, str(programs() / "pg_ctl"), "-D", str(cluster.data), "-w", *words]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL)


def files_of(folder: Path) -> dict[str, str]:
    """Return the checksum of each file of a region folder; its records hold when and for how long each step was run."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != "records"
    }


def one_commission(home: Path) -> dict[str, Any]:
    """Return the commission that the test ordered."""
    found = within(home, COMMISSIONS)
    assert len(found) == 1, found
    return dict(found[0])


def paused_child(home: Path) -> int:
    """Hold the process that computes as soon as it has begun, so that the run is under way however quick the machine."""
    found: list[int] = []

    def computing() -> bool:
        words = ["pgrep", "-f", f"commissions.child.*{home}"]
        told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        found[:] = [int(word) for word in told.split()]
        return bool(found)

    wait(computing, 300)
    os.kill(found[0], signal.SIGSTOP)
    return found[0]


def post_in_flight(clerk: Guest, cluster: PrivateCluster) -> tuple[threading.Thread, dict[str, Any], Any]:
    """Post an order that writes its row, and then waits in the database for somebody who holds the table of jobs."""
    holder = psycopg.connect(host=str(cluster.socket), user="postgres", dbname="bureau")
    holder.execute("LOCK TABLE procrastinate_jobs IN ACCESS EXCLUSIVE MODE")
    told: dict[str, Any] = {}

    def post() -> None:
        told["status"], told["text"], told["headers"] = clerk.ask("/commissions/new/", ORDER | {"year": "2023"})

    thread = threading.Thread(target=post)
    thread.start()
    with psycopg.connect(host=str(cluster.socket), user="postgres", dbname="bureau", autocommit=True) as other:
        wait(lambda: other.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0] > 0, 120)  # type: ignore[index]
    return thread, told, holder


def everybody_is_told(clerk: Guest) -> None:
    """See that each kind of asker is told in their own form, calmly."""
    for path in PAGES:
        status, text, headers = clerk.ask(path)
        assert status == 503, (path, status)
        assert "服务暂时不可用" in text, path
        assert "Traceback" not in text
        assert "OperationalError" not in text
        assert headers["Retry-After"] == "10"
        assert "no-store" in headers["Cache-Control"]
    status, text, headers = clerk.ask("/commissions/new/", ORDER)
    assert status == 503
    assert "没有保存，填写的内容还在" in text
    assert "盘点用" in text, "what was typed is there, to be posted again"
    for path, accept, form in (
        ("/map/base/7/105/48.mvt", "*/*", "text/plain"), ("/api/v1/regions", "*/*", "application/json"),
        ("/ogc/collections", "*/*", "application/json"), ("/wfs?service=WFS&request=GetCapabilities", "*/*", "text/xml"),
        ("/map/numbers?region=140932", "application/json", "application/json"),
    ):  # fmt: skip
        status, text, headers = clerk.ask(path, accept=accept)
        assert (status, headers["Content-Type"].split(";")[0]) == (503, form), (path, status, text[:200])
        assert headers["Retry-After"] == "10"
        assert "Traceback" not in text
    status, text, _ = clerk.ask("/commissions/1/?part=progress", HX_Request="true")
    assert status == 503
    assert text.startswith("<p")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="as root, PostgreSQL is run by another user through runuser")
def test_a_database_that_stops_and_starts_costs_nothing(home: Path, begin: Any, tmp_path: Path) -> None:
    port, cluster = free_port(), PrivateCluster(home / "cluster")
    begin("serve", "--no-demo", "--port", str(port))
    wait(lambda: answers(port))
    within(home, PEOPLE)
    clerk = Guest(port)
    clerk.sign_in("clerk")
    status, text, _ = clerk.ask("/commissions/new/", ORDER)
    assert status == 200, text[:400]
    child = paused_child(home)
    assert one_commission(home)["status"] == "running"
    folder = home / "commissions" / str(one_commission(home)["pk"])
    before = within(home, COUNTS)
    thread, told, holder = post_in_flight(clerk, cluster)

    control(cluster, "-m", "immediate", "stop")
    holder.close()
    thread.join(timeout=120)
    assert told["status"] == 503, "an order in flight is told"
    everybody_is_told(clerk)
    os.kill(child, signal.SIGCONT)
    wait(lambda: (folder / "region.toml").exists() or gone(child), 300)  # it goes on, and tells so in vain; or ends
    cluster.start()

    wait(lambda: answers(port), 120)
    for _ in range(3):
        assert [clerk.ask(path)[0] for path in PAGES] == [200] * len(PAGES), "no restart of the pages is needed"
    assert within(home, COUNTS) == before, "nothing of the order in flight is written: no row, no event, no job"
    wait(lambda: one_commission(home)["status"] not in ("ordered", "running"), 1200)
    done = one_commission(home)
    assert done["status"] == "finished", done
    assert "数据库没有应答" in done["log"] or "上一次执行中途停了" in done["log"], done
    assert "数据库没有应答" in done["message"] or "上一次执行中途停了" in done["message"]
    it_ended_once(home, done["pk"])
    same_as_undisturbed(home, done["pk"], tmp_path)

    accepted_and_published(home, port, done["pk"])
    a_crash_is_mended(cluster, port)


def it_ended_once(home: Path, pk: int) -> None:
    """See that the record of the commission has one end, and the worker one finished job."""
    told = within(home, f"""
from bureau.commissions.models import Commission
from procrastinate.contrib.django.models import ProcrastinateJob
events = Commission.pgh_event_model.objects.filter(pgh_obj_id={pk}).order_by("pgh_id")
statuses = list(events.values_list("status", flat=True))
told = [[s for k, s in enumerate(statuses) if k == 0 or statuses[k - 1] != s],
        list(ProcrastinateJob.objects.filter(task_name="commissions.run").values_list("status", flat=True))]
""")  # fmt: skip
    assert told[0] == ["ordered", "running", "finished"]
    assert len(told[1]) == 1, "one job, which ends once though it may be looked at twice"


def same_as_undisturbed(home: Path, pk: int, tmp_path: Path) -> None:
    """See that what was computed is, byte by byte, what a run computes that nobody disturbs."""
    order = within(home, f"""
from bureau.commissions.models import Commission
from bureau.commissions.running import order_of
told = order_of(Commission.objects.get(pk={pk}))
""")  # fmt: skip
    other = tmp_path / "undisturbed"
    words = [sys.executable, "-m", "bureau.commissions.child", json.dumps(order | {"folder": str(other)})]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as child:
        assert child.wait(timeout=1200) == 0
    mine, theirs = files_of(Path(order["folder"])), files_of(other)
    assert set(mine) == set(theirs)
    differing = [name for name in mine if mine[name] != theirs[name]]
    assert differing == [], differing


def accepted_and_published(home: Path, port: int, pk: int) -> None:
    """See that the worker goes on: what a second person accepts is published, once."""
    reviewer = Guest(port)
    reviewer.sign_in("reviewer")
    status, _, _ = reviewer.ask(f"/commissions/{pk}/accept/", {"reason": "同意"})
    assert status == 200
    wait(lambda: one_commission(home)["status"] not in ("accepted", "finished"), 600)
    assert one_commission(home)["status"] == "published", one_commission(home)
    assert within(home, "from bureau.publications.models import Publication\ntold = Publication.objects.count()") == 1


def a_crash_is_mended(cluster: PrivateCluster, port: int) -> None:
    """See that a database that is killed is started again by whoever serves."""
    postmaster = int((cluster.data / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    wait(lambda: not answers(port), 120)
    wait(lambda: answers(port), 120)
