"""Two neighbouring counties of imaginary land (模拟数据) over six blocks of cells: the land that whole surveys are tested on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from pyproj import Transformer

from shuibao.ground.files import renamed
from shuibao.ground.grid import BLOCK, Grid, grid_over, national_crs
from shuibao.sources.imaginary import write_imaginary_inputs
from shuibao.survey import Region, load_region
from shuibao.survey.making import write_region_file
from shuibao.survey.region import SIMULATED

CELL = 30.0
WEST, EAST = "990001", "990002"
NAMES = {WEST: "模拟西县", EAST: "模拟东县"}

_CORNER = (111.4, 39.4)
"""Near which longitude and latitude the land lies."""

_INPUTS: dict[str, dict[str, Any]] = {
    "dem": {"path": "inputs/dem.tif", "unit": "m"},
    "land_use": {"path": "inputs/landuse.tif", "scheme": "shuibao"},
    "rain": {"path": "inputs/rain_daily.csv", "unit": "mm"},
    "soil_texture": {
        "sand": "inputs/sand.tif", "silt": "inputs/silt.tif", "clay": "inputs/clay.tif", "organic_carbon": "inputs/soc.tif",
    },
    "cover": {"path": "inputs/fvc_*.tif", "unit": "1"},
    "measures": {"path": "inputs/measures.tif"},
    "tillage": {"value": 0.42},
    "boundaries": {"path": "inputs/borders.geojson", "code": "code", "name": "name"},
}  # fmt: skip
_REGION: dict[str, Any] = {
    "name": "模拟双县", "level": "city", "year": 2024, "cell": 30, "rules": ["national", "shanxi"],
    "erosion_region": "northwest_loess", "data_kind": SIMULATED, "tile": 512,
}  # fmt: skip


def borders() -> dict[str, shapely.Polygon]:
    """Return the counties: a band of land across three columns and two rows of blocks, cut by a crooked border."""
    x, y = Transformer.from_crs(4326, national_crs(), always_xy=True).transform(*_CORNER)
    block = BLOCK * CELL
    left, top = round(x / block) * block - 90 * CELL, round(y / block) * block + 170 * CELL
    right, bottom = left + (BLOCK + 190) * CELL, top - 330 * CELL
    middle = [(left + 380 * CELL + 37 * CELL * (-1) ** k, top - k * 30 * CELL) for k in range(12)]
    return {
        WEST: shapely.Polygon([(left + 40, top), *middle, (left, bottom)]),
        EAST: shapely.Polygon([(right, top - 25), (right - 1000, bottom), *reversed(middle)]),
    }


def write_borders(path: Path, codes: Sequence[str] = (WEST, EAST)) -> None:
    """Write counties as GeoJSON, in degrees."""
    to_degrees = Transformer.from_crs(national_crs(), 4326, always_xy=True)
    features = []
    for code in codes:
        lon, lat = to_degrees.transform(*borders()[code].exterior.coords.xy)
        shape = {"type": "Polygon", "coordinates": [[list(place) for place in zip(lon, lat, strict=True)]]}
        features.append({"type": "Feature", "properties": {"code": code, "name": NAMES[code]}, "geometry": shape})
    with renamed(path) as temporary:
        temporary.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))


def extent() -> Grid:
    """Return the whole blocks that hold both counties."""
    return grid_over(shapely.union_all(list(borders().values())).bounds, CELL).whole_blocks()


def write_inputs(folder: Path) -> None:
    """Write the imaginary inputs of both counties."""
    write_imaginary_inputs(folder, extent(), shapely.union_all(list(borders().values())), seed=7, jobs=1)


def twin_region(
    folder: Path,
    inputs: Path,
    *,
    codes: Sequence[str] = (WEST, EAST),
    region: Mapping[str, Any] | None = None,
    output: Mapping[str, Any] | None = None,
) -> Region:
    """Make a region folder whose inputs are links to those that were made once."""
    (folder / "inputs").mkdir(parents=True)
    for path in inputs.iterdir():
        (folder / "inputs" / path.name).symlink_to(path)
    write_borders(folder / "inputs" / "borders.geojson", codes)
    return changed_region(folder, region=region, output=output)


def changed_region(
    folder: Path, *, region: Mapping[str, Any] | None = None, output: Mapping[str, Any] | None = None
) -> Region:
    """Write region.toml anew, with some settings of its own."""
    path = write_region_file(folder, _REGION | dict(region or {}), _INPUTS)
    if output:
        lines = ["", "[output]", *(f'{key} = "{value}"' for key, value in output.items()), ""]
        path.write_text(path.read_text(encoding="utf-8") + "\n".join(lines), encoding="utf-8")
    return load_region(folder)


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under a folder, by name; files whose names begin with a dot too."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
