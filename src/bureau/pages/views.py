"""The home page, and whether the service lives (工作台与存活)."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bureau.access import open_to
from bureau.pages.navigation import panels


@open_to()
def home(request: HttpRequest) -> HttpResponse:
    """Show the home page (工作台)."""
    return render(request, "pages/home.html", {"panels": panels(request)})


@open_to(public=True)
def alive(request: HttpRequest) -> HttpResponse:
    """Tell a proxy or an operator whether the service and its database answer (存活)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
