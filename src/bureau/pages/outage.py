"""
What is answered while the database does not (服务暂时不可用): 503, or 507 where a disk is full, in the form that was asked for.

Nothing here asks the database anything: no session, no person, no side bar.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.html import escape

from bureau.outage import database_is_away, disk_is_full

RETRY_AFTER = 10
"""Seconds after which programs may ask again (chosen)."""
PROGRAMS = {"/api/": "json", "/ogc": "json", "/wfs": "xml"}
"""Addresses of programs, and how their refusals look."""
AWAY = "数据库正在重启或维护，暂时没有应答。请稍后再试，一般几分钟内恢复。"
AWAY_KEPT = "数据库正在重启或维护，暂时没有应答。这次提交没有保存，填写的内容还在，请稍后再试。"
FULL = "服务器的磁盘已满，这次提交没有保存，也没有留下半个文件。请联系运维人员腾出空间后重新提交。"
SECRETS = "/account/"
"""Addresses whose forms hold passwords and codes: what is posted there is not written into a page."""


def answer_to(request: HttpRequest, error: BaseException | None = None) -> HttpResponse | None:
    """
    Return the answer to a request that failed for want of the database or of room; None if it failed otherwise (故障应答).

    Parameters
    ----------
    request : HttpRequest
    error : exception, optional
        Why it failed; what is being handled, if nothing is given.
    """
    error = sys.exc_info()[1] if error is None else error
    if disk_is_full(error):
        _drop_uploads(request)
        return _answer(request, 507, "服务器存不下了", FULL)
    if not database_is_away(error):
        return None
    answer = _answer(request, 503, "服务暂时不可用", AWAY_KEPT if request.method == "POST" else AWAY)
    answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def _drop_uploads(request: HttpRequest) -> None:
    """Let go of what was received of an upload: it takes the room that is missing."""
    for handler in getattr(request, "_upload_handlers", ()):
        with suppress(Exception):
            handler.file.close()  # a temporary file: it is gone when it is closed


def _answer(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """Return an answer in the form that was asked for."""
    made = _in_form(request, status, title, message)
    patch_cache_control(made, no_store=True, private=True)
    return made


def answer_to_program(request: HttpRequest, status: int, code: str, message: str) -> HttpResponse | None:
    """
    Return a refusal in the form that the programs at an address read (程序应答); None at the addresses of pages.

    Parameters
    ----------
    request : HttpRequest
    status : int
    code, message : str
        For the program, and for whoever reads its log.
    """
    form = next((form for place, form in PROGRAMS.items() if request.path_info.startswith(place)), "")
    if form == "xml":
        return HttpResponse(_report(message), content_type="text/xml; charset=utf-8", status=status)
    if form == "json":
        body = {"code": code, "description": message}
        return JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    return None


def _in_form(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    for_program = answer_to_program(request, status, "unavailable" if status == 503 else "no-room", message)
    if for_program is not None:
        return for_program
    accepted = request.headers.get("Accept", "")
    if request.headers.get("HX-Request"):
        return HttpResponse(f'<p class="note error" role="alert">{escape(message)}</p>', status=status)
    if "text/html" in accepted:
        return HttpResponse(_page(request, status, title, message), status=status)
    if "json" in accepted:
        return JsonResponse({"message": message}, status=status, json_dumps_params={"ensure_ascii": False})
    return HttpResponse(f"{title}：{message}\n", content_type="text/plain; charset=utf-8", status=status)


def _report(message: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/1.1"'
        ' version="2.0.0" xml:lang="zh-Hans"><ows:Exception exceptionCode="NoApplicableCode">'
        f"<ows:ExceptionText>{escape(message)}</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"
    )


def _page(request: HttpRequest, status: int, title: str, message: str) -> str:
    """Return the page; what was posted stands in it, to be posted again."""
    kept = _posted(request)
    shown = {"title": title, "message": message, "status": status, "kept": kept, "again": request.get_full_path()}
    return render_to_string("pages/unavailable.html", shown)


def _posted(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what was posted, if all of it can be posted again: no file, no secret, nothing that was cut off."""
    if request.method != "POST" or request.path_info.startswith(SECRETS):
        return []
    try:
        if request.FILES or any("password" in name for name in request.POST):
            return []
        return [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # noqa: BLE001 - the body may be cut off, or be none
        return []


class WithoutTraceback(logging.Filter):
    """
    Tells in one line what is no fault of the program (精简日志).

    A database that does not answer, a full disk, a page that is not theirs, a request that no browser sends.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten what is told."""
        error: Any = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        expected = isinstance(error, (PermissionDenied, SuspiciousOperation, Http404))
        if error is not None and (expected or database_is_away(error) or disk_is_full(error)):
            record.exc_info, record.exc_text = None, None
            said, why = record.getMessage(), next(iter(str(error).strip().splitlines()), type(error).__name__)[:200]
            record.msg, record.args = said if why in said else f"{said}: {why}", ()
        return True
