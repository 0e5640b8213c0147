"""Laws of the table of facts: whatever is asked of it, the land adds up."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.facts.tables import COUNTIES, WATERSHEDS, counts, facts

from shuibao.facts import DIMENSIONS, MEASURES, Facts, facts_from_counts, honour_control_areas
from shuibao.messages import CallError, ShuibaoError

EXACT = ("cells", "area_m2", "soil_loss_g")
CLASSES = ("land_use", "slope_class", "cover_class", "intensity", "zone")
groupings = st.lists(st.sampled_from(DIMENSIONS), unique=True)


@given(table=facts(), by=groupings)
def test_by_whatever_it_is_grouped_it_adds_up_to_the_whole(table: Facts, by: list[str]) -> None:
    grouped, whole = table.grouped(by), table.grouped([])
    assert whole.num_rows == 1
    for name in EXACT:
        assert sum(grouped[name].to_pylist()) == whole[name][0].as_py() == sum(table.column(name).tolist())


@given(table=facts(), by=groupings)
def test_a_grouping_has_one_row_a_combination_in_order(table: Facts, by: list[str]) -> None:
    grouped = table.grouped(by)
    assert grouped.column_names == [*by, *MEASURES]
    keys = list(zip(*(grouped[name].to_pylist() for name in by), strict=True))
    assert keys == sorted(set(keys))
    assert set(keys) == set(zip(*(table.column(name).tolist() for name in by), strict=True))


@given(table=facts(), by=groupings, order=st.randoms())
def test_grouping_twice_is_grouping_once(table: Facts, by: list[str], order: object) -> None:
    fine = Facts(table.grouped(DIMENSIONS), {})
    assert fine.grouped(by).equals(table.grouped(by))


@given(table=facts(), by=groupings)
def test_tonnes_are_grams(table: Facts, by: list[str]) -> None:
    for each in (table.table, table.grouped(by)):
        assert each["soil_loss_t"].to_pylist() == [g / 1e6 for g in each["soil_loss_g"].to_pylist()]


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40))
def test_the_order_of_the_counts_does_not_matter(seed: int, rows: int) -> None:
    found = counts(seed, rows)
    order = np.random.default_rng(seed).permutation(rows)
    turned = {name: values[order] for name, values in found.items()}
    one, other = (facts_from_counts(each, COUNTIES, 900.0, {}) for each in (found, turned))
    assert one.table.equals(other.table)


@given(table=facts())
def test_rows_are_sorted_and_each_combination_occurs_once(table: Facts) -> None:
    numbers = {code: number for number, code in enumerate(COUNTIES)}
    columns = [table.column(name).tolist() for name in DIMENSIONS]
    columns[0] = [numbers[code] for code in columns[0]]
    keys = list(zip(*columns, strict=True))
    assert keys == sorted(set(keys))


def test_cells_of_one_combination_are_added_up() -> None:
    one = np.array([1, 1])
    twice = {name: one for name in ("county", "land_use", "slope_class", "cover_class", "intensity", "zone")}
    found = facts_from_counts({**twice, "cells": np.array([2, 3]), "grams": np.array([5, 7])}, COUNTIES, 900.0, {})
    assert found.table.num_rows == 1
    assert [found.column(name)[0] for name in MEASURES] == [5, 4500.0, 12, 12e-6]


def test_land_whose_soil_loss_is_missing_has_no_type_of_erosion_and_keeps_its_area() -> None:
    found = facts_from_counts(
        {**counts(1, 2), "intensity": np.array([0, 1]), "county": np.array([1, 2])}, COUNTIES, 900.0, {}
    )
    assert found.column("erosion_type").tolist() == [0, 1]
    assert (found.column("area_m2") > 0).all()


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 40))
def test_small_watersheds_leave_every_other_sum_as_it_was(seed: int, rows: int) -> None:
    found = counts(seed, rows)
    own = np.random.default_rng(seed).integers(0, 4, rows)
    without = facts_from_counts(found, COUNTIES, 900.0, {})
    divided = facts_from_counts({**found, "watershed": own}, COUNTIES, 900.0, {}, watersheds=WATERSHEDS)
    assert set(without.column("watershed")) == {""}
    others = [name for name in DIMENSIONS if name != "watershed"]
    assert divided.grouped(others).equals(without.grouped(others))
    cells = dict(
        zip(*(divided.grouped(["watershed"])[name].to_pylist() for name in ("watershed", "cells")), strict=True)
    )
    assert cells == {
        code: int(found["cells"][own == k].sum()) for k, code in enumerate(["", *WATERSHEDS]) if (own == k).any()
    }


def test_small_watersheds_of_one_code_are_one() -> None:
    found = {**counts(1, 2), **{name: np.array([1, 1]) for name in ("county", *CLASSES)}, "watershed": np.array([1, 2])}
    table = facts_from_counts(found, COUNTIES, 900.0, {}, watersheds=["A1", "A1"])
    assert table.grouped(["watershed"])["cells"].to_pylist() == [int(found["cells"].sum())]
    assert table.table.num_rows == 1


@given(hundredths=st.lists(st.integers(0, 10**14), min_size=1, max_size=80), by=groupings)
def test_areas_add_up_exactly_however_large(hundredths: list[int], by: list[str]) -> None:
    rows = len(hundredths)
    table = facts_from_counts({**counts(rows, rows), "land_use": np.arange(rows)}, COUNTIES, 900.0, {}).table
    areas = pa.array(np.array(hundredths) / 100.0)
    found = Facts(table.set_column(table.column_names.index("area_m2"), "area_m2", areas), {}).grouped(by)
    assert sum(round(area * 100.0) for area in found["area_m2"].to_pylist()) == sum(hundredths)


def test_what_areas_hold_beyond_hundredths_is_not_lost() -> None:
    found = facts_from_counts({**counts(1, 300), "land_use": np.arange(300)}, COUNTIES, 1 / 3, {})
    assert found.grouped([])["area_m2"].to_pylist() == [round(int(found.column("cells").sum()) / 3, 2)]


@given(table=facts(), name=st.sampled_from(DIMENSIONS), cut=st.integers(0, 40))
def test_the_places_of_a_column_give_it_back(table: Facts, name: str, cut: int) -> None:
    pieces = pa.concat_tables([table.table.slice(0, cut), table.table.slice(cut)])
    values, where = Facts(pieces, {}).places(name)
    assert [values[k] for k in where] == table.column(name).tolist()
    assert len(set(values)) == len(values)


def test_no_land_is_a_table_without_rows(tmp_path: Path) -> None:
    none = {name: np.zeros(0, dtype=np.int64) for name in counts(1, 1)}
    found = facts_from_counts(none, COUNTIES, 900.0, {})
    found.write(tmp_path / "facts.parquet")
    assert Facts.read(tmp_path / "facts.parquet").table.num_rows == 0
    assert found.grouped([])["area_m2"].to_pylist() == [0.0]
    assert found.grouped(["county"]).num_rows == 0
    assert found.places("county")[1].size == 0


@pytest.mark.parametrize("by", [["slope"], ["county", "area_m2"], ["County"]])
def test_an_unknown_dimension_is_refused_with_those_there_are(by: list[str]) -> None:
    table = facts_from_counts(counts(1, 5), COUNTIES, 900.0, {})
    with pytest.raises(CallError, match=f"没有维度「{by[-1]}」.*{'、'.join(DIMENSIONS)}"):
        table.grouped(by)


def test_a_dimension_asked_for_twice_is_refused() -> None:
    table = facts_from_counts(counts(1, 5), COUNTIES, 900.0, {})
    with pytest.raises(CallError, match="county.*两次"):
        table.grouped(["county", "zone", "county"])


@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(5, 40))
def test_hundredths_of_a_square_metre_add_up_in_every_grouping(seed: int, rows: int) -> None:
    found = facts_from_counts({**counts(seed, rows), "county": np.ones(rows, dtype=int)}, COUNTIES, 900.0, {})
    control = round(float(found.column("area_m2").sum()) * 1.00037, 2)
    adjusted, _ = honour_control_areas(found, {"140932": control})
    assert adjusted.grouped([])["area_m2"].to_pylist() == [control]
    for by in combinations(DIMENSIONS, 2):
        areas = adjusted.grouped(by)["area_m2"].to_numpy()
        np.testing.assert_array_equal(areas, np.round(areas, 2))  # no 0.30000000000000004
        assert round(areas.sum(), 2) == control


def test_facts_are_read_back_with_what_is_known_of_them(tmp_path: Path) -> None:
    table = facts_from_counts(counts(3, 30), COUNTIES, 900.0, {"region": "偏关县", "year": "2024", "note": "模拟数据"})
    table.write(tmp_path / "new" / "facts.parquet")
    found = Facts.read(tmp_path / "new" / "facts.parquet")
    assert found.table.equals(table.table)
    assert found.metadata == table.metadata


def test_two_writings_make_the_same_bytes_whatever_the_order_of_the_metadata(tmp_path: Path) -> None:
    for name, metadata in (("a", {"year": "2024", "region": "偏关县"}), ("b", {"region": "偏关县", "year": "2024"})):
        facts_from_counts(counts(3, 30), COUNTIES, 900.0, metadata).write(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_facts_that_are_not_there_yet_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ShuibaoError, match="还没有事实表：.*shuibao run"):
        Facts.read(tmp_path / "facts.parquet")


@pytest.mark.parametrize("lacking", [["zone", "cells"], ["watershed"]])
def test_a_table_that_lacks_columns_is_refused_with_their_names(tmp_path: Path, lacking: list[str]) -> None:
    table = facts_from_counts(counts(1, 5), COUNTIES, 900.0, {}).table.drop_columns(lacking)
    pq.write_table(table, tmp_path / "facts.parquet")
    with pytest.raises(ShuibaoError, match=f"不是事实表，缺少列：{'、'.join(lacking)}；请重新运行 shuibao run"):
        Facts.read(tmp_path / "facts.parquet")


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "facts.parquet").write_text("nothing of the kind")
    with pytest.raises(ShuibaoError, match="不是事实表.*shuibao run"):
        Facts.read(tmp_path / "facts.parquet")


def test_facts_of_another_program_need_no_metadata(tmp_path: Path) -> None:
    table = facts_from_counts(counts(1, 5), COUNTIES, 900.0, {"year": "2024"}).table.replace_schema_metadata(None)
    pq.write_table(table, tmp_path / "facts.parquet")
    assert Facts.read(tmp_path / "facts.parquet").metadata == {}
    assert isinstance(table, pa.Table)
