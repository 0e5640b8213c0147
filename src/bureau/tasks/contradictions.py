"""
Where documents contradict each other, or themselves (矛盾).

Figures of the same quantity and dates of the same matter bear the same key in the registers. Two of one key and region are
compared, when they are of the same time or one of them names none: what no number can meet is a contradiction; what the
stricter of the two meets both of is a difference. Units are converted exactly, so that 1 hm² and 15 亩 agree. A date that
was over when its own document was issued is told too: it may be what was done before, or a slip.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations
from typing import Any

from bureau.tasks.models import Due, Figure

MEASURES: dict[str, tuple[str, Fraction]] = {
    "hm²": ("area", Fraction(1)), "km²": ("area", Fraction(100)), "万km²": ("area", Fraction(1_000_000)),
    "亩": ("area", Fraction(1, 15)), "万亩": ("area", Fraction(10_000, 15)), "万hm²": ("area", Fraction(10_000)),
}  # fmt: skip
"""What a unit measures, and how many of the first of its kind it is; a unit that is not here is its own measure."""


@dataclass(frozen=True)
class Statement:
    """
    One thing that a document says of a quantity or a date (一处说法).

    Attributes
    ----------
    key : str
        Of what.
    region : str
        Code of the region that it is about.
    label, phrase : str
        In words, and as the document has it.
    said : str
        The number or the date.
    where : str
        Document and clause.
    comparison : str
        ``eq``, ``ge`` or ``le``.
    measure : str
        What the unit measures; ``date`` for dates.
    size : Fraction
        In the measure's own unit; days for dates.
    by : date or None
        Time that the number is of.
    yearly : bool
    task : int or None
        Key of the task, for a link.
    """

    key: str
    region: str
    label: str
    phrase: str
    said: str
    where: str
    comparison: str
    measure: str
    size: Fraction
    by: date | None = None
    yearly: bool = False
    task: int | None = None


@dataclass(frozen=True)
class Finding:
    """
    Statements of one thing that do not agree (一处矛盾).

    Attributes
    ----------
    statements : tuple of Statement
        All that disagree, in the order of the documents.
    contradiction : bool
        Whether nothing meets them all; else the strictest does.
    early : bool
        Whether it is a date that was over when its document was issued.
    """

    statements: tuple[Statement, ...]
    contradiction: bool
    early: bool = False

    @property
    def label(self) -> str:
        """Return what it is about (所指)."""
        return self.statements[0].label

    @property
    def kind(self) -> str:
        """Return how far they disagree (性质)."""
        if self.early:
            return "期限早于成文"
        return "矛盾" if self.contradiction else "不一致"

    @property
    def advice(self) -> str:
        """Return what to do until it is settled (处理建议)."""
        if self.early:
            return "成文时期限已过；请向发文机关核实是补记此前已办的事，还是日期有误，核实前按原文列出。"
        if self.contradiction:
            return "无法同时满足；请向发文机关核实以哪一处为准，核实前两处都列出。"
        strict = stricter(self.statements)
        return f"按较严的“{strict.said}”办理，可同时满足；是否更改以发文机关答复为准。"


def of_figure(figure: Figure) -> Statement:
    """Return what a figure says (数字的说法)."""
    measure, factor = MEASURES.get(figure.unit, (figure.unit, Fraction(1)))
    register = figure.register
    return Statement(
        figure.key, register.region_id, figure.label, figure.phrase, f"{figure.sign.strip()} {figure.amount}".strip(),
        f"{register.number} {figure.clause}", figure.comparison, measure, Fraction(figure.value) * factor,
        figure.by, figure.yearly, figure.task_id,
    )  # fmt: skip


def of_due(due: Due) -> Statement | None:
    """Return what a date says; None if it names none or bears no key (期限的说法)."""
    on = due.once
    if not due.key or on is None:
        return None
    register = due.task.register
    return Statement(
        due.key, register.region_id, f"{due.task.title}的期限", due.phrase, f"{due.words}（{on:%Y-%m-%d}）",
        f"{register.number} {due.task.clause}", "le", "date", Fraction(on.toordinal()), task=due.task_id,
    )  # fmt: skip


def comparable(one: Statement, other: Statement) -> bool:
    """Return whether two statements are of one thing and one time (可否相比)."""
    same_time = one.by == other.by or one.by is None or other.by is None
    return (
        (one.key, one.region, one.measure, one.yearly) == (other.key, other.region, other.measure, other.yearly)
        and same_time
    )  # fmt: skip


def agree(one: Statement, other: Statement) -> bool:
    """Return whether two statements ask the same (是否一致)."""
    return one.size == other.size and one.comparison == other.comparison


def satisfiable(one: Statement, other: Statement) -> bool:
    """Return whether something can meet both (可否同时满足)."""
    low, high = [], []
    for statement in (one, other):
        if statement.comparison in ("eq", "ge"):
            low.append(statement.size)
        if statement.comparison in ("eq", "le"):
            high.append(statement.size)
    return not low or not high or max(low) <= min(high)


def stricter(statements: Iterable[Statement]) -> Statement:
    """Return the statement that meets all others too (较严者)."""
    found = list(statements)
    exact = [s for s in found if s.comparison == "eq"]
    if exact:
        return exact[0]
    if found[0].comparison == "le":
        return min(found, key=lambda s: s.size)
    return max(found, key=lambda s: s.size)


def find(statements: Iterable[Statement]) -> list[Finding]:
    """
    Return the statements that do not agree, gathered by what they are of (查找矛盾).

    Parameters
    ----------
    statements : iterable of Statement

    Returns
    -------
    list of Finding
        Contradictions first.
    """
    groups: dict[tuple[Any, ...], list[Statement]] = {}
    for statement in statements:
        group = (statement.key, statement.region, statement.measure, statement.yearly)
        groups.setdefault(group, []).append(statement)
    found = [finding for group in groups.values() for finding in _of_group(group)]
    return sorted(found, key=lambda f: not f.contradiction)


def _of_group(group: list[Statement]) -> Iterator[Finding]:
    """Yield what disagrees among statements of one key: one finding for those that hang together."""
    pairs = [(a, b) for a, b in combinations(group, 2) if comparable(a, b) and not agree(a, b)]
    if not pairs:
        return
    involved = tuple(s for s in group if any(s is a or s is b for a, b in pairs))
    if involved[0].measure == "date":
        involved = tuple(sorted(involved, key=lambda s: s.size))
    yield Finding(involved, any(not satisfiable(a, b) for a, b in pairs))


def early(dues: Iterable[Due]) -> list[Finding]:
    """
    Return the dates that were over when their own document was issued (期限早于成文).

    Parameters
    ----------
    dues : iterable of Due
        With their tasks and registers.
    """
    found = []
    for due in dues:
        on, issued = due.once, due.task.register.issued
        if on is None or issued is None or on >= issued:
            continue
        register, label = due.task.register, due.what or f"{due.task.title}的期限"
        date_of = Statement(
            due.key, register.region_id, label, due.phrase, f"{due.words}（{on:%Y-%m-%d}）",
            f"{register.number} {due.task.clause}", "le", "date", Fraction(on.toordinal()), task=due.task_id,
        )  # fmt: skip
        issue = Statement(
            due.key, register.region_id, label, "", f"{issued:%Y-%m-%d} 成文", f"{register.number} 成文日期", "eq", "date",
            Fraction(issued.toordinal()),
        )  # fmt: skip
        found.append(Finding((date_of, issue), contradiction=False, early=True))
    return found


def contradictions(*, person: Any) -> list[Finding]:
    """Return where the documents that a person sees do not agree (矛盾清单)."""
    figures = Figure.objects.for_person(person).select_related("register")
    dues = list(Due.objects.for_person(person).select_related("task__register"))
    statements = [of_figure(figure) for figure in figures]
    statements += [said for said in map(of_due, dues) if said is not None]
    return [*find(statements), *early(dues)]
