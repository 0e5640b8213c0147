"""The order of rows, fields and files changes nothing, and a damaged file gives a message."""

from __future__ import annotations

import random
import shutil
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delimitation.acceptance.handed_in import RULES, STEM, Package, write_layer
from tests.delimitation.acceptance.planting import TEN, a_code_twice, same_shape_twice

from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.acceptance.opening import opened
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geoparquet
from shuibao.messages import CallError

FILES = [f"{STEM}.gpkg", f"{STEM}.shp.zip", f"{STEM}_list.csv", f"{STEM}_list.xlsx", f"{STEM}.parquet", "metadata.json"]


def rows_of(path):
    return [fault.row() for fault in check_package(path, RULES).faults]


def spoilt():
    package = Package(complete=True)
    for plant in (*TEN, same_shape_twice, a_code_twice):
        plant(package)
    return package


@pytest.fixture(scope="module")
def layer(tmp_path_factory):
    """Return the rows of a spoilt package as one file, and its faults."""
    package = spoilt()
    path = tmp_path_factory.mktemp("layer") / "steep_slope.gpkg"
    write_layer(path, package.columns, package.shapes, package.crs, package.tags)
    return package, rows_of(path)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=6)
def test_shuffled_rows_and_fields_give_the_same_report(layer, tmp_path_factory, seed):
    package, faults = layer
    shuffle = random.Random(seed).sample
    order = shuffle(range(len(package.shapes)), len(package.shapes))
    names = shuffle(sorted(package.columns), len(package.columns))
    path = tmp_path_factory.mktemp("shuffled") / "steep_slope.gpkg"
    columns = {name: [package.columns[name][k] for k in order] for name in names}
    write_layer(path, columns, [package.shapes[k] for k in order], package.crs, package.tags)
    assert rows_of(path) == faults


def test_the_order_and_the_wrapping_of_files_change_nothing(tmp_path):
    folder = spoilt().write(tmp_path / "package")
    faults = rows_of(folder)
    assert len({fault["kind"] for fault in faults}) == 12
    for number in range(2):
        packed = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(packed, "w") as made:
            for path in sorted(folder.iterdir(), reverse=bool(number)):
                made.write(path, path.name)
        assert rows_of(packed) == faults


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a clean package with a GeoParquet as well."""
    package = Package(complete=True)
    folder = package.write(tmp_path_factory.mktemp("whole"))
    write_geoparquet(folder / f"{STEM}.parquet", package.columns, package.shapes, national_crs(), metadata=package.tags)
    return folder


DAMAGE = {"name": st.sampled_from(FILES), "seed": st.integers(0, 2**32), "cut": st.booleans()}


@given(**DAMAGE)
@settings(max_examples=10)
def test_any_damaged_file_gives_a_message_and_no_traceback(whole, tmp_path_factory, name, seed, cut):
    damage(whole, tmp_path_factory, name, seed, cut)


@pytest.mark.slow
@given(**DAMAGE)
@settings(max_examples=400)
def test_many_damaged_files_give_messages_and_no_traceback(whole, tmp_path_factory, name, seed, cut):
    damage(whole, tmp_path_factory, name, seed, cut)


def damage(whole, tmp_path_factory, name, seed, cut):
    """Spoil one file of a clean package, and check the package."""
    folder = tmp_path_factory.mktemp("damaged") / "package"
    shutil.copytree(whole, folder)
    content = bytearray((folder / name).read_bytes())
    draw = random.Random(seed)
    if cut:
        del content[draw.randrange(len(content)) :]
    else:
        for _ in range(1 + draw.randrange(8)):
            content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    (folder / name).write_bytes(bytes(content))
    report = check_package(folder, RULES)
    assert report.faults or content == (whole / name).read_bytes() or name in (f"{STEM}.parquet", "metadata.json")


def test_what_is_not_there_is_refused(tmp_path):
    with pytest.raises(CallError, match="不存在"):
        check_package(tmp_path / "nothing.zip", RULES)
    with pytest.raises(CallError, match="forest"):
        check_package(tmp_path, RULES, theme="forest")


def test_nothing_is_written_to_what_was_handed_in(whole):
    before = {path.name: path.read_bytes() for path in whole.iterdir()}
    check_package(whole, RULES)
    assert {path.name: path.read_bytes() for path in whole.iterdir()} == before


def test_a_link_to_elsewhere_is_not_followed(tmp_path):
    from shuibao.delimitation.acceptance.fault import Ledger

    (tmp_path / "package").mkdir()
    (tmp_path / "secret.csv").write_text("a")
    (tmp_path / "package" / "list.csv").symlink_to(tmp_path / "secret.csv")
    ledger = Ledger(RULES)
    with opened(tmp_path / "package", RULES, ledger) as package:
        assert package.files == {}
    assert [fault.kind.id for fault in ledger.sorted()] == ["files-unsafe"]
