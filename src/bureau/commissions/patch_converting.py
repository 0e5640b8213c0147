"""
The child that opens an uploaded file of patches: ``python -m bureau.commissions.patch_converting JOB`` (图斑转换子进程).

It has no database, and runs within limits. What comes out is a GeoPackage in longitude and latitude whose shapes are valid
polygons and whose values are text; columns and numbers of people's telephones are left out.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from bureau.commissions.converting import GPKG, SHP, keep_within_limits
from bureau.commissions.unpacking import Refused, unpacked
from shuibao.ground.transforming import between

MOST_PATCHES, MOST_POINTS, MOST_OF_ONE = 300_000, 30_000_000, 1_000_000
"""Patches of a file, corners of all, and corners of one, that are still taken (chosen: a nation's year has 50 000)."""
MOST_COLUMNS, LONGEST = 200, 2000
CHINA = (73.0, 3.0, 136.0, 54.0)
TELEPHONE_COLUMN = re.compile(r"电话|手机|联系方式|phone|mobile|tel(?![a-z])|lxdh|sjh", re.IGNORECASE)
TELEPHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?!\d)")
KEPT_AS_IT_IS = {"number", "county", "batch", "before", "after", "area", "over"}
"""Columns of codes and numbers, in which eleven digits are no telephone."""
SHOWN = 5


def main() -> None:
    """Convert what the job names, and print what became of it (转换)."""
    job = json.loads(sys.argv[1])
    keep_within_limits()
    try:
        raw = Path(job["raw"])
        if raw.suffix == ".zip":
            raw = unpacked(raw, Path(job["folder"]), "vector")
        told = convert(raw, Path(job["made"]))
    except Refused as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "文件太大，超出转换所允许的内存；请分县或分批后再上传。"}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - the parent reads it


def convert(raw: Path, made: Path) -> dict[str, Any]:
    """
    Convert a layer of patches (转换图斑).

    Parameters
    ----------
    raw : Path
        GeoPackage or shapefile.
    made : Path
        GeoPackage to write.

    Raises
    ------
    Refused
        If it is no such file, is too large, or holds what is no patch; all that is wrong is said at once.
    """
    from shuibao.ground.vectors import read_vectors, write_geopackage
    from shuibao.messages import ShuibaoError

    _look(raw)
    try:
        vectors = read_vectors(raw)
    except ShuibaoError as broken:
        raise Refused(f"图层读不出来：{broken.zh.replace(str(raw), '文件')}") from broken
    except (ValueError, OverflowError) as broken:
        raise Refused("图层损坏或不完整，读不出来；请重新导出后再上传。") from broken
    if vectors.crs is None:
        raise Refused("图层没有坐标系；请在 GIS 软件中定义坐标系后再上传。")
    shapes, repaired = _patches(vectors.geometry, vectors.crs)
    columns, dropped, hidden = _texts(vectors.columns)
    import pyproj

    write_geopackage(made, {"patches": (columns, shapes)}, pyproj.CRS("EPSG:4490"))
    return {
        "features": len(shapes), "crs": str(vectors.crs.name)[:200], "columns": list(columns), "repaired": repaired,
        "dropped": dropped, "hidden": hidden,
        "samples": {name: [v[:40] for v in dict.fromkeys(values) if v][:3] for name, values in columns.items()},
    }  # fmt: skip


