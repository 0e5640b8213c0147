"""
OGC API Features (要素接口), parts 1 (Core) and GeoJSON, for QGIS, ArcGIS and GDAL.

Coordinates are longitude and latitude (CRS84). CGCS2000 and WGS84 agree to within a few centimetres; no transformation
is made. An unknown parameter is refused, as the standard asks, and one that is given twice.
"""

from __future__ import annotations

import json
import re
from datetime import date
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.contrib.gis.geos import Polygon
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from bureau.interfaces.layers import Layer, layers_of, properties
from bureau.interfaces.programs import for_programs
from bureau.office.models import Person

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMS = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "oas30", "geojson")]
LIMIT, MOST, DIGITS = 100, 10_000, 8
"""Features of a page if nothing is said, at most (chosen), and decimals of a degree (about 1 mm)."""
GEOJSON = "application/geo+json"
FORMS = ("json", "geojson")
"""Forms that features can be asked in: they are one."""


class Wrong(Exception):  # noqa: N818 - a refusal is no error of the program
    """A request that cannot be answered."""


def answer(body: dict[str, Any], *, status: int = 200, content_type: str = "application/json") -> HttpResponse:
    """Return an answer that only its asker may keep (应答)."""
    made = JsonResponse(body, status=status, content_type=content_type, json_dumps_params={"ensure_ascii": False})
    made["Cache-Control"] = "private, max-age=60"
    return made


def refused(told: str, status: int = 400) -> HttpResponse:
    """Return a refusal as the standard has it (错误应答)."""
    return answer(
        {"code": "InvalidParameterValue" if status == 400 else "NotFound", "description": told}, status=status
    )


def link(request: HttpRequest, name: str, rel: str, kind: str, title: str, *args: Any) -> dict[str, str]:
    """Return a link to one of our pages (链接)."""
    return {
        "href": request.build_absolute_uri(reverse(f"interfaces:{name}", args=args)),
        "rel": rel,
        "type": kind,
        "title": title,
    }


@require_safe
@for_programs
def landing(request: HttpRequest) -> HttpResponse:
    """Answer with where everything is (入口)."""
    return answer({
        "title": "水保", "description": "水土保持现行成果：行政区、小流域、重点区域、扰动图斑。",
        "links": [
            link(request, "landing", "self", "application/json", "本页"),
            link(request, "openapi", "service-desc", "application/vnd.oai.openapi+json;version=3.0", "接口说明"),
            link(request, "conformance", "conformance", "application/json", "符合的规范"),
            link(request, "collections", "data", "application/json", "图层"),
        ],
    })  # fmt: skip


@require_safe
@for_programs
def conformance(request: HttpRequest) -> HttpResponse:
    """Answer with what we conform to (符合性)."""
    return answer({"conformsTo": CONFORMS})


def described(request: HttpRequest, layer: Layer) -> dict[str, Any]:
    """Return the description of a layer (图层说明)."""
    return {
        "id": layer.id, "title": layer.title, "description": layer.description, "itemType": "feature", "crs": [CRS84],
        "extent": {"spatial": {"bbox": [[73.0, 3.0, 136.0, 54.0]], "crs": CRS84}},
        "links": [
            link(request, "collection", "self", "application/json", layer.title, layer.id),
            link(request, "items", "items", GEOJSON, layer.title, layer.id),
        ],
    }  # fmt: skip


@require_safe
@for_programs
def collections(request: HttpRequest) -> HttpResponse:
    """Answer with the layers there are (图层列表)."""
    return answer({
        "links": [link(request, "collections", "self", "application/json", "图层")],
        "collections": [described(request, layer) for layer in layers_of(_asker(request)).values()],
    })  # fmt: skip


@require_safe
@for_programs
def collection(request: HttpRequest, layer: str) -> HttpResponse:
    """Answer with one layer (图层)."""
    there = layers_of(_asker(request))
    return answer(described(request, there[layer])) if layer in there else refused(_no_layer(layer, there), 404)


