"""
Versions of a theme's zones: a drawn layer and the edits up to one, from which it is built again (版本).

The layer of now is one of them. Nothing in a version is kept that does not follow from the drawn layer and the records.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from shuibao.delimitation.folder import DRAWN, read_layer, theme_folder, write_layer
from shuibao.delimitation.life.changes import applied, change_of
from shuibao.delimitation.life.journal import KINDS, Record, append, read_journal, written
from shuibao.delimitation.life.recorded_zones import digest_of
from shuibao.ground.files import renamed, sha256_of
from shuibao.ground.vectors import vector_tags
from shuibao.messages import CallError, ShuibaoError
from shuibao.zoning.layer import ZoneLayer

CURRENT = "current.parquet"
"""The layer of now: the drawn one with all edits; made again whenever it is missing (现行图层)."""

LAYER_KINDS = ("draw", "edit", "decision")
"""Kinds of record that may make a version."""

VERSION, DIGEST = "VERSION", "LAYER_SHA256"
"""Tags of a layer's file: its number, and the digest of what it holds."""


@dataclass(frozen=True)
class Version:
    """
    One version and its parts (版本的组成).

    Parameters
    ----------
    number : int
        From 1, the layer as it was first drawn.
    drawn : str
        SHA-256 of the drawn layer's file, which lies in ``drawn/``.
    records : tuple of Record
        The records since that layer was taken up, each with the changes to be made in order.
    layer : str
        Digest of what it must hold.
    """

    number: int
    drawn: str
    records: tuple[Record, ...]
    layer: str

    def written(self) -> dict[str, Any]:
        """Return the parts as plain values (写入文件)."""
        names = [f"{KINDS[r.kind]}/{r.number:04d}.json" for r in self.records]
        return {
            "version": self.number, "drawn": self.drawn, "drawn_file": drawn_name(self.drawn), "records": names,
            "record_sha256": [r.sha256 for r in self.records], "layer_sha256": self.layer,
        }  # fmt: skip


def current_layer(region_folder: Path, theme: str) -> ZoneLayer:
    """
    Return a theme's zones as they are now: as drawn, with all that people changed (现行区域图层).

    Without records the drawn layer is returned. Once there are, a newer ``drawn.parquet`` counts only when
    ``shuibao zones redraw`` has carried the edits over to it.

    Parameters
    ----------
    region_folder : Path
        The region folder.
    theme : str
        One of :data:`shuibao.zoning.layer.THEMES`.

    Returns
    -------
    ZoneLayer
        With ``VERSION`` in its metadata if there are records.

    Raises
    ------
    ShuibaoError
        If nothing is drawn yet, or the records are not in order.
    """
    folder = theme_folder(region_folder, theme)
    return layer_of(folder, read_journal(folder))


def layer_of(folder: Path, records: Sequence[Record]) -> ZoneLayer:
    """
    Return the zones that a journal comes to; the drawn ones if it holds none (记录对应的图层).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.

    Raises
    ------
    ShuibaoError
        If nothing is drawn yet, or a version cannot be built.
    """
    found = versions_of(records)
    if not found:
        return read_layer(folder / DRAWN)
    return _kept(folder, found[-1]) or rebuilt(folder, found[-1])


def versions_of(records: Sequence[Record]) -> list[Version]:
    """
    Return the versions that a journal makes, in order (全部版本).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    """
    out: list[Version] = []
    since: list[Record] = []
    for record in records:
        if record.kind not in LAYER_KINDS or "layer" not in record.content:
            continue
        since = [record] if record.kind == "draw" else [*since, record]
        out.append(Version(len(out) + 1, since[0]["drawn"], tuple(since), record["layer"]))
    return out


def version_of(records: Sequence[Record], number: int) -> Version:
    """
    Return one version of a journal (取版本).

    Parameters
    ----------
    records : sequence of Record
        The journal.
    number : int
        Its number.

    Raises
    ------
    CallError
        If there is none of that number.
    """
    found = versions_of(records)
    if not found:
        raise CallError(
            "还没有流程记录，也就没有版本；现行图层就是底图（drawn）。",
            "there are no records and so no versions; the zones of now are the drawn ones (drawn).",
        )
    if not 1 <= number <= len(found):
        raise CallError(
            f"没有第 {number} 版；现有版本：1–{len(found)}。",
            f"there is no version {number}; there are: 1–{len(found)}.",
        )
    return found[number - 1]


