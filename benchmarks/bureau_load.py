"""
Fifty people at once before the bureau, with a province's data (平台负载).

    python benchmarks/bureau_load.py [--users 50] [--seconds 300] [--zones 60000] [--patches 40000]
        [--watersheds 10000] [--facts 1000000]

The land of ``bureau_tiles.py`` (模拟数据) is loaded into a private cluster of its own, and gunicorn serves it as ``bureau
serve`` does. Each user is a thread with a session and a connection that stays: six times in ten they move the map (the
numbers of a region, then twelve tiles around a place, of zones, patches and watersheds, at one zoom from 5 to 14), twice
they open a page, twice they ask what is here; between two acts they think for one to five seconds. Times are those that
the user waits, by kind and by zoom; the users run on the same machine, and what they take is not taken off. A bounded
number of requests: it ends by itself.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import bureau_tiles

PORT = 8190
PAGES = ("/", "/map/", "/tasks/", "/targets/", "/publications/", "/commissions/", "/interfaces/")
GOALS = {"tile": 150.0, "page": 400.0, "numbers": 300.0}
"""Milliseconds that ninety-five of a hundred must not exceed."""


class User(threading.Thread):
    """Somebody before a screen."""

    def __init__(self, number: int, session: str, world: dict[str, Any], until: float) -> None:
        super().__init__(daemon=True)
        self.random, self.session, self.world, self.until = random.Random(number), session, world, until
        self.took: dict[str, list[float]] = defaultdict(list)
        self.wrong: list[str] = []
        self.line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)

    def run(self) -> None:
        """Act, think, act again, until the time is over."""
        time.sleep(self.random.uniform(0, 5))
        while time.monotonic() < self.until:
            act = self.random.random()
            if act < 0.6:
                self.move()
            elif act < 0.8:
                self.ask(self.random.choice(PAGES), "page")
            else:
                x, y = self.place()
                self.ask(f"/map/here?lon={x:.5f}&lat={y:.5f}", "here")
            time.sleep(self.random.uniform(1, 5))

    def place(self) -> tuple[float, float]:
        """Return a place on the land."""
        west, south, east, north = self.world["bounds"]
        return self.random.uniform(west, east), self.random.uniform(south, north)

    def move(self) -> None:
        """Look at another part of the map."""
        self.ask(f"/map/numbers?region={self.random.choice(self.world['codes'])}", "numbers")
        z = self.random.randint(5, 14)
        lon, lat = self.place()
        x = int((lon + 180) / 360 * 2**z)
        y = int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * 2**z)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            self.ask(f"/map/{self.world['zones']}/zone/{z}/{x + dx}/{y + dy}.mvt", f"tile z{z}")
            self.ask(f"/map/{self.world['patches']}/patch/{z}/{x + dx}/{y + dy}.mvt", f"tile z{z}")
            self.ask(f"/map/{self.world['survey']}/watershed/{z}/{x + dx}/{y + dy}.mvt", f"tile z{z}")

    def ask(self, address: str, kind: str) -> None:
        """Ask for something, and keep how long it took."""
        began = time.perf_counter()
        for again in (True, False):
            try:
                status = self.answer(address)
            except (OSError, http.client.HTTPException) as failed:
                self.line.close()
                if again and isinstance(failed, (http.client.RemoteDisconnected, BrokenPipeError)):
                    continue  # the connection was too old; browsers ask again too
                self.wrong.append(f"{address}: {type(failed).__name__}")
            else:
                if status not in (200, 204):
                    self.wrong.append(f"{address}: {status}")
            break
        self.took[kind].append((time.perf_counter() - began) * 1000)

    def answer(self, address: str) -> int:
        """Ask once, and return the status."""
        self.line.request("GET", address, headers={"Cookie": f"sessionid={self.session}", "Accept-Encoding": "gzip"})
        answer = self.line.getresponse()
        answer.read()
        return answer.status


def session_of(person: Any) -> str:
    """Return the key of a session in which somebody is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.cookies["sessionid"].value


def served() -> subprocess.Popen[bytes]:
    """Serve the pages as ``bureau serve`` does."""
    from bureau.service.serving import _pages

    child = subprocess.Popen(_pages(PORT), env=os.environ)
    for _ in range(200):
        line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
        try:
            line.request("GET", "/alive")
            if line.getresponse().status == 200:
                return child
        except OSError:
            time.sleep(0.2)
        finally:
            line.close()
    raise SystemExit("the pages do not answer")


def told(users: list[User]) -> dict[str, Any]:
    """Return the middle, the 95th and 99th of a hundred and the longest, ms, by kind."""
    took: dict[str, list[float]] = defaultdict(list)
    for user in users:
        for kind, found in user.took.items():
            took[kind] += found
    rows = {
        kind: {"requests": len(found), **{f"p{q}": round(float(np.percentile(found, q)), 1) for q in (50, 95, 99, 100)}}
        for kind, found in took.items()
    }
    wrong = [line for user in users for line in user.wrong]
    order = sorted(rows, key=lambda kind: (kind.split()[0], int(kind.split("z")[1]) if " z" in kind else 0))
    return {"requests": sum(map(len, took.values())), "errors": len(wrong), "first_errors": wrong[:5],
            "kinds": {kind: rows[kind] for kind in order}}  # fmt: skip


def main() -> None:
    """Load, serve, let the users come, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = (
        ("users", 50), ("seconds", 300), ("zones", 60_000), ("patches", 40_000), ("watersheds", 10_000), ("facts", 1_000_000),
    )  # fmt: skip
    for name, number in numbers:
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as fresh:
        Path(fresh).chmod(0o711)  # the database runs as somebody else where root starts it
        bureau_tiles.start(Path(fresh))
        from django.core.management import call_command

        from bureau.service.cluster import PrivateCluster

        try:
            survey, drawn, marked, person, _ = bureau_tiles.load(given)
            call_command("collectstatic", verbosity=0, interactive=False)
            found = loaded(given, survey, drawn, marked, person)
        finally:
            PrivateCluster(Path(fresh) / "cluster").stop()
    if given.json:
        print(json.dumps(found, indent=1))
        return
    print(
        f"{given.users} users, {given.seconds} s: {found['requests']} requests, {found['errors']} errors",
        found["first_errors"],
    )
    for kind, row in found["kinds"].items():
        goal = GOALS.get(kind.split()[0])
        print(f"{kind:<10} {row}", "" if goal is None else ("ok" if row["p95"] < goal else f"above {goal:.0f} ms"))


def loaded(given: argparse.Namespace, survey: Any, drawn: Any, marked: Any, person: Any) -> dict[str, Any]:
    """Let the users come, and return how long they waited."""
    from bureau.regions.models import Region

    world = {
        "bounds": Region.objects.get(pk=bureau_tiles.PROVINCE).border.extent, "survey": survey.pk, "zones": drawn.pk,
        "patches": marked.pk,
        "codes": list(Region.objects.filter(code__startswith="14").values_list("code", flat=True)),
    }  # fmt: skip
    sessions = [session_of(person) for _ in range(given.users)]
    pages = served()
    try:
        until = time.monotonic() + given.seconds
        users = [User(k, session, world, until) for k, session in enumerate(sessions)]
        for user in users:
            user.start()
        for user in users:
            user.join()
        return told(users)
    finally:
        pages.terminate()
        pages.wait()


if __name__ == "__main__":
    main()
