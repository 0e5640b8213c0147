"""Shapes written some at a time, for more than memory holds (分批写出矢量)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.ground.files import renamed
from shuibao.ground.vectors import Columns


def write_geoparquet_batches(
    path: Path,
    batches: Iterable[tuple[Columns, NDArray[Any]]],
    crs: CRS,
    *,
    metadata: Mapping[str, str] | None = None,
) -> int:
    """
    Write shapes as GeoParquet 1.1 while they are made (分批写出 GeoParquet).

    Parameters
    ----------
    path : Path
        File to write, whole or not at all.
    batches : iterable of (columns, geometry)
        Attributes and shapes, as :func:`shuibao.ground.vectors.write_geoparquet` takes them, with the same columns of
        the same types in each; one batch at least.
    crs : CRS
        Their coordinate system.
    metadata : mapping of str to str, optional
        Provenance, kept in the file.

    Returns
    -------
    int
        Shapes written.

    Raises
    ------
    ShuibaoError
        If the disk is full or may not be written to; an earlier file is left as it was.
    """
    described = {"encoding": "WKB", "geometry_types": [], "crs": crs.to_json_dict()}  # types and extent: not known yet
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": described}}
    told = {"geo": json.dumps(geo, ensure_ascii=False, sort_keys=True), **(metadata or {})}
    count = 0
    with renamed(path) as temporary, ExitStack() as files:
        writer = None
        for columns, geometry in batches:
            table = _table(columns, geometry).replace_schema_metadata(told)
            if writer is None:
                writer = files.enter_context(pq.ParquetWriter(temporary, table.schema, compression="zstd"))
            writer.write_table(table)
            count += len(geometry)
    return count


def _table(columns: Columns, geometry: NDArray[Any]) -> pa.Table:
    arrays = {name: pa.array(values) for name, values in columns.items()}
    arrays["geometry"] = pa.array(list(shapely.to_wkb(np.asarray(geometry, dtype=object))), type=pa.binary())
    return pa.table(arrays)
