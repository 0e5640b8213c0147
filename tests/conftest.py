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


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data that lies beside the project; skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real data are not on this machine")
    return folder
