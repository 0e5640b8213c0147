"""What is no mask, no threshold or no transform is refused in plain words; masked elevations keep their mask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import (
    Channels,
    Drainage,
    contributing_area,
    downstream_sum,
    height_above_nearest_drainage,
    length_to,
    snap_outlets,
    touching,
)

HEIGHTS = np.array([[7, 5, 2, 1, -9999]])
CHANNEL = np.array([[0, 0, 1, 0, 0]])


@cache
def row() -> Drainage:
    """Return cells in a row."""
    return Drainage.from_directions(np.array([[1, 1, 1, 9, 0]], dtype=np.uint8), 30.0)


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.bool_])
def test_a_mask_may_be_bool_or_nought_and_one(kind: Any) -> None:
    assert length_to(row(), CHANNEL.astype(kind))[0, :3].tolist() == [60.0, 30.0, 0.0]


@pytest.mark.parametrize("mask", [lambda: contributing_area(row()), lambda: -CHANNEL, lambda: CHANNEL * 255])
def test_other_whole_numbers_are_no_mask(mask: Callable[[], Any]) -> None:
    for call in (
        lambda: length_to(row(), mask()),
        lambda: height_above_nearest_drainage(row(), HEIGHTS, mask()),
        lambda: downstream_sum(row(), HEIGHTS, mask()),
        lambda: snap_outlets(row(), [0], mask(), 90.0),
    ):
        with pytest.raises(ShuibaoError, match="掩膜应为真假数组，或只有 0 与 1"):
            call()


def test_masked_cells_of_a_mask_are_no_channels() -> None:
    mask = np.ma.masked_array(np.array([[0, 1, 1, 0, 255]], dtype=np.uint8), np.array([[0, 1, 0, 0, 1]], dtype=bool))
    assert length_to(row(), mask)[0, :3].tolist() == [60.0, 30.0, 0.0]


def test_masked_elevations_are_missing_above_channels_too() -> None:
    off_land = np.ma.masked_equal(HEIGHTS, -9999)
    assert height_above_nearest_drainage(row(), off_land, CHANNEL)[0, :3].tolist() == [5.0, 3.0, 0.0]
    with pytest.raises(ShuibaoError, match="高程在 1 个陆地像元上缺失"):
        height_above_nearest_drainage(row(), np.ma.masked_equal(HEIGHTS, 5), CHANNEL)


@pytest.mark.parametrize("threshold", [0, float("nan"), float("inf")])
def test_a_threshold_of_channels_is_a_number_of_cells(threshold: Any) -> None:
    with pytest.raises(CallError, match="河道阈值至少 1 个像元"):
        Channels.from_arrays(row().direction, contributing_area(row()), threshold)


def test_six_numbers_of_gdal_are_no_transform() -> None:
    with pytest.raises(CallError, match=r"Affine\.from_gdal"):
        snap_outlets(row(), [(15.0, -15.0)], CHANNEL, 90.0, transform=(0.0, 30.0, 0.0, 0.0, 0.0, -30.0))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", ["30", None, (30,), (30, 30, 30), 0])
def test_a_drainage_is_refused_what_is_no_cell_size(size: Any) -> None:
    with pytest.raises(ShuibaoError, match="像元边长应为.*经纬度栅格请先投影"):
        Drainage.from_directions(row().direction, size)


@pytest.mark.parametrize("label", [np.array([1, 1, 2]), np.array([[1.0, 2.0]]), np.zeros((2, 2, 2), dtype=int)])
def test_pieces_are_numbered_on_a_grid(label: Any) -> None:
    with pytest.raises(ShuibaoError, match="片号应为二维整数数组"):
        touching(label)
