"""Pages of published results (成果页)."""

from __future__ import annotations

from django.urls import path

from bureau.publications import views

app_name = "publications"
urlpatterns = [
    path("", views.publications, name="list"),
    path("<int:pk>/", views.publication, name="one"),
    path("<int:pk>/export/<str:what>.<str:form>", views.export, name="export"),
]
