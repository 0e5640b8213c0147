"""Files that are not what their names say, or that send their reader elsewhere (伪装的矢量文件)."""

from __future__ import annotations

import json
import mmap
import re
from pathlib import Path

from shuibao.messages import ShuibaoError

BEGINNINGS = {".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a", ".geojson": b"{", ".json": b"{"}
"""How files begin that are what their names say."""

STREAMED = b"gdal_streamed_alg"
"""What marks a JSON text that is an order to GDAL."""

_CRS = re.compile(rb'"(?:c|\\u0063)(?:r|\\u0072)(?:s|\\u0073)"\s*:\s*(?=\{)')
_LONGEST_CRS = 1 << 16
_NAMING = ("name", "epsg", "ogc")
"""Types of a GeoJSON coordinate system that name one; the others say from where to fetch it."""


def refuse_disguised(path: Path) -> None:
    """
    Refuse a file that is not what its name says, or that makes its reader open or fetch another (拒绝伪装的文件).

    OGR goes by the content: a text that is called a GeoPackage may be a list of other files, and a GeoJSON may have its
    coordinate system fetched from anywhere.

    Parameters
    ----------
    path : Path
        The file; what is neither GeoPackage, shapefile nor GeoJSON by its name is let pass.

    Raises
    ------
    ShuibaoError
        If it is something else.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.gpkg"
    ...     _ = path.write_text("<OGRVRTDataSource/>")
    ...     try:
    ...         refuse_disguised(path)
    ...     except ShuibaoError as error:
    ...         print("refused")
    refused
    """
    ending = path.suffix.lower()
    begins = BEGINNINGS.get(ending)
    if begins is None or not path.is_file():
        return
    with path.open("rb") as file:
        head = file.read(4096)
    if begins == b"{":
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head.startswith(begins):
        raise ShuibaoError(
            f"不是可读的矢量文件：{path}（内容不是 {ending}，只是这样命名）；请提供 GeoPackage、Shapefile 或 GeoJSON。",
            f"not a readable vector file: {path} (it is no {ending}, only named so); give a GeoPackage, Shapefile or GeoJSON.",
        )
    if begins == b"{" and _sends_elsewhere(path):
        raise ShuibaoError(
            f"不是可读的矢量文件：{path}（要从别处取数据或坐标系）；请在 GIS 软件中另存为 GeoJSON 或 GeoPackage。",
            f"not a readable vector file: {path} (its data or its coordinate system are to be fetched from elsewhere); save it"
            " as GeoJSON or GeoPackage in a GIS.",
        )


def _sends_elsewhere(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if text.find(STREAMED) >= 0:
            return True
        return any(_fetched(text[found.end() : found.end() + _LONGEST_CRS]) for found in _CRS.finditer(text))


def _fetched(text: bytes) -> bool:
    """Tell whether a coordinate system is to be fetched, or cannot be read at all."""
    try:
        crs, _ = json.JSONDecoder().raw_decode(text.decode("utf-8", "ignore"))
    except (ValueError, RecursionError):
        return True
    return "type" in crs and str(crs["type"]).lower() not in _NAMING
