"""
What is in a region folder, read through shuibao's own doors (读取区域文件夹).

A folder is read whole before anything is written: what cannot be read is refused here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.warp import transform_bounds

from bureau.publications.models import Theme
from bureau.refusal import Refusal
from shuibao.delimitation.life.recorded_zones import digest_of
from shuibao.delimitation.life.versions import current_layer
from shuibao.facts import Facts
from shuibao.ground.files import sha256_of
from shuibao.ground.transforming import between
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.messages import ShuibaoError
from shuibao.rules import load_rules
from shuibao.survey.counties import counties_of
from shuibao.survey.records import read_record
from shuibao.survey.region import SIMULATED, Region, load_region
from shuibao.survey.run import is_simulated, provenance
from shuibao.zoning.layer import ZoneLayer

RASTERS = {"soil_loss": "t/(km²·a)", "intensity": "", "slope": "°"}
"""Rasters that are published, with their units."""
TARGET = pyproj.CRS("EPSG:4490")


@dataclass(frozen=True)
class RasterFile:
    """A raster to publish (待发布栅格)."""

    name: str
    path: Path
    sha256: str
    size: int
    bounds: tuple[float, float, float, float]


@dataclass(frozen=True)
class Folder:
    """
    A region folder that was read (已读的区域文件夹).

    Attributes
    ----------
    region : shuibao.survey.region.Region
    simulated : bool
        Whether the land is made up.
    county_areas : mapping of str to float
        Area of each county's shape, m².
    provenance : dict
        Software, rule packs, hashes of inputs and products, drafts that it rests on.
    content : str
        SHA-256 over what is published.
    facts : Facts, optional
        Of a survey.
    watersheds : Vectors, optional
        Of a survey, in longitude and latitude.
    rasters : tuple of RasterFile
        Of a survey.
    zones : ZoneLayer, optional
        Of a delimitation.
    zone_shapes : array, optional
        Shapes of the zones in longitude and latitude.
    """

    region: Region
    simulated: bool
    county_areas: Mapping[str, float]
    provenance: dict[str, Any]
    content: str
    facts: Facts | None = None
    watersheds: Vectors | None = None
    rasters: tuple[RasterFile, ...] = ()
    zones: ZoneLayer | None = None
    zone_shapes: NDArray[Any] | None = None


def read_survey(folder: Path, *, rasters: tuple[str, ...] = tuple(RASTERS)) -> Folder:
    """
    Read the survey of a region folder (读取调查成果).

    Parameters
    ----------
    folder : Path
        Region folder that was run.
    rasters : tuple of str
        Rasters to publish, of :data:`RASTERS`; those that are not there are left out.

    Raises
    ------
    Refusal
        If the folder was not run, or its products are not those of its last run.
    """
    region = _region(folder)
    record = read_record(region, "land")
    if record is None:
        raise Refusal("not-run", f"{folder} 还没有运行完（缺少 records/land.json）；请先运行 shuibao run。")
    _refuse_changed(region, record)
    try:
        facts = Facts.read(region.products / "facts.parquet")
        drained = region.products / "watersheds.parquet"
        watersheds = _in_degrees(read_vectors(drained)) if drained.is_file() else None
        files = tuple(_raster(region, name) for name in rasters if (region.products / f"{name}.tif").is_file())
        products = {"products/facts.parquet": sha256_of(region.products / "facts.parquet")}
        products |= {"products/watersheds.parquet": sha256_of(drained)} if watersheds else {}
        products |= {f"products/{file.name}.tif": file.sha256 for file in files}
        return Folder(
            region=region, simulated=is_simulated(region), county_areas=_county_areas(region),
            provenance=_provenance(region, record, products), content=_hash(products),
            facts=facts, watersheds=watersheds, rasters=files,
        )  # fmt: skip
    except ShuibaoError as unreadable:
        raise Refusal("unreadable", f"成果读不出来：{unreadable}") from unreadable


def read_zones(folder: Path, theme: str) -> Folder:
    """
    Read the zones of one theme as they are now (读取划定成果).

    Parameters
    ----------
    folder : Path
        Region folder with zones.
    theme : str
        One of :class:`bureau.publications.models.Theme`.

    Raises
    ------
    Refusal
        If there is no such theme, or nothing is drawn.
    """
    if theme not in Theme.values:
        raise Refusal("no-theme", f"没有区域类别“{theme}”；可用：{'、'.join(Theme.values)}。")
    region = _region(folder)
    try:
        layer = current_layer(folder, theme)
        shapes = _degrees(layer.geometry, layer.crs)
        digest = digest_of(layer)
        areas = _county_areas(region)
        told = _provenance(region, {}, {f"zones/{theme}": digest}) | {
            "layer": dict(layer.metadata), "extent": {code: round(area) for code, area in areas.items()},
        }  # fmt: skip
        return Folder(
            region=region, simulated=region.simulated or layer.metadata.get("DATA_KIND") == SIMULATED,
            county_areas=areas, provenance=told, content=digest, zones=layer, zone_shapes=shapes,
        )  # fmt: skip
    except ShuibaoError as unreadable:
        raise Refusal("unreadable", f"划定成果读不出来：{unreadable}") from unreadable


def _region(folder: Path) -> Region:
    try:
        return load_region(folder)
    except ShuibaoError as wrong:
        raise Refusal("not-a-region", f"{folder} 不是可用的区域文件夹：{wrong}") from wrong


def _refuse_changed(region: Region, record: Mapping[str, Any]) -> None:
    """Refuse products that are not those which the run left."""
    for name, size in record.get("outputs", {}).items():
        path = region.folder / name
        if not path.is_file() or path.stat().st_size != size:
            raise Refusal("products-changed", f"{name} 与运行记录不符（缺失或被改动）；请重新运行 shuibao run。")


def _county_areas(region: Region) -> dict[str, float]:
    counties = counties_of(region)
    return dict(zip(counties.codes, shapely.area(counties.geometry).tolist(), strict=True))


def _raster(region: Region, name: str) -> RasterFile:
    path = region.products / f"{name}.tif"
    with rasterio.open(path) as dataset:
        bounds = transform_bounds(dataset.crs, "EPSG:4490", *dataset.bounds)
    return RasterFile(name, path, sha256_of(path), path.stat().st_size, tuple(round(v, 6) for v in bounds))


def _in_degrees(vectors: Vectors) -> Vectors:
    return Vectors(vectors.columns, _degrees(vectors.geometry, vectors.crs), TARGET, vectors.metadata)


def _degrees(shapes: NDArray[Any], crs: pyproj.CRS | None) -> NDArray[Any]:
    """Return shapes in longitude and latitude, valid, as multi-polygons."""
    change = between(crs or TARGET, TARGET)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    turned = np.asarray(shapely.transform(shapes, moved), dtype=object)
    wrong = ~shapely.is_valid(turned)
    turned[wrong] = shapely.make_valid(turned[wrong])
    return np.array([_polygons(shape) for shape in turned], dtype=object)


def _polygons(shape: Any) -> Any:
    """Return the polygons of a shape as one multi-polygon."""
    parts = [part for part in shapely.get_parts(shape) if part.geom_type in {"Polygon", "MultiPolygon"}]
    return shapely.multipolygons([p for part in parts for p in shapely.get_parts(part)])


def _provenance(region: Region, record: Mapping[str, Any], products: Mapping[str, str]) -> dict[str, Any]:
    depends = record.get("depends", {})
    drafts = [
        {key: p.get(key, "") for key in ("key", "name", "source", "clause", "pack")}
        for p in record.get("parameters", []) if p.get("status") != "verified"
    ]  # fmt: skip
    rules = load_rules(region.packs)
    return {
        "software": record.get("software", provenance(region, rules)["SOFTWARE"]),
        "rule_packs": [str(pack) for pack in region.rules if not str(pack).endswith(".toml")],
        "rules_sha256": rules.digest(),
        "data_kind": SIMULATED if is_simulated(region) else "",
        "cell_m": region.cell,
        "erosion_region": region.erosion_region,
        "boundaries": depends.get("borders", ""),
        "note": region.note,
        "inputs": dict(depends.get("files", {})),
        "products": dict(products),
        "drafts": drafts,
    }


def _hash(named: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(dict(named), sort_keys=True).encode()).hexdigest()
