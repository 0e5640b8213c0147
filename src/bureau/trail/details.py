"""
What is kept as JSON, told in words (结构化内容说明): entry by entry, by the names that the rooms have for their keys.

A room says in its AppConfig, as ``words``, how its keys are called; ``"status=draft"`` there says how a value of a key is
called, ``"columns/number"`` what a key is called within another or within a field, and ``"RULE_*"`` how keys that begin so
are; ``words_from`` names functions that return more. A key that nobody
names, such as a column of somebody's file, stands for itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

NOTHING = "—"
WHOLE = "值"
"""What a value is called that has no entries."""
BETWEEN = " ／ "
CALLED_BY = ("name", "label", "key", "code", "text", "file")
"""Keys of an entry of a list by which it is called; the first that it has."""
DIGEST = re.compile(r"[0-9a-f]{64}")
LONGEST = 40
"""Characters of what an entry is called at most (chosen)."""
MOST = 200
"""Entries of one field that are told at most (chosen)."""


@dataclass(frozen=True)
class Item:
    """One entry that was changed (一项内容)."""

    label: str
    before: str
    after: str


@cache
def vocabulary() -> dict[str, str]:
    """Return what the rooms call their keys and values (字段用词)."""
    found: dict[str, str] = {}
    for app in apps.get_app_configs():
        found |= getattr(app, "words", {})
        for path in getattr(app, "words_from", ()):
            found |= import_string(path)()
    return found


def items(before: Any, after: Any, of: str = "") -> tuple[Item, ...]:
    """
    Return the entries in which two values differ (改动的各项).

    Parameters
    ----------
    before, after : Any
        As JSON has them; None where there was nothing.
    of : str
        Name of the field, by which the rooms may tell keys apart.

    Examples
    --------
    >>> [(i.label, i.before, i.after) for i in items({"甲": 1, "乙": {"丙": True}}, {"甲": 1, "乙": {"丙": False}})]
    [('乙 ／ 丙', '是', '否')]
    """
    was, now = (dict(_entries(value, (of,))) for value in (before, after))
    changed = [label for label in dict.fromkeys([*was, *now]) if was.get(label) != now.get(label)]
    told = [Item(label, was.get(label, NOTHING), now.get(label, NOTHING)) for label in changed[:MOST]]
    if len(changed) > MOST:
        told.append(Item(f"另有 {len(changed) - MOST} 项", NOTHING, NOTHING))
    return tuple(told)


def _entries(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the entries of a value, each by its path; what holds nothing is left out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entries(inner, (*path, str(key)))
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        counted: Counter[str] = Counter()
        for one in value:
            name, key = _name(one)
            counted[name] += 1
            last = name if counted[name] == 1 else f"{name}（{counted[name]}）"
            yield BETWEEN.join([*_labels(path), last]), _line(one, key)
    elif value not in (None, "", [], {}):
        yield BETWEEN.join(_labels(path)) or WHOLE, _word(path[-1], value)


def _labels(path: tuple[str, ...]) -> list[str]:
    """Return what the keys of a path are called; the field itself is told already."""
    return [_label(key, within) for within, key in pairwise(path)]


def _label(key: str, within: str = "") -> str:
    """Return what a key is called, within another one if it is called otherwise there."""
    words = vocabulary()
    begins = f"{key.partition('_')[0]}_*"
    return (
        words.get(f"{within}/{key}")
        or words.get(key)
        or (f"{words[begins]} {key.partition('_')[2]}" if begins in words else key)
    )


def _name(one: Any) -> tuple[str, str]:
    """Return what an entry of a list is called, and by which of its keys, if by the whole of it."""
    key = next((key for key in CALLED_BY if one.get(key)), "") if isinstance(one, dict) else ""
    name = str(one[key] if key else one if not isinstance(one, dict) else "")
    return name[:LONGEST] or "一项", key if len(name) <= LONGEST else ""


def _line(one: Any, without: str) -> str:
    """Return an entry of a list on one line, without the key by which it is called."""
    if not isinstance(one, dict):
        return _word("", one)
    left = {key: value for key, value in one.items() if key != without and value not in (None, "", [], {})}
    return "；".join(f"{_label(str(key))}：{_word(str(key), value)}" for key, value in left.items()) or "有"


def _word(key: str, value: Any) -> str:
    """Return one value in words."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, dict):
        return "，".join(f"{_label(str(k))} {_word(str(k), v)}" for k, v in value.items())
    if isinstance(value, list):
        return "、".join(_word(key, one) for one in value)
    said = str(value)
    if DIGEST.fullmatch(said):
        return f"{said[:12]}…"
    return vocabulary().get(f"{key}={said}", said)
