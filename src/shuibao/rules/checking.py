"""
What is wrong with a rule pack (规则包的检查).

A pack is looked at by itself: words, units, sources, statuses, keys that exist; and beside the packs that came before:
units that agree, values of the right kind. It is what ``load_rules`` refuses on and what ``shuibao rules check`` prints.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from shuibao.messages import Finding
from shuibao.rules.citation import BASES, CONFIDENCES, STATUSES, VERIFIABLE, Citation, Parameter
from shuibao.rules.pack import (
    KINDS,
    OWN_TABLES,
    PACK_WORDS,
    SOURCE_WORDS,
    VALUE_WORDS,
    Entry,
    Pack,
    pack_ids,
    read_pack,
)
from shuibao.rules.structure import check_structure
from shuibao.rules.suggestion import suggestion

REQUIRED = ("value", "unit", "source", "status")
"""What every value must have, from its own table or the one around it."""

OPEN_TABLES = ("measure", "tillage", "tolerable_loss", "zone_duty", "key_zone_rule", "fragile_rule")
"""Tables to which a user's own pack may add keys; so may every ``scheme_…``."""


def faults_of(pack: Pack, sources: Mapping[str, Citation], earlier: Mapping[str, Parameter]) -> list[Finding]:
    """
    Return all that is wrong with a pack, by itself and beside the packs before it (检查规则包).

    Parameters
    ----------
    pack : Pack
        The pack.
    sources : mapping of str to Citation
        The documents it may cite: its own and those of the packs it includes.
    earlier : mapping of str to Parameter
        The values of the packs before it.

    Returns
    -------
    list of Finding
        What is wrong with the form of the pack, then what is wrong with values whose own form is in order.
    """
    form = [*_check_head(pack)]
    known = _named_by() if pack.id not in pack_ids() else {}
    sound = []
    for entry in pack.entries:
        where = f"{pack.where}:{entry.key}"
        unknown = list(_check_key(entry.key, where, known)) if known else []
        found = unknown or list(_check_entry(entry, where, sources))
        form += found
        sound += [] if found else [entry]
    return form + _check_content(pack, sound, earlier)


def _check_content(pack: Pack, entries: Iterable[Entry], earlier: Mapping[str, Parameter]) -> list[Finding]:
    """Return what is wrong with values, whose form is in order, beside the packs before."""
    found: list[Finding] = []
    given = {e.key: e.words["value"] for e in pack.entries if "value" in e.words}
    values = {key: p.value for key, p in earlier.items()} | given
    for entry in entries:
        where = f"{pack.where}:{entry.key}"
        if entry.key in earlier:
            found += _check_override(entry, where, earlier[entry.key])
        elif not {"name", "name_en"} <= set(entry.words):
            found.append(_no_name(entry.key, where))
        found += check_structure(entry.key, entry.words["value"], str(entry.words["unit"]), where, values)
    return found


def _error(where: str, zh: str, en: str) -> Finding:
    return Finding("error", where, zh, en)


def _check_head(pack: Pack) -> Iterator[Finding]:
    where = f"{pack.where}:pack"
    yield from _check_words(pack.raw["pack"], PACK_WORDS, where)
    for word in ("title", "title_en"):
        if not pack.raw["pack"].get(word):
            yield _error(where, f"缺少 {word}。请补上。", f"'{word}' is missing. Add it.")
    yield from _check_texts(pack.raw["pack"], ("title", "title_en", "number", "note"), where)
    kind = pack.raw["pack"].get("kind", KINDS[0])
    if kind not in KINDS:
        yield _error(
            where,
            f"kind 是“{kind}”，只能是：{'、'.join(KINDS)}。",
            f"kind is '{kind}', must be one of: {', '.join(KINDS)}.",
        )
    for key, source in pack.raw.get("sources", {}).items():
        yield from _check_words(source, SOURCE_WORDS, f"{pack.where}:sources.{key}")
        if not source.get("title"):
            yield _error(f"{pack.where}:sources.{key}", "缺少 title。请补上。", "'title' is missing. Add it.")
        yield from _check_texts(source, ("title", "title_en", "number", "note"), f"{pack.where}:sources.{key}")
    for table in pack.raw:
        if table not in OWN_TABLES and not any(entry.key.startswith(f"{table}.") for entry in pack.entries):
            yield _error(f"{pack.where}:{table}", "表中没有值。请补上或删去。", "holds no value. Add one or remove it.")


def _check_words(content: Mapping[str, Any], known: Collection[str], where: str) -> Iterator[Finding]:
    for word in content:
        if word not in known:
            zh_hint, en_hint = suggestion(word, known)
            yield _error(
                where,
                f"不认识“{word}”。{zh_hint}可用：{'、'.join(known)}。",
                f"'{word}' is not known. {en_hint}Allowed: {', '.join(known)}.",
            )


