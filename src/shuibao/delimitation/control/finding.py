"""
Differentiated control: in which zones a point or a project lies, and what follows from that (差别化管控).

The zones are those of the region folder as they are now, and any that are given beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.control.outside_zones import read_outside_zones
from shuibao.delimitation.control.projects import Note, Projects
from shuibao.delimitation.folder import DRAWN, theme_folder
from shuibao.delimitation.life.versions import current_layer
from shuibao.ground.grid import equal_area_crs
from shuibao.messages import ShuibaoError, say
from shuibao.rules import Rules, load_rules
from shuibao.rules.duties import Duty, Place, all_duties, duties_of
from shuibao.survey.counties import Counties, counties_of
from shuibao.survey.region import Region, load_region
from shuibao.zoning.control import Hits, ZoneIndex, find_zones, index_zones, nearest_zones, sizes
from shuibao.zoning.control_sums import joint_measures
from shuibao.zoning.layer import THEMES, ZoneLayer

RELATION_NAMES = {
    "wholly": ("全部位于", "wholly"), "partly": ("部分位于", "partly"), "edge": ("仅擦边", "edge only"),
    "border": ("在界线上", "on the border"),
}  # fmt: skip
"""Names of how a project lies to a zone."""

SIMULATED_KEY = "DATA_KIND"

ROUND_AREA, ROUND_LENGTH, ROUND_SHARE = 2, 2, 6
"""Decimals of areas in m², lengths in m and shares in the rows."""


@dataclass(frozen=True)
class Control:
    """
    All zones that a region's projects are asked against (管控底图).

    Parameters
    ----------
    region : Region
        The region folder.
    rules : Rules
        Rule packs in force.
    counties : Counties
        Counties of the region.
    index : ZoneIndex
        The zones.
    layers : tuple of ZoneLayer
        The layers that they came from.
    notes : tuple of Note
        Themes that are not drawn, and what was mended in zones given beside them.
    simulated : bool
        Whether the land or any of the zones is made up.
    """

    region: Region
    rules: Rules
    counties: Counties
    index: ZoneIndex
    layers: tuple[ZoneLayer, ...]
    notes: tuple[Note, ...]
    simulated: bool

    @cached_property
    def duties(self) -> list[Duty]:
        """Return all duties of the packs in force."""
        return all_duties(self.rules)

    def names(self, what: str) -> dict[str, str]:
        """Return the names of kinds, levels, themes or activities by id (名称)."""
        key = "zone_kind.themes" if what == "theme" else f"zone_{what}.classes"
        return {entry["id"]: say(entry["name"], entry["name_en"]) for entry in self.rules.value(key)}


def open_control(
    folder: Path,
    zones: Sequence[Path] = (),
    *,
    kind: str = "",
    level: str = "",
    given_crs: str | None = None,
    layer: str = "",
) -> Control:
    """
    Read the zones of a region folder, and those given beside them (读取管控底图).

    Parameters
    ----------
    folder : Path
        The region folder.
    zones : sequence of Path
        Files of further zones: national and provincial ones.
    kind, level, given_crs : str
        Kind, level and coordinate system of those that do not say it.
    layer : str
        Layer of those GeoPackages that have several.

    Raises
    ------
    ShuibaoError
        If there are no zones at all, or a file cannot be used.
    """
    region = load_region(folder)
    rules = load_rules(region.packs)
    crs = equal_area_crs(region.projection)
    layers, notes = [], []
    for theme in THEMES:
        if (theme_folder(region.folder, theme) / DRAWN).exists():
            layers.append(current_layer(region.folder, theme))
        else:
            names = {e["id"]: (e["name"], e["name_en"]) for e in rules.value("zone_kind.themes")}[theme]
            notes.append(
                Note(f"没有划定成果：{names[0]}；查询不含这一类。", f"not drawn, so not asked: {names[1].lower()}.")
            )
    for path in zones:
        more, said = read_outside_zones(path, crs, rules, kind=kind, level=level, given_crs=given_crs, layer=layer)
        layers += more
        notes += said
    if not layers:
        raise ShuibaoError(
            f"{folder} 还没有划定成果；请先运行 shuibao zones draw，或用 --zones 给出区域图层。",
            f"no zones are drawn in {folder}; run shuibao zones draw, or give zones by --zones.",
        )
    simulated = region.simulated or any(layer.metadata.get(SIMULATED_KEY) for layer in layers)
    return Control(region, rules, counties_of(region), index_zones(layers, crs), tuple(layers), tuple(notes), simulated)


@dataclass(frozen=True)
class Answer:
    """
    What was found of some projects (查询结果).

    Parameters
    ----------
    control : Control
        The zones that were asked.
    projects : Projects
        The projects.
    hits : Hits
        Pairs of project and zone.
    dimension, size : (n,) array
        0, 1 or 2, and the size in it, of each project.
    joint : dict of str to (n,) array of float
        How much of each lies in zones of each theme, and of any (``""``), land in two counted once.
    inside : (n,) array of float
        Share of each that lies in the region, 0-1.
    counties : tuple of tuple of str
        Codes of the counties of the region that each lies in.
    nearest : (n,) array of int
        Row of the nearest zone; -1 where the project lies in one.
    distance : (n,) array of float
        How far it is, m; NaN where the project lies in one.
    """

    control: Control
    projects: Projects
    hits: Hits
    dimension: NDArray[np.int64]
    size: NDArray[np.float64]
    joint: dict[str, NDArray[np.float64]]
    inside: NDArray[np.float64]
    counties: tuple[tuple[str, ...], ...]
    nearest: NDArray[np.int64]
    distance: NDArray[np.float64]

    @property
    def notes(self) -> list[Note]:
        """Return what a reader must know (说明)."""
        found = [*self.projects.notes, *self.control.notes]
        outside = np.flatnonzero(self.inside == 0)
        partly = np.flatnonzero((self.inside > 0) & (self.inside < 1 - 10.0**-ROUND_SHARE))
        for rows, zh, en in (
            (outside, "不在本区域内", "outside the region"),
            (partly, "部分在本区域外", "partly outside it"),
        ):
            if len(rows):
                some = "、".join(self.projects.names[row] for row in rows[:5])
                found.append(Note(f"{len(rows)} 个项目{zh}：{some}。", f"{len(rows)} projects lie {en}: {some}."))
        return found

    @cached_property
    def _zones_of(self) -> list[NDArray[np.int64]]:
        ends = np.searchsorted(self.hits.project, np.arange(len(self.projects) + 1))
        counts = self.hits.counts
        rows = [np.arange(a, b) for a, b in zip(ends[:-1], ends[1:], strict=True)]
        return [self.hits.zone[some[counts[some]]] for some in rows]

    @cached_property
    def _known(self) -> dict[tuple[frozenset[Place], tuple[str, ...]], list[Duty]]:
        return {}

    def zones_of(self, project: int) -> NDArray[np.int64]:
        """Return the rows of the zones that a project lies in, edges left out (所在区域)."""
        return self._zones_of[project]

    def duties_of(self, project: int) -> list[Duty]:
        """
        Return what follows for a project, the strictest first (应履行的义务).

        Parameters
        ----------
        project : int
            Its row.
        """
        index, around = self.control.index, self.counties[project]
        places = frozenset(
            Place(index.kind[row], index.level[row], county)
            for row in self.zones_of(project)
            for county in ((index.county[row],) if index.county[row] else around or ("",))
        )
        key = (places, around)
        if key not in self._known:
            self._known[key] = duties_of(self.control.duties, places, counties=around)
        return self._known[key]


def ask(control: Control, projects: Projects) -> Answer:
    """
    Find in which zones projects lie (查询).

    Parameters
    ----------
    control : Control
        What :func:`open_control` read.
    projects : Projects
        The projects, in the region's coordinate system.

    Returns
    -------
    Answer
    """
    rules, index, shapes = control.rules, control.index, projects.geometry
    least = {name: float(rules.value(f"zone_control.{name}")) for name in ("least_area", "least_length")}
    hits = find_zones(index, shapes, **least)
    dimension, size = sizes(shapes)
    nearest, distance = np.full(len(projects), -1, dtype=np.int64), np.full(len(projects), np.nan)
    free = np.setdiff1d(np.arange(len(projects)), hits.project[hits.counts])
    nearest[free], distance[free] = nearest_zones(index, shapes[free])
    inside, counties = _in_counties(control.counties, shapes, dimension, size)
    joint = joint_measures(index, hits, len(projects))
    return Answer(control, projects, hits, dimension, size, joint, inside, counties, nearest, distance)


def _in_counties(
    counties: Counties, shapes: NDArray[Any], dimension: NDArray[np.int64], size: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[tuple[str, ...], ...]]:
    """Return the share of each project in the region, and the counties that it lies in."""
    mine, its = shapely.STRtree(counties.geometry).query(shapes, predicate="intersects")
    order = np.lexsort((its, mine))
    mine, its = mine[order], its[order]
    pieces = shapely.intersection(shapes[mine], counties.geometry[its])
    measure = np.where(dimension[mine] == 2, shapely.area(pieces), shapely.length(pieces))
    lies = (dimension[mine] == 0) | (measure > 0)
    share = np.bincount(mine[lies], measure[lies], len(shapes)).astype(
        np.float64
    )  # of nothing, it counts whole numbers
    points = dimension == 0
    share[points] = np.bincount(mine, minlength=len(shapes))[points] > 0
    np.divide(share, size, out=share, where=~points)
    codes: list[list[str]] = [[] for _ in shapes]
    for row, county in zip(mine[lies], its[lies], strict=True):
        codes[row].append(str(counties.codes[county]))
    return np.minimum(share, 1.0), tuple(tuple(some) for some in codes)


def zone_rows(answer: Answer) -> Iterator[dict[str, Any]]:
    """
    Yield one row for each zone that each project lies in (逐区结果).

    Parameters
    ----------
    answer : Answer
        What was found.
    """
    index, hits, control = answer.control.index, answer.hits, answer.control
    kinds, levels = control.names("kind"), control.names("level")
    for project, zone, measure, share, relation in zip(
        hits.project.tolist(),
        hits.zone.tolist(),
        hits.measure.tolist(),
        hits.share.tolist(),
        hits.relation,
        strict=True,
    ):
        dimension = answer.dimension[project]
        yield {
            "project": answer.projects.names[project], "feature": answer.projects.numbers[project],
            "code": index.code[zone], "name": index.name[zone], "theme": index.theme[zone],
            "kind": index.kind[zone], "kind_name": kinds.get(index.kind[zone], index.kind[zone]),
            "level": index.level[zone], "level_name": levels.get(index.level[zone], index.level[zone]),
            "county": index.county[zone], "county_name": index.county_name[zone],
            "area_m2": round(measure, ROUND_AREA) if dimension == 2 else None,
            "length_m": round(measure, ROUND_LENGTH) if dimension == 1 else None,
            "share": round(share, ROUND_SHARE), "relation": relation, "relation_name": say(*RELATION_NAMES[relation]),
        }  # fmt: skip


def summary_rows(answer: Answer) -> Iterator[dict[str, Any]]:
    """
    Yield one row for each project: its size, how much of it is in zones, the nearest one, how many duties (逐项汇总).

    Parameters
    ----------
    answer : Answer
        What was found.
    """
    index, kinds = answer.control.index, answer.control.names("kind")
    for row, name in enumerate(answer.projects.names):
        dimension, zones, near = int(answer.dimension[row]), answer.zones_of(row), int(answer.nearest[row])
        met = [kind for kind in kinds if kind in set(index.kind[zones])]
        duties = answer.duties_of(row)

        def measured(theme: str, at: int = row, of: int = dimension) -> float | None:
            values = answer.joint.get(theme)
            return None if of == 0 else 0.0 if values is None else round(float(values[at]), ROUND_AREA)

        size = float(answer.size[row])
        yield {
            "project": name, "feature": answer.projects.numbers[row], "shape": ("point", "line", "area")[dimension],
            "size": None if dimension == 0 else round(size, ROUND_AREA), "unit": ("", "m", "m2")[dimension],
            "in_region": round(float(answer.inside[row]), ROUND_SHARE), "counties": " ".join(answer.counties[row]),
            "zones": len(zones), "kinds": " ".join(met), "kind_names": say("、", ", ").join(kinds[kind] for kind in met),
            **{theme: measured(theme) for theme in THEMES}, "any": measured(""),
            "share": float(len(zones) > 0) if dimension == 0 else round(float(answer.joint[""][row]) / size, ROUND_SHARE),
            "nearest": index.code[near] if near >= 0 else "",
            "nearest_m": round(float(answer.distance[row]), 1) if near >= 0 else None,
            "forbidden": sum(duty.modality == "forbidden" for duty in duties),
            "restricted": sum(duty.modality == "restricted" for duty in duties),
            "required": sum(duty.modality == "required" for duty in duties),
            "drafts": sum(duty.draft for duty in duties),
        }  # fmt: skip


def layer_sources(control: Control) -> list[Note]:
    """
    Return what each layer of zones is: its theme, its version, or the file it came from (区域依据).

    Parameters
    ----------
    control : Control
        The zones.
    """
    names = {entry["id"]: (entry["name"], entry["name_en"]) for entry in control.rules.value("zone_kind.themes")}
    found = []
    for layer in control.layers:
        zh, en = names[layer.theme]
        file, version = layer.metadata.get("FROM_FILE", ""), layer.metadata.get("VERSION", "")
        if file:
            words = (f"外来图层 {file}", f"file {file}")
        elif version:
            words = (f"第 {version} 版", f"version {version}")
        else:
            words = ("初步成果", "as drawn")
        found.append(Note(f"{zh}：{words[0]}，{len(layer)} 个", f"{en}: {words[1]}, {len(layer)} zones"))
    return found
