"""A small result package as somebody might hand it in: clean, until a test spoils it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from pyproj import CRS

from shuibao.delimitation.acceptance import check_package
from shuibao.delimitation.contract import fields_of
from shuibao.ground.grid import national_crs
from shuibao.ground.shapefile import TableField, write_shapefile
from shuibao.rules import load_rules
from shuibao.sources.boundaries import county_boundaries

THEME, COUNTY, NAME = "steep_slope", "140928", "五寨县"
STEM = f"{COUNTY}_{THEME}_2024"
RULES = load_rules(["national"])

_X, _Y = (float(v) for v in shapely.get_coordinates(county_boundaries([COUNTY]).projected()[0].centroid)[0].round(-2))


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """Return a rectangle, m from the middle of the county."""
    return shapely.box(_X + west, _Y + south, _X + east, _Y + north)


def polygon(*points: tuple[float, float]) -> shapely.Polygon:
    """Return a polygon, m from the middle of the county."""
    return shapely.Polygon([(_X + x, _Y + y) for x, y in points])


SHAPES = [
    polygon((0, 0), (400, 0), (400, 150), (400, 300), (0, 300)),  # beside the next: one slope cut by a town border
    polygon((400, 0), (500, 0), (500, 300), (400, 300), (400, 150)),  # 3 hm², small by itself
    box(1000, 0, 1400, 300),
    polygon((0, 1000), (330.25, 1000), (415.5, 1204.75), (210, 1390.5), (0, 1300)),
    box(1000, 1000, 1500, 1400) - box(1200, 1150, 1300, 1250),  # with a hole of 1 hm²
    box(2000, 0, 2300, 300),
]
TOWNS = ["140928100", "140928101", "140928101", "140928102", "140928102", "140928100"]
TOWN_NAMES = {"140928100": "砚城镇", "140928101": "小河头镇", "140928102": "三岔镇"}


def clean_columns() -> dict[str, list[Any]]:
    """Return the attributes of the clean package under their standard names."""
    n = len(SHAPES)
    areas = [round(shape.area, 2) for shape in SHAPES]
    whole = [15.0, 15.0, *(round(area / 1e4, 2) for area in areas[2:])]
    return {
        "code": [f"{COUNTY}-{k:04d}" for k in range(1, n + 1)],
        "name": [f"{NAME}{TOWN_NAMES[t]}陡坡地" for t in TOWNS],
        "kind": [5] * n, "kind_name": ["禁止开垦陡坡地"] * n, "level": [4] * n, "level_name": ["县级"] * n,
        "county": [COUNTY] * n, "county_name": [NAME] * n, "town": list(TOWNS), "town_name": [TOWN_NAMES[t] for t in TOWNS],
        "area_hm2": [round(a / 1e4, 2) for a in areas], "area_m2": areas, "basis": ["steep_slope.angle 第二十条"] * n,
        "mean_slope": [28.5] * n, "angle": [25.0] * n, "land_use": [6] * n, "land_use_name": ["有林地"] * n,
        "land_use_share": [80.0] * n, "land_mix": ["有林地 80 %"] * n,
        "perimeter_m": [round(shape.length, 1) for shape in SHAPES], "slope_area_hm2": whole,
    }  # fmt: skip


@dataclass
class Package:
    """The parts of a package, to be spoilt one by one before it is written."""

    columns: dict[str, list[Any]] = field(default_factory=clean_columns)
    shapes: list[Any] = field(default_factory=lambda: list(SHAPES))
    crs: CRS | None = field(default_factory=national_crs)
    tags: dict[str, str] = field(default_factory=lambda: {"THEME": THEME})
    totals: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] | None = field(default_factory=dict)
    without: tuple[str, ...] = ()
    extra: dict[str, bytes] = field(default_factory=dict)
    order: list[int] | None = None
    complete: bool = False

    def sums(self) -> list[dict[str, Any]]:
        """Return the totals of the rows as they are."""

        def row(level: str, town: str, chosen: list[int]) -> dict[str, Any]:
            area = sum(round(self.columns["area_hm2"][k] * 100) for k in chosen) / 100
            place = {"county": COUNTY if level != "region" else "", "county_name": NAME if level != "region" else ""}
            names = {"region": "合计", "county": "县", "town": "乡镇"}
            town_words = {"town": town, "town_name": TOWN_NAMES.get(town, "")}
            return {
                "kind_name": "禁止开垦陡坡地",
                **place,
                **town_words,
                "level": names[level],
                "zones": len(chosen),
                "area_hm2": area,
            }

        rows = range(len(self.columns["code"]))
        found = [row("region", "", list(rows)), row("county", "", list(rows))]
        for town in sorted(set(self.columns["town"]) & TOWN_NAMES.keys()):
            found.append(row("town", town, [k for k in rows if self.columns["town"][k] == town]))
        return found

    def write(self, folder: Path) -> Path:
        """Write the package."""
        folder.mkdir(parents=True, exist_ok=True)
        order = self.order or list(range(len(self.shapes)))
        columns = {n: _array([v[k] for k in order]) for n, v in self.columns.items()}
        shapes = _array([self.shapes[k] for k in order])
        crs = self.crs or CRS.from_epsg(4490)
        write_layer(folder / f"{STEM}.gpkg", columns, shapes, self.crs, self.tags)
        if self.complete:
            fields = [f for f in fields_of(RULES, THEME) if f.name in columns]
            table = [TableField(f.short, f.type, f.width, f.decimals) for f in fields]
            short = {f.short: columns[f.name] for f in fields}
            write_shapefile(folder / f"{STEM}.shp.zip", STEM, table, short, shapes, crs)
        _csv(folder / f"{STEM}_list.csv", {n: list(v) for n, v in columns.items()})
        totals = self.sums() if self.totals is None else self.totals
        _csv(folder / f"{STEM}_totals.csv", {n: [row[n] for row in totals] for n in totals[0]})
        if self.complete:
            (folder / f"{STEM}_list.xlsx").write_bytes(_workbook(totals))
        for name in self.without:
            (folder / name.format(stem=STEM)).unlink()
        for name, content in self.extra.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        self._write_metadata(folder)
        return folder

    def _write_metadata(self, folder: Path) -> None:
        if self.metadata is None:
            return
        sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir() if p.is_file()}
        content = {
            "format": "shuibao-zone-package/1" if self.complete else "another/1",
            "theme": THEME, "theme_name": "禁止开垦陡坡地", "region": NAME,
            "level": "county", "codes": [COUNTY], "year": 2024, "crs": {"name": "CGCS2000 / China Albers"}, "precision_m": 0.01,
            "zones": len(self.shapes), "area_hm2": self.sums()[0]["area_hm2"], "totals": self.sums(), "rules": [{"key": "x"}],
            "notes": ["无"], "software": "shuibao", "files": {n: s for n, s in sums.items() if n not in self.extra},
        }  # fmt: skip
        content = {key: value for key, value in (content | self.metadata).items() if value is not None}
        (folder / "metadata.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def write_layer(path: Path, columns: dict[str, Any], shapes: Any, crs: CRS | None, tags: dict[str, str] | None) -> None:
    """Write shapes as a GeoPackage, as bytes of WKB or as geometry, whatever state they are in."""
    wkb = [
        shape if shape is None or isinstance(shape, bytes) else shapely.to_wkb(shape, flavor="iso") for shape in shapes
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.raw.write(
            path, geometry=_array(wkb), field_data=[_array(list(values)) for values in columns.values()], fields=list(columns),
            geometry_type="Unknown", crs=None if crs is None else crs.to_wkt(), driver="GPKG", layer=THEME,
            dataset_metadata=tags,
        )  # fmt: skip


def faults_of(path: Path, **options: Any) -> dict[str, int]:
    """Return how many faults of each kind acceptance finds."""
    return check_package(path, RULES, **options).counts()


def found_in(package: Package, folder: Path) -> set[str]:
    """Return the kinds of fault that acceptance finds in a package."""
    return set(faults_of(package.write(folder)))


def _array(values: list[Any]) -> np.ndarray:
    if values and all(isinstance(v, int | float) for v in values):
        return np.array(values)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _csv(path: Path, columns: dict[str, list[Any]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    path.write_text(buffer.getvalue(), encoding="utf-8-sig", newline="")


def _workbook(totals: list[dict[str, Any]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "汇总"
    sheet.append(["五寨县禁止开垦陡坡地面积汇总"])
    sheet.append(["乡镇", "个数", "面积/hm²"])
    for row in totals:
        if row["level"] != "县":
            sheet.append([row["town_name"] or "合计", row["zones"], row["area_hm2"]])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
