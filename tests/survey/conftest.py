"""What the tests of whole surveys share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.survey.twin_counties import twin_region, write_inputs

from shuibao.survey import Region, run_region


@pytest.fixture(scope="session")
def twin_inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the twin counties' inputs; never to be changed."""
    folder = tmp_path_factory.mktemp("twin") / "inputs"
    write_inputs(folder)
    return folder


@pytest.fixture(scope="session")
def finished(twin_inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Region:
    """Return the twin counties, run in tiles of 512 by one thread; never to be changed."""
    region = twin_region(tmp_path_factory.mktemp("finished") / "twin", twin_inputs)
    run_region(region, jobs=1)
    return region
