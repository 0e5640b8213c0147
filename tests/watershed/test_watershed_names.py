"""Names of small watersheds: after the longest stream inside, and unique in each county."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import stream_lengths, watershed_names
from shuibao.watershed.watershed_names import numeral

COUNTIES = {"140931": "保德县", "140932": "偏关县"}

units = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(["偏关河", "县川河", "偏关河上段"]), st.floats(1.0, 1e5), max_size=3),
        st.sampled_from(["140931", "140932", "140981"]),
    ),
    max_size=15,
)


@given(units)
def test_names_are_unique_within_a_county(drawn: list[tuple[dict[str, float], str]]) -> None:
    lengths, county = [found for found, _ in drawn], [code for _, code in drawn]
    names = watershed_names(lengths, county, COUNTIES)
    pairs = list(zip(county, names, strict=True))
    assert len(set(pairs)) == len(pairs)


@given(units)
def test_a_name_begins_with_the_longest_stream_or_the_county(drawn: list[tuple[dict[str, float], str]]) -> None:
    lengths, county = [found for found, _ in drawn], [code for _, code in drawn]
    for found, code, name in zip(lengths, county, watershed_names(lengths, county, COUNTIES), strict=True):
        longest = max(found.values(), default=0.0)
        streams = [stream for stream, length in found.items() if length == longest]
        assert any(name.startswith(first) for first in streams or [COUNTIES.get(code, code)])


def test_stretches_of_one_stream_are_named_from_above() -> None:
    for number, expected in (
        (1, ["清水河小流域"]),
        (2, ["清水河上段小流域", "清水河下段小流域"]),
        (3, ["清水河上段小流域", "清水河中段小流域", "清水河下段小流域"]),
        (4, [f"清水河{k}段小流域" for k in "一二三四"]),
    ):
        assert watershed_names([{"清水河": 5.0}] * number, ["140931"] * number, COUNTIES) == expected


def test_two_counties_may_have_the_same_name() -> None:
    assert watershed_names([{"清水河": 5.0}] * 2, ["140931", "140932"], COUNTIES) == ["清水河小流域"] * 2


def test_without_streams_units_are_numbered_by_county() -> None:
    names = watershed_names([{}, {}, {}], ["140932", "140931", "140932"], COUNTIES)
    assert names == ["偏关县第1小流域", "保德县第1小流域", "偏关县第2小流域"]


@given(st.integers(1, 9999))
def test_numerals_read_back(number: int) -> None:
    value, digit = 0, 0
    for character in numeral(number):
        if character in "十百千":
            value += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[character]
            digit = 0
        else:
            digit = "零一二三四五六七八九".index(character)
    assert value + digit == number


def test_lengths_are_measured_inside_each_unit_and_summed_by_name() -> None:
    boxes = [shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)]
    lines = [
        shapely.LineString([(2, 5), (16, 5)]),
        shapely.LineString([(3, 1), (3, 4)]),
        shapely.LineString([(0, 0), (0, 9)]),
    ]
    lengths = stream_lengths(boxes, ["甲河", "甲河", ""], lines)
    assert lengths == [{"甲河": pytest.approx(11.0)}, {"甲河": pytest.approx(6.0)}]


def test_a_stream_that_only_touches_a_unit_does_not_name_it() -> None:
    touching = shapely.LineString([(10, 5), (30, 5)])
    inside = shapely.LineString([(1, 1), (2, 1)])
    assert stream_lengths([shapely.box(0, 0, 10, 10)], ["甲河", "乙河"], [touching, inside]) == [{"乙河": 1.0}]


def test_streams_of_another_place_are_refused_and_both_extents_named() -> None:
    with pytest.raises(ShuibaoError, match=r"不重叠.*\[111"):
        stream_lengths([shapely.box(0, 0, 9e5, 9e5)], ["甲河"], [shapely.LineString([(111.0, -39.0), (112.0, -39.0)])])


def test_a_layer_without_names_names_nothing() -> None:
    assert stream_lengths([shapely.box(0, 0, 1, 1)], ["", " "], [shapely.Point(0, 0)] * 2) == [{}]


def test_lists_of_different_lengths_are_refused() -> None:
    with pytest.raises(CallError, match="一一对应"):
        stream_lengths([], ["甲河"], [])
    with pytest.raises(CallError, match="一一对应"):
        watershed_names([{}], [], COUNTIES)