def rebuilt(folder: Path, version: Version) -> ZoneLayer:
    """
    Return a version built again from its drawn layer and its records (重建版本).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    version : Version
        Which.

    Raises
    ------
    ShuibaoError
        If the drawn layer is missing or was altered, or what comes out is not what the version must hold.
    """
    path = folder / drawn_name(version.drawn)
    if not path.exists() or sha256_of(path) != version.drawn:
        raise ShuibaoError(
            f"{path} 缺失或被改动（应为 sha256 {version.drawn[:16]}…）；请从备份恢复该文件。",
            f"{path} is missing or was altered (its sha256 should be {version.drawn[:16]}…); restore it from a copy.",
        )
    layer = read_layer(path)
    for record in version.records:
        layer = applied(layer, [change_of(c) for c in record["changes"]])
    if digest_of(layer) != version.layer:
        raise ShuibaoError(
            f"{folder} 第 {version.number} 版重建后与记录不符；请运行 shuibao zones verify，并从备份恢复。",
            f"version {version.number} of {folder} comes out otherwise than its record says; run shuibao zones verify and "
            "restore from a copy.",
        )
    return stamped(layer, version.number, version.layer)


def stamped(layer: ZoneLayer, number: int, digest: str) -> ZoneLayer:
    """
    Return a layer that says which version it is (注明版本).

    Parameters
    ----------
    layer : ZoneLayer
        The layer.
    number : int
        Its version.
    digest : str
        Digest of what it holds.
    """
    return replace(layer, metadata={**layer.metadata, VERSION: str(number), DIGEST: digest})


def take_up(folder: Path, records: list[Record], layer: ZoneLayer, *, by: str, on: str) -> list[Record]:
    """
    Keep the drawn layer as version 1 if there is none yet, and return the journal (采用底图).

    Parameters
    ----------
    folder : Path
        The theme's folder; its lock must be held.
    records : list of Record
        The journal so far.
    layer : ZoneLayer
        The layer of now, as it was worked with.
    by, on : str
        Who makes the first record, and its date.

    Raises
    ------
    ShuibaoError
        If nothing is drawn yet, or it was drawn again in the meantime.
    """
    if versions_of(records):
        return records
    drawn, sha256 = keep_drawn(folder)
    digest = digest_of(drawn)
    if digest != digest_of(layer):
        raise ShuibaoError(
            f"{folder / DRAWN} 刚刚被重划；没有记录，请对照新底图再做一次。",
            f"{folder / DRAWN} was drawn again just now; nothing is recorded, do it again on the new drawing.",
        )
    content = {"who": by, "when": on, "why": "", "drawn": sha256, "changes": [], "conflicts": [], "layer": digest}
    return [*records, append(folder, "draw", content, records=records)]


def keep_drawn(folder: Path) -> tuple[ZoneLayer, str]:
    """
    Copy the drawn layer to where it stays, under the hash of its bytes (保存底图).

    Parameters
    ----------
    folder : Path
        The theme's folder.

    Returns
    -------
    layer : ZoneLayer
        The drawn layer.
    sha256 : str
        SHA-256 of its file.
    """
    if not (folder / DRAWN).exists():
        read_layer(folder / DRAWN)  # refuses, and says how to draw it
    content = (folder / DRAWN).read_bytes()  # once: it may be drawn again at any time
    sha256 = hashlib.sha256(content).hexdigest()
    kept = folder / drawn_name(sha256)
    if not kept.exists() or sha256_of(kept) != sha256:
        with renamed(kept) as temporary:
            temporary.write_bytes(content)
    return read_layer(kept), sha256


def drawn_name(sha256: str) -> str:
    """Return where a drawn layer is kept, within the theme's folder (底图存放处)."""
    return f"drawn/{sha256[:16]}.parquet"


def write_derived(folder: Path, records: Sequence[Record], layer: ZoneLayer) -> None:
    """
    Write what follows from the records: the parts of each version, and the layer of now (写出派生文件).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    records : sequence of Record
        The journal.
    layer : ZoneLayer
        The layer of the last version.
    """
    found = versions_of(records)
    for version in found:
        path = folder / "versions" / f"{version.number}.json"
        text = written(version.written())
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            with renamed(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
    write_layer(folder / CURRENT, stamped(layer, found[-1].number, found[-1].layer))


def derived_stand(folder: Path, version: Version) -> bool:
    """
    Tell whether the layer of now, which is written last, is that of a version by its tags (派生文件是否齐全).

    Parameters
    ----------
    folder : Path
        The theme's folder.
    version : Version
        The last version.
    """
    try:
        tags = vector_tags(folder / CURRENT)
    except (ShuibaoError, OSError):
        return False
    return tags.get(DIGEST) == version.layer and tags.get(VERSION) == str(version.number)


def _kept(folder: Path, version: Version) -> ZoneLayer | None:
    """Return the layer of now as it lies on disk, or None if it is not that of the last record."""
    path = folder / CURRENT
    try:
        layer = read_layer(path)
    except (ShuibaoError, OSError, json.JSONDecodeError):
        return None
    mine = layer.metadata.get(DIGEST) == version.layer and layer.metadata.get(VERSION) == str(version.number)
    return layer if mine and digest_of(layer) == version.layer else None
