"""Areas are listed so that every total is the sum of its parts."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shuibao.delimitation.draft.apportioning import listed_areas

AREAS = st.lists(
    st.tuples(st.floats(0.0, 1e7), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=60
)  # area, county, town


def hundredths(values):
    return np.rint(np.asarray(values) * 100).astype(np.int64)


@given(AREAS)
def test_towns_add_up_to_counties_and_counties_to_the_region(rows):
    area, county, town = (np.array(column) for column in zip(*rows, strict=True))
    listed = hundredths(listed_areas(area, (county, town)))
    assert abs(listed.sum() - area.sum() / 100) <= 0.5 + 1e-3
    for c in np.unique(county):
        towns = [listed[(county == c) & (town == t)].sum() for t in np.unique(town)]
        assert sum(towns) == listed[county == c].sum()
        assert abs(listed[county == c].sum() - area[county == c].sum() / 100) < 1 + 1e-3


@given(AREAS)
def test_no_area_is_listed_a_hundredth_of_a_hectare_off(rows):
    area, county, town = (np.array(column) for column in zip(*rows, strict=True))
    assert np.abs(listed_areas(area, (county, town)) - area / 1e4).max() < 0.01 + 1e-6


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=50))
def test_areas_of_whole_cells_are_listed_as_they_are(cells):
    area = np.array(cells) * 900.0  # cells of 30 m are 0.09 hm²
    assert listed_areas(area).tolist() == np.round(area / 1e4, 2).tolist()


def test_nothing_is_listed_as_nothing():
    assert listed_areas(np.zeros(0), (np.zeros(0), np.zeros(0))).size == 0
