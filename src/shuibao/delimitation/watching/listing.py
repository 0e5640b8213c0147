"""The zones of a region folder at a glance (已划区域一览)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from shuibao.delimitation.draft.apportioning import listed
from shuibao.delimitation.folder import DRAWN, theme_folder
from shuibao.delimitation.life.versions import current_layer
from shuibao.messages import say
from shuibao.rules import Rules
from shuibao.zoning.layer import KINDS, THEMES


def zone_rows(region_folder: Path, rules: Rules) -> list[dict[str, Any]]:
    """
    Return number and area of the zones as they are now, by theme and kind (已划区域一览).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    rules : Rules
        Rule packs in force, for the names of the kinds.

    Returns
    -------
    list of dict
        ``theme``, ``kind``, ``kind_name``, ``zones``, ``area_hm2``; nothing for a theme that is not drawn. Areas are
        those that a result package lists.
    """
    names = {kind["id"]: say(kind["name"], kind["name_en"]) for kind in rules.value("zone_kind.classes")}
    rows = []
    for theme in THEMES:
        path = theme_folder(region_folder, theme) / DRAWN
        if not path.exists():
            continue
        layer = listed(current_layer(region_folder, theme))
        kinds = np.asarray(layer.columns["kind"], dtype=np.str_)
        for kind in (k for k, of in KINDS.items() if of == theme):
            mine = kinds == kind
            rows.append({
                "theme": theme, "kind": kind, "kind_name": names.get(kind, kind), "zones": int(mine.sum()),
                "area_hm2": round(float(np.asarray(layer.columns["area_hm2"])[mine].sum()), 2),
            })  # fmt: skip
    return rows
