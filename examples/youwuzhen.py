"""
A region folder of a real catchment: 游屋圳, Changting, Fujian (真实小流域游屋圳的区域文件夹).

    python examples/youwuzhen.py OUTDIR [--data PATH]
    shuibao check OUTDIR
    shuibao run OUTDIR
    shuibao report OUTDIR
    python -m examples.youwuzhen_sediment OUTDIR

The data (Zhu et al., SEIMS, GPL-3.0) are not part of this project; PATH is the folder that holds ``area_youwuzhen``.
Maps and rain are copied as they are. Three things are derived here: K of each soil unit (EPIC, upper layer), the
catchment of the gauge (the land-use map reaches 1.2 km² beyond it), and a region.toml that says what was measured and
what was chosen.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import rasterio.features
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.erosion.soil import EpicCoefficients, erodibility_epic, fine_earth, organic_carbon
from shuibao.ground.vectors import read_vectors, write_geopackage
from shuibao.messages import ShuibaoError, say
from shuibao.rules import load_rules
from shuibao.survey.making import write_region_file
from shuibao.terrain import fill_depressions, route
from shuibao.watershed import Drainage, basins

COPIED = {
    "spatial/ywzdem30m.tif": "dem.tif",
    "spatial/ywzlanduse30m_upd.tif": "landuse.tif",
    "spatial/ywzsoil30m.tif": "soil.tif",
    "climate/pcp_daily.csv": "rain_daily.csv",
}
"""Files taken as they are. The reader skips the line #UTCTIME and takes the column 81502750 for the station."""

SOILS, OUTLET = "lookup/soil_properties_lookup.csv", "spatial/outlet_beijing1954.shp"
"""Soil table, and the point of the gauge."""

COVER = 0.6034
"""Mean vegetation cover of the Hetian basin in 2013: Xu et al. (2016) Acta Ecologica Sinica 36(21), 6960-6968."""

PADDY = 0.03 * 0.084
"""USLE C times P of rice in the SEIMS database; 0.084 is also E of level terraces with earth banks."""

NOTE = (
    "真实数据（SEIMS，Zhu 等），北京 54 三度带 39 带；EPSG 没有这里到 WGS84 的公开转换参数，七参数不明，按基准面相同"
    "处理：各图层同一基准面，彼此不错位，绝对位置可能有百米以内的偏移。"
    "土地利用的上边比高程低两行（60 m），按各自坐标读入；"
    "它比流域多出 1.2 km²，范围以出口测站以上的流域为准。"
    "实测植被盖度缺，以地类表代替：有林地、果园取河田盆地 2013 年平均盖度 60.34 %（徐凯健等 2016，生态学报 36(21)），"
    "不分季节。水田 T 取 SEIMS 数据库水稻 C·P = 0.03 × 0.084。没有工程措施图，E = 1。雨量只有河田站 2012—2017 六年。"
)


def main() -> int:
    """Read the command line and make the folder."""
    parser = argparse.ArgumentParser(description=say("建立游屋圳区域文件夹", "Make the region folder of Youwuzhen"))
    parser.add_argument("outdir", type=Path, help=say("要建立的文件夹", "folder to make"))
    parser.add_argument("--data", type=Path, default=default_data(), help=say("数据文件夹", "folder of the data"))
    given = parser.parse_args()
    try:
        make(given.outdir, given.data)
    except ShuibaoError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(say("区域文件夹已建立；接着运行：", "The region folder is made; now run:"))
    for verb in ("check", "run", "facts", "rate", "report"):
        print(f"  shuibao {verb} {given.outdir}")
    return 0


def default_data() -> Path:
    """Return where the data lie beside the project."""
    return Path(__file__).resolve().parents[2] / "shared" / "data"


def make(outdir: Path, data: Path) -> Path:
    """
    Make the region folder.

    Parameters
    ----------
    outdir : Path
        Folder to make; it must not hold a region yet.
    data : Path
        Folder that holds ``area_youwuzhen``, or that folder itself.

    Raises
    ------
    ShuibaoError
        If the data are absent or the folder holds a region already.
    """
    source = data if data.name == "area_youwuzhen" else data / "area_youwuzhen"
    absent = [name for name in (*COPIED, SOILS, OUTLET) if not (source / name).is_file()]
    if absent:
        raise ShuibaoError(
            f"{source} 中没有 {'、'.join(absent)}；请用 --data 指明含有 area_youwuzhen 的文件夹"
            "（数据见 github.com/lreis2415/SEIMS 的 data/youwuzhen，许可不允许随本软件分发）。",
            f"{source} does not hold {', '.join(absent)}; name the folder of area_youwuzhen with --data "
            "(data/youwuzhen of github.com/lreis2415/SEIMS; its licence keeps the data out of this project).",
        )
    if (outdir / "region.toml").exists():
        raise ShuibaoError(
            f"{outdir} 已有 region.toml；请换一个文件夹，或直接运行 shuibao run {outdir}。",
            f"{outdir} already holds a region.toml; choose another folder, or run shuibao run {outdir}.",
        )
    inputs = outdir / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    for name, copy in COPIED.items():
        shutil.copyfile(source / name, inputs / copy)
    write_catchment(inputs / "dem.tif", source / OUTLET, inputs / "catchment.gpkg")
    erodibility = soil_erodibility(source / SOILS)
    return write_region_file(outdir, region_table(), inputs_table(erodibility))


