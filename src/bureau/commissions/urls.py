"""Pages of commissions (计算委托页)."""

from __future__ import annotations

from django.urls import path, re_path

from bureau.commissions import views

app_name = "commissions"
urlpatterns = [
    path("", views.listed, name="list"),
    path("new/", views.order, name="order"),
    path("<int:pk>/", views.shown, name="commission"),
    re_path(r"^(?P<pk>[0-9]+)/(?P<name>cancel|again|accept|reject)/$", views.act, name="act"),
    path("uploads/", views.uploaded, name="uploads"),
    path("uploads/new/", views.upload, name="upload"),
]
