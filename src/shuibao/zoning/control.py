"""
Which zones land lies in, and with how much of it: for a point, a line or an area, one or many (差别化管控查询).

All zones stand in one tree; projects are asked of it together, so that a thousand cost little more than one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from shuibao.messages import ShuibaoError
from shuibao.zoning.layer import THEMES, ZoneLayer

RELATIONS = ("wholly", "partly", "edge", "border")
"""
How a project lies to a zone: 全部位于, 部分位于, 仅擦边, 点在界线上.

``edge``: no more of it in the zone than borders drawn twice may differ by; no duty follows. ``border``: a point on the
zone's border, which counts as lying in it.
"""

Objects = NDArray[np.object_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ZoneIndex:
    """
    Zones of all kinds and levels, to be asked together (区域索引).

    Parameters
    ----------
    theme, code, name, kind, level, county, county_name : (n,) array of str
        Columns of the layers, one row for each zone; sorted by theme as in ``THEMES``, then as the layers were given.
    geometry : (n,) array of shapely geometry
        Shapes, m, equal-area.
    crs : CRS
        Their coordinate system.
    tree : shapely.STRtree
        Of the shapes.
    group : (n,) array of int
        The same number for zones of one theme and level: those that a border parts, of which a point is in one.
    """

    theme: Objects
    code: Objects
    name: Objects
    kind: Objects
    level: Objects
    county: Objects
    county_name: Objects
    geometry: Objects
    crs: CRS
    tree: shapely.STRtree
    group: Ints

    def __len__(self) -> int:
        """Return the number of zones."""
        return len(self.geometry)


@dataclass(frozen=True)
class Hits:
    """
    Pairs of project and zone that meet (落区结果).

    Parameters
    ----------
    project, zone : (m,) array of int
        Rows of both, sorted by project, then by zone.
    measure : (m,) array of float
        How much of the project lies in the zone: m² of an area, m of a line, 0 of a point.
    share : (m,) array of float
        The same as part of the project, 0-1; 1 of a point.
    relation : (m,) array of str
        One of :data:`RELATIONS`.
    piece : (m,) array of shapely geometry
        The part of the project that lies in the zone.
    """

    project: Ints
    zone: Ints
    measure: Floats
    share: Floats
    relation: Objects
    piece: Objects

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.project)

    @property
    def counts(self) -> NDArray[np.bool_]:
        """Return which pairs count: all but those that only touch (是否计入)."""
        return np.asarray(self.relation != "edge", dtype=bool)


def index_zones(layers: Sequence[ZoneLayer], crs: CRS) -> ZoneIndex:
    """
    Put the zones of some layers in one tree (建立区域索引).

    Parameters
    ----------
    layers : sequence of ZoneLayer
        Layers of any themes and levels.
    crs : CRS
        Coordinate system that all of them must have; equal-area.

    Returns
    -------
    ZoneIndex

    Raises
    ------
    ShuibaoError
        If a layer has another coordinate system.

    Examples
    --------
    >>> index_zones([], CRS.from_epsg(6933)).code.tolist()
    []
    """
    ordered = sorted(layers, key=lambda layer: THEMES.index(layer.theme))
    for layer in ordered:
        if layer.crs != crs:
            raise ShuibaoError(
                f"区域图层（{layer.theme}）的坐标系是 {layer.crs.name}，应为 {crs.name}；请先转换坐标系。",
                f"a layer of zones ({layer.theme}) is in {layer.crs.name}, should be in {crs.name}; transform it first.",
            )

    def joined(name: str) -> Objects:
        return np.array([str(v) for layer in ordered for v in layer.columns[name]], dtype=object)

    theme = np.array([layer.theme for layer in ordered for _ in range(len(layer))], dtype=object)
    shapes = [layer.geometry for layer in ordered]
    geometry = np.concatenate(shapes) if shapes else np.empty(0, dtype=object)
    level = joined("level")
    names = np.array([f"{t}/{v}" for t, v in zip(theme, level, strict=True)], dtype=np.str_)
    group = np.unique(names, return_inverse=True)[1].astype(np.int64)
    return ZoneIndex(
        theme=theme,
        code=joined("code"),
        name=joined("name"),
        kind=joined("kind"),
        level=level,
        county=joined("county"),
        county_name=joined("county_name"),
        geometry=geometry,
        crs=crs,
        tree=shapely.STRtree(geometry),
        group=group,
    )


def sizes(geometry: Objects) -> tuple[Ints, Floats]:
    """
    Return the dimension of shapes, and their size in it (维数与大小).

    Parameters
    ----------
    geometry : (n,) array of shapely geometry
        Points, lines or areas, m; none empty.

    Returns
    -------
    dimension : (n,) array of int
        0, 1 or 2.
    size : (n,) array of float
        0, m or m².

    Examples
    --------
    >>> [part.tolist() for part in sizes(np.array([shapely.Point(0, 0), shapely.box(0, 0, 2, 3)]))]
    [[0, 2], [0.0, 6.0]]
    """
    dimension = shapely.get_dimensions(geometry).astype(np.int64)
    size = np.where(dimension == 2, shapely.area(geometry), np.where(dimension == 1, shapely.length(geometry), 0.0))
    return dimension, size


def find_zones(index: ZoneIndex, projects: Objects, *, least_area: float, least_length: float) -> Hits:
    r"""
    Find the zones that projects lie in, and with how much (查落区).

    Parameters
    ----------
    index : ZoneIndex
        The zones.
    projects : (n,) array of shapely geometry
        Points, lines or areas, each of one dimension, valid and not empty; m, in the index's coordinate system.
    least_area, least_length : float
        Smaller parts, m² and m, are an ``edge``; half of the project if that is less.

    Returns
    -------
    Hits
        Areas that only touch a zone are not among them.

    Notes
    -----
    :math:`a_{pz} = |P_p \cap Z_z|` and its share :math:`a_{pz} / |P_p|`, exact in the equal-area plane. A point on the
    border between zones of one theme and level belongs to one of them: to that which holds it inside, if one does,
    else to the first by row. So does the part of a line that runs along such a border.

    References
    ----------
    The rule of borders is chosen; see docs/zone-control.md.

    Examples
    --------
    >>> from shuibao.ground.grid import national_crs
    >>> from shuibao.zoning.layer import zone_layer
    >>> halves = np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)], dtype=object)
    >>> columns = {"code": ["a", "b"], "kind": ["severe", "fragile"]}
    >>> index = index_zones([zone_layer("severe_fragile", columns, halves, national_crs())], national_crs())
    >>> hits = find_zones(index, np.array([shapely.box(5, 0, 20, 4)]), least_area=1, least_length=1)
    >>> hits.measure.tolist(), hits.relation.tolist()
    ([20.0, 40.0], ['partly', 'partly'])
    >>> find_zones(index, np.array([shapely.Point(10, 5)]), least_area=1, least_length=1).zone.tolist()
    [0]
    """
    project, zone = index.tree.query(projects, predicate="intersects")
    order = np.lexsort((zone, project))
    project, zone = project[order].astype(np.int64), zone[order].astype(np.int64)
    dimension, size = sizes(projects)
    piece = _pieces(index, projects, project, zone)
    measure = sizes(piece)[1]
    piece_dimension = shapely.get_dimensions(piece)
    keep = piece_dimension == dimension[project]
    relation = np.full(len(project), "partly", dtype=object)
    points = dimension[project] == 0
    relation[points] = "wholly"
    keep &= ~points
    keep |= _points_kept(index, projects, project, zone, points, relation)
    _share_borders(index, project, zone, dimension[project] == 1, piece, measure)
    whole, least = size[project], np.where(dimension[project] == 2, least_area, least_length)
    keep &= points | (measure > 0)
    limit = np.minimum(least, whole / 2)
    relation[~points & (whole - measure < limit)] = "wholly"
    relation[~points & (measure < limit)] = "edge"
    share = np.ones(len(project))
    np.divide(measure, whole, out=share, where=~points)
    return Hits(project[keep], zone[keep], measure[keep], np.minimum(share[keep], 1.0), relation[keep], piece[keep])


def _pieces(index: ZoneIndex, projects: Objects, project: Ints, zone: Ints) -> Objects:
    """Cut projects by zones; what lies wholly in the other is taken as it is."""
    piece = np.empty(len(project), dtype=object)
    if not len(project):
        return piece
    mine, its = projects[project], index.geometry[zone]
    shapely.prepare(its)
    inside = shapely.covers(its, mine)
    piece[inside] = mine[inside]
    shapely.prepare(mine)
    holds = ~inside & shapely.covers(mine, its)
    piece[holds] = its[holds]
    cut = ~inside & ~holds
    piece[cut] = _of_one_dimension(shapely.intersection(mine[cut], its[cut]), shapely.get_dimensions(mine[cut]))
    return piece


def _of_one_dimension(shapes: Objects, dimension: NDArray[np.int32]) -> Objects:
    """Leave out of mixed intersections what is of a lower dimension than the project: where borders only touch."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    for k in np.flatnonzero(mixed):
        parts = shapely.get_parts(shapes[k])
        shapes[k] = shapely.union_all(parts[shapely.get_dimensions(parts) == dimension[k]])
    return shapes


