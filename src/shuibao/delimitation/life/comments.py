"""Comments on a draft of zones, each with the zones that it is about and its answer (征求意见)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shuibao.delimitation.life.journal import Record
from shuibao.messages import say
from shuibao.rules import Rules

OUTCOMES = {
    "adopt": ("采纳", "adopted"), "partly": ("部分采纳", "adopted in part"), "reject": ("不采纳", "not adopted"),
}  # fmt: skip
"""What may become of a comment."""

STATES = {
    "matched": ("已对应", "matched"), "none": ("无对应图斑", "matches no zone"), "several": ("对应多个图斑", "matches several"),
    "gone": ("图斑已不在", "zone is gone"),
}  # fmt: skip
"""Whether it is known which zones a comment is about."""


@dataclass(frozen=True)
class Comment:
    """
    One comment with what became of it (一条意见).

    Parameters
    ----------
    number : int
        Among all comments on the theme, from 1.
    unit, commenter, text, date, opinion : str
        Who said what, when; ``opinion`` is an id of ``zone_comment.opinions``.
    code : str
        Code of a zone as the comment says it; may be empty.
    geometry : str
        Shape or point that it is about, as hexadecimal WKB in the system of the layer; empty if there is none.
    state : str
        One of :data:`STATES`.
    codes : tuple of str
        The zones that it is about, none if it is about all of them; for ``"several"`` those that it may be about, for
        ``"gone"`` those that it was about.
    reason, reason_en : str
        How the zones were found, or why not.
    answer : Record or None
        The last answer to it.
    """

    number: int
    unit: str
    commenter: str
    text: str
    date: str
    opinion: str
    code: str
    geometry: str
    state: str
    codes: tuple[str, ...]
    reason: str
    reason_en: str
    answer: Record | None = None

    @property
    def whole(self) -> bool:
        """Tell whether it is about all zones, not some (针对全部成果)."""
        return self.state == "matched" and not self.codes

    @property
    def placed(self) -> bool:
        """Tell whether it is known which zones it is about, or was (对应是否明确)."""
        return self.state in ("matched", "gone")

    def written(self) -> dict[str, Any]:
        """Return the comment as plain values, without its answer (写入记录)."""
        names = (
            "number", "unit", "commenter", "text", "date", "opinion", "code", "geometry", "state", "reason", "reason_en",
        )  # fmt: skip
        return {name: getattr(self, name) for name in names} | {"codes": list(self.codes)}


def comment_of(written: Mapping[str, Any]) -> Comment:
    """
    Return a comment as a record holds it (读自记录).

    Parameters
    ----------
    written : mapping
        What :meth:`Comment.written` returned.
    """
    return Comment(**{**written, "codes": tuple(written["codes"])})


def comments_of(records: Sequence[Record]) -> list[Comment]:
    """
    Return all comments by number, with assignments and answers (全部意见).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    """
    found: dict[int, Comment] = {}
    for record in records:
        if record.kind == "comment":
            found |= {c["number"]: comment_of(c) for c in record["comments"]}
        elif record.kind == "assignment":
            why = f"由{record['who']}指定", f"assigned by {record['who']}"
            found[record["comment"]] = replace(
                found[record["comment"]], state="matched", codes=tuple(record["codes"]), reason=why[0], reason_en=why[1]
            )
        elif record.kind == "answer":
            comment = found[record["comment"]]
            codes = tuple(record.content.get("codes", comment.codes))
            found[comment.number] = replace(comment, answer=record, codes=codes)
    return [found[number] for number in sorted(found)]


def open_comments(records: Sequence[Record]) -> list[Comment]:
    """
    Return the comments that are not answered yet (未答复意见).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    """
    return [comment for comment in comments_of(records) if comment.answer is None]


def opinion_names(rules: Rules) -> dict[str, str]:
    """
    Return the kinds of comment by id, in the reader's language (意见类型名称).

    Parameters
    ----------
    rules : Rules
        Rule packs in force.
    """
    return {row["id"]: say(row["name"], row["name_en"]) for row in rules.value("zone_comment.opinions")}


def comment_rows(comments: Sequence[Comment], rules: Rules) -> list[dict[str, Any]]:
    """
    Return comments with their answers as rows of a table (意见采纳情况).

    Parameters
    ----------
    comments : sequence of Comment
        The comments.
    rules : Rules
        Rule packs in force.

    Returns
    -------
    list of dict
        ``codes`` is empty for a comment about all zones, which ``whole`` tells.
    """
    opinions = opinion_names(rules)
    rows = []
    for comment in comments:
        answer = comment.answer
        rows.append({
            "number": comment.number, "unit": comment.unit, "commenter": comment.commenter, "date": comment.date,
            "opinion": opinions.get(comment.opinion, comment.opinion), "text": comment.text,
            "codes": ", ".join(comment.codes), "whole": comment.whole, "state": say(*STATES[comment.state]),
            "reason": say(comment.reason, comment.reason_en),
            "outcome": say(*OUTCOMES[answer["outcome"]]) if answer else "",
            "answer": answer["why"] if answer else "", "answered_by": answer["who"] if answer else "",
            "answered_on": answer["when"] if answer else "",
            "edit": answer["edit"] if answer else None,
        })  # fmt: skip
    return rows


def zones_in_words(row: Mapping[str, Any]) -> str:
    """
    Return which zones a row of :func:`comment_rows` is about, in words (意见针对的图斑).

    Examples
    --------
    >>> zones_in_words({"codes": "A1, A2", "whole": False}), zones_in_words({"codes": "", "whole": True})
    ('A1, A2', '全部成果')
    """
    return str(row["codes"]) or (say("全部成果", "all of them") if row["whole"] else "")
