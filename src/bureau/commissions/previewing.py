"""
What a reviewer looks at before a result is published (送审件), made by the child that computed it; no database.

It lies in ``review/`` of the region folder: ``result.json``, ``map.png``, ``bulletin.html`` and ``tables.xlsx``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from bureau.publications.classes import INTENSITY_COLORS
from bureau.publications.pictures import picture
from shuibao.facts import Facts, rates
from shuibao.ground.files import renamed
from shuibao.messages import ShuibaoError
from shuibao.report.making import make_report
from shuibao.rules import load_rules
from shuibao.survey.region import Region

REVIEWING = "reviewing"
"""The step after those of the survey."""
FOLDER, RESULT, MAP, BULLETIN, TABLES = "review", "result.json", "map.png", "bulletin.html", "tables.xlsx"
SIDE = 900
"""Pixels of the longer side of the map (chosen: sharp on a desk, 50 kB)."""


def preview(region: Region, warnings: Sequence[tuple[str, str]]) -> None:
    """
    Make what a reviewer looks at (编制送审件).

    Parameters
    ----------
    region : Region
        It was run.
    warnings : sequence of (str, str)
        What the check warned of: of what, and what.
    """
    folder = region.folder / FOLDER
    folder.mkdir(exist_ok=True)
    told = _figures(region) | {"warnings": [{"where": where, "text": text} for where, text in warnings]}
    (folder / MAP).write_bytes(_map(region.products / "intensity.tif"))
    try:
        make_report(region, out=folder)
        (folder / "index.html").replace(folder / BULLETIN)
    except ShuibaoError as refused:
        told["no_bulletin"] = refused.zh
    with renamed(folder / RESULT) as temporary:
        temporary.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def _figures(region: Region) -> dict[str, Any]:
    """Return the rates by county and the areas by intensity, m²."""
    facts, rules = Facts.read(region.products / "facts.parquet"), load_rules(region.packs)
    counties = [
        {
            "code": rate.code, "land_m2": rate.area_m2, "eroded_m2": rate.eroded_m2, "missing_m2": rate.missing_m2,
            "soil_loss_t": rate.soil_loss_t,
        }
        for rate in rates(facts, {}, rules, region_name=region.name) if rate.code
    ]  # fmt: skip
    table = facts.grouped(["intensity"]).to_pydict()
    areas = dict(zip(map(str, table["intensity"]), table["area_m2"], strict=True))
    packs = [str(pack) for pack in region.rules if not str(pack).endswith(".toml")]
    return {"counties": counties, "intensity": areas, "packs": packs, "cell_m": region.cell}


def _map(path: Path) -> bytes:
    """Return the intensity of erosion as a small picture."""
    with rasterio.open(path) as source:
        shrink = max(source.width, source.height) / SIDE
        shape = (max(round(source.height / shrink), 1), max(round(source.width / shrink), 1)) if shrink > 1 else None
        band = source.read(1, masked=True, out_shape=shape)
    grade = np.asarray(band.filled(0), dtype=np.uint8)
    return picture(grade, [INTENSITY_COLORS[code] for code in sorted(INTENSITY_COLORS)])
