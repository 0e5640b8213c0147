"""What the tests of the command line share."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.survey.small_region import small_region

from shuibao.cli import run


@dataclass(frozen=True)
class Answer:
    """What a call of the command line came to."""

    status: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out)))


Call = Callable[..., Answer]


@pytest.fixture
def shuibao(capfd: pytest.CaptureFixture[str]) -> Call:
    """Call the command line with some words."""

    def call(*words: object) -> Answer:
        capfd.readouterr()
        status = run([str(word) for word in words])
        said = capfd.readouterr()
        assert "Traceback" not in said.out + said.err
        return Answer(status, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small region that was run; never to be changed."""
    folder = small_region(tmp_path_factory.mktemp("cli") / "small", region={"targets": ""})
    assert run(["run", str(folder), "--jobs", "1"]) == 0
    return folder


@pytest.fixture
def region(tmp_path: Path, done: Path) -> Path:
    """Return a copy of the small region that was run, which may be changed."""
    return Path(shutil.copytree(done, tmp_path / "region"))
