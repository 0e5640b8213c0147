"""Metadata of a package: there, complete, true to its files, honest about made-up land (元数据检查)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from shuibao.delimitation.acceptance.fault import Ledger
from shuibao.delimitation.acceptance.submitted import Submitted
from shuibao.ground.files import sha256_of
from shuibao.rules import Rules

FILE = "metadata.json"
OTHERS = (".xml",)
"""Metadata that others bring; they are not read, only seen."""

CARRIERS = ("gpkg", "parquet", "geoparquet")
"""Formats that can say within the file that its land is made up."""

MADE_UP = ("模拟", "simulated")


@dataclass(frozen=True)
class Metadata:
    """
    What a package says about itself (元数据).

    Parameters
    ----------
    content : mapping
        The file's content; empty if there is none that can be read.
    where : str
        Its name in the package.
    """

    content: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""

    def text(self, *keys: str) -> str:
        """Return the first of some entries that is text; empty if there is none."""
        values = (self.content.get(key) for key in keys)
        return next((value for value in values if isinstance(value, str)), "")

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the counties that the package is of."""
        given = self.content.get("codes", [])
        return tuple(str(code) for code in given) if isinstance(given, list) else ()

    @property
    def simulated(self) -> bool:
        """Return whether it says that the land is made up."""
        return says_made_up({str(key): str(value) for key, value in self.content.items()})


def says_made_up(metadata: Mapping[str, str]) -> bool:
    """
    Tell whether metadata say that the land is made up (是否标为模拟数据).

    Parameters
    ----------
    metadata : mapping of str to str
        Of a file or a package.

    Examples
    --------
    >>> says_made_up({"DATA_KIND": "模拟数据"}), says_made_up({"data_kind": ""})
    (True, False)
    """
    told = " ".join(value for key, value in metadata.items() if key.lower() in ("data_kind", "simulated")).lower()
    return any(word in told for word in MADE_UP) or told == "true"


def read_metadata(files: Mapping[str, Path], ledger: Ledger) -> Metadata:
    """
    Return the metadata of a package; a package without any, or whose are damaged, is noted (读取元数据).

    Parameters
    ----------
    files : mapping of str to Path
        Files of the package.
    ledger : Ledger
        Where faults are noted.
    """
    names = sorted((n for n in files if PurePosixPath(n).name.lower() == FILE), key=lambda n: (n.count("/"), n))
    if not names:
        if not any(n.lower().endswith(OTHERS) for n in files):
            ledger.file("metadata-missing", "", ("没有元数据文件", "there is no file of metadata"), (FILE, FILE))
        return Metadata()
    try:
        content = json.loads(files[names[0]].read_bytes().decode("utf-8-sig"))
    except (ValueError, OSError, RecursionError) as error:
        words = " ".join(str(error).split())
        found = (f"读不了，可能不完整或已损坏（{words}）", f"it cannot be read, and may be damaged ({words})")
        ledger.file("files-unreadable", names[0], found)
        return Metadata({}, names[0])
    return Metadata(content if isinstance(content, dict) else {}, names[0])


def check_metadata(metadata: Metadata, whole: Mapping[str, Path], rules: Rules, ledger: Ledger) -> None:
    """
    Check the metadata for completeness, and the files against their checksums (元数据检查).

    Parameters
    ----------
    metadata : Metadata
        From :func:`read_metadata`.
    whole : mapping of str to Path
        Files as they stand in the package, archives included.
    rules : Rules
        Asked for ``zone_package.metadata``.
    ledger : Ledger
        Where faults are noted.
    """
    if not metadata.content:
        return
    for key in rules.value("zone_package.metadata"):
        if metadata.content.get(key) in (None, ""):
            found = (f"没有 {key}", f"{key} is missing")
            ledger.file("metadata-key", metadata.where, found, ("必有", "required"))
    folder = metadata.where.rpartition("/")[0]
    for name, wanted in sorted(_checksums(metadata.content.get("files")).items()):
        full = f"{folder}/{name}".lstrip("/")
        if full not in whole:
            ledger.file("files-missing", full, ("元数据列有此文件，包中没有", "metadata list it, the package lacks it"))
        elif wanted and sha256_of(whole[full]) != wanted:
            found = ("文件内容与元数据的 sha256 不符", "its content is not that of the sha256 in the metadata")
            ledger.file("metadata-checksum", full, found, (wanted[:16] + "…", wanted[:16] + "…"))


def _checksums(given: Any) -> dict[str, str]:
    """Return checksums by file, however they are written down."""
    if isinstance(given, dict):
        return {str(name): _checksum(value) for name, value in given.items()}
    entries = [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
    found = {str(e.get("path") or e.get("name") or e.get("file") or ""): _checksum(e) for e in entries}
    return {name: value for name, value in found.items() if name}


def _checksum(value: Any) -> str:
    return str(value.get("sha256", "")).lower() if isinstance(value, dict) else str(value).lower()


def check_honesty(metadata: Metadata, layers: Sequence[Submitted], ledger: Ledger) -> bool:
    """
    Check that made-up land is called so everywhere, and return whether it is made up (模拟数据标注检查).

    Parameters
    ----------
    metadata : Metadata
        Of the package.
    layers : sequence of Submitted
        Its layers.
    ledger : Ledger
        Where faults are noted.
    """
    can_say = [layer for layer in layers if layer.form in CARRIERS]
    saying = [layer for layer in can_say if says_made_up(layer.metadata)]
    made_up = bool(saying) or metadata.simulated
    for layer in can_say if made_up else []:
        if layer not in saying:
            found = ("别处标为模拟数据，此图层没有", "other parts are labelled as made up, this layer is not")
            ledger.file("metadata-simulated", layer.where, found, ("DATA_KIND = 模拟数据", "DATA_KIND = 模拟数据"))
    if saying and metadata.content and not metadata.simulated:
        found = ("图层标为模拟数据，元数据没有", "layers are labelled as made up, the metadata are not")
        ledger.file("metadata-simulated", metadata.where, found, ("data_kind = 模拟数据", "data_kind = 模拟数据"))
    return made_up
