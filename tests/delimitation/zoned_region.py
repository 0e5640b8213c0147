"""A region folder with zones of all three themes drawn, and projects to ask about; nothing of it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from tests.survey.small_region import CODES, NAMES, region_grid, small_region

from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.ground.grid import national_crs
from shuibao.zoning.layer import ZoneLayer, zone_layer

LEFT, BOTTOM, RIGHT, TOP = region_grid().bounds
"""The region: 1800 m square, two counties side by side or one above the other."""


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """Return a rectangle in metres from the region's lower left corner."""
    return shapely.box(LEFT + x0, BOTTOM + y0, LEFT + x1, BOTTOM + y1)


def layers() -> list[ZoneLayer]:
    """Return the zones: prevention west, treatment east, severe and fragile crossing them, two steep slopes."""

    def layer(theme: str, rows: list[tuple[str, str, str, Any]], level: str) -> ZoneLayer:
        columns = {
            "code": [row[0] for row in rows], "name": [row[1] for row in rows], "kind": [row[2] for row in rows],
            "level": [level] * len(rows), "county": [CODES[0]] * len(rows), "county_name": [NAMES[0]] * len(rows),
        }  # fmt: skip
        shapes = np.array([row[3] for row in rows], dtype=object)
        return zone_layer(theme, columns, shapes, national_crs(), {"DATA_KIND": "模拟数据"})

    return [
        layer("prevention_treatment", [("P1", "西预防区", "prevention", box(0, 0, 900, 1800)),
                                       ("T1", "东治理区", "treatment", box(900, 0, 1800, 1200))], "national"),
        layer("severe_fragile", [("S1", "甲", "severe", box(300, 300, 1200, 600)),
                                 ("F1", "乙", "fragile", box(600, 300, 1500, 900))], "province"),
        layer("steep_slope", [("D1", "丙", "steep_slope", box(0, 0, 100, 100)),
                              ("D2", "丁", "steep_slope", box(100, 0, 200, 100))], "county"),
    ]  # fmt: skip


def zoned_region(folder: Path, *, themes: int = 3, region: dict[str, Any] | None = None) -> Path:
    """Make the region folder with the zones of the first themes."""
    small_region(folder, region=region)
    for layer in layers()[:themes]:
        write_layer(theme_folder(folder, layer.theme) / DRAWN, layer)
    return folder


def write_shapes(
    path: Path, shapes: list[Any], names: list[str] | None = None, *, crs: str | None = None, **options: Any
) -> Path:
    """Write shapes as any file that OGR writes, in the national system if not said otherwise."""
    geometry = np.array(shapely.to_wkb(np.array(shapes, dtype=object)), dtype=object)
    kinds = {g.geom_type for g in shapes if g is not None}
    fields = {"name": np.array(names, dtype=object)} if names is not None else {}
    pyogrio.raw.write(
        path, geometry=geometry, field_data=list(fields.values()), fields=list(fields),
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown", crs=national_crs().to_wkt() if crs is None else crs or None,
        **options,
    )  # fmt: skip
    return path
