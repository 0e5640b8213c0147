"""The demonstration, end to end on real terrain, and on imaginary land made small (演示)."""

from __future__ import annotations

from pathlib import Path

import pytest
import rasterio
from tests.cli.conftest import Call
from tests.survey.small_region import small_region

from shuibao.sources.boundaries import county_areas
from shuibao.survey import making


@pytest.fixture(scope="module")
def jacksboro(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "jacksboro"


@pytest.mark.slow
def test_real_terrain_is_made_run_and_reported_in_one_command(shuibao: Call, jacksboro: Path) -> None:
    answer = shuibao("demo", jacksboro, "--land", "jacksboro", "--jobs", 1)
    assert answer.status == 0, answer.err
    assert "水土保持率/%" in answer.out
    assert str(jacksboro / "report" / "index.html") in answer.out
    assert (jacksboro / "report" / "tables.xlsx").is_file()
    assert "模拟数据" not in answer.out
    (region,) = shuibao("rate", jacksboro, "--format", "json").json()[-1:]
    assert region["land_km2"] == pytest.approx(836, rel=0.005)  # 0.316 by 0.267 degrees at 36.6° N
    assert region["missing_km2"] == 0
    with rasterio.open(jacksboro / "products" / "slope.tif") as dataset:
        assert "DATA_KIND" not in dataset.tags()


@pytest.mark.slow
def test_the_demonstration_goes_on_where_it_was(shuibao: Call, jacksboro: Path) -> None:
    before = (jacksboro / "products" / "facts.parquet").stat().st_mtime_ns
    answer = shuibao("demo", jacksboro, "--land", "jacksboro")
    assert answer.status == 0, answer.err
    assert answer.err.count("无变化，跳过") == 6
    assert (jacksboro / "products" / "facts.parquet").stat().st_mtime_ns == before


def test_imaginary_land_is_labelled_from_the_first_line(
    shuibao: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, object] = {}

    def small(folder: Path, codes: list[str], **options: object) -> Path:
        asked.update(options, codes=codes)
        return small_region(folder)

    monkeypatch.setattr(making, "make_imaginary_region", small)
    answer = shuibao("demo", tmp_path / "demo")
    assert answer.status == 0, answer.err
    assert (asked["codes"], asked["targets"], asked["name"]) == (["140900"], "xinzhou", "忻州市")
    assert "模拟数据" in answer.err
    assert "模拟数据" in answer.out
    assert "模拟数据" in (tmp_path / "demo" / "report" / "index.html").read_text(encoding="utf-8")


def test_a_file_in_the_way_is_refused(shuibao: Call, tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    answer = shuibao("demo", tmp_path / "demo")
    assert (answer.status, "请给出文件夹" in answer.err) == (2, True)


def test_land_that_is_not_known_is_refused(shuibao: Call, tmp_path: Path) -> None:
    answer = shuibao("demo", tmp_path / "demo", "--land", "mars")
    assert answer.status == 2
    assert "jacksboro" in answer.err


@pytest.mark.slow
def test_one_county_is_made_up_by_its_code(shuibao: Call, tmp_path: Path) -> None:
    answer = shuibao("demo", tmp_path / "county", "--land", "140932")
    assert answer.status == 0, answer.err
    assert "偏关县的模拟土地（模拟数据）" in answer.err
    assert "模拟数据" in answer.out
    (county,) = shuibao("rate", tmp_path / "county", "--format", "json").json()
    assert (county["code"], county["target_percent"]) == ("140932", 52.09)
    assert county["land_km2"] == pytest.approx(county_areas(["140932"])["140932"], rel=1e-3)
    with rasterio.open(tmp_path / "county" / "products" / "soil_loss.tif") as dataset:
        assert dataset.tags()["DATA_KIND"] == "模拟数据"
    again = shuibao("demo", tmp_path / "county", "--land", "140932")
    assert again.err.count("无变化，跳过") == 6


@pytest.mark.parametrize(
    "land, status, said",
    [("14093", 1, "140932 偏关县"), ("偏关县", 1, "140932 偏关县"), ("140000", 2, "省级代码"), ("", 2, "如 140932")],
)
def test_a_code_that_is_no_county_or_city_is_refused_before_anything_is_written(
    shuibao: Call, tmp_path: Path, land: str, status: int, said: str
) -> None:
    answer = shuibao("demo", tmp_path / "demo", "--land", land)
    assert (answer.status, said in answer.err) == (status, True)
    assert not (tmp_path / "demo").exists()
