"""Nothing is lost: a full disk and a killed run leave whole files only, and the next run goes on from them."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import shapely
from tests.survey.small_region import corner_grid, elevation, input_grid, small_region, write_tif

from shuibao.ground.grid import Grid, national_crs
from shuibao.ground.vectors import write_geopackage, write_geoparquet
from shuibao.ground.writing import new_raster, write_bands, write_raster
from shuibao.messages import ShuibaoError
from shuibao.survey import load_region, run_region

LAND = Grid(30.0, -1000, 100, 512, 512)
NOISE = np.random.default_rng(5).random((3, 512, 512)).astype(np.float32)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file grow beyond a size in the block, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def products(folder: Path) -> dict[str, bytes]:
    """Return the bytes of the products that have their final name."""
    found = sorted(path for path in (folder / "products").iterdir() if path.is_file() and path.name[0] != ".")
    return {path.name: path.read_bytes() for path in found}


def bands(path: Path) -> None:
    write_bands(path, NOISE, LAND, descriptions=["a", "b", "c"])


def piecewise(path: Path) -> None:
    profile = {"driver": "GTiff", "dtype": "float32", "count": 3, "height": 512, "width": 512, "tiled": True}
    with new_raster(path, profile | {"crs": LAND.crs.to_wkt(), "transform": LAND.transform}) as dataset:
        dataset.write(NOISE)


def raster(path: Path) -> None:
    write_raster(path, NOISE[0], LAND)


def shapes() -> tuple[dict[str, list[int]], np.ndarray]:
    circles = [shapely.Point(x, x).buffer(1, 64) for x in range(500)]
    return {"number": list(range(500))}, np.array(circles, dtype=object)


def package(path: Path) -> None:
    write_geopackage(path, {"circles": shapes()}, national_crs())


def parquet(path: Path) -> None:
    write_geoparquet(path, *shapes(), national_crs())


@pytest.mark.parametrize("size", [300, 20_000, 100_000])
@pytest.mark.parametrize("write", [bands, piecewise, raster, package, parquet])
def test_on_a_full_disk_no_file_is_half_written_and_the_earlier_one_stays(
    tmp_path: Path, write: Callable[[Path], None], size: int
) -> None:
    path = tmp_path / "product.gpkg"
    path.write_bytes(b"earlier")
    with files_up_to(size), pytest.raises(ShuibaoError) as refused:
        write(path)
    assert "磁盘已满" in refused.value.zh
    assert "disk is full" in refused.value.en
    assert [p.name for p in tmp_path.iterdir()] == ["product.gpkg"]
    assert path.read_bytes() == b"earlier"


def test_a_run_on_a_full_disk_leaves_the_earlier_products_and_goes_on_later(tmp_path: Path) -> None:
    folder = small_region(tmp_path / "region")
    run_region(load_region(folder), jobs=1)
    before = products(folder)
    higher = input_grid()
    write_tif(folder / "inputs/dem.tif", elevation(higher) * np.float32(1.1), higher)
    with files_up_to(20_000), pytest.raises(ShuibaoError, match="磁盘已满"):
        run_region(load_region(folder), jobs=1)
    assert products(folder) == before
    done = run_region(load_region(folder), jobs=1)
    assert {d.step: d.skipped for d in done} == {
        "boundaries": True, "rain": True, "soil": True, "cover": True, "water": False, "land": False,
    }  # fmt: skip
    fresh = small_region(tmp_path / "fresh")
    write_tif(fresh / "inputs/dem.tif", elevation(higher) * np.float32(1.1), higher)
    run_region(load_region(fresh), jobs=1)
    assert products(folder) == products(fresh) != before


KILLED = """
import importlib, os, signal, sys
from pathlib import Path
from shuibao.survey import load_region, run_region

module = importlib.import_module("shuibao.{module}")

calls, original = [], module.{name}

def killing(*given, **named):
    calls.append(1)
    if len(calls) == {call}:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(*given, **named)

module.{name} = killing
run_region(load_region(Path(sys.argv[1])), jobs=1)
"""


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the products of a region over four tiles that was run in one go."""
    folder = small_region(tmp_path_factory.mktemp("whole") / "region", grid=corner_grid())
    run_region(load_region(folder), jobs=1)
    return products(folder)


@pytest.mark.slow  # test_resuming.py kills one among the quick tests
@pytest.mark.parametrize(
    "module, name, call, tiles",
    [
        ("survey.tile", "measure_tile", 3, 2),
        ("survey.tile", "write_part", 7, 1),
        ("ground.cog", "_copy_blocks", 6, 4),
        ("survey.run", "gather_counts", 1, 4),
    ],
    ids=["in the third tile", "between the parts of a tile", "in the second product of the land", "after the products"],
)
def test_a_killed_run_goes_on_to_the_same_bytes(
    tmp_path: Path, uninterrupted: dict[str, bytes], module: str, name: str, call: int, tiles: int
) -> None:
    folder = small_region(tmp_path / "region", grid=corner_grid())
    script = KILLED.format(module=module, name=name, call=call)
    killed = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    for file, content in products(folder).items():
        assert content == uninterrupted[file], f"{file} has its name but is not whole"
    assert len(list(folder.glob("products/.land-*/*_counts.npz"))) == tiles
    told: list[int] = []
    run_region(load_region(folder), jobs=1, progress=lambda step, done, total: told.append(done))
    assert products(folder) == uninterrupted
    assert not list(folder.glob("products/.land-*")), "what was kept of the killed run is cleared away"
