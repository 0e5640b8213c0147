"""All pages (页面地址)."""

from __future__ import annotations

from django.urls import include, path

from bureau.interfaces import rest
from bureau.office.accounts import account_urls
from bureau.pages import views

handler400 = "bureau.pages.errors.bad_request"
handler403 = "bureau.pages.errors.permission_denied"
handler404 = "bureau.pages.errors.page_not_found"
handler500 = "bureau.pages.errors.server_error"

urlpatterns = [
    path("", views.home, name="home"),
    path("alive", views.alive, name="alive"),
    path("account/", include(account_urls)),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("commissions/", include("bureau.commissions.urls")),
    path("delimitation/", include("bureau.delimitation.urls")),
    path("", include("bureau.interfaces.urls")),
    path("api/v1/", rest.urls()),
    path("map/", include("bureau.onemap.urls")),
    path("office/", include("bureau.office.urls")),
    path("tasks/", include("bureau.tasks.urls")),
    path("publications/", include("bureau.publications.urls")),
    path("targets/", include("bureau.targets.urls")),
    path("trail/", include("bureau.trail.urls")),
]
