"""What the commands of zones write goes where it is asked, and never over what is there or what the region keeps."""

import numpy as np
import pytest
from tests.delimitation.steep_region import steep_region
from tests.delimitation.zone_folder import THEME, some_zones, square

from shuibao.delimitation.draft.drawing import draw_zones, zones_by_county
from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder, write_layer
from shuibao.zoning.layer import zone_layer

STEEP = "steep_slope"
WORDS = {
    "package": ("x.zip", ()), "announce": ("x.docx", ()), "sheets": ("x.pdf", ()), "rebuild": ("x.gpkg", ("--out",)),
    "comments": ("x.xlsx", ("--export",)), "diff": ("x.png", ("drawn", "drawn", "--map")), "at": ("x.csv", ("112.7", "38.4", "--out")),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a region folder whose steep slopes are drawn; never to be changed."""
    region = steep_region(tmp_path_factory.mktemp("places"))
    draw_zones(region, [STEEP])
    return region.folder


@pytest.mark.parametrize("command", WORDS)
def test_what_is_there_is_not_written_over_unasked(folder, shuibao, tmp_path, command):
    name, words = WORDS[command]
    (tmp_path / name).write_bytes(b"mine")
    answer = shuibao("zones", command, folder, *words, tmp_path / name)
    assert (answer.status, "--force" in answer.err) == (2, True)
    assert (tmp_path / name).read_bytes() == b"mine"


@pytest.mark.parametrize("command", WORDS)
@pytest.mark.parametrize("kept", ["products", "zones/steep_slope"])
def test_nothing_is_written_among_what_a_region_keeps(folder, shuibao, command, kept):
    name, words = WORDS[command]
    answer = shuibao("zones", command, folder, *words, folder / kept / name, "--force")
    assert (answer.status, "区域文件夹自用" in answer.err) == (2, True)
    assert not (folder / kept / name).exists()


@pytest.mark.parametrize("command", WORDS)
@pytest.mark.parametrize("place", ["nowhere/{}", "{}.exe", "here/"], ids=["no folder", "other ending", "a folder"])
def test_a_place_that_cannot_be_written_is_refused(folder, shuibao, tmp_path, command, place):
    name, words = WORDS[command]
    if command == "package" and place != "nowhere/{}":
        pytest.skip("a package may be a folder")
    (tmp_path / "here").mkdir()
    answer = shuibao("zones", command, folder, *words, tmp_path / place.format(name))
    assert answer.status == 2
    assert answer.err.startswith("错误：")
    assert not list(tmp_path.rglob("x.*"))


@pytest.mark.parametrize("name", ["x.gpkg", "x.shp", "x.rar"])
def test_a_package_is_no_other_kind_of_file(folder, shuibao, tmp_path, name):
    answer = shuibao("zones", "package", folder, tmp_path / name)
    assert (answer.status, ".zip" in answer.err) == (2, True)
    assert not (tmp_path / name).exists()


def test_the_drawing_is_not_written_over_by_a_version(folder, shuibao):
    path = theme_folder(folder, STEEP) / DRAWN
    before = path.read_bytes()
    assert shuibao("zones", "rebuild", folder, "--out", path, "--force").status == 2
    assert path.read_bytes() == before


def test_a_list_of_faults_is_not_written_over_the_package(folder, shuibao, tmp_path):
    assert shuibao("zones", "package", folder, tmp_path / "p.zip").status == 0
    before = (tmp_path / "p.zip").read_bytes()
    assert shuibao("zones", "check", tmp_path / "p.zip", "--html", tmp_path / "p.zip", "--force").status == 2
    assert (tmp_path / "p.zip").read_bytes() == before


def test_the_theme_may_be_left_out_where_one_is_drawn(folder, shuibao, tmp_path):
    assert shuibao("zones", "package", folder, tmp_path / "a.zip").status == 0
    assert shuibao("zones", "package", folder, tmp_path / "b.zip", "--theme", STEEP).status == 0
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_areas_are_listed_alike_everywhere(folder, shuibao, tmp_path):
    packed = shuibao("zones", "package", folder, tmp_path / "c.zip", "--format", "json").json()
    listed = shuibao("zones", "list", folder, "--format", "json").json()
    assert shuibao("zones", "list", folder).out.splitlines()[-1] == "模拟数据"
    drawn = zones_by_county(STEEP, read_layer(theme_folder(folder, STEEP) / DRAWN))
    of_all = [row["area_hm2"] for row in packed if row["level"] == "region"]
    assert [row["area_hm2"] for row in listed] == of_all == [row["area_hm2"] for row in drawn if not row["county"]]


def test_many_small_areas_are_summed_before_they_are_rounded():
    count = 40
    columns = {
        "code": [f"F{k}" for k in range(count)], "kind": ["fragile"] * count, "level": ["county"] * count,
        "county": ["140902"] * count, "county_name": ["忻府区"] * count,
    }  # fmt: skip
    side = np.sqrt(10_044) / 1000  # km: 1.0044 hm² each, 40.18 hm² in all, 40.00 if each is rounded first
    layer = zone_layer(
        "severe_fragile",
        columns,
        np.array([square(k, 0, side, side) for k in range(count)], dtype=object),
        some_zones().crs,
    )
    assert zones_by_county("severe_fragile", layer)[-1]["area_hm2"] == 40.18


def test_a_date_after_today_is_pointed_out(shuibao, tmp_path):
    (tmp_path / "region.toml").write_text(
        '[region]\nname = "忻府区"\nlevel = "county"\ncodes = ["140902"]\nyear = 2024\ncell = 30\nrules = ["national"]\n', "utf-8"
    )  # fmt: skip
    write_layer(theme_folder(tmp_path, THEME) / DRAWN, some_zones())
    for day, said in (("2024-06-01", False), ("2999-06-01", True)):
        answer = shuibao(
            "zones", "advance", tmp_path, "--to", "实地复核" if not said else "征求意见", "--by", "张三", "--on", day
        )
        assert (answer.status, "在今天之后" in answer.err) == (0, said)
    assert "调整、审核" in answer.out
