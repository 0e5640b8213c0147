"""One fault of each kind, to be planted in a clean package."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from tests.delimitation.acceptance.handed_in import COUNTY, STEM, Package, box, polygon

from shuibao.ground.grid import national_crs

Plant = Callable[[Package], None]
PLANTED: dict[str, list[Plant]] = {}
"""Ways to plant a fault, by the kind that must be found, and no other."""


def plants(kind: str) -> Callable[[Plant], Plant]:
    """Note what a function plants."""

    def note(plant: Plant) -> Plant:
        PLANTED.setdefault(kind, []).append(plant)
        return plant

    return note


def reshape(package: Package, row: int, shape: Any, area: float | None = None) -> None:
    """Give a zone another shape, and state its area."""
    package.shapes[row] = shape
    area = shape.area if area is None else area
    package.columns["area_m2"][row] = round(area, 2)
    package.columns["area_hm2"][row] = round(area / 1e4, 2)
    if package.columns["slope_area_hm2"][row] != 15.0:
        package.columns["slope_area_hm2"][row] = round(area / 1e4, 2)


def add(package: Package, shape: Any, **changes: Any) -> None:
    """Add a zone like the third, with another shape."""
    for name, values in package.columns.items():
        values.append(changes.get(name, values[2]))
    package.columns["code"][-1] = changes.get("code", f"{COUNTY}-{len(package.shapes) + 1:04d}")
    package.shapes.append(shape)
    reshape(package, len(package.shapes) - 1, shape)


def projected(package: Package, crs: CRS) -> None:
    """Put the shapes into another coordinate system."""
    move = Transformer.from_crs(national_crs(), crs, always_xy=True).transform
    package.shapes = [shapely.transform(s, move, interleaved=False) for s in package.shapes]
    package.crs = crs


@plants("geometry-invalid")
def crosses_itself(package: Package) -> None:
    reshape(package, 2, polygon((1000, 0), (1400, 300), (1400, 0), (1000, 300)), 120000)


@plants("geometry-invalid")
def hole_outside(package: Package) -> None:
    shape = shapely.Polygon(package.shapes[5].exterior.coords, [box(2400, 0, 2450, 50).exterior.coords])
    package.shapes[5] = shape


@plants("geometry-null")
def no_shape(package: Package) -> None:
    package.shapes[5] = None


@plants("geometry-empty")
def empty_shape(package: Package) -> None:
    package.shapes[5] = shapely.MultiPolygon()


@plants("geometry-multipart")
def two_parts(package: Package) -> None:
    reshape(package, 5, shapely.union(package.shapes[5], box(2500, 0, 2800, 300)))


@plants("geometry-duplicate")
def same_shape_twice(package: Package) -> None:
    add(package, package.shapes[2])


@plants("geometry-type")
def a_line(package: Package) -> None:
    package.shapes[5] = package.shapes[5].exterior


@plants("geometry-curved")
def an_arc(package: Package) -> None:
    ring = shapely.get_coordinates(polygon((2000, 0), (2300, 150), (2000, 300), (1850, 150), (2000, 0)))
    arc = struct.pack("<BII", 1, 8, len(ring)) + ring.tobytes()
    package.shapes[5] = struct.pack("<BII", 1, 10, 1) + arc


@plants("geometry-invalid")
def an_open_ring(package: Package) -> None:
    ring = shapely.get_coordinates(polygon((2000, 0), (2300, 0), (2300, 300), (2000, 300)))[:-1]
    package.shapes[5] = struct.pack("<BIII", 1, 3, 1, len(ring)) + ring.tobytes()


@plants("geometry-dimension")
def measures(package: Package) -> None:
    ring = shapely.get_coordinates(package.shapes[5])
    values = np.column_stack([ring, np.arange(len(ring), dtype=float)])
    package.shapes[5] = struct.pack("<BIII", 1, 2003, 1, len(ring)) + values.tobytes()


@plants("geometry-dimension")
def heights(package: Package) -> None:
    package.shapes = [shapely.force_3d(shape, 900.0) for shape in package.shapes]


@plants("vertex-repeated")
def vertices_too_near(package: Package) -> None:
    reshape(package, 2, polygon((1000, 0), (1400, 0), (1400, 300), (1399.996, 300), (1000, 300)))


@plants("vertex-dense")
def vertices_too_many(package: Package) -> None:
    reshape(package, 2, shapely.segmentize(package.shapes[2], 0.25))


@plants("vertex-spike")
def a_spike(package: Package) -> None:
    reshape(
        package, 2, polygon((1000, 0), (1400, 0), (1400, 300), (1200.2, 300), (1200.1, 330), (1200, 300), (1000, 300))
    )


@plants("hole-small")
def a_small_hole(package: Package) -> None:
    reshape(package, 5, package.shapes[5] - box(2100, 100, 2109, 109))


@plants("sliver")
def a_sliver(package: Package) -> None:
    reshape(package, 0, package.shapes[0])
    add(package, box(0, 300, 400, 301.5), town=package.columns["town"][0], town_name=package.columns["town_name"][0],
        slope_area_hm2=15.0)  # fmt: skip
    package.shapes[0] = polygon((0, 0), (400, 0), (400, 150), (400, 300), (0, 300))


@plants("overlap")
def an_overlap(package: Package) -> None:
    add(package, box(1390, 100, 1700, 400))


@plants("overlap")
def one_inside_another(package: Package) -> None:
    add(package, box(1020, 20, 1320, 220))


@plants("gap")
def a_slit(package: Package) -> None:
    reshape(package, 1, polygon((400.4, 0), (500, 0), (500, 300), (400.4, 300), (400.4, 150)))


@plants("gap")
def an_enclosed_gap(package: Package) -> None:
    add(package, polygon((3000, 0), (3208, 0), (3208, 200), (3200, 200), (3000, 200)))
    add(package, polygon((3208, 0), (3500, 0), (3500, 208), (3208, 208), (3208, 200)))
    add(package, polygon((3200, 208), (3208, 208), (3500, 208), (3500, 500), (3200, 500)))
    add(package, polygon((3000, 200), (3200, 200), (3200, 208), (3200, 500), (3000, 500)))


@plants("edge-mismatch")
def an_edge_not_quite_shared(package: Package) -> None:
    reshape(package, 1, polygon((400, 0), (500, 0), (500, 300), (400, 300), (399.996, 150)))


@plants("area-small")
def too_small(package: Package) -> None:
    add(package, box(2000, 1000, 2200, 1200))


@plants("area-differs")
def a_wrong_area(package: Package) -> None:
    package.columns["area_m2"][2] += 500


@plants("area-planar")
def planar_areas(package: Package) -> None:
    projected(package, CRS.from_epsg(4547))
    package.columns["area_m2"] = [round(s.area, 2) for s in package.shapes]


@plants("crs-missing")
def no_system(package: Package) -> None:
    package.crs = None


@plants("crs-outside")
def in_the_wrong_zone(package: Package) -> None:
    package.metadata = {"codes": []}
    projected(package, CRS.from_epsg(4546))
    package.crs = CRS.from_epsg(4522)


@plants("precision-coarse")
def whole_metres(package: Package) -> None:
    for row, shape in enumerate(package.shapes):
        reshape(package, row, shapely.transform(shape, np.round), None if row > 1 else shape.area)
    reshape(package, 3, polygon((0, 1000), (331, 1000), (416, 1205), (210, 1391), (0, 1300)))


@plants("crs-not-allowed")
def another_datum(package: Package) -> None:
    projected(package, CRS.from_epsg(32649))
    package.shapes = [shapely.transform(s, lambda xy: np.round(xy, 2)) for s in package.shapes]


@plants("crs-swapped")
def latitude_first(package: Package) -> None:
    projected(package, CRS.from_epsg(4490))
    package.shapes = [shapely.transform(s, lambda xy: xy[:, ::-1]) for s in package.shapes]


@plants("crs-contradicted")
def degrees_in_metres(package: Package) -> None:
    projected(package, CRS.from_epsg(4490))
    package.crs = CRS.from_epsg(4546)


@plants("field-missing")
def a_field_less(package: Package) -> None:
    del package.columns["basis"]


@plants("field-empty")
def an_empty_value(package: Package) -> None:
    package.columns["basis"][3] = ""


@plants("field-type")
def text_for_numbers(package: Package) -> None:
    package.columns["mean_slope"] = ["28.5"] * len(package.shapes)


@plants("field-long")
def a_long_name(package: Package) -> None:
    package.columns["name"][1] = "陡" * 41


@plants("value-unknown")
def a_kind_nobody_knows(package: Package) -> None:
    package.columns["level"][1] = 9


@plants("value-unknown")
def a_kind_of_another_theme(package: Package) -> None:
    package.columns["kind"][4] = 1


@plants("code-repeated")
def a_code_twice(package: Package) -> None:
    package.columns["code"][3] = package.columns["code"][2]
    package.columns["area_hm2"][3] = package.columns["area_hm2"][2]
    package.columns["area_m2"][3] = package.columns["area_m2"][2]
    package.shapes[3] = box(0, 1000, 400, 1300)


@plants("code-pattern")
def a_code_of_another_pattern(package: Package) -> None:
    package.columns["code"][3] = "第四块"


@plants("text-garbled")
def garbled(package: Package) -> None:
    package.columns["basis"][2] = "重点预防区".encode("gbk").decode("latin-1")


@plants("county-unknown")
def no_such_county(package: Package) -> None:
    package.columns["county"] = ["140999"] * len(package.shapes)
    package.columns["town"] = [""] * len(package.shapes)
    package.metadata = {"codes": []}
    package.totals = [row | {"county": "140999"} for row in package.sums() if row["level"] == "县"]


@plants("county-replaced")
def an_abolished_county(package: Package) -> None:
    package.columns["county"] = ["140421"] * len(package.shapes)
    package.columns["town"] = [""] * len(package.shapes)
    package.metadata = {"codes": []}
    package.totals = [row | {"county": "140421"} for row in package.sums() if row["level"] == "县"]


@plants("county-name")
def another_counties_name(package: Package) -> None:
    package.columns["county_name"][2] = "定襄县"


@plants("town-name")
def a_town_with_two_names(package: Package) -> None:
    package.columns["town_name"][2] = "别的镇"
    package.totals = [row for row in package.sums() if row["level"] != "乡镇"]


@plants("place-differs")
def a_zone_of_another_county(package: Package) -> None:
    package.columns["county"] = ["140921"] * len(package.shapes)
    package.columns["county_name"] = ["定襄县"] * len(package.shapes)
    package.columns["town"] = [""] * len(package.shapes)
    package.metadata = {"codes": ["140921"]}
    package.totals = [
        row | {"county": "140921", "county_name": "定襄县"} for row in package.sums() if row["level"] == "县"
    ]


@plants("place-differs")
def a_zone_far_away(package: Package) -> None:
    reshape(package, 5, box(60000, 0, 60300, 300))


@plants("total-differs")
def a_wrong_total(package: Package) -> None:
    package.totals = package.sums()
    package.totals[0]["area_hm2"] += 0.05


@plants("total-differs")
def a_wrong_number(package: Package) -> None:
    package.totals = package.sums()
    package.totals[-1]["zones"] += 1


@plants("metadata-missing")
def no_metadata(package: Package) -> None:
    package.metadata = None


@plants("metadata-key")
def a_key_less(package: Package) -> None:
    package.metadata = {"year": None}


@plants("metadata-checksum")
def another_checksum(package: Package) -> None:
    package.metadata = {"files": {f"{STEM}.gpkg": "0" * 64}}


@plants("metadata-simulated")
def made_up_in_one_place_only(package: Package) -> None:
    package.tags["DATA_KIND"] = "模拟数据"


@plants("files-missing")
def a_file_less(package: Package) -> None:
    package.complete = True
    package.without = ("{stem}_list.csv",)


@plants("files-unknown")
def a_strange_file(package: Package) -> None:
    package.extra["notes.abc"] = b"?"


@plants("files-unsafe")
def a_virtual_file(package: Package) -> None:
    package.extra["zones.vrt"] = b"<OGRVRTDataSource/>"


@plants("files-unsafe")
def a_way_out(package: Package) -> None:
    package.extra["more.zip"] = archive({"../../outside.csv": b"a"})


@plants("files-unsafe")
def a_bomb(package: Package) -> None:
    package.extra["more.zip"] = archive({"zeros.csv": bytes(5_000_000)})


@plants("files-unreadable")
def a_broken_archive(package: Package) -> None:
    package.extra["more.zip"] = archive({"a.txt": b"a" * 1000})[:80]


@plants("files-unreadable")
def a_broken_geopackage(package: Package) -> None:
    package.extra["more.gpkg"] = b"SQLite format 3\0" + bytes(500)


@plants("files-missing-part")
def a_shapefile_less_its_index(package: Package) -> None:
    package.extra["more.zip"] = archive({"more.shp": struct.pack(">i", 9994), "more.dbf": b"\3" + bytes(40)})


@plants("files-no-encoding")
def a_table_of_unknown_encoding(package: Package) -> None:
    package.complete = True
    package.extra[f"{STEM}.shp.zip"] = without_member(whole_shapefile(Package(complete=True)), ".cpg")


@plants("files-differ")
def another_shapefile(package: Package) -> None:
    package.complete = True
    other = Package(complete=True)
    reshape(other, 2, box(1000, 0, 1400, 310))
    package.extra[f"{STEM}.shp.zip"] = whole_shapefile(other)


def whole_shapefile(package: Package) -> bytes:
    """Return the zipped shapefile of a package."""
    with tempfile.TemporaryDirectory() as folder:
        package.write(Path(folder))
        return (Path(folder) / f"{STEM}.shp.zip").read_bytes()


def without_member(packed: bytes, suffix: str) -> bytes:
    """Return a zip without its members of a suffix."""
    with zipfile.ZipFile(io.BytesIO(packed)) as whole:
        return archive({name: whole.read(name) for name in whole.namelist() if not name.endswith(suffix)})


def archive(members: dict[str, bytes]) -> bytes:
    """Return a zip of some members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return buffer.getvalue()


TEN: list[Plant] = [
    crosses_itself, a_small_hole, too_small, a_kind_of_another_theme, an_edge_not_quite_shared, a_wrong_total, an_empty_value,
    a_strange_file, a_key_less, another_counties_name,
]  # fmt: skip
