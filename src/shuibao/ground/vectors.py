"""Shapes with their attributes: GeoParquet and GeoPackage out, anything OGR reads in (矢量读写)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyogrio.raw
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.ground.disguises import refuse_disguised
from shuibao.ground.files import renamed
from shuibao.ground.table_encoding import shapefile_encoding
from shuibao.messages import ShuibaoError

Columns = Mapping[str, Any]
"""Attributes by name: arrays or lists of one length."""

_FIXED_DATE = "2000-01-01T00:00:00.000Z"
"""GeoPackage wants a date of last change; a fixed one keeps two runs' bytes the same."""


@dataclass(frozen=True)
class Vectors:
    """
    Shapes, their attributes and their coordinate system (矢量数据).

    Parameters
    ----------
    columns : dict of str to array
        Attributes.
    geometry : (n,) array of shapely geometry
        Shapes.
    crs : CRS or None
        Coordinate system; None if the file has none.
    metadata : dict of str to str
        What GeoParquet keeps beside the table; empty for other files.
    """

    columns: dict[str, NDArray[Any]]
    geometry: NDArray[Any]
    crs: CRS | None
    metadata: dict[str, str] = field(default_factory=dict)


def write_geoparquet(
    path: Path, columns: Columns, geometry: NDArray[Any], crs: CRS, *, metadata: Mapping[str, str] | None = None
) -> None:
    """
    Write shapes as GeoParquet 1.1 (写出 GeoParquet).

    Parameters
    ----------
    path : Path
        File to write, whole or not at all.
    columns : mapping of str to array or list
        Attributes.
    geometry : (n,) array of shapely geometry
        Shapes.
    crs : CRS
        Their coordinate system.
    metadata : mapping of str to str, optional
        Provenance, kept in the file.
    """
    kinds = sorted({g.geom_type for g in geometry})
    bounds = shapely.total_bounds(geometry).tolist() if len(geometry) else [0.0, 0.0, 0.0, 0.0]
    described = {"encoding": "WKB", "geometry_types": kinds, "crs": crs.to_json_dict(), "bbox": bounds}
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": described}}
    arrays = {name: pa.array(values) for name, values in columns.items()}
    arrays["geometry"] = pa.array(list(shapely.to_wkb(np.asarray(geometry, dtype=object))), type=pa.binary())
    table = pa.table(arrays).replace_schema_metadata(
        {"geo": json.dumps(geo, ensure_ascii=False, sort_keys=True), **(metadata or {})}
    )
    with renamed(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def write_geopackage(
    path: Path,
    layers: Mapping[str, tuple[Columns, NDArray[Any]]],
    crs: CRS,
    *,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """
    Write layers of shapes as one GeoPackage for QGIS and ArcGIS (写出 GeoPackage).

    Parameters
    ----------
    path : Path
        File to write, whole or not at all.
    layers : mapping of str to (columns, geometry)
        Layers by name; the shapes of one are polygons or lines, and are written as multi-polygons or multi-lines.
    crs : CRS
        Coordinate system of all layers.
    metadata : mapping of str to str, optional
        Provenance, kept in the file.
    """
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _FIXED_DATE})
    try:
        with renamed(path) as temporary:
            for number, (name, (columns, geometry)) in enumerate(layers.items()):
                pyogrio.raw.write(
                    temporary,
                    geometry=np.array(shapely.to_wkb(_multi(geometry)), dtype=object),
                    field_data=[_plain(values) for values in columns.values()],
                    fields=list(columns),
                    geometry_type="MultiLineString" if _are_lines(geometry) else "MultiPolygon",
                    crs=crs.to_wkt(),
                    driver="GPKG",
                    layer=name,
                    append=number > 0,
                    dataset_metadata=dict(metadata or {}) if number == 0 else None,
                )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _are_lines(geometry: NDArray[Any]) -> bool:
    return bool(len(geometry)) and geometry[0].geom_type.endswith("LineString")


def _multi(geometry: NDArray[Any]) -> NDArray[Any]:
    """Return polygons as multi-polygons, or lines as multi-lines, in one call for all."""
    if not len(geometry):
        return np.empty(0, dtype=object)
    parts, owner = shapely.get_parts(geometry, return_index=True)
    join = shapely.multilinestrings if _are_lines(geometry) else shapely.multipolygons
    return np.asarray(join(parts, indices=owner), dtype=object)


def _plain(values: Any) -> NDArray[Any]:
    array = np.asarray(values)
    return array.astype(object) if array.dtype.kind == "U" else array


def read_vectors(path: Path, *, layer: str | None = None) -> Vectors:
    """
    Read shapes and their attributes (读取矢量).

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile, GeoJSON, GeoParquet or anything else OGR reads.
    layer : str, optional
        Layer of a file that has several; the first if not given.

    Returns
    -------
    Vectors

    Raises
    ------
    ShuibaoError
        If the file is missing or cannot be read as vectors.
    """
    if path.is_dir() and path.suffix.lower() not in {".gdb"}:
        raise ShuibaoError(
            f"{path} 是文件夹，不是矢量文件；请给出其中的文件。",
            f"{path} is a folder, not a vector file; give a file in it.",
        )
    if not path.exists():
        raise ShuibaoError(
            f"文件不存在：{path}；请核对路径。",
            f"file not found: {path}; check the path.",
        )
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return _read_geoparquet(path)
    refuse_disguised(path)
    pyogrio.set_gdal_config_options({"GDAL_PAM_ENABLED": "NO"})  # reading must not leave an .aux.xml behind
    try:
        first = 0 if layer is None else layer
        meta, _, wkb, fields = pyogrio.raw.read(path, layer=first, encoding=_undeclared_encoding(path))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, error) from error
    columns = dict(zip([str(name) for name in meta["fields"]], fields, strict=True))
    crs = CRS.from_user_input(meta["crs"]) if meta["crs"] else None
    return Vectors(columns, np.asarray(shapely.from_wkb(wkb), dtype=object), crs)


