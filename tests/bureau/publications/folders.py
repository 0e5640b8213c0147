"""A region folder of Xinzhou's two counties, run in less than a second, with some zones; all made up (模拟数据)."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import numpy as np
import shapely
import shapely.affinity
import shapely.geometry
from tests.survey.small_region import CODES, small_region

from shuibao.delimitation.folder import theme_folder, write_layer
from shuibao.ground.grid import national_crs
from shuibao.ground.vectors import read_vectors
from shuibao.survey.counties import counties_of
from shuibao.survey.region import load_region
from shuibao.survey.run import run_region
from shuibao.zoning.layer import zone_layer

WUZHAI, PIANGUAN, XINZHOU = "140928", "140932", "140900"


def run_folder(folder: Path, *, cover: float = 1.0, year: int = 2024) -> Path:
    """
    Make and run the folder.

    Parameters
    ----------
    folder : Path
    cover : float
        What bare soil's factor is multiplied by, so that two runs differ.
    year : int
    """
    small_region(
        folder, region={"name": "忻州市", "codes": [XINZHOU], "year": year}, inputs={"tillage": {"value": cover}}
    )
    borders = folder / "inputs" / "borders.geojson"
    text = borders.read_text(encoding="utf-8").replace(CODES[0], WUZHAI).replace(CODES[1], PIANGUAN)
    borders.write_text(text, encoding="utf-8")
    run_region(load_region(folder), jobs=1)
    return folder


def run_county(folder: Path, *, cover: float = 0.4, year: int = 2024, side: float = 1.0) -> Path:
    """
    Make and run a folder of Wuzhai alone, from inputs of its own.

    Parameters
    ----------
    folder : Path
    cover : float
        What bare soil's factor is multiplied by, so that it differs from the city's.
    year : int
    side : float
        What the sides of its land are multiplied by; less than 1 leaves out land of the county.
    """
    name = "五寨县" if side == 1.0 else "清涟河小流域"
    small_region(
        folder, region={"name": name, "level": "county", "codes": [WUZHAI], "year": year},
        inputs={"tillage": {"value": cover}},
    )  # fmt: skip
    borders = folder / "inputs" / "borders.geojson"
    told = json.loads(borders.read_text(encoding="utf-8").replace(CODES[0], WUZHAI))
    told["features"] = [one for one in told["features"] if WUZHAI in one["properties"].values()]
    for one in told["features"]:
        land = shapely.geometry.shape(one["geometry"])
        one["geometry"] = shapely.geometry.mapping(shapely.affinity.scale(land, side, side))
    borders.write_text(json.dumps(told), encoding="utf-8")
    run_region(load_region(folder), jobs=1)
    return folder


def draw_zones(folder: Path, *, count: int = 3, uncut: bool = False) -> Path:
    """
    Draw some steep slopes in each county, as squares of 100 m.

    Parameters
    ----------
    folder : Path
        Of :func:`run_folder`.
    count : int
        In each county.
    uncut : bool
        Whether one more lies in no county of its own.
    """
    region = load_region(folder)
    counties = counties_of(region)
    shapes, county = [], []
    for code, shape in zip(counties.codes, counties.geometry, strict=True):
        x, y = shape.centroid.x, shape.centroid.y
        shapes += [shapely.box(x, y + 150 * k, x + 100, y + 150 * k + 100) for k in range(count)]
        county += [code] * count
    if uncut:
        middle = shapely.union_all(counties.geometry).centroid
        shapes.append(shapely.box(middle.x, middle.y - 500, middle.x + 100, middle.y - 400))
        county.append("")
    columns = {
        "code": [f"{code or XINZHOU}-{k:03d}" for k, code in enumerate(county)],
        "name": [f"陡坡地{k}号（模拟）" for k in range(len(shapes))], "kind": ["steep_slope"] * len(shapes),
        "level": ["county"] * len(shapes), "county": county, "basis": ["steep_slope.angle=25°"] * len(shapes),
        "mean_slope": np.full(len(shapes), 26.5),
    }  # fmt: skip
    layer = zone_layer(
        "steep_slope", columns, np.array(shapes, dtype=object), national_crs(), {"DATA_KIND": "模拟数据"}
    )
    write_layer(theme_folder(folder, "steep_slope") / "drawn.parquet", layer)
    return folder


def area_of(folder: Path) -> float:
    """Return the area of the counties of a folder, m²."""
    return float(shapely.area(read_vectors(folder / "products" / "counties.parquet").geometry).sum())


@cache
def city(base: Path) -> Path:
    """Return the folder, run once for all rooms; never to be changed."""
    return run_folder(base / "shared" / "city")


@cache
def city_with_zones(base: Path) -> Path:
    """Return the folder with zones, made once for all rooms; never to be changed."""
    return draw_zones(shutil.copytree(city(base), base / "shared" / "city-with-zones"), uncut=True)


@cache
def city_otherwise(base: Path) -> Path:
    """Return a folder of the same place and year with other results; never to be changed."""
    return run_folder(base / "shared" / "city-otherwise", cover=0.5)


@cache
def quarter_of_a_county(base: Path) -> Path:
    """Return a folder of a quarter of Wuzhai's land; never to be changed."""
    return run_county(base / "shared" / "quarter-of-a-county", side=0.5)


@cache
def county(base: Path) -> Path:
    """Return the folder of Wuzhai alone; never to be changed."""
    return run_county(base / "shared" / "county")
