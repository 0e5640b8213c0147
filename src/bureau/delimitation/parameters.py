"""
Parameters of a drawing that an office may choose (划定参数): drafts alone.

What a law or a document fixes is not chosen here. What is chosen is written as a rule pack of its own into the region
folder, after the others, so that every result says what it was drawn by.
"""

from __future__ import annotations

import math
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bureau.refusal import Refusal
from shuibao.rules import Parameter, Rules, load_rules
from shuibao.rules.catalogue import check_pack
from shuibao.survey.making import toml
from shuibao.survey.region import Region, load_region

OWN = "platform-rules.toml"
"""The pack of what was chosen, in the region folder."""
TABLES = {
    "steep_slope": ("steep_slope",), "severe_fragile": ("severe_fragile", "fragile_rule"),
    "prevention_treatment": ("key_zone", "key_zone_rule"),
}  # fmt: skip
"""Tables of rules that each theme is drawn by."""
PARTS = {"threshold": "阈值", "slope_from": "坡度不小于", "elevation_from": "高程不低于", "cover_below": "覆盖度低于"}
"""Numbers within a rule that may be chosen."""
UNITS = {"deg": "°", "hm2": "公顷", "m": "米", "km2": "km²", "percent": "%", "km km-2": "km/km²", "1": ""}
PART_UNITS = {"slope_from": "deg", "elevation_from": "m", "cover_below": "1"}
MOST = {"deg": 90.0, "percent": 100.0}
LARGEST = 1e6
_RULES = re.compile(r"(?ms)^rules\s*=\s*\[.*?\]\s*?$")


@dataclass(frozen=True)
class Setting:
    """
    A number or a yes-or-no that a theme is drawn by (参数).

    Attributes
    ----------
    id : str
        Key of the rule, and the part of it after a colon.
    name, unit : str
    given, now : float or bool
        What the packs say, and what was chosen; the same where nothing was.
    fixed : bool
        Whether a document fixes it.
    parameter : Parameter
    """

    id: str
    name: str
    unit: str
    given: Any
    now: Any
    fixed: bool
    parameter: Parameter

    @property
    def shown_unit(self) -> str:
        """Return its unit as people read it (单位)."""
        return UNITS.get(self.unit, self.unit)

    @property
    def yes_or_no(self) -> bool:
        """Return whether it is no number (是否为是否)."""
        return isinstance(self.given, bool)


def base_packs(region: Region) -> list[str | Path]:
    """
    Return the rule packs of a region without what was chosen here (原有规则包).

    Parameters
    ----------
    region : Region
    """
    return [pack for pack in region.packs if Path(pack).name != OWN]


def settings_of(region: Region, theme: str) -> list[Setting]:
    """
    Return the parameters that the zones of a theme are drawn by (划定参数).

    Parameters
    ----------
    region : Region
    theme : str
    """
    base, now = load_rules(base_packs(region)), load_rules(region.packs)
    found = []
    for parameter in base.parameters():
        if parameter.key.partition(".")[0] in TABLES[theme]:
            found += _settings(parameter, now[parameter.key].value)
    return found


def _settings(parameter: Parameter, now: Any) -> list[Setting]:
    fixed = parameter.status == "verified"
    value = parameter.value
    if isinstance(value, bool | int | float):
        return [Setting(parameter.key, parameter.name, parameter.unit, value, now, fixed, parameter)]
    if not isinstance(value, Mapping):
        return []
    return [
        Setting(
            f"{parameter.key}:{part}", f"{parameter.name}：{PARTS[part]}", PART_UNITS.get(part, parameter.unit), value[part],
            now[part], fixed, parameter,
        )
        for part in PARTS if isinstance(value.get(part), int | float)
    ]  # fmt: skip


def names() -> dict[str, str]:
    """Return what the parameters of zones are called, by the keys under which orders keep them (参数名称)."""
    found = {}
    for parameter in load_rules(["national"]).parameters():
        found[parameter.key] = parameter.name
        found |= {f"{parameter.key}:{part}": f"{parameter.name}：{word}" for part, word in PARTS.items()}
    return found


