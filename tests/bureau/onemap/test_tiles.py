"""Tiles: what is drawn, for whom, and that nobody gets more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.onemap.conftest import EAST, MIDDLE, NORTH, SOUTH, WEST
from tests.bureau.onemap.reading_tiles import colors, rows, texts, tile_at
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.onemap import rasters
from bureau.onemap.drawing import SQUARES, draw, ensure_regions
from bureau.onemap.models import Shape
from bureau.publications.models import Publication
from bureau.regions.models import Region

SignIn = Callable[..., Client]
LAT = (SOUTH + NORTH) / 2


def asked(client: Client, publication: Publication, layer: str, lon: float, z: int, **headers: str) -> object:
    """Return the answer for the tile at a place."""
    return client.get(
        reverse("onemap:vector_tile", args=[publication.pk, layer, *tile_at(lon, LAT, z)]), headers=headers
    )


@pytest.mark.parametrize("z", [9, 11, 14])
def test_a_county_gets_its_own_zones_and_those_of_the_whole_city(zones: Publication, signed_in: SignIn, z: int) -> None:
    city = texts(asked(signed_in("view", region=XINZHOU), zones, "zone", MIDDLE, z).content)
    county = texts(asked(signed_in("view", region=WUZHAI), zones, "zone", MIDDLE, z).content)
    if z < 14:
        assert f"{WUZHAI}-000" in city
        assert f"{PIANGUAN}-003" in city
    assert f"{PIANGUAN}-" not in county
    assert f"{XINZHOU}-006" in county


def test_another_city_gets_no_tile_at_all(zones: Publication, survey: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", "approve", region="220100")
    assert asked(client, zones, "zone", MIDDLE, 11).status_code == 404
    address = reverse("onemap:raster_tile", args=[survey.pk, "intensity", *tile_at(MIDDLE, LAT, 12)])
    assert client.get(address).status_code == 404


def test_far_off_zones_are_squares_whose_areas_add_up(zones: Publication) -> None:
    for least, _, _ in SQUARES:
        found = rows(
            "SELECT sum(area_m2), count(*) FROM onemap_shape WHERE publication_id = %s AND least_zoom = %s",
            zones.pk, least,
        )  # fmt: skip
        assert found[0][0] == pytest.approx(sum(zones.zones.values_list("area_m2", flat=True)))
        assert found[0][1] <= zones.zones.count()


def test_far_off_a_county_still_gets_its_own_only(zones: Publication, signed_in: SignIn) -> None:
    county = texts(asked(signed_in("view", region=WUZHAI), zones, "zone", MIDDLE, 7).content)
    assert WUZHAI in county
    assert PIANGUAN not in county


def test_every_zone_is_drawn_at_every_zoom_from_nine(zones: Publication) -> None:
    for z in range(9, 20):
        found = rows(
            "SELECT count(DISTINCT code), count(*) FROM onemap_shape WHERE publication_id = %s AND layer = 'zone'"
            " AND %s BETWEEN least_zoom AND most_zoom", zones.pk, z,
        )  # fmt: skip
        assert found == [(7, 7)]


def test_watersheds_are_drawn_with_how_much_of_them_erodes(survey: Publication, signed_in: SignIn) -> None:
    codes = list(survey.watersheds.values_list("code", flat=True))
    assert codes
    tile = texts(asked(signed_in("view", region=XINZHOU), survey, "watershed", MIDDLE, 10).content)
    assert any(code in tile for code in codes)
    shape = Shape.objects.filter(publication=survey, layer="watershed").first()
    assert shape is not None
    assert 0 <= (shape.value or 0.0) <= 100


def test_drawing_again_changes_nothing(zones: Publication) -> None:
    before = Shape.objects.filter(publication=zones).count()
    draw(zones)
    assert Shape.objects.filter(publication=zones).count() == before


def test_a_browser_that_has_a_tile_is_told_so_and_nobody_else_may_keep_it(
    zones: Publication, signed_in: SignIn
) -> None:
    client = signed_in("view", region=XINZHOU)
    first = asked(client, zones, "zone", MIDDLE, 11)
    assert first.headers["Cache-Control"].startswith("private")
    assert first.headers["Vary"] == "Cookie"
    again = asked(client, zones, "zone", MIDDLE, 11, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = asked(signed_in("view", region=WUZHAI), zones, "zone", MIDDLE, 11)
    assert other.headers["ETag"] != first.headers["ETag"]


def test_a_raster_tile_is_a_picture_of_the_classes(survey: Publication, signed_in: SignIn) -> None:
    client = signed_in("view", region=XINZHOU)
    for name in ("intensity", "soil_loss", "slope"):
        answer = client.get(reverse("onemap:raster_tile", args=[survey.pk, name, *tile_at(MIDDLE, LAT + 0.01, 12)]))
        assert answer.status_code == 200
        assert answer.content.startswith(b"\x89PNG")
        assert colors(answer.content).any()
    again = client.get(
        reverse("onemap:raster_tile", args=[survey.pk, "slope", *tile_at(MIDDLE, LAT + 0.01, 12)]),
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304
    assert (
        client.get(reverse("onemap:raster_tile", args=[survey.pk, "slope", *tile_at(100.0, 30.0, 12)])).status_code
        == 204
    )


def test_a_county_gets_the_raster_of_its_own_land_only(survey: Publication) -> None:
    raster = survey.rasters.get(name="intensity")
    at = tile_at(MIDDLE, 39.495, 13)
    rasters._border.cache_clear()
    whole = colors(rasters.tile(raster, *at, scope="1409") or b"")
    part = colors(rasters.tile(raster, *at, scope=WUZHAI) or b"")
    assert 0 < np.count_nonzero(part) < np.count_nonzero(whole)
    west, _, east, _ = rasters.bounds_of(*at)
    border = MIDDLE / 180 * rasters.HALF
    column = int((border - west) / (east - west) * rasters.SIDE)
    if column < rasters.SIDE - 2:
        assert not part[:, max(column + 2, 0) :].any()
    rasters._border.cache_clear()


def test_a_border_that_is_loaded_later_counts_at_once(borders: None) -> None:
    rasters._border.cache_clear()
    bounds = rasters.bounds_of(*tile_at(MIDDLE, LAT, 10))
    known = Region.objects.get(pk=WUZHAI).border
    Region.objects.filter(pk=WUZHAI).update(border=None)
    assert rasters._beyond(WUZHAI, bounds).all()
    Region.objects.filter(pk=WUZHAI).update(border=known)
    assert not rasters._beyond(WUZHAI, bounds).all()
    rasters._border.cache_clear()


def test_tiles_drawn_at_once_are_cut_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """rasterio silences a warning for all threads while it masks: side by side, one tile would break the other's."""
    west, south, east, north = bounds = rasters.bounds_of(12, 3300, 1500)
    border = {"type": "Polygon", "coordinates": [[(west, south), (east, south), (east, north), (west, south)]]}
    monkeypatch.setattr(rasters, "_border", lambda scope: border)
    expected = rasters._beyond(WUZHAI, bounds)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as pool:
            drawn = list(pool.map(lambda _: rasters._beyond(WUZHAI, bounds), range(400)))
    finally:
        sys.setswitchinterval(interval)
    assert 0 < np.count_nonzero(expected) < expected.size
    assert all(np.array_equal(one, expected) for one in drawn)


def test_the_base_map_is_everybodys(borders: None, signed_in: SignIn) -> None:
    ensure_regions()
    client = signed_in("view", region="220122")
    tile = client.get(reverse("onemap:base_tile", args=tile_at(MIDDLE, LAT, 10)))
    assert "五寨县" in texts(tile.content)
    assert tile.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize("address", ["/map/base/30/1/1.mvt", "/map/base/3/9/1.mvt"])
def test_there_are_no_other_tiles(signed_in: SignIn, address: str) -> None:
    assert signed_in("view").get(address).status_code == 404


def test_the_bounds_of_the_land_hold_its_places() -> None:
    west, south, east, north = rasters.bounds_of(*tile_at(WEST, LAT, 10))
    assert west <= WEST / 180 * rasters.HALF <= east
    assert south < north
    assert EAST > WEST
