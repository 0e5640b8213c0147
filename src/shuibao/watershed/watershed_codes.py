"""Codes of small watersheds by schemes that can be exchanged (小流域代码)."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from shuibao.messages import CallError, ShuibaoError
from shuibao.rules import Rules
from shuibao.watershed.small_watersheds import SmallWatersheds

SERIAL = 4
"""Digits of a serial number within a county, and of a basin (chosen)."""

COUNTY_DIGITS = 6
"""Digits of a county in GB/T 2260."""

SHORTEST = {"county": COUNTY_DIGITS + SERIAL, "tree": SERIAL}
"""Characters that a code of a scheme has at least: county and serial; a basin that is one unit."""

COUNTY_CODE = re.compile(rf"[0-9]{{{COUNTY_DIGITS}}}", re.ASCII)
CODE = re.compile(r"[0-9A-Z]+", re.ASCII)


class CodeScheme(Protocol):
    """
    A way to code small watersheds (编码方案).

    Attributes
    ----------
    name : str
        How rules and messages call it.
    """

    name: str

    def codes(self, units: SmallWatersheds, county: Sequence[str]) -> list[str]:
        """
        Return the code of each unit 1..U (各单元代码).

        Parameters
        ----------
        units : SmallWatersheds
            The units, numbered downstream.
        county : sequence of str
            Code of the main county of each unit.
        """
        ...


class CountyScheme:
    """
    Code of the county with the largest share, and a serial number down the water (县码加序号).

    Attributes
    ----------
    name : str
        ``"county"``.

    Notes
    -----
    Six digits of GB/T 2260 and four of the serial, for instance ``1409310001``. SL 653 has its own digits, which
    could not be read: this scheme is a draft.
    """

    name = "county"

    def codes(self, units: SmallWatersheds, county: Sequence[str]) -> list[str]:
        """
        Return the code of each unit 1..U (各单元代码).

        Parameters
        ----------
        units : SmallWatersheds
            The units, numbered downstream.
        county : sequence of str
            Six-digit code of the main county of each unit.

        Raises
        ------
        ShuibaoError
            If a unit has no county of six digits, or a county has more units than the serial has numbers.
        """
        if len(county) != units.number:
            raise CallError(
                f"“county”方案要求每个小流域一个主县：小流域 {units.number} 个，县码 {len(county)} 个。",
                f"the scheme 'county' needs one main county per unit: {units.number} units, {len(county)} codes.",
            )
        serial: Counter[str] = Counter()
        result = []
        for unit, code in enumerate(county, start=1):
            if not COUNTY_CODE.fullmatch(code):
                raise ShuibaoError(
                    f"第 {unit} 号小流域的主县代码应为 6 位数字，现为“{code}”；请补县界，或改用“tree”方案。",
                    f"the main county of unit {unit} must have a code of six digits, not '{code}'; complete the"
                    " county boundaries, or use the scheme 'tree'.",
                )
            serial[code] += 1
            if serial[code] >= 10**SERIAL:
                raise ShuibaoError(
                    f"{code} 的小流域多于 {10**SERIAL - 1} 个，{SERIAL} 位序号不够；请核对面积下限。",
                    f"{code} has more than {10**SERIAL - 1} units, too many for {SERIAL} digits; check the least area.",
                )
            result.append(f"{code}{serial[code]:0{SERIAL}d}")
        return result


class TreeScheme:
    """
    Serial number of the basin, and the place of the unit in its drainage tree (流域树码).

    Attributes
    ----------
    name : str
        ``"tree"``.

    Notes
    -----
    After four digits of the basin come digits in the manner of Pfafstetter: of a stretch of main stream the four
    largest tributaries take 2, 4, 6, 8 from below, what lies between 1, 3, 5, 7, 9; a stretch without tributaries is
    divided into up to nine. What begins alike belongs together. Zeros fill up to one length.
    """

    name = "tree"

    def codes(self, units: SmallWatersheds, county: Sequence[str]) -> list[str]:
        """
        Return the code of each unit 1..U (各单元代码).

        Parameters
        ----------
        units : SmallWatersheds
            The units, numbered downstream.
        county : sequence of str
            Not looked at.

        Raises
        ------
        ShuibaoError
            If there are more basins than the serial has numbers.
        """
        above: list[list[int]] = [[] for _ in range(units.number + 1)]
        for unit, below in zip(units.unit.tolist(), units.down.tolist(), strict=True):
            above[below].append(unit)
        if len(above[0]) >= 10**SERIAL:
            raise ShuibaoError(
                f"流域多于 {10**SERIAL - 1} 个，{SERIAL} 位序号不够；请用“county”方案。",
                f"more than {10**SERIAL - 1} basins, too many for {SERIAL} digits; use the scheme 'county'.",
            )
        total = [0, *units.total.tolist()]
        digits = [""] * (units.number + 1)
        for serial, root in enumerate(above[0], start=1):
            _number_tree(root, above, total, f"{serial:0{SERIAL}d}", digits)
        length = max(map(len, digits))
        return [code.ljust(length, "0") for code in digits[1:]]


def _number_tree(root: int, above: list[list[int]], total: list[int], prefix: str, digits: list[str]) -> None:
    """Write the code of every unit of a basin."""
    waiting = [(prefix, _stem(root, above, total), _tributaries(root, above, total))]
    while waiting:
        prefix, stem, joining = waiting.pop()
        if len(stem) == 1 and not joining:
            digits[stem[0]] = prefix
            continue
        if not joining:
            size = -(-len(stem) // 9)
            parts = [stem[k : k + size] for k in range(0, len(stem), size)]
            waiting += [(f"{prefix}{k}", part, []) for k, part in enumerate(parts, start=1)]
            continue
        place = {unit: k for k, unit in enumerate(stem)}
        largest = sorted(joining, key=lambda pair: (-total[pair[1]], pair[1]))[:4]
        largest.sort(key=lambda pair: (place[pair[0]], -total[pair[1]], pair[1]))
        start, digit = 0, 1
        for where, tributary in largest:
            end = place[where] + 1
            waiting += _stretch(f"{prefix}{digit}", stem[start:end], joining, largest)
            own = _tributaries(tributary, above, total)
            waiting.append((f"{prefix}{digit + 1}", _stem(tributary, above, total), own))
            start, digit = end, digit + 2
        waiting += _stretch(f"{prefix}{digit}", stem[start:], joining, largest)


Joining = list[tuple[int, int]]
"""Pairs of a unit on a main stream and a tributary that drains into it."""


def _stretch(prefix: str, stem: list[int], joining: Joining, taken: Joining) -> list[tuple[str, list[int], Joining]]:
    """Return a stretch of main stream that is left to number, none if it is empty."""
    if not stem:
        return []
    return [(prefix, stem, [pair for pair in joining if pair[0] in stem and pair not in taken])]


def _stem(unit: int, above: list[list[int]], total: list[int]) -> list[int]:
    """Return the main stream from a unit up: always to the tributary with the largest area."""
    stem = [unit]
    while above[stem[-1]]:
        stem.append(max(above[stem[-1]], key=lambda u: (total[u], -u)))
    return stem


def _tributaries(unit: int, above: list[list[int]], total: list[int]) -> Joining:
    """Return what joins the main stream from a unit up."""
    stem = _stem(unit, above, total)
    return [
        (here, other)
        for here, after in zip(stem, [*stem[1:], 0], strict=True)
        for other in above[here]
        if other != after
    ]


CODE_SCHEMES: dict[str, CodeScheme] = {scheme.name: scheme for scheme in (CountyScheme(), TreeScheme())}
"""The schemes that come with the package; others need only be :class:`CodeScheme`."""


def code_scheme(name: str) -> CodeScheme:
    """
    Return a scheme by its name (取编码方案).

    Parameters
    ----------
    name : str
        ``"county"`` or ``"tree"``.

    Raises
    ------
    CallError
        There is no such scheme.

    Examples
    --------
    >>> code_scheme("county").name
    'county'
    """
    if name not in CODE_SCHEMES:
        known = "、".join(CODE_SCHEMES)
        raise CallError(
            f"没有编码方案“{name}”；现有：{known}。", f"no code scheme '{name}'; there are: {', '.join(CODE_SCHEMES)}."
        )
    return CODE_SCHEMES[name]


def longest_code(rules: Rules, scheme: str) -> int:
    """
    Return the most characters that a code may have, refusing what no code of a scheme can keep to (代码最大长度).

    Parameters
    ----------
    rules : Rules
        Must hold ``watershed.wscd_length``, characters.
    scheme : str
        Name of the scheme; of one that does not come with the package nothing but one character is asked.

    Returns
    -------
    int
        Whether the codes of the scheme ``"tree"`` keep to it is known only when they are made: they grow with the
        number of units in a basin.

    Raises
    ------
    CallError
        If the length is not a whole number, or shorter than the shortest code of the scheme.

    Examples
    --------
    >>> from shuibao.rules import load_rules
    >>> longest_code(load_rules(["national"]), "county")
    16
    """
    key = "watershed.wscd_length"
    given, least = rules.value(key), SHORTEST.get(scheme, 1)
    if isinstance(given, int | float) and math.isfinite(given) and given == int(given) and given >= least:
        return int(given)
    raise CallError(
        f"规则包中 {key}（代码最大长度）为 {given}；“{scheme}”方案的代码至少 {least} 位，应为不小于 {least} 的整数。"
        "请改规则包，或改 region.toml 的 water.code_scheme。",
        f"{key}, the greatest length of a code, is {given} in the rule packs; codes of the scheme '{scheme}' have at least"
        f" {least} characters, and it must be a whole number not below that. Change the rule packs, or water.code_scheme in"
        " region.toml.",
    )


def check_codes(codes: Sequence[str], longest: int) -> None:
    """
    Refuse codes that cannot be used: too long, of other characters than 0–9 and A–Z, or not unique (代码检查).

    Parameters
    ----------
    codes : sequence of str
        Code of each unit 1..U.
    longest : int
        Most characters of a code, from ``watershed.wscd_length``.

    Raises
    ------
    ShuibaoError
        Names the first unit whose code is refused, and why.

    Examples
    --------
    >>> check_codes(["1409310001", "1409310002"], 16)
    """
    for unit, code in enumerate(codes, start=1):
        if len(code) > longest:
            zh, en = f"有 {len(code)} 位，最多 {longest} 位", f"has {len(code)} characters, more than {longest}"
        elif not CODE.fullmatch(code):
            zh, en = "只能用数字与大写字母", "must be of digits and capital letters"
        else:
            continue
        raise ShuibaoError(
            f"第 {unit} 号小流域的代码“{code}”{zh}；请改编码方案。",
            f"the code '{code}' of unit {unit} {en}; change the code scheme.",
        )
    first: dict[str, int] = {}
    for unit, code in enumerate(codes, start=1):
        if first.setdefault(code, unit) != unit:
            raise ShuibaoError(
                f"第 {first[code]} 号与第 {unit} 号小流域的代码同为“{code}”；请改编码方案。",
                f"units {first[code]} and {unit} both have the code '{code}'; change the code scheme.",
            )
