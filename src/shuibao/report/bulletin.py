"""All that a report is made from, read once from the region folder and found to fit together (公报素材)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shuibao.facts.rate import Rate
from shuibao.facts.table import DIMENSIONS, Facts
from shuibao.ground.vectors import Vectors, read_vectors
from shuibao.messages import ShuibaoError
from shuibao.report.bilingual import Text
from shuibao.report.caveats import warnings_of
from shuibao.rules import Rules, Targets, load_rules
from shuibao.survey.plan import PRODUCTS
from shuibao.survey.rating import area_basis, changed_settings, region_rates, region_targets
from shuibao.survey.records import read_record
from shuibao.survey.region import SIMULATED, Region
from shuibao.survey.run import STEPS
from shuibao.survey.watershed_products import COLUMNS, WatershedProducts, read_watersheds

OPTIONAL = ("water",)
"""Steps without which a report leaves a section out: folders of earlier versions do not have them."""


@dataclass(frozen=True)
class Bulletin:
    """
    What a report tells of (公报内容).

    Parameters
    ----------
    region : Region
        The region folder.
    facts : Facts
        Facts of the year, by county; small watersheds are added up.
    rates : tuple of Rate
        Rates by county, then of the region.
    rules : Rules
        Rule packs in force.
    targets : Targets or None
        Targets.
    records : mapping of str to dict
        Record of each step.
    counties, patches : Vectors
        Counties, and patches of the steep-slope zone.
    parameters : tuple of dict
        Every parameter that the results rest on, by key.
    warnings : tuple of Text
        What was found wanting and is to be told.
    basis : Text
        What the land area is.
    simulated : bool
        Whether the land is made up.
    by_watershed : Facts
        Facts summed by small watershed and intensity.
    watersheds : WatershedProducts or None
        Small watersheds; None where the folder is of before they were drawn.
    """

    region: Region
    facts: Facts
    rates: tuple[Rate, ...]
    rules: Rules
    targets: Targets | None
    records: Mapping[str, Mapping[str, Any]]
    counties: Vectors
    patches: Vectors
    parameters: tuple[Mapping[str, Any], ...]
    warnings: tuple[Text, ...]
    basis: Text
    simulated: bool
    by_watershed: Facts
    watersheds: WatershedProducts | None = None

    @property
    def own(self) -> Rate:
        """Return the rate of the whole region."""
        return self.rates[-1]

    @property
    def drafts(self) -> list[Mapping[str, Any]]:
        """Return the parameters that are drafts."""
        return [p for p in self.parameters if p["status"] != "verified"]

    def county_name(self, code: str) -> Text:
        """Return the name of a county, in English too where the targets name it."""
        zh = next((r.name for r in self.rates if r.code == code), code)
        entries = self.targets.entries if self.targets is not None else ()
        return Text(zh, next((e.name_en for e in entries if e.code == code and e.name_en), zh))

    @property
    def name(self) -> Text:
        """Return the name of the region, in English too where the targets name it."""
        zh = self.region.name
        if len(self.rates) == 2 and self.rates[0].name == zh:
            return self.county_name(self.rates[0].code)
        known = self.targets is not None and self.targets.name == zh
        return Text(zh, self.targets.name_en if known and self.targets is not None and self.targets.name_en else zh)


def gather(region: Region) -> Bulletin:
    """
    Read all that a report is made from (汇集公报素材).

    Parameters
    ----------
    region : Region
        A region that has been run.

    Raises
    ------
    ShuibaoError
        If a step is not done, a product is missing, or region.toml or the rules have changed since the run.
    """
    records = _records(region)
    rules = load_rules(region.packs)
    _refuse_stale(region, rules, records)
    facts = Facts.read(region.products / "facts.parquet")
    by_watershed = Facts(facts.grouped(["watershed", "intensity"]), facts.metadata)
    facts = Facts(facts.grouped([name for name in DIMENSIONS if name != "watershed"]), facts.metadata)
    rates = region_rates(region)
    targets = region_targets(region)
    return Bulletin(
        region=region,
        facts=facts,
        rates=tuple(rates),
        rules=rules,
        targets=targets,
        records=records,
        counties=read_vectors(region.products / "counties.parquet"),
        patches=read_vectors(region.products / "steep_slope.parquet"),
        parameters=_parameters(rules, records),
        warnings=tuple(warnings_of(region, records, rates[-1])),
        basis=Text(*area_basis(region)),
        simulated=region.simulated or facts.metadata.get("DATA_KIND") == SIMULATED,
        by_watershed=by_watershed,
        watersheds=read_watersheds(region) if "water" in records else None,
    )


def raster_of(region: Region, name: str) -> Path:
    """Return the file of a raster product: one COG, or the virtual raster of its tiles (栅格成果路径)."""
    return region.products / (f"{name}.vrt" if region.layout == "tiles" else f"{name}.tif")


def _records(region: Region) -> dict[str, dict[str, Any]]:
    found = {step: read_record(region, step) for step in STEPS}
    undone = [step for step, record in found.items() if record is None and step not in OPTIONAL]
    if undone:
        raise ShuibaoError(
            f"还不能编公报：步骤 {'、'.join(f'{STEPS[s][0]}（{s}）' for s in undone)} 尚未完成；"
            f"请先运行 shuibao run {region.folder}。",
            f"the report cannot be made yet: {', '.join(f'{STEPS[s][1]} ({s})' for s in undone)} not done; "
            f"run shuibao run {region.folder} first.",
        )
    wanted = [region.products / name for name in ("counties.parquet", "facts.parquet", "steep_slope.parquet")]
    wanted += [raster_of(region, name) for name in PRODUCTS if name != "ls"]
    if found["water"] is not None:
        wanted += [raster_of(region, "watersheds"), *(region.products / name for name in COLUMNS)]
    missing = [f"products/{path.name}" for path in wanted if not path.is_file()]
    if missing:
        raise ShuibaoError(
            f"还不能编公报：缺少成果 {'、'.join(missing)}；请运行 shuibao run {region.folder} 补上。",
            f"the report cannot be made: {', '.join(missing)} missing; run shuibao run {region.folder} to make up for it.",
        )
    return {step: record for step, record in found.items() if record is not None}


def _refuse_stale(region: Region, rules: Rules, records: Mapping[str, Mapping[str, Any]]) -> None:
    if any(
        record["depends"]["rules"] != rules.digest() for step, record in records.items() if step in ("water", "land")
    ):
        raise ShuibaoError(
            f"成果是按另一版规则包算的（规则有改动）；请运行 shuibao run {region.folder}，再编公报。",
            f"the products were made under other rules than those in force; run shuibao run {region.folder}, then report.",
        )
    if changed := changed_settings(region) | _changed_water(region, records):
        zh = "；".join(f"{key} 现为 {now}，成果为 {made}" for key, (now, made) in changed.items())
        en = "; ".join(f"{key} is {now}, of the products {made}" for key, (now, made) in changed.items())
        raise ShuibaoError(
            f"region.toml 在运行之后有改动（{zh}）；请运行 shuibao run {region.folder}，再编公报。",
            f"region.toml has changed since the run ({en}); run shuibao run {region.folder}, then report.",
        )


def _changed_water(region: Region, records: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[Any, Any]]:
    """Return what of ``[water]`` has changed since the small watersheds were drawn."""
    made = records["water"]["depends"]["region"].get("water", {}) if "water" in records else dict(region.water)
    keys = sorted({*made, *region.water})
    return {f"water.{k}": (region.water.get(k), made.get(k)) for k in keys if region.water.get(k) != made.get(k)}


def _parameters(rules: Rules, records: Mapping[str, Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Return every parameter that a step or the report asked for, with what the pack says of its ground."""
    rules.value("conservation_rate.eroded_from")
    keys = {p["key"] for record in records.values() for p in record["parameters"]} | {p.key for p in rules.used()}
    out = []
    for key in sorted(keys):
        parameter = rules[key]
        out.append(parameter.record() | {"source_en": parameter.citation.title_en or parameter.source})
    return tuple(out)