def _asker(request: HttpRequest) -> Person:
    """Return who asks."""
    person: Person = request.user  # type: ignore[assignment]
    return person


def _no_layer(name: str, there: dict[str, Layer]) -> str:
    return f"没有图层“{name[:60]}”；可用：{'、'.join(there)}。"


def chosen(layer: Layer, rows: QuerySet[Any], words: dict[str, str]) -> QuerySet[Any]:
    """
    Return the rows that a query asks for (筛选).

    Parameters
    ----------
    layer : Layer
    rows : QuerySet
    words : dict
        ``bbox`` as west, south, east, north; ``datetime`` as a moment or an interval; any property by its value.

    Raises
    ------
    Wrong
        If a word is not known, or its value is none.
    """
    for word, value in words.items():
        if word == "bbox":
            rows = rows.filter(**{f"{layer.geometry}__intersects": box(value)})
        elif word == "datetime":
            first, last = years(value)
            if "year" in layer.fields:
                at = layer.fields["year"].replace(".", "__")
                rows = rows.filter(**{f"{at}__gte": first, f"{at}__lte": last})
        elif word in layer.fields:
            rows = rows.filter(**{layer.fields[word].replace(".", "__"): _typed(layer, rows, word, value)})
        else:
            allowed = "、".join(("bbox", "datetime", "limit", "offset", "f", *layer.fields))
            raise Wrong(f"参数“{word[:60]}”不可用；可用：{allowed}。")
    return rows


def _typed(layer: Layer, rows: QuerySet[Any], word: str, value: str) -> Any:
    """Return a value as its field has it."""
    model: Any = rows.model
    *path, name = layer.fields[word].split(".")
    for step in path:
        model = model._meta.get_field(step).related_model
    try:
        return model._meta.get_field(name.removesuffix("_id")).to_python(value)
    except Exception as wrong:  # every field has errors of its own
        raise Wrong(f"参数 {word} 的值“{value[:60]}”不可用。") from wrong


def box(text: str) -> Polygon:
    """
    Return the rectangle of a ``bbox`` (范围).

    Raises
    ------
    Wrong
        If it is not four numbers, or six with heights, west, south, east and north in degrees.

    Examples
    --------
    >>> box("111,38,112,39").extent
    (111.0, 38.0, 112.0, 39.0)
    """
    try:
        numbers = [float(word) for word in text.split(",")]
        west, south, east, north = (*numbers[:2], *numbers[3:5]) if len(numbers) == 6 else numbers
    except ValueError:
        raise Wrong(f"bbox“{text[:60]}”不可用；应为 西,南,东,北 四个数（度）。") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise Wrong(f"bbox“{text[:60]}”不可用；应为 西 ≤ 东、南 ≤ 北，经度 ±180、纬度 ±90 以内。")
    made = Polygon.from_bbox((west, south, east, north))
    made.srid = 4490
    return made


MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d))?")


def years(text: str) -> tuple[int, int]:
    """
    Return the first and the last year that a ``datetime`` touches (时间): what we hand out has a year, no day.

    Raises
    ------
    Wrong
        If it is no moment as RFC 3339 has them, and no interval of two.

    Examples
    --------
    >>> years("2022-03-01/2024-01-01T00:00:00Z"), years("../2022-12-31"), years("2024-05-01")
    ((2022, 2024), (0, 2022), (2024, 2024))
    """
    ends = text.split("/")
    found = [(-1 if word in ("", "..") else _year(word)) for word in ends]
    if len(ends) > 2 or None in found or found == [-1]:
        raise Wrong(f"datetime“{text[:60]}”不可用；应为 2024-01-01、2024-01-01T00:00:00Z 或 起/止，一端不限写“..”。")
    first, last = int(found[0] or 0), int(found[-1] or 0)
    first, last = max(first, 0), 9999 if last == -1 else last
    if first > last:
        raise Wrong(f"datetime“{text[:60]}”不可用；起应不晚于止。")
    return first, last


