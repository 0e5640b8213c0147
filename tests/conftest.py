"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from tests.trials import trials

os.environ.pop("SHUIBAO_LANG", None)  # messages are Chinese unless a test asks for English
os.environ.setdefault("MPLBACKEND", "Agg")

# The first example may wait for a kernel to compile; the same examples are drawn on every machine.
settings.register_profile("shuibao", deadline=None, derandomize=True, max_examples=trials(100))
settings.load_profile("shuibao")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Let the pages' examples come first, and tests of the bureau beside them.

    The examples compile most kernels; tests of the same kernels on a second worker would compile them once more, while
    most of those of the bureau need none.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    """Return when a test's file has its turn; files keep their order among themselves."""
    if item.path.name == "test_documentation.py":
        return 0
    parts = set(item.path.parts)
    return 1 if "bureau" in parts and not parts & {"delimitation", "commissions", "src"} else 2


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data that lies beside the project; skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data are not on this machine")
    return folder
