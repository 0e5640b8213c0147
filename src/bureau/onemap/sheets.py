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
from django.contrib.gis.geos import Polygon
from django.utils import timezone

from bureau.office.models import Person
from bureau.onemap.catalogue import catalogue, patches_of
from bureau.onemap.drawing import WATERSHEDS_FROM
from bureau.publications.counting import that_count
from bureau.publications.models import Patch, Watershed, Zone
from bureau.publications.patch_words import UNSAID

TEMPLATE = Path(__file__).parent / "sheet.typ"
PAPERS = {"a4": (297, 210), "a3": (420, 297)}
ROUND = (1, 2, 5)


def sheet(
    *,
    person: Person,
    picture: bytes,
    title: str,
    paper: str,
    layers: str,
    year: int | None,
    metres_per_pixel: float,
    bounds: Polygon | None = None,
    zoom: float | None = None,
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
    bounds : Polygon, optional
        Of the picture; what lies beyond it is in no legend.
    zoom : float, optional
        Of the map; small watersheds are drawn from a zoom on.
    """
    told = catalogue(person)
    shown = [word for word in layers.split(",") if word]
    if zoom is not None and zoom < WATERSHEDS_FROM:
        shown = [word for word in shown if word != "watershed"]
    width = int.from_bytes(picture[16:20], "big")
    legends, sources, simulated = _legends(person, told, shown, year, bounds)
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


def _legends(
    person: Person, told: dict[str, Any], shown: list[str], year: int | None, box: Polygon | None
) -> tuple[list[dict[str, Any]], list[str], bool]:
    """
    Return legends, lines of sources, and whether anything shown is made up: only of what is in the picture.

    A layer that is ticked and of which nothing is published, or nothing lies within the picture, is not drawn and not told.
    """
    legends: list[dict[str, Any]] = []
    used: list[dict[str, Any]] = []
    surveys = [s for s in told["surveys"] if s["year"] == year and _meets(s["bounds"], box)]
    for raster in told["rasters"]:
        if raster["name"] in shown and (drawn := [s for s in surveys if raster["name"] in s["rasters"]]):
            unit = f"（{raster['unit']}）" if raster["unit"] else ""
            legends.append({"title": raster["label"] + unit, "rows": raster["legend"], "line": False})
            used += drawn
    themes = [z for z in told["zones"] if z["theme"] in shown]
    kinds, drawn = _seen(Zone, person, themes, box, "kind")
    rows = [(kind["color"], kind["name"]) for kind in told["kinds"] if kind["kind"] in kinds]
    if rows:
        legends.append({"title": "重点区域", "rows": rows, "line": False})
        used += drawn
    for name, label, field in (("patch", "合规性", "verdict"), ("patch_type", "类型", "type")):
        batches = patches_of(told, year) if name in shown else []
        kinds, drawn = _seen(Patch, person, batches, box, field)
        rows = [
            (k["color"], k["name"])
            for k in told["patch_kinds"][name]
            if k["kind"] in {kind or UNSAID for kind in kinds}
        ]
        if rows:
            legends.append({"title": f"扰动图斑（{label}）", "rows": rows, "line": False})
            used += drawn
    if "watershed" in shown:
        _, drawn = _seen(Watershed, person, surveys, box, "county_id")
        if drawn:
            legends.append({"title": "", "rows": [("#2a6f97", "小流域界")], "line": True})
            used += drawn
    return legends, list(dict.fromkeys(one["title"] for one in used)), any(one["simulated"] for one in used)


def _meets(bounds: list[float] | None, box: Polygon | None) -> bool:
    """Return whether something lies within the picture, as far as both are known."""
    return (
        bounds is None
        or box is None
        or bool(Polygon.from_bbox((bounds[0], bounds[1], bounds[2], bounds[3])).intersects(box))
    )


def _seen(
    model: Any, person: Person, publications: list[dict[str, Any]], box: Polygon | None, field: str
) -> tuple[set[str], list[dict[str, Any]]]:
    """Return the values of a field within the picture, and the publications that have something there."""
    if not publications:
        return set(), []
    found = model.objects.for_person(person).filter(publication_id__in=[one["pk"] for one in publications])
    found = that_count(found, person.scope)
    if box is not None:
        found = found.filter(geometry__bboverlaps=box)
    pairs = set(found.order_by().values_list(field, "publication_id").distinct())
    keys = {key for _, key in pairs}
    return {value for value, _ in pairs}, [one for one in publications if one["pk"] in keys]


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
