"""Parts of a page (页面局部): what a page asks for again and again while something goes on behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse


def asks_for(request: HttpRequest, part: str) -> bool:
    """
    Return whether a page that is open asks for one of its parts only (是否只取局部).

    Parameters
    ----------
    request : HttpRequest
    part : str
        What the address names, as in ``?part=progress``.
    """
    return bool(request.headers.get("HX-Request")) and request.GET.get("part") == part


def all_anew(answer: HttpResponse) -> HttpResponse:
    """
    Let the page that asked for a part show all of itself anew, since more than the part has changed (整页更新).

    Parameters
    ----------
    answer : HttpResponse
        What shows the part.
    """
    answer["HX-Refresh"] = "true"
    return answer
