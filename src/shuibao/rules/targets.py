"""
Conservation-rate targets of regions and their counties (水土保持率目标).

A target pack holds the figures of one document: the region's own targets and, where it gives them, those of its
counties. Whether the counties add up to the region is a question of areas, so the areas are an argument.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from shuibao.messages import CallError, Finding, ShuibaoError, counted
from shuibao.rules.citation import Citation, read_citation
from shuibao.rules.pack import load_toml, packs_folder
from shuibao.rules.rulebook import load_rules
from shuibao.rules.suggestion import suggestion
from shuibao.rules.target_form import check_target_form

ROUNDING = 1e-9
"""Percentage points below which two figures are equal: what binary fractions lose, not a rule."""

OWN_DIGITS = {"nation": 0, "province": 2, "city": 4, "county": 6}
"""Leading digits of a GB/T 2260 code that all parts of a region share, by its level."""

Verdict = Literal["adds_up", "differs", "incomplete", "nothing_to_add"]


@dataclass(frozen=True)
class Target:
    """
    The targets of one county (县级目标).

    Parameters
    ----------
    code : str
        GB/T 2260 code, six digits.
    name, name_en : str
        Name of the county.
    percent : mapping of int to float
        Conservation rate to reach by year, percent.
    """

    code: str
    name: str
    name_en: str
    percent: Mapping[int, float]


@dataclass(frozen=True)
class Targets:
    """
    The targets of a region and of its counties, with the document they stand in (目标包).

    Parameters
    ----------
    id, title, title_en : str
        Id and titles of the pack.
    name, name_en, level, code : str
        The region: its name, ``nation``, ``province``, ``city`` or ``county``, and its GB/T 2260 code.
    totals : mapping of int to float
        The region's own targets by year, percent.
    entries : tuple of Target
        Its counties; empty where the document gives none.
    status, basis, confidence, source, clause, note : str
        Ground of the figures, as in :class:`shuibao.rules.Parameter`.
    citation : Citation
        The document.
    """

    id: str
    title: str
    title_en: str
    name: str
    name_en: str
    level: str
    code: str
    totals: Mapping[int, float]
    entries: tuple[Target, ...]
    status: str
    basis: str
    confidence: str
    source: str
    clause: str
    note: str
    citation: Citation

    def years(self) -> list[int]:
        """Return the target years, in order (目标年)."""
        return sorted(self.totals)

    def percent(self, code: str, year: int) -> float | None:
        """
        Return the target of the region or of one of its counties, or None where there is none (取目标).

        Examples
        --------
        >>> load_targets("xinzhou").percent("140931", 2025)
        42.89
        """
        if code == self.code:
            return self.totals.get(year)
        return next((entry.percent.get(year) for entry in self.entries if entry.code == code), None)


@dataclass(frozen=True)
class YearCheck:
    """
    Whether the counties add up in one year (某年核对).

    Parameters
    ----------
    year : int
        The target year.
    total : float
        The region's own target, percent.
    mean : float or None
        Area-weighted mean of the counties whose area is known, percent; None where there is none.
    difference : float or None
        ``mean`` − ``total``, percentage points.
    verdict : {"adds_up", "differs", "incomplete", "nothing_to_add"}
        ``incomplete`` if a county lacks its area or its target: the mean is then not the whole region's.
    """

    year: int
    total: float
    mean: float | None
    difference: float | None
    verdict: Verdict


@dataclass(frozen=True)
class TargetCheck:
    """
    The answer to "do the counties' targets add up to the region's?" (目标核对结果).

    Parameters
    ----------
    targets : Targets
        What was checked.
    years : tuple of YearCheck
        One answer for each target year.
    tolerance : float
        Allowed difference, percentage points.
    missing : tuple of str
        Counties of the pack for which no area was given.
    without_target : tuple of str
        Areas given inside the region's code for which the pack has no county.
    area : float
        Sum of the areas that were counted, km².
    """

    targets: Targets
    years: tuple[YearCheck, ...]
    tolerance: float
    missing: tuple[str, ...]
    without_target: tuple[str, ...]
    area: float

    @property
    def adds_up(self) -> bool:
        """Return whether every year adds up; a pack without counties has nothing that could differ (是否一致)."""
        return all(year.verdict in ("adds_up", "nothing_to_add") for year in self.years)

    def findings(self) -> list[Finding]:
        """Return what a reader must be told: differences, and counties without area or target (核对发现)."""
        found = [_say_year(self, year) for year in self.years if year.verdict in ("differs", "incomplete")]
        if not self.targets.entries:
            found.append(
                Finding(
                    "warning",
                    self.targets.id,
                    f"{self.targets.name}的目标没有分解到县，没有可以加总的。",
                    f"the targets of {self.targets.name_en} are not divided among counties: nothing to add up.",
                )
            )
        if self.without_target:
            codes = ", ".join(self.without_target)
            found.append(
                Finding(
                    "warning",
                    self.targets.id,
                    f"有面积而无目标的县：{codes}。请补入目标包，或去掉这些面积。",
                    f"counties with an area but no target: {codes}. Add them to the pack or leave the areas out.",
                )
            )
        return found


def target_ids() -> list[str]:
    """
    Return the ids of the target packs that come with the package (内置目标包).

    Examples
    --------
    >>> target_ids()
    ['hebei', 'jilin', 'nation', 'xinzhou']
    """
    return sorted(f.name.removesuffix(".toml") for f in _folder().iterdir() if f.name.endswith(".toml"))


def load_targets(name: str | Path) -> Targets:
    """
    Read a target pack that comes with the package, or a user's own TOML file (载入目标).

    Parameters
    ----------
    name : str or Path
        Id such as ``"xinzhou"``, or a path ending in ``.toml``.

    Raises
    ------
    CallError
        There is no such pack; the message proposes the nearest name.
    ShuibaoError
        The pack is wrong; the message lists everything that is wrong in it.

    Examples
    --------
    >>> xinzhou = load_targets("xinzhou")
    >>> len(xinzhou.entries), xinzhou.totals[2035]
    (14, 66.22)
    """
    raw, where = read_targets(name)
    errors = [f for f in check_target_form(raw, where) if f.severity == "error"]
    if errors:
        zh = f"目标包 {where} 有 {len(errors)} 处错误：\n" + "\n".join(f"  {f.where}：{f.zh}" for f in errors)
        en = f"target pack {where} has {counted(len(errors), 'error')}:\n" + "\n".join(
            f"  {f.where}: {f.en}" for f in errors
        )
        raise ShuibaoError(zh, en)
    return _targets(raw)


def read_targets(name: str | Path) -> tuple[dict[str, Any], str]:
    """
    Return the raw content of a target pack and the name of its file (读目标包).

    Raises
    ------
    CallError
        There is no such pack.
    ShuibaoError
        The file is missing or is not TOML in UTF-8.
    """
    if str(name).endswith(".toml"):
        path = Path(name)
        return load_toml(path.name, path.read_bytes), path.name
    known = target_ids()
    if name not in known:
        zh_hint, en_hint = suggestion(str(name), known)
        zh = f"没有名为“{name}”的目标包。{zh_hint}可用：{'、'.join(known)}；或给出自己的 .toml 文件路径。"
        en = f"there is no target pack '{name}'. {en_hint}Available: {', '.join(known)}; or give your own .toml file."
        raise CallError(zh, en)
    where = f"{name}.toml"
    return load_toml(where, _folder().joinpath(where).read_bytes), where


def check_targets(targets: Targets, areas: Mapping[str, float], tolerance: float | None = None) -> TargetCheck:
    r"""
    Compare the area-weighted mean of the counties' targets with the region's own (核对目标).

    Parameters
    ----------
    targets : Targets
        The pack.
    areas : mapping of str to float
        Land area by county code, km². Counties of other regions are passed over.
    tolerance : float, optional
        Allowed difference, percentage points; without it, the national rule ``conservation_rate.tolerance``.

    Returns
    -------
    TargetCheck
        The answer for each year. A county without area makes it ``incomplete``.

    Raises
    ------
    ShuibaoError
        An area is not a positive number.

    Notes
    -----
    .. math:: \bar r = \frac{\sum_i r_i S_i}{\sum_i S_i}

    Examples
    --------
    >>> xinzhou = load_targets("xinzhou")
    >>> check_targets(xinzhou, {"140902": 1986.0}).years[0].verdict
    'incomplete'
    """
    if tolerance is None:
        tolerance = float(load_rules(["national"]).value("conservation_rate.tolerance"))
    _demand_areas(areas)
    known = {entry.code for entry in targets.entries}
    prefix = targets.code[: OWN_DIGITS[targets.level]]
    return TargetCheck(
        targets=targets,
        years=tuple(_check_year(targets, year, areas, tolerance) for year in targets.years()),
        tolerance=tolerance,
        missing=tuple(entry.code for entry in targets.entries if entry.code not in areas),
        without_target=tuple(
            code for code in sorted(areas) if known and str(code).startswith(prefix) and code not in known
        ),
        area=sum(area for code, area in areas.items() if code in known),
    )


def _check_year(targets: Targets, year: int, areas: Mapping[str, float], tolerance: float) -> YearCheck:
    total = targets.totals[year]
    if not targets.entries:
        return YearCheck(year, total, None, None, "nothing_to_add")
    given = [(e.percent[year], areas[e.code]) for e in targets.entries if e.code in areas and year in e.percent]
    if not given:
        return YearCheck(year, total, None, None, "incomplete")
    mean = sum(rate * area for rate, area in given) / sum(area for _, area in given)
    verdict: Verdict = "adds_up" if abs(mean - total) <= tolerance + ROUNDING else "differs"
    if len(given) < len(targets.entries):
        verdict = "incomplete"
    return YearCheck(year, total, mean, mean - total, verdict)


def _demand_areas(areas: Mapping[str, float]) -> None:
    wrong = [f"{code} = {area}" for code, area in areas.items() if not 0 < area < float("inf")]
    if wrong:
        zh = f"县域面积应为正数（km²），这些不是：{'、'.join(wrong)}。请核对边界数据。"
        en = f"county areas must be positive numbers (km²), these are not: {', '.join(wrong)}. Check the boundaries."
        raise ShuibaoError(zh, en)


def _say_year(check: TargetCheck, year: YearCheck) -> Finding:
    where = f"{check.targets.id}.{year.year}"
    if year.verdict == "incomplete":
        codes = ", ".join(check.missing) or "—"
        return Finding(
            "error",
            where,
            f"{year.year} 年无法核对：缺面积的县 {codes}，或有县缺当年目标。请补齐后再核对。",
            f"{year.year} cannot be checked: counties without area {codes}, or without a target for the year. "
            "Complete them and check again.",
        )
    mean, gap, own = f"{year.mean:.4f} %", f"{year.difference:+.4f}", check.targets
    return Finding(
        "error",
        where,
        f"{year.year} 年各县按面积加权为 {mean}，{own.name}目标为 {year.total} %，"
        f"相差 {gap}，超过允许的 ±{check.tolerance}。请核对各县目标与面积。",
        f"{year.year}: the counties weigh to {mean}, the target of {own.name_en} is {year.total} %, "
        f"a difference of {gap}, more than ±{check.tolerance}. Check the counties' targets and areas.",
    )


def _folder() -> Traversable:
    return packs_folder().joinpath("targets")


def _targets(raw: Mapping[str, Any]) -> Targets:
    head, body = raw["pack"], raw["targets"]
    citation = read_citation(head["id"], raw["source"])
    return Targets(
        id=head["id"],
        title=head["title"],
        title_en=head["title_en"],
        name=body["name"],
        name_en=body["name_en"],
        level=body["level"],
        code=body["code"],
        totals=_by_year(body["total"]),
        entries=tuple(
            Target(county["code"], county["name"], county.get("name_en", county["name"]), _by_year(county))
            for county in body.get("counties", [])
        ),
        status=body["status"],
        basis=body["basis"],
        confidence=body["confidence"],
        source=str(citation),
        clause=body.get("clause", ""),
        note=body.get("note", ""),
        citation=citation,
    )


def _by_year(entry: Mapping[str, Any]) -> dict[int, float]:
    return {int(key): float(value) for key, value in sorted(entry.items()) if key.isdigit()}
