"""
A region folder of real steep land: Big Tujunga Canyon, San Gabriel Mountains, California (真实陡坡样区大图洪加峡谷).

    python examples/bigtujunga.py OUTDIR [--data PATH] [--rules national|jilin|inner_mongolia]
    shuibao run OUTDIR
    shuibao zones draw OUTDIR --theme steep_slope
    shuibao zones package OUTDIR OUT.zip --theme steep_slope
    shuibao zones sheets OUTDIR OUT.pdf --theme steep_slope

Only the elevation is real (``dem/bigtujunga_30m.tif``, from TopoToolbox; not part of this project). The border is a
rectangle, cut into four for the lists; land use, rain, soil and cover are one stated value each, so that soil loss means
nothing here and slopes do.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from pyproj import CRS

from shuibao.ground.vectors import write_geopackage
from shuibao.messages import ShuibaoError, say
from shuibao.survey.making import write_region_file

DEM = "dem/bigtujunga_30m.tif"
CODE, NAME = "990101", "大图洪加样区"
"""No code of China begins with 99."""

RIM = 1500.0
"""Distance of the border from the edge of the elevation, m."""

QUARTERS = ("西北片", "东北片", "西南片", "东南片")
PROJECTION = "+proj=laea +lat_0=34.3 +lon_0=-118.15 +datum=WGS84 +units=m"
NOTE = (
    "真实地形（美国加州圣加布里埃尔山大图洪加峡谷，30 m）；范围是矩形，四片只为演示切分；"
    "地类、降雨、土壤、盖度各取一个假定值，故只有坡度有意义。"
)


def main() -> int:
    """Read the command line and make the folder."""
    parser = argparse.ArgumentParser(description=say("建立大图洪加区域文件夹", "Make the region folder of Big Tujunga"))
    parser.add_argument("outdir", type=Path, help=say("要建立的文件夹", "folder to make"))
    parser.add_argument("--data", type=Path, default=default_data(), help=say("数据文件夹", "folder of the data"))
    parser.add_argument("--rules", default="national", help=say("规则包", "rule pack"))
    given = parser.parse_args()
    try:
        make(given.outdir, given.data, given.rules)
    except ShuibaoError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    print(say(f"已建 {given.outdir}；接着运行 shuibao run", f"made {given.outdir}; now run shuibao run"))
    return 0


def default_data() -> Path:
    """Return where the data lie beside the project."""
    return Path(__file__).resolve().parents[2] / "shared" / "data"


def make(outdir: Path, data: Path, rules: str = "national") -> Path:
    """
    Make the region folder.

    Parameters
    ----------
    outdir : Path
        Folder to make; it must not hold a region yet.
    data : Path
        Folder that holds ``dem/bigtujunga_30m.tif``.
    rules : str
        Rule pack, which names the angle.

    Raises
    ------
    ShuibaoError
        If the elevation is absent or the folder holds a region already.
    """
    if not (data / DEM).is_file():
        raise ShuibaoError(
            f"{data} 中没有 {DEM}；请用 --data 指明数据文件夹（数据见 TopoToolbox，不随本软件分发）。",
            f"{data} does not hold {DEM}; name the folder with --data (the data are TopoToolbox's, not part of this).",
        )
    if (outdir / "region.toml").exists():
        raise ShuibaoError(f"{outdir} 已有 region.toml；请换一个文件夹。", f"{outdir} already holds a region.toml.")
    inputs = outdir / "inputs"
    inputs.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(data / DEM, inputs / "dem.tif")
    write_borders(inputs)
    region = {
        "name": NAME, "level": "county", "codes": [], "year": 2024, "cell": 30, "rules": [rules],
        "erosion_region": "north_rocky", "projection": PROJECTION, "note": NOTE,
    }  # fmt: skip
    return write_region_file(outdir, region, inputs_table())


def inputs_table() -> dict[str, dict[str, Any]]:
    """Return the table [inputs]."""
    return {
        "dem": {"path": "inputs/dem.tif", "unit": "m"},
        "land_use": {"value": "shrub", "note": "假定全为灌木林地"},
        "r_factor": {"value": 1000.0, "unit": "MJ mm / (hm2 h a)", "note": "假定值"},
        "r_weights": {"value": [round(1 / 24, 6)] * 23 + [round(1 - 23 * round(1 / 24, 6), 6)], "note": "假定值"},
        "soil_k": {"value": 0.03, "unit": "t hm2 h / (hm2 MJ mm)", "note": "假定值"},
        "cover": {"value": 0.5, "unit": "1", "note": "假定值"},
        "tillage": {"value": 1.0, "note": "无耕地"},
        "boundaries": {"path": "inputs/borders.gpkg", "layer": "county"},
        "towns": {"path": "inputs/borders.gpkg", "layer": "quarters"},
    }


def write_borders(inputs: Path) -> None:
    """Write a rectangle inside the elevation and its four quarters."""
    with rasterio.open(inputs / "dem.tif") as dataset:
        left, bottom, right, top = dataset.bounds
        crs = CRS.from_wkt(dataset.crs.to_wkt())
    left, bottom, right, top = left + RIM, bottom + RIM, right - RIM, top - RIM
    x, y = (left + right) / 2, (bottom + top) / 2
    boxes = [(left, y, x, top), (x, y, right, top), (left, bottom, x, y), (x, bottom, right, y)]
    quarters = np.array([shapely.box(*box) for box in boxes], dtype=object)
    codes = [f"{CODE}{k:03d}" for k in range(1, 5)]
    whole = np.array([shapely.union_all(quarters)], dtype=object)
    layers = {
        "county": ({"code": [CODE], "name": [NAME]}, whole),
        "quarters": ({"code": codes, "name": list(QUARTERS)}, quarters),
    }
    write_geopackage(inputs / "borders.gpkg", layers, crs)


if __name__ == "__main__":
    sys.exit(main())
