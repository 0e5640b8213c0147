"""Made-up rivers (模拟数据) and area limits for regions that are much smaller than real small watersheds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import CRS
from tests.survey.small_region import region_grid

from shuibao.ground.grid import Grid, national_crs
from shuibao.ground.vectors import write_geopackage

_PACK = '[pack]\nid = "own"\ntitle = "试用"\ntitle_en = "Trial"\nincludes = ["national"]\n'
_VALUE = (
    '\n[{key}]\nvalue = {value}\nunit = "{unit}"\nname = "试"\nname_en = "Trial"\n'
    'source = "shuibao"\nstatus = "draft"\nbasis = "chosen"\nconfidence = "L"\n'
)


def own_pack(folder: Path, values: dict[str, float], unit: str = "km2", table: str = "watershed") -> dict[str, Any]:
    """Write a rule pack of one's own into a region folder, and return the settings that name it."""
    entries = [_VALUE.format(key=f"{table}.{key}", value=value, unit=unit) for key, value in values.items()]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.toml").write_text(_PACK + "".join(entries), encoding="utf-8")
    return {"rules": ["national", "shanxi", "own.toml"]}


def limits(minimum: float) -> dict[str, float]:
    """Return area limits, km², around a smallest area."""
    return {
        "minimum_area": minimum, "target_area": 2 * minimum, "maximum_area": 5 * minimum, "large_river_area": 50 * minimum,
        "channel_area": minimum / 4, "sliver_area": minimum / 100,
    }  # fmt: skip


def stream(shift: float = 0.0, grid: Grid | None = None) -> shapely.LineString:
    """Return a river from north to south through a region, in national metres."""
    left, bottom, right, top = (grid or region_grid()).bounds
    x = (left + right) / 2 + shift
    return shapely.LineString([(x, top + 100), (x + 200, (top + bottom) / 2), (x, bottom - 100)])


def write_rivers(
    folder: Path, shapes: Sequence[Any] = (), names: Sequence[str | None] = ("模拟河", ""), crs: CRS | None = None
) -> None:
    """Write rivers: by default two through the small region, of which one has a name."""
    found = np.array(shapes or [stream(), stream(300.0)], dtype=object)
    columns = {"河名": list(names), "长度": [1.0] * len(found)}
    write_geopackage(folder / "inputs/rivers.gpkg", {"rivers": (columns, found)}, crs or national_crs())
