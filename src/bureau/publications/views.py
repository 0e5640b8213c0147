"""Pages of published results (成果页)."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bureau.access import open_to
from bureau.downloads import handed_out
from bureau.office.models import Person
from bureau.publications import exporting
from bureau.publications.classes import PATCH_DIMENSIONS, classes
from bureau.publications.counting import (
    FOLLOWS,
    ZONES_FOLLOW,
    counted_elsewhere,
    counties_counted,
    extents_of,
    partly,
    said,
    shares_of,
)
from bureau.publications.media import raster_path
from bureau.publications.models import ClassSum, Kind, Publication, Raster, RegionSummary, Status, Theme
from bureau.publications.services import versions_of
from bureau.workbooks import XLSX, about, write_workbook

RASTER_NAMES = {"soil_loss": "土壤流失量", "intensity": "侵蚀强度", "slope": "坡度"}
TYPES = {
    "xlsx": XLSX,
    "gpkg": "application/geopackage+sqlite3", "zip": "application/zip", "csv": "text/csv; charset=utf-8",
    "tif": "image/tiff; application=geotiff; profile=cloud-optimized",
}  # fmt: skip
PER_PAGE = 30


@require_safe
@open_to()
def publications(request: HttpRequest) -> HttpResponse:
    """List the results that one may see (成果列表)."""
    by: Person = request.user  # type: ignore[assignment]
    found = Publication.objects.for_person(by).select_related("region")
    years = sorted(set(found.order_by().values_list("year", flat=True)), reverse=True)
    if (year := request.GET.get("year", "")).isdigit():
        found = found.filter(year=int(year))
    if (kind := request.GET.get("kind", "")) in Kind.values:
        found = found.filter(kind=kind)
    if request.GET.get("all") != "1":
        found = found.filter(status=Status.PUBLISHED)
    page = Paginator(found.exclude(status=Status.PREPARING), PER_PAGE).get_page(request.GET.get("page"))
    counted = counties_counted(list(page), by.scope)
    parts = _parts_said(list(page), by.scope)
    rows = [
        (shown, _said(*counted[shown.pk]) if shown.pk in counted else "", parts.get(shown.pk, "")) for shown in page
    ]
    return render(
        request, "publications/list.html", {"page": page, "rows": rows, "years": years, "kinds": Kind.choices}
    )


def _parts_said(publications: Sequence[Publication], scope: str) -> dict[int, str]:
    """Return in words how much of which counties each result covers, of surveys and zones; nothing of what covers all."""
    shares = shares_of(publications, scope) | extents_of(publications, scope)
    return {key: said(partly(rows)) for key, rows in shares.items()}


def _said(counted: int, counties: int) -> str:
    """Return for which of its counties a survey counts, where it is not all of them."""
    if counted == counties:
        return ""
    return f"{counties} 县中 {counted} 县采用" if counted else "另有成果为准，未采用"


@require_safe
@open_to()
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one result: its figures, versions, provenance and files (成果)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(
        Publication.objects.for_person(by).select_related("region", "by__organisation", "reviewed_by__organisation"),
        pk=pk,
    )
    summaries = list(RegionSummary.objects.for_person(by).filter(publication=shown).select_related("region"))
    top = summaries[0] if summaries else None
    versions = versions_of(shown.region, shown.kind, shown.year, shown.theme, shown.batch).select_related("by")
    elsewhere = counted_elsewhere(shown)
    others = Publication.objects.in_bulk(set(elsewhere.values()))
    context = {
        "partly": _parts_said([shown], by.scope).get(shown.pk, ""),
        "follows": ZONES_FOLLOW if shown.kind == Kind.ZONES else FOLLOWS,
        "counties": [(row, others.get(elsewhere.get(row.region_id, 0))) for row in summaries], "others": others,
        "publication": shown, "summaries": summaries, "top": top, "versions": versions,
        "modulus": 1e6 * top.soil_loss_t / (top.land_m2 - top.missing_m2) if top and top.land_m2 > top.missing_m2 else None,
        "bars": _bars(shown, by, top.region_id if top else shown.region_id), "zone_sums": _zone_sums(shown, by),
        "patch_sums": [_patch_sums(shown, by, name) for name in PATCH_DIMENSIONS] if shown.kind == Kind.PATCHES else [],
        "files": _files(shown, by), "whole": _whole(shown, by), "rasters": _rasters(shown, by),
        "theme": Theme(shown.theme).label if shown.theme else "",
    }  # fmt: skip
    return render(request, "publications/one.html", context)


def _bars(shown: Publication, by: Person, region: str) -> list[dict[str, object]]:
    """Return the share of each intensity class in the region shown at the top."""
    sums = ClassSum.objects.for_person(by).filter(publication=shown, region_id=region, dimension="intensity")
    areas = {row.code: row.area_m2 for row in sums}
    total = sum(areas.values())
    return [
        {"class": c, "area": areas[c.code], "share": 100 * areas[c.code] / total}
        for c in classes("intensity", shown.packs) if areas.get(c.code)
    ]  # fmt: skip


def _zone_sums(shown: Publication, by: Person) -> list[dict[str, object]]:
    names = {c.code: c.name for c in classes("zone", shown.packs)}
    sums = ClassSum.objects.for_person(by).filter(publication=shown, dimension="zone").select_related("region")
    return [{"region": row.region, "kind": names.get(row.code, row.code), "row": row} for row in sums]


def _patch_sums(shown: Publication, by: Person, dimension: str) -> dict[str, object]:
    """Return patches by region and class: columns are the classes that there are."""
    sums = ClassSum.objects.for_person(by).filter(publication=shown, dimension=dimension).select_related("region")
    rows: dict[str, dict[str, ClassSum]] = {}
    regions = {row.region_id: row.region for row in sums}
    for row in sums:
        rows.setdefault(row.region_id, {})[row.code] = row
    there = [c for c in classes(dimension, shown.packs) if any(c.code in found for found in rows.values())]
    return {
        "title": ClassSum.Dimension(dimension).label, "classes": there,
        "rows": [
            {
                "region": regions[code], "counts": [found[c.code].count if c.code in found else 0 for c in there],
                "count": sum(row.count for row in found.values()), "area": sum(row.area_m2 for row in found.values()),
            }
            for code, found in rows.items()
        ],
    }  # fmt: skip


def _whole(shown: Publication, by: Person) -> bool:
    """Return whether the whole region is the person's to see."""
    return shown.region_id.startswith(by.scope)


