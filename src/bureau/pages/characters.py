"""Requests without the NUL character (空字符): no database keeps it, nobody types it, so it is refused at the door."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse

from bureau.pages import errors

NUL, NUL_OF_JSON = "\0", b"\\u0000"


class WithoutNulMiddleware:
    """Answers 400 to a NUL in the address, the query, the cookies or the form (空字符检查)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on if it has no NUL."""
        if any(NUL in word for word in _words(request)):
            return errors.wrong_characters(request)
        if request.content_type == "application/json" and NUL_OF_JSON in request.body:
            return errors.wrong_characters(request)
        return self.get_response(request)


def _words(request: HttpRequest) -> Iterator[str]:
    """Yield what was sent as words: not the contents of files."""
    yield request.path_info
    yield from request.COOKIES.values()
    for given in (request.GET, *([request.POST] if request.method == "POST" else [])):
        for name, values in given.lists():
            yield name
            yield from values
    if request.method == "POST":
        for name, files in request.FILES.lists():
            yield name
            yield from (file.name or "" for file in files)
