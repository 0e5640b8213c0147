"""Arcs become chords whose vertices lie on them."""

import math
import struct

import numpy as np
import pytest
import shapely

from shuibao.ground.curves import is_curved, straightened
from shuibao.messages import ShuibaoError


def line(kind, points, size=2):
    return struct.pack("<BII", 1, kind, len(points)) + b"".join(struct.pack(f"<{size}d", *p) for p in points)


def several(kind, parts):
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


HALF = line(8, [(1, 0), (0, 1), (-1, 0)])
BASE = line(2, [(-1, 0), (1, 0)])


def test_half_a_disc_of_arc_and_line_has_half_the_area_of_a_circle():
    disc = straightened(several(10, [several(9, [HALF, BASE])]))
    assert disc.is_valid
    assert disc.area == pytest.approx(math.pi / 2, rel=1e-3)
    radius = np.hypot(*np.array(disc.exterior.coords).T)
    assert np.allclose(radius, 1)


def test_finer_chords_come_closer_to_the_circle():
    wkb = several(10, [several(9, [HALF, BASE])])
    errors = [math.pi / 2 - straightened(wkb, step).area for step in (30, 10, 3, 1)]
    assert all(a > b > 0 for a, b in zip(errors, errors[1:], strict=False))


def test_an_arc_keeps_its_ends_and_goes_by_its_middle():
    for middle, sign in (((0, 1), 1), ((0, -1), -1)):
        wkb = several(10, [several(9, [line(8, [(1, 0), middle, (-1, 0)]), BASE])])
        points = np.array(straightened(wkb).exterior.coords)
        assert (points[0] == (1, 0)).all()
        assert np.abs(points[:, 1].max() if sign > 0 else points[:, 1].min()) == pytest.approx(1, abs=1e-3)


def test_points_in_a_row_are_a_line():
    ring = several(9, [line(8, [(0, 0), (1, 0), (2, 0)]), line(2, [(2, 0), (2, 1), (0, 0)])])
    assert straightened(several(10, [ring])).area == 1


def test_a_surface_of_straight_and_curved_parts_is_a_multi_polygon():
    square = shapely.to_wkb(shapely.box(5, 5, 6, 6), byte_order=1)
    both = straightened(several(12, [square, several(10, [several(9, [HALF, BASE])])]))
    assert both.geom_type == "MultiPolygon"
    assert both.area == pytest.approx(1 + math.pi / 2, rel=1e-3)


def test_heights_are_left_out():
    ring = line(1008, [(1, 0, 9), (0, 1, 9), (-1, 0, 9), (0, -1, 9), (1, 0, 9)], size=3)
    circle = straightened(struct.pack("<BII", 1, 1010, 1) + ring)
    assert not circle.has_z
    assert circle.area == pytest.approx(math.pi, rel=1e-3)


def test_only_curves_are_called_curved():
    assert is_curved(several(10, [HALF]))
    assert not is_curved(shapely.to_wkb(shapely.Point(0, 0)))
    assert not is_curved(None)


def test_a_curve_that_encloses_nothing_is_refused():
    with pytest.raises(ShuibaoError, match="不是面"):
        straightened(several(11, [HALF]))
