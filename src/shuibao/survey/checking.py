"""
Looking at everything before anything is computed, and saying all that is wrong at once (运行前检查).

An error stops a run; a warning is written down so that it reaches the report.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from shuibao.ground.reading import close_files
from shuibao.messages import Finding
from shuibao.survey.checking_folder import (
    check_disk,
    check_erosion_region,
    check_needed,
    check_targets_pack,
    checked_counties,
    checked_rules,
)
from shuibao.survey.checking_key_zones import check_key_zone_inputs
from shuibao.survey.checking_layers import Look
from shuibao.survey.checking_names import check_names, check_year
from shuibao.survey.checking_notes import LookedAt, Notes
from shuibao.survey.checking_tables import check_control_areas, check_rain, check_weights
from shuibao.survey.checking_tallies import tally_layers
from shuibao.survey.checking_themes import judge, open_all
from shuibao.survey.checking_water import check_limits, check_rivers
from shuibao.survey.checking_zones import check_zone_layers
from shuibao.survey.counties import Counties
from shuibao.survey.executing import processors
from shuibao.survey.records import write_json
from shuibao.survey.region import examine_region, presumed_region

Progress = Callable[[str], None]
"""Called with the name of what is looked at next."""


@dataclass(frozen=True)
class CheckResult:
    """
    What a check found (检查结果).

    Parameters
    ----------
    findings : tuple of Finding
        Errors and warnings, in the order of ``region.toml``.
    inputs : tuple of LookedAt
        The inputs that could be read, and what they are.
    """

    findings: tuple[Finding, ...]
    inputs: tuple[LookedAt, ...]

    @property
    def errors(self) -> int:
        """Return how many errors there are: with one, a region cannot be run."""
        return sum(f.severity == "error" for f in self.findings)

    @property
    def warnings(self) -> int:
        """Return how many warnings there are."""
        return len(self.findings) - self.errors

    @property
    def passed(self) -> bool:
        """Tell whether the region can be run."""
        return not self.errors


def check_region(
    folder: Path, *, write: bool = False, jobs: int | None = None, progress: Progress = lambda what: None
) -> CheckResult:
    """
    Read a region folder and all its inputs, and list all that is wrong (检查区域文件夹).

    Parameters
    ----------
    folder : Path
        Folder that holds ``region.toml``.
    write : bool
        Whether to write the findings to ``records/check.json``, from which the report takes them.
    jobs : int, optional
        Threads; one for each processor if not given.
    progress : callable
        Told what is looked at next.

    Returns
    -------
    CheckResult
        What was found; the products are not touched.

    Raises
    ------
    CallError
        If there is no such folder or no ``region.toml`` in it.
    """
    close_files()  # files may have changed since they were last read
    region, findings = examine_region(folder)
    notes = Notes(str(folder.resolve()))
    notes.take(findings)
    region = region or presumed_region(folder)
    if region is not None:
        progress("region.toml")
        rules = checked_rules(notes, region)
        check_erosion_region(notes, region, rules)
        check_limits(notes, region, rules)
        check_year(notes, region)
        check_needed(notes, region)
        counties = checked_counties(notes, region)
        check_names(notes, region)
        check_targets_pack(notes, region, counties)
        if counties is not None:
            check_disk(notes, region, float(shapely.area(counties.geometry).sum()))
        known = counties or Counties((), (), np.array([shapely.box(0.0, 0.0, 1.0, 1.0)], dtype=object), "")
        look = Look(notes, region, rules, known, known.grid(region.cell), placed=counties is not None)
        _check_inputs(look, jobs or processors(), progress)
    close_files()
    result = CheckResult(notes.ordered(), tuple(notes.inputs))
    if write:
        write_check(folder, result)
    return result


def _check_inputs(look: Look, jobs: int, progress: Progress) -> None:
    progress("inputs.rain")
    if "rain" in look.region.inputs:
        check_rain(look)
    check_weights(look)
    check_control_areas(look)
    check_rivers(look)
    check_zone_layers(look)
    check_key_zone_inputs(look)
    open_all(look)
    progress("inputs")
    judge(look, tally_layers(look.layers, look.counties, jobs))


def write_check(folder: Path, result: CheckResult) -> Path:
    """
    Write the findings for the report, in both languages (写出检查记录).

    Parameters
    ----------
    folder : Path
        The region folder.
    result : CheckResult
        From :func:`check_region`.

    Returns
    -------
    Path
        ``records/check.json``.
    """
    path = folder / "records" / "check.json"
    found = [{"severity": f.severity, "where": f.where, "zh": f.zh, "en": f.en} for f in result.findings]
    inputs = [{"where": i.where, "files": list(i.files), "zh": i.zh, "en": i.en} for i in result.inputs]
    write_json(path, {"findings": found, "inputs": inputs})
    return path
