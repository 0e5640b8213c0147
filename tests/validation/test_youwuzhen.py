"""The real catchment from its files to its facts, and its sediment."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from examples import youwuzhen as example
from examples import youwuzhen_sediment
from tests.validation import delivery, sediment, tables, youwuzhen

from shuibao.cli import run
from shuibao.facts import Facts, rates
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey import load_region, run_region
from shuibao.survey.counties import counties_of

AREA = 5.39
"""Area of the catchment that came with the data, km²."""

SOIL_LOSS_FILES = ("slope", "ls", "soil_loss", "intensity")


@pytest.fixture(scope="module")
def catchment(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> youwuzhen.Catchment:
    """Return the facts of the catchment, made and run once."""
    return youwuzhen.survey(shared_data, tmp_path_factory.mktemp("real") / "youwuzhen")


def test_k_of_every_soil_is_the_answer_that_came_with_the_data(shared_data: Path) -> None:
    found = example.soil_erodibility(shared_data / "area_youwuzhen" / example.SOILS)
    assert {code: round(k, 4) for code, k in found.items()} == tables.PUBLISHED_K


def test_the_region_is_the_land_above_the_gauge_not_all_that_is_mapped(catchment: youwuzhen.Catchment) -> None:
    assert catchment.area == pytest.approx(AREA, abs=0.02)
    with rasterio.open(catchment.folder / "inputs" / "landuse.tif") as dataset:
        mapped = (dataset.read_masks(1) > 0).sum() * 9e-4
    assert mapped > AREA + 1


def test_facts_of_the_outline_and_of_the_cells_agree(catchment: youwuzhen.Catchment) -> None:
    outline = counties_of(load_region(catchment.folder)).geometry[0]
    assert catchment.area * 1e6 == pytest.approx(outline.area, rel=2e-3)


def test_no_cell_of_the_catchment_is_without_slope_land_or_soil_loss(catchment: youwuzhen.Catchment) -> None:
    facts = Facts.read(catchment.folder / "products" / "facts.parquet")
    for column in ("land_use", "slope_class", "intensity"):
        assert facts.column(column).min() > 0


def test_land_use_shares_are_those_of_the_map_inside_the_catchment(catchment: youwuzhen.Catchment) -> None:
    facts = Facts.read(catchment.folder / "products" / "facts.parquet")
    cells = np.bincount(facts.column("land_use"), weights=facts.column("cells"), minlength=32)
    assert set(np.flatnonzero(cells)) == {1, 4, 6, 10, 11, 14}  # paddy, orchard, forest, urban, rural, water
    assert cells[6] / cells.sum() == pytest.approx(0.603, abs=0.005)
    assert cells[1] / cells.sum() == pytest.approx(0.201, abs=0.005)


def test_the_soil_loss_raster_and_the_facts_are_one_sum(catchment: youwuzhen.Catchment) -> None:
    with rasterio.open(catchment.folder / "products" / "soil_loss.tif") as dataset:
        loss = dataset.read(1).astype(np.float64)
    assert np.nansum(loss) * 900 / 1e6 == pytest.approx(catchment.total, rel=1e-6)


def test_the_steps_say_that_the_datum_is_not_certain(catchment: youwuzhen.Catchment) -> None:
    record = json.loads((catchment.folder / "records" / "land.json").read_text(encoding="utf-8"))
    for name in ("dem", "land_use"):
        operation, certain = record["summary"]["datum_operations"][name]
        assert not certain
        assert "Ballpark" in operation


@pytest.mark.slow
def test_the_products_do_not_depend_on_the_tile_size(
    catchment: youwuzhen.Catchment, shared_data: Path, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    example.make(small, shared_data)
    text = (small / "region.toml").read_text(encoding="utf-8").replace("cell = 30", "cell = 30\ntile = 512")
    (small / "region.toml").write_text(text, encoding="utf-8")
    run_region(load_region(small), jobs=2)
    for name in SOIL_LOSS_FILES:
        file = f"products/{name}.tif"
        assert (small / file).read_bytes() == (catchment.folder / file).read_bytes(), name
    assert (small / "products/facts.parquet").read_bytes() == (catchment.folder / "products/facts.parquet").read_bytes()


def test_the_rate_is_low_because_the_cover_is_a_table(catchment: youwuzhen.Catchment) -> None:
    facts = Facts.read(catchment.folder / "products" / "facts.parquet")
    *_, whole = rates(facts, {"350821": "游屋圳"}, load_rules(["national"]), region_name="游屋圳", year=2015)
    assert whole.missing_m2 == 0
    assert 15 < whole.rate < 30
    assert 5000 < whole.modulus < 10000


def test_a_folder_that_holds_a_region_is_left_alone(catchment: youwuzhen.Catchment, shared_data: Path) -> None:
    with pytest.raises(ShuibaoError, match=r"已有 region\.toml"):
        example.make(catchment.folder, shared_data)


def test_absent_data_are_said_with_where_they_come_from(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="--data") as caught:
        example.make(tmp_path / "out", tmp_path / "nowhere")
    assert "lreis2415/SEIMS" in caught.value.zh
    assert "--data" in caught.value.en
    assert not (tmp_path / "out").exists()


def test_the_catchment_of_a_hollow_runs_over_its_sill() -> None:
    ground = np.array([
        [9.0, 9.0, 9.0, 9.0, 9.0],
        [9.0, 3.0, 9.0, 5.0, 9.0],
        [9.0, 4.0, 6.0, 2.0, 1.0],  # the hollow of 3 spills over 6 to the border at 1
        [9.0, 9.0, 9.0, 9.0, 9.0],
    ])  # fmt: skip
    above = example.catchment(ground, (2, 3), 30.0)
    assert above[1, 1]
    assert above[2, 1]
    assert not above[2, 4]


def test_sampled_sediment_is_what_came_with_the_data(shared_data: Path) -> None:
    events = sediment.read_events(shared_data / "area_youwuzhen" / "observed" / "observed_storm_origin.csv")
    assert len(events) == 64
    loads = sediment.event_loads(events)
    assert loads[2013] == pytest.approx(1766, abs=1)
    assert loads[2014] == pytest.approx(1064, abs=1)
    assert loads[2015] == pytest.approx(4163, rel=0.01)  # two events whose date stands still at midnight
    assert all(event.load >= 0 for event in events)
    assert max(event.load for event in events) == pytest.approx(795, abs=1)


def test_dates_that_stand_still_at_midnight_are_turned() -> None:
    hour = datetime(2015, 8, 3, 22), datetime(2015, 8, 3, 1), datetime(2015, 8, 3, 23)
    again = (*hour, datetime(2015, 8, 3, 4), datetime(2015, 8, 11, 0))
    assert sediment._seconds(list(again)) == [0, 3 * 3600, 25 * 3600, 30 * 3600, (7 * 24 + 2) * 3600]


def test_two_ways_to_sum_the_sediment_agree_within_a_fifth(shared_data: Path, catchment: youwuzhen.Catchment) -> None:
    for year in youwuzhen.sediment_years(catchment, shared_data):
        assert 0.8 < year.load_by_days / year.load < 1.2
        assert 0.75 < year.sampled <= 1.0


def test_less_sediment_leaves_than_is_computed_to_be_lost(shared_data: Path, catchment: youwuzhen.Catchment) -> None:
    for year in youwuzhen.sediment_years(catchment, shared_data):
        assert 0.02 < year.delivery < 0.25
        assert year.delivery_of_year <= year.delivery


@pytest.fixture(scope="module")
def land(catchment: youwuzhen.Catchment, shared_data: Path) -> youwuzhen_sediment.Land:
    """Return the land above the gauge, routed once."""
    return youwuzhen_sediment.read_land(catchment.folder, shared_data)


def test_the_gauge_lies_on_the_river_and_the_land_above_it_is_the_catchment(
    catchment: youwuzhen.Catchment, land: youwuzhen_sediment.Land
) -> None:
    assert land.moved < 60.0
    assert land.area.flat[land.gauge] / 1e6 == pytest.approx(AREA, abs=0.02)
    assert (land.basin == ~np.isnan(land.loss)).mean() > 0.99
    assert land.basin.sum() * 9e-4 == pytest.approx(catchment.area, abs=0.02)


def test_the_weight_of_each_class_is_what_the_run_used(
    catchment: youwuzhen.Catchment, land: youwuzhen_sediment.Land
) -> None:
    with rasterio.open(catchment.folder / "products" / "ls.tif") as dataset:
        mean = np.nanmean(dataset.read(1), dtype=np.float64)
    assert 4.0 < mean < 10.0
    weight = youwuzhen_sediment.weights()
    by_class = {code: np.nanmedian(land.loss[land.classes == code]) for code in (1, 6)}
    assert weight[1] == example.PADDY
    assert weight[6] == pytest.approx(youwuzhen.tree_factor(example.COVER, youwuzhen.chosen_understory()), rel=1e-5)
    assert by_class[6] / by_class[1] > 10.0  # the wood on its slopes above the paddy on its flats


def test_slopes_channels_and_what_is_not_known_make_the_loss_of_the_basin(land: youwuzhen_sediment.Land) -> None:
    found = youwuzhen_sediment.deliver(land)
    whole = np.nansum(land.loss[land.basin]) * land.drainage.cell_area / 1e6
    assert float(found.lost[0] + found.lost_in_channels[0]) == pytest.approx(whole, rel=1e-6)
    assert found.without[0] == (land.basin & np.isnan(land.loss)).sum() < 100


def test_with_published_parameters_the_sediment_is_of_the_measured_order(
    catchment: youwuzhen.Catchment, land: youwuzhen_sediment.Land, shared_data: Path
) -> None:
    years = youwuzhen.sediment_years(catchment, shared_data)
    found = youwuzhen_sediment.deliver(land)
    computed, measured = sum(delivery.load_of(found, catchment, y) for y in years), sum(y.load for y in years)
    assert 1 / 3 < computed / measured < 3
    for year in years:
        assert 0.2 < delivery.load_of(found, catchment, year) / year.load < 3


def test_the_reconciling_parameters_deliver_what_was_measured(land: youwuzhen_sediment.Land) -> None:
    curve = delivery.published()
    k, ic0 = delivery.reconciling(land, 3000.0)
    for other in (replace(curve, k=k), replace(curve, ic0=ic0)):
        assert float(youwuzhen_sediment.deliver(land, other).exported[0]) == pytest.approx(3000.0, rel=1e-6)
    with pytest.raises(ValueError, match="not between"):
        delivery.reconciling(land, 1e6)


def test_the_example_says_what_arrives_and_refuses_a_folder_that_has_not_run(
    catchment: youwuzhen.Catchment,
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for folder, status in ((catchment.folder, 0), (tmp_path, 1)):
        monkeypatch.setattr("sys.argv", ["youwuzhen_sediment", str(folder), "--data", str(shared_data)])
        assert youwuzhen_sediment.main() == status
    said = capsys.readouterr()
    assert "平均输移比\t0.05" in said.out
    assert "请先运行 shuibao run" in said.err


def test_other_choices_scale_the_loss_of_their_own_land_only(catchment: youwuzhen.Catchment) -> None:
    assert youwuzhen.loss_with(catchment) == pytest.approx(catchment.total, rel=1e-12)
    bare = youwuzhen.loss_with(catchment, paddy=1.0)
    assert bare - catchment.total == pytest.approx(catchment.loss[1] * (1 / example.PADDY - 1))
    assert youwuzhen.loss_with(catchment, cover=0.85) < catchment.total


@pytest.mark.slow
def test_the_tables_of_the_page_are_what_the_data_give(shared_data: Path, tmp_path: Path) -> None:
    page = tables.tables_of_page(tables.PAGE.read_text(encoding="utf-8"))
    assert page == tables.all_tables(shared_data, tmp_path / "youwuzhen")


@pytest.mark.slow
def test_every_command_answers_and_the_short_record_reaches_the_report(
    catchment: youwuzhen.Catchment, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(catchment.folder)
    assert run(["check", folder]) == 0
    said = "".join(capsys.readouterr())
    assert "datum_shift" in said
    assert "少于方法要求的 20 年" in said
    for command, answer in {"run": "跳过", "facts": "剧烈", "rate": "22.57", "report": "index.html"}.items():
        assert run([command, folder]) == 0
        assert answer in "".join(capsys.readouterr()), command
    page = (catchment.folder / "report" / "index.html").read_text(encoding="utf-8")
    for said in ("少于方法要求的 20 年", "datum_shift", example.NOTE):
        assert said in page
