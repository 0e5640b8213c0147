"""A region folder with a few zones, for tests of what people do to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.delimitation.life.editing import Wishes
from shuibao.delimitation.life.edits import Act, record_edit
from shuibao.delimitation.life.incoming import Territory
from shuibao.delimitation.life.journal import read_journal
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import write_geopackage
from shuibao.rules import load_rules
from shuibao.zoning.layer import ZoneLayer, zone_layer

THEME = "severe_fragile"
RULES = load_rules(["national"])
X0, Y0 = 627_000.0, 4_149_000.0
"""A corner inside Xinfu (140902) on the national grid, m; ten kilometres east and north of it lie in the county."""

SIDE = 1000.0
LAND = Territory(("140902",), np.array([shapely.box(X0 - 50, Y0 - 50, X0 + 20 * SIDE, Y0 + 20 * SIDE)], dtype=object))
ACT = Act("张三", "2024-07-01", "实地复核", ())


def square(column: float, row: float, width: float = 1, height: float = 1):
    """Return a square of the test land, by column and row, kilometres."""
    x, y = X0 + column * SIDE, Y0 + row * SIDE
    return shapely.box(x, y, x + width * SIDE, y + height * SIDE)


def some_zones() -> ZoneLayer:
    """Return four zones: three in a row that touch, one apart."""
    shapes = [square(0, 0), square(1, 0), square(2, 0), square(5, 5, 2, 1)]
    columns = {
        "code": ["A1", "A2", "A3", "B1"], "kind": ["severe", "severe", "fragile", "severe"],
        "name": ["东沟", "西沟", "南梁", "北梁"], "county": ["140902"] * 4, "level": ["county"] * 4,
        "county_name": ["忻府区"] * 4, "mean_slope": [10.0, 12.5, 20.0, 9.0], "cells": [1111, 1111, 1111, 2222],
    }  # fmt: skip
    return zone_layer(THEME, columns, np.array(shapes, dtype=object), national_crs(), {"DATA_KIND": "模拟数据"})


def drawn_folder(folder: Path, layer: ZoneLayer | None = None) -> Path:
    """Return a region folder with these zones drawn."""
    write_layer(theme_folder(folder, THEME) / DRAWN, some_zones() if layer is None else layer)
    return folder


def handed_in(path: Path, zones: dict[str, object], **columns: list[object]) -> Path:
    """Write shapes by code as somebody would hand them in."""
    fields = {"code": list(zones), **columns}
    write_geopackage(path, {"zones": (fields, np.array(list(zones.values()), dtype=object))}, national_crs())
    return path


def edit(folder: Path, act: Act = ACT, resolution: str = "refuse", **wishes: object):
    """Record an edit."""
    return record_edit(folder, THEME, Wishes(**wishes), act, RULES, resolution=resolution)


def journal(folder: Path):
    """Return the records of the zones."""
    return read_journal(theme_folder(folder, THEME))
