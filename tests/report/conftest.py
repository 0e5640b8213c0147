"""A small region that has been run, with steep slopes and targets, for the tests of its report."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.survey.small_region import CODES, NAMES, elevation, input_grid, small_region, write_tif

from shuibao.report import make_report
from shuibao.report.bulletin import Bulletin, gather
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

NOTE = "<script>alert('注')</script> & 说明"
FORMULA = "=1+1县"

TARGETS = f"""
[pack]
id = "twins"
title = "两县目标"
title_en = "Targets of two counties"
kind = "targets"
[source]
title = "两县实施方案"
title_en = "Plan of two counties"
number = "试〔2024〕1号"
read = true
[targets]
name = "模拟区"
name_en = "Trial"
level = "city"
code = "990000"
unit = "percent"
status = "verified"
basis = "read"
confidence = "H"
clause = "附件"
total = {{ 2025 = 40.0 }}
counties = [
  {{ code = "{CODES[0]}", name = "{NAMES[0]}", name_en = "West", 2025 = 1.0 }},
  {{ code = "{CODES[1]}", name = "{NAMES[1]}", name_en = "East", 2025 = 99.5 }},
]
"""


def steep_region(folder: Path) -> Region:
    """Make a region of high relief and much grass; one of its counties has a name like a formula."""
    small_region(folder, region={"note": NOTE, "targets": "inputs/targets.toml"})
    grid = input_grid()
    write_tif(folder / "inputs" / "dem.tif", elevation(grid) * np.float32(1.9), grid)
    rows, cols = np.meshgrid(np.arange(grid.rows) + grid.row, np.arange(grid.cols) + grid.col, indexing="ij")
    kinds = np.array([9, 6, 3, 9], dtype=np.uint8)
    write_tif(folder / "inputs" / "landuse.tif", kinds[(rows // 25 + cols // 30) % kinds.size], grid, nodata=0)
    borders = folder / "inputs" / "borders.geojson"
    borders.write_text(borders.read_text(encoding="utf-8").replace(NAMES[1], FORMULA), encoding="utf-8")
    (folder / "inputs" / "targets.toml").write_text(TARGETS, encoding="utf-8")
    return load_region(folder)


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return the region, run; never to be changed."""
    region = steep_region(tmp_path_factory.mktemp("report") / "region")
    run_region(region, jobs=1)
    return region


@pytest.fixture(scope="session")
def bulletin(finished: Region) -> Bulletin:
    """Return all that its report is made from."""
    return gather(finished)


@pytest.fixture(scope="session")
def report(finished: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of its report."""
    return make_report(finished, out=tmp_path_factory.mktemp("made")).parent


@pytest.fixture(scope="session")
def page(report: Path) -> str:
    """Return its page."""
    return (report / "index.html").read_text(encoding="utf-8")


@pytest.fixture
def copied(finished: Region, tmp_path: Path) -> Region:
    """Return a copy of the region that may be changed."""
    shutil.copytree(finished.folder, tmp_path / "copy")
    return load_region(tmp_path / "copy")
