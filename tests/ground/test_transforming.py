"""From one coordinate system to another: what PROJ does, weighed once for each pair."""

from __future__ import annotations

import pytest
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from shuibao.ground.grid import national_crs
from shuibao.ground.transforming import between


def test_a_pair_of_systems_is_made_once_however_it_is_named() -> None:
    assert between(4490, 4527) is between("EPSG:4490", CRS.from_epsg(4527))
    assert between(4490, 4527) is not between(4527, 4490)


def test_it_is_what_proj_does_east_first() -> None:
    there = between(4326, national_crs()).transform(111.3, 39.5)
    assert there == Transformer.from_crs(4326, national_crs(), always_xy=True).transform(111.3, 39.5)
    assert between(national_crs(), 4326).transform(*there) == pytest.approx((111.3, 39.5), abs=1e-9)


def test_a_layer_without_a_system_is_refused() -> None:
    with pytest.raises(CRSError):
        between(None, 4490)
