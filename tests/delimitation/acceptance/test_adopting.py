"""The zones of an accepted package are taken up as they were drawn, and come out as the same package."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from tests.bureau.delimitation.packed import THEME, WUZHAI, packed, squares

from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.acceptance.adopting import adopted
from shuibao.delimitation.folder import read_layer, write_layer
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules

RULES = load_rules(["national", "shanxi"])


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return packed(squares(), tmp_path_factory.mktemp("packed") / "region")


def test_what_was_packed_is_what_is_taken_up(package, tmp_path):
    report = check_package(package, RULES, counties=[WUZHAI])
    assert report.accepted, [str(f) for f in report.faults]
    layer, drawn = adopted(report, THEME, RULES), squares()
    for name in ("code", "name", "kind", "level", "county", "county_name", "basis", "mean_slope", "land_use"):
        assert layer.columns[name].tolist() == drawn.columns[name].tolist(), name
    assert shapely.equals(layer.geometry, drawn.geometry).all()
    assert np.allclose(layer.columns["area_hm2"], 16.0)
    assert layer.metadata["DATA_KIND"] == "模拟数据"
    assert layer.crs == drawn.crs
    write_layer(tmp_path / "layer.parquet", layer)
    assert read_layer(tmp_path / "layer.parquet").columns["level"].tolist() == ["county"] * 3


def test_only_what_is_in_order_and_of_the_theme_is_taken_up(package, tmp_path):
    report = check_package(package, RULES, counties=[WUZHAI])
    with pytest.raises(ShuibaoError, match="没有这一类区域"):
        adopted(report, "severe_fragile", RULES)
    wrong = check_package(package, RULES, counties=["140932"])
    with pytest.raises(ShuibaoError, match="错误"):
        adopted(wrong, THEME, RULES)


def test_a_package_is_looked_at_before_anything_is_measured_on_it(package):
    seen = []

    def look(layers):
        seen.extend(layers)
        raise ShuibaoError("太大。", "too large.")

    with pytest.raises(ShuibaoError, match="太大"):
        check_package(package, RULES, look=look)
    assert {len(layer) for layer in seen} == {3}
