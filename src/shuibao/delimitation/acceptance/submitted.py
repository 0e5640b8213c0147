"""A layer of zones as somebody handed it in: nothing about it can be relied on yet (待验图层)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from shuibao.ground.grid import national_crs
from shuibao.ground.transforming import between

POLYGONS = (3, 6)
"""Numbers of polygon and multi-polygon among the types of shapely."""

DEGREES = ((-180.0, 180.0), (-90.0, 90.0))
"""What longitude and latitude can be."""

NATION = ((73.0, 136.0), (3.0, 54.0))
"""Longitudes and latitudes that the national equal-area system is meant for."""

Moved = Callable[[Any, Any], Any]
"""Takes coordinates to the equal-area system."""

PLACES = 6
"""Decimals of a place in a report, degrees: a tenth of a metre."""


@dataclass(frozen=True)
class Submitted:
    """
    One layer of a package, read but not believed (待验图层).

    Parameters
    ----------
    where : str
        File in the package, and layer where it has several.
    theme : str
        One of ``shuibao.zoning.layer.THEMES``; empty if nothing tells.
    columns : mapping of str to (n,) array of object
        Attributes under their standard names, missing as None.
    given : mapping of str to str
        The name of each in the file.
    types : mapping of str to str
        Type of each in the file: text, integer, float, date, other.
    geometry : (n,) array of shapely geometry or None
        Shapes without Z and M; None where there is none or it is curved.
    curved, deep, broken : (n,) array of bool
        Whether a shape came with arcs; with Z or M; with rings that are not closed or that cannot be read.
    crs : CRS or None
        Coordinate system that the file names.
    metadata : mapping of str to str
        What the file says about itself.
    form : str
        Format: gpkg, shp, parquet, geojson; empty for a layer in memory.
    """

    where: str
    theme: str
    columns: Mapping[str, NDArray[np.object_]]
    given: Mapping[str, str]
    types: Mapping[str, str]
    geometry: NDArray[np.object_]
    curved: NDArray[np.bool_]
    deep: NDArray[np.bool_]
    broken: NDArray[np.bool_]
    crs: CRS | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    form: str = ""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.geometry)

    @cached_property
    def codes(self) -> list[str]:
        """Return the code of each row as text; empty where there is none (编号)."""
        return self.texts("code")

    def texts(self, name: str) -> list[str]:
        """Return a column as text; empty where there is nothing."""
        if name not in self._texts:
            self._texts[name] = texts(self.columns.get(name), len(self))
        return self._texts[name]

    @cached_property
    def _texts(self) -> dict[str, list[str]]:
        return {}

    def level_texts(self) -> list[str]:
        """Return the level of each row, by its code or else by its name."""
        return self.texts("level" if "level" in self.columns else "level_name")

    @cached_property
    def areal(self) -> NDArray[np.bool_]:
        """Return which shapes are polygons with something in them (是面且非空)."""
        kinds = shapely.get_type_id(self.geometry)
        return np.isin(kinds, POLYGONS) & ~shapely.is_empty(self.geometry)

    @cached_property
    def valid(self) -> NDArray[np.bool_]:
        """Return which shapes are valid polygons (有效的面)."""
        good = self.areal.copy()
        good[good] = shapely.is_valid(self.geometry[good])
        return good

    @cached_property
    def sound(self) -> NDArray[np.bool_]:
        """Return which shapes are valid polygons that can be placed: the only ones that are measured (可以量算)."""
        return self.valid & np.isfinite(shapely.bounds(self.metric)).all(axis=1)

    @cached_property
    def extent(self) -> tuple[float, float, float, float]:
        """Return the bounds of all finite coordinates, in the layer's own units (范围)."""
        points = shapely.get_coordinates(self.geometry)
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            return (0.0, 0.0, 0.0, 0.0)
        (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def in_degrees(self) -> bool:
        """Return whether the coordinates can be degrees (坐标像经纬度)."""
        west, south, east, north = self.extent
        (low_x, high_x), (low_y, high_y) = DEGREES
        return bool(low_x <= west and east <= high_x and low_y <= south and north <= high_y)

    @cached_property
    def swapped(self) -> bool:
        """Return whether the coordinates can be latitude before longitude, as China's are then (坐标颠倒)."""
        west, south, east, north = self.extent
        return not self.in_degrees and max(abs(west), abs(east)) <= 90 and max(abs(south), abs(north)) <= 180

    @cached_property
    def own_crs(self) -> CRS | None:
        """
        Return the system that the coordinates are in: the named one unless they contradict it (实际坐标系).

        None where that cannot be told; the shapes are then measured as if in metres.
        """
        if self.in_degrees or self.swapped:
            named = self.crs if self.crs is not None and self.crs.is_geographic else None
            return named or CRS.from_epsg(4490)
        return None if self.crs is None or self.crs.is_geographic else self.crs

    @cached_property
    def metric_crs(self) -> CRS:
        """
        Return the equal-area system that shapes are measured in (量算坐标系).

        The national one; for land that lies elsewhere the layer's own, if it is equal-area.
        """
        own = self.own_crs
        if own is None or not own.is_projected or "equal area" not in _method(own) or not _is_abroad(own, self.extent):
            return national_crs()
        return own

    @cached_property
    def _to_metres(self) -> Moved | None:
        own, metric = self.own_crs, self.metric_crs
        if own is None or own == metric:
            return None
        move = transform_between(own, metric).transform
        return (lambda x, y: move(y, x)) if self.swapped else move

    @cached_property
    def metric(self) -> NDArray[np.object_]:
        """Return the shapes in the national equal-area system, m; as they are where they cannot be placed (等积投影图形)."""
        return np.asarray(self.in_metres(self.geometry), dtype=object)

    @cached_property
    def area_m2(self) -> NDArray[np.float64]:
        """Return the area of each sound shape, m²; NaN for the others (图形面积)."""
        area = np.full(len(self), np.nan)
        area[self.sound] = shapely.area(self.metric[self.sound])
        return area

    def in_metres(self, shapes: Any) -> Any:
        """Return shapes of the layer's own system in the equal-area one, m."""
        if self._to_metres is None:
            return shapes
        return shapely.transform(shapes, self._to_metres, interleaved=False)

    @cached_property
    def metres_per_unit(self) -> float:
        """Return the length of a unit of the layer's own coordinates, m, in the middle of its extent (单位长度)."""
        if self._to_metres is None or not self.in_degrees:
            return 1.0
        west, south, east, north = self.extent
        x, y = (west + east) / 2, (south + north) / 2
        a, b = self._to_metres([x, x], [y - 5e-4, y + 5e-4])
        return float(np.hypot(a[1] - a[0], b[1] - b[0]) / 1e-3)

    @cached_property
    def _to_degrees(self) -> Transformer:
        return transform_to_degrees(self.metric_crs)

    def place_of(self, spot: Any) -> tuple[float | None, float | None, tuple[float, float, float, float] | None]:
        """
        Return longitude, latitude and extent of something in the equal-area system, degrees (所在位置).

        None where the layer's coordinates cannot be placed on the ground.
        """
        if self.own_crs is None:
            return None, None, None
        west, south, east, north = shapely.bounds(spot).tolist()
        x, y = self._to_degrees.transform([(west + east) / 2, west, east], [(south + north) / 2, south, north])
        if not np.isfinite([*x, *y]).all():
            return None, None, None
        x, y = np.round(x, PLACES).tolist(), np.round(y, PLACES).tolist()
        return x[0], y[0], (x[1], y[1], x[2], y[2])


@lru_cache(maxsize=32)
def transform_between(own: CRS, other: CRS) -> Transformer:
    """
    Return the way from one coordinate system to another (坐标转换).

    Parameters
    ----------
    own, other : CRS
        The systems; x and longitude come first.
    """
    return between(own, other)


def transform_to_degrees(crs: CRS) -> Transformer:
    """
    Return the way to longitude and latitude on CGCS2000 (到经纬度的转换).

    Parameters
    ----------
    crs : CRS
        Where the coordinates are in.
    """
    return transform_between(crs, CRS.from_epsg(4490))


def _method(crs: CRS) -> str:
    return crs.coordinate_operation.method_name.lower() if crs.coordinate_operation is not None else ""


def _is_abroad(crs: CRS, extent: tuple[float, float, float, float]) -> bool:
    """Tell whether an extent lies far from where the national system is meant for."""
    lon, lat = transform_to_degrees(crs).transform((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    (west, east), (south, north) = NATION
    return not (west <= lon <= east and south <= lat <= north)


def texts(values: Iterable[Any] | None, size: int) -> list[str]:
    """
    Return values as people would write them; empty where there is nothing (成文字).

    Parameters
    ----------
    values : (n,) array or list, or None
        A column.
    size : int
        Rows, for a column that is not there.

    Examples
    --------
    >>> texts(np.array([140928.0, None, " 五寨县 ", float("nan")], dtype=object), 4)
    ['140928', '', '五寨县', '']
    """
    if values is None:
        return [""] * size
    return [value.strip() if type(value) is str else _text(value) for value in values]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if value is None or value != value:  # a NaN is not itself
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def in_order(layer: Submitted) -> NDArray[np.intp]:
    """
    Return an order of the rows that depends on what they hold and not on how they stood (排序).

    Parameters
    ----------
    layer : Submitted
        The layer.
    """
    bounds = np.nan_to_num(shapely.bounds(layer.geometry), nan=np.inf)
    points = shapely.get_num_coordinates(layer.geometry)
    keys = [points, *bounds.T[::-1], np.asarray(layer.codes, dtype=np.str_)]
    return np.lexsort(keys)
