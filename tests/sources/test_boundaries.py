"""Borders of counties: complete, valid, with the areas that the targets were made on."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from shuibao.messages import CallError, ShuibaoError
from shuibao.sources._packed import Container, unpack_area, unpack_ring
from shuibao.sources.boundaries import county_areas, county_boundaries, county_table, expand_codes

# Conservation-rate targets of the counties of Xinzhou, per cent of 2025 and 2035 (忻州市水土保持率远期目标).
TARGETS = {
    "140902": (71.36, 78.01),
    "140921": (76.11, 81.59),
    "140922": (65.12, 70.28),
    "140923": (64.55, 68.53),
    "140924": (68.70, 70.41),
    "140925": (56.04, 57.20),
    "140926": (67.02, 67.83),
    "140927": (73.23, 74.14),
    "140928": (70.81, 71.90),
    "140929": (55.66, 56.94),
    "140930": (51.27, 52.55),
    "140931": (42.89, 46.40),
    "140932": (52.09, 52.25),
    "140981": (67.59, 70.96),
}


def packed(*parts: bytes) -> bytes:
    """Return a container of parts, as the format says."""
    return struct.pack(f"<{len(parts) + 1}I", len(parts), *map(len, parts)) + b"".join(parts)


def packed_ring(counts: np.ndarray, *, stepped: bool) -> bytes:
    """Return a ring of vertices counted in steps of 2e-6 degree."""
    if stepped:
        return (
            struct.pack("<I", 1) + counts[0].astype("<u4").tobytes() + np.diff(counts, axis=0).astype("<i2").tobytes()
        )
    return struct.pack("<I", 0) + counts.astype("<u4").tobytes()


@given(
    start=st.tuples(st.integers(40_000, 179_000_000), st.integers(40_000, 89_000_000)),
    steps=st.lists(st.tuples(st.integers(-200, 200), st.integers(-200, 200)), min_size=3, max_size=30),
)
def test_a_ring_reads_the_same_stepped_or_whole(start: tuple[int, int], steps: list[tuple[int, int]]) -> None:
    counts = np.cumsum(np.array([start, *steps]), axis=0)
    stepped = unpack_ring(memoryview(packed_ring(counts, stepped=True)))
    whole = unpack_ring(memoryview(packed_ring(counts, stepped=False)))
    np.testing.assert_array_equal(stepped, whole)
    np.testing.assert_allclose(whole, counts * 2e-6 - [180, 90], rtol=0, atol=1e-9)


def test_a_polygon_keeps_its_hole_and_a_multipolygon_its_parts() -> None:
    square = np.array([[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]) + 1000
    shell, hole = packed_ring(square * 10, stepped=True), packed_ring(square * 10 // 10 + 9030, stepped=False)
    polygon = packed(shell, hole)
    area = unpack_area(memoryview(struct.pack("<I", 5) + polygon))
    several = unpack_area(memoryview(struct.pack("<I", 6) + packed(polygon, polygon)))
    assert len(area.interiors) == 1
    assert len(several.geoms) == 2


def test_a_broken_container_is_refused() -> None:
    with pytest.raises(ValueError, match="promises 10 bytes and has 9"):
        Container(memoryview(packed(b"ab")[:-1]))
    with pytest.raises(ValueError, match="no area"):
        unpack_area(memoryview(struct.pack("<I", 2)))


@pytest.mark.parametrize("edition", ["amap", "tianditu"])
def test_borders_equal_those_decoded_elsewhere(shared_data: Path, edition: str) -> None:
    path = next((shared_data / "boundaries").glob(f"xinzhou*{edition}*.geojson"))
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    theirs = {
        str(f["properties"]["district_adcode"]): shapely.from_geojson(json.dumps(f["geometry"])) for f in features
    }
    ours = county_boundaries(["140900"], edition)  # type: ignore[arg-type]
    assert set(ours.codes) == set(theirs)
    assert all(shapely.equals(theirs[code], area) for code, area in zip(ours.codes, ours.geometry, strict=True))


@pytest.mark.parametrize("year, city", [(0, 63.56), (1, 66.22)])
def test_county_areas_add_the_targets_of_xinzhou_up_to_the_city(year: int, city: float) -> None:
    areas = county_areas(["140900"])
    total = sum(areas.values())
    assert total == pytest.approx(25_185, abs=0.5)
    assert sum(TARGETS[code][year] * area for code, area in areas.items()) / total == pytest.approx(city, abs=0.01)


def test_counties_tile_their_city() -> None:
    areas = county_boundaries(["140900"]).projected()
    assert shapely.area(shapely.union_all(areas)) == pytest.approx(shapely.area(areas).sum(), rel=1e-9)


def test_city_and_province_codes_stand_for_their_counties() -> None:
    assert expand_codes(["140900", "140928"]) == tuple(sorted(TARGETS))
    assert set(TARGETS) < set(expand_codes(["140000"]))
    assert len(expand_codes(["140000"])) == 117
    assert expand_codes(["441900"]) == ("441900",)  # a city without counties


def test_every_county_of_the_nation_is_valid() -> None:
    nation = county_boundaries({row["province_code"] for row in county_table()})
    assert len(nation) == len(county_table())
    assert shapely.is_valid(nation.geometry).all()


def test_neighbours_are_mutual() -> None:
    neighbours = county_boundaries(["140900"]).neighbours()
    assert "140932" in neighbours["140927"]  # 偏关 lies beside 神池
    assert all(code in neighbours[other] for code, others in neighbours.items() for other in others)
    assert all(code not in others for code, others in neighbours.items())


@pytest.mark.parametrize("code, nearest", [("140999", "1409"), ("14092", "14092"), ("五寨", "140928 五寨县")])
def test_an_unknown_code_is_refused_with_the_nearest(code: str, nearest: str) -> None:
    with pytest.raises(ShuibaoError, match="不存在") as refusal:
        county_boundaries([code])
    assert nearest in refusal.value.zh.partition("是否为")[2]
    assert nearest in refusal.value.en.partition("Did you mean")[2]


def test_no_code_and_an_unknown_edition_are_refused() -> None:
    with pytest.raises(ShuibaoError, match="至少"):
        county_boundaries([])
    with pytest.raises(CallError, match="amap"):
        county_boundaries(["140928"], "osm")  # type: ignore[arg-type]


def test_borders_carry_their_origin() -> None:
    boundaries = county_boundaries(["140928"])
    assert boundaries.licence == "MIT"
    assert boundaries.version in boundaries.source
    assert len(boundaries.sha256) == 64
