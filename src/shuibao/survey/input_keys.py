"""The inputs that ``region.toml`` may name, and the keys of each (输入的键)."""

from __future__ import annotations

from typing import Any

_NUMBER = (int, float)
_RASTER = {"path": str, "band": int, "crs": str, "datum_shift": list, "nodata": _NUMBER, "note": str}
_VECTOR = {"path": str, "layer": str, "note": str}
INPUT_KEYS: dict[str, dict[str, Any]] = {
    "dem": {**_RASTER, "unit": str, "method": str},
    "land_use": {**_RASTER, "scheme": str, "value": str},
    "rain": {"path": str, "unit": str, "stations": str, "method": str, "lon": _NUMBER, "lat": _NUMBER, "note": str},
    "r_factor": {**_RASTER, "value": _NUMBER, "unit": str},
    "r_weights": {"path": str, "crs": str, "datum_shift": list, "value": list, "note": str},
    "soil_k": {**_RASTER, "value": _NUMBER, "unit": str, "table": dict},
    "soil_texture": {
        "sand": str, "silt": str, "clay": str, "organic_carbon": str, "organic_matter": str, "crs": str,
        "datum_shift": list, "correction": str, "note": str,
    },
    "cover": {**_RASTER, "unit": str, "by_land": dict, "value": _NUMBER},
    "measures": {**_RASTER, "codes": dict},
    "tillage": {**_RASTER, "codes": dict, "value": _NUMBER, "region": str},
    "boundaries": {"source": str, "edition": str, "path": str, "layer": str, "code": str, "name": str, "note": str},
    "control_areas": {"path": str, "unit": str, "source": str, "values": dict},
    "rivers": {**_VECTOR, "name": str, "burn_depth": _NUMBER},
    **dict.fromkeys(("farmland", "construction", "water_sources", "gullies", "desertified", "rocky_desert"), _VECTOR),
    "towns": {**_VECTOR, "code": str, "name": str},
    "red_line": {**_VECTOR, "name": str},
    "higher_zones": {**_VECTOR, "kind": str, "level": str, "name": str},
    "unit_table": {"path": str, "code": str, "note": str},
    "planned_area": {"prevention": _NUMBER, "treatment": _NUMBER, "unit": str, "source": str, "note": str},
}  # fmt: skip
"""Known inputs and the keys of each, with the type of each key."""
