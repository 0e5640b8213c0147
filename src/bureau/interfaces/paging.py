"""Pages of REST answers (分页): some rows, how many there are, and where the next page is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

Item = TypeVar("Item")
LIMIT, MOST = 1000, 10_000
"""Rows of a page if nothing is said, and at most (chosen)."""


class Page(Schema):
    """Which page is asked for (页)."""

    limit: int = Field(LIMIT, ge=1, le=10**9 - 1, description=f"一页至多 {MOST} 行；要得更多，按 {MOST} 行给。")
    offset: int = Field(0, ge=0, le=10**9 - 1, description="从第几行起（第一行为 0）。")


class Link(Schema):
    """Where another page is (链接)."""

    rel: str
    href: str


class Paged(Schema, Generic[Item]):
    """A page of an answer (一页应答)."""

    matched: int
    returned: int
    links: list[Link]
    items: list[Item]


def paged(
    request: HttpRequest,
    page: Page,
    rows: QuerySet[Any, Any] | Sequence[Any],
    told: Callable[[Any], Any] = lambda row: row,
) -> dict[str, Any]:
    """
    Return a page of some rows, as :class:`Paged` has it (分页).

    Parameters
    ----------
    request : HttpRequest
    page : Page
    rows : QuerySet or sequence
        In an order that two requests agree on.
    told : callable
        What each row is told as.
    """
    limit = min(page.limit, MOST)
    matched = rows.count() if isinstance(rows, QuerySet) else len(rows)
    items = [told(row) for row in rows[page.offset : page.offset + limit]]
    links = [{"rel": "self", "href": request.build_absolute_uri()}]
    if page.offset + limit < matched:
        links.append({"rel": "next", "href": _at(request, page.offset + limit, limit)})
    if page.offset > 0:
        links.append({"rel": "prev", "href": _at(request, max(page.offset - limit, 0), limit)})
    return {"matched": matched, "returned": len(items), "links": links, "items": items}


def _at(request: HttpRequest, offset: int, limit: int) -> str:
    """Return the address of the page that begins at a row."""
    query = request.GET.copy()
    query["offset"], query["limit"] = str(offset), str(limit)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
