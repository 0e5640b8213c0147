"""Where zones overlap one another and the lines of planning: told by area, nothing is taken away (重叠面积)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.draft.excluding import PLANNING
from shuibao.delimitation.folder import DRAWN, theme_folder
from shuibao.delimitation.life.versions import current_layer
from shuibao.facts.rate import exact_sum
from shuibao.messages import ShuibaoError, say
from shuibao.survey.region import Region
from shuibao.survey.zone_inputs import shapes_of
from shuibao.zoning.layer import HECTARE, KINDS, THEMES, ZoneLayer


@dataclass(frozen=True)
class Partner:
    """
    Something that zones may overlap (重叠对象).

    Parameters
    ----------
    id, name, name_en : str
        A kind of zone or an input, and what it is called.
    theme : str
        Theme of a kind of zone; empty for an input.
    geometry : (n,) array of shapely geometry
        Its shapes.
    apart : bool
        Whether the shapes are known not to overlap one another.
    """

    id: str
    name: str
    name_en: str
    theme: str
    geometry: NDArray[np.object_]
    apart: bool


def overlap_areas(zones: NDArray[np.object_], partner: Partner) -> NDArray[np.float64]:
    """
    Return how much of each zone a partner covers (重叠面积).

    Parameters
    ----------
    zones : (n,) array of shapely geometry
        Zones, m.
    partner : Partner
        What may cover them.

    Returns
    -------
    (n,) array
        m²; land that a partner covers twice counts once.

    Examples
    --------
    >>> twice = np.array([shapely.box(0, 0, 1, 1), shapely.box(0, 0, 1, 2)], dtype=object)
    >>> overlap_areas(np.array([shapely.box(0, 0, 4, 4)]), Partner("x", "x", "x", "", twice, apart=False))
    array([2.])
    """
    out = np.zeros(len(zones))
    zone, other, area = pair_areas(zones, partner.geometry)
    if partner.apart:
        np.add.at(out, zone, area)
        return out
    times = np.bincount(zone, minlength=len(zones))
    single = times[zone] == 1
    out[zone[single]] = area[single]
    for k in np.flatnonzero(times > 1).tolist():
        pieces = shapely.intersection(zones[k], partner.geometry[other[zone == k]])
        out[k] = shapely.area(shapely.union_all(pieces))
    return out


def pair_areas(
    one: NDArray[np.object_], other: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """
    Return which shapes of two sets overlap, and by how much (两两重叠面积).

    Parameters
    ----------
    one, other : arrays of shapely geometry
        The two sets, m.

    Returns
    -------
    first, second : (m,) int64 arrays
        Their places, in order.
    area : (m,) array
        m². What lies wholly in a larger shape is not cut: its own area counts.
    """
    nothing = np.zeros(0, dtype=np.int64)
    if not len(one) or not len(other):
        return nothing, nothing, np.zeros(0)
    if shapely.get_num_coordinates(one).max() < shapely.get_num_coordinates(other).max():
        second, first, area = pair_areas(other, one)
        order = np.lexsort((second, first))
        return first[order], second[order], area[order]
    tree = shapely.STRtree(other)  # the larger shapes are prepared, each once
    first, second = tree.query(one, predicate="intersects")
    inside = np.isin(first * len(other) + second, np.ravel_multi_index(tree.query(one, predicate="covers"),
                     (len(one), len(other))))  # fmt: skip
    area = np.where(inside, shapely.area(other[second]), 0.0)
    cut = ~inside
    area[cut] = shapely.area(shapely.intersection(one[first[cut]], other[second[cut]]))
    order = np.lexsort((second, first))
    return first[order], second[order], area[order]


def partners_of(region: Region, layers: dict[str, ZoneLayer]) -> list[Partner]:
    """
    Return what the zones of a region may overlap: the kinds that are drawn, and the planning layers given (重叠对象).

    Parameters
    ----------
    region : Region
        The region folder.
    layers : dict of str to ZoneLayer
        The zones that are drawn, by theme.

    Raises
    ------
    ShuibaoError
        If a planning layer is missing or cannot be used.
    """
    found = []
    for kind, theme in KINDS.items():
        if theme in layers:
            mine = np.asarray(layers[theme].columns["kind"], dtype=np.str_) == kind
            shapes = np.asarray(layers[theme].geometry, dtype=object)[mine]
            found += [Partner(kind, *_KIND_NAMES[kind], theme, shapes, apart=True)] if len(shapes) else []
    for layer, (zh, en) in PLANNING.items():
        given = shapes_of(region, layer)
        if given is not None:
            found.append(Partner(layer, zh, en, "", np.asarray(given.geometry, dtype=object), apart=False))
    return found


_KIND_NAMES = {
    "prevention": ("重点预防区", "key prevention zones"), "treatment": ("重点治理区", "key treatment zones"),
    "severe": ("水土流失严重区", "severely eroded areas"), "fragile": ("生态脆弱区", "ecologically fragile areas"),
    "steep_slope": ("禁止开垦陡坡地", "steep slopes"),
}  # fmt: skip


def drawn_layers(region: Region, themes: Sequence[str] = ()) -> dict[str, ZoneLayer]:
    """
    Return the zones of a region as they are now, by theme; only the themes that are drawn (现行区域).

    Parameters
    ----------
    region : Region
        The region folder.
    themes : sequence of str
        Themes wanted; all if empty.

    Raises
    ------
    CallError
        If there is no such theme.
    ShuibaoError
        If none of them is drawn.
    """
    wanted = [theme for theme in (themes or THEMES) if (theme_folder(region.folder, theme) / DRAWN).is_file()]
    if not wanted:
        raise ShuibaoError(
            f"{region.folder} 还没有划定成果；请先运行 shuibao zones draw {region.folder}。",
            f"{region.folder} has no zones yet; run shuibao zones draw {region.folder} first.",
        )
    return {theme: current_layer(region.folder, theme) for theme in wanted}


def overlap_rows(region: Region, themes: Sequence[str] = ()) -> list[dict[str, Any]]:
    """
    Return the overlaps of zones, one by one and in total (重叠面积表).

    Parameters
    ----------
    region : Region
        The region folder.
    themes : sequence of str
        Themes whose zones are asked for; all that are drawn if empty. They are held against all that is known.

    Returns
    -------
    list of dict
        ``theme``, ``kind``, ``code`` and ``name`` (empty in totals), ``with``, ``with_name``, ``zones`` (that overlap),
        ``area_m2`` of the overlap, ``area_hm2``, ``percent`` of the zone or of all zones of the kind. Zones that do not
        overlap have no row; a total has one even at 0, and is the sum of its rows to 0.01 m².

    Raises
    ------
    ShuibaoError
        If nothing is drawn, or a layer is wrong.
    """
    layers = drawn_layers(region)
    asked = drawn_layers(region, themes)
    rows: list[dict[str, Any]] = []
    known: dict[tuple[str, str], NDArray[np.float64]] = {}
    for theme, layer in asked.items():
        kinds = np.asarray(layer.columns["kind"], dtype=np.str_)
        for kind in (k for k, of in KINDS.items() if of == theme and (kinds == k).any()):
            mine = np.flatnonzero(kinds == kind)
            for partner in partners_of(region, layers):
                if partner.theme != theme:
                    rows += _rows(layer, mine, kind, partner, _shared(layer, mine, kind, partner, known))
    return rows


def _shared(
    layer: ZoneLayer,
    mine: NDArray[np.int64],
    kind: str,
    partner: Partner,
    known: dict[tuple[str, str], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """Return the overlap of each zone of a kind with a partner; of two kinds of zone both sides are found at once."""
    zones = np.asarray(layer.geometry, dtype=object)[mine]
    if not partner.apart:
        return overlap_areas(zones, partner)
    if (kind, partner.id) not in known:
        first, second, area = pair_areas(zones, partner.geometry)
        known[kind, partner.id] = np.bincount(first, area, minlength=len(zones)).astype(np.float64)
        known[partner.id, kind] = np.bincount(second, area, minlength=len(partner.geometry)).astype(np.float64)
    return known[kind, partner.id]


def _rows(
    layer: ZoneLayer, mine: NDArray[np.int64], kind: str, partner: Partner, shared: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Return the total, then the zones of a kind that overlap a partner."""
    area, shared = np.asarray(layer.columns["area_m2"], dtype=np.float64), np.round(shared, 2)

    def row(code: str, name: str, zones: int, overlap: float, whole: float) -> dict[str, Any]:
        return {
            "theme": layer.theme, "kind": kind, "kind_name": say(*_KIND_NAMES[kind]), "code": code, "name": name,
            "with": partner.id, "with_name": say(partner.name, partner.name_en), "zones": zones, "area_m2": overlap,
            "area_hm2": round(overlap / HECTARE, 2), "percent": 100.0 * overlap / whole if whole else 0.0,
        }  # fmt: skip

    out = [row("", "", int((shared > 0).sum()), exact_sum(shared), float(area[mine].sum()))]
    for k in np.flatnonzero(shared > 0).tolist():
        at = mine[k]
        code, name = (str(layer.columns[key][at]) for key in ("code", "name"))
        out.append(row(code, name, 1, float(shared[k]), float(area[at])))
    return out
