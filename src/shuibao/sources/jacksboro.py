"""
Real terrain that installs with a dependency: the Jacksboro fault, Tennessee, USA (杰克斯伯勒断层样区).

Matplotlib carries the elevations of this piece of the Appalachians as sample data: 344 × 403 cells of 3 arc seconds.
Matplotlib does not say where it took them from. Everything but the elevation is *stated*: one rain, one soil, one land
class for the whole region, chosen to show the method on real slopes and not to describe Tennessee.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray

SAMPLE = "jacksboro_fault_dem.npz"
LICENCE = "matplotlib (PSF-based, BSD-compatible)"
DATA_KIND = "真实地形，设定参数"
"""What the files are labelled with: real terrain, stated parameters."""

NAME, NAME_EN, CODE = "杰克斯伯勒断层样区", "Jacksboro fault", "jacksboro"

SHRINK = 0.01
"""How far inside the elevations the region's border lies, degrees: about 1 km, for the neighbourhoods of its cells."""

STATED_EROSIVITY = 3500.0
"""Rainfall erosivity R stated for the whole region, MJ·mm/(hm²·h·a); chosen."""

STATED_WEIGHTS = (1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 7, 6, 6, 5, 5, 4, 4, 3, 2, 2)
"""Percent of R in each half-month, stated; chosen: much in summer, some in winter."""

STATED_ERODIBILITY = 0.035
"""Soil erodibility K stated for the whole region, t·hm²·h/(hm²·MJ·mm); chosen."""

STATED_LAND = "forest"
"""Land class stated for the whole region; chosen."""

STATED_COVER = 0.75
"""Vegetation cover stated for the whole region and year, 0-1; chosen."""


@dataclass(frozen=True)
class Terrain:
    """
    The sample elevations with their place (样区高程).

    Attributes
    ----------
    elevation : (rows, cols) array of int16
        m, north up. Never missing.
    transform : Affine
        From (column, row) to longitude and latitude, degrees; WGS84.
    sha256 : str
        Checksum of the file.
    """

    elevation: NDArray[np.int16]
    transform: Affine
    sha256: str

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Return (west, south, east, north), degrees."""
        rows, cols = self.elevation.shape
        west, north = self.transform @ (0, 0)
        east, south = self.transform @ (cols, rows)
        return west, south, east, north


def read_jacksboro() -> Terrain:
    """
    Return the sample elevations from the installed matplotlib (读取样区高程).

    The file calls the northern edge ``ymin`` and the southern one ``ymax``: rows run southward.

    Examples
    --------
    >>> terrain = read_jacksboro()
    >>> terrain.elevation.shape, [round(edge, 2) for edge in terrain.bounds]
    ((344, 403), [-84.41, 36.45, -84.08, 36.73])
    """
    from matplotlib import cbook  # heavy, and wanted by this demo only

    path = Path(str(cbook.get_sample_data(SAMPLE, asfileobj=False)))
    with np.load(path) as sample:
        elevation = sample["elevation"]
        north = max(float(sample["ymin"]), float(sample["ymax"]))
        transform = Affine(float(sample["dx"]), 0.0, float(sample["xmin"]), 0.0, -float(sample["dy"]), north)
    return Terrain(elevation, transform, hashlib.sha256(path.read_bytes()).hexdigest())


def write_jacksboro_inputs(folder: Path) -> dict[str, Any]:
    """
    Write the elevations and the border of the sample region, and state the rest (写出样区输入).

    Parameters
    ----------
    folder : Path
        Where to; made if it is not there.

    Returns
    -------
    dict
        ``inputs``: ``dem`` (``dem.tif``, WGS84), ``boundaries`` (``boundary.geojson``) and the stated ``land_use``,
        ``r_factor``, ``r_weights``, ``soil_k`` and ``cover``; ``name``, ``name_en``, ``code``, ``data_kind``,
        ``stated`` (a sentence in two languages), ``source``, ``licence``, ``version``, ``sha256``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    terrain, version = read_jacksboro(), metadata.version("matplotlib")
    source = f"matplotlib {version} sample data {SAMPLE}"
    _write_elevation(folder / "dem.tif", terrain, source)
    west, south, east, north = terrain.bounds
    border = shapely.segmentize(shapely.box(west + SHRINK, south + SHRINK, east - SHRINK, north - SHRINK), SHRINK)
    _write_border(folder / "boundary.geojson", border)
    return {
        "inputs": {
            "dem": {"path": "dem.tif", "unit": "m"},
            "land_use": {"value": STATED_LAND},
            "r_factor": {"value": STATED_EROSIVITY, "unit": "MJ mm / (hm2 h a)"},
            "r_weights": {"value": [percent / 100 for percent in STATED_WEIGHTS]},
            "soil_k": {"value": STATED_ERODIBILITY, "unit": "t hm2 h / (hm2 MJ mm)"},
            "cover": {"value": STATED_COVER, "unit": "1"},
            "boundaries": {"path": "boundary.geojson", "code": "code", "name": "name"},
        },
        "name": NAME,
        "name_en": NAME_EN,
        "code": CODE,
        "data_kind": DATA_KIND,
        "stated": {
            "zh": "高程为真实地形；降雨、土壤、地类和覆盖度为全区统一设定值，不代表当地实际。",
            "en": "The elevations are real; rain, soil, land class and cover are stated, one value for the whole "
            "region, and do not describe the place.",
        },
        "source": source,
        "licence": LICENCE,
        "version": version,
        "sha256": {SAMPLE: terrain.sha256},
    }


def _write_elevation(path: Path, terrain: Terrain, source: str) -> None:
    rows, cols = terrain.elevation.shape
    with rasterio.open(
        path, "w", driver="GTiff", dtype="int16", count=1, height=rows, width=cols, crs="EPSG:4326",
        transform=terrain.transform, tiled=True, blockxsize=256, blockysize=256, compress="zstd", predictor=2,
    ) as layer:  # fmt: skip
        layer.write(terrain.elevation, 1)
        layer.update_tags(DATA_KIND=DATA_KIND, SOURCE=source, LICENCE=LICENCE, SHA256=terrain.sha256)
        layer.update_tags(1, UNIT="m")
        layer.set_band_description(1, "高程")


def _write_border(path: Path, border: shapely.Geometry) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": CODE, "name": NAME, "name_en": NAME_EN},
        "geometry": json.loads(shapely.to_geojson(border)),
    }
    collection = {"type": "FeatureCollection", "name": CODE, "features": [feature]}
    path.write_text(json.dumps(collection, ensure_ascii=False) + "\n", encoding="utf-8")
