"""Packages of zones where their counties really are; all made up (模拟数据)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.folder import theme_folder, write_layer
from shuibao.ground.grid import national_crs
from shuibao.report.zone_package import make_package
from shuibao.sources.boundaries import county_boundaries
from shuibao.survey.making import write_region_file
from shuibao.survey.region import SIMULATED, load_region
from shuibao.zoning.layer import ZoneLayer, zone_layer

THEME, WUZHAI, PIANGUAN = "steep_slope", "140928", "140932"
SIDE = 400.0


def squares(county: str = WUZHAI, *, count: int = 3, gap: float = 0.0, prefix: str = "") -> ZoneLayer:
    """Return squares of 16 hm² in a row in the middle of a county, with all that a package must say."""
    found = county_boundaries([county])
    inside = found.projected()[0].representative_point()
    x, y = round(inside.x), round(inside.y)
    shapes = [shapely.box(x + (SIDE + gap) * k, y, x + (SIDE + gap) * k + SIDE, y + SIDE) for k in range(count)]
    words: dict[str, Any] = {
        "code": [f"{prefix or county}-{k + 1:04d}" for k in range(count)], "name": [f"陡坡地{k + 1}号（模拟）" for k in range(count)],
        "kind": [THEME] * count, "level": ["county"] * count, "county": [county] * count,
        "county_name": [found.names[0]] * count, "basis": ["steep_slope.angle=25°"] * count, "mean_slope": np.full(count, 27.25),
        "angle": np.full(count, 25.0), "land_use": np.full(count, 4), "land_use_name": ["草地"] * count,
        "land_use_share": np.full(count, 88.0), "land_mix": ["草地 88 %"] * count, "slope_area_hm2": np.full(count, 48.0),
    }  # fmt: skip
    return zone_layer(THEME, words, np.array(shapes, dtype=object), national_crs(), {"DATA_KIND": SIMULATED})


def folder_of(layer: ZoneLayer, folder: Path, *, county: str = WUZHAI, year: int = 2024) -> Path:
    """Return a region folder with a layer as it was drawn."""
    folder.mkdir(parents=True)
    table = {
        "name": "五寨县", "level": "county", "codes": [county], "year": year, "cell": 30, "rules": ["national", "shanxi"],
        "data_kind": SIMULATED,
    }  # fmt: skip
    write_region_file(folder, table, {"boundaries": {"source": "counties"}})
    write_layer(theme_folder(folder, layer.theme) / "drawn.parquet", layer)
    return folder


def packed(layer: ZoneLayer, folder: Path, *, county: str = WUZHAI, year: int = 2024) -> Path:
    """Return the zip of a package of a layer, as ``shuibao zones package`` writes it."""
    region = load_region(folder_of(layer, folder, county=county, year=year))
    return make_package(read_result(region, layer.theme), folder / "成果包.zip")


def altered(path: Path, out: Path, members: dict[str, bytes], *, without: tuple[str, ...] = ()) -> Path:
    """Return a copy of an archive with other members."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            if member.filename not in members and not member.filename.endswith(without or ("\0",)):
                new.writestr(member.filename, old.read(member))
        for name, content in members.items():
            new.writestr(name, content)
    return out
