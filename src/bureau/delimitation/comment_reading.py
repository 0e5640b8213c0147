"""
The child that reads a file of comments: ``python -m bureau.delimitation.comment_reading JOB`` (意见文件读取子进程).

It has no database, and runs in the sandbox of uploads within its limits. It reads the file as ``shuibao zones comments``
does, writes what it says as GeoJSON of our own, and prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import shapely
from pyproj import CRS

from bureau.commissions.converting import GPKG, SHP, head_of, keep_within_limits
from bureau.commissions.unpacking import Refused, unpacked
from bureau.delimitation.shapes import MOST_VERTICES, fault_in_words, write_features
from shuibao.messages import ShuibaoError

MOST_ROWS, MOST_WORDS, TOLD = 2000, 2000, 20
"""Comments of a file, letters of one, and faults that are told at most (chosen)."""
NAME = "意见"
KINDS = ("Point", "MultiPoint", "Polygon", "MultiPolygon")
LENGTHS = {"unit": ("单位", 120), "commenter": ("提出人", 60), "code": ("区域编号", 60), "text": ("意见", MOST_WORDS)}


def main() -> None:
    """Read what the job names, and print what was found (读取)."""
    job = json.loads(sys.argv[1])
    keep_within_limits()
    try:
        told = read(job)
    except Refused as refused:
        told = {"refused": str(refused)}
    except ShuibaoError as wrong:
        told = {"refused": wrong.zh}
    except MemoryError:
        told = {"refused": "文件太大，超出读取所允许的内存；请分成几个文件再上传。"}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - the parent reads it


def read(job: dict[str, Any]) -> dict[str, Any]:
    """
    Read the comments of a file, all of them or none (读取意见).

    Parameters
    ----------
    job : dict
        ``raw`` and ``made``, paths; ``folder``, an empty one; ``rules``, packs.

    Returns
    -------
    dict
        ``comments``: of each its unit and the code of its zone.

    Raises
    ------
    Refused
        If the file is not what its name says, holds too much, or a shape in it cannot be used.
    ShuibaoError
        If a row is not as it should be, with all that are not.
    """
    from shuibao.delimitation.life.comment_reading import read_comments
    from shuibao.rules import load_rules

    found = read_comments(_named(job), CRS.from_epsg(4490), load_rules(job["rules"]))
    if len(found) > MOST_ROWS:
        raise Refused(f"文件里有 {len(found)} 条意见，一次最多 {MOST_ROWS} 条；请分成几个文件。")
    faults = [(k, fault) for k, said in enumerate(found, 1) for fault in _faults(said)]
    if faults:
        lines = "\n".join(f"  · 第 {k} 条：{fault}" for k, fault in faults[:TOLD])
        raise Refused(f"有 {len({k for k, _ in faults})} 条不合要求，没有采用：\n{lines}")
    names = ("unit", "commenter", "text", "date", "opinion", "code")
    rows = [(said.shape, {name: getattr(said, name) for name in names}) for said in found]
    write_features(Path(job["made"]), rows)
    return {"comments": [{"unit": said.unit, "code": said.code} for said in found]}


def _named(job: dict[str, Any]) -> Path:
    """Return the upload under a name that may be told; one whose content is another than its name says is refused."""
    raw, folder = Path(job["raw"]), Path(job["folder"])
    if raw.suffix == ".zip":
        raw = unpacked(raw, folder, "vector")
    begins = {".gpkg": (GPKG, "GeoPackage"), ".shp": (SHP, "shapefile"), ".xlsx": (b"PK\x03\x04", "XLSX")}
    magic, kind = begins.get(raw.suffix, (b"", ""))
    if not head_of(raw).startswith(magic):
        raise Refused(f"文件不是 {kind}（内容与扩展名不符）；请重新导出后再上传。")
    if raw.suffix == ".shp":
        return raw
    path = folder / f"{NAME}{raw.suffix}"
    path.symlink_to(raw)
    return path


def _faults(said: Any) -> list[str]:
    """Return what is wrong with a comment beyond what reading it shows."""
    told = [
        f"{name}有 {len(getattr(said, field))} 个字，最多 {most}；请缩短。"
        for field, (name, most) in LENGTHS.items() if len(getattr(said, field)) > most
    ]  # fmt: skip
    shape = said.shape
    if shape is None:
        return told
    count = int(shapely.get_num_coordinates(shape))
    west, south, east, north = shapely.bounds(shape)
    if shape.geom_type not in KINDS:
        told.append("位置应为点或面；请改为点或面。")
    elif count > MOST_VERTICES:
        told.append(f"位置有 {count} 个顶点，最多 {MOST_VERTICES}；请化简。")
    elif not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        told.append("位置不在经纬度范围内；请核对坐标系。")
    elif not shape.is_valid:
        told.append(f"位置的图形不能用：{fault_in_words(shapely.is_valid_reason(shape))}；请改正。")
    return told


if __name__ == "__main__":
    main()