def _check_texts(content: Mapping[str, Any], words: Iterable[str], where: str) -> Iterator[Finding]:
    for word in words:
        value = content.get(word, "")
        if not isinstance(value, str):
            yield _error(
                where,
                f"{word} 是{_kind(value)[0]} {value!r}，应是文字。请写成一段加引号的文字。",
                f"{word} is a {_kind(value)[1]} {value!r}, should be text. Write one text in quotes.",
            )


def _check_entry(entry: Entry, where: str, sources: Mapping[str, Citation]) -> Iterator[Finding]:
    words = entry.words
    yield from _check_words(words, VALUE_WORDS, where)
    for word in REQUIRED:
        if words.get(word) in (None, ""):
            yield _error(where, f"缺少 {word}。请补上。", f"'{word}' is missing. Add it.")
    for word, allowed in (("status", STATUSES), ("basis", BASES), ("confidence", CONFIDENCES)):
        if word in words and words[word] not in allowed:
            yield _error(
                where,
                f"{word} 是“{words[word]}”，只能是：{'、'.join(allowed)}。",
                f"{word} is '{words[word]}', must be one of: {', '.join(allowed)}.",
            )
    if words.get("status") == "verified" and words.get("basis", VERIFIABLE[0]) not in VERIFIABLE:
        yield _error(
            where,
            f"basis 是“{words['basis']}”，没有读过来源，status 不能是 verified。请改为 draft。",
            f"basis is '{words['basis']}': the source was not read, so status cannot be verified. Make it draft.",
        )
    yield from _check_texts(words, ("unit", "source", "clause", "note", "name", "name_en"), where)
    source = words.get("source")
    if not isinstance(source, str) or not source:
        return
    if source not in sources:
        zh_hint, en_hint = suggestion(source, sources)
        yield _error(
            where,
            f"source“{source}”没有说明。{zh_hint}请在 [sources.{source}] 写明文献名称。",
            f"source '{source}' is not described. {en_hint}Give its title under [sources.{source}].",
        )
    elif words.get("status") == "verified" and not sources[source].read:
        yield _error(
            where,
            f"source“{source}”没有读过（read = false），status 不能是 verified。请改为 draft。",
            f"source '{source}' was not read (read = false), so status cannot be verified. Make it draft.",
        )


@lru_cache(maxsize=1)
def _named_by() -> dict[str, str]:
    """Return every key of the packs that come along, with the pack to include for its name."""
    common = {"national", *read_pack("national").includes}
    packs = sorted(map(read_pack, pack_ids()), key=lambda pack: (pack.id not in common, pack.id))
    found: dict[str, str] = {}
    for pack in packs:
        for entry in pack.entries:
            if {"name", "name_en"} <= set(entry.words):
                found.setdefault(entry.key, "national" if pack.id in common else pack.id)
    return dict(sorted(found.items()))


def _no_name(key: str, where: str) -> Finding:
    """Return what to do about a value without a name: a new one needs one, a known one its pack."""
    giver = _named_by().get(key)
    if giver is None:
        return _error(where, "缺少 name 或 name_en（中英文名称）。请补上。", "name or name_en is missing. Add it.")
    return _error(
        where,
        f'这个值在规则包 {giver} 中，而 {giver} 没有排在前面。请在 [pack] 写 includes = ["{giver}"]，'
        f'或在 region.toml 写 rules = ["{giver}", …]；若是另起的新值，请补上 name 与 name_en。',
        f'this value is of the pack {giver}, which does not come before. Write includes = ["{giver}"] under [pack], '
        f'or rules = ["{giver}", …] in region.toml; if the value is a new one, name or name_en is missing.',
    )


def _check_key(key: str, where: str, known: Iterable[str]) -> Iterator[Finding]:
    table = key.partition(".")[0]
    if key in known or table in OPEN_TABLES or (table.startswith("scheme_") and key.endswith(".classes")):
        return
    zh_hint, en_hint = suggestion(key, known)
    yield _error(
        where,
        f"没有这个规则键。{zh_hint}全部键见 shuibao rules show national。",
        f"there is no such rule. {en_hint}See shuibao rules show national for all keys.",
    )


def _kind(value: Any) -> tuple[str, str]:
    if isinstance(value, bool):
        return "真假值", "truth value"
    if isinstance(value, (int, float)):
        return "数", "number"
    if isinstance(value, str):
        return "文字", "text"
    return ("列表", "list") if isinstance(value, list) else ("表", "mapping")


def _check_override(entry: Entry, where: str, earlier: Parameter) -> Iterator[Finding]:
    kind, expected = _kind(entry.words["value"]), _kind(earlier.value)
    if kind != expected:
        yield _error(
            where,
            f"值是{kind[0]}，应是{expected[0]}（{earlier.pack} 中为 {earlier.value!r}）。",
            f"the value is a {kind[1]}, should be a {expected[1]} (in {earlier.pack}: {earlier.value!r}).",
        )
    if entry.words["unit"] != earlier.unit:
        yield _error(
            where,
            f"单位是“{entry.words['unit']}”，应是“{earlier.unit}”。请换算后填写。",
            f"the unit is '{entry.words['unit']}', should be '{earlier.unit}'. Convert the value.",
        )
