"""Zones of higher levels, which a region's own zones may not contradict (上级重点区)."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.draft.unit_indices import covered_share
from shuibao.survey.key_zone_inputs import higher_zones_of
from shuibao.survey.region import Region
from shuibao.survey.zone_inputs import Shapes
from shuibao.zoning.layer import LEVELS
from shuibao.zoning.prevention_treatment_reasons import Higher, no_higher
from shuibao.zoning.prevention_treatment_rules import BOTH


def higher_units(region: Region, shapes: NDArray[np.object_], least: float) -> tuple[Higher, dict[str, str]]:
    """
    Return which units lie in a zone of a higher level, and what must be said of the layer (单元所属上级区域).

    Parameters
    ----------
    region : Region
        The region folder; zones of its own level and below are passed over.
    shapes : (n,) array of shapely geometry
        The units.
    least : float
        Share of a unit, percent, from which it counts as part of a zone.

    Returns
    -------
    higher : Higher
        Where two kinds reach the share, the one that covers more counts, then the higher level; ``clash`` is not set.
    notes : dict of str to str
        What must be said, as metadata of the result.

    Raises
    ------
    ShuibaoError
        If the layer lacks a field, or a kind or level cannot be understood.
    """
    zones = higher_zones_of(region)
    none = no_higher(len(shapes))
    if zones is None:
        return none, {
            "NOTE_higher_zones": "没有提供上级重点区图层（inputs.higher_zones），未核对与上级是否矛盾。",
            "NOTE_EN_higher_zones": "no zones of higher levels (inputs.higher_zones) are given; contradictions are not checked.",
        }
    found, kinds, levels = zones.shapes, zones.kind, zones.level
    above = np.array([LEVELS.index(level) < LEVELS.index(region.level) for level in levels], dtype=np.bool_)
    share, kind, level = none.share.copy(), none.kind.copy(), none.level.copy()
    for each_level in LEVELS:  # the highest first: at equal shares it stays
        for each_kind in BOTH:
            mine = above & (kinds == each_kind) & (levels == each_level)
            covered = covered_share(found.geometry[mine], shapes) if mine.any() else np.zeros(len(shapes))
            better = (covered >= least) & (covered > share)
            share[better], kind[better], level[better] = covered[better], each_kind, each_level
    return Higher(kind, level, share, none.clash), _notes(found, above, shapes)


def _notes(found: Shapes, above: NDArray[np.bool_], shapes: NDArray[np.object_]) -> dict[str, str]:
    notes = {}
    if not above.all():
        count = int((~above).sum())
        notes["NOTE_higher_level"] = f"{found.source} 中有 {count} 个区域不高于本级，未用。"
        notes["NOTE_EN_higher_level"] = f"{count} zones of {found.source} are of no higher level; they are not used."
    if not shapely.intersects(shapely.union_all(found.geometry), shapely.box(*shapely.total_bounds(shapes))):
        notes["NOTE_higher_zones"] = f"上级重点区图层 {found.source} 与本区域不相交；请核对是否取错文件。"
        notes["NOTE_EN_higher_zones"] = (
            f"the zones of higher levels, {found.source}, do not touch the region; is it the file?"
        )
    return notes