def _year(word: str) -> int | None:
    """Return the year of a moment; None if it is none."""
    read = MOMENT.fullmatch(word)
    try:
        return None if read is None else date(*map(int, read.groups())).year
    except ValueError:
        return None


def words_of(request: HttpRequest) -> dict[str, str]:
    """
    Return the words of a query, but the form (查询参数).

    Raises
    ------
    Wrong
        If a word is given twice, or another form than GeoJSON is asked for: only one of them would be answered.
    """
    for word, values in request.GET.lists():
        if len(values) > 1:
            raise Wrong(f"参数“{word[:60]}”给了 {len(values)} 次；每个参数只能给一个值，请分几次查询。")
    words = {word: str(value) for word, value in request.GET.items()}
    form = words.pop("f", "json")
    if form not in FORMS:
        raise Wrong(f"f“{form[:20]}”不可用；要素只以 GeoJSON 给出（f=json）。")
    return words


def number(words: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    """
    Take a whole number out of a query (取整数参数).

    Raises
    ------
    Wrong
        If it is none, or below the least; above the most, the most is meant.
    """
    text = words.pop(name, str(default))
    if not text.isdecimal() or len(text) > 9 or int(text) < least:
        raise Wrong(f"{name}“{text[:20]}”不可用；应为不小于 {least} 的整数。")
    return min(int(text), most)


@require_safe
@for_programs
def items(request: HttpRequest, layer: str) -> HttpResponse:
    """Answer with a page of features (要素)."""
    there = layers_of(_asker(request))
    found = there.get(layer)
    if found is None:
        return refused(_no_layer(layer, there), 404)
    try:
        words = words_of(request)
        limit, offset = number(words, "limit", LIMIT, 1, MOST), number(words, "offset", 0, 0, 10**9)
        rows = chosen(found, found.rows(_asker(request)), words)
    except Wrong as wrong:
        return refused(str(wrong))
    matched = rows.count()
    features = [feature(found, row) for row in _drawn(found, rows)[offset : offset + limit]]
    links = [{"href": request.build_absolute_uri(), "rel": "self", "type": GEOJSON, "title": "本页"}]
    if offset + limit < matched:
        query = request.GET.copy()
        query["offset"], query["limit"] = str(offset + limit), str(limit)
        href = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        links.append({"href": href, "rel": "next", "type": GEOJSON, "title": "下一页"})
    body = {
        "type": "FeatureCollection", "numberMatched": matched, "numberReturned": len(features),
        "timeStamp": timezone.now().strftime("%Y-%m-%dT%H:%M:%SZ"), "links": links, "features": features,
    }  # fmt: skip
    return answer(body, content_type=GEOJSON)


def _drawn(layer: Layer, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows with their geometry as the database writes it."""
    return rows.annotate(drawn=AsGeoJSON(layer.geometry, precision=DIGITS)).defer(layer.geometry)


def feature(layer: Layer, row: Any) -> dict[str, Any]:
    """Return a row as GeoJSON (要素)."""
    return {"type": "Feature", "id": row.pk, "geometry": json.loads(row.drawn), "properties": properties(layer, row)}


@require_safe
@for_programs
def item(request: HttpRequest, layer: str, key: str) -> HttpResponse:
    """Answer with one feature (单个要素)."""
    found = layers_of(_asker(request)).get(layer)
    try:
        words_of(request)
    except Wrong as wrong:
        return refused(str(wrong))
    row = _drawn(found, found.rows(_asker(request))).filter(pk=key).first() if found and key.isdecimal() else None
    if found is None or row is None:
        return refused("没有这个要素，或它不在您的数据范围内。", 404)
    links = [
        {"href": request.build_absolute_uri(), "rel": "self", "type": GEOJSON, "title": "本页"},
        link(request, "collection", "collection", "application/json", found.title, found.id),
    ]
    return answer(feature(found, row) | {"links": links}, content_type=GEOJSON)
