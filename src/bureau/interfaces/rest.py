"""
REST for programs (REST 接口): regions, results, rates and facts that one may see, as JSON, with an OpenAPI description.

Every answer is a page (:mod:`.paging`) in an order that stays; a word that is not known is refused, and one given twice.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal

from django.contrib.gis.geos import Point
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Path, Query, Schema, Status
from ninja.errors import AuthenticationError, ValidationError
from ninja.security.base import AuthBase
from pydantic import Field

from bureau.interfaces.paging import Page, Paged, paged
from bureau.interfaces.programs import not_known, person_of
from bureau.office.models import Person
from bureau.publications.counting import counted_elsewhere, that_count
from bureau.publications.models import Fact, Publication, Zone
from bureau.publications.models import Status as Standing
from bureau.publications.selectors import rates
from bureau.regions.models import Region
from shuibao import __version__

MANY = ("by",)
"""Words of a query that may be given several times."""
Dimension = Literal[
    "county", "watershed", "land_use", "slope_class", "cover_class", "erosion_type", "intensity", "zone"
]


class Known(AuthBase):
    """Whoever has a token or a session (认证)."""

    openapi_type = "http"
    openapi_scheme = "bearer"

    def __call__(self, request: HttpRequest) -> Person | None:
        """
        Return who asks.

        Raises
        ------
        UnknownWord
            If they ask with a word that the address does not know: left unread, it would widen what they get.
        GivenTwice
            If a word that has one value is given several.
        """
        person = person_of(request)
        match = request.resolver_match
        words = words_of(match.url_name or "") if match else None
        unknown = next((word for word in request.GET if words is not None and word not in words), None)
        if person is not None and unknown is not None:
            raise UnknownWord(unknown, words or ())
        twice = next((word for word, values in request.GET.lists() if len(values) > 1 and word not in MANY), None)
        if person is not None and words is not None and twice is not None:
            raise GivenTwice(f"参数“{twice[:60]}”给了 {len(request.GET.getlist(twice))} 次；每个参数只能给一个值。")
        return person


class UnknownWord(Exception):  # noqa: N818 - a refusal is no error of the program
    """A word of a query that an address does not know, and those that it knows (未知参数)."""

    def __init__(self, word: str, words: tuple[str, ...]) -> None:
        allowed = f"可用：{'、'.join(words)}" if words else "此地址没有参数"
        super().__init__(f"参数“{word[:60]}”不可用；{allowed}。")


class GivenTwice(Exception):  # noqa: N818 - a refusal is no error of the program
    """A word of a query that is given several values (重复参数)."""


@cache
def words_of(name: str) -> tuple[str, ...] | None:
    """
    Return the words that an operation may be asked with (可用参数); None if it is none of ours.

    Parameters
    ----------
    name : str
        Name of its address: of the function that answers.
    """
    for view in api.default_router.path_operations.values():
        for operation in view.operations:
            if operation.view_func.__name__ == name:
                queries: list[Any] = [m for m in operation.models if m.__ninja_param_source__ == "query"]
                return tuple(word for model in queries for word in model.__ninja_flatten_map__)
    return None


api = NinjaAPI(
    title="水保 REST 接口", version=__version__, description="只读。令牌在平台“接口”页建立。", auth=Known(), docs_url=None,
    urls_namespace="rest",
)  # fmt: skip


class Told(Schema):
    """A refusal (拒绝)."""

    code: str
    description: str


class RegionOut(Schema):
    """A region (行政区)."""

    code: str
    name: str
    level: str
    parent: str | None = Field(None, alias="parent_id")


class PublicationOut(Schema):
    """A published result (成果)."""

    id: int
    region: str = Field(alias="region_id")
    kind: str
    theme: str
    year: int
    batch: str
    version: int
    status: str
    title: str
    published_at: datetime
    simulated: bool
    content_sha256: str
    provenance: dict[str, Any]


class RateOut(Schema):
    """The conservation rate of a region in a year (水土保持率)."""

    region_code: str
    year: int
    land_m2: float
    eroded_m2: float
    percent: float
    low: float | None
    high: float | None
    version: int
    simulated: bool
    complete: bool


class FactOut(Schema):
    """A sum of facts (事实汇总)."""

    by: dict[str, str | int]
    area_m2: float
    soil_loss_t: float
    cells: int


class ZoneOut(Schema):
    """A zone at a place (所在区域)."""

    theme: str
    kind: str
    code: str
    name: str
    level: str
    county: str = Field(alias="county_id")
    area_m2: float
    basis: str
    year: int = Field(alias="publication.year")
    version: int = Field(alias="publication.version")
    simulated: bool = Field(alias="publication.simulated")


class Place(Schema):
    """A place (位置)."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


def _refused(status: int, code: str, description: str) -> Status[dict[str, str]]:
    return Status(status, {"code": code, "description": description})


@api.get(
    "/regions",
    response={200: Paged[RegionOut], 400: Told, 401: Told, 422: Told},
    operation_id="regions",
    summary="行政区",
)
def regions(
    request: HttpRequest, page: Query[Page],
    level: Literal["nation", "province", "city", "county", "town"] | None = None,
) -> Any:  # fmt: skip
    """Return the regions that one may see, by their codes."""
    found = Region.objects.filter(code__startswith=_person(request).scope).defer("border").order_by("code")
    return paged(request, page, found.filter(level=level) if level else found)


