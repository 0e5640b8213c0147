"""The list of packs, what is in one, and what is wrong with one, as plain data for whoever prints it (规则包目录)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shuibao.messages import Finding, ShuibaoError
from shuibao.rules.checking import faults_of
from shuibao.rules.citation import Citation, Parameter
from shuibao.rules.pack import Pack, pack_ids, parameter, read_pack
from shuibao.rules.rulebook import Rules, load_rules, ordered_packs
from shuibao.rules.target_form import check_target_form
from shuibao.rules.targets import Targets, load_targets, read_targets, target_ids


@dataclass(frozen=True)
class PackSummary:
    """
    One line of the list of packs (规则包概况).

    Parameters
    ----------
    id, title, title_en, number : str
        Id, titles, and the number of the standard it transcribes.
    kind : {"rules", "scheme", "targets"}
        Values, a land-use crosswalk, or conservation-rate targets.
    values, verified, draft : int
        How many values it sets, and how many of them are verified and draft.
    includes : tuple of str
        Packs that it brings along.
    """

    id: str
    title: str
    title_en: str
    number: str
    kind: Literal["rules", "scheme", "targets"]
    values: int
    verified: int
    draft: int
    includes: tuple[str, ...]


def list_packs() -> list[PackSummary]:
    """
    Return a line for every pack that comes with the package: rules, then crosswalks, then targets (列出规则包).

    Examples
    --------
    >>> [line.id for line in list_packs() if line.kind == "targets"]
    ['hebei', 'jilin', 'nation', 'xinzhou']
    """
    lines = [_summary(read_pack(name)) for name in pack_ids()]
    lines.sort(key=lambda line: (line.kind != "rules", line.id))
    return lines + [_target_summary(load_targets(name)) for name in target_ids()]


def describe(what: Rules | Targets | str | Path) -> list[dict[str, Any]]:
    """
    Return what is in force or in a pack, one mapping per value (查看规则).

    Parameters
    ----------
    what : Rules, Targets, str or Path
        Rules that were loaded; targets; or the id or file of a pack. Of a pack, the values that it sets itself are
        shown; of a collection such as ``national``, all that it brings along. Target packs are also found, those
        whose id is a rule pack's too as ``targets/ID``.

    Returns
    -------
    list of dict
        For rules: ``key, value, unit, status, basis, confidence, source, clause, pack, name, name_en, note``, by key.
        For targets: ``code, name, name_en``, a column per year, ``unit, status, source, clause``, the region last.

    Examples
    --------
    >>> [row["value"] for row in describe("jilin") if row["key"] == "steep_slope.angle"]
    [20]
    >>> describe("targets/jilin")[0]["2025"]
    80.21
    """
    if isinstance(what, Targets):
        return _target_rows(what)
    if isinstance(what, Rules):
        return [p.record() for p in what.parameters()]
    target = _target_pack(what)
    if target is not None:
        return _target_rows(load_targets(target))
    rules = load_rules([what])
    pack = rules.packs[-1]
    whole = pack.raw["pack"].get("kind") == "collection"
    return [p.record() for p in rules.parameters() if whole or p.pack == pack.id]


def check_pack(name: str | Path) -> list[Finding]:
    """
    Return everything that is wrong with a rule or target pack, all at once (检查规则包).

    Parameters
    ----------
    name : str or Path
        Id of a pack that comes with the package, or the path of a TOML file of rules or targets.

    Returns
    -------
    list of Finding
        Empty if the pack is in order. A file that cannot be read is a finding too. A user's pack that includes none is
        looked at as coming after ``national``, and a warning says so.

    Raises
    ------
    CallError
        No pack has this id.
    """
    if not str(name).endswith(".toml") and _target_pack(name) is None:
        read_pack(name)
    try:
        target = _target_pack(name)
        if target is not None:
            return check_target_form(*read_targets(target))
        packs = ordered_packs([name])
        alone = len(packs) == 1 and str(name).endswith(".toml")
        packs = ordered_packs(["national", name]) if alone else packs
    except ShuibaoError as error:
        where = Path(name).name
        return [Finding("error", where, error.zh.removeprefix(f"{where}："), error.en.removeprefix(f"{where}: "))]
    sources: dict[str, Citation] = {}
    earlier: dict[str, Parameter] = {}
    for pack in packs:
        sources.update(pack.sources)
        found = faults_of(pack, sources, earlier)
        if found:
            return found
        earlier |= {entry.key: parameter(entry, pack, sources, earlier.get(entry.key)) for entry in pack.entries}
    return [_checked_over_national(packs[-1])] if alone else []


def _checked_over_national(pack: Pack) -> Finding:
    """Say that a user's pack that includes none was looked at as one that comes after ``national``."""
    return Finding(
        "warning",
        f"{pack.where}:pack",
        f'没有写 includes，按排在 national 之后检查；用时请在 region.toml 写 rules = ["national", "{pack.where}"]，'
        '或在 [pack] 写 includes = ["national"]。',
        f'has no includes; it was checked as coming after national. Use it as rules = ["national", "{pack.where}"] in '
        'region.toml, or write includes = ["national"] under [pack].',
    )


def _target_pack(name: str | Path) -> str | Path | None:
    """Return the name under which targets are loaded, or None if ``name`` is not that of targets."""
    if str(name).endswith(".toml"):
        return name if "targets" in read_targets(name)[0] else None
    bare = str(name).removeprefix("targets/")
    return bare if bare in target_ids() and (bare != str(name) or bare not in pack_ids()) else None


def check_all_packs() -> dict[str, list[Finding]]:
    """
    Return the findings of every pack that comes with the package, by id; targets as ``targets/ID`` (检查全部).

    Examples
    --------
    >>> any(check_all_packs().values())
    False
    """
    rules = {name: check_pack(name) for name in pack_ids()}
    return rules | {f"targets/{name}": check_pack(f"targets/{name}") for name in target_ids()}


def _summary(pack: Pack) -> PackSummary:
    statuses = [str(entry.words.get("status")) for entry in pack.entries]
    return PackSummary(
        id=pack.id,
        title=pack.title,
        title_en=pack.title_en,
        number=pack.number,
        kind="scheme" if pack.raw["pack"].get("kind") == "scheme" else "rules",
        values=len(statuses),
        verified=statuses.count("verified"),
        draft=statuses.count("draft"),
        includes=pack.includes,
    )


def _target_summary(targets: Targets) -> PackSummary:
    values = len(targets.totals) + sum(len(entry.percent) for entry in targets.entries)
    verified = values if targets.status == "verified" else 0
    return PackSummary(
        targets.id, targets.title, targets.title_en, targets.citation.number, "targets",
        values, verified, values - verified, (),
    )  # fmt: skip


def _target_rows(targets: Targets) -> list[dict[str, Any]]:
    ground = {"unit": "percent", "status": targets.status, "source": targets.source, "clause": targets.clause}

    def row(code: str, name: str, name_en: str, percent: Mapping[int, float]) -> dict[str, Any]:
        years = {str(year): percent.get(year) for year in targets.years()}
        return {"code": code, "name": name, "name_en": name_en, **years, **ground}

    counties = [row(entry.code, entry.name, entry.name_en, entry.percent) for entry in targets.entries]
    return [*counties, row(targets.code, targets.name, targets.name_en, targets.totals)]
