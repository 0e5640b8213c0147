"""Columns and dictionaries of disturbance patches (扰动图斑字段与字典), from ``patches.toml``: all of it a draft."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "patches.toml"
UNSAID = "unsaid"
"""Code of what a file does not say; shown as 未填."""
UNSAID_COLOR = "#c4c9c6"


@dataclass(frozen=True)
class Word:
    """
    A word of a dictionary (字典项).

    Attributes
    ----------
    code, name, color : str
    aliases : tuple of str
        What files write for it.
    suspected, violation : bool
        Of compliance: whether it is a finding to be looked into, or one that was confirmed.
    """

    code: str
    name: str
    color: str = "#888888"
    aliases: tuple[str, ...] = ()
    suspected: bool = False
    violation: bool = False


@dataclass(frozen=True)
class Field:
    """
    A column of patches (图斑字段).

    Attributes
    ----------
    key, name : str
    aliases : tuple of str
        Names of columns that are taken for it.
    dictionary : str
        Where its values come from; empty for free text, numbers and dates.
    needed : bool
    unit, note : str
    """

    key: str
    name: str
    aliases: tuple[str, ...]
    dictionary: str = ""
    needed: bool = False
    unit: str = ""
    note: str = ""


@lru_cache(maxsize=1)
def _book() -> dict[str, Any]:
    return tomllib.loads(PATH.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def fields() -> tuple[Field, ...]:
    """Return the columns that patches may have (字段)."""
    return tuple(Field(**{**given, "aliases": tuple(given["aliases"])}) for given in _book()["fields"])


def names_for_the_trail() -> dict[str, str]:
    """Return what the columns of patches are called wherever an import keeps them by their keys (留痕用词)."""
    return {
        f"{kept}/{field.key}": field.name for field in fields() for kept in ("columns", "words", "unknown", "meant")
    }


@lru_cache(maxsize=8)
def dictionary(name: str) -> tuple[Word, ...]:
    """
    Return the words of a dictionary (字典).

    Parameters
    ----------
    name : {"type", "change", "state", "compliance"}
    """
    return tuple(Word(**{**given, "aliases": tuple(given["aliases"])}) for given in _book()["dictionaries"][name])


def label(name: str, code: str) -> str:
    """
    Return the Chinese of a code (字典名称).

    Examples
    --------
    >>> label("compliance", "unapproved"), label("type", ""), label("type", "x")
    ('未批先建', '未填', 'x')
    """
    if code in ("", UNSAID):
        return "未填"
    return next((word.name for word in dictionary(name) if word.code == code), code)


def told() -> dict[str, str]:
    """Return source, clause and status of the columns and dictionaries (出处)."""
    return {key: _book()[key] for key in ("status", "source", "clause")}


def least_hm2() -> float:
    """Return the area, hm², below which a patch is pointed out (最小图斑面积)."""
    return float(_book()["area"]["least_hm2"]["value"])


def plain(text: Any) -> str:
    """
    Return a word as words are compared: without spaces, brackets all alike, small letters (比较用写法).

    Examples
    --------
    >>> plain(" 弃土（渣）场 ") == plain("弃土(渣)场"), plain("QDNM")
    (True, 'qdnm')
    """
    return re.sub(r"[\s_]", "", str(text)).replace("（", "(").replace("）", ")").lower()


def guess(columns: Iterable[str]) -> dict[str, str]:
    """
    Return the column of a file that each of ours is most likely in (列对照).

    Parameters
    ----------
    columns : iterable of str

    Returns
    -------
    dict of str to str
        Column of the file by our key; those that nothing resembles are not in it.

    Examples
    --------
    >>> guess(["QDNM", "合规性", "phone"])
    {'number': 'QDNM', 'compliance': '合规性'}
    """
    there = {plain(column): column for column in reversed(list(columns))}
    found: dict[str, str] = {}
    for field in fields():
        for alias in field.aliases:
            column = there.get(plain(alias))
            if column is not None and column not in found.values():
                found[field.key] = column
                break
    return found


def code_of(name: str, value: Any) -> str | None:
    """
    Return the code that a file's word stands for; empty for none said, None for a word that is not known (取字典代码).

    Examples
    --------
    >>> code_of("type", "弃土(渣)场"), code_of("type", ""), code_of("type", "矿山"), code_of("state", "built")
    ('spoil', '', None, 'built')
    """
    text = plain(value)
    if text in ("", "none", "nan", "null", "未填"):
        return ""
    return _codes(name).get(text)


@lru_cache(maxsize=8)
def _codes(name: str) -> Mapping[str, str]:
    return {plain(said): word.code for word in dictionary(name) for said in (word.code, word.name, *word.aliases)}
