"""Pages and addresses of interfaces (接口地址); QGIS asks some with a slash at the end, some without."""

from __future__ import annotations

from django.urls import path, re_path

from bureau.interfaces import description, features, views, wfs

app_name = "interfaces"
urlpatterns = [
    path("interfaces/", views.home, name="home"),
    path("interfaces/tokens/new/", views.token, name="token"),
    path("interfaces/tokens/<int:pk>/end/", views.end_token, name="end_token"),
    path("interfaces/webhooks/new/", views.webhook, name="webhook"),
    path("interfaces/webhooks/<int:pk>/switch/", views.switch_webhook, name="switch_webhook"),
    re_path(r"^ogc/?$", features.landing, name="landing"),
    re_path(r"^ogc/api/?$", description.openapi, name="openapi"),
    re_path(r"^ogc/conformance/?$", features.conformance, name="conformance"),
    re_path(r"^ogc/collections/?$", features.collections, name="collections"),
    re_path(r"^ogc/collections/(?P<layer>[a-z_0-9]+)/?$", features.collection, name="collection"),
    re_path(r"^ogc/collections/(?P<layer>[a-z_0-9]+)/items/?$", features.items, name="items"),
    re_path(r"^ogc/collections/(?P<layer>[a-z_0-9]+)/items/(?P<key>[^/]+)/?$", features.item, name="item"),
    re_path(r"^wfs/?$", wfs.wfs, name="wfs"),
]
