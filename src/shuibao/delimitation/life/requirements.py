"""What must be in order before zones may go on to a stage (进入阶段的条件)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from shuibao.delimitation.acceptance.checking import check_layer
from shuibao.delimitation.life.comments import open_comments
from shuibao.delimitation.life.journal import Record
from shuibao.delimitation.life.redrawing import is_redrawn, open_conflicts
from shuibao.delimitation.life.stages import Stage
from shuibao.delimitation.life.versions import layer_of
from shuibao.messages import Finding, ShuibaoError
from shuibao.rules import Rules

Check = Callable[[Path, Sequence[Record], Rules], list[Finding]]


def refuse_unready(folder: Path, records: Sequence[Record], to: Stage, rules: Rules) -> None:
    """
    Refuse to go on to a stage while something that it requires is open (未备齐不得进入).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.
    to : Stage
        The stage wanted.
    rules : Rules
        Rule packs in force.

    Raises
    ------
    ShuibaoError
        With all that is open.
    """
    found = unmet(folder, records, to, rules)
    if found:
        zh = "\n".join(f"  · {f.where}：{f.zh}" for f in found)
        en = "\n".join(f"  - {f.where}: {f.en}" for f in found)
        raise ShuibaoError(f"还不能进入「{to.name}」：\n{zh}", f"not ready for '{to.name_en}':\n{en}")


def unmet(folder: Path, records: Sequence[Record], to: Stage, rules: Rules) -> list[Finding]:
    """
    Return what a stage requires and is not so (未满足的条件).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.
    to : Stage
        The stage wanted.
    rules : Rules
        Rule packs in force.
    """
    needs = [need for row in rules.value("zone_life.requires") if row["stage"] == to.id for need in row["needs"]]
    return [finding for need in needs for finding in CHECKS[need](folder, records, rules)]


def _comments(folder: Path, records: Sequence[Record], rules: Rules) -> list[Finding]:
    numbers = [c.number for c in open_comments(records)]
    if not numbers:
        return []
    return [Finding(
        "error", "comments", f"有 {len(numbers)} 条意见没有答复：{_some(numbers)}；请用 shuibao zones answer 逐条答复。",
        f"{len(numbers)} comments are not answered: {_some(numbers)}; answer each by shuibao zones answer.",
    )]  # fmt: skip


def _conflicts(folder: Path, records: Sequence[Record], rules: Rules) -> list[Finding]:
    found = list(open_conflicts(records))
    if not found:
        return []
    return [Finding(
        "error", "edits", f"有 {len(found)} 项修改不再适用，尚未取舍：{_some(found)}；请用 shuibao zones decide。",
        f"{len(found)} edits no longer fit and are not decided: {_some(found)}; use shuibao zones decide.",
    )]  # fmt: skip


def _redraw(folder: Path, records: Sequence[Record], rules: Rules) -> list[Finding]:
    if not is_redrawn(folder, records):
        return []
    return [Finding(
        "error", "drawn.parquet", "底图已重划，尚未采用；请运行 shuibao zones redraw。",
        "was drawn anew and is not taken up; run shuibao zones redraw.",
    )]  # fmt: skip


def _shapes(folder: Path, records: Sequence[Record], rules: Rules) -> list[Finding]:
    """Return the errors of acceptance: shapes, overlaps, codes, areas."""
    errors = [fault for fault in check_layer(layer_of(folder, records), rules) if fault.kind.severity == "error"]
    out = []
    for name, group in groupby(errors, key=lambda fault: fault.kind.name):
        faults = list(group)
        codes = _some([f"{fault.code}（{fault.found[0]}）" for fault in faults])
        codes_en = _some([f"{fault.code} ({fault.found[1]})" for fault in faults])
        out.append(Finding(
            "error", "shapes", f"{name[0]} {len(faults)} 处：{codes}；请修改。", f"{name[1]}, {len(faults)}: {codes_en}; edit them."
        ))  # fmt: skip
    return out


def _some(items: Sequence[object]) -> str:
    text = ", ".join(str(item) for item in items[:8])
    return f"{text}, …" if len(items) > 8 else text


CHECKS: dict[str, Check] = {"comments": _comments, "conflicts": _conflicts, "redraw": _redraw, "shapes": _shapes}
"""How each need that a rule pack may name is looked at."""
