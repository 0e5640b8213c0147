"""Names of the codes that facts hold, in the reader's language (代码名称)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shuibao.messages import language, say
from shuibao.rules import load_rules
from shuibao.survey.rating import county_names
from shuibao.survey.region import Region


def words_of(region: Region) -> dict[str, Mapping[Any, str]]:
    """
    Return, for each dimension of the facts, the names of its codes (维度代码名称).

    Parameters
    ----------
    region : Region
        A region that has been run.
    """
    rules = load_rules(region.packs)
    key = "name_en" if language() == "en" else "name"
    missing = {0: say("缺测", "missing")}
    return {
        "county": county_names(region),
        "watershed": {"": say("无", "none")},
        "land_use": missing | {int(c["code"]): str(c[key]) for c in rules.value("land_class.classes")},
        "slope_class": missing | class_ranges(rules.value("slope_class.breaks"), "°", 1),
        "cover_class": missing | class_ranges(rules.value("cover_class.breaks"), "%", 100),
        "erosion_type": {0: say("缺测", "missing"), 1: say("水力侵蚀", "water")},
        "intensity": missing | {int(c["code"]): str(c[key]) for c in rules.value("erosion_intensity.classes")},
        "zone": {0: say("区外", "outside"), 1: say("禁止开垦陡坡地", "steep slope")},
    }


def class_ranges(breaks: list[float], unit: str, factor: float) -> dict[int, str]:
    """
    Return the names of classes between breaks (分级名称).

    Parameters
    ----------
    breaks : list of float
        Breaks, ascending; a class holds its lower one.
    unit : str
        Unit to show.
    factor : float
        What breaks are multiplied by to be shown in that unit.

    Examples
    --------
    >>> class_ranges([0.3, 0.45], "%", 100)
    {1: '<30%', 2: '30–45%', 3: '≥45%'}
    """
    edges = [f"{b * factor:g}" for b in breaks]
    middle = {k + 2: f"{low}–{high}{unit}" for k, (low, high) in enumerate(zip(edges, edges[1:], strict=False))}
    return {1: f"<{edges[0]}{unit}", **middle, len(edges) + 1: f"≥{edges[-1]}{unit}"}
