"""A whole installation, as somebody starts it: ``bureau serve`` in a folder of its own, and who visits it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bureau.service.cluster import PrivateCluster, programs
from shuibao.messages import ShuibaoError

PASSWORD = "Good-enough-1"


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder for an installation, and leave no cluster behind."""
    try:
        programs()
    except ShuibaoError as missing:
        pytest.skip(str(missing))
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
        return bool(urllib.request.urlopen(f"http://127.0.0.1:{port}/alive", timeout=10).read() == b"ok")  # noqa: S310
    except (OSError, HTTPException):  # nobody there, or somebody who ends in the middle of the answer
        return False


def wait(ready: Callable[[], Any], seconds: float = 900) -> None:
    """Wait until something is so."""
    until = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.2)


def gone(pid: int) -> bool:
    """Return whether a process has ended."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def within(home: Path, code: str) -> Any:
    """Run some lines within an installation, and return what they put into ``told``."""
    env = os.environ | {"BUREAU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bureau.settings.desk"}
    words = f"import django, json\ndjango.setup()\ntold = None\n{code}\nprint(json.dumps(told, default=str))"
    done = subprocess.run([sys.executable, "-c", words], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


PEOPLE = f"""
from datetime import date
from bureau.office.models import Appointment, Organisation, Person
from bureau.regions.loading import load_regions
from bureau.regions.models import Region
if not Region.objects.filter(code="140932").exists():
    load_regions(["140000"])
home, _ = Organisation.objects.get_or_create(region_id="140900", name="忻州市水利局")
for name, duty in (("clerk", "clerk"), ("reviewer", "review")):
    who = Person.objects.make(username=name, name=name, organisation=home, password="{PASSWORD}")
    Appointment.objects.create(person=who, duty=duty, since=date(2020, 1, 1))
"""


class Guest:
    """Somebody who asks for pages, with a session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def ask(
        self, path: str, given: dict[str, Any] | bytes | None = None, *, accept: str = "text/html,*/*", **headers: str
    ) -> tuple[int, str, Any]:
        """Return status, text and headers of an answer; a dictionary is posted as a form."""
        body = urlencode(given | {"csrfmiddlewaretoken": self.token}).encode() if isinstance(given, dict) else given
        words = {"Accept": accept, **{name.replace("_", "-"): value for name, value in headers.items()}}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=words)  # noqa: S310
        try:
            with self.opener.open(request, timeout=180) as answer:
                return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode("utf-8", "replace"), refused.headers

    @property
    def token(self) -> str:
        """Return Django's token against forged requests."""
        return next((str(cookie.value) for cookie in self.cookies if cookie.name == "csrftoken"), "")

    def sign_in(self, username: str) -> None:
        """Sign in."""
        status, text, _ = self.ask("/account/login/")
        assert status == 200
        assert re.search("csrfmiddlewaretoken", text)
        status, text, _ = self.ask("/account/login/", {"login": username, "password": PASSWORD})
        assert status == 200
        assert "退出" in text, text[:500]
