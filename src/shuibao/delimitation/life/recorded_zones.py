"""Zones as a record holds them: their attributes and the exact bytes of their shapes (记录中的区域)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.zoning.layer import HECTARE, ZoneLayer, zone_layer

MEASURED = ("area_m2", "area_hm2", "perimeter_m")
"""Columns that follow from the shape and are measured anew."""


@dataclass(frozen=True)
class Zone:
    """
    One zone apart from its layer (单个区域).

    Parameters
    ----------
    code : str
        Its code.
    attributes : mapping of str to text, number or None
        All other columns but those measured from the shape; None is missing.
    geometry : shapely.Polygon or shapely.MultiPolygon
        Its shape, m.
    """

    code: str
    attributes: Mapping[str, Any]
    geometry: Any = field(compare=False)

    def written(self) -> dict[str, Any]:
        """Return the zone as plain values; the shape as hexadecimal little-endian WKB, which is exact (写入记录)."""
        wkb = shapely.to_wkb(self.geometry, hex=True, byte_order=1)
        return {"code": self.code, "attributes": dict(self.attributes), "geometry": wkb}

    @property
    def kind(self) -> str:
        """Return the kind of the zone (种类)."""
        return str(self.attributes.get("kind", ""))


def zone_of(written: Mapping[str, Any]) -> Zone:
    """
    Return a zone as a record holds it (读自记录).

    Parameters
    ----------
    written : mapping
        What :meth:`Zone.written` returned.

    Examples
    --------
    >>> square = Zone("a", {"kind": "severe"}, shapely.box(0, 0, 1, 1))
    >>> zone_of(square.written()).geometry.equals_exact(square.geometry, 0)
    True
    """
    return Zone(written["code"], written["attributes"], shapely.from_wkb(written["geometry"]))


def zones_of(layer: ZoneLayer, rows: Sequence[int] | NDArray[Any] | None = None) -> list[Zone]:
    """
    Return zones of a layer one by one (逐个取出).

    Parameters
    ----------
    layer : ZoneLayer
        The layer.
    rows : sequence of int, optional
        Which; all if not given.
    """
    names = [name for name in layer.columns if name != "code" and name not in MEASURED]
    chosen = range(len(layer)) if rows is None else rows
    return [
        Zone(str(layer.columns["code"][k]), {name: plain(layer.columns[name][k]) for name in names}, layer.geometry[k])
        for k in chosen
    ]


def plain(value: Any) -> Any:
    """
    Return a value of a column as JSON can hold it; what is missing is None (转为普通值).

    Examples
    --------
    >>> plain(np.float64(1.5)), plain(np.nan), plain(np.int16(3)), plain("甲")
    (1.5, None, 3, '甲')
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def layer_with(layer: ZoneLayer, gone: set[str], came: Sequence[Zone]) -> ZoneLayer:
    """
    Return a layer without some zones and with others (替换区域).

    Parameters
    ----------
    layer : ZoneLayer
        The layer; the types of its columns are kept.
    gone : set of str
        Codes of zones that are left out.
    came : sequence of Zone
        Zones that are put in; columns that they do not have are left empty, others are passed over.
    """
    if not gone and not came:
        return layer
    kept = np.flatnonzero([code not in gone for code in layer.columns["code"]])
    shapes = np.array([zone.geometry for zone in came], dtype=object)
    area = shapely.area(shapes) if len(came) else np.empty(0)
    new: dict[str, list[Any]] = {
        "code": [zone.code for zone in came], "area_m2": list(area), "area_hm2": list(np.round(area / HECTARE, 2)),
        "perimeter_m": list(shapely.length(shapes)) if len(came) else [],
    }  # fmt: skip
    columns = {}
    for name, values in layer.columns.items():
        old = np.asarray(values)
        given = new.get(name, [zone.attributes.get(name) for zone in came])
        columns[name] = np.concatenate([old[kept], _typed(given, old.dtype)]) if len(came) else old[kept]
    geometry = np.concatenate([layer.geometry[kept], shapes]) if len(came) else layer.geometry[kept]
    return zone_layer(layer.theme, columns, geometry, layer.crs, layer.metadata)


def _typed(values: Sequence[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return values as a column of a type; what is missing is NaN, 0 or empty text."""
    missing: Any = {"f": np.nan, "i": 0, "u": 0, "b": False}.get(dtype.kind, "")
    out = np.empty(len(values), dtype=dtype)
    for k, value in enumerate(values):
        out[k] = missing if value is None else value
    return out


def digest_of(layer: ZoneLayer) -> str:
    """
    Return the SHA-256 of what a layer holds: theme, columns and shapes, whatever file it lies in (图层摘要).

    Parameters
    ----------
    layer : ZoneLayer
        The layer.
    """
    digest = hashlib.sha256(f"{layer.theme}\n".encode())
    for name in sorted(layer.columns):
        values = [plain(value) for value in layer.columns[name]]
        digest.update(json.dumps([name, values], ensure_ascii=False).encode())
    for wkb in shapely.to_wkb(layer.geometry, byte_order=1):
        digest.update(wkb)
    return digest.hexdigest()
