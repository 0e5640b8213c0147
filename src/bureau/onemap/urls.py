"""Pages and tiles of the one map (一张图页)."""

from __future__ import annotations

from django.urls import path

from bureau.onemap import views

app_name = "onemap"
urlpatterns = [
    path("", views.map_page, name="map"),
    path("words/", views.words, name="words"),
    path("numbers", views.numbers_of, name="numbers"),
    path("here", views.what_is_here, name="here"),
    path("search", views.find, name="search"),
    path("sheet", views.map_sheet, name="sheet"),
    path("base/<int:z>/<int:x>/<int:y>.mvt", views.base_tile, name="base_tile"),
    path("<int:pk>/<str:layer>/<int:z>/<int:x>/<int:y>.mvt", views.vector_tile, name="vector_tile"),
    path("<int:pk>/<str:name>/<int:z>/<int:x>/<int:y>.png", views.raster_tile, name="raster_tile"),
]
