"""Sediment of a region that has been run: how much of the soil lost reaches a channel, and passes an outlet (泥沙输移)."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray

from shuibao.erosion import DeliveryCurve, DeliveryResult, channel_cells, sediment_delivery
from shuibao.erosion.delivery import GRAMS
from shuibao.ground.cog import assemble, write_part
from shuibao.ground.grid import Grid
from shuibao.ground.reading import Classes, RasterSource, close_files, open_source
from shuibao.ground.writing import look_of
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Parameter, Rules, load_rules
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.delivery_checks import checked_drainage, refuse_changed, refuse_too_large, spoilt
from shuibao.survey.delivery_outlets import Outlet, place_outlets, refuse_wrong
from shuibao.survey.delivery_weight import WEIGHT_TABLES, read_weight
from shuibao.survey.records import fingerprint, read_record, write_record
from shuibao.survey.region import Region
from shuibao.survey.run import provenance
from shuibao.survey.watershed_products import read_watersheds
from shuibao.survey.windows import READ_CACHE
from shuibao.watershed import Drainage
from shuibao.watershed.snapping import Snapped

STEP = "delivery"
"""Name of the record."""

GROUPS = ("watershed", "county")
"""What sediment is added up by."""

PRODUCTS = {
    "connectivity": "泥沙连通性指数 index of connectivity",
    "delivery_ratio": "泥沙输移比 sediment delivery ratio",
    "sediment_export": "到达河道的泥沙 sediment that reaches a channel, t/(km2 a) of the cell it comes from",
}
"""Rasters that are written, with the names of their bands."""

SUMS = ("cells", "loss_g", "slope_loss_g", "delivered_g", "channel_loss_g", "unknown_cells")
"""What is added up in each group, in whole cells and grams."""


@dataclass(frozen=True, eq=False)
class Delivered:
    """
    Sediment of a region (区域泥沙输移).

    Parameters
    ----------
    total : dict
        Of the whole region, as a row of ``groups`` without code and name.
    groups : list of dict
        By small watershed or county: ``code``, ``name``, ``area_km2``; t/a of ``soil_loss_t`` (all, as in the facts),
        ``slope_loss_t`` (off the channels, with a ratio), ``delivered_t`` (of it to a channel), ``channel_loss_t``
        (on channels); ``ratio`` (delivered over lost on slopes; None if nothing is lost); ``unknown_km2`` (land without
        a ratio or a soil loss).
    outlets : list of dict
        ``name``, ``lon``, ``lat`` of the channel cell, ``moved_m``, ``area_km2`` above it, and the same numbers.
    parameters : list of Parameter
        Rules that were asked for.
    paths : list of Path
        Products.
    """

    total: dict[str, Any]
    groups: list[dict[str, Any]]
    outlets: list[dict[str, Any]]
    parameters: list[Parameter]
    paths: list[Path]


@dataclass(frozen=True, eq=False)
class _Land:
    """A region as it is held in memory while its sediment is followed."""

    region: Region
    grid: Grid
    counties: Counties
    drainage: Drainage
    filled: NDArray[np.float32]
    loss: NDArray[np.float32]
    weight: NDArray[np.float32]
    area: NDArray[np.float32]


def deliver_region(
    region: Region,
    outlets: Sequence[Outlet] = (),
    *,
    max_snap: float | None = None,
    least_area: float | None = None,
    by: str = "watershed",
) -> Delivered:
    """
    Follow the soil loss of a region that has been run to its channels and outlets, and write the products (泥沙输移).

    Parameters
    ----------
    region : Region
        The region folder.
    outlets : sequence of Outlet
        Where to add up what passes; on the region's grid.
    max_snap : float, optional
        How far an outlet may be moved to a channel, m; of the rule packs if not given.
    least_area : float, optional
        Contributing area of a channel that outlets are moved to, m²; that of all channels if not given.
    by : {"watershed", "county"}
        What the sums of the region are made by.

    Returns
    -------
    Delivered
        Sums, and the paths of ``connectivity.tif``, ``delivery_ratio.tif`` and ``sediment_export.tif``.

    Raises
    ------
    CallError
        If there is no such group, or a distance or area cannot be.
    ShuibaoError
        If the region has not been run, has changed since, is too large for the memory there is, has no channels by its
        rules, or an outlet is outside it or not near a channel.
    """
    if by not in GROUPS:
        raise CallError(
            f"不能按「{by}」汇总；可用：{'、'.join(GROUPS)}。", f"cannot sum by '{by}'; there are: {', '.join(GROUPS)}."
        )
    began, rules = time.perf_counter(), load_rules(region.packs)
    grid = refuse_changed(region, rules)
    refuse_too_large(grid)
    channel_area = _channel_area(rules)
    reach = least = 0.0
    if outlets:
        reach = float(rules.value("delivery.snap")) if max_snap is None else max_snap
        least = channel_area if least_area is None else least_area
        refuse_wrong(outlets, least, reach, grid)
    labels = _labels(region, by)
    curve, used = DeliveryCurve.from_rules(rules), load_rules(region.packs)
    close_files()
    land = _read_land(region, used, grid)
    snapped = place_outlets(outlets, land.drainage, land.area, least, reach, grid) if outlets else None
    channels = channel_cells(land.area, channel_area)
    at = np.empty(0, dtype=np.int64) if snapped is None else snapped.cell
    found = sediment_delivery(land.filled, land.drainage, land.weight, land.loss, channels, curve, outlets=at)
    rows = [] if snapped is None else _outlet_rows(outlets, snapped, found, grid)
    sums = _sums(land, found, channels, by, len(labels))
    named = [{"code": code, "name": name} | _row(s, grid) for (code, name), s in zip(labels, sums, strict=True) if s[0]]
    total = _row(sums.sum(axis=0), grid)
    paths = _write(land, found, provenance(region, rules))
    parameters = _parameters(rules, used)
    _record(region, rules, parameters, paths, {"total": total, "outlets": rows, "cells": int(sums[:, 0].sum())}, began)
    return Delivered(total, named, rows, parameters, paths)


def _channel_area(rules: Rules) -> float:
    """Return the contributing area from which a cell is a channel, m²."""
    area = float(rules.value("slope_length.channel_area"))
    if area > 0.0:
        return area
    raise ShuibaoError(
        "规则包中 slope_length.channel_area 为 0，没有河道，泥沙无处可到；请在自己的规则包中给出大于 0 的汇水面积（m²）。",
        "slope_length.channel_area is 0 in the rule packs: there are no channels for sediment to reach; set a contributing "
        "area above 0 m2 in a pack of your own.",
    )


def raster_of(region: Region, name: str, grid: Grid, **options: Any) -> RasterSource:
    """
    Open a raster product of a region: one COG, or the virtual raster of its tiles (打开栅格成果).

    Parameters
    ----------
    region : Region
        The region folder.
    name : str
        Product.
    grid : Grid
        The region's grid.
    options
        As :func:`shuibao.ground.reading.open_source` takes them.
    """
    suffix = "vrt" if region.layout == "tiles" else "tif"
    return open_source(region.products / f"{name}.{suffix}", grid, **options)


def _read_land(region: Region, rules: Rules, grid: Grid) -> _Land:
    counties = counties_of(region)
    codes = Classes.from_mapping({k: k for k in range(1, 10)})
    with rasterio.Env(GDAL_CACHEMAX=READ_CACHE):
        direction = _read_product(region, "flow_direction", grid, kind="class", classes=codes)
        filled, loss, area = (
            _read_product(region, name, grid, method="nearest")
            for name in ("dem_filled", "soil_loss", "contributing_area")
        )
        drainage = checked_drainage(direction, area, grid.cell, f"shuibao run {region.folder}")
        weight = read_weight(region, rules, counties, grid)
    return _Land(region, grid, counties, drainage, filled, loss, weight, area)


def _read_product(region: Region, name: str, grid: Grid, **options: Any) -> NDArray[Any]:
    """Read a raster product whole, and say how to renew one that cannot be read."""
    try:
        return raster_of(region, name, grid, **options).read(grid)
    except (ShuibaoError, rasterio.errors.RasterioIOError) as error:
        raise spoilt(name, f"shuibao run {region.folder}", "读不出来", "it cannot be read") from error


def _labels(region: Region, by: str) -> list[tuple[str, str]]:
    """Return code and name of each group by number; number 0 is land in none."""
    if by == "county":
        counties = counties_of(region)
        return [("", ""), *zip(counties.codes, counties.names, strict=True)]
    products = read_watersheds(region)
    names = dict(zip(products.column("code").tolist(), products.column("name").tolist(), strict=True))
    codes = [str(code) for code in products.summary["codes"]]
    return [("", ""), *((code, str(names.get(code, ""))) for code in codes)]


def _sums(land: _Land, found: DeliveryResult, channels: NDArray[np.bool_], by: str, labels: int) -> NDArray[np.int64]:
    """Return the sums of each group, tile by tile, and take land outside the region out of index and ratio."""
    out = np.zeros((labels, len(SUMS)), dtype=np.int64)
    watersheds = raster_of(land.region, "watersheds", land.grid, kind="class") if by == "watershed" else None
    for tile in land.grid.tiles(land.region.tile):
        here = tile.inside(land.grid)
        county = land.counties.on(tile)
        inside = county > 0
        found.index[here][~inside] = np.nan
        found.ratio[here][~inside] = np.nan
        label = (county if watersheds is None else watersheds.read(tile))[inside]
        _refuse_unknown(label, labels)
        loss, export, channel = land.loss[here][inside], found.export[here][inside], channels[here][inside]
        grams, lost = _grams(loss, tile.cell_area), ~np.isnan(export)
        columns = (
            np.ones(label.size, dtype=np.int64), grams, grams * lost, _grams(export, tile.cell_area), grams * channel,
            (~lost & ~channel).astype(np.int64),
        )  # fmt: skip
        for k, values in enumerate(columns):
            np.add.at(out[:, k], label, values)
    return out


def _refuse_unknown(label: NDArray[Any], known: int) -> None:
    """Refuse numbers of small watersheds that their table does not have."""
    if label.size and not 0 <= int(label.min()) <= int(label.max()) < known:
        low, high = int(label.min()), int(label.max())
        raise ShuibaoError(
            f"watersheds 栅格中有小流域编号 {low if low < 0 else high}，而记录中的编号为 1–{known - 1}；请重新运行 shuibao run。",
            f"the raster of watersheds holds number {low if low < 0 else high}, but the record has 1 to {known - 1}; run "
            "shuibao run again.",
        )


def _grams(modulus: NDArray[Any], cell_area: float) -> NDArray[np.int64]:
    """Return the grams a year of cells, nothing where the modulus, t/(km²·a), is missing; as the facts are counted."""
    return np.rint(np.where(np.isnan(modulus), 0.0, modulus).astype(np.float64) * cell_area).astype(np.int64)


def _row(sums: NDArray[np.int64], grid: Grid) -> dict[str, Any]:
    """Return the sums of a group in the units of tables."""
    cells, loss, slope_loss, delivered, channel_loss, unknown = (int(v) for v in sums)
    return {
        "area_km2": cells * grid.cell_area / 1e6,
        "soil_loss_t": loss / GRAMS,
        "slope_loss_t": slope_loss / GRAMS,
        "delivered_t": delivered / GRAMS,
        "ratio": delivered / slope_loss if slope_loss else None,
        "channel_loss_t": channel_loss / GRAMS,
        "unknown_km2": unknown * grid.cell_area / 1e6,
    }


def _outlet_rows(
    outlets: Sequence[Outlet], snapped: Snapped, found: DeliveryResult, grid: Grid
) -> list[dict[str, Any]]:
    """Return what passes each outlet, refusing those above which no soil loss is known."""
    rows = []
    for k, outlet in enumerate(outlets):
        row, col = divmod(int(snapped.cell[k]), grid.cols)
        x, y = grid.left + (col + 0.5) * grid.cell, grid.top - (row + 0.5) * grid.cell
        lon, lat = Outlet(outlet.name, x, y).degrees(grid)
        lost, inside = float(found.lost[k]), float(found.lost_in_channels[k])
        area = int(snapped.cells[k]) * grid.cell_area / 1e6
        if lost == 0.0 and inside == 0.0:
            raise ShuibaoError(
                f"出口「{outlet.name}」（移动 {snapped.distance[k]:.0f} m 到河道，其上 {area:.2f} km²）以上没有土壤流失量，"
                "多半在区域之外；请核对位置。",
                f"above outlet '{outlet.name}' (moved {snapped.distance[k]:.0f} m to a channel, {area:.2f} km2 above) there is "
                "no soil loss, most likely it is outside the region; check the place.",
            )
        rows.append({
            "name": outlet.name, "lon": round(lon, 6), "lat": round(lat, 6), "moved_m": float(snapped.distance[k]),
            "area_km2": area, "slope_loss_t": lost, "delivered_t": float(found.exported[k]),
            "ratio": float(found.exported[k]) / lost if lost else None, "channel_loss_t": inside,
            "unknown_km2": int(found.without[k]) * grid.cell_area / 1e6,
        })  # fmt: skip
    return rows


def _write(land: _Land, found: DeliveryResult, tags: Mapping[str, str]) -> list[Path]:
    """Write the rasters as COGs, compressed as region.toml says."""
    products, paths = land.region.products, []
    values = dict(zip(PRODUCTS, (found.index, found.ratio, found.export), strict=True))
    with tempfile.TemporaryDirectory(dir=products, prefix=f".{STEP}-") as folder:
        for name, cells in values.items():
            look = look_of(np.float32, tags=tags, description=PRODUCTS[name], codec=land.region.codec)
            parts = []
            for tile in land.grid.tiles(land.region.tile):
                part = Path(folder) / f"{tile.name()}.part"
                write_part(part, cells[tile.inside(land.grid)].astype(np.float32), look)
                parts.append((tile, part))
            path = products / f"{name}.tif"
            assemble(path, land.grid, parts, look)
            paths.append(path)
    return paths


def _parameters(rules: Rules, used: Rules) -> list[Parameter]:
    """Return what was asked for here: the delivery's own rules, and those of the weight."""
    found = {p.key: p for p in rules.used()}
    found |= {p.key: p for p in used.used() if p.key.split(".")[0].startswith(WEIGHT_TABLES)}
    return [found[key] for key in sorted(found)]


def _record(
    region: Region, rules: Rules, parameters: Sequence[Parameter], paths: Sequence[Path], summary: Mapping[str, Any],
    began: float,
) -> None:  # fmt: skip
    made = {step: (read_record(region, step) or {}).get("fingerprint") for step in ("water", "land")}
    depends = {
        "steps": made, "region": region.settings(), "rules": rules.digest(), "output": [region.codec],
        "outlets": [[row["name"], row["lon"], row["lat"]] for row in summary["outlets"]],
    }  # fmt: skip
    write_record(
        region, STEP, wanted=fingerprint(depends), depends=depends, outputs=paths, parameters=parameters, summary=summary,
        seconds=time.perf_counter() - began,
    )  # fmt: skip
