"""Codes of small watersheds: unique, of one length, and what begins alike belongs together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.survey.rivers import own_pack

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import load_rules
from shuibao.watershed import CODE_SCHEMES, Limits, SmallWatersheds, check_codes, code_scheme, longest_code

LONGEST = 16


def forest(down: list[int]) -> SmallWatersheds:
    """Return units of one cell each that drain into each other."""
    cells = np.ones(len(down), dtype=np.int64)
    total = cells.copy()
    for unit, below in enumerate(down):
        if below:
            total[below - 1] += total[unit]
    zero = np.zeros(len(down), dtype=np.uint8)
    limits = Limits(1, 1, 1, 1, 1)
    return SmallWatersheds(
        (1, 1), limits, zero.astype(np.int32), zero, np.array(down, dtype=np.int32), cells, total, cells, cells, zero
    )


@st.composite
def forests(draw: st.DrawFn, most: int = 60) -> SmallWatersheds:
    """Return a forest whose units drain into higher ones; near ones often, so that there are long streams."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    number, reach = draw(st.integers(1, most)), draw(st.sampled_from([1, 2, 4, 100]))
    down = [min(unit + 1 + int(random.integers(0, reach)), number) for unit in range(1, number)]
    down = [0 if random.random() < 0.05 else below for below in down]
    return forest([*down, 0])


@given(forests(), st.sampled_from(sorted(CODE_SCHEMES)), st.randoms(use_true_random=False))
def test_codes_of_every_scheme_are_unique_and_of_one_length(units: SmallWatersheds, name: str, random: object) -> None:
    county = [random.choice(["140931", "140932"]) for _ in range(units.number)]  # type: ignore[attr-defined]
    codes = code_scheme(name).codes(units, county)
    assert len(codes) == units.number
    assert len(set(map(len, codes))) == 1
    check_codes(codes, LONGEST)


@given(forests())
def test_units_whose_tree_codes_begin_alike_are_connected(units: SmallWatersheds) -> None:
    codes = code_scheme("tree").codes(units, [])
    for length in range(4, len(codes[0])):
        for prefix in {code[:length] for code in codes}:
            inside = {unit for unit, code in enumerate(codes, start=1) if code.startswith(prefix)}
            lowest = [unit for unit in inside if int(units.down[unit - 1]) not in inside]
            assert len(lowest) == 1


@given(forests())
def test_the_county_serial_rises_down_the_water(units: SmallWatersheds) -> None:
    codes = code_scheme("county").codes(units, ["140931"] * units.number)
    for code, below in zip(codes, units.down.tolist(), strict=True):
        assert not below or code < codes[below - 1]


def test_main_stream_and_tributaries_are_numbered_as_pfafstetter_does() -> None:
    # the main stream is 3 → 5 → 6 → 7; 2 joins it in 7, 1 in 6 and 4 in 5
    codes = code_scheme("tree").codes(forest([6, 7, 5, 5, 6, 7, 0]), [])
    assert codes == ["00014", "00012", "00017", "00016", "00015", "00013", "00011"]


def test_a_stream_without_tributaries_is_divided_into_nine() -> None:
    codes = code_scheme("tree").codes(forest([2, 3, 4, 5, 6, 7, 8, 9, 10, 0]), [])
    assert codes == ["000152", "000151", "000142", "000141", "000132", "000131", "000122", "000121", "000112", "000111"]


def test_an_unknown_scheme_is_refused_and_the_known_are_named() -> None:
    with pytest.raises(CallError, match="county、tree"):
        code_scheme("sl653")


def test_a_county_code_of_other_than_six_digits_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="第 2 号"):
        code_scheme("county").codes(forest([0, 0]), ["140931", ""])
    with pytest.raises(CallError, match="主县"):
        code_scheme("county").codes(forest([0, 0]), ["140931"])


def test_a_county_with_too_many_units_is_refused() -> None:
    with pytest.raises(ShuibaoError, match="多于 9999"):
        code_scheme("county").codes(forest([0] * 10000), ["140931"] * 10000)
    with pytest.raises(ShuibaoError, match="多于 9999"):
        code_scheme("tree").codes(forest([0] * 10000), [])


@pytest.mark.parametrize(
    "codes, message",
    [(["A" * 17], "17 位"), (["a1"], "大写"), ([""], "大写"), (["A1", "B2", "A1"], "第 1 号与第 3 号")],
)
def test_codes_that_cannot_be_used_are_refused_and_the_unit_named(codes: list[str], message: str) -> None:
    with pytest.raises(ShuibaoError, match=message):
        check_codes(codes, LONGEST)


@pytest.mark.parametrize("name", sorted(CODE_SCHEMES))
def test_the_rules_allow_the_longest_code_of_each_scheme_and_no_longer_one(name: str) -> None:
    longest = longest_code(load_rules(["national"]), name)
    units = forest([2, 3, 0])
    codes = code_scheme(name).codes(units, ["140931"] * 3)
    assert max(map(len, codes)) <= longest
    padded = [code.ljust(longest, "0") for code in codes]
    check_codes(padded, longest)
    with pytest.raises(ShuibaoError, match=f"最多 {longest} 位"):
        check_codes([*padded[:-1], padded[-1] + "0"], longest)


def longest_of(folder: Path, value: float, scheme: str) -> int:
    own_pack(folder, {"wscd_length": value}, "characters")
    return longest_code(load_rules(["national", folder / "own.toml"]), scheme)


@pytest.mark.parametrize(
    "scheme, value, least",
    [
        ("county", 9, 10),
        ("tree", 3, 4),
        ("own", 0, 1),
        ("tree", -16, 4),
        ("county", 16.5, 10),
        ("tree", float("nan"), 4),
    ],
)
def test_a_length_that_no_code_can_keep_to_is_refused(tmp_path: Path, scheme: str, value: float, least: int) -> None:
    with pytest.raises(CallError) as refused:
        longest_of(tmp_path, value, scheme)
    for message in (refused.value.zh, refused.value.en):
        for part in ("watershed.wscd_length", f"{value}", scheme, f"{least}"):
            assert part in message


@pytest.mark.parametrize("scheme, county", [("county", "140931"), ("tree", "")])
def test_the_shortest_length_allowed_is_that_of_a_lone_unit(tmp_path: Path, scheme: str, county: str) -> None:
    (code,) = code_scheme(scheme).codes(forest([0]), [county])
    assert longest_of(tmp_path, len(code), scheme) == len(code)
    with pytest.raises(CallError):
        longest_of(tmp_path, len(code) - 1, scheme)
