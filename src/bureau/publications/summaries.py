"""What facts and zones add up to in each region, kept beside them so that figures come at once (汇总)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from django.db.models import Count, Sum

from bureau.publications.models import ClassSum, Patch, Publication, RegionSummary, Zone
from bureau.publications.patch_words import UNSAID
from bureau.regions.codes import parent_code
from shuibao.facts import Facts, rates
from shuibao.facts.rate import first_eroded_class
from shuibao.rules import Rules

DIMENSIONS = ("intensity", "land_use", "slope_class", "cover_class")


def regions_of(county: str, top: str) -> Iterable[str]:
    """
    Return a county and the regions that it lies in, up to that of the publication (所在各级行政区).

    Parameters
    ----------
    county, top : str
        Codes.

    Examples
    --------
    >>> list(regions_of("140928", "140000"))
    ['140928', '140900', '140000']
    """
    code: str | None = county
    while code is not None:
        yield code
        code = None if code == top else parent_code(code)


def summarise_facts(publication: Publication, facts: Facts, rules: Rules) -> None:
    """
    Write what the facts add up to: in all, and by class (事实汇总).

    Parameters
    ----------
    publication : Publication
        Being prepared.
    facts : Facts
    rules : Rules
        Rule packs of the survey; they say from which class on land is eroded.
    """
    top = publication.region_id
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0, 0.0])
    for rate in rates(facts, {}, rules, region_name=publication.region.name):
        for code in regions_of(rate.code, top) if rate.code else ():
            own = sums[code]
            for place, value in enumerate((rate.area_m2, rate.eroded_m2, rate.missing_m2, rate.soil_loss_t)):
                own[place] += value
    RegionSummary.objects.bulk_create(
        RegionSummary(
            publication=publication, region_id=code, land_m2=land, eroded_m2=eroded, missing_m2=missing,
            soil_loss_t=loss,
        )
        for code, (land, eroded, missing, loss) in sums.items()
    )  # fmt: skip
    from_class = first_eroded_class(rules)
    for dimension in DIMENSIONS:
        _by_class(publication, facts, dimension, from_class)


def _by_class(publication: Publication, facts: Facts, dimension: str, from_class: int) -> None:
    by = ["county", dimension] if dimension == "intensity" else ["county", dimension, "intensity"]
    table = facts.grouped(by).to_pydict()
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0.0])
    for k, county in enumerate(table["county"]):
        area = table["area_m2"][k]
        eroded = area if table["intensity"][k] >= from_class else 0.0
        for code in regions_of(county, publication.region_id):
            own = sums[code, str(table[dimension][k])]
            for place, value in enumerate((table["cells"][k], area, eroded, table["soil_loss_t"][k])):
                own[place] += value
    _write_classes(publication, dimension, sums)


def summarise_zones(publication: Publication) -> None:
    """
    Write number and area of the zones by kind, for each region (区域汇总).

    Parameters
    ----------
    publication : Publication
        Being prepared; its zones are in.
    """
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0.0])
    for county, kind, area in Zone.objects.filter(publication=publication).values_list("county_id", "kind", "area_m2"):
        for code in regions_of(county, publication.region_id):
            sums[code, kind][0] += 1
            sums[code, kind][1] += area
    _write_classes(publication, ClassSum.Dimension.ZONE, sums)


def summarise_patches(publication: Publication) -> None:
    """
    Write number and area of the patches by compliance and by type, for each region (图斑汇总).

    Parameters
    ----------
    publication : Publication
        Being prepared; its patches are in.
    """
    for dimension, field in ((ClassSum.Dimension.VERDICT, "verdict"), (ClassSum.Dimension.DISTURBANCE, "type")):
        sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0, 0.0, 0.0, 0.0])
        found = Patch.objects.filter(publication=publication).order_by().values_list("county_id", field)
        for county, code, count, area in found.annotate(count=Count("pk"), area=Sum("area_m2")):
            for region in regions_of(county, publication.region_id):
                sums[region, code or UNSAID][0] += count
                sums[region, code or UNSAID][1] += area
        _write_classes(publication, dimension, sums)


def _write_classes(publication: Publication, dimension: str, sums: dict[tuple[str, str], list[float]]) -> None:
    ClassSum.objects.bulk_create(
        ClassSum(
            publication=publication, region_id=region, dimension=dimension, code=code, count=int(count), area_m2=area,
            eroded_m2=eroded, soil_loss_t=loss,
        )
        for (region, code), (count, area, eroded, loss) in sums.items()
    )  # fmt: skip


def watershed_sums(facts: Facts, rules: Rules) -> dict[str, tuple[float, float]]:
    """
    Return eroded area, m², and soil loss, t/a, of each small watershed by its code (小流域汇总).

    Parameters
    ----------
    facts : Facts
    rules : Rules
    """
    table = facts.grouped(["watershed", "intensity"])
    codes = table["watershed"].to_numpy(zero_copy_only=False)
    eroded = table["area_m2"].to_numpy() * (table["intensity"].to_numpy() >= first_eroded_class(rules))
    loss = table["soil_loss_t"].to_numpy()
    found: dict[str, tuple[float, float]] = {}
    for code in np.unique(codes):
        own = codes == code
        found[str(code)] = (float(eroded[own].sum()), float(loss[own].sum()))
    return found
