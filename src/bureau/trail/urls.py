"""Pages of the audit trail (留痕页)."""

from __future__ import annotations

from django.urls import path

from bureau.trail import views

app_name = "trail"
urlpatterns = [
    path("", views.everything, name="everything"),
    path("export.<str:form>", views.export, name="export"),
    path("<str:kind>/<str:pk>/", views.of_one, name="of_one"),
]
