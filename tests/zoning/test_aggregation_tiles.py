"""A law of the runs that tiles hold: packing loses nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shuibao.zoning.aggregation_tiles import PackedRuns


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**30), st.integers(0, 2**20), st.integers(1, 2**31 - 1))))
def test_packed_runs_come_back_as_they_were(runs: list[tuple[int, int, int, int]]) -> None:
    runs = sorted(runs)
    row, first, longer, piece = (np.array([run[k] for run in runs], np.int32) for k in range(4))
    row_runs = np.searchsorted(row, np.arange(7)).astype(np.int32)
    given_ = row_runs, first, first + longer, piece
    for one, other in zip(given_, PackedRuns.of(*given_).unpacked(), strict=True):
        np.testing.assert_array_equal(one, other)
        assert other.dtype == np.int32
