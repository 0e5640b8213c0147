"""What all pages of a set of map sheets share (图册内容)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from shuibao import __version__
from shuibao.delimitation.delivery.result import Result
from shuibao.delimitation.draft.excluding import notes_of
from shuibao.ground.transforming import between
from shuibao.report.north import true_north
from shuibao.report.parameter_words import unit_text
from shuibao.report.sheet_labels import short_code
from shuibao.report.sheet_layout import Paper, Sheet
from shuibao.survey.counties import Counties, counties_of

SPECK = 0.002
"""Zones that take on average less of the mapped land are specks on the index, and drawn darker (chosen: 3 mm on A3)."""


@dataclass(frozen=True)
class Atlas:
    """
    A set of map sheets (图册).

    Parameters
    ----------
    result : Result
        The zones.
    paper : Paper
        Paper.
    scale : int
        Denominator of the scale.
    sheets : list of Sheet
        The sheets.
    font : Path
        File of the font.
    """

    result: Result
    paper: Paper
    scale: int
    sheets: list[Sheet]
    font: Path

    @property
    def title(self) -> str:
        """Return the title of every page."""
        return f"{self.result.place}{self.result.theme_name}分布图"

    @cached_property
    def around(self) -> Counties:
        """Return all counties of the region, also those that are not mapped."""
        return counties_of(self.result.region)

    @cached_property
    def ground(self) -> Any:
        """Return the land that is mapped, as one shape."""
        return shapely.union_all(self.result.units.counties.geometry)

    @cached_property
    def county_lines(self) -> Any:
        """Return the borders of counties, each once."""
        return shapely.line_merge(shapely.union_all(shapely.boundary(self.around.geometry)))

    @cached_property
    def town_lines(self) -> Any:
        """Return the borders of towns, each once, without those that are borders of counties too."""
        towns = shapely.intersection(self.result.units.towns.geometry, self.ground)
        lines = shapely.union_all(shapely.boundary(towns))
        return shapely.line_merge(shapely.difference(lines, self.county_lines.buffer(self.result.region.cell)))

    def specks(self, kind: str) -> bool:
        """Tell whether zones of a kind are specks on the index, where they are drawn darker (是否成点)."""
        shapes = self.result.layer.geometry[self.kinds == kind]
        return bool(len(shapes)) and float(shapely.area(shapes).mean()) < SPECK * self.ground.area

    def look(self, kind: str, *, index: bool = False) -> dict[str, Any]:
        """Return how areas of a kind are filled, on a sheet or on the index (填充样式)."""
        face, edge = self.colors[kind]
        return {"facecolor": edge, "alpha": 0.7} if index and self.specks(kind) else {"facecolor": face, "alpha": 0.62}

    @cached_property
    def colors(self) -> dict[str, tuple[str, str]]:
        """Return the colours of fill and border of each kind."""
        given = self.result.rules.value("zone_sheets.colors")
        return {str(c["id"]): (str(c["fill"]), str(c["edge"])) for c in given}

    @cached_property
    def kinds(self) -> NDArray[np.str_]:
        """Return the kind of each zone."""
        return np.asarray(self.result.layer.columns["kind"], dtype=np.str_)

    @cached_property
    def numbers(self) -> list[str]:
        """Return what each zone is called on the sheets."""
        several = len(self.result.units.counties.codes) > 1
        return [short_code(str(code), county=several) for code in self.result.layer.columns["code"]]

    def present_kinds(self) -> list[str]:
        """Return the kinds that there are, in the order of their codes."""
        return [kind for kind in self.result.kind_names if kind in set(self.kinds.tolist())]

    def footers(self) -> list[str]:
        """Return the lines under every map: rules, sources, what must be said."""
        grounds = [
            f"{p.name} {_value(p.value)}{_unit(p.unit)}（{p.source}{p.clause}{'' if p.status == 'verified' else '，草案'}）"
            for p in self.result.grounds()
            if isinstance(p.value, int | float) and not isinstance(p.value, bool)
        ]
        region = self.result.region
        inputs = "、".join(
            Path(str(region.inputs[name]["path"])).name
            for name in ("dem", "land_use")
            if "path" in region.inputs.get(name, {})
        )
        source = (
            f"资料：{region.year} 年；县界 {self.result.units.counties.source}；高程、地类 {inputs or '见区域文件夹'}。"
        )
        crs = f"坐标：{_crs(self.result)}，等积投影，像元 {region.cell:g} m；制图 shuibao {__version__}。"
        notes = notes_of(self.result.layer.metadata)
        return [f"划定标准：{'；'.join(grounds)}。" if grounds else "", source + crs, "".join(notes)]

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of a place, degrees (经纬度)."""
        lon, lat = self._to_degrees.transform(x, y)
        return float(lon), float(lat)

    def north(self, x: float, y: float) -> tuple[float, float]:
        """Return the unit vector towards true north at a place, in the map's coordinates (真北方向)."""
        return true_north(self.result.layer.crs, x, y)

    @cached_property
    def _to_degrees(self) -> Transformer:
        return between(self.result.layer.crs, 4490)


def _value(value: Any) -> str:
    return f"{value:g}"


def _unit(unit: str) -> str:
    words = "" if unit == "1" else unit_text(unit).zh
    return words if words in ("", "°") else f" {words}"


def angle_text(degrees: float, positive: str, negative: str) -> str:
    """
    Return an angle as degrees, minutes and seconds with its letter (度分秒).

    Examples
    --------
    >>> angle_text(113.5, "E", "W")
    '113°30′00″E'
    """
    seconds = round(abs(degrees) * 3600)
    letter = positive if degrees >= 0 else negative
    return f"{seconds // 3600}°{seconds % 3600 // 60:02d}′{seconds % 60:02d}″{letter}"


def round_step(wanted: float) -> float:
    """
    Return the largest of 1, 2, 5 times a power of ten that is not above a length (取整步长).

    Examples
    --------
    >>> round_step(4700), round_step(1.0)
    (2000.0, 1.0)
    """
    power = 10.0 ** np.floor(np.log10(wanted))
    return float(max(m * power for m in (1, 2, 5) if m * power <= wanted * (1 + 1e-9)))


def _crs(result: Result) -> str:
    """Return the name of the coordinate system; the projection as region.toml writes it where it has none."""
    return result.region.projection or str(result.layer.crs.name)
