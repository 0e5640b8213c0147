"""Where a region folder keeps its zones (划定成果文件夹)."""

from __future__ import annotations

from pathlib import Path

from shuibao.ground.vectors import read_vectors, write_geoparquet
from shuibao.messages import CallError, ShuibaoError
from shuibao.zoning.layer import COLUMNS, THEMES, ZoneLayer, zone_layer

DRAWN = "drawn.parquet"
"""The layer as the facts and the rule packs draw it, before anybody has touched it (初步成果)."""


def theme_folder(region_folder: Path, theme: str) -> Path:
    """
    Return the folder of one theme's zones (某类区域的文件夹).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.

    Raises
    ------
    CallError
        If there is no such theme.
    """
    if theme not in THEMES:
        raise CallError(
            f"没有这种区域「{theme}」；可用：{'、'.join(THEMES)}。",
            f"there is no kind of zone '{theme}'; there are: {', '.join(THEMES)}.",
        )
    return region_folder / "zones" / theme


def write_layer(path: Path, layer: ZoneLayer) -> None:
    """
    Write a layer of zones as GeoParquet, whole or not at all (写出区域图层).

    Parameters
    ----------
    path : Path
        File to write; its folder is made.
    layer : ZoneLayer
        The zones.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {**layer.metadata, "THEME": layer.theme}
    write_geoparquet(path, layer.columns, layer.geometry, layer.crs, metadata=metadata)


def read_layer(path: Path) -> ZoneLayer:
    """
    Read a layer of zones that :func:`write_layer` wrote (读取区域图层).

    Parameters
    ----------
    path : Path
        File to read.

    Raises
    ------
    ShuibaoError
        If the file is missing, cannot be read, or is no layer of zones.
    """
    if not path.exists():
        raise ShuibaoError(
            f"还没有划定成果：{path}；请先运行 shuibao zones draw。",
            f"no zones are drawn yet: {path}; run shuibao zones draw first.",
        )
    try:
        vectors = read_vectors(path)
    except (ShuibaoError, OSError, ValueError, KeyError) as error:
        raise ShuibaoError(
            f"{path} 损坏，读不出来；{_remedy(path)[0]}。", f"{path} is damaged and cannot be read; {_remedy(path)[1]}."
        ) from error
    theme = vectors.metadata.get("THEME", "")
    missing = [name for name in COLUMNS if name not in vectors.columns]
    if missing or vectors.crs is None or theme not in THEMES:
        raise ShuibaoError(
            f"{path} 不是区域图层（缺少 {missing or 'THEME 或坐标系'}）；{_remedy(path)[0]}。",
            f"{path} is no layer of zones (it lacks {missing or 'its THEME or its CRS'}); {_remedy(path)[1]}.",
        )
    metadata = {k: v for k, v in vectors.metadata.items() if k != "THEME"}
    return zone_layer(theme, vectors.columns, vectors.geometry, vectors.crs, metadata)


def _remedy(path: Path) -> tuple[str, str]:
    """Return what to do about a file that cannot be used: only the drawing can be made again."""
    if path.name == DRAWN:
        return "请重新运行 shuibao zones draw", "run shuibao zones draw again"
    return "请从备份恢复，或重新导出", "restore it from a copy, or export it again"