def _rasters(shown: Publication, by: Person) -> list[tuple[str, Raster]]:
    return [
        (RASTER_NAMES.get(raster.name, raster.name), raster)
        for raster in Raster.objects.for_person(by).filter(publication=shown)
    ]


def _files(shown: Publication, by: Person) -> list[tuple[str, str, str]]:
    """Return the exports of a publication: what they are, name and form."""
    files = [("汇总表 XLSX", "summary", "xlsx")]
    if shown.kind == Kind.SURVEY:
        files.append(("事实表 CSV", "facts", "csv"))
    what = {Kind.SURVEY: "watersheds", Kind.ZONES: "zones"}.get(Kind(shown.kind), "patches")
    name = exporting.NAMES[what]
    if getattr(shown, what).exists():
        files += [
            (f"{name} GeoPackage", what, "gpkg"),
            (f"{name} shapefile", what, "zip"),
            (f"{name} XLSX", what, "xlsx"),
        ]
    return files


@require_safe
@open_to()
def export(request: HttpRequest, pk: int, what: str, form: str) -> HttpResponseBase:
    """Hand out a file of a result, of one's own scope (成果导出)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(Publication.objects.for_person(by).exclude(status=Status.PREPARING), pk=pk)
    if form == "tif":
        raster = get_object_or_404(Raster.objects.for_person(by), publication=shown, name=what)
        return FileResponse(
            raster_path(raster).open("rb"),
            content_type=TYPES[form],
            filename=_name(shown, what, form),
            as_attachment=True,
        )
    if (what, form) not in {(name, kind) for _, name, kind in _files(shown, by)}:
        raise Http404("没有这种导出文件。")
    if form == "csv":
        content = b"".join(exporting.facts_csv(shown, by))
    elif form == "gpkg":
        content = exporting.geopackage(shown, by, what)
    elif form == "zip":
        content = exporting.shapefile(shown, by, what)
    else:
        tables = (
            exporting.summary_tables(shown, by) if what == "summary" else exporting.table_of_shapes(shown, by, what)
        )
        content = write_workbook(about(exporting.notes_of(shown)), *tables)
    return handed_out(content, _name(shown, what, form), TYPES[form])


def _name(shown: Publication, what: str, form: str) -> str:
    names = {"summary": "汇总表", "facts": "事实表"} | exporting.NAMES | RASTER_NAMES
    imaginary = "（模拟数据）" if shown.simulated else ""
    return f"{shown.title}第{shown.version}版_{names.get(what, what)}{imaginary}.{form}"
