"""What all tests share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from tests.trials import trials

os.environ.pop("SHUIBAO_LANG", None)  # messages are Chinese unless a test asks for English
os.environ.setdefault("MPLBACKEND", "Agg")

# The first example may wait for a kernel to compile; the same examples are drawn on every machine.
settings.register_profile("shuibao", deadline=None, derandomize=True, max_examples=trials(100))
settings.load_profile("shuibao")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Spare the garbage collector what is collected: it lives until the end, and would be looked through again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


LAST = ("office", "pages", "service", "targets", "tasks", "trail", "test_access_matrix.py", "test_scope.py")
"""What of the bureau needs no kernel."""
COMMITS = {"transactional_db", "live_server"}
"""Fixtures of tests that commit: they leave an empty database behind them, and so come after all others."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Let what compiles most kernels come first, what needs none late, and what commits last.

    Of several workers one begins at the front and the others at the back: a kernel that is wanted in many files is
    compiled by the first, and the others find it made when they come to it.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return when a test's file has its turn; files keep their order among themselves."""
    parts = item.path.parts
    if COMMITS & {*getattr(item, "fixturenames", ())}:
        return 5
    if item.path.name == "test_documentation.py":
        return 0
    if "src" in parts or {"project", "rules"} & {*parts}:
        return 3
    if "bureau" in parts:
        return 4 if {*parts} & {*LAST} else 2
    return 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let the first worker take files from the front, and the others from the back."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler.loadfile import LoadFileScheduling

    class FromBothEnds(LoadFileScheduling):
        def _assign_work_unit(self, node: Any) -> None:
            if node is not self.nodes[0]:
                self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
            super()._assign_work_unit(node)

    return FromBothEnds(config, log)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data that lies beside the project; skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data are not on this machine")
    return folder
