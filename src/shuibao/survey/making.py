"""Making region folders: imaginary land inside real borders, and the real terrain that a library ships (新建区域文件夹)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import shapely

from shuibao.ground.files import renamed
from shuibao.ground.grid import CELL_SIZES, grid_over
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules.targets import load_targets, target_ids
from shuibao.sources.boundaries import county_boundaries
from shuibao.sources.imaginary import XINZHOU_SEED, write_imaginary_inputs
from shuibao.sources.jacksboro import write_jacksboro_inputs
from shuibao.survey.made_up_rivers import write_made_up_rivers
from shuibao.survey.made_up_towns import write_made_up_towns
from shuibao.survey.region import SIMULATED

RULES_OF_PROVINCES = {"13": "hebei", "14": "shanxi", "15": "inner_mongolia", "22": "jilin"}
"""Rule pack of each province that has one, by the first two digits of its code."""


def make_imaginary_region(
    folder: Path,
    codes: list[str],
    *,
    name: str,
    level: str,
    year: int,
    cell: float = 30.0,
    rules: tuple[str, ...] = ("national", "shanxi"),
    erosion_region: str = "northwest_loess",
    targets: str = "",
    seed: int = XINZHOU_SEED,
    jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """
    Make a region folder of imaginary land inside the real borders of counties (新建模拟区域).

    Parameters
    ----------
    folder : Path
        Folder to make; it must not hold a region yet.
    codes : list of str
        GB/T 2260 codes of counties, cities or a province.
    name, level, year, cell, rules, erosion_region, targets
        As in ``region.toml``.
    seed : int
        Number that the land follows from.
    jobs : int
        Tiles that are made at a time.
    progress : callable, optional
        Called with tiles done and tiles in all.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ShuibaoError
        If the folder holds a region already, or a code does not exist.
    """
    _refuse_existing(folder)
    borders = county_boundaries(codes)
    area = shapely.union_all(borders.projected())
    grid = grid_over(tuple(area.bounds), cell).whole_blocks()
    found = write_imaginary_inputs(folder / "inputs", grid, area, seed, jobs=jobs, progress=progress)
    inputs = found["inputs"]
    texture = {key: f"inputs/{inputs[key]['path']}" for key in ("sand", "silt", "clay", "organic_carbon")}
    texture["correction"] = "zhang2008"
    note = "全部自然条件由种子生成，只有县界是真实的；T 因子为演示用的假设值。"
    tables: dict[str, dict[str, Any]] = {
        "dem": {"path": "inputs/dem.tif", "unit": "m"},
        "land_use": {"path": "inputs/landuse.tif", "scheme": "shuibao"},
        "rain": {"path": "inputs/rain_daily.csv", "unit": "mm"},
        "soil_texture": texture,
        "cover": {"path": "inputs/fvc_*.tif", "unit": "1"},
        "measures": {"path": "inputs/measures.tif"},
        "tillage": {"value": 0.42, "note": "演示假设值"},
        "boundaries": {"source": "counties"},
    }
    if write_made_up_rivers(folder / "inputs" / "rivers.gpkg", folder / "inputs" / "dem.tif", grid, area):
        tables["rivers"] = {"path": "inputs/rivers.gpkg", "name": "name", "note": "由模拟高程提取，河名为编造"}
    write_made_up_towns(folder / "inputs" / "towns.gpkg", borders, seed)
    tables["towns"] = {"path": "inputs/towns.gpkg", "note": "乡镇界线与名称为编造"}
    region = {
        "name": name, "level": level, "codes": codes, "year": year, "cell": cell, "rules": list(rules),
        "erosion_region": erosion_region, "data_kind": SIMULATED, "targets": targets, "note": note,
    }  # fmt: skip
    write_region_file(folder, region, tables)
    return folder


def make_jacksboro_region(folder: Path) -> Path:
    """
    Make a region folder on the real terrain that matplotlib ships, with stated rain, soil and cover (新建样区).

    Parameters
    ----------
    folder : Path
        Folder to make; it must not hold a region yet.

    Raises
    ------
    ShuibaoError
        If the folder holds a region already.
    """
    _refuse_existing(folder)
    found = write_jacksboro_inputs(folder / "inputs")
    inputs = {
        name: {key: f"inputs/{value}" if key == "path" else value for key, value in given.items()}
        for name, given in found["inputs"].items()
    }
    region = {
        "name": found["name"], "level": "county", "codes": [found["code"]], "year": 2024, "cell": 30,
        "rules": ["national"], "erosion_region": "south_red_soil",
        "projection": "+proj=laea +lat_0=36.59 +lon_0=-84.25 +datum=WGS84 +units=m", "note": found["stated"]["zh"],
    }  # fmt: skip
    write_region_file(folder, region, inputs)
    return folder


def level_and_name(code: str) -> tuple[str, str]:
    """
    Return the level and the name of what a code stands for (级别与名称).

    Parameters
    ----------
    code : str
        GB/T 2260 code.

    Raises
    ------
    ShuibaoError
        If the code does not exist.

    Examples
    --------
    >>> level_and_name("140932"), level_and_name("140900")
    (('county', '偏关县'), ('city', '忻州市'))
    """
    borders = county_boundaries([code])
    if code.endswith("0000"):
        return "province", borders.provinces[0]
    return ("city", borders.cities[0]) if code.endswith("00") else ("county", borders.names[0])


def rules_of(code: str) -> list[str]:
    """
    Return the rule packs for a place: the nation's, and its province's if there is one (适用规则包).

    Parameters
    ----------
    code : str
        GB/T 2260 code.

    Examples
    --------
    >>> rules_of("140932"), rules_of("110101")
    (['national', 'shanxi'], ['national'])
    """
    province = RULES_OF_PROVINCES.get(code[:2])
    return ["national", province] if province else ["national"]


def targets_of(code: str) -> str:
    """
    Return the target pack that has targets for a county or city; empty if there is none (适用目标包).

    Parameters
    ----------
    code : str
        GB/T 2260 code.

    Examples
    --------
    >>> targets_of("140932"), targets_of("110101")
    ('xinzhou', '')
    """
    packs = ((name, load_targets(name)) for name in target_ids())
    return next((name for name, pack in packs if code in (pack.code, *(entry.code for entry in pack.entries))), "")


def make_skeleton(folder: Path, code: str, *, year: int, cell: int) -> Path:
    """
    Write a ``region.toml`` for a county, city or province, with its inputs still to be filled in (新建骨架).

    Parameters
    ----------
    folder : Path
        Folder to make; it must not hold a region yet.
    code : str
        GB/T 2260 code.
    year, cell : int
        Year, and cell size, m.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    CallError
        If the national grid has no cells of that size.
    ShuibaoError
        If the folder holds a region already, or the code does not exist.
    """
    _refuse_existing(folder)
    if cell not in CELL_SIZES:
        sizes = [f"{size:g}" for size in CELL_SIZES]
        raise CallError(
            f"像元边长 {cell} m 不在全国格网中；可用：{'、'.join(sizes)}。",
            f"the national grid has no cells of {cell} m; there are: {', '.join(sizes)}.",
        )
    level, name = level_and_name(code)
    rules = rules_of(code)
    (folder / "inputs").mkdir(parents=True, exist_ok=True)
    path = folder / "region.toml"
    with renamed(path) as temporary:
        temporary.write_text(
            _SKELETON.format(name=name, level=level, code=code, year=year, cell=cell, rules=toml(rules)),
            encoding="utf-8",
        )
    return path


_SKELETON = """\
# 区域文件夹的说明文件。把数据放进 inputs/，改好下面的文件名，再运行：
#   shuibao check .     计算之前列出全部问题
#   shuibao run .       计算；再次运行只算有变化的步骤
#   shuibao report .    生成报告
[region]
name = "{name}"
level = "{level}"
codes = ["{code}"]
year = {year}
cell = {cell}
rules = {rules}
# 容许土壤流失量分区：northwest_loess 西北黄土高原, northeast_black_soil 东北黑土, north_rocky 北方土石山,
# south_red_soil 南方红壤, southwest_karst 西南土石山
erosion_region = "northwest_loess"
# targets = "xinzhou"     # 目标包：shuibao rules list

