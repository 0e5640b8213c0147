"""Zones that were split, merged or divided anew are told by their land alone; what only changed its border is not."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from shuibao.delimitation.life.difference import difference
from shuibao.delimitation.life.lineage import descents
from shuibao.ground.grid import national_crs
from shuibao.zoning.layer import zone_layer


def row(**widths):
    """Return zones of some widths in a row, 100 m high."""
    ends = np.cumsum([0, *widths.values()])
    shapes = [shapely.box(a, 0, b, 100) for a, b in zip(ends[:-1], ends[1:], strict=True)]
    columns = {"code": list(widths), "kind": ["steep_slope"] * len(widths)}
    return zone_layer("steep_slope", columns, np.array(shapes, dtype=object), national_crs())


@pytest.mark.parametrize(
    "before, after, told",
    [
        ({"a": 200}, {"a": 120, "b": 80}, [("split", ("a",), ("a", "b"), 1, 0)]),
        ({"a": 120, "b": 80}, {"a": 200}, [("merged", ("a", "b"), ("a",), 0, 1)]),
        ({"a": 100, "b": 100}, {"a": 60, "c": 80, "d": 60}, [("redivided", ("a", "b"), ("a", "c", "d"), 2, 1)]),
        ({"a": 100, "b": 100}, {"a": 105, "b": 95}, []),
        ({"a": 100}, {"x": 100}, []),
        ({"a": 100, "b": 100}, {"a": 100}, []),
        ({"a": 100}, {"a": 100, "b": 100}, []),
    ],
)
def test_descent_is_told_with_the_borders_that_came_and_went(before, after, told):
    found = descents(difference(row(**before), row(**after)))
    borders = [(round(d.drawn.length / 100), round(d.gone.length / 100)) for d in found]
    assert [(d.how, d.before, d.after, *lengths) for d, lengths in zip(found, borders, strict=True)] == told
