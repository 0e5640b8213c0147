"""Laws of the bytes at the beginning of a cloud-optimised GeoTIFF, however large the rest."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ground.geotiff import directories
from tests.trials import trials

from shuibao.ground.grid import BLOCK, Grid
from shuibao.ground.tiff import Level, Look, header

LOOK = Look("<f4", "zstd", 3, "nan", {"SOURCE": "a < b & c", "YEAR": "2024"}, None, "slope")
OFFSETS, SIZES = 324, 325


def pyramid(rows: int, cols: int, size: int) -> tuple[Grid, list[Level]]:
    """Return a grid of so many blocks and its levels, each block of one size."""
    grid = Grid(30.0, -140 * BLOCK, 35 * BLOCK, rows * BLOCK, cols * BLOCK)
    levels = [Level(grid.rows, grid.cols, [size] * (rows * cols))]
    while max(levels[-1].rows, levels[-1].cols) > BLOCK:
        high, wide = levels[-1].rows // 2, levels[-1].cols // 2
        levels.append(Level(high, wide, [size] * (-(-high // BLOCK) * -(-wide // BLOCK))))
    return grid, levels


@settings(max_examples=trials(50))
@given(rows=st.sampled_from([1, 2, 4, 8]), cols=st.sampled_from([1, 2, 4, 8]), size=st.integers(1, 3 * 10**8))
def test_blocks_follow_the_header_one_by_one_small_levels_first(rows: int, cols: int, size: int) -> None:
    grid, levels = pyramid(rows, cols, size)
    raw = header(grid, levels, LOOK)
    big, places, found = directories(raw)
    assert big == (found[0][OFFSETS][-1] + size >= 2**32)
    assert max(places) < len(raw)
    assert all(place % 2 == 0 for place in places)
    position = len(raw)
    for tags, level in reversed(list(zip(found, levels, strict=True))):
        assert tags[SIZES] == tuple(level.sizes)
        assert tags[OFFSETS] == tuple(range(position, position + size * len(level.sizes), size))
        assert (tags[256], tags[257]) == ((level.cols,), (level.rows,))
        position += sum(level.sizes)


@pytest.mark.parametrize("size", [10_000, 90_000_000], ids=["TIFF", "BigTIFF"])
def test_only_the_first_directory_is_the_picture_and_says_where_it_lies(size: int) -> None:
    grid, levels = pyramid(8, 6, size)
    _, _, found = directories(header(grid, levels, LOOK))
    assert [tags[254] for tags in found] == [(0,)] + [(1,)] * (len(levels) - 1)
    assert [33922 in tags for tags in found] == [True] + [False] * (len(levels) - 1)
    assert found[0][33550] == (30.0, 30.0, 0.0)
    assert found[0][33922] == (0.0, 0.0, 0.0, grid.left, grid.top, 0.0)
    for tags in found:
        assert (tags[322], tags[323], tags[42113]) == ((BLOCK,), (BLOCK,), b"nan\0")
        assert (tags[258], tags[259], tags[317], tags[339]) == ((32,), (50000,), (3,), (3,))


def test_a_header_is_the_same_for_the_same_picture_and_another_for_other_tags() -> None:
    grid, levels = pyramid(4, 4, 1000)
    other = Look("<f4", "zstd", 3, "nan", {"YEAR": "2025"}, None, "slope")
    assert header(grid, levels, LOOK) == header(grid, levels, LOOK)
    assert header(grid, levels, LOOK) != header(grid, levels, other)