def region_table() -> dict[str, Any]:
    """Return the table [region]."""
    return {
        "name": "游屋圳小流域",
        "level": "county",
        "codes": ["350821"],
        "year": 2015,
        "cell": 30,
        "rules": ["national"],
        "erosion_region": "south_red_soil",
        "note": NOTE,
    }


def inputs_table(erodibility: Mapping[int, float]) -> dict[str, dict[str, Any]]:
    """Return the table [inputs]; every layer keeps its own coordinate system."""
    station = {"lon": 116.449768, "lat": 25.671549}  # where its eastings put it; Sites_P.csv has rounder degrees
    cover = {"forest": COVER, "orchard": COVER}
    return {
        "dem": {"path": "inputs/dem.tif", "unit": "m"},
        "land_use": {"path": "inputs/landuse.tif", "scheme": "seims"},
        "rain": {"path": "inputs/rain_daily.csv", "unit": "mm", **station, "note": "河田站，六年"},
        "soil_k": {
            "path": "inputs/soil.tif",
            "unit": "t hm2 h / (hm2 MJ mm)",
            "table": {code: round(k, 6) for code, k in erodibility.items()},
            "note": "EPIC，表层，细土归一，有机碳由有机质换算",
        },
        "cover": {"by_land": cover, "unit": "1", "note": "以地类表代替实测盖度（徐凯健等 2016）"},
        "tillage": {"value": round(PADDY, 6), "note": "水稻 C·P，SEIMS 数据库"},
        "boundaries": {"path": "inputs/catchment.gpkg", "note": "出口测站以上的流域，由高程勾出"},
    }


def soil_erodibility(path: Path) -> dict[int, float]:
    """
    Return K of each soil unit by EPIC from the upper layer of its profile, t·hm²·h/(hm²·MJ·mm).

    Parameters
    ----------
    path : Path
        SEIMS soil table: values of the layers are joined with ``-``; shares are of the whole soil, rock included.
    """
    rules = load_rules(["national"])
    lines = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))

    def upper(name: str) -> Any:
        return np.array([float(row[name].split("-")[0]) for row in rows])

    sand, silt, clay = fine_earth(upper("SOL_SAND"), upper("SOL_SILT"), upper("SOL_CLAY"))
    ratio = float(rules.value("erodibility.organic_matter_per_carbon"))
    carbon = organic_carbon(upper("SOL_OM"), matter_per_carbon=ratio)
    k = erodibility_epic(sand, silt, clay, carbon, EpicCoefficients.from_rules(rules))
    return {int(row["SEQN"]): float(value) for row, value in zip(rows, k, strict=True)}


def write_catchment(dem: Path, outlet: Path, path: Path) -> None:
    """Write the outline of the land above a point, in the elevation's own coordinate system."""
    gauge = read_vectors(outlet).geometry[0]
    with rasterio.open(dem) as dataset:
        above = catchment(dataset.read(1).astype(np.float64), dataset.index(gauge.x, gauge.y), dataset.res[0])
        shapes = list(rasterio.features.shapes(above.astype(np.uint8), mask=above, transform=dataset.transform))
        crs = CRS.from_wkt(dataset.crs.to_wkt())
    outline = shapely.union_all([shapely.geometry.shape(shape) for shape, _ in shapes])
    columns = {"code": ["350821"], "name": ["游屋圳小流域（长汀县）"]}
    write_geopackage(path, {"catchment": (columns, np.array([outline], dtype=object))}, crs, metadata={})


def catchment(ground: NDArray[np.float64], outlet: tuple[int, int], cell_size: float) -> NDArray[np.bool_]:
    """
    Return the cells that drain through an outlet, out of hollows over their lowest sill.

    Parameters
    ----------
    ground : (rows, cols) array
        Elevation, m.
    outlet : (row, col)
        The cell of the outlet.
    cell_size : float
        Side of the cell, m.
    """
    drainage = Drainage.from_directions(route(fill_depressions(ground), cell_size), cell_size)
    return np.asarray(basins(drainage, np.array([outlet])) > 0)


if __name__ == "__main__":
    sys.exit(main())
