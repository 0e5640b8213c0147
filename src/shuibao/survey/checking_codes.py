"""Judging the codes of maps: land use, measures, tillage (分类代码检查)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from shuibao.messages import ShuibaoError, counted
from shuibao.survey.checking_layers import Look
from shuibao.survey.checking_notes import listed
from shuibao.survey.checking_tallies import Tally
from shuibao.survey.inputs import land_classes


def judge_land(look: Look, tally: Tally) -> Counter[int]:
    """
    Note land-use codes that the scheme does not have, and return the cells of each of our classes (地类代码检查).

    Parameters
    ----------
    look : Look
        Is added to.
    tally : Tally
        What the map of land use holds.
    """
    with look.notes.catching("inputs.land_use.scheme"):
        classes = land_classes(look.region, look.rules)
        known = dict(zip(classes.codes.tolist(), classes.classes.tolist(), strict=True))
        unknown = {code: cells for code, cells in tally.codes.items() if code not in known}
        if unknown:
            scheme = look.given("land_use")["scheme"]
            zh, en = _codes_listed(unknown)
            total = sum(tally.codes.values())
            share = f"{100 * sum(unknown.values()) / total:.2g} %"
            zh_more, en_more = _other_scheme(look, tally.codes, scheme)
            look.notes.error(
                "inputs.land_use",
                f"有 {len(unknown)} 种代码不在对照表 {scheme} 中（代码: 像元数）{zh}，共占 {share}；{zh_more}"
                "请改用合适的 scheme，改正这些代码，或以自己的规则包补充对照；若是缺失值，请加 nodata。",
                f"{counted(len(unknown), 'code')} not in the scheme {scheme} (code: cells): {en}; {share} in all. {en_more}"
                "Use the scheme that fits, correct the codes, or add them in a rule pack of your own; for a missing "
                "value "
                "add nodata.",
            )
        found: Counter[int] = Counter()
        for code, cells in tally.codes.items():
            found[known.get(code, 0)] += cells
        return found
    return Counter()


def _other_scheme(look: Look, codes: Mapping[int, int], scheme: str) -> tuple[str, str]:
    """Name a scheme that knows all codes of a map."""
    for other in look.rules.scheme_ids():
        if other != scheme and set(codes) <= set(look.rules.scheme(other)):
            return (
                f"这些代码全在对照表 {other} 中，是否应为它？",
                f"The scheme {other} has all of them: is it the right one? ",
            )
    return "", ""


def _codes_listed(codes: Mapping[int, int]) -> tuple[str, str]:
    ranked = sorted(codes.items(), key=lambda item: (-item[1], item[0]))
    return listed([f"{code}: {cells}" for code, cells in ranked], most=10)


def judge_coded(look: Look, name: str, tally: Tally, known: Mapping[int, str]) -> None:
    """
    Note codes of a map of measures or tillage that stand for nothing (措施代码检查).

    Parameters
    ----------
    look : Look
        Is added to.
    name : {"measures", "tillage"}
        Input.
    tally : Tally
        What the map holds.
    known : mapping of int to str
        Codes that stand for something.
    """
    unknown = {code: cells for code, cells in tally.codes.items() if code not in known}
    if not unknown:
        return
    zh, en = _codes_listed(unknown)
    zh_known, en_known = listed([f"{code} {word}" for code, word in sorted(known.items())], most=8)
    look.notes.error(
        f"inputs.{name}",
        f"有 {len(unknown)} 种代码没有对应的措施（代码: 像元数）{zh}；已知：{zh_known}。请在 inputs.{name}.codes "
        "中补充，或改正该图。",
        f"{counted(len(unknown), 'code')} without a meaning (code: cells): {en}; known: {en_known}. Add them to "
        f"inputs.{name}.codes, or "
        "correct the map.",
    )


def known_codes(look: Look, name: str) -> dict[int, str]:
    """
    Return what the codes of a map of measures or tillage stand for; wrong ones are noted (措施代码表).

    Parameters
    ----------
    look : Look
        Is added to.
    name : {"measures", "tillage"}
        Input.
    """
    table = {"measures": "measure", "tillage": "tillage"}[name]
    given = look.given(name).get("codes")
    if given is None:
        return {int(c["code"]): str(c["id"]) for c in look.rules.value(f"{table}_code.classes")}
    known: dict[int, str] = {}
    for code, word in given.items():
        where = f"inputs.{name}.codes.{code}"
        if not (code.isdecimal() and 1 <= int(code) <= 255):
            look.notes.error(
                where, f"代码 {code} 应为 1～255 的整数；请改正。", f"code {code} must be a whole number of 1 to 255."
            )
            continue
        known[int(code)] = str(word)
        try:
            look.rules.value(f"{table}.{word}")
        except ShuibaoError as problem:
            ids = listed(sorted(look.rules.table(table)), most=30)
            look.notes.error(where, f"{problem.zh}可用：{ids[0]}。", f"{problem.en} There are: {ids[1]}.")
    return known
