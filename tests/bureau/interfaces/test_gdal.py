"""GDAL's own drivers, as QGIS uses them, against a server that runs."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pyogrio
import pytest
import shapely
from django.contrib.gis.geos import Polygon
from tests.bureau.interfaces.conftest import FAR, NOW
from tests.bureau.people import make_person

from bureau.interfaces import services
from bureau.interfaces.models import Token
from bureau.publications.models import Watershed, Zone

pytestmark = pytest.mark.slow
DRIVERS = pyogrio.list_drivers()


READ = """
import pickle, sys
import pyogrio
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": sys.argv[3], "GDAL_HTTP_AUTH": "BASIC"})
box = tuple(map(float, sys.argv[4:])) or None
meta, _, geometry, columns = pyogrio.raw.read(sys.argv[1], layer=sys.argv[2], bbox=box)
codes = columns[list(meta["fields"]).index("code")]
sys.stdout.buffer.write(pickle.dumps((list(map(str, codes)), list(geometry))))
"""
"""GDAL holds Python's lock while it waits for the server, which is in this process: so it reads in another."""


KIND = """
import sys
import pyogrio
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": sys.argv[3], "GDAL_HTTP_AUTH": "BASIC"})
info = pyogrio.read_info(sys.argv[1], layer=sys.argv[2])
print(info["geometry_type"], *sorted(info["fields"]))
"""


def token_of(region: str) -> str:
    """Return the token of somebody of a region, as user and password."""
    made, secret = services.make_token(person=make_person("view", region=region), name="GDAL", days=1, now=NOW)
    Token.objects.filter(pk=made.pk).update(expires=FAR)
    return f"gdal:{secret}"


@pytest.fixture
def server(committed: None, live_server: Any, request: pytest.FixtureRequest) -> str:
    """Return the address of a running server that has something published."""
    request.getfixturevalue("all_published")
    return str(live_server.url)


def read(source: str, layer: str, token: str, box: tuple[float, ...] = ()) -> tuple[list[str], Any]:
    """Return the codes and shapes that GDAL reads, without a word of complaint."""
    words = [sys.executable, "-c", READ, source, layer, token, *map(str, box)]
    done = subprocess.run(words, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    assert "already exists" not in done.stderr.decode()
    codes, shapes = pickle.loads(done.stdout)  # noqa: S301 - our own child wrote it
    return codes, shapely.from_wkb(shapes)


def same(codes: list[str], shapes: Any, rows: Any, geometry: str = "geometry") -> None:
    """Hold that what was read is what the database holds, to a millimetre or so."""
    held = {row.code: shapely.from_wkb(bytes(getattr(row, geometry).wkb)) for row in rows}
    assert sorted(codes) == sorted(held)
    for code, shape in zip(codes, shapes, strict=True):
        assert shapely.hausdorff_distance(shape, held[code]) < 2e-8


def zones_of(region: str) -> Any:
    """Return the zones that a region may see: a county its own, and those that are not cut by counties."""
    return Zone.objects.all() if region == "140900" else Zone.objects.filter(county_id__in=[region, "140900"])


@pytest.mark.skipif("OAPIF" not in DRIVERS, reason="GDAL without OAPIF")
@pytest.mark.parametrize("region", ["140900", "140928"])
def test_gdal_reads_by_ogc_api_what_the_database_holds_for_the_region(server: str, region: str) -> None:
    token = token_of(region)
    same(*read(f"OAPIF:{server}/ogc", "watersheds", token), Watershed.objects.all())
    same(*read(f"OAPIF:{server}/ogc", "steep_slope", token), zones_of(region))


@pytest.mark.skipif("WFS" not in DRIVERS, reason="GDAL without WFS")
@pytest.mark.parametrize("region", ["140900", "140928"])
def test_gdal_reads_by_wfs_what_the_database_holds_for_the_region(server: str, region: str) -> None:
    token = token_of(region)
    same(*read(f"WFS:{server}/wfs", "app:watersheds", token), Watershed.objects.all())
    same(*read(f"WFS:{server}/wfs", "app:steep_slope", token), zones_of(region))


@pytest.mark.parametrize("driver", ["OAPIF", "WFS"])
def test_gdal_reads_within_a_box_what_touches_it(server: str, driver: str) -> None:
    if driver not in DRIVERS:
        pytest.skip(f"GDAL without {driver}")
    one = Zone.objects.order_by("pk").first()
    assert one is not None
    box = one.geometry.extent
    source, layer = (
        (f"{driver}:{server}/ogc", "steep_slope") if driver == "OAPIF" else (f"WFS:{server}/wfs", "app:steep_slope")
    )
    codes, _ = read(source, layer, token_of("140900"), box)
    touched = Zone.objects.filter(geometry__bboverlaps=Polygon.from_bbox(box))
    assert sorted(codes) == sorted(touched.values_list("code", flat=True))
    assert len(codes) < Zone.objects.count()


@pytest.mark.parametrize(
    "source, layer", [("OAPIF:{}/ogc", "watersheds"), ("WFS:{}/wfs", "app:watersheds"), ("WFS:{}/wfs", "app:regions")]
)
def test_gdal_is_told_that_every_shape_is_a_multipolygon(server: str, source: str, layer: str) -> None:
    if source.partition(":")[0] not in DRIVERS:
        pytest.skip("GDAL without the driver")
    words = [sys.executable, "-c", KIND, source.format(server), layer, token_of("140900")]
    done = subprocess.run(words, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().split()[0] == "MultiPolygon"