@api.get(
    "/publications",
    response={200: Paged[PublicationOut], 400: Told, 401: Told, 422: Told},
    operation_id="publications",
    summary="成果",
)
def publications(
    request: HttpRequest, page: Query[Page], year: Annotated[int | None, Query(ge=1900, le=2200)] = None,
    kind: Literal["survey", "zones", "patches"] | None = None, superseded: bool = False,
) -> Any:  # fmt: skip
    """Return the published results that one may see, the latest year first."""
    found = Publication.objects.for_person(_person(request)).exclude(status=Standing.PREPARING)
    if not superseded:
        found = found.filter(status=Standing.PUBLISHED)
    words = {word: value for word, value in (("year", year), ("kind", kind)) if value is not None}
    return paged(request, page, found.filter(**words))


@api.get(
    "/rates",
    response={200: Paged[RateOut], 400: Told, 401: Told, 422: Told},
    operation_id="rates",
    summary="水土保持率",
)
def conservation_rates(
    request: HttpRequest, page: Query[Page], year: Annotated[int | None, Query(ge=1900, le=2200)] = None
) -> Any:
    """Return the conservation rates of one's region and of all within it, by region and year."""
    found = [figure for figure in rates(_person(request).scope) if year is None or figure.year == year]
    return paged(request, page, found)


@api.get(
    "/publications/{pk}/facts",
    response={200: Paged[FactOut], 400: Told, 401: Told, 404: Told, 422: Told},
    operation_id="facts",
    summary="事实汇总",
)
def facts(
    request: HttpRequest,
    pk: Annotated[int, Path(ge=1, le=2**63 - 1)],
    page: Query[Page],
    by: Annotated[list[Dimension], Query(max_length=4)] = ["county"],  # noqa: B006 - never changed
    counting: bool = False,
) -> Any:
    """Sum the facts of a result by some dimensions, in their order; on demand only of the counties where it counts."""
    person = _person(request)
    shown = Publication.objects.for_person(person).exclude(status=Standing.PREPARING).filter(pk=pk).first()
    if shown is None:
        return _refused(404, "not-found", "没有这项成果，或它不在您的数据范围内。")
    names = {word: "county_id" if word == "county" else word for word in dict.fromkeys(by)}
    found = Fact.objects.for_person(person).filter(publication_id=pk).order_by(*names.values())
    if counting:
        found = (
            found.exclude(county_id__in=counted_elsewhere(shown))
            if shown.status == Standing.PUBLISHED
            else found.none()
        )
    sums = found.values_list(*names.values()).annotate(Sum("area_m2"), Sum("soil_loss_t"), Sum("cells"))

    def told(row: Any) -> dict[str, Any]:
        return {"by": dict(zip(names, row, strict=False)), "area_m2": row[-3], "soil_loss_t": row[-2], "cells": row[-1]}

    # as FactOut; checking each of ten thousand rows against it would take longer than asking the database
    return HttpResponse(
        json.dumps(paged(request, page, sums, told), ensure_ascii=False, separators=(",", ":")),
        content_type="application/json; charset=utf-8",
    )


@api.get(
    "/zones/at",
    response={200: Paged[ZoneOut], 400: Told, 401: Told, 422: Told},
    operation_id="zonesAt",
    summary="所在区域",
)
def zones_at(request: HttpRequest, place: Query[Place], page: Query[Page]) -> Any:
    """Return the zones that count where a place lies, as far as one may see."""
    person = _person(request)
    found = Zone.objects.for_person(person).filter(publication__status=Standing.PUBLISHED)
    there = that_count(found.filter(geometry__contains=Point(place.lon, place.lat, srid=4490)), person.scope)
    return paged(request, page, there.select_related("publication").defer("geometry").order_by("pk"))


def _person(request: HttpRequest) -> Person:
    """Return who asks."""
    person: Person = request.auth  # type: ignore[attr-defined]
    return person


@api.exception_handler(AuthenticationError)
def _not_known(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer those who are not known."""
    return not_known()


@api.exception_handler(UnknownWord)
def _unknown_word(request: HttpRequest, error: UnknownWord) -> HttpResponse:
    """Answer which words there are."""
    return api.create_response(request, {"code": "unknown-parameter", "description": str(error)}, status=400)


@api.exception_handler(GivenTwice)
def _given_twice(request: HttpRequest, error: GivenTwice) -> HttpResponse:
    """Answer that a word has one value."""
    return api.create_response(request, {"code": "given-twice", "description": str(error)}, status=400)


@api.exception_handler(ValidationError)
def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Answer which parameters are wrong, and what is allowed."""
    told = [f"{'.'.join(map(str, wrong['loc'][1:])) or '参数'}：{_allowed(wrong)}" for wrong in error.errors]
    body = {"code": "wrong-parameter", "description": f"参数不可用。{'；'.join(told)}。"}
    return api.create_response(request, body, status=422)


def _allowed(wrong: dict[str, Any]) -> str:
    """Return what a wrong parameter should have been."""
    given = wrong.get("ctx", {})
    limits = {
        "greater_than_equal": "不小于 {ge}",
        "less_than_equal": "不大于 {le}",
        "literal_error": "应为 {expected} 之一",
        "too_long": "至多 {max_length} 个",
    }
    plain = {
        "missing": "须填写",
        "int_parsing": "应为整数",
        "float_parsing": "应为数",
        "bool_parsing": "应为 true 或 false",
    }
    kind = str(wrong["type"])
    if kind in limits:
        return re.sub(r", | or ", "、", limits[kind].format(**given)).replace("'", "")
    return plain.get(kind, "格式不对")


def urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    """Return the addresses; they keep themselves, and are not sent to the sign-in page (地址)."""
    patterns, app, namespace = api.urls
    for pattern in patterns:
        setattr(pattern.callback, "login_required", False)  # noqa: B010 - a mark that Django reads
    return patterns, app, namespace
