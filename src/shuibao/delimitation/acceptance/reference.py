"""Coordinate systems: missing, not allowed, contradicted by the coordinates (坐标系检查)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from pyproj import CRS

from shuibao.delimitation.acceptance.fault import Ledger, Words
from shuibao.delimitation.acceptance.submitted import Submitted, transform_to_degrees
from shuibao.rules import Rules

_ALLOWED: Words = (
    "CGCS2000 经纬度、3° 带高斯-克吕格或全国等积圆锥投影",
    "CGCS2000 in degrees, in a 3° Gauss-Krueger zone or in the national equal-area projection",
)
WEB_FORMAT = "geojson"
"""The format whose coordinates are WGS84 by its own definition; that differs from CGCS2000 by centimetres."""


def check_reference(layer: Submitted, rules: Rules, ledger: Ledger, *, abroad: bool = False) -> None:
    """
    Check the coordinate system of a layer, and the coordinates against it (坐标系检查).

    Parameters
    ----------
    layer : Submitted
        The layer.
    rules : Rules
        Rule packs in force; ``zone_acceptance.crs``.
    ledger : Ledger
        Where faults are noted.
    abroad : bool
        Whether the land is known to lie elsewhere: any equal-area system will do there.
    """
    wanted = rules.value("zone_acceptance.crs")
    if layer.crs is None:
        ledger.file("crs-missing", layer.where, ("没有写明坐标系", "no coordinate system is named"), _ALLOWED)
    elif not is_allowed(layer.crs, wanted) and layer.form != WEB_FORMAT and not (abroad and keeps_areas(layer.crs)):
        ledger.file("crs-not-allowed", layer.where, (f"是 {layer.crs.name}", f"it is {layer.crs.name}"), _ALLOWED)
    if not len(layer) or not any(layer.extent):
        return
    found = tuple(round(value, 4) for value in layer.extent)
    if layer.swapped:
        words = (f"横坐标像纬度、纵坐标像经度：{found}", f"x looks like latitude and y like longitude: {found}")
        ledger.file("crs-swapped", layer.where, words, ("经度在前", "longitude first"))
    elif layer.crs is not None and layer.crs.is_geographic != layer.in_degrees:
        unit = ("度", "degrees") if layer.in_degrees else ("米", "metres")
        words = (
            f"坐标像{unit[0]}（{found}），坐标系却是 {layer.crs.name}",
            f"the coordinates look like {unit[1]} ({found}), the system is {layer.crs.name}",
        )
        ledger.file("crs-contradicted", layer.where, words, ("坐标与坐标系一致", "coordinates of that system"))
    if not abroad:
        _outside(layer, wanted, ledger)


def _outside(layer: Submitted, wanted: Mapping[str, Any], ledger: Ledger) -> None:
    """Note a layer that lies outside the country."""
    if layer.own_crs is None:
        return
    west, south, east, north = layer.extent
    if layer.swapped:
        west, south, east, north = south, west, north, east
    box = shapely.segmentize(shapely.box(west, south, east, north), max(east - west, north - south, 1e-9) / 8)
    to_degrees = transform_to_degrees(layer.own_crs)
    found = shapely.bounds(shapely.transform(box, to_degrees.transform, interleaved=False)).round(4).tolist()
    low, high = (wanted["west"], wanted["south"]), (wanted["east"], wanted["north"])
    if not (low[0] <= found[0] and found[2] <= high[0] and low[1] <= found[1] and found[3] <= high[1]):
        words = (f"范围 {found}（经纬度）", f"it spans {found} (degrees)")
        if not np.isfinite(found).all():
            words = ("坐标在该坐标系中算不出经纬度", "the coordinates have no longitude and latitude in that system")
        allowed = (f"经度 {low[0]}–{high[0]}°，纬度 {low[1]}–{high[1]}°", f"{low[0]}–{high[0]}°E, {low[1]}–{high[1]}°N")
        ledger.file("crs-outside", layer.where, words, allowed)


def is_allowed(crs: CRS, wanted: Mapping[str, Any]) -> bool:
    """
    Tell whether a coordinate system is one of those that are allowed, by what it is and not by its name (是否允许).

    Parameters
    ----------
    crs : CRS
        The system.
    wanted : mapping
        ``zone_acceptance.crs``: names of the datum, width of a zone and standard parallels in degrees.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> wanted = load_rules(["zone-acceptance"]).value("zone_acceptance.crs")
    >>> [is_allowed(CRS.from_epsg(code), wanted) for code in (4490, 4547, 4326, 32649)]
    [True, True, False, False]
    """
    flat = crs.sub_crs_list[0] if crs.is_compound else crs
    geodetic = flat.geodetic_crs
    if geodetic is None or not _is_datum(geodetic, wanted["datum"]):
        return False
    if flat.is_geographic:
        return True
    operation = flat.coordinate_operation
    if operation is None:
        return False
    values = {param.name: param.value for param in operation.params}
    middle = float(values.get("Longitude of natural origin", values.get("Longitude of false origin", 0.0)))
    if operation.method_name == "Transverse Mercator":
        scale = float(values.get("Scale factor at natural origin", 1.0))
        return bool(abs(scale - 1) < 1e-9 and abs(middle / wanted["zone_width"] % 1) < 1e-9)
    parallels = sorted(value for name, value in values.items() if "standard parallel" in name)
    return "Albers" in operation.method_name and parallels == sorted(wanted["parallels"])


def keeps_areas(crs: CRS) -> bool:
    """
    Tell whether a coordinate system is an equal-area projection (是否等积).

    Parameters
    ----------
    crs : CRS
        The system.

    Examples
    --------
    >>> keeps_areas(CRS.from_epsg(3035)), keeps_areas(CRS.from_epsg(4547))
    (True, False)
    """
    operation = crs.coordinate_operation
    return bool(crs.is_projected and operation is not None and "equal area" in operation.method_name.lower())


def _is_datum(geodetic: CRS, names: list[str]) -> bool:
    datum = geodetic.datum.name if geodetic.datum is not None else geodetic.name
    words = datum.lower().replace("_", " ").removeprefix("d ").strip()
    return words in names
