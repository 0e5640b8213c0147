"""
The child that tries an upload: ``python -m bureau.commissions.fitting JOB`` (试用子进程).

A region folder is made in which the upload is all there is; ``shuibao check`` looks at it, and what it says of that one
input is told. So an upload that no run would take is not called usable.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bureau.commissions.converting import keep_within_limits
from bureau.commissions.kinds import KINDS
from bureau.commissions.wording import said

MOST = 50
"""Findings that are told (chosen)."""
CELL = 30.0
"""Cell that is tried with, m: the larger one."""


def main() -> None:
    """Try the upload that the job names, and print what was found (试用)."""
    job = json.loads(sys.argv[1])
    keep_within_limits()
    print(json.dumps({"findings": tried(Path(job["folder"]), job)}, ensure_ascii=False))  # noqa: T201 - the parent reads it


def tried(folder: Path, job: dict[str, Any]) -> list[dict[str, Any]]:
    """
    Return what the check says of an upload (试用).

    Parameters
    ----------
    folder : Path
        An empty folder.
    job : dict
        ``path`` of the converted file, its ``kind`` and what was ``said`` of it, the ``code`` of its region, the ``year``
        to try with, its ``columns``, and the ``names`` that people know files by.
    """
    from bureau.commissions.child import laid_out
    from shuibao.survey.checking import check_region
    from shuibao.survey.making import level_and_name, rules_of, write_region_file

    kind = KINDS[job["kind"]]
    level, name = level_and_name(job["code"])
    region = {
        "name": name, "level": level, "codes": [job["code"]], "year": job["year"], "cell": CELL,
        "rules": rules_of(job["code"]),
    }  # fmt: skip
    inputs = laid_out(folder, {kind.serves: {"path": job["path"], **kind.words(job["said"], job["columns"])}})
    write_region_file(folder, region, inputs | {"boundaries": {"source": "counties"}})
    found = []
    for finding in check_region(folder, jobs=1, write=False).findings:
        if finding.where.split(".")[:2] == ["inputs", kind.serves]:
            _, text = said(finding.where, finding.zh, job["names"], kind.form)
            found.append({"wrong": finding.severity == "error", "where": kind.label, "text": text})
    return sorted(found, key=lambda one: not one["wrong"])[:MOST]


if __name__ == "__main__":
    main()
