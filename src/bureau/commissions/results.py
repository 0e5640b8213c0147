"""
What a reviewer is shown of a result before it is published (审核依据): figures, warnings, and what it would supersede.

The child that computed it wrote the figures down (:mod:`bureau.commissions.previewing`); targets and the version in force
are asked of the database.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from bureau.commissions.models import Commission
from bureau.commissions.previewing import BULLETIN, FOLDER, MAP, RESULT, TABLES
from bureau.publications.classes import Class, classes
from bureau.publications.counting import Covered, partly, said, shares
from bureau.publications.models import ClassSum, Kind, Publication, RegionSummary
from bureau.publications.services import versions_of
from bureau.regions.models import Region
from bureau.targets.selectors import targets_among, year_ahead
from bureau.workbooks import XLSX

PARTS = {
    MAP: "image/png",
    BULLETIN: "text/html; charset=utf-8",
    TABLES: XLSX,
}
"""Files that are handed out, with what they are."""
SHOWN_IN = ("finished", "accepted", "published", "rejected")
"""Statuses of commissions that have a result to show."""


@dataclass(frozen=True)
class Row:
    """
    A region of a result (结果一行): its figures beside its target and the version in force.

    Attributes
    ----------
    region : Region
    land_m2, eroded_m2, missing_m2, soil_loss_t : float
    target_year, target : int, float or None
        The first target year that is not before the result's, percent.
    before : float or None
        Rate of the version in force, percent.
    """

    region: Region
    land_m2: float
    eroded_m2: float
    missing_m2: float
    soil_loss_t: float
    target_year: int | None = None
    target: float | None = None
    before: float | None = None

    @property
    def percent(self) -> float | None:
        """Return the conservation rate (水土保持率)."""
        return 100.0 * (1.0 - self.eroded_m2 / self.land_m2) if self.land_m2 else None

    @property
    def gap(self) -> float | None:
        """Return rate less target, percentage points (与目标之差)."""
        return None if self.percent is None or self.target is None else self.percent - self.target

    @property
    def change(self) -> float | None:
        """Return rate less that of the version in force, percentage points (与现行版之差)."""
        return None if self.percent is None or self.before is None else self.percent - self.before

    @property
    def modulus(self) -> float | None:
        """Return mean soil loss over the land whose soil loss is known, t/(km²·a) (平均侵蚀模数)."""
        known = self.land_m2 - self.missing_m2
        return 1e6 * self.soil_loss_t / known if known > 0 else None


@dataclass(frozen=True)
class Part:
    """
    A class of intensity in a result (强度一行).

    Attributes
    ----------
    of : Class
    area_m2, share : float
        Share in percent.
    before_m2 : float or None
        Area in the version in force.
    """

    of: Class
    area_m2: float
    share: float
    before_m2: float | None

    @property
    def change_km2(self) -> float | None:
        """Return how much more it is than in the version in force, km² (与现行版之差)."""
        return None if self.before_m2 is None else (self.area_m2 - self.before_m2) / 1e6


@dataclass(frozen=True)
class Result:
    """
    A result as it is judged (送审结果).

    Attributes
    ----------
    whole : Row
        The region as a whole.
    counties : list of Row
        Where there are several.
    parts : list of Part
    warnings : list of dict
        What the check warned of: ``where`` and ``text``.
    files : set of str
        Those of :data:`PARTS` that there are.
    no_bulletin : str
        Why there is no bulletin.
    supersedes : Publication or None
        Version in force that this one would take the place of.
    partly : list of Covered
        Counties of which it covers a part only.
    """

    whole: Row
    counties: list[Row]
    parts: list[Part]
    warnings: list[dict[str, str]]
    files: set[str]
    no_bulletin: str
    supersedes: Publication | None
    partly: list[Covered]

    @property
    def part_said(self) -> str:
        """Return in words how much of which counties is covered (覆盖说明)."""
        return said(self.partly)

    @property
    def rows(self) -> list[Row]:
        """Return the whole region, then its counties (各行)."""
        return [self.whole, *self.counties]


def result_of(commission: Commission) -> Result | None:
    """
    Return the result of a commission (送审结果); None if there is none, or its files are not there.

    Parameters
    ----------
    commission : Commission
        Whoever asks may see its region.
    """
    folder = commission.folder / FOLDER
    told = _told(commission)
    if told is None:
        return None
    before = None
    if commission.status == Commission.Status.FINISHED:
        before = versions_of(commission.region, Kind.SURVEY, commission.year, "", "").in_force().first()  # type: ignore[attr-defined]
    whole, *counties = _rows(commission, told["counties"], before)
    return Result(
        whole, counties, _parts(told, before, commission.region_id), told["warnings"],
        {name for name in PARTS if (folder / name).is_file()}, told.get("no_bulletin", ""), before,
        partly(shares(_land(told))),
    )  # fmt: skip


def land_of(commission: Commission) -> dict[str, float]:
    """
    Return the land of a result, m², by code of the county; nothing if there is no result (各县成果面积).

    Parameters
    ----------
    commission : Commission
    """
    told = _told(commission)
    return {} if told is None else _land(told)


def _told(commission: Commission) -> dict[str, Any] | None:
    """Return what the child wrote down of a result."""
    if commission.status not in SHOWN_IN:
        return None
    try:
        told: dict[str, Any] = json.loads((commission.folder / FOLDER / RESULT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return told


def _land(told: dict[str, Any]) -> dict[str, float]:
    return {row["code"]: row["land_m2"] for row in told["counties"]}


def _rows(commission: Commission, told: list[dict[str, Any]], before: Publication | None) -> list[Row]:
    """Return the whole region, and its counties where it is no county itself."""
    keys = ("land_m2", "eroded_m2", "missing_m2", "soil_loss_t")
    regions = Region.objects.filter(code__in=[row["code"] for row in told]).defer("border").in_bulk()
    figures = {commission.region_id: {key: sum(row[key] for row in told) for key in keys}}
    figures |= {row["code"]: {key: row[key] for key in keys} for row in told if row["code"] in regions}
    regions[commission.region_id] = commission.region
    targets, old = targets_among(figures), _old_rates(before, figures)
    rows = []
    for code, own in figures.items():
        goals = targets.get(code, {})
        year = year_ahead(goals, date(commission.year, 1, 1)) if goals else None
        goal = None if year is None else float(goals[year])
        rows.append(Row(regions[code], **own, target_year=year, target=goal, before=old.get(code)))
    return rows


def _old_rates(before: Publication | None, codes: Iterable[str]) -> dict[str, float]:
    found = RegionSummary.objects.filter(publication=before, region_id__in=codes) if before else []
    return {row.region_id: row.percent for row in found if row.percent is not None}


def _parts(told: dict[str, Any], before: Publication | None, region: str) -> list[Part]:
    """Return the areas by intensity."""
    areas, total = told["intensity"], sum(told["intensity"].values())
    sums = ClassSum.objects.filter(publication=before, region_id=region, dimension="intensity") if before else []
    old = {row.code: row.area_m2 for row in sums}
    return [
        Part(c, areas.get(c.code, 0.0), 100 * areas.get(c.code, 0.0) / total, old.get(c.code, 0.0) if old else None)
        for c in classes("intensity", told["packs"] or ["national"]) if areas.get(c.code) or old.get(c.code)
    ]  # fmt: skip
