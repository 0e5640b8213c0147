"""
What can be uploaded, and what a run is made of (资料种类).

A kind says which input of ``region.toml`` an upload serves, which file it may be, and what its values may be given in.
The form of an upload, the form of an order and the check of a file all read this one table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """
    A kind of upload (资料种类).

    Attributes
    ----------
    key : str
        Input of ``region.toml``.
    label : str
        Chinese name.
    form : {"raster", "table", "vector", "series", "folder"}
        What sort of file it is; a series is an archive of rasters, a folder one of a whole region folder.
    suffixes : tuple of str
        Endings a file may have.
    word : str
        What must be said of it, as a key of the input: ``unit`` or ``scheme``; empty for nothing.
    choices : tuple of (str, str)
        What may be said, and its Chinese.
    help : str
        What the file holds.
    input : str
        Input of ``region.toml`` where it is not the key.
    """

    key: str
    label: str
    form: str
    suffixes: tuple[str, ...]
    word: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    input: str = ""

    @property
    def serves(self) -> str:
        """Return the input of ``region.toml`` that it serves (对应输入)."""
        return self.input or self.key

    def words(self, said: str, columns: Sequence[str] = ()) -> dict[str, str]:
        """Return what is written of it in ``region.toml`` beside its path (输入的键); rivers say which column names them."""
        told = {self.word: said} if self.word else {}
        named = [column for column in NAMED_BY if column in columns] if self.key == "rivers" else []
        return told | ({"name": named[0]} if named else {})


NAMED_BY = ("name", "NAME", "名称", "河名", "河流名称")
"""Columns that name rivers."""
_TIF = (".tif", ".tiff", ".zip")
_SHAPES = (".gpkg", ".zip")
FOLDER = "folder"
"""Kind of a whole region folder; it is ordered alone, and says its year and cell itself."""
SAND, SILT, CLAY, CARBON, MATTER = "sand", "silt", "clay", "organic_carbon", "organic_matter"
TEXTURE = {
    SAND: ("sand", "砂粒", "砂"), SILT: ("silt", "粉粒", "粉"), CLAY: ("clay", "黏粒", "粘粒", "黏", "粘"),
    MATTER: ("organic_matter", "som", "有机质"), CARBON: ("organic_carbon", "soc", "有机碳"),
}  # fmt: skip
"""Rasters of soil texture, and the words in a file's name by which each is known."""
HALF_MONTHS = 24
KINDS = {
    kind.key: kind
    for kind in (
        Kind("dem", "高程（DEM）", "raster", _TIF, "unit", (("m", "米"),), "GeoTIFF，或其压缩包。"),
        Kind(
            "land_use", "土地利用", "raster", _TIF, "scheme",
            (("gb21010", "GB/T 21010"), ("third-survey", "第三次国土调查"), ("clcd", "CLCD"), ("worldcover", "ESA WorldCover"),
             ("shuibao", "水保内部编码")), "GeoTIFF，代码按所选分类。",
        ),
        Kind("rain", "逐日降雨", "table", (".csv",), "unit", (("mm", "毫米"),), "CSV：站点、经纬度、日期、雨量。"),
        Kind("r_factor", "降雨侵蚀力 R", "raster", _TIF, "unit", (("MJ mm / (hm2 h a)", "MJ·mm/(hm²·h·a)"),), "没有逐日降雨时用。"),
        Kind("soil_k", "土壤可蚀性 K", "raster", _TIF, "unit", (("t hm2 h / (hm2 MJ mm)", "t·hm²·h/(hm²·MJ·mm)"),), "GeoTIFF。"),
        Kind(
            "texture", "土壤质地与有机碳", "series", (".zip",), "correction",
            (("zhang2008", "K 值按张科利等（2008）修正"), ("none", "K 值不修正")),
            "没有 K 值图时用：ZIP，内有砂粒、粉粒、黏粒和有机碳（或有机质）四个 GeoTIFF，文件名各含 sand、silt、clay、soc（或 som）。",
            "soil_texture",
        ),
        Kind("cover", "植被覆盖度（年均）", "raster", _TIF, "unit", (("1", "0～1"), ("%", "百分数")), "GeoTIFF，年平均。"),
        Kind(
            "cover_24", "植被覆盖度（24 个半月）", "series", (".zip",), "unit", (("1", "0～1"), ("%", "百分数")),
            "ZIP，内有 24 个 GeoTIFF，按文件名顺序为 1 月上半月至 12 月下半月。", "cover",
        ),
        Kind("measures", "工程与生物措施", "raster", _TIF, help="GeoTIFF，水保措施编码；没有可不选。"),
        Kind("tillage", "耕作措施（轮作区）", "raster", _TIF, help="GeoTIFF，轮作区编码；没有可不选。"),
        Kind("rivers", "河流", "vector", _SHAPES, help="GeoPackage，或 shapefile 压缩包，河名字段为 name 或“名称”；没有可不选。"),
        Kind(
            "control_areas", "控制面积", "table", (".csv",), "unit", (("hm2", "公顷"), ("km2", "平方千米"), ("m2", "平方米")),
            help="CSV：code、area 两列，各县的法定面积；没有可不选。",
        ),
        Kind(FOLDER, "区域文件夹", "folder", (".zip",), help="ZIP：region.toml 与 inputs/，即 shuibao new 建立的文件夹。"),
    )
}  # fmt: skip
"""Kinds of uploads by their key."""
NEEDED = (("dem",), ("land_use",), ("rain", "r_factor"), ("soil_k", "texture"), ("cover", "cover_24"))
"""Kinds that no run goes without: one of each group."""
