"""Zones of higher levels, which a region's own zones may not contradict (上级重点区)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from shuibao.delimitation.unit_indices import covered_share
from shuibao.messages import ShuibaoError
from shuibao.survey.region import Region
from shuibao.survey.zone_inputs import Shapes, shapes_of
from shuibao.zoning.layer import LEVELS
from shuibao.zoning.prevention_treatment import BOTH
from shuibao.zoning.prevention_treatment_reasons import Higher, no_higher

KIND_WORDS = {"prevention": "prevention", "treatment": "treatment", "预防": "prevention", "治理": "treatment"}
"""How a file may write the kinds; longer names that hold one of these words count too."""

LEVEL_WORDS = {
    "national": "national", "province": "province", "city": "city", "county": "county",
    "国家": "national", "省": "province", "市": "city", "县": "county",
}  # fmt: skip
"""How a file may write the levels."""


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
    found = shapes_of(region, "higher_zones")
    none = no_higher(len(shapes))
    if found is None:
        return none, {
            "NOTE_higher_zones": "没有提供上级重点区图层（inputs.higher_zones），未核对与上级是否矛盾。",
            "NOTE_EN_higher_zones": "no zones of higher levels (inputs.higher_zones) are given; contradictions are not checked.",
        }
    kinds, levels = (_field(region, found, key, words) for key, words in (("kind", KIND_WORDS), ("level", LEVEL_WORDS)))
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


def _field(region: Region, found: Shapes, key: str, words: Mapping[str, str]) -> NDArray[np.str_]:
    """Return what a field says, in our words."""
    field = str(region.inputs["higher_zones"].get(key, key))
    if field not in found.columns:
        raise ShuibaoError(
            f"{found.source} 没有字段「{field}」（现有：{'、'.join(found.columns)}）；请在 inputs.higher_zones.{key} 中指定。",
            f"{found.source} has no field '{field}' (it has: {', '.join(found.columns)}); name it in "
            f"inputs.higher_zones.{key}.",
        )
    return np.array([_understood(found.source, field, value, words) for value in found.columns[field].tolist()])


def _understood(source: str, field: str, value: Any, words: Mapping[str, str]) -> str:
    text = str(value).strip()
    meant: Sequence[str] = sorted({ours for word, ours in words.items() if word in text.lower()})
    if len(meant) != 1:
        raise ShuibaoError(
            f"{source} 的字段 {field} 有值「{text}」，看不出是哪一种；可用：{'、'.join(words)}。",
            f"{source}: the field {field} holds '{text}', which is not understood; there are: {', '.join(words)}.",
        )
    return meant[0]
