"""
The rules in force for a survey: packs joined, later ones over earlier ones (生效规则).

A rule that was asked for is remembered, so that a record and a report can list what a result rests on.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from shuibao.messages import CallError, ShuibaoError, counted
from shuibao.rules.checking import faults_of
from shuibao.rules.citation import Citation, Parameter
from shuibao.rules.pack import Pack, parameter, read_pack
from shuibao.rules.suggestion import suggestion


class Rules:
    """
    Rule packs joined into one, with the memory of what was asked for (生效规则).

    Parameters
    ----------
    parameters : mapping of str to Parameter
        Values by dotted key.
    packs : sequence of Pack
        The packs in the order in which they were laid over each other.

    Examples
    --------
    >>> rules = load_rules(["national", "jilin"])
    >>> rules.value("steep_slope.angle")
    20
    >>> [p.key for p in rules.used()]
    ['steep_slope.angle']
    """

    def __init__(self, parameters: Mapping[str, Parameter], packs: Sequence[Pack]) -> None:
        self._parameters = dict(sorted(parameters.items()))
        self.packs = tuple(packs)
        self._used: set[str] = set()

    def __contains__(self, key: object) -> bool:
        return key in self._parameters

    def __len__(self) -> int:
        return len(self._parameters)

    def keys(self) -> list[str]:
        """Return all keys, sorted (全部键)."""
        return list(self._parameters)

    def parameters(self) -> Iterator[Parameter]:
        """Yield all parameters by key, without remembering them as used (全部参数)."""
        yield from self._parameters.values()

    def __getitem__(self, key: str) -> Parameter:
        """
        Return a parameter and remember that it was used (取参数).

        Raises
        ------
        CallError
            There is no such key; the message proposes the nearest one.
        """
        if key not in self._parameters:
            zh_hint, en_hint = suggestion(key, self._parameters)
            zh = f"规则中没有“{key}”。{zh_hint}已载入的规则包：{'、'.join(self.pack_ids())}。"
            en = f"there is no rule '{key}'. {en_hint}Packs loaded: {', '.join(self.pack_ids())}."
            raise CallError(zh, en)
        self._used.add(key)
        return self._parameters[key]

    def value(self, key: str) -> Any:
        """Return a copy of the value of a key and remember that it was used (取值)."""
        return copy.deepcopy(self[key].value)

    def table(self, name: str) -> dict[str, Parameter]:
        """
        Return the parameters of a table by the name behind the dot, none of them remembered as used (取表).

        Examples
        --------
        >>> sorted(load_rules(["national"]).table("tolerable_loss"))[:2]
        ['north_rocky', 'north_sandy']
        """
        start = f"{name}."
        return {key.removeprefix(start): p for key, p in self._parameters.items() if key.startswith(start)}

    def scheme_ids(self) -> list[str]:
        """Return the land-use schemes that have a crosswalk, sorted (可用的地类体系)."""
        return sorted(
            key.removeprefix("scheme_").removesuffix(".classes")
            for key in self._parameters
            if key.startswith("scheme_") and key.endswith(".classes")
        )

    def scheme(self, name: str) -> dict[int, int]:
        """
        Return the crosswalk from a scheme's codes to our land-class codes, and remember it as used (地类对照).

        Parameters
        ----------
        name : str
            Id of the scheme, for instance ``"gb21010"``.

        Raises
        ------
        CallError
            There is no such scheme; the message lists those there are.

        Examples
        --------
        >>> load_rules(["national"]).scheme("gb21010")[103]
        3
        """
        key = f"scheme_{name.replace('-', '_')}.classes"
        if key not in self:
            known = self.scheme_ids()
            zh_hint, en_hint = suggestion(name, known)
            zh = f"没有名为“{name}”的地类体系。{zh_hint}可用：{'、'.join(known)}。"
            en = f"there is no land-use scheme '{name}'. {en_hint}Available: {', '.join(known)}."
            raise CallError(zh, en)
        codes = {entry["id"]: int(entry["code"]) for entry in self["land_class.classes"].value}
        return {int(entry["code"]): codes[entry["land_class"]] for entry in self[key].value}

    def used(self) -> list[Parameter]:
        """Return the parameters that were asked for, sorted by key (用过的参数)."""
        return [self._parameters[key] for key in sorted(self._used)]

    def forget(self) -> None:
        """Forget what was asked for, before another step begins (清除使用记录)."""
        self._used.clear()

    def pack_ids(self) -> list[str]:
        """Return the ids of the packs in the order in which they were joined (规则包)."""
        return [pack.id for pack in self.packs]

    def digest(self, keys: Iterable[str] | None = None) -> str:
        """
        Return the SHA-256 of the rules' content (规则摘要).

        Parameters
        ----------
        keys : iterable of str, optional
            Only these keys; without it, all.

        Returns
        -------
        str
            64 hexadecimal digits. The same on every machine; it changes with any value, unit, status or source.
        """
        chosen = self._parameters if keys is None else {key: self._parameters[key] for key in sorted(set(keys))}
        content = [p.record() for p in chosen.values()]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def ordered_packs(names: Sequence[str | Path]) -> list[Pack]:
    """
    Return the packs that ``names`` ask for, each once, those it includes before it (规则包次序).

    A file that a user's own pack includes is looked for beside that pack.

    Raises
    ------
    ShuibaoError
        Two packs include each other, or two that differ have the same id.
    """
    order: dict[str, Pack] = {}

    def visit(name: str | Path, path: tuple[Pack, ...]) -> None:
        pack = read_pack(name)
        for earlier in (*path, *order.values()):
            _refuse_other(earlier, pack)
        if pack.id in [earlier.id for earlier in path]:
            chain = " → ".join(earlier.id for earlier in (*path, pack))
            zh = f"规则包互相包含：{chain}。请去掉其中一个 includes。"
            en = f"rule packs include each other: {chain}. Remove one of the includes."
            raise ShuibaoError(zh, en)
        if pack.id in order:
            return
        for included in pack.includes:
            visit(Path(name).parent / included if included.endswith(".toml") else included, (*path, pack))
        order[pack.id] = pack

    for name in names:
        visit(name, ())
    return list(order.values())


def _refuse_other(first: Pack, second: Pack) -> None:
    """Refuse two packs of one id, of which the second would be passed over."""
    if first.id == second.id and first.raw != second.raw:
        zh = f"{first.where} 与 {second.where} 的 id 都是“{first.id}”。请改掉其中一个 id。"
        en = f"{first.where} and {second.where} both have the id '{first.id}'. Change one of them."
        raise ShuibaoError(zh, en)


def load_rules(names: Sequence[str | Path]) -> Rules:
    """
    Read rule packs and lay them over each other, later ones over earlier ones (载入规则).

    Parameters
    ----------
    names : sequence of str or Path
        Ids of packs that come with the package, or paths of a user's own TOML packs. A pack brings the packs that it
        includes.

    Returns
    -------
    Rules
        The rules in force.

    Raises
    ------
    CallError
        A pack does not exist.
    ShuibaoError
        A pack is wrong; the message lists everything that is wrong in it.

    Examples
    --------
    >>> rules = load_rules(["national", "shanxi"])
    >>> rules["steep_slope.angle"].pack
    'shanxi'
    """
    if isinstance(names, (str, Path)):
        names = [names]
    if any(str(name).endswith(".toml") for name in names):
        return Rules(*_laid_over(tuple(names)))
    return Rules(*_shipped(tuple(str(name) for name in names)))


def _laid_over(names: tuple[str | Path, ...]) -> tuple[dict[str, Parameter], list[Pack]]:
    """Return the values in force by key, and the packs in their order; all of them are in order."""
    packs = ordered_packs(names)
    sources: dict[str, Citation] = {}
    for pack in packs:
        sources.update(pack.sources)
    parameters: dict[str, Parameter] = {}
    for pack in packs:
        findings = faults_of(pack, sources, parameters)
        errors = [f for f in findings if f.severity == "error"]
        if errors:
            zh = f"规则包 {pack.where} 有 {len(errors)} 处错误：\n" + "\n".join(f"  {f.where}：{f.zh}" for f in errors)
            en = f"rule pack {pack.where} has {counted(len(errors), 'error')}:\n" + "\n".join(
                f"  {f.where}: {f.en}" for f in errors
            )
            raise ShuibaoError(zh, en)
        for entry in pack.entries:
            parameters[entry.key] = parameter(entry, pack, sources, parameters.get(entry.key))
    return parameters, packs


@lru_cache(maxsize=64)
def _shipped(names: tuple[str, ...]) -> tuple[dict[str, Parameter], list[Pack]]:
    """Return those of packs that come with the package, which do not change; a run asks for them at every step."""
    return _laid_over(names)