def _reason(error: Exception) -> str:
    """Return what OGR said, in brackets; nothing where it only says that it does not know the format."""
    return "" if "not recognized as being in a supported" in str(error) else f"（{error}）"


def layer_names(path: Path) -> list[str]:
    """
    Return the names of the layers of a file that hold shapes (图层名称).

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile, GeoJSON or anything else OGR reads; GeoParquet has one layer, named as the file.

    Raises
    ------
    ShuibaoError
        If the file cannot be read as vectors.
    """
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return [path.stem]
    refuse_disguised(path)
    try:
        return [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ShuibaoError:
    return ShuibaoError(
        f"不是可读的矢量文件：{path}{_reason(error)}；请提供 GeoPackage、Shapefile 或 GeoJSON。",
        f"not a readable vector file: {path} ({error}); give a GeoPackage, Shapefile or GeoJSON.",
    )


def count_curved(path: Path, *, layer: str | None = None) -> int:
    """
    Return the number of shapes of a file that have arcs; OGR reads them as chords of 4° and says nothing (含弧图形数).

    Parameters
    ----------
    path : Path
        GeoPackage, Shapefile, GeoJSON or anything else OGR reads; none are looked for in GeoParquet, which has no arcs.
    layer : str, optional
        Layer of a file that has several; the first if not given.
    """
    if path.suffix.lower() in {".parquet", ".geoparquet"}:
        return 0
    name = pyogrio.list_layers(path)[0][0] if layer is None else layer.replace('"', '\\"')
    query = f'SELECT OGR_GEOMETRY AS kind FROM "{name}"'  # noqa: S608 - of the user's own file, which is only read
    fields = pyogrio.raw.read(path, sql=query, sql_dialect="OGRSQL", read_geometry=False)[3]
    return sum(any(word in str(kind).upper() for word in ("CURVE", "CIRCULAR", "SURFACE")) for kind in fields[0])


def _undeclared_encoding(path: Path) -> str | None:
    """Return the encoding of a shapefile whose own declaration OGR cannot go by: UTF-8 if its attributes are that, else GBK."""
    dbf, cpg = path.with_suffix(".dbf"), path.with_suffix(".cpg")
    if path.suffix.lower() != ".shp" or not dbf.exists():
        return None
    return shapefile_encoding(dbf, cpg if cpg.exists() else None)[0]


def vector_tags(path: Path) -> dict[str, str]:
    """
    Return the provenance that a GeoParquet file holds, without reading its shapes (读取元数据).

    Parameters
    ----------
    path : Path
        GeoParquet.

    Raises
    ------
    ShuibaoError
        If it is no Parquet file.
    OSError
        If it cannot be opened.
    """
    try:
        tags = pq.read_schema(path).metadata or {}
    except pa.ArrowInvalid as error:
        raise _unreadable(path, error) from error
    return {key.decode(): value.decode() for key, value in tags.items() if key != b"geo"}


def _read_geoparquet(path: Path) -> Vectors:
    try:
        table = pq.read_table(path)
    except pa.ArrowInvalid as error:
        raise ShuibaoError(
            f"不是可读的矢量文件：{path}（{error}）；请提供 GeoParquet 或 GeoPackage。",
            f"not a readable vector file: {path} ({error}); give GeoParquet or a GeoPackage.",
        ) from error
    raw = (table.schema.metadata or {}).get(b"geo")
    if raw is None:
        raise ShuibaoError(
            f"{path} 不是 GeoParquet（缺少 geo 元数据）；请另存为 GeoParquet 或 GeoPackage。",
            f"{path} is not GeoParquet (no geo metadata); save it as GeoParquet or GeoPackage.",
        )
    geo = json.loads(raw)
    column = geo["primary_column"]
    described = geo["columns"][column].get("crs", "OGC:CRS84")
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names if name != column}
    try:
        geometry = shapely.from_wkb(table[column].to_numpy(zero_copy_only=False))
    except (shapely.errors.ShapelyError, NotImplementedError, TypeError) as error:
        raise ShuibaoError(
            f"{path} 中有读不出来的图形（{error}）；请在 GIS 软件中转为普通面或线，另存后再提供。",
            f"{path} holds shapes that cannot be read ({error}); turn them into plain polygons or lines in a GIS.",
        ) from error
    metadata = {key.decode(): value.decode() for key, value in table.schema.metadata.items() if key != b"geo"}
    crs = CRS.from_user_input(described) if described else None
    return Vectors(columns, np.asarray(geometry, dtype=object), crs, metadata)
