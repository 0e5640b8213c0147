"""
The journal of a theme's zones: one file for each act, each holding the hash of the one before (流程记录).

Records are only added. A record that was altered, left out or put in breaks the chain, and :func:`chain_faults` says
where.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shuibao.ground.files import remove_unfinished, renamed
from shuibao.messages import Finding, ShuibaoError

KINDS = {
    "draw": "draws", "edit": "edits", "decision": "decisions", "stage": "stages", "comment": "comments",
    "assignment": "assignments", "answer": "answers",
}  # fmt: skip
"""Folder of each kind of record: 底图, 修改, 取舍, 阶段, 意见, 归属, 答复."""

RECORD_NAMES = {
    "draw": ("底图", "drawing"), "edit": ("修改", "edit"), "decision": ("取舍", "decision"), "stage": ("阶段", "stage"),
    "comment": ("意见", "comments"), "assignment": ("归属", "assignment"), "answer": ("答复", "answer"),
}  # fmt: skip
"""What each kind of record is called."""

HEAD = "head.json"
"""Number and hash of the last record, so that one missing from the end is noticed (末条记录)."""

GENESIS = "0" * 64
"""What the first record holds for the hash of the one before."""


@dataclass(frozen=True)
class Record:
    """
    One act, as it lies on disk (记录).

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    number : int
        Its number among records of its kind, from 1; the name of its file.
    sequence : int
        Its number among all records of the theme, from 1.
    before : str
        SHA-256 of the file of the record before; :data:`GENESIS` for the first.
    content : mapping
        What was done: who, when, why, and whatever belongs to the kind.
    sha256 : str
        SHA-256 of its own file.
    """

    kind: str
    number: int
    sequence: int
    before: str
    content: Mapping[str, Any]
    sha256: str

    def __getitem__(self, key: str) -> Any:
        """Return a part of the content (取内容)."""
        return self.content[key]


def path_of_record(folder: Path, kind: str, number: int) -> Path:
    """
    Return the file of a record (记录文件).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    kind : str
        One of :data:`KINDS`.
    number : int
        Number among records of the kind.

    Examples
    --------
    >>> path_of_record(Path("zones/steep_slope"), "edit", 3).as_posix()
    'zones/steep_slope/edits/0003.json'
    """
    return folder / KINDS[kind] / f"{number:04d}.json"


def read_journal(folder: Path) -> list[Record]:
    """
    Return all records of a theme in the order in which they were made (读取全部记录).

    Parameters
    ----------
    folder : Path
        The theme's folder.

    Raises
    ------
    ShuibaoError
        If a record cannot be read, or the chain is broken.
    """
    records, faults = _examined(folder)
    if faults:
        zh, en = (
            "\n".join(f"  · {f.where}：{f.zh}" for f in faults),
            "\n".join(f"  - {f.where}: {f.en}" for f in faults),
        )
        raise ShuibaoError(
            f"{folder} 的记录不完整或被改动：\n{zh}\n请从备份恢复这些文件；shuibao zones verify 可再核对。",
            f"the records of {folder} are not whole or were altered:\n{en}\nRestore these files from a copy; shuibao zones "
            "verify checks them again.",
        )
    return records


def journal_for(folder: Path, on: str) -> list[Record]:
    """
    Return the records of a theme, for an act of a day that is to be added to them (待续的记录).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    on : str
        Date of the act, ``YYYY-MM-DD``.

    Raises
    ------
    ShuibaoError
        If the journal is not in order, or the day lies before that of a record: records stand in the order of their dates.
    """
    records = read_journal(folder)
    last = max(records, key=lambda record: (record["when"], record.sequence), default=None)
    if last is not None and on < last["when"]:
        zh, en = RECORD_NAMES[last.kind]
        raise ShuibaoError(
            f"日期 {on} 早于已有记录的 {last['when']}（第 {last.number} 号{zh}）；请核对 --on，记录按日期先后。",
            f"the date {on} lies before {last['when']}, that of {en} {last.number}; check --on: records stand in the order of"
            " their dates.",
        )
    return records


def chain_faults(folder: Path) -> list[Finding]:
    """
    Return what breaks the chain of a theme's records (查记录链).

    Parameters
    ----------
    folder : Path
        The theme's folder.

    Returns
    -------
    list of Finding
        Nothing if every record is as it was written.
    """
    return _examined(folder)[1]


def append(folder: Path, kind: str, content: Mapping[str, Any], *, records: list[Record] | None = None) -> Record:
    """
    Add a record to the journal, whole or not at all (追加记录).

    The lock of :func:`shuibao.delimitation.life.locking.alone_with_zones` must be held. What the last record says already
    is not said again: that is a command which is repeated because it was killed.

    Parameters
    ----------
    folder : Path
        The theme's folder.
    kind : str
        One of :data:`KINDS`.
    content : mapping
        What was done; plain values only.
    records : list of Record, optional
        The journal so far, if it was read already.

    Raises
    ------
    ShuibaoError
        If the journal is not in order, or somebody whom the lock does not hold back (on another machine, say) has added
        to it.
    """
    known = read_journal(folder) if records is None else records
    if known and known[-1].kind == kind and written(known[-1].content) == written(content):
        return known[-1]
    number = 1 + sum(r.kind == kind for r in known)
    before = known[-1].sha256 if known else GENESIS
    head = {"kind": kind, "number": number, "sequence": len(known) + 1, "before": before}
    text = written({**content, **head})
    path = path_of_record(folder, kind, number)
    _refuse_overtaken(folder, path, len(known))
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_unfinished(path.parent)
    with renamed(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    record = Record(kind, number, len(known) + 1, before, dict(content), hash_of(text))
    write_head(folder, record)
    return record


def _refuse_overtaken(folder: Path, path: Path, known: int) -> None:
    """Refuse to write over a record, or beside one that was not read."""
    if path.exists() or (head_of(folder) or (0, ""))[0] > known:
        raise ShuibaoError(
            f"{folder} 刚刚被另一个用户或另一台机器修改；本次没有记录，请看过 shuibao zones status --log 再做一次。",
            f"{folder} was changed just now by another user or machine; nothing is recorded: look at shuibao zones status"
            " --log and do it again.",
        )


def written(content: Mapping[str, Any]) -> str:
    """
    Return content as it is written: JSON with sorted keys (记录文本).

    Examples
    --------
    >>> print(written({"b": 1, "a": "甲"}), end="")
    {
     "a": "甲",
     "b": 1
    }
    """
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def hash_of(text: str) -> str:
    """
    Return the SHA-256 of a text in UTF-8 (文本校验和).

    Examples
    --------
    >>> hash_of("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def write_head(folder: Path, record: Record) -> None:
    """
    Note which record is the last (写末条记录).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    record : Record
        The last record.
    """
    with renamed(folder / HEAD) as temporary:
        temporary.write_text(written({"sequence": record.sequence, "sha256": record.sha256}), encoding="utf-8")


def head_of(folder: Path) -> tuple[int, str] | None:
    """
    Return number and hash of the last record as they were noted, or None if there is no note (末条记录).

    Parameters
    ----------
    folder : Path
        The theme's folder.

    Raises
    ------
    ValueError, KeyError, TypeError
        If the note cannot be read.
    """
    try:
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return int(head["sequence"]), str(head["sha256"])


def _examined(folder: Path) -> tuple[list[Record], list[Finding]]:
    found, faults = [], []
    for kind, name in KINDS.items():
        for path in sorted((folder / name).glob("[0-9]*.json")):
            record = _record(path, kind)
            if isinstance(record, Finding):
                faults.append(record)
            else:
                found.append(record)
    found.sort(key=lambda r: (r.sequence, r.kind, r.number))
    return found, faults + _breaks(folder, found, spoilt=bool(faults))


def _record(path: Path, kind: str) -> Record | Finding:
    where = f"{path.parent.name}/{path.name}"
    try:
        raw = path.read_bytes()
        tree = json.loads(raw.decode())
        head = {key: tree.pop(key) for key in ("kind", "number", "sequence", "before")}
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        return Finding("error", where, f"读不出来（{error}）。", f"cannot be read ({error}).")
    if head["kind"] != kind or not re.fullmatch(rf"0*{head['number']}", path.stem):
        return Finding(
            "error", where, f"文件名与内容不符（内容是 {head['kind']} {head['number']}）。",
            f"is named otherwise than what it holds ({head['kind']} {head['number']}).",
        )  # fmt: skip
    return Record(kind, head["number"], head["sequence"], head["before"], tree, hashlib.sha256(raw).hexdigest())


def _breaks(folder: Path, records: list[Record], *, spoilt: bool) -> list[Finding]:
    """Return where the chain of readable records is broken; a gap that a spoilt file explains is not told twice."""
    faults, before = [], GENESIS
    for place, record in enumerate(records, start=1):
        where = f"{KINDS[record.kind]}/{record.number:04d}.json"
        if record.sequence != place and not spoilt:
            faults.append(Finding(
                "error", where, f"是第 {record.sequence} 条，前面只有 {place - 1} 条：有记录缺失或重复。",
                f"is record {record.sequence}, but {place - 1} come before it: one is missing, or occurs twice.",
            ))  # fmt: skip
            return faults
        if record.before != before and not spoilt:
            faults.append(Finding(
                "error", where, "所记的前一条校验和与前一条文件不符：前一条（或本条）被改动过。",
                "holds another hash than that of the record before it: that one, or this, was altered.",
            ))  # fmt: skip
            return faults
        before = record.sha256
    return faults + _wrong_head(folder, records, spoilt=spoilt)


def _wrong_head(folder: Path, records: list[Record], *, spoilt: bool) -> list[Finding]:
    """Compare the last record with the head; a head that is one behind is of a process that was killed."""
    try:
        sequence, sha256 = head_of(folder) or (0, GENESIS)
    except (ValueError, KeyError, TypeError) as error:
        return [Finding("error", HEAD, f"读不出来（{error}）。", f"cannot be read ({error}).")]
    if spoilt:
        return []
    if sequence > len(records):
        return [Finding(
            "error", HEAD, f"共有过 {sequence} 条记录，现在只有 {len(records)} 条：末尾的记录缺失。",
            f"there were {sequence} records, now there are {len(records)}: those at the end are missing.",
        )]  # fmt: skip
    if sequence < len(records) - 1 or (sequence and records[sequence - 1].sha256 != sha256):
        return [Finding(
            "error", HEAD, f"末条记录（第 {sequence} 条）的校验和不符：记录被改动或添加过。",
            f"the hash of the last record ({sequence}) is another: a record was altered or put in.",
        )]  # fmt: skip
    return []
