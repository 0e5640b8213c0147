"""Laws of the tables: every sum is the sum of the facts, and all tables agree."""

from __future__ import annotations

import math

import numpy as np
import pytest

from shuibao.report.bulletin import Bulletin
from shuibao.report.counting import (
    intensity_table,
    land_intensity_table,
    land_table,
    patch_summary_table,
    patch_table,
    rate_table,
    residual_table,
    slope_table,
)
from shuibao.report.tables import Table, table_html
from shuibao.survey.making import toml
from shuibao.survey.region import Region, load_region
from shuibao.survey.run import run_region

TABLES = (rate_table, intensity_table, land_table, land_intensity_table, slope_table, patch_summary_table)
ADDITIVE = ("km2", "hm2", "count", "tonnes")


def column(table: Table, title: str) -> tuple[list[float], float]:
    """Return the cells of a column and its sum."""
    at = next(k for k, c in enumerate(table.columns) if c.title.zh == title)
    assert table.total is not None
    return [float(row[at]) for row in table.rows], float(table.total[at])  # type: ignore[arg-type]


@pytest.mark.parametrize("make", TABLES, ids=lambda make: make.__name__)
def test_the_last_row_is_the_sum_of_the_rows(bulletin: Bulletin, make: object) -> None:
    table = make(bulletin)  # type: ignore[operator]
    added = 0
    for k, head in enumerate(table.columns):
        if head.kind in ADDITIVE and head.title.zh != "最大图斑":
            assert math.isclose(sum(row[k] for row in table.rows), table.total[k], rel_tol=1e-12, abs_tol=1e-12)
            added += 1
    assert added >= 2


def test_all_tables_agree_with_the_facts_on_area_eroded_area_and_soil_loss(bulletin: Bulletin) -> None:
    facts = bulletin.facts
    area = facts.column("area_m2").sum() / 1e6
    eroded = facts.column("area_m2")[facts.column("intensity") >= 2].sum() / 1e6
    tonnes = facts.column("soil_loss_g").sum() / 1e6
    for make, name in (
        (rate_table, "土地面积"),
        (land_table, "面积"),
        (slope_table, "面积"),
        (intensity_table, "面积"),
    ):
        assert math.isclose(column(make(bulletin), name)[1], area)
    for make in (rate_table, intensity_table, land_table, land_intensity_table, slope_table):
        assert math.isclose(column(make(bulletin), "水土流失面积")[1], eroded)
    for make in (rate_table, land_table, slope_table):
        assert math.isclose(column(make(bulletin), "土壤流失量")[1], tonnes)


def test_the_classes_of_a_county_fill_its_land(bulletin: Bulletin) -> None:
    table = intensity_table(bulletin)
    classes = [k for k, c in enumerate(table.columns) if c.kind == "km2"][1:-1]
    for row in [*table.rows, table.total]:
        assert row is not None
        assert math.isclose(sum(float(row[k]) for k in classes), float(row[1]))  # type: ignore[arg-type]
        assert math.isclose(sum(float(row[k + 1]) for k in classes), 100.0)  # type: ignore[arg-type]


def test_the_patches_cover_the_zone_of_the_facts(bulletin: Bulletin) -> None:
    zone = bulletin.facts.column("area_m2")[bulletin.facts.column("zone") == 1].sum()
    assert zone > 0
    assert math.isclose(column(patch_summary_table(bulletin), "面积")[1] * 1e4, zone)
    assert len(patch_table(bulletin, most=None).rows) == len(bulletin.patches.geometry)


def test_the_largest_patches_come_largest_first(bulletin: Bulletin) -> None:
    areas = [row[2] for row in patch_table(bulletin, most=3).rows]
    every = sorted((row[2] for row in patch_table(bulletin, most=None).rows), reverse=True)  # type: ignore[type-var]
    assert areas == every[:3]


def test_without_control_areas_no_residual_is_told(bulletin: Bulletin) -> None:
    assert residual_table(bulletin) is None
    assert "未用官方控制面积" in bulletin.basis.zh


def test_control_areas_are_the_land_of_every_table_and_their_residuals_are_told(copied: Region) -> None:
    from shuibao.report.bulletin import gather

    path = copied.folder / "region.toml"
    control = {"990001": 1.7, "990002": 1.55}
    given = {"values": control, "unit": "km2", "source": "三调"}
    path.write_text(path.read_text(encoding="utf-8") + f"control_areas = {toml(given)}\n", encoding="utf-8")
    region = load_region(copied.folder)
    run_region(region, jobs=1)
    bulletin = gather(region)
    table = residual_table(bulletin)
    assert table is not None
    assert column(table, "控制面积") == ([1.7, 1.55], 3.25)
    measured, _ = column(table, "格网计数面积")
    assert np.allclose(column(table, "残差")[0], (np.array([1.7, 1.55]) - measured) * 100)
    assert column(rate_table(bulletin), "土地面积") == ([1.7, 1.55], 3.25)
    assert "三调" in (rate_table(bulletin).note or bulletin.basis).zh


def test_a_cell_that_is_nought_differs_from_one_that_rounds_to_it(bulletin: Bulletin) -> None:
    table = intensity_table(bulletin)
    rows = [[bulletin.name, 0.0, *([0.004] * (len(table.columns) - 2))]]
    text = table_html(Table("t", table.title, table.columns, rows))
    assert '<span class="zero">0</span>' in text
    assert ">0.00<" in text
