"""
The child that examines a package of zones: ``python -m bureau.delimitation.examining JOB`` (成果包验收子进程).

It has no database, and runs in the sandbox of uploads within its limits. It goes through the package as ``shuibao zones
check`` does, writes the zones as a layer of our own where there is no error, and prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import shapely

from bureau.commissions.converting import keep_within_limits
from bureau.commissions.unpacking import Refused, check_members

MOST_ZONES, MOST_VERTICES, MOST_OF_ONE = 200_000, 20_000_000, 2_000_000
"""Zones of a package, vertices of all and of one that are still taken (chosen: a province has some 10⁵ zones)."""
UNPACKED = 4 * 2**30
"""Bytes that a package may unpack to (chosen)."""
TOLD = 400
"""Faults that are told at most; how many there are of each kind is told in any case (chosen)."""
HOSTILE = ("files-unsafe", "files-unreadable")
"""Kinds of fault that are not listed but refused, with one sentence."""
NAME = "成果包"


class _Untold(Exception):  # noqa: N818 - the package is asked again
    """Nothing in the package tells what kind of zones it holds."""


def main() -> None:
    """Examine what the job names, and print what was found (验收)."""
    job = json.loads(sys.argv[1])
    keep_within_limits()
    try:
        told = examined(job)
    except Refused as refused:
        told = {"refused": str(refused)}
    except MemoryError:
        told = {"refused": "成果包太大，超出验收所允许的内存；请按县或按类别分开打包。"}
    print(json.dumps(told, ensure_ascii=False))  # noqa: T201 - the parent reads it


def examined(job: dict[str, Any]) -> dict[str, Any]:
    """
    Go through a package, and write its zones where there is no error (验收并取出区域).

    Parameters
    ----------
    job : dict
        ``raw`` and ``made``, paths; ``folder``, an empty one; ``theme``; ``region``, code and ``region_name``;
        ``rules``, packs.

    Returns
    -------
    dict
        ``zones``, ``simulated``, ``accepted``, ``faults`` and ``counts``.

    Raises
    ------
    Refused
        If the package is not honest, cannot be read, or is of another theme or region.
    """
    from shuibao.delimitation.acceptance.adopting import adopted
    from shuibao.delimitation.acceptance.checking import check_package
    from shuibao.delimitation.folder import write_layer
    from shuibao.rules import load_rules

    path, theme, rules = _named(job), job["theme"], load_rules(job["rules"])
    counties = [job["region"]]
    try:
        report = check_package(path, rules, counties=counties, look=lambda layers: _look(layers, job, known=False))
    except _Untold:
        report = check_package(
            path, rules, theme=theme, counties=counties, look=lambda layers: _look(layers, job, known=True)
        )
    for fault in report.faults:
        if fault.kind.id in HOSTILE:
            allowed = f"，应为{fault.allowed[0]}" if fault.allowed[0] else ""
            raise Refused(f"成果包不收：{fault.where} {fault.found[0]}{allowed}。{fault.kind.mend[0]}")
    if report.accepted:
        write_layer(Path(job["made"]), adopted(report, theme, rules))
    rows = [fault.row() for fault in report.faults[:TOLD]]
    kept = ("severity", "kind", "name", "where", "code", "lon", "lat", "found", "allowed", "mend")
    return {
        "zones": report.zones, "simulated": report.simulated, "accepted": report.accepted, "counts": report.counts(),
        "severities": {severity: report.count(severity) for severity in ("error", "warning", "note")},
        "faults": [{name: row[name] for name in kept} for row in rows],
    }  # fmt: skip


def _named(job: dict[str, Any]) -> Path:
    """Return the upload under a name that may be told; an archive that is no honest one is refused."""
    raw = Path(job["raw"])
    path = Path(job["folder"]) / f"{NAME}{raw.suffix}"
    path.symlink_to(raw)
    if raw.suffix != ".zip":
        return path
    try:
        with zipfile.ZipFile(raw) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as broken:
        raise Refused("压缩包损坏，或不是 ZIP；请用普通 ZIP 重新打包。") from broken
    check_members(members, raw.stat().st_size)
    size = sum(member.file_size for member in members)
    if size > UNPACKED:
        raise Refused(f"压缩包展开后过大（{size / 2**30:.1f} GB，最多 {UNPACKED // 2**30} GB）；请按县分开打包。")
    return path


def _look(layers: Sequence[Any], job: dict[str, Any], *, known: bool) -> None:
    """Refuse layers that are too large, of another theme, or of another region, before anything is measured on them."""
    from shuibao.delimitation.acceptance.naming import codes_in

    for layer in layers:
        points = shapely.get_num_coordinates(layer.geometry)
        most, whole = int(points.max(initial=0)), int(points.sum())
        if len(layer) > MOST_ZONES or whole > MOST_VERTICES or most > MOST_OF_ONE:
            raise Refused(
                f"{layer.where} 有 {len(layer)} 个区域、{whole} 个顶点（单个区域最多 {most} 个），超出平台所收"
                f"（{MOST_ZONES} 个区域，共 {MOST_VERTICES}、单个 {MOST_OF_ONE} 个顶点）；请化简或分开打包。"
            )
    told = {layer.theme for layer in layers if layer.theme}
    if other := sorted(told - {job["theme"]}):
        names = "、".join(job["themes"].get(name, name) for name in other)
        wanted = job["themes"][job["theme"]]
        raise Refused(f"成果包里是{names}，不是所选的{wanted}；请改选类别，或按类别分开打包。")
    if layers and not told and not known:
        raise _Untold
    prefix = job["prefix"]
    strange = {c for layer in layers for text in layer.texts("county") for c in codes_in(text)}
    if away := sorted(code for code in strange if not code.startswith(prefix)):
        few = "、".join(away[:5]) + (f" 等 {len(away)} 个" if len(away) > 5 else "")
        raise Refused(
            f"成果包里有县级代码 {few}，不属{job['region_name']}（{job['region']}）；请核对行政区，或移出他县的区域。"
        )


if __name__ == "__main__":
    main()
