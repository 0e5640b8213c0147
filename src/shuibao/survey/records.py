"""What each step read, with what, and what it wrote: one JSON a step (运行记录)."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from shuibao import __version__
from shuibao.ground.files import remove_unfinished, renamed, sha256_of
from shuibao.rules import Parameter
from shuibao.survey.region import Region


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON, whole or not at all (写出 JSON)."""
    with renamed(path) as temporary:
        temporary.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_record(region: Region, step: str) -> dict[str, Any] | None:
    """
    Return the record of a step, or None if there is none that can be read (读取记录).

    Parameters
    ----------
    region : Region
        The region folder.
    step : str
        Step.
    """
    try:
        content = json.loads((region.records / f"{step}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def hashes_of(region: Region, paths: Sequence[Path]) -> dict[str, str]:
    """
    Return the SHA-256 of files by name; what has not changed since it was last read is not read again (输入校验和).

    Parameters
    ----------
    region : Region
        The region folder; hashes are remembered in ``records/inputs.json``.
    paths : sequence of Path
        Files.
    """
    memory = region.records / "inputs.json"
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    stats = {path: path.stat() for path in paths}
    stamps = {path: [stat.st_size, stat.st_mtime_ns] for path, stat in stats.items()}
    changed = [p for p in paths if known.get(name_of(region, p), {}).get("stamp") != stamps[p]]
    if changed:
        with ThreadPoolExecutor(2) as pool:
            for path, digest in zip(changed, pool.map(sha256_of, changed), strict=True):
                known[name_of(region, path)] = {"stamp": stamps[path], "sha256": digest}
        write_json(memory, known)
    return {name_of(region, p): known[name_of(region, p)]["sha256"] for p in paths}


def name_of(region: Region, path: Path) -> str:
    """Return a file's name for records: relative to the region folder where it lies in it (记录用文件名)."""
    return path.relative_to(region.folder).as_posix() if path.is_relative_to(region.folder) else path.as_posix()


def fingerprint(content: Mapping[str, Any]) -> str:
    """Return a hash of what a step depends on (指纹)."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def is_done(region: Region, step: str, wanted: str) -> bool:
    """
    Tell whether a step was finished with the same fingerprint and its files are still there (是否已完成).

    Parameters
    ----------
    region : Region
        The region folder.
    step : str
        Step.
    wanted : str
        Fingerprint of what the step would depend on now.
    """
    record = read_record(region, step)
    if record is None or record.get("fingerprint") != wanted:
        return False
    outputs: dict[str, int] = record.get("outputs", {})
    return all(size_of(region.folder / name) == size for name, size in outputs.items())


def size_of(path: Path) -> int:
    """Return the size of a file, bytes; -1 if there is none (文件大小)."""
    return path.stat().st_size if path.is_file() else -1


def write_record(
    region: Region,
    step: str,
    *,
    wanted: str,
    depends: Mapping[str, Any],
    outputs: Sequence[Path],
    parameters: Sequence[Parameter],
    summary: Mapping[str, Any],
    seconds: float,
) -> None:
    """
    Write what a step did, and remove what no longer belongs beside it (写出记录).

    Files that the step wrote before and does not write now are removed, and so are those that a killed run left half
    written.

    Parameters
    ----------
    region : Region
        The region folder.
    step : str
        Step.
    wanted : str
        Fingerprint of what it depended on.
    depends : mapping
        What it depended on: inputs with their hashes, settings, rule packs.
    outputs : sequence of Path
        Files it wrote.
    parameters : sequence of Parameter
        Rules it asked for.
    summary : mapping
        What it found.
    seconds : float
        Time it took.
    """
    content: dict[str, Any] = {
        "step": step,
        "fingerprint": wanted,
        "depends": depends,
        "outputs": {name_of(region, path): path.stat().st_size for path in outputs},
        "parameters": [p.record() for p in parameters],
        "summary": summary,
        "software": f"shuibao {__version__}",
        "seconds": round(seconds, 2),
        "peak_mb": round(peak_mb()),
    }
    before = read_record(region, step) or {}
    write_json(region.records / f"{step}.json", content)
    _sweep(region, set(before.get("outputs", {})) - set(content["outputs"]), {path.parent for path in outputs})


def _sweep(region: Region, stale: set[str], folders: set[Path]) -> None:
    """Remove stale products, with their folders when those are empty, and temporary files of processes that ended."""
    products = region.products.resolve()
    for path in sorted((region.folder / name).resolve() for name in stale):
        if path.is_relative_to(products):
            path.unlink(missing_ok=True)
            if path.parent != products and path.parent.is_dir() and not any(path.parent.iterdir()):
                path.parent.rmdir()
    for folder in folders:
        remove_unfinished(folder)


def peak_mb() -> float:
    """Return the greatest memory this process has had so far, MB (内存峰值)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
