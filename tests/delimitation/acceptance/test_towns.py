"""No zone that is to be cut by town lies across the border of one, if the borders are given."""

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer
from tests.delimitation.acceptance.handed_in import RULES, TOWN_NAMES, Package, box, faults_of
from tests.delimitation.acceptance.planting import reshape

from shuibao.delimitation.acceptance import check_package
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.messages import CallError, ShuibaoError

LAND = {
    "140928100": shapely.union_all([box(-3000, -3000, 400, 800), box(1800, -3000, 5000, 800)]),
    "140928101": box(400, -3000, 1800, 800),
    "140928102": box(-3000, 800, 5000, 5000),
}
"""Three towns, of which the first lies in two pieces; the zones of the clean package lie each in its own."""


def towns(path, land=None, code="code", degrees=False):
    shapes = np.array(list((land or LAND).values()), dtype=object)
    crs = national_crs()
    if degrees:
        move = Transformer.from_crs(crs, 4490, always_xy=True)
        shapes, crs = shapely.transform(shapes, move.transform, interleaved=False), 4490
    columns = {code: list(land or LAND), "name": [TOWN_NAMES.get(c, "") for c in land or LAND]}
    write_geopackage(path, {"towns": (columns, shapes)}, CRS.from_user_input(crs))
    return path


@pytest.mark.parametrize("degrees", [False, True])
@pytest.mark.parametrize("code", ["code", "乡镇代码", "XZDM"])
def test_zones_that_lie_each_in_its_town_are_no_fault(tmp_path, degrees, code):
    package = Package(complete=True).write(tmp_path / "package")
    assert faults_of(package, towns=towns(tmp_path / "t.gpkg", code=code, degrees=degrees)) == {}


def test_a_zone_across_a_border_is_found_with_the_part_beyond(tmp_path):
    package = Package()
    reshape(
        package, 2, box(1000, 0, 2000, 300)
    )  # of the second town; 200 m of it are in the first, 100 beyond the doubt
    path = package.write(tmp_path / "package")
    assert faults_of(path) == {}
    (fault,) = check_package(path, RULES, towns=towns(tmp_path / "t.gpkg")).faults
    assert (fault.kind.id, fault.code) == ("town-crossed", "140928-0003")
    assert fault.found[0] == "3.00 hm² 在 140928100 砚城镇"
    assert fault.spot.area == pytest.approx(100 * 300)


@pytest.mark.parametrize("beyond, count", [(95, 0), (102, 0), (104, 1)])
def test_what_is_within_the_doubt_of_the_border_or_hardly_beyond_is_no_fault(tmp_path, beyond, count):
    package = Package()
    reshape(package, 2, box(1000, 0, 1800 + beyond, 300))
    found = faults_of(package.write(tmp_path / "package"), towns=towns(tmp_path / "t.gpkg"))
    assert found.get("town-crossed", 0) == count


def test_a_zone_wholly_in_another_town_than_it_names_is_found(tmp_path):
    package = Package()
    package.columns["town"][5], package.columns["town_name"][5] = "140928102", "三岔镇"
    found = faults_of(package.write(tmp_path / "package"), towns=towns(tmp_path / "t.gpkg"))
    assert found["town-crossed"] == 1


def test_a_zone_that_names_no_town_is_of_the_one_that_holds_most_of_it(tmp_path):
    package = Package()
    package.columns["town"] = [""] * 6
    package.columns["town_name"] = [""] * 6
    package.totals = [row for row in package.sums() if row["level"] != "乡镇"]
    reshape(package, 2, box(1000, 0, 2000, 300))
    faults = check_package(package.write(tmp_path / "package"), RULES, towns=towns(tmp_path / "t.gpkg")).faults
    found = [fault.found[0] for fault in faults if fault.kind.id == "town-crossed"]
    assert found == ["3.00 hm² 在 140928100 砚城镇"]


def test_a_layer_of_towns_that_cannot_be_used_is_refused(tmp_path):
    package = Package().write(tmp_path / "package")
    with pytest.raises(ShuibaoError, match="没有乡镇代码字段（现有：n、name）"):
        check_package(package, RULES, towns=towns(tmp_path / "a.gpkg", code="n"))
    with pytest.raises(CallError, match="文件不存在"):
        check_package(package, RULES, towns=tmp_path / "none.gpkg")