[inputs]
dem = {{ path = "inputs/dem.tif", unit = "m" }}                                  # 任意坐标系；无坐标系时写 crs = "EPSG:4547"
land_use = {{ path = "inputs/landuse.tif", scheme = "gb21010" }}                 # 代码体系：shuibao rules list
rain = {{ path = "inputs/rain_daily.csv", unit = "mm" }}                         # 列：站名,经度,纬度,日期,日雨量
# K 值图；或 soil_texture = {{ sand = …, silt = …, clay = …, organic_carbon = … }}
soil_k = {{ path = "inputs/k.tif", unit = "t hm2 h / (hm2 MJ mm)" }}
cover = {{ path = "inputs/fvc_*.tif", unit = "1" }}                              # 24 个半月合成，或一个年值
boundaries = {{ source = "counties" }}                                           # 或 {{ path = "…", code = "字段", name = "字段" }}
# measures = {{ path = "inputs/measures.tif" }}                                  # 工程措施图（E）
# tillage = {{ region = "…" }}                                                   # 轮作区（T）：shuibao rules show national --key tillage
# control_areas = {{ path = "inputs/control.csv", unit = "hm2", source = "三调" }} # 列：code,area
# rivers = {{ path = "inputs/rivers.shp", name = "河名" }}                         # 测绘的河流：给小流域命名；加 burn_depth = 10 即刻入高程

# 汇流与小流域，可以不写；写出的都是默认值
# [water]
# conditioning = "fill"     # 洼地：fill 填洼，breach 开挖，hybrid 填挖结合
# code_scheme = "county"    # 小流域编码：county 县码加序号，tree 流域树码
# tolerance = {cell}          # 小流域边界化简，m；0 为不化简
"""


def write_region_file(folder: Path, region: Mapping[str, Any], inputs: Mapping[str, Mapping[str, Any]]) -> Path:
    """
    Write ``region.toml`` (写出 region.toml).

    Parameters
    ----------
    folder : Path
        The region folder.
    region : mapping
        The table ``[region]``; empty values are left out.
    inputs : mapping of str to mapping
        The table ``[inputs]``.

    Returns
    -------
    Path
        The file.
    """
    lines = ["[region]"]
    lines += [f"{key} = {toml(value)}" for key, value in region.items() if value != ""]
    lines += ["", "[inputs]"]
    lines += [f"{key} = {toml(value)}" for key, value in inputs.items()]
    path = folder / "region.toml"
    with renamed(path) as temporary:
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def toml(value: Any) -> str:
    """
    Return a value as TOML writes it (TOML 文本).

    Parameters
    ----------
    value : str, bool, int, float, list, tuple or mapping
        The value.

    Examples
    --------
    >>> toml({"path": "a.tif", "value": 30.0, "codes": {1: "x"}})
    '{ path = "a.tif", value = 30, codes = { 1 = "x" } }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return f"{value:g}" if isinstance(value, float) and value == int(value) else repr(value)


def _refuse_existing(folder: Path) -> None:
    if (folder / "region.toml").exists():
        raise ShuibaoError(
            f"{folder} 已有 region.toml；请换一个文件夹，或直接运行 shuibao run {folder}。",
            f"{folder} already holds a region.toml; choose another folder, or run shuibao run {folder}.",
        )
