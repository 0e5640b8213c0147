"""Names of small watersheds: after the stream at the outlet or the longest inside, and unique in each county."""

from __future__ import annotations

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.messages import CallError, ShuibaoError
from shuibao.watershed import outlet_streams, stream_lengths, watershed_names
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


@given(units, st.data())
def test_a_name_begins_with_the_stream_at_the_outlet_where_there_is_one(
    drawn: list[tuple[dict[str, float], str]], data: st.DataObject
) -> None:
    lengths, county = [found for found, _ in drawn], [code for _, code in drawn]
    at_outlet = [data.draw(st.sampled_from(["", *found])) for found in lengths]
    names = watershed_names(lengths, county, COUNTIES, at_outlet)
    plain = watershed_names(lengths, county, COUNTIES)
    assert all(name.startswith(stream) for name, stream in zip(names, at_outlet, strict=True))
    assert len(set(zip(county, names, strict=True))) == len(names)
    if not any(at_outlet):
        assert names == plain


UPPER, LOWER = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)
OUTLET = shapely.Point(9.5, 5.0)


def at_the_outlet(down: int, **streams: list[tuple[float, float]]) -> str:
    """Return the stream at the outlet of the upper of two units."""
    names, lines = list(streams), [shapely.LineString(places) for places in streams.values()]
    lengths = stream_lengths([UPPER, LOWER], names, lines)
    named = outlet_streams({1: (UPPER, OUTLET)}, [down, 0], lengths, names, lines)
    assert named[1] == "", "not asked for"
    return named[0]


def test_the_stream_through_the_outlet_counts_and_not_the_longest() -> None:
    assert at_the_outlet(2, 干河=[(7, 5), (14, 5)], 支河=[(1, 0), (1, 9), (7, 5)]) == "干河"


def test_a_tributary_that_ends_nearer_to_the_outlet_than_the_main_stream_is_mapped_does_not_count() -> None:
    assert at_the_outlet(2, 干河=[(0, 7), (14, 7)], 支河=[(9, 0), (9.4, 5)]) == "干河"


def test_of_two_streams_that_run_on_the_nearer_to_the_outlet_counts() -> None:
    assert at_the_outlet(2, 甲河=[(9, 5.2), (12, 5.2)], 乙河=[(0, 9), (14, 9)]) == "甲河"


def test_where_no_stream_runs_on_the_nearest_to_the_outlet_counts() -> None:
    streams = {"甲河": [(8.0, 5.0), (9.0, 5.0)], "乙河": [(1.0, 0.0), (1.0, 9.0)], "甲河外": [(9.4, 30.0), (9.4, 20.0)]}
    assert at_the_outlet(0, **streams) == at_the_outlet(2, **streams) == "甲河"


def test_a_unit_without_a_named_stream_has_none_at_its_outlet() -> None:
    assert at_the_outlet(2, 外河=[(12, 5), (19, 5)]) == ""


def test_the_nearest_line_of_a_stream_of_many_lines_counts() -> None:
    names = ["甲河", "乙河", "甲河"]
    lines = [shapely.LineString(p) for p in ([(0, 1), (2, 1)], [(5, 5), (6, 5)], [(9, 5), (9.4, 5)])]
    lengths = stream_lengths([UPPER], names, lines)
    assert outlet_streams({1: (UPPER, OUTLET)}, [0], lengths, names, lines) == ["甲河"]


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
    with pytest.raises(CallError, match="一一对应"):
        watershed_names([{}], ["140931"], COUNTIES, ["甲河", "乙河"])
