"""The benchmark of asking zones runs, small, and its areas are those without the tree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "zones_at.py"


@pytest.mark.slow
def test_the_benchmark_runs_and_its_areas_are_right() -> None:
    words = [sys.executable, str(SCRIPT), "--projects", "40", "--zones", "600", "--json"]
    found = json.loads(subprocess.run(words, capture_output=True, check=True, text=True, timeout=300).stdout)
    assert found["projects"] == 40
    assert found["zones"] > 500
    assert found["pairs"] >= 40
    assert found["rows"] == found["pairs"] + 40
    assert found["greatest_difference_m2"] < 1e-3
    assert set(found["seconds"]) == {"open", "read", "ask", "rows", "csv", "csv_cpu", "xlsx", "xlsx_cpu"}
