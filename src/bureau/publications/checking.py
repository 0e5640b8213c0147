"""What must hold before results are published (发布前检查)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from bureau.access import Duty
from bureau.office.models import Person
from bureau.publications.counting import FOLLOWS, partly, said, shares
from bureau.publications.reading import Folder
from bureau.refusal import Refusal
from bureau.regions.models import Level, Region

TOLERANCE = 0.01
"""By how much the area of the facts may differ from that of the region's shape, as a share (chosen: cells at borders)."""
SUBMITS = (Duty.CLERK, Duty.REVIEW, Duty.APPROVE)
REVIEWS = (Duty.REVIEW, Duty.APPROVE)


def refuse_persons(*, region: Region, by: Person, reviewed_by: Person) -> None:
    """
    Refuse whoever may not publish for a region (检查发布人与复核人).

    Raises
    ------
    Refusal
        If one is not of that region or has not the duty, or both are one person.
    """
    if by.pk == reviewed_by.pk:
        raise Refusal("second-person", f"发布人与复核人都是 {by.name}；成果须由另一人复核后发布。")
    if not any(by.may(duty, region.code) for duty in SUBMITS):
        raise Refusal("not-your-region", f"{by.name} 不能为{region.name}发布成果；需要该辖区的经办、审核或批准岗位。")
    if not any(reviewed_by.may(duty, region.code) for duty in REVIEWS):
        raise Refusal("not-a-reviewer", f"{reviewed_by.name} 不能复核{region.name}的成果；需要该辖区的审核或批准岗位。")


def refuse_folder(*, folder: Folder, region: Region, year: int) -> None:
    """
    Refuse a folder that is not of that region and year, or whose counties are not those of the office (检查区域文件夹).

    Raises
    ------
    Refusal
        With what was found and what is allowed.
    """
    if folder.region.year != year:
        raise Refusal("other-year", f"区域文件夹是 {folder.region.year} 年的，不能作为 {year} 年成果发布。")
    counties = set(folder.county_areas)
    refuse_counties(counties, region)
    ours = set(Region.objects.filter(code__startswith=region.prefix, level=Level.COUNTY).values_list("code", flat=True))
    if lacking := sorted(ours - counties):
        raise Refusal("counties-missing", f"{region.name}还缺 {_some(lacking)}；请整区运行后再发布，或按县发布。")


def refuse_facts(*, folder: Folder, region: Region) -> None:
    """
    Refuse facts that do not add up to the land (检查事实表合计).

    Raises
    ------
    Refusal
        If the facts name other counties, or a county's area differs by more than :data:`TOLERANCE`.
    """
    if folder.facts is None:
        return
    county = folder.facts.column("county")
    area = folder.facts.column("area_m2")
    refuse_counties(set(county.tolist()), region)
    for code, shape in sorted(folder.county_areas.items()):
        counted = float(np.sum(area[county == code]))
        if abs(counted - shape) > TOLERANCE * shape:
            raise Refusal(
                "area-differs",
                f"{code} 事实表面积 {counted / 1e6:.2f} km²，边界面积 {shape / 1e6:.2f} km²，相差超过 {TOLERANCE:.0%}；"
                "请核对边界与控制面积后重新运行。",
            )


def refuse_zones(*, folder: Folder, region: Region) -> None:
    """
    Refuse zones of counties that are not in the region, and a layer without zones (检查区域图层).

    Raises
    ------
    Refusal
        With the codes found.
    """
    if folder.zones is None:
        return
    if not len(folder.zones):
        raise Refusal("no-zones", "划定成果中没有区域；请先划定再发布。")
    refuse_counties({str(code) for code in folder.zones.columns["county"]} - {""}, region)


def refuse_partial(*, land: Mapping[str, float], how: str, follows: str = FOLLOWS) -> None:
    """
    Refuse a result that covers counties in part only (检查覆盖全县).

    Parameters
    ----------
    land : mapping of str to float
        Area of the result, m², by code of the county.
    how : str
        What whoever wants to publish it all the same does.
    follows : str
        What follows from it.

    Raises
    ------
    Refusal
        With the counties and the shares of their land, and what follows.
    """
    if found := partly(shares(land)):
        raise Refusal("partial", f"这份成果{said(found)}。{follows}。确实要发布，请{how}；否则请整县计算后再发布。")


def refuse_counties(codes: Iterable[str], region: Region) -> None:
    """
    Refuse counties that are not in the region, or not known (检查区县).

    Raises
    ------
    Refusal
        With the codes found.
    """
    found = set(codes)
    if outside := sorted(code for code in found if not region.holds(code)):
        raise Refusal("other-region", f"成果含{region.name}以外的区县 {_some(outside)}；请核对发布的行政区。")
    known = set(Region.objects.filter(code__in=found).values_list("code", flat=True))
    if unknown := sorted(found - known):
        raise Refusal("unknown-counties", f"平台中没有区县 {_some(unknown)}；请先装载行政区。")


def _some(codes: list[str]) -> str:
    return "、".join(codes[:5]) + (f" 等 {len(codes)} 个" if len(codes) > 5 else "")
