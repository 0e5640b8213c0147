"""Pages of zones under review (划定页)."""

from __future__ import annotations

from django.urls import path, re_path

from bureau.delimitation import (
    announcement_views,
    comment_views,
    edit_views,
    export_views,
    package_views,
    redraw_views,
    views,
)

app_name = "delimitation"
urlpatterns = [
    path("", views.listed, name="list"),
    path("new/", views.open_one, name="open"),
    path("packages/", package_views.listed, name="packages"),
    path("packages/new/", package_views.upload, name="upload"),
    path("packages/<int:pk>/", package_views.shown, name="package"),
    path("packages/<int:pk>/open/", package_views.opened, name="open_package"),
    path("<int:pk>/", views.one, name="one"),
    path("<int:pk>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("<int:pk>/history/", views.history, name="history"),
    path("<int:pk>/compare/", views.compare, name="compare"),
    path("<int:pk>/redraw/", redraw_views.redraw, name="redraw"),
    path("<int:pk>/decisions/", redraw_views.decisions, name="decisions"),
    path("<int:pk>/decide/", redraw_views.decide, name="decide"),
    path("<int:pk>/again/", views.again, name="again"),
    path("<int:pk>/advance/", views.advance, name="advance"),
    path("<int:pk>/approve/", views.approve, name="approve"),
    path("<int:pk>/announce/", announcement_views.announce, name="announce"),
    path("<int:pk>/announcements/<int:announcement>/correct/", announcement_views.correct, name="correct"),
    path("<int:pk>/announcements/<int:announcement>/confirm/", announcement_views.confirm, name="confirm"),
    path("<int:pk>/announcements/<int:announcement>/decline/", announcement_views.decline, name="decline"),
    path("<int:pk>/documents/<int:announcement>/<int:at>/", announcement_views.document, name="document"),
    path("<int:pk>/evidence/<int:sequence>/<int:at>/", views.evidence, name="evidence"),
    path("<int:pk>/zones/<str:code>/", edit_views.zone, name="zone"),
    path("<int:pk>/zones/<str:code>/edit/", edit_views.edit, name="edit"),
    re_path(
        r"^(?P<pk>[0-9]+)/zones/(?P<code>[^/]+)/(?P<name>rename|set|merge|split|remove)/$", edit_views.act, name="act"
    ),
    path("<int:pk>/comments/", comment_views.listed, name="comments"),
    path("<int:pk>/comments/new/", comment_views.comment, name="comment"),
    path("<int:pk>/comments/file/", comment_views.bring_in, name="comments_file"),
    path("<int:pk>/comments/<int:number>/answer/", comment_views.answer, name="answer"),
    path("<int:pk>/comments.xlsx", export_views.comments, name="comment_table"),
    path("<int:pk>/zones.gpkg", export_views.zones, name="zones_file"),
    path("<int:pk>/package.zip", export_views.package, name="package_file"),
    path("<int:pk>/photos/<int:photo>/", comment_views.photo, name="photo"),
]
