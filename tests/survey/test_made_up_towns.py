"""Made-up towns fill their county without gap or overlap, and say that they are made up."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.ground.vectors import read_vectors
from shuibao.sources.boundaries import county_boundaries
from shuibao.survey.made_up_towns import FEWEST, MOST, towns_in, write_made_up_towns


@given(st.integers(0, 2**32 - 1), st.floats(5e3, 80e3), st.floats(5e3, 80e3))
def test_towns_fill_their_county(seed, width, height):
    county = shapely.box(0, 0, width, height)
    towns = np.array(towns_in(county, np.random.default_rng(seed)), dtype=object)
    assert FEWEST <= len(towns) <= MOST
    assert abs(shapely.area(towns).sum() - county.area) < 1e-6 * county.area
    assert shapely.union_all(towns).symmetric_difference(county).area < 1e-6 * county.area


def test_codes_begin_with_the_county_and_names_cannot_be_taken_for_real_ones(tmp_path):
    borders = county_boundaries(["140932", "140931"])
    number = write_made_up_towns(tmp_path / "towns.gpkg", borders, 7)
    towns = read_vectors(tmp_path / "towns.gpkg")
    assert len(towns.geometry) == number
    assert {code[:6] for code in towns.columns["code"]} == {"140931", "140932"}
    assert all(len(code) == 9 for code in towns.columns["code"])
    assert all(name.startswith("模拟") for name in towns.columns["name"])
    assert set(towns.columns["data_kind"]) == {"模拟数据"}


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    borders = county_boundaries(["140932"])
    for name in ("a", "b"):
        write_made_up_towns(tmp_path / f"{name}.gpkg", borders, 7)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
