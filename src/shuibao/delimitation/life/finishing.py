"""Finishing what a command that was killed had recorded and not written out (补全中断的操作)."""

from __future__ import annotations

from pathlib import Path

from shuibao.delimitation.life.journal import Record, head_of, read_journal, write_head
from shuibao.delimitation.life.versions import derived_stand, rebuilt, versions_of, write_derived
from shuibao.messages import ShuibaoError


def finished(folder: Path) -> Record | None:
    """
    Write what follows from the records and is not there yet (补全派生文件).

    An act is its record. A process that is killed after it may leave the note of the last record and the layer of now one
    behind; they are what they would have been once this returns.

    Parameters
    ----------
    folder : Path
        The theme's folder; its lock must be held.

    Returns
    -------
    Record or None
        The record whose act was not finished; None if nothing was left to do, or the journal is not in order, which
        the act that follows will say.
    """
    try:
        records = read_journal(folder)
        behind = None
        if records and (head_of(folder) or (0, ""))[0] < len(records):
            behind = records[-1]
            write_head(folder, behind)
        found = versions_of(records)
        if found and not derived_stand(folder, found[-1]):
            write_derived(folder, records, rebuilt(folder, found[-1]))
            behind = behind or found[-1].records[-1]
    except ShuibaoError:
        return None
    return behind


def told(error: ShuibaoError, record: Record) -> ShuibaoError:
    """
    Return an error that says too what had been recorded before a command was killed (说明已有的记录).

    Parameters
    ----------
    error : ShuibaoError
        What a command was refused for.
    record : Record
        What :func:`finished` returned.
    """
    kinds = {"draw": "采用底图", "edit": "修改", "decision": "取舍", "stage": "推进", "comment": "意见",
             "assignment": "指定", "answer": "答复"}  # fmt: skip
    error.zh += (
        f"\n上一次命令没有做完就中断了，但第 {record.number} 次{kinds[record.kind]}已经记录，现已补全；"
        "如果要做的正是它，就不必再做（shuibao zones status --log 可查）。"
    )
    error.en += (
        f"\nThe command before was interrupted, but {record.kind} {record.number} had been recorded and is now finished: if"
        " that is what you wanted, there is nothing left to do (see shuibao zones status --log)."
    )
    return error
