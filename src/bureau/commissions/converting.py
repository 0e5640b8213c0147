"""
The child that opens what somebody uploaded: ``python -m bureau.commissions.converting JOB`` (转换子进程).

It has no database and no settings, and runs within limits that it sets for itself before it opens anything. It prints one
line of JSON: what the file holds, or why it is refused.
"""

from __future__ import annotations

import csv
import json
import resource
import struct
import sys
from pathlib import Path
from typing import Any

from bureau.commissions.unpacking import Refused, unpacked

MEMORY, CPU, DISK, FILES = 6 * 2**30, 900, 16 * 2**30, 256
"""Bytes of memory, seconds, bytes of a file and open files that the child may use (chosen)."""
CELLS, BLOCK = 6 * 10**9, 2**30
"""Cells of a raster, and bytes of one of its blocks, that are still taken (chosen: a province at 10 m has 2 × 10⁹)."""
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
SHP, GPKG = struct.pack(">i", 9994), b"SQLite format 3\0"


def main() -> None:
    """Convert what the job names, and print what became of it (转换)."""
    job = json.loads(sys.argv[1])
    keep_within_limits()
    raw, made, folder = Path(job["raw"]), Path(job["made"]), Path(job["folder"])
    try:
        if raw.suffix == ".zip":
            raw = unpacked(raw, folder, job["form"])
        act = {"raster": _raster, "table": convert_table, "vector": convert_vector}[job["form"]]
        told = act(raw, made, job)
    except Refused as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "文件太大，超出转换所允许的内存；请裁切后再上传。"}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - the parent reads it


def keep_within_limits() -> None:
    """Set the limits of this process, before it opens anything of others (设限)."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU),
        (resource.RLIMIT_FSIZE, DISK),
        (resource.RLIMIT_NOFILE, FILES),
    ):
        resource.setrlimit(what, (most, most))


def head_of(path: Path, count: int = 16) -> bytes:
    """Return the first bytes of a file (文件头)."""
    with path.open("rb") as file:
        return file.read(count)


def _raster(raw: Path, made: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Copy the first band of a GeoTIFF, block by block, into one of ours."""
    import numpy as np
    import rasterio
    from rasterio.errors import RasterioError

    if not head_of(raw).startswith(TIFF):
        raise Refused("文件不是 GeoTIFF（内容与扩展名不符）；请导出为 GeoTIFF 后再上传。")
    try:
        with rasterio.open(raw, driver="GTiff") as source:
            if source.crs is None:
                raise Refused("GeoTIFF 没有坐标系；请在 GIS 软件中定义坐标系后再上传。")
            kind = np.dtype(source.dtypes[0]).kind
            block = int(np.prod(source.block_shapes[0])) * np.dtype(source.dtypes[0]).itemsize
            if source.width * source.height > CELLS or block > BLOCK:
                raise Refused("GeoTIFF 太大，或没有分块；请裁切到辖区，并以分块（tiled）方式导出后再上传。")
            if job["whole_numbers"] and kind not in "iu":
                raise Refused(f"分类代码应为整数，文件里是 {source.dtypes[0]}；请转换为整型后再上传。")
            if kind not in "iuf":
                raise Refused(f"像元类型 {source.dtypes[0]} 不受支持；应为整数或浮点数。")
            look = {
                "driver": "GTiff", "width": source.width, "height": source.height, "count": 1, "dtype": source.dtypes[0],
                "crs": source.crs, "transform": source.transform, "nodata": source.nodata, "tiled": True,
                "blockxsize": 512, "blockysize": 512, "compress": "zstd", "BIGTIFF": "IF_SAFER",
            }  # fmt: skip
            with rasterio.open(made, "w", **look) as out:
                for _, window in out.block_windows(1):
                    out.write(source.read(1, window=window), 1, window=window)
            return {
                "width": source.width, "height": source.height, "dtype": source.dtypes[0], "crs": source.crs.to_string()[:200],
                "bounds": [round(v, 6) for v in source.bounds], "bands": source.count,
            }  # fmt: skip
    except RasterioError as broken:
        raise Refused("GeoTIFF 损坏或不完整，读不出来；请重新导出后再上传。") from broken


def convert_table(raw: Path, made: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Copy a table as UTF-8, refusing what is no text or would be a formula (转换表格)."""
    content = raw.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Refused("文件不是文本（UTF-8 或 GBK）；请从电子表格另存为 CSV 后再上传。")
    if "\0" in text:
        raise Refused("文件不是文本；请从电子表格另存为 CSV 后再上传。")
    rows = list(csv.reader(text.splitlines()))
    if len(rows) < 2:
        raise Refused("表里没有数据行；第一行应为列名，以下为数据。")
    for number, row in enumerate(rows, 1):
        for cell in row:
            if cell[:1] in "=@\t\r" and len(cell) > 1:
                raise Refused(f"第 {number} 行有公式“{cell[:40]}”；请粘贴为数值后再上传。")
    made.write_text(text.replace("\r\n", "\n"), encoding="utf-8")
    return {"columns": rows[0][:50], "rows": len(rows) - 1}


def convert_vector(raw: Path, made: Path, job: dict[str, Any]) -> dict[str, Any]:
    """Copy a layer into a GeoPackage (转换矢量)."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    good = GPKG if raw.suffix == ".gpkg" else SHP
    if not head_of(raw).startswith(good):
        raise Refused("文件不是 GeoPackage 或 shapefile（内容与扩展名不符）；请重新导出后再上传。")
    try:
        layers = pyogrio.list_layers(raw)
        spatial = [name for name, kind in layers if kind is not None]
        if len(spatial) != 1:
            raise Refused(f"文件里有 {len(spatial)} 个图层；请只保留一个再上传。")
        meta, _, geometry, columns = pyogrio.raw.read(raw, layer=spatial[0])
        if meta["crs"] is None:
            raise Refused("图层没有坐标系；请在 GIS 软件中定义坐标系后再上传。")
        pyogrio.raw.write(
            made, geometry, columns, meta["fields"], crs=meta["crs"], geometry_type=meta["geometry_type"], driver="GPKG",
            layer="layer",
        )  # fmt: skip
    except (DataSourceError, DataLayerError, ValueError) as broken:
        raise Refused("图层损坏或不完整，读不出来；请重新导出后再上传。") from broken
    return {"features": len(geometry), "crs": str(meta["crs"])[:200], "columns": [str(f) for f in meta["fields"]][:50]}


if __name__ == "__main__":
    main()
