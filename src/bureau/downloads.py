"""Files that are handed out (下载): under the name that people know, kept by nobody on the way."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from bureau.kept_files import stored


def handed_out(
    contents: bytes, name: str, kind: str = "application/octet-stream", *, shown: bool = False
) -> HttpResponse:
    """
    Return a file, to be kept rather than shown unless it is a picture (交付文件).

    Parameters
    ----------
    contents : bytes
    name : str
        What it is called.
    kind : str
        Its media type, which no browser is to guess.
    shown : bool
        Whether the browser may show it.
    """
    answer = HttpResponse(contents, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(not shown, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def kept_file(path: str, name: str, kind: str, *, shown: bool = False) -> HttpResponse:
    """
    Return a file of the media folder, as :func:`handed_out` does (交付存放的文件).

    Parameters
    ----------
    path : str
        Where it is kept.
    name, kind, shown
        As :func:`handed_out` takes them.

    Raises
    ------
    Http404
        If it is not there.
    """
    try:
        contents = stored(path).read_bytes()
    except FileNotFoundError as gone:
        raise Http404 from gone
    return handed_out(contents, name, kind, shown=shown)
