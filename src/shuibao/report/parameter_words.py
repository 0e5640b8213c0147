"""Units, values and settings as people read them, in both languages (参数用语)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from shuibao.report.bilingual import Text
from shuibao.rules import Rules

WORDS = {
    "1": Text("—", "—"), "deg": Text("°", "°"), "percent": Text("%", "%"), "month": Text("月", "month"), "1e4": Text("万", "10⁴"),
    "day": Text("日", "day"), "d": Text("日", "d"), "cells": Text("像元", "cells"), "bytes": Text("字节", "bytes"),
    "characters": Text("字符", "characters"),
}  # fmt: skip
"""Units that are words in rule packs."""

SETTING_NAMES = {
    "path": "文件", "layer": "图层", "band": "波段", "crs": "坐标系", "datum_shift": "转换参数", "nodata": "缺失值", "note": "说明",
    "unit": "单位", "method": "方法", "scheme": "对照表", "value": "取值", "stations": "测站文件", "lon": "经度", "lat": "纬度",
    "table": "对照", "codes": "代码", "sand": "砂粒", "silt": "粉粒", "clay": "黏粒", "organic_carbon": "有机碳",
    "organic_matter": "有机质", "correction": "订正", "by_land": "按地类", "region": "轮作区", "source": "来源", "edition": "版本",
    "code": "代码字段", "name": "名称字段", "values": "面积", "burn_depth": "刻入深度",
}  # fmt: skip
"""Keys of the inputs in region.toml, as the Chinese page and workbook call them."""

_RAISED = str.maketrans("0123456789.-", "⁰¹²³⁴⁵⁶⁷⁸⁹·⁻")
_POWER = re.compile(r"([A-Za-z]+?)(-?[\d.]+)?$")


def unit_text(unit: str) -> Text:
    """
    Return a unit of a rule pack as people write it (单位).

    Parameters
    ----------
    unit : str
        The unit as rule packs have it: powers behind the letters, negative ones below the line.

    Examples
    --------
    >>> unit_text("t km-2 a-1").zh, unit_text("mm a-1").zh, unit_text("deg").zh, unit_text("1e4 km2")
    ('t/(km²·a)', 'mm/a', '°', Text(zh='万 km²', en='10⁴ km²'))
    """
    if unit in WORDS:
        return WORDS[unit]
    bare, american = unit.removesuffix(" per US unit"), unit.endswith(" per US unit")
    factors = [part for part in bare.split() if part != "1e4"]
    found = [_POWER.match(part) for part in factors]
    if not factors or not all(found):
        return Text(unit, unit)
    parts = [(m[1], m[2] or "1") for m in found if m is not None]
    above = [_raised(name, power) for name, power in parts if not power.startswith("-")]
    below = [_raised(name, power.removeprefix("-")) for name, power in parts if power.startswith("-")]
    text = "·".join(above) or "1"
    if below:
        text += f"/({'·'.join(below)})" if len(below) > 1 else f"/{below[0]}"
    zh, en = ("万 ", "10⁴ ") if "1e4" in bare.split() else ("", "")
    return Text(zh + text + ("（每美制单位）" if american else ""), en + text + (" per US unit" if american else ""))


def _raised(name: str, power: str) -> str:
    return name if power == "1" else name + power.translate(_RAISED)


def class_names(rules: Rules) -> dict[str, str]:
    """
    Return the Chinese names of land and intensity classes by their ids (类别名称).

    Parameters
    ----------
    rules : Rules
        Rules in force; what is looked up is not remembered as used.
    """
    wanted = ("land_class.classes", "erosion_intensity.classes")
    classes = [c for p in rules.parameters() if p.key in wanted for c in p.value]
    return {str(c["id"]): str(c["name"]) for c in classes}


def value_text(value: Any, names: Mapping[str, str]) -> str | int | float:
    """
    Return a parameter's value for a cell of the Chinese workbook (参数值).

    Parameters
    ----------
    value : Any
        Number, text, truth value, list or mapping.
    names : mapping of str to str
        Names of classes by id.

    Examples
    --------
    >>> value_text(True, {}), value_text("slight", {"slight": "轻度"}), value_text([2, 5], {})
    ('是', '轻度', '2，5')
    """
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list) and not any(isinstance(v, Mapping | list) for v in value):
        return "，".join(str(value_text(v, names)) for v in value)
    return json.dumps(_in_chinese(value), ensure_ascii=False, sort_keys=True)


def _in_chinese(value: Any) -> Any:
    """Return a table of values without its English names."""
    if isinstance(value, Mapping):
        return {k: _in_chinese(v) for k, v in value.items() if k != "name_en"}
    return [_in_chinese(v) for v in value] if isinstance(value, list) else value


def settings_words(text: Iterable[tuple[str, str]]) -> Text:
    """
    Return what region.toml says of an input, in one line (输入设置).

    Parameters
    ----------
    text : iterable of (str, str)
        Keys, and their values as they are shown.

    Examples
    --------
    >>> settings_words([("path", "dem.tif"), ("unit", "m")]).zh
    '文件 dem.tif；单位 m'
    """
    pairs = list(text)
    zh = "；".join(f"{SETTING_NAMES.get(key, key)} {value}" for key, value in pairs)
    return Text(zh, "; ".join(f"{key} = {value}" for key, value in pairs))