def chosen(settings: Sequence[Setting], given: Mapping[str, str]) -> dict[str, Any]:
    """
    Return what is chosen otherwise than the packs say (选定的参数).

    Parameters
    ----------
    settings : sequence of Setting
    given : mapping of str to str
        As typed, by id; what is not there, or empty, is as the packs say.

    Raises
    ------
    Refusal
        If something is no number, or out of all bounds.
    """
    found: dict[str, Any] = {}
    for setting in settings:
        text = given.get(setting.id, "").strip()
        if setting.fixed or not text:
            continue
        value = text == "yes" if setting.yes_or_no else _number(setting, text)
        if value != setting.given:
            found[setting.id] = value
    return found


def _number(setting: Setting, text: str) -> float | int:
    most = MOST.get(setting.unit, LARGEST)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise Refusal(
            "wrong-parameter",
            f"“{setting.name}”填的是“{text[:20]}”；应为 0～{most:g} 之间的数（{setting.shown_unit or '无单位'}）。",
        )
    return int(value) if value == int(value) else value


def pack_of(region: Region, values: Mapping[str, Any], said: str) -> str:
    """
    Return a rule pack of what was chosen (成规则包).

    Parameters
    ----------
    region : Region
        Whose packs it comes after.
    values : mapping of str to number or bool
        By id of the setting.
    said : str
        Who chose it, when and where.

    Raises
    ------
    Refusal
        If the pack does not hold; with what is wrong.
    """
    rules = load_rules(base_packs(region))
    lines = [
        "[pack]", 'id = "platform-rules"', 'title = "本次划定选定的参数"', 'title_en = "Parameters chosen for this delimitation"',
        "", "[sources.office]", f"title = {toml(said)}", f"title_en = {toml(said)}", "read = true", "",
    ]  # fmt: skip
    for key, value in _whole(rules, values).items():
        told = rules[key]
        lines += [
            f"[{key}]", f"value = {toml(value)}", f"unit = {toml(told.unit)}", f"name = {toml(told.name)}",
            f"name_en = {toml(told.name_en)}", 'source = "office"', 'status = "draft"', 'basis = "chosen"', 'confidence = "L"',
            f"note = {toml(f'原为 {told.value}（{told.source}）')}", "",
        ]  # fmt: skip
    text = "\n".join(lines)
    with tempfile.TemporaryDirectory(prefix="rules-") as bench:
        path = Path(bench) / OWN
        path.write_text(text, encoding="utf-8")
        wrong = [finding.zh for finding in check_pack(path) if finding.severity == "error"]
    if wrong:
        raise Refusal("wrong-parameter", f"参数不合规则：{'；'.join(wrong[:3])}")
    return text


def _whole(rules: Rules, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return whole values of rules, with the parts that were chosen put in."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        key, _, part = name.partition(":")
        found[key] = {**found.get(key, rules.value(key)), part: value} if part else value
    return found


def write_pack(folder: Path, text: str) -> None:
    """
    Put a pack of what was chosen into a region folder, or take it out (写入规则包).

    Parameters
    ----------
    folder : Path
        Region folder.
    text : str
        Empty to take it out.
    """
    path = folder / "region.toml"
    names = [name for name in load_region(folder).rules if name != OWN] + ([OWN] if text else [])
    if text:
        (folder / OWN).write_text(text, encoding="utf-8")
    else:
        (folder / OWN).unlink(missing_ok=True)
    told, line = path.read_text(encoding="utf-8-sig"), f"rules = {toml(names)}"
    if _RULES.search(told):
        told = _RULES.sub(lambda _: line, told, count=1)
    else:
        told = re.sub(r"(?m)^\[region\]\s*?$", lambda found: f"{found.group()}\n{line}", told, count=1)
    path.write_text(told, encoding="utf-8")
