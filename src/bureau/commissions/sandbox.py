"""
The sandbox in which uploads are converted (沙箱): a child with little memory, time and disk, no network, and few drivers.

GDAL reads many formats by looking at what is in a file, and some of them name other files: a text named ``.shp`` that
holds a VRT made it read another file of the server. So the child knows the few drivers that it needs, by name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

SECONDS = 900
"""Seconds that a conversion may take (chosen)."""
SKIPPED = (
    "VRT OGR_VRT DERIVED HTTP WMS WMTS WCS WFS OAPIF OGCAPI STACIT STACTA PLMOSAIC EEDA EEDAI DAAS NGW CSW CARTO Elasticsearch"
    " AmigoCloud PostgreSQL PostGISRaster MySQL MSSQLSpatial ODBC PGeo MongoDBv3 HANA Rasterlite GTI GDALG PDF GPSBabel OpenFileGDB"
)
"""Drivers of GDAL that name other files or places, and are not there in the child."""


class Refused(Exception):  # noqa: N818 - a refusal is no error of the program
    """A file cannot be used; the sentence says why and what to do (资料不可用)."""


def converted(raw: Path, made: Path, *, form: str, whole_numbers: bool) -> dict[str, Any]:
    """
    Convert a file in the sandbox (沙箱转换).

    Parameters
    ----------
    raw : Path
        What was uploaded.
    made : Path
        What is to be made: GeoTIFF, CSV in UTF-8, or GeoPackage.
    form : {"raster", "table", "vector"}
    whole_numbers : bool
        Whether a raster must hold whole numbers: codes.

    Returns
    -------
    dict
        What is in it: size, coordinate system, extent, columns.

    Raises
    ------
    Refused
        If it is not what it should be, or takes too much time, memory or disk.
    """
    words = {"raw": str(raw), "made": str(made), "form": form, "whole_numbers": whole_numbers}
    return told_by("bureau.commissions.converting", words)


def told_by(module: str, words: Mapping[str, Any], *, seconds: int = SECONDS) -> dict[str, Any]:
    """
    Run a module of ours in the sandbox, and return what it tells (沙箱执行).

    Parameters
    ----------
    module : str
        It takes one argument, a job in JSON, and prints one line of JSON: what it found, or ``refused``.
    words : mapping
        The job; ``folder`` is added, an empty place to write to.
    seconds : int
        That it may take.

    Raises
    ------
    Refused
        If it refuses, or takes too much time, memory or disk.
    """
    with tempfile.TemporaryDirectory(prefix="bureau-sandbox-") as folder:
        job = {**words, "folder": folder}
        command = [*_without_network(), sys.executable, "-m", module, json.dumps(job)]
        try:
            done = subprocess.run(  # noqa: S603 - our own module, words of ours
                command, cwd=folder, env=_environment(folder), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            raise Refused(f"转换超过 {seconds // 60} 分钟仍未完成；请裁切或抽稀后再上传。") from late
    try:
        told = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise Refused("文件读不出来，或所需内存超出限制；请确认文件完好，必要时裁切后再上传。") from None
    if "refused" in told:
        raise Refused(told["refused"])
    return dict(told)


def _environment(folder: str) -> dict[str, str]:
    """Return the child's environment: nothing of ours but what Python needs."""
    kept = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ
    }
    return kept | {
        "HOME": folder, "TMPDIR": folder, "LANG": "C.UTF-8", "GDAL_SKIP": SKIPPED, "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
        "CPL_CURL_ENABLED": "NO", "GDAL_CACHEMAX": "128", "GDAL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "GDAL_PAM_ENABLED": "NO",
    }  # fmt: skip


@cache
def _without_network() -> tuple[str, ...]:
    """Return the words that take the network from a command, where we may: as root, else in a user namespace of one's own."""
    ways = (("unshare", "--net", "--"), ("unshare", "--user", "--map-current-user", "--net", "--"))
    for way in ways if shutil.which("unshare") else ():
        if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603
            return way
    return ()  # containers often may not