def _look(raw: Path) -> None:
    """Refuse what is no GeoPackage or shapefile of one layer of polygons of a reasonable size, before it is read."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    with raw.open("rb") as file:
        head = file.read(16)
    if not head.startswith(GPKG if raw.suffix == ".gpkg" else SHP):
        raise Refused("文件不是 GeoPackage 或 shapefile（内容与扩展名不符）；请重新导出后再上传。")
    try:
        spatial = [name for name, kind in pyogrio.list_layers(raw) if kind is not None]
        if len(spatial) != 1:
            raise Refused(f"文件里有 {len(spatial)} 个图层；请只保留图斑图层再上传。")
        about = pyogrio.read_info(raw, layer=spatial[0])
    except (DataSourceError, DataLayerError, ValueError) as broken:
        raise Refused("图层损坏或不完整，读不出来；请重新导出后再上传。") from broken
    if about["features"] > MOST_PATCHES or len(about["fields"]) > MOST_COLUMNS:
        raise Refused(
            f"图层有 {about['features']} 个图斑、{len(about['fields'])} 列；至多 {MOST_PATCHES} 个、{MOST_COLUMNS} 列，请分批上传。"
        )


def _patches(given: Any, crs: Any) -> tuple[Any, int]:
    """Return shapes as valid polygons in longitude and latitude, and how many had to be mended."""
    import numpy as np
    import shapely

    shapes = np.asarray(given, dtype=object)
    empty = [k + 1 for k, shape in enumerate(shapes) if shape is None or shape.is_empty]
    kinds = shapely.get_type_id(shapes)
    lines = (np.flatnonzero(~np.isin(kinds, (-1, 3, 6))) + 1).tolist()
    points = shapely.get_num_coordinates(shapes)
    wrong = []
    if empty:
        wrong.append(f"{len(empty)} 个要素没有图形（{_some(empty)}）")
    if lines:
        wrong.append(f"{len(lines)} 个要素不是面（{_some(lines)}）")
    if len(points) and (points.max() > MOST_OF_ONE or points.sum() > MOST_POINTS):
        wrong.append(f"图形过于复杂（共 {int(points.sum())} 个节点，最多的一个 {int(points.max())} 个），请抽稀")
    if wrong:
        raise Refused("；".join(wrong) + "。请改正后再上传。")
    change = between(crs, "EPSG:4490")

    def moved(corners: Any) -> Any:
        return np.column_stack(change.transform(corners[:, 0], corners[:, 1]))

    turned = np.asarray(shapely.transform(shapely.force_2d(shapes), moved), dtype=object)
    bounds = shapely.bounds(turned)
    west, south, east, north = CHINA
    inside = (bounds[:, 0] >= west) & (bounds[:, 1] >= south) & (bounds[:, 2] <= east) & (bounds[:, 3] <= north)
    if len(turned) and not inside.all():
        away = (np.flatnonzero(~inside) + 1).tolist()
        raise Refused(f"{len(away)} 个图斑的坐标不在我国范围内（{_some(away)}）；请核对坐标系与中央经线后再上传。")
    broken = ~shapely.is_valid(turned)
    turned[broken] = shapely.make_valid(turned[broken])
    parted = np.array([_polygons(shape) for shape in turned], dtype=object)
    lost = [k + 1 for k, shape in enumerate(parted) if shape.is_empty]
    if lost:
        raise Refused(f"{len(lost)} 个图斑的图形无法修复成面（{_some(lost)}）；请在 GIS 软件中修复后再上传。")
    return parted, int(broken.sum())


def _polygons(shape: Any) -> Any:
    import shapely

    parts = [part for part in shapely.get_parts(shape) if part.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.multipolygons([p for part in parts for p in shapely.get_parts(part) if p.area > 0])


def _texts(given: dict[str, Any]) -> tuple[dict[str, list[str]], list[str], int]:
    """Return columns as text, those that were left out, and how many telephones were hidden."""
    from bureau.publications.patch_words import guess

    exact = {column for key, column in guess(given).items() if key in KEPT_AS_IT_IS}
    columns: dict[str, list[str]] = {}
    dropped, hidden = [], 0
    for name, values in given.items():
        if TELEPHONE_COLUMN.search(name):
            dropped.append(name)
            continue
        texts = [_text(value) for value in values.tolist()]
        if name not in exact:
            cleaned = [TELEPHONE.sub("（电话略）", text) for text in texts]
            hidden += sum(a != b for a, b in zip(texts, cleaned, strict=True))
            texts = cleaned
        columns[name] = texts
    return columns, dropped, hidden


def _text(value: Any) -> str:
    """Return a value as text: whole numbers without a point, days without an hour, nothing for none."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.replace("\0", "").strip()[:LONGEST]


def _some(rows: list[int]) -> str:
    return "第 " + "、".join(str(row) for row in rows[:SHOWN]) + (" 等" if len(rows) > SHOWN else "") + " 个"


if __name__ == "__main__":
    main()
