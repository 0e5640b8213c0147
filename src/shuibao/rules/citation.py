"""
Where a number comes from (引文): the document, whether it was read, and how far the number can be trusted (可信程度).

A value is ``verified`` when it was read in a source that is named, and ``draft`` when it was recalled, chosen or
taken over from program code, so that the printed standard must still be consulted before a decision rests on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STATUSES = ("verified", "draft")
"""What a value may be (状态)."""

BASES = {
    "read": ("读自来源", "read in the source"),
    "derived": ("由所读数值推算", "derived from values read"),
    "code": ("读自公开程序代码", "read in published program code"),
    "recalled": ("凭记忆，未核对", "recalled, not checked"),
    "chosen": ("本软件选定", "chosen by this software"),
}
"""How a value came into a pack (取得方式), in Chinese and English."""

VERIFIABLE = ("read", "derived")
"""The ways of coming by a value that allow it to be called verified."""

CONFIDENCES = ("H", "M-H", "M", "L-M", "L")
"""High to low confidence (可信度)."""


@dataclass(frozen=True)
class Citation:
    """
    A document that a value is taken from (引文).

    Parameters
    ----------
    key : str
        Short name under which packs refer to it, for instance ``TS2021``.
    title, title_en : str
        Title in Chinese (or the original language) and in English.
    number : str
        Number of the standard or document; empty where it has none.
    read : bool
        Whether the document, its abstract or a quotation of it was read. A value from an unread one cannot be verified.
    note : str
        What else a reader should know.

    Examples
    --------
    >>> print(Citation("SL190", "土壤侵蚀分类分级标准", "Soil erosion grading", "SL 190-2007", True, ""))
    SL 190-2007 土壤侵蚀分类分级标准
    """

    key: str
    title: str
    title_en: str
    number: str
    read: bool
    note: str

    def __str__(self) -> str:
        return f"{self.number} {self.title}".strip()


@dataclass(frozen=True)
class Parameter:
    """
    One value of a rule pack, with its unit and its ground (规则参数).

    Parameters
    ----------
    key : str
        Dotted name, ``table.key``.
    value : Any
        Number, text, truth value, list or mapping as the pack has it.
    unit : str
        Unit of the value; ``1`` if it has none.
    status : {"verified", "draft"}
        Whether the value was read in a named source.
    basis : str
        One of :data:`BASES`.
    confidence : str
        One of :data:`CONFIDENCES`.
    source : str
        The document, spelt out.
    clause : str
        Clause, table or page of the document; empty where it is not known (it is never guessed).
    pack : str
        Id of the pack that gave the value: the last one that set it.
    name, name_en : str
        What the value is, in Chinese and English.
    note : str
        Doubts, alternatives, reasons.
    citation : Citation
        The document.
    """

    key: str
    value: Any
    unit: str
    status: str
    basis: str
    confidence: str
    source: str
    clause: str
    pack: str
    name: str
    name_en: str
    note: str
    citation: Citation

    def record(self) -> dict[str, Any]:
        """Return the value and its ground as plain data, for records, reports and digests (记录)."""
        return {
            "key": self.key,
            "value": self.value,
            "unit": self.unit,
            "status": self.status,
            "basis": self.basis,
            "confidence": self.confidence,
            "source": self.source,
            "clause": self.clause,
            "pack": self.pack,
            "name": self.name,
            "name_en": self.name_en,
            "note": self.note,
        }


def read_citation(key: str, entry: Mapping[str, Any]) -> Citation:
    """Return the citation that a ``[sources.KEY]`` table of a pack describes (读引文)."""
    return Citation(
        key=key,
        title=str(entry.get("title", "")),
        title_en=str(entry.get("title_en", "")),
        number=str(entry.get("number", "")),
        read=bool(entry.get("read", False)),
        note=str(entry.get("note", "")),
    )
