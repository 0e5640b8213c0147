"""Pages of commissions (计算委托页)."""

from __future__ import annotations

from django.urls import path, re_path

from bureau.commissions import patch_views, views

app_name = "commissions"
urlpatterns = [
    path("", views.listed, name="list"),
    path("new/", views.order, name="order"),
    path("<int:pk>/", views.shown, name="commission"),
    path("<int:pk>/result/<str:name>", views.result_file, name="result_file"),
    re_path(r"^(?P<pk>[0-9]+)/(?P<name>cancel|again|accept|reject)/$", views.act, name="act"),
    path("uploads/", views.uploaded, name="uploads"),
    path("uploads/new/", views.upload, name="upload"),
    path("uploads/<int:pk>/remove/", views.remove_upload, name="remove_upload"),
    path("patches/", patch_views.listed, name="patches"),
    path("patches/new/", patch_views.bring, name="bring_patches"),
    path("patches/<int:pk>/", patch_views.shown, name="patch_batch"),
    path("patches/<int:pk>/meaning/", patch_views.understand, name="patch_meaning"),
    re_path(r"^patches/(?P<pk>[0-9]+)/(?P<name>withdraw|accept|reject)/$", patch_views.act, name="patch_act"),
]
