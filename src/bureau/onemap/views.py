"""Pages and tiles of the one map (一张图页)."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from bureau.access import open_to
from bureau.downloads import handed_out
from bureau.office.models import Person
from bureau.onemap import rasters, tiles
from bureau.onemap.catalogue import catalogue
from bureau.onemap.drawing import ensure_regions
from bureau.onemap.forms import SheetForm
from bureau.onemap.keeping import kept
from bureau.onemap.models import Layer
from bureau.onemap.numbers import numbers, watershed_numbers
from bureau.onemap.places import here, search
from bureau.onemap.sheets import sheet
from bureau.pages.faults import faults
from bureau.publications.counting import counted_elsewhere, that_count
from bureau.publications.models import Publication, Raster, Watershed
from bureau.regions.models import Region

PRIVATE = "private, max-age=3600"
"""How long a browser may keep a tile; nobody else may (chosen)."""
MVT = "application/vnd.mapbox-vector-tile"
NOT_FOUND = "没有您可以看到的这项内容。"


@require_safe
@open_to()
def map_page(request: HttpRequest) -> HttpResponse:
    """Show the map (一张图)."""
    by: Person = request.user  # type: ignore[assignment]
    ensure_regions()
    told = catalogue(by)
    return render(
        request, "onemap/map.html", {"catalogue": told, "years": sorted({s["year"] for s in told["surveys"]})}
    )


@require_safe
@open_to()
def words(request: HttpRequest) -> HttpResponse:
    """Say in words and tables what the map shows of a region (文字版)."""
    by: Person = request.user  # type: ignore[assignment]
    region = _region(request, by)
    told = numbers(by, region, _year(request))
    tables = [
        (title, told["classes"][name], any(row["draft"] for row in told["classes"][name]))
        for title, name in (("侵蚀强度面积", "intensity"), ("土地利用面积", "land_use"))
    ]
    return render(request, "onemap/words.html", {"told": told, "tables": tables})


@require_safe
@open_to()
def numbers_of(request: HttpRequest) -> HttpResponse:
    """Return the numbers of a region or a watershed (面板数据)."""
    by: Person = request.user  # type: ignore[assignment]
    code = request.GET.get("watershed", "")
    if not code:
        return _private(JsonResponse(numbers(by, _region(request, by), _year(request))))
    found = Watershed.objects.for_person(by).filter(
        code=code, publication__in=Publication.objects.for_person(by).in_force()
    ).select_related("publication").order_by("-publication__year")  # fmt: skip
    year = _year(request)
    counted = list(that_count(found, by.scope))
    shown = next((w for w in counted if w.publication.year == year), None) or next(iter(counted), None)
    if shown is None:
        raise Http404(NOT_FOUND)
    return _private(JsonResponse(watershed_numbers(by, shown.publication, shown)))


def _region(request: HttpRequest, by: Person) -> Region:
    code = request.GET.get("region") or by.organisation.region_id
    return get_object_or_404(Region.objects.filter(code__startswith=by.scope), pk=code)


def _year(request: HttpRequest) -> int | None:
    text = request.GET.get("year", "")
    return int(text) if text.isdigit() and len(text) == 4 else None


@require_safe
@open_to()
def what_is_here(request: HttpRequest) -> HttpResponse:
    """Tell what is at a place (此处有什么)."""
    by: Person = request.user  # type: ignore[assignment]
    try:
        lon, lat = float(request.GET.get("lon", "")), float(request.GET.get("lat", ""))
    except ValueError:
        raise Http404("没有这个地点。") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise Http404("没有这个地点。")
    return _private(render(request, "onemap/here.html", {"here": here(by, lon, lat, _year(request))}))


@require_safe
@open_to()
def find(request: HttpRequest) -> HttpResponse:
    """Find a place by name, code or coordinate (搜索)."""
    by: Person = request.user  # type: ignore[assignment]
    return _private(JsonResponse({"found": search(by, request.GET.get("q", ""), _year(request))}))


@require_safe
@open_to()
def base_tile(request: HttpRequest, z: int, x: int, y: int) -> HttpResponse:
    """Return a tile of the base map (底图瓦片)."""
    if not tiles.exists(z, x, y):
        raise Http404("没有这张瓦片。")
    key = f"onemap.base.{z}.{x}.{y}"
    content = cache.get(key) if z < Z_CACHED else None
    if content is None:
        content = tiles.base_tile(z, x, y)
        if z < Z_CACHED:
            cache.set(key, content, 3600)
    return _tile(request, content, hashlib.sha256(content).hexdigest()[:32], MVT)


Z_CACHED = 9
"""Below this zoom tiles of the base map are kept: they are few, and large."""


@require_safe
@open_to()
def vector_tile(request: HttpRequest, pk: int, layer: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a tile of watersheds, zones or patches (矢量瓦片)."""
    by: Person = request.user  # type: ignore[assignment]
    if layer not in (Layer.WATERSHED, Layer.ZONE, Layer.PATCH) or not tiles.exists(z, x, y):
        raise Http404("没有这张瓦片。")
    shown = get_object_or_404(Publication.objects.for_person(by), pk=pk)
    without = sorted(counted_elsewhere(shown))
    told = f"{shown.pk} {shown.content_sha256} {layer} {tiles.DRAWN} {z}/{x}/{y} {by.scope} {','.join(without)}"
    etag = hashlib.sha256(told.encode()).hexdigest()[:32]
    if _known(request, etag):
        return _tile(request, b"", etag, MVT)

    def make() -> bytes:
        return tiles.tile(publication=pk, layer=layer, z=z, x=x, y=y, scope=by.scope, without=without)

    return _tile(request, kept(etag, make) if z <= tiles.KEPT_TO else make(), etag, MVT)


@require_safe
@open_to()
def raster_tile(request: HttpRequest, pk: int, name: str, z: int, x: int, y: int) -> HttpResponse:
    """Return a tile of a raster (栅格瓦片)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = get_object_or_404(Publication.objects.for_person(by), pk=pk)
    raster = get_object_or_404(Raster.objects.select_related("publication"), publication=shown, name=name)
    if not tiles.exists(z, x, y):
        raise Http404("没有这张瓦片。")
    without = sorted(counted_elsewhere(shown))
    etag = rasters.etag_of(raster, z, x, y, by.scope, without)
    if _known(request, etag):
        return _tile(request, b"", etag, "image/png")
    content = rasters.tile(raster, z, x, y, scope=by.scope, without=without)
    return _tile(request, content or b"", etag, "image/png")


def _known(request: HttpRequest, etag: str) -> bool:
    return request.headers.get("If-None-Match") == f'"{etag}"'


def _tile(request: HttpRequest, content: bytes, etag: str, kind: str) -> HttpResponse:
    """Return a tile, nothing where it is empty, or word that the browser has it already."""
    if _known(request, etag):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type=kind, status=200 if content else 204)
    response["ETag"] = f'"{etag}"'
    response["Cache-Control"] = PRIVATE
    response["Vary"] = "Cookie"
    return response


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-cache"
    return response


@require_POST
@open_to()
def map_sheet(request: HttpRequest) -> HttpResponse:
    """Return the map that one sees as a sheet to print (图件)."""
    by: Person = request.user  # type: ignore[assignment]
    form = SheetForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"message": "；".join(said for field in form for said in faults(field))}, status=400)
    given: dict[str, Any] = form.cleaned_data
    return handed_out(sheet(person=by, **given), "水土保持一张图.pdf", "application/pdf")
