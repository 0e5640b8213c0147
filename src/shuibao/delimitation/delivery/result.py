"""The zones of a theme as they are delivered: listed areas, totals, rules and what must be said of them (划定成果)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from shuibao.delimitation.delivery.measuring import measured_again, shape_measures
from shuibao.delimitation.delivery.totals import Total, totals_of
from shuibao.delimitation.draft.apportioning import listed
from shuibao.delimitation.draft.drawing import RULE_KEYS
from shuibao.delimitation.draft.units import Units, units_of
from shuibao.delimitation.life.versions import current_layer
from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Parameter, Rules, load_rules
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.region import SIMULATED, Region
from shuibao.zoning.layer import ZoneLayer


@dataclass(frozen=True)
class Result:
    """
    What is delivered of a theme (划定成果).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    layer : ZoneLayer
        The zones as they are now; their listed areas add up.
    units : Units
        Counties and towns that they are listed by.
    totals : list of Total
        Totals by kind, county and town.
    """

    region: Region
    rules: Rules
    layer: ZoneLayer
    units: Units
    totals: list[Total]

    @property
    def simulated(self) -> bool:
        """Return whether the land is made up."""
        return self.region.simulated or self.layer.metadata.get("DATA_KIND") == SIMULATED

    @property
    def kind_names(self) -> dict[str, str]:
        """Return the name of each kind of zone."""
        return {str(kind["id"]): str(kind["name"]) for kind in self.rules.value("zone_kind.classes")}

    @property
    def theme_name(self) -> str:
        """Return the name of the theme."""
        names = {str(theme["id"]): str(theme["name"]) for theme in self.rules.value("zone_kind.themes")}
        return names.get(self.layer.theme, self.layer.theme)

    @property
    def place(self) -> str:
        """Return the name of the county, or of the region where there are several."""
        names = self.units.counties.names
        return names[0] if len(names) == 1 else self.region.name

    def grounds(self) -> list[Parameter]:
        """Return the rules that the zones were drawn by, each with its source, clause and status (划定规则)."""
        used = set(self.layer.metadata.get(RULE_KEYS, "").split(","))
        table = f"{self.layer.theme}."
        known = [p for p in self.rules.parameters() if p.key in used]
        return [p for p in known if p.key.startswith(table)] or known

    def drafts(self) -> list[Parameter]:
        """Return those of them that are still drafts (草案)."""
        return [p for p in self.grounds() if p.status != "verified"]


def read_result(region: Region, theme: str, county: str | None = None) -> Result:
    """
    Read the zones of a theme, drawn and edited, with what they are listed by (读取划定成果).

    Parameters
    ----------
    region : Region
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    county : str, optional
        Code of the only county wanted.

    Raises
    ------
    CallError
        If there is no such county in the region.
    ShuibaoError
        If nothing is drawn yet.
    """
    rules = load_rules(region.packs)
    layer = current_layer(region.folder, theme)
    counties = counties_of(region)
    if county is not None:
        counties = _only(counties, county)
        own = np.asarray(layer.columns["county"], dtype=np.str_) == county
        layer = _part(layer, own, county)
    layer = shape_measures(measured_again(region, rules, counties, layer))
    units = units_of(region, counties)
    layer = listed(layer)
    return Result(region, rules, layer, units, totals_of(layer, units))


def _only(counties: Counties, code: str) -> Counties:
    if code not in counties.codes:
        have = [f"{c} {n}" for c, n in zip(counties.codes, counties.names, strict=True)]
        raise CallError(
            f"区域中没有县「{code}」；可用：{'、'.join(have)}。",
            f"there is no county {code} in the region; there are: {', '.join(have)}.",
        )
    k = counties.codes.index(code)
    return replace(
        counties, codes=(code,), names=(counties.names[k],), geometry=np.asarray(counties.geometry)[k : k + 1]
    )


def _part(layer: ZoneLayer, own: np.ndarray, county: str) -> ZoneLayer:
    """Return the zones of one county; a layer that knows no counties cannot be cut."""
    if len(layer) and not any(layer.columns["county"]):
        raise ShuibaoError(
            f"该类区域没有按县切分（county 为空），不能只取 {county}；请去掉 --county。",
            f"these zones are not cut by county, {county} cannot be taken alone; leave out --county.",
        )
    return layer.subset(own)


def grounds_written(parameters: list[Parameter]) -> list[Mapping[str, object]]:
    """Return rules as plain values, for metadata (规则记录)."""
    keys = ("key", "value", "unit", "source", "clause", "status", "basis", "pack")
    return [{key: p.record()[key] for key in keys} for p in parameters]
