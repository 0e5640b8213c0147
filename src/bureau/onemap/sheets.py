"""
Sheets to print (图件): the picture that the browser drew, with title, legend, scale, and sources, set by Typst.

The legend is the server's own, from the rule packs; of the browser's only the picture is taken.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from bureau.office.models import Person
from bureau.onemap.catalogue import catalogue, patches_of

TEMPLATE = Path(__file__).parent / "sheet.typ"
PAPERS = {"a4": (297, 210), "a3": (420, 297)}
ROUND = (1, 2, 5)


def sheet(
    *, person: Person, picture: bytes, title: str, paper: str, layers: str, year: int | None, metres_per_pixel: float
) -> bytes:
    """
    Return the sheet as PDF (制图件).

    Parameters
    ----------
    person : Person
        Who prints; their name is on it.
    picture : bytes
        PNG of the map.
    title : str
    paper : {"a4", "a3"}
    layers : str
        Names of the layers that the picture shows, separated by commas.
    year : int or None
    metres_per_pixel : float
        Of the picture, at its middle.
    """
    told = catalogue(person)
    shown = [word for word in layers.split(",") if word]
    width = int.from_bytes(picture[16:20], "big")
    legends, sources, simulated = _legends(told, shown, year)
    ground = width * metres_per_pixel
    content = {
        "title": title, "paper": paper, "legends": legends, "sources": sources, "simulated": simulated,
        "year": year, "scale": _scale_bar(ground), "by": f"{person.organisation.name} {person.name}",
        "at": f"{timezone.localtime():%Y-%m-%d %H:%M}",
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "map.png").write_bytes(picture)
        (folder / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        (folder / "sheet.typ").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
        return bytes(typst.compile(str(folder / "sheet.typ")))


def _legends(told: dict[str, Any], shown: list[str], year: int | None) -> tuple[list[dict[str, Any]], list[str], bool]:
    """Return legends, lines of sources, and whether anything shown is made up."""
    legends: list[dict[str, Any]] = []
    sources: list[str] = []
    simulated = False
    surveys = [s for s in told["surveys"] if s["year"] == year]
    for raster in told["rasters"]:
        if raster["name"] in shown:
            unit = f"（{raster['unit']}）" if raster["unit"] else ""
            legends.append({"title": raster["label"] + unit, "rows": raster["legend"], "line": False})
    if legends or "watershed" in shown:
        sources += [s["title"] for s in surveys]
        simulated |= any(s["simulated"] for s in surveys)
    themes = {kind["theme"] for kind in told["kinds"] if kind["theme"] in shown}
    rows = [(kind["color"], kind["name"]) for kind in told["kinds"] if kind["theme"] in themes]
    if rows:
        legends.append({"title": "重点区域", "rows": rows, "line": False})
        used = [z for z in told["zones"] if z["theme"] in themes]
        sources += [z["title"] for z in used]
        simulated |= any(z["simulated"] for z in used)
    for name, label in (("patch", "扰动图斑（合规性）"), ("patch_type", "扰动图斑（类型）")):
        if name in shown:
            used = patches_of(told, year)
            rows = [(kind["color"], kind["name"]) for kind in told["patch_kinds"][name]]
            legends.append({"title": label, "rows": rows, "line": False})
            sources += [p["title"] for p in used if p["title"] not in sources]
            simulated |= any(p["simulated"] for p in used)
    if "watershed" in shown:
        legends.append({"title": "", "rows": [("#2a6f97", "小流域界")], "line": True})
    return legends, sources, simulated


def _scale_bar(ground: float) -> dict[str, Any]:
    """
    Return a round length, and the share of the picture's width that it takes (比例尺).

    Examples
    --------
    >>> _scale_bar(100_000)
    {'text': '20 km', 'share': 0.2}
    """
    goal = ground / 5
    lengths = [step * 10.0**power for power in range(7) for step in ROUND]
    length = max((v for v in lengths if v <= goal * 1.0001), default=1.0)
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    return {"text": text, "share": round(length / ground, 4)}
