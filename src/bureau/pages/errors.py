"""What is shown when something cannot be (错误页): one sentence and what to do, never a traceback."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from bureau.pages.outage import answer_to, answer_to_program

TOO_MUCH = "一次提交的文字合计至多 {:g} MB，至多 {} 项、{} 个文件，这一次超过了。没有保存；请分几次提交，大的数据请作为文件上传。"


def _page(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    return render(request, "pages/error.html", {"title": title, "message": message, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that a request could not be read (400) or is too large (413); a session not saved may be the database's fault."""
    unavailable = answer_to(request, exception)
    if unavailable is not None:
        return unavailable
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _page(request, 413, "提交的内容太多", TOO_MUCH.format(
            settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 2**20, settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
            settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        ))  # fmt: skip
    return _page(request, 400, "请求无法识别", "浏览器发来的内容不完整或不合规；请返回上一页重试。")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that a page is not theirs, and what they would need (403)."""
    for_program = answer_to_program(request, 403, "not-allowed", "没有权限。")
    if for_program is not None:
        return for_program
    needed = str(exception) or "此页不在您的权限内。"
    return _page(request, 403, "没有权限", f"{needed}如确有需要，请联系本机构的管理员任命岗位。")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that there is no such page, or none that they may see (404)."""
    told = "没有这个地址；REST 的地址见 /api/v1/openapi.json，OGC API 从 /ogc/ 进入，WFS 在 /wfs。"
    for_program = answer_to_program(request, 404, "not-found", told)
    if for_program is not None:
        return for_program
    return _page(request, 404, "没有找到", "地址有误，或该内容不在您的数据范围内；请核对地址，或从工作台重新进入。")


def server_error(request: HttpRequest) -> HttpResponse:
    """Show that the service failed (500), or that it cannot answer now (503, 507); nothing is asked of the database."""
    unavailable = answer_to(request)
    if unavailable is not None:
        return unavailable
    message = "这一次的操作可能没有保存，以前保存的不受影响；请回到刚才的页面看一看，没有保存的再提交一次，仍不行请告知运维人员此刻的时间。"
    return answer_to_program(request, 500, "failed", message) or _plain(500, "服务出错", message)


def wrong_characters(request: HttpRequest) -> HttpResponse:
    """Tell that a request holds a NUL (400); it comes before the session, and asks nothing of it."""
    message = "地址或填写的内容里有空字符（NUL），不能查询或保存；请去掉后重试。"
    return answer_to_program(request, 400, "InvalidParameterValue", message) or _plain(400, "请求无法识别", message)


def _plain(status: int, title: str, message: str) -> HttpResponse:
    """Return a page that knows nothing of who asks."""
    shown = {"title": title, "message": message, "status": status}
    return HttpResponse(render_to_string("pages/error.html", shown), status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show that a form is too old (403), and lead back to the page that it was on: what was typed is put back there."""
    page = page_left(request)
    signed_in = getattr(request, "user", None) is not None and request.user.is_authenticated
    sign_in = reverse("account_login")
    back = page if signed_in or not page or page.startswith(sign_in) else f"{sign_in}?{urlencode({'next': page})}"
    context = {
        "title": "页面已过期", "status": 403, "expired": True, "back": back,
        "back_label": "回到刚才的页面" if signed_in else "重新登录，回到刚才的页面",
        "message": "为防止冒用，表单须在登录后打开的页面上提交。没有保存；在本机填写的内容会放回刚才的页面，核对后重新提交即可。",
    }  # fmt: skip
    return render(request, "pages/error.html", context, status=403)


def page_left(request: HttpRequest) -> str:
    """Return the page of this house on which a form was sent, empty if none is told (提交前的页面)."""
    told = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return ""
    left = urlsplit(told)
    return f"{left.path}?{left.query}" if left.query else left.path
