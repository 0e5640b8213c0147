"""
The libraries of GDAL and GEOS that GeoDjango uses: those that rasterio and shapely ship (地理库).

A system's own GDAL is often too old for Django, and two GDALs in one process quarrel: so the ones that are loaded already
serve Django too.
"""

from __future__ import annotations

import importlib
from pathlib import Path

PACKAGES = {"GDAL_LIBRARY_PATH": ("rasterio", "libgdal*"), "GEOS_LIBRARY_PATH": ("shapely", "libgeos_c*")}
"""Which package ships the library of which setting, and how its file is named."""


def shipped_library(package: str, pattern: str) -> str | None:
    """
    Load a package and return the library that came with it (随包库).

    Parameters
    ----------
    package : str
        ``rasterio`` or ``shapely``: loading it loads what its library needs.
    pattern : str
        How the file is named.

    Returns
    -------
    str or None
        Path; None if the package was built against a library of the system, which Django then finds itself.
    """
    module = importlib.import_module(package)
    beside = Path(str(module.__file__)).parent
    for folder in (beside.parent / f"{package}.libs", beside / ".dylibs"):
        for path in sorted(folder.glob(pattern)):
            return str(path)
    return None


def libraries() -> dict[str, str]:
    """Return the settings that name the shipped libraries (地理库配置)."""
    found = {setting: shipped_library(*where) for setting, where in PACKAGES.items()}
    return {setting: path for setting, path in found.items() if path}
