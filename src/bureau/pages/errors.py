"""What is shown when something cannot be (错误页): one sentence and what to do, never a traceback."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from bureau.pages.outage import answer_to


def _page(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    return render(request, "pages/error.html", {"title": title, "message": message, "status": status}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that a request could not be read (400); a session that could not be saved may be the database's fault."""
    unavailable = answer_to(request, exception)
    if unavailable is not None:
        return unavailable
    return _page(request, 400, "请求无法识别", "浏览器发来的内容不完整或不合规；请返回上一页重试。")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that a page is not theirs, and what they would need (403)."""
    needed = str(exception) or "此页不在您的权限内。"
    return _page(request, 403, "没有权限", f"{needed}如确有需要，请联系本机构的管理员任命岗位。")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show that there is no such page, or none that they may see (404)."""
    return _page(request, 404, "没有找到", "地址有误，或该内容不在您的数据范围内；请从左侧导航重新进入。")


def server_error(request: HttpRequest) -> HttpResponse:
    """Show that the service failed (500), or that it cannot answer now (503, 507); nothing is asked of the database."""
    unavailable = answer_to(request)
    if unavailable is not None:
        return unavailable
    message = "已提交的内容不受影响；请稍后重试，仍不行请告知运维人员此刻的时间。"
    return HttpResponse(
        render_to_string("pages/error.html", {"title": "服务出错", "message": message, "status": 500}), status=500
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Show that a form is too old (403)."""
    return _page(request, 403, "页面已过期", "为防止冒用，表单须在登录后打开的页面上提交；请刷新页面后重新提交。")
