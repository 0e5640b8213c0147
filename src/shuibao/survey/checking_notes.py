"""Collecting all that a check finds, instead of stopping at the first fault (检查记录)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from shuibao.messages import Finding, ShuibaoError
from shuibao.survey.region import INPUT_KEYS

_PLACE = re.compile(r"^((?:region|inputs|output|water)(?:\.\w+)+)(?:\s*[:：]|\s)")

_PREFIX = re.compile(r"((?:region|inputs|output|water)(?:\.[A-Za-z_]\w*)+)\s*[:：]\s*", re.ASCII)


@dataclass(frozen=True)
class LookedAt:
    """
    One input that was read, and what it turned out to be (查看过的输入).

    Parameters
    ----------
    where : str
        Field of ``region.toml``, for instance ``inputs.dem``.
    files : tuple of str
        Its files, relative to the region folder.
    zh, en : str
        What it is: size, cells, range.
    """

    where: str
    files: tuple[str, ...]
    zh: str
    en: str


@dataclass
class Notes:
    """
    What a check has found so far (检查所见).

    Parameters
    ----------
    folder : str
        The region folder; it is left out of messages, which begin at it.
    findings : list of Finding
        Faults and doubts.
    inputs : list of LookedAt
        What was read.
    """

    folder: str
    findings: list[Finding] = field(default_factory=list)
    inputs: list[LookedAt] = field(default_factory=list)

    def add(self, severity: Literal["error", "warning"], where: str, zh: str, en: str) -> None:
        """Note a finding once; a field that begins its message becomes its place (记一条)."""
        named = _PLACE.match(en)
        if named and not where.startswith(named[1]):
            where = named[1]
        texts = []
        for text in (zh, en):
            texts.append(_without_place(text.replace(f"{self.folder}/", ""), where))
        found = Finding(severity, where, texts[0], texts[1])
        if found not in self.findings:
            self.findings.append(found)

    def error(self, where: str, zh: str, en: str) -> None:
        """Note what stops a run (记错误)."""
        self.add("error", where, zh, en)

    def warn(self, where: str, zh: str, en: str) -> None:
        """Note what the report shall say (记警告)."""
        self.add("warning", where, zh, en)

    def take(self, findings: Sequence[Finding]) -> None:
        """Note findings of others (并入)."""
        for found in findings:
            self.add(found.severity, found.where, found.zh, found.en)

    def catching(self, where: str) -> Catching:
        """Turn a refusal inside a block into an error here, and go on behind the block (把异常记为错误)."""
        return Catching(self, where)

    def faulty(self, where: str) -> bool:
        """Tell whether an error stands at a place or below it (是否已有错误)."""
        return any(
            f.severity == "error" and (f.where == where or f.where.startswith(f"{where}.")) for f in self.findings
        )

    def ordered(self) -> tuple[Finding, ...]:
        """Return the findings in the order of ``region.toml``, errors first at each place (按位置排序)."""
        return tuple(sorted(self.findings, key=lambda f: (_rank(f.where), f.severity != "error")))


class Catching:
    """
    A block whose refusal is noted instead of raised (把异常记为错误).

    Parameters
    ----------
    notes : Notes
        Is added to.
    where : str
        Place of the error.
    """

    def __init__(self, notes: Notes, where: str) -> None:
        self.notes = notes
        self.where = where

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: object, problem: BaseException | None, traceback: object) -> bool:
        """Note a refusal; let everything else through."""
        if not isinstance(problem, ShuibaoError):
            return False
        self.notes.error(self.where, problem.zh, problem.en)
        return True


def _without_place(text: str, where: str) -> str:
    """Return a message without the places before it that ``where`` says already, however often they stand there."""
    while (found := _PREFIX.match(text)) and f"{where}.".startswith(f"{found[1]}."):
        text = text[found.end() :]
    return text


def _rank(where: str) -> tuple[int, int, str]:
    """Return where a place comes in ``region.toml``."""
    tables = ("region.toml", "region", "inputs", "output", "water")
    head, _, rest = where.partition(".")
    if where == "region.toml":
        return 0, 0, ""
    table = tables.index(head) if head in tables else len(tables)
    name = rest.split(".")[0]
    names = list(INPUT_KEYS)
    return table, names.index(name) if head == "inputs" and name in names else -1, where


def listed(items: Sequence[str], most: int = 5) -> tuple[str, str]:
    """
    Return the first items joined in Chinese and in English, and how many there are if more (列举).

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    ('a、b 等 3 个', 'a, b, ... (3 in all)')
    """
    first = list(items[:most])
    if len(items) <= most:
        return "、".join(first), ", ".join(first)
    return f"{'、'.join(first)} 等 {len(items)} 个", f"{', '.join(first)}, ... ({len(items)} in all)"
