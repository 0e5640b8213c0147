"""
What can be uploaded, and what a run is made of (资料种类).

A kind says which input of ``region.toml`` an upload serves, which file it may be, and what its values may be given in.
The form of an upload, the form of an order and the check of a file all read this one table.
"""

from __future__ import annotations

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
    form : {"raster", "table", "vector"}
        What sort of file it is.
    suffixes : tuple of str
        Endings a file may have.
    word : str
        What must be said of it, as a key of the input: ``unit`` or ``scheme``; empty for nothing.
    choices : tuple of (str, str)
        What may be said, and its Chinese.
    needed : bool
        Whether no run goes without it.
    help : str
        What the file holds.
    """

    key: str
    label: str
    form: str
    suffixes: tuple[str, ...]
    word: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    needed: bool = False
    help: str = ""

    def words(self, said: str) -> dict[str, str]:
        """Return what is written of it in ``region.toml`` beside its path (输入的键)."""
        return {self.word: said} if self.word else {}


_TIF = (".tif", ".tiff", ".zip")
KINDS = {
    kind.key: kind
    for kind in (
        Kind("dem", "高程（DEM）", "raster", _TIF, "unit", (("m", "米"),), True, "GeoTIFF，或其压缩包。"),
        Kind(
            "land_use", "土地利用", "raster", _TIF, "scheme",
            (("gb21010", "GB/T 21010"), ("third-survey", "第三次国土调查"), ("clcd", "CLCD"), ("worldcover", "ESA WorldCover"),
             ("shuibao", "水保内部编码")), True, "GeoTIFF，代码按所选分类。",
        ),
        Kind("rain", "逐日降雨", "table", (".csv",), "unit", (("mm", "毫米"),), False, "CSV：站点、经纬度、日期、雨量。"),
        Kind("r_factor", "降雨侵蚀力 R", "raster", _TIF, "unit", (("MJ mm / (hm2 h)", "MJ·mm/(hm²·h)"),), False, "没有逐日降雨时用。"),
        Kind("soil_k", "土壤可蚀性 K", "raster", _TIF, "unit", (("t hm2 h / (hm2 MJ mm)", "t·hm²·h/(hm²·MJ·mm)"),), True, "GeoTIFF。"),
        Kind("cover", "植被覆盖度", "raster", _TIF, "unit", (("1", "0～1"), ("percent", "百分数")), True, "GeoTIFF，年平均。"),
        Kind("measures", "工程与生物措施", "raster", _TIF, help="GeoTIFF，水保措施编码；没有可不选。"),
        Kind("rivers", "河流", "vector", (".gpkg", ".zip"), help="GeoPackage，或 shapefile 压缩包；没有可不选。"),
    )
}  # fmt: skip
"""Kinds of uploads by the input they serve."""