def _points_kept(
    index: ZoneIndex, projects: Objects, project: Ints, zone: Ints, points: NDArray[np.bool_], relation: Objects
) -> NDArray[np.bool_]:
    """Return which hits of points stay, by the rule of borders, and mark those on a border."""
    keep = np.zeros(len(project), dtype=bool)
    rows = np.flatnonzero(points)
    if not len(rows):
        return keep
    within = shapely.disjoint(shapely.boundary(index.geometry[zone[rows]]), projects[project[rows]])
    relation[rows[~within]] = "border"
    keep[rows[within]] = True
    inside = set(zip(project[rows[within]].tolist(), index.group[zone[rows[within]]].tolist(), strict=True))
    for row in rows[~within]:
        key = (int(project[row]), int(index.group[zone[row]]))
        if key not in inside:
            inside.add(key)
            keep[row] = True
    return keep


def _share_borders(
    index: ZoneIndex, project: Ints, zone: Ints, lines: NDArray[np.bool_], piece: Objects, measure: Floats
) -> None:
    """Give the part of a line that runs along a border to the first of the zones on both sides."""
    taken: dict[tuple[int, int], shapely.Geometry] = {}
    for row in np.flatnonzero(lines & (measure > 0)):
        key = (int(project[row]), int(index.group[zone[row]]))
        along = shapely.intersection(piece[row], shapely.boundary(index.geometry[zone[row]]))
        if shapely.length(along) == 0:
            continue
        if key in taken:
            piece[row] = shapely.difference(piece[row], shapely.intersection(along, taken[key]))
            measure[row] = shapely.length(piece[row])
            along = shapely.union(along, taken[key])
        taken[key] = along


def nearest_zones(index: ZoneIndex, projects: Objects) -> tuple[Ints, Floats]:
    """
    Return the zone nearest to each project, and how far it is (最近的区域).

    Parameters
    ----------
    index : ZoneIndex
        The zones.
    projects : (n,) array of shapely geometry
        Projects, in the index's coordinate system.

    Returns
    -------
    zone : (n,) array of int
        Row of the zone, the first where several are as near; -1 if there is none.
    distance : (n,) array of float
        m, in the plane of the projection; NaN if there is no zone.
    """
    zone, distance = np.full(len(projects), -1, dtype=np.int64), np.full(len(projects), np.nan)
    if len(index) and len(projects):
        (mine, its), far = index.tree.query_nearest(projects, return_distance=True, all_matches=True)
        order = np.lexsort((its, mine))
        mine, its, far = mine[order], its[order], far[order]
        first = np.r_[True, mine[1:] != mine[:-1]][: len(mine)]
        zone[mine[first]], distance[mine[first]] = its[first], far[first]
    return zone, distance
