"""Whether the records of zones are as they were written, and every version can be built again (核对记录)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shuibao.delimitation.folder import theme_folder
from shuibao.delimitation.life.evidence import altered
from shuibao.delimitation.life.journal import KINDS, Record, chain_faults, read_journal, written
from shuibao.delimitation.life.recorded_zones import digest_of
from shuibao.delimitation.life.versions import CURRENT, rebuilt, versions_of
from shuibao.ground.files import sha256_of
from shuibao.messages import Finding, ShuibaoError


@dataclass(frozen=True)
class Verified:
    """
    What looking through the records of a theme came to (核对结果).

    Parameters
    ----------
    records, versions : int
        How many there are.
    head : str
        Hash of the last record, which stands for all of them: published with an announcement, it proves them later.
    findings : tuple of Finding
        What was altered or is missing.
    """

    records: int
    versions: int
    head: str
    findings: tuple[Finding, ...]


def verify(region_folder: Path, theme: str, *, head: str = "") -> Verified:
    """
    Look through all records of a theme and build every version again (核对全部记录).

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.
    head : str
        A hash of some record as published earlier; that record must still be there.
    """
    folder = theme_folder(region_folder, theme)
    found = chain_faults(folder)
    if found:
        return Verified(0, 0, "", tuple(found))
    records = read_journal(folder)
    if head and not any(r.sha256.startswith(head.lower()) for r in records):
        found.append(Finding(
            "error", "head.json", f"没有校验和为 {head} 的记录：该记录已被改动或删除。",
            f"no record has the hash {head}: it was altered or taken away.",
        ))  # fmt: skip
    found += _evidence(folder, records) + _versions(folder, records)
    return Verified(len(records), len(versions_of(records)), records[-1].sha256 if records else "", tuple(found))


def _evidence(folder: Path, records: list[Record]) -> list[Finding]:
    out = []
    for record in records:
        where = f"{KINDS[record.kind]}/{record.number:04d}.json"
        for name, gone in altered(folder, record.content):
            zh, en = ("缺失", "is missing") if gone else ("被改动过", "was altered")
            out.append(Finding("error", where, f"附件 {name} {zh}。", f"its file {name} {en}."))
    return out


def _versions(folder: Path, records: list[Record]) -> list[Finding]:
    out = []
    for version in versions_of(records):
        where = f"versions/{version.number}.json"
        try:
            layer = rebuilt(folder, version)
        except ShuibaoError as error:
            out.append(Finding("error", where, error.zh, error.en))
            continue
        path = folder / where
        if path.exists() and path.read_text(encoding="utf-8") != written(version.written()):
            out.append(
                Finding("error", where, "与记录不符，被改动过。", "is not what the records say: it was altered.")
            )
    if versions_of(records) and (folder / CURRENT).exists():
        out += _current(folder, digest_of(layer) if not out else "")
    return out


def _current(folder: Path, digest: str) -> list[Finding]:
    from shuibao.delimitation.folder import read_layer

    try:
        same = not digest or digest_of(read_layer(folder / CURRENT)) == digest
    except (ShuibaoError, OSError, ValueError):
        same = False
    if same:
        return []
    return [Finding(
        "warning", CURRENT, f"与最后一版不符（sha256 {sha256_of(folder / CURRENT)[:16]}…）；删去即可，需要时会重建。",
        f"is not the last version (sha256 {sha256_of(folder / CURRENT)[:16]}…); delete it, it is built again when wanted.",
    )]  # fmt: skip
