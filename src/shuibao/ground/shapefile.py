"""
Shapefiles in a zip, the same bytes every time: shapes, table, encoding and coordinate system (shapefile 压缩包).

The table (DBF) is written here, because its widths, decimals and encoding are part of what is asked for.
"""

from __future__ import annotations

import io
import math
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.ground.files import renamed
from shuibao.messages import ShuibaoError

LONGEST_NAME, LONGEST_TEXT = 10, 254
"""Characters of a field's name and bytes of a text: what a DBF can hold."""

LARGEST = 2**31 - 1
"""Bytes of the .shp and .dbf: offsets are 32 bits, and programs stop at 2 GB."""

ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_DBF_DATE = bytes([100, 1, 1])  # 2000-01-01


@dataclass(frozen=True)
class TableField:
    """
    One field of a DBF table (属性表字段).

    Parameters
    ----------
    name : str
        At most 10 ASCII characters.
    type : {"text", "integer", "real"}
        What it holds.
    width : int
        Bytes.
    decimals : int
        Digits behind the point.
    """

    name: str
    type: str
    width: int
    decimals: int = 0


def write_shapefile(
    path: Path, stem: str, fields: Sequence[TableField], columns: Mapping[str, Any], geometry: NDArray[Any], crs: CRS
) -> None:
    """
    Write polygons as a zipped shapefile: .shp, .shx, .dbf, .prj, .cpg (写出 shapefile 压缩包).

    Parameters
    ----------
    path : Path
        The zip to write, whole or not at all.
    stem : str
        Name of the files in it.
    fields : sequence of TableField
        The table.
    columns : mapping of str to (n,) array
        Values by the name of the field. NaN is empty; a text that is too long is cut at a whole character.
    geometry : (n,) array of shapely.Polygon or shapely.MultiPolygon
        Shapes.
    crs : CRS
        Their coordinate system.

    Raises
    ------
    ShuibaoError
        If a number does not fit its field, or a file would be larger than the format allows.
    """
    table = dbf_table(fields, columns, len(geometry))
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / stem
        pyogrio.raw.write(
            base.with_suffix(".shp"), geometry=np.array(shapely.to_wkb(geometry), dtype=object),
            field_data=[np.zeros(len(geometry), dtype=np.int32)], fields=["none"], geometry_type="Polygon",
            crs=crs.to_wkt(), driver="ESRI Shapefile", ENCODING="UTF-8",
        )  # fmt: skip
        members = {end: base.with_suffix(end).read_bytes() for end in (".shp", ".shx", ".prj")}
    members |= {".dbf": table, ".cpg": b"UTF-8"}
    if max(map(len, members.values())) > LARGEST:
        raise ShuibaoError(
            f"{path.name} 超过 shapefile 的 2 GB 上限；请按县分别打包，或使用 GeoPackage。",
            f"{path.name} is beyond the 2 GB of a shapefile; make a package for each county, or use the GeoPackage.",
        )
    with renamed(path) as temporary:
        temporary.write_bytes(zipped({f"{stem}{end}": data for end, data in members.items()}))


def zipped(members: Mapping[str, bytes]) -> bytes:
    """
    Return files as a zip, sorted by name and without the time at which it was made (定时压缩).

    Parameters
    ----------
    members : mapping of str to bytes
        Content by name.

    Examples
    --------
    >>> zipped({"b": b"2", "a": b"1"}) == zipped({"a": b"1", "b": b"2"})
    True
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, date_time=ZIP_DATE)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            made.writestr(info, members[name])
    return out.getvalue()


def dbf_table(fields: Sequence[TableField], columns: Mapping[str, Any], rows: int) -> bytes:
    r"""
    Return a dBase III table in UTF-8 with a fixed date (属性表).

    Parameters
    ----------
    fields : sequence of TableField
        Its fields.
    columns : mapping of str to (n,) array
        Values by the name of the field.
    rows : int
        Rows.

    Raises
    ------
    ShuibaoError
        If a name is too long, or a number does not fit its field.

    Examples
    --------
    >>> table = dbf_table([TableField("AREA", "real", 8, 2)], {"AREA": [1.5]}, 1)
    >>> table[-9:]
    b'    1.50\x1a'
    """
    widths = [min(field.width, LONGEST_TEXT) for field in fields]
    size = 32 + 32 * len(fields) + 1
    head = bytes([3]) + _DBF_DATE + rows.to_bytes(4, "little") + size.to_bytes(2, "little")
    head += (1 + sum(widths)).to_bytes(2, "little") + bytes(20)
    for field, width in zip(fields, widths, strict=True):
        if len(field.name) > LONGEST_NAME or not field.name.isascii():
            raise ShuibaoError(
                f"shapefile 字段名「{field.name}」应为不超过 {LONGEST_NAME} 个 ASCII 字符；请改正规则包 zone_package.fields。",
                f"'{field.name}' is no field of a shapefile: at most {LONGEST_NAME} ASCII characters; correct"
                " zone_package.fields in the rule pack.",
            )
        kind = b"C" if field.type == "text" else b"N"
        head += field.name.encode().ljust(11, b"\0") + kind + bytes(4) + bytes([width, field.decimals]) + bytes(14)
    cells = [
        [_cell(value, field, width) for value in np.asarray(columns[field.name], dtype=object).tolist()]
        for field, width in zip(fields, widths, strict=True)
    ]
    body = b"".join(b" " + b"".join(row) for row in zip(*cells, strict=True)) if rows else b""
    return head + b"\r" + body + b"\x1a"


def _cell(value: Any, field: TableField, width: int) -> bytes:
    """Return a value in the width of its field."""
    if field.type == "text":
        return str(value).encode()[:width].decode(errors="ignore").encode().ljust(width)
    if isinstance(value, float) and not math.isfinite(value):
        return b" " * width
    text = f"{value:.{field.decimals}f}".encode()
    if len(text) > width:
        raise ShuibaoError(
            f"字段 {field.name} 的值 {value} 超过宽度 {width}；请在规则包 zone_package.fields 中加宽。",
            f"{value} does not fit the {width} characters of the field {field.name}; widen it in zone_package.fields.",
        )
    return text.rjust(width)
