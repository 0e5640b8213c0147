"""
Key zones of prevention and treatment of a region, by small watershed (重点预防区、重点治理区划定).

Beside the zones two tables are kept: ``units.parquet``, every small watershed with its indices, verdict and reason, and
``verdicts.parquet``, what each rule says of each.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shuibao.delimitation.draft.excluding import planning_notes
from shuibao.delimitation.draft.higher_zones import higher_units
from shuibao.delimitation.draft.steep_slope import require_run
from shuibao.delimitation.draft.unit_indices import UnitIndices, unit_indices
from shuibao.delimitation.draft.unit_tables import THEME, UNIT_TABLE, VERDICT_TABLE
from shuibao.delimitation.draft.zone_names import zone_names
from shuibao.delimitation.folder import theme_folder
from shuibao.ground.coverage import dissolve
from shuibao.ground.files import renamed
from shuibao.ground.vectors import write_geoparquet
from shuibao.rules import Rules
from shuibao.survey.counties import counties_of
from shuibao.survey.key_zone_inputs import planned_areas
from shuibao.survey.region import Region
from shuibao.survey.run import provenance
from shuibao.survey.watershed_products import WatershedProducts, read_watersheds
from shuibao.zoning.layer import ZoneLayer, zone_layer
from shuibao.zoning.prevention_treatment import Verdicts, choose, judge, reconcile
from shuibao.zoning.prevention_treatment_groups import Grouped, group_units, neighbours
from shuibao.zoning.prevention_treatment_indices import indices_of
from shuibao.zoning.prevention_treatment_reasons import Higher, basis_of, unit_reasons
from shuibao.zoning.prevention_treatment_rules import Method, unit_rules

LETTERS = {"prevention": "YF", "treatment": "ZL"}
"""What codes of the kinds begin with, after the county: 预防, 治理."""


def draw_prevention_treatment(region: Region, rules: Rules) -> ZoneLayer:
    """
    Draw the key zones of prevention and treatment, and write why each small watershed is in or out (划定重点预防区、治理区).

    Parameters
    ----------
    region : Region
        A region that ``shuibao run`` was done on.
    rules : Rules
        Rule packs in force; asked for ``key_zone.*``, ``key_zone_rule.*``, ``key_zone_index.list``.

    Returns
    -------
    ZoneLayer
        One zone for each group of adjoining small watersheds of a kind. Beside the columns of every layer: ``units``
        (number of small watersheds), ``unit_codes``, ``counties`` (codes of all its counties), ``counted_m2`` (area
        counted in the facts), ``drawn_from`` (steps that put its units in). The shapes share the borders of the small
        watersheds.

    Raises
    ------
    ShuibaoError
        If the region was not run, or an input or rule is wrong.
    """
    require_run(region)
    products = read_watersheds(region)
    indices = unit_indices(region, rules, products)
    shapes = np.asarray(products.watersheds.geometry, dtype=object)
    method, area = Method.from_rules(rules), indices.values["area_m2"]
    verdicts = judge(indices.values, unit_rules(rules), method.logic)
    higher, notes = higher_units(region, shapes, method.higher_share)
    decision, clash = reconcile(choose(verdicts, method, area), verdicts, higher.kind, method)
    higher = replace(higher, clash=clash)
    barred = np.array([{"prevention": "treatment", "treatment": "prevention"}.get(k, "") for k in higher.kind], object)
    grouped = group_units(decision, neighbours(shapes), area, shapes, method, barred)
    layer = _layer(region, rules, products, indices, verdicts, grouped)
    tags = provenance(region, rules)
    metadata = {**tags, **_rule_tags(verdicts), **notes, **planned_notes(region, layer), **_origins(indices, rules)}
    metadata |= planning_notes(region, rules, counties_of(region))
    layer = replace(layer, metadata=metadata)
    _write_tables(region, products, indices, verdicts, grouped, higher, layer)
    return layer


def _layer(
    region: Region,
    rules: Rules,
    products: WatershedProducts,
    indices: UnitIndices,
    verdicts: Verdicts,
    grouped: Grouped,
) -> ZoneLayer:
    """Return the zones: the small watersheds of each dissolved, named and described."""
    shapes = np.asarray(products.watersheds.geometry, dtype=object)
    numbers, geometry = dissolve(np.arange(shapes.size), shapes, grouped.zone)
    members = [grouped.zone == number for number in numbers.tolist()]
    kinds = [str(grouped.decision.kind[m][0]) for m in members]
    text = zone_names(region, rules, products, geometry, members, kinds)
    serial: dict[tuple[str, str], int] = {}
    codes = []
    for kind, county in zip(kinds, text["main_county"], strict=True):
        serial[county, kind] = serial.get((county, kind), 0) + 1
        codes.append(f"{county}-{LETTERS[kind]}{serial[county, kind]:03d}")
    unit_codes, area = products.column("code"), indices.values["area_m2"]
    columns: dict[str, Any] = {
        "code": codes,
        "name": text["name"],
        "kind": kinds,
        "level": [region.level] * len(codes),
        "county": text["county"],
        "county_name": text["county_name"],
        "basis": [basis_of(verdicts, grouped, m, kind) for m, kind in zip(members, kinds, strict=True)],
        "units": np.array([int(m.sum()) for m in members], dtype=np.int64),
        "unit_codes": [" ".join(sorted(str(code) for code in unit_codes[m])) for m in members],
        "counties": text["counties"],
        "counted_m2": np.array([float(area[m].sum()) for m in members], dtype=np.float64),
        "drawn_from": [" ".join(sorted(set(grouped.decision.step[m].tolist()))) for m in members],
    }
    return zone_layer(THEME, columns, geometry, products.crs)


def _rule_tags(verdicts: Verdicts) -> dict[str, str]:
    """Return the rules with their grounds, as metadata of the result."""
    return {
        f"RULE_{rule.id.upper()}": f"{rule.kind} {rule.role}: {rule.index.id} {rule.operator} {rule.threshold:g} "
        f"{rule.index.unit} | {rule.source} {rule.clause} | {rule.status} | {rule.pack}"
        for rule in verdicts.rules
    }


def _origins(indices: UnitIndices, rules: Rules) -> dict[str, str]:
    """Return where the indices came from, and which are missing, as metadata."""
    missing = [index for index in indices_of(rules) if not indices.origins.get(index.id, "")]
    tags = {f"INDEX_{name.upper()}": origin or "—" for name, origin in indices.origins.items() if name != "area_m2"}
    if missing:
        tags["NOTE_indices"] = f"没有数据的指标：{'、'.join(index.name for index in missing)}；用到它们的规则未判定。"
        names = ", ".join(index.name_en for index in missing)
        tags["NOTE_EN_indices"] = f"indices without data: {names}; rules that use them were not judged."
    return tags


def planned_notes(region: Region, layer: ZoneLayer) -> dict[str, str]:
    """
    Return the areas beside the planned ones, in words, as metadata (与规划面积对照).

    Parameters
    ----------
    region : Region
        What region.toml says of ``planned_area``.
    layer : ZoneLayer
        The zones.
    """
    notes = {}
    for row in planned_rows(region, layer):
        if row["planned_km2"] is not None:
            key = str(row["kind"])
            notes[f"NOTE_planned_{key}"] = (
                f"{row['kind_name']}划定 {row['drawn_km2']:.2f} km²，规划 {row['planned_km2']:.2f} km²，"
                f"相差 {row['difference_percent']:+.2f} %。"
            )
            notes[f"NOTE_EN_planned_{key}"] = (
                f"{key}: drawn {row['drawn_km2']:.2f} km², planned {row['planned_km2']:.2f} km², "
                f"{row['difference_percent']:+.2f} %."
            )
    return notes


def planned_rows(region: Region, layer: ZoneLayer) -> list[dict[str, Any]]:
    """
    Return drawn and planned area of both kinds (划定面积与规划面积).

    Parameters
    ----------
    region : Region
        What region.toml says of ``planned_area``.
    layer : ZoneLayer
        The zones.

    Returns
    -------
    list of dict
        ``kind``, ``kind_name``, ``zones``, ``drawn_km2``, ``planned_km2`` and ``difference_percent`` (None where nothing
        is planned).

    Raises
    ------
    ShuibaoError
        If the unit is not known, or a planned area is not positive.
    """
    plans = planned_areas(region)
    kinds, area = np.asarray(layer.columns["kind"], dtype=np.str_), np.asarray(layer.columns["area_m2"], dtype=float)
    rows = []
    for kind, name in (("prevention", "重点预防区"), ("treatment", "重点治理区")):
        planned = plans.get(kind)
        drawn = float(area[kinds == kind].sum()) / 1e6
        rows.append({
            "kind": kind, "kind_name": name, "zones": int((kinds == kind).sum()), "drawn_km2": drawn, "planned_km2": planned,
            "difference_percent": None if planned is None else 100.0 * (drawn - planned) / planned,
        })  # fmt: skip
    return rows


def _write_tables(
    region: Region, products: WatershedProducts, indices: UnitIndices, verdicts: Verdicts, grouped: Grouped,
    higher: Higher, layer: ZoneLayer,
) -> None:  # fmt: skip
    """Write every small watershed with its verdict and reason, and what each rule says of each."""
    folder = theme_folder(region.folder, THEME)
    codes = [str(code) for code in products.column("code").tolist()]
    zone_of = {unit: str(code) for code, units in zip(layer.columns["code"], layer.columns["unit_codes"], strict=True)
               for unit in str(units).split()}  # fmt: skip
    reasons = unit_reasons(verdicts, grouped, higher)
    decision = grouped.decision
    columns: dict[str, Any] = {
        "code": codes,
        "name": [str(name) for name in products.column("name").tolist()],
        "county": [str(code) for code in products.column("county").tolist()],
        "area_m2": indices.values["area_m2"],
        "kind": [str(kind) for kind in decision.kind],
        "zone": [zone_of.get(code, "") for code in codes],
        "step": [str(step) for step in decision.step],
        "own_kind": [str(kind) for kind in decision.wanted],
        "fit_prevention": verdicts.qualifies["prevention"],
        "fit_treatment": verdicts.qualifies["treatment"],
        "higher_kind": [str(kind) for kind in higher.kind],
        "higher_level": [str(level) for level in higher.level],
        "higher_share": higher.share,
        **{name: values for name, values in indices.values.items() if name != "area_m2"},
        "reason": [zh for zh, _ in reasons],
        "reason_en": [en for _, en in reasons],
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_geoparquet(folder / UNIT_TABLE, columns, products.watersheds.geometry, products.crs, metadata=layer.metadata)
    _write_verdicts(folder / VERDICT_TABLE, codes, verdicts)


def _write_verdicts(path: Path, codes: list[str], verdicts: Verdicts) -> None:
    size = len(codes)
    rows: dict[str, list[Any]] = {
        "code": [code for code in codes for _ in verdicts.rules],
        "value": verdicts.values.T.ravel().tolist(),
        "verdict": verdicts.met.T.ravel().tolist(),
    }
    for name, of in (
        ("rule", "key"), ("operator", "operator"), ("threshold", "threshold"), ("kind", "kind"), ("role", "role"),
        ("source", "source"), ("clause", "clause"), ("status", "status"), ("pack", "pack"),
    ):  # fmt: skip
        rows[name] = [getattr(rule, of) for rule in verdicts.rules] * size
    for name in ("id", "name", "name_en", "unit"):
        rows["index" if name == "id" else f"index_{name}"] = [getattr(r.index, name) for r in verdicts.rules] * size
    with renamed(path) as temporary:
        pq.write_table(pa.table(rows), temporary, compression="zstd")
