"""A run can be ended at any moment and run again: nothing is half written, nothing is done twice (断点续算与幂等)."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.survey.twin_counties import changed_region, digests, twin_region

from shuibao.rules import load_rules
from shuibao.survey import STEPS, Region, load_region, run_region

KILLED_AT_RENAME = """
import os, pathlib, signal, sys
from shuibao.cli import main

rename, left = pathlib.Path.replace, int(sys.argv[1])

def renamed_or_killed(self, target):
    global left
    if self.parent.name.startswith(sys.argv[2]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    return rename(self, target)

pathlib.Path.replace = renamed_or_killed
main(sys.argv[3:])
"""
"""A `shuibao` that is killed just before the n-th file in a folder gets its name."""

OF_THE_LAND = {
    "slope.tif", "ls.tif", "soil_loss.tif", "intensity.tif", "facts.parquet", "steep_slope.parquet", "products.gpkg",
}  # fmt: skip
"""Products of the last step."""


def killed(region: Region, *, rename: int, folder: str) -> None:
    """Run a region with one thread in another process, and kill that when it is about to name a file in a folder."""
    words = [str(rename), folder, "run", str(region.folder), "--jobs", "1", "--no-check"]
    done = subprocess.run([sys.executable, "-c", KILLED_AT_RENAME, *words], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.fixture(scope="module")
def half_done(tmp_path_factory: pytest.TempPathFactory, twin_inputs: Path) -> Region:
    """Return the twin counties whose run was killed among the tiles, as the 12th part got its name; never to be changed."""
    region = twin_region(tmp_path_factory.mktemp("killed") / "twin", twin_inputs)
    killed(region, rename=12, folder=".land-")
    return region


def copied(region: Region, folder: Path) -> Region:
    """Return a copy of a region that may be changed."""
    shutil.copytree(region.folder, folder, symlinks=True)
    return load_region(folder)


def stamps(folder: Path) -> dict[str, int]:
    """Return when each file under a folder was last written."""
    return {p.relative_to(folder).as_posix(): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def visible(folder: Path) -> set[str]:
    """Return the names of the files in a folder that are not hidden."""
    return {p.name for p in folder.iterdir() if not p.name.startswith(".")}


@pytest.fixture
def again(tmp_path: Path, finished: Region) -> Region:
    """Return a copy of the finished region that may be changed."""
    return copied(finished, tmp_path / "again")


def skipped(region: Region) -> dict[str, bool]:
    return {done.step: done.skipped for done in run_region(region, jobs=1)}


def test_a_second_run_changes_nothing(again: Region) -> None:
    before = stamps(again.products), digests(again.records)
    assert all(skipped(again).values())
    assert (stamps(again.products), digests(again.records)) == before


def test_a_copied_folder_is_still_done(again: Region, finished: Region) -> None:
    assert again.folder != finished.folder
    assert all(skipped(again).values())


def test_an_input_with_a_new_date_and_the_same_bytes_changes_nothing(again: Region) -> None:
    path = again.folder / "inputs" / "rain_daily.csv"
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, ns=(1, 1))
    assert all(skipped(again).values())


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, steps",
    [
        ("rain_daily.csv", {"rain", "cover", "land"}),
        ("clay.tif", {"soil", "land"}),
        ("fvc_07.tif", {"cover", "land"}),
        ("landuse.tif", {"cover", "land"}),
        ("measures.tif", {"land"}),
        ("dem.tif", {"water", "land"}),
    ],
)
def test_a_changed_input_runs_again_what_depends_on_it_and_nothing_else(
    again: Region, name: str, steps: set[str]
) -> None:
    path = again.folder / "inputs" / name
    content = path.read_bytes()
    path.unlink()  # a link to what other tests read too
    path.write_bytes(content + b"\n")
    assert {step for step, untouched in skipped(again).items() if not untouched} == steps


def test_a_changed_setting_runs_again_what_depends_on_it(again: Region) -> None:
    region = changed_region(again.folder, region={"year": 2023})
    assert not any(skipped(region).values())
    region = changed_region(again.folder, region={"year": 2023, "tile": 1024})  # how it is cut changes no result
    assert all(skipped(region).values())


@pytest.mark.slow
def test_a_changed_rule_pack_runs_everything_again_and_its_numbers_are_used(again: Region, finished: Region) -> None:
    pack = again.folder / "own.toml"
    text = (
        '[pack]\nid = "own"\ntitle = "试用"\ntitle_en = "Trial"\nincludes = ["shanxi"]\n\n'
        '[steep_slope.angle]\nvalue = {angle}\nunit = "deg"\nname = "禁垦坡度"\nname_en = "Angle"\n'
        'source = "shuibao"\nstatus = "draft"\nbasis = "chosen"\nconfidence = "L"\n'
    )
    pack.write_text(text.format(angle=30), encoding="utf-8")
    region = changed_region(again.folder, region={"rules": ["national", "shanxi", str(pack)]})
    assert load_rules(region.packs).value("steep_slope.angle") == 30
    assert not any(skipped(region).values())
    assert all(skipped(region).values())
    zone = digests(region.products)["steep_slope.parquet"]
    assert zone != digests(finished.products)["steep_slope.parquet"]
    pack.write_text(text.format(angle=35), encoding="utf-8")
    assert not any(skipped(load_region(again.folder)).values())
    assert digests(region.products)["steep_slope.parquet"] != zone


def test_a_rule_pack_lies_in_the_region_folder_and_travels_with_it(again: Region) -> None:
    (again.folder / "own.toml").write_text('[pack]\nid = "own"\ntitle = "试用"\ntitle_en = "Trial"\n', encoding="utf-8")
    region = changed_region(again.folder, region={"rules": ["national", "shanxi", "own.toml"]})
    assert load_rules(region.packs).packs
    run_region(region, jobs=1)
    assert str(again.folder).encode() not in b"".join(path.read_bytes() for path in region.products.glob("*.*"))


@pytest.mark.parametrize(
    "name, step", [("r_factor.tif", "rain"), ("counties.parquet", "boundaries"), ("facts.parquet", "land")]
)
def test_a_lost_product_is_made_again(again: Region, finished: Region, name: str, step: str) -> None:
    (again.products / name).unlink()
    assert {s for s, untouched in skipped(again).items() if not untouched} == {step}
    assert digests(again.products) == digests(finished.products)


def test_only_the_steps_that_are_asked_for_are_run(tmp_path: Path, twin_inputs: Path) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    assert [done.step for done in run_region(region, steps=["soil", "boundaries"])] == ["boundaries", "soil"]
    assert visible(region.products) == {"counties.parquet", "k_factor.tif"}


def test_a_run_killed_among_the_tiles_goes_on_where_it_was(
    tmp_path: Path, half_done: Region, finished: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuibao.survey import tile

    computed = []
    measure = tile.measure_tile
    monkeypatch.setattr(tile, "measure_tile", lambda plan, at, county: computed.append(at) or measure(plan, at, county))
    assert_goes_on(copied(half_done, tmp_path / "twin"), finished, rename=12)
    assert len(computed) == 4  # of six tiles: those that were done are not computed again


@pytest.mark.slow
@pytest.mark.parametrize("rename", [1, 3, 28])
def test_a_run_killed_anywhere_among_the_tiles_goes_on_where_it_was(
    tmp_path: Path, twin_inputs: Path, finished: Region, rename: int
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    killed(region, rename=rename, folder=".land-")
    assert_goes_on(region, finished, rename=rename)


def assert_goes_on(region: Region, finished: Region, *, rename: int) -> None:
    """Demand that a region killed at a part of its tiles holds what was done before, and is finished by another run."""
    assert visible(region.products) == visible(finished.products) - OF_THE_LAND
    (parts,) = region.products.glob(".land-*")
    kept = {name: at for name, at in stamps(parts).items() if name.endswith("_counts.npz")}
    assert len(kept) == (rename - 1) // 5  # of each tile four parts, and its counts when they are there
    done = run_region(region, jobs=1)
    assert {d.step: d.skipped for d in done} == {step: step != "land" for step in STEPS}
    assert digests(region.products) == digests(finished.products)


@pytest.mark.slow
def test_tiles_that_were_done_are_not_computed_again(
    tmp_path: Path, twin_inputs: Path, finished: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shuibao.survey import tile

    region = twin_region(tmp_path / "twin", twin_inputs)
    killed(region, rename=17, folder=".land-")
    computed = []
    measure = tile.measure_tile
    monkeypatch.setattr(tile, "measure_tile", lambda plan, at, county: computed.append(at) or measure(plan, at, county))
    run_region(region, jobs=1)
    assert len(computed) == 3
    assert digests(region.products) == digests(finished.products)


@pytest.mark.slow
@pytest.mark.parametrize("rename", [1, 4, 7, 10])
def test_a_run_killed_while_products_are_named_leaves_whole_products_and_no_remains(
    tmp_path: Path, twin_inputs: Path, finished: Region, rename: int
) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    killed(region, rename=rename, folder="products")
    whole = digests(finished.products)
    for name in visible(region.products):
        assert digests(region.products)[name] == whole[name]
    assert list(region.products.glob(".*.tmp*"))
    run_region(region, jobs=1)
    assert digests(region.products) == whole


@pytest.mark.slow
def test_a_run_killed_in_other_tiles_is_not_mistaken_for_this_one(
    tmp_path: Path, half_done: Region, finished: Region
) -> None:
    region = copied(half_done, tmp_path / "twin")
    assert len(list(region.products.glob(".land-*/*_counts.npz"))) == 2
    region = changed_region(region.folder, region={"tile": 2048})
    run_region(region, jobs=1)
    assert digests(region.products) == digests(finished.products)


def test_a_step_brings_those_it_reads_from(tmp_path: Path, twin_inputs: Path) -> None:
    region = twin_region(tmp_path / "twin", twin_inputs)
    assert [done.step for done in run_region(region, steps=["cover"])] == ["rain", "cover"]


@pytest.mark.slow
def test_parts_that_were_half_removed_are_made_again(tmp_path: Path, half_done: Region, finished: Region) -> None:
    region = copied(half_done, tmp_path / "twin")
    (parts,) = region.products.glob(".land-*")
    next(parts.glob("*_slope.part")).unlink()
    run_region(region, jobs=1)
    assert digests(region.products) == digests(finished.products)
