"""No zone that is to be cut by county lies across the border between two counties of the region."""

import numpy as np
import pytest
import shapely
from pyproj import Transformer
from tests.delimitation.acceptance.handed_in import COUNTY, NAME, RULES

from shuibao.delimitation.acceptance import check_layer, check_package
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.sources.boundaries import county_boundaries
from shuibao.zoning.layer import zone_layer

OTHER = "140929"
BORDERS = dict(zip((COUNTY, OTHER), county_boundaries([COUNTY, OTHER]).projected(), strict=True))
_line = shapely.intersection(*(shapely.buffer(shape, 1) for shape in BORDERS.values()))
_middle = shapely.centroid(max(shapely.get_parts(_line), key=lambda part: part.length))
X, Y = shapely.get_coordinates(shapely.shortest_line(_middle, shapely.boundary(BORDERS[COUNTY])))[1]
ACROSS = shapely.Point(X, Y).buffer(1500).intersection(shapely.union_all(list(BORDERS.values())).buffer(-1))
"""Land on both sides of the border of the two counties, 1500 m around a point of it."""


def steep(*shapes, county=COUNTY, name=NAME, theme="steep_slope"):
    columns = {
        "code": [f"{COUNTY}-{k:04d}" for k in range(1, len(shapes) + 1)], "kind": [theme] * len(shapes),
        "county": [county] * len(shapes), "county_name": [name] * len(shapes), "level": ["county"] * len(shapes),
    }  # fmt: skip
    theme = theme if theme == "steep_slope" else "severe_fragile"
    return zone_layer(theme, columns, np.array(shapes, dtype=object), national_crs())


def crossed(layer, counties=(COUNTY, OTHER)):
    return [fault for fault in check_layer(layer, RULES, counties) if fault.kind.id == "county-crossed"]


def within(code, doubt=0.0):
    return shapely.intersection(ACROSS, shapely.buffer(BORDERS[code], doubt))


def test_the_test_land_lies_on_both_sides():
    assert all(within(code).area > 1e6 for code in BORDERS)


def test_a_steep_slope_across_the_border_is_found_with_the_part_beyond():
    (fault,) = crossed(steep(ACROSS))
    assert fault.code == f"{COUNTY}-0001"
    assert fault.kind.severity == "warning"
    assert fault.spot.within(BORDERS[OTHER].buffer(0.01))
    assert fault.spot.distance(BORDERS[COUNTY]) == pytest.approx(300, abs=5)
    assert fault.found[0] == f"{fault.spot.area / 1e4:,.2f} hm² 在 {OTHER} 岢岚县"


@pytest.mark.parametrize("doubt, count", [(0, 0), (290, 0), (500, 1)])
def test_what_lies_within_the_doubt_of_the_border_is_no_fault(doubt, count):
    assert len(crossed(steep(max(shapely.get_parts(within(COUNTY, doubt)), key=lambda part: part.area)))) == count


@pytest.mark.parametrize("county", ["", f"{COUNTY}、{OTHER}"])
def test_a_zone_that_does_not_name_one_county_is_of_the_one_that_holds_most_of_it(county):
    least = min(BORDERS, key=lambda code: within(code).area)
    (fault,) = crossed(steep(ACROSS, county=county))
    assert f"在 {least} " in fault.found[0]


def test_other_kinds_of_zone_may_lie_across():
    assert crossed(steep(ACROSS, theme="severe")) == []


def test_a_zone_in_the_wrong_county_is_not_across_a_border():
    far = shapely.Point(*shapely.get_coordinates(BORDERS[OTHER].centroid)[0]).buffer(400)
    found = {fault.kind.id for fault in check_layer(steep(far), RULES, (COUNTY, OTHER))}
    assert "place-differs" in found
    assert "county-crossed" not in found


def test_one_county_alone_has_no_border_to_lie_across():
    assert crossed(steep(ACROSS), counties=(COUNTY,)) == []


def test_a_single_layer_that_is_handed_in_is_looked_through_too(tmp_path):
    layer = steep(ACROSS)
    move = Transformer.from_crs(national_crs(), 4490, always_xy=True)
    shapes = shapely.transform(layer.geometry, move.transform, interleaved=False)
    write_geopackage(tmp_path / "steep_slope.gpkg", {"steep_slope": (layer.columns, shapes)}, move.target_crs)
    faults = check_package(tmp_path / "steep_slope.gpkg", RULES, theme="steep_slope", counties=(COUNTY, OTHER)).faults
    assert [fault.code for fault in faults if fault.kind.id == "county-crossed"] == [f"{COUNTY}-0001"]
