"""Pages of targets (目标页)."""

from __future__ import annotations

from django.urls import path

from bureau.targets import decomposition_views, proposal_views, quantity_views, views, year_views

app_name = "targets"
urlpatterns = [
    path("", views.overview, name="overview"),
    path("workbook/", views.overview_workbook, name="overview_workbook"),
    path("regions/<str:code>/", views.region, name="region"),
    path("regions/<str:code>/record/", proposal_views.record, name="record"),
    path("recorded/<int:pk>/approve/", proposal_views.approve, name="approve_recorded"),
    path("recorded/<int:pk>/return/", proposal_views.send_back, name="return_recorded"),
    path("regions/<str:code>/course/", views.course, name="course"),
    path("decompositions/", decomposition_views.listing, name="decompositions"),
    path("decompositions/new/", decomposition_views.begin, name="begin"),
    path("decompositions/<int:pk>/", decomposition_views.decomposition, name="decomposition"),
    path("decompositions/<int:pk>/revise/", decomposition_views.revise, name="revise"),
    path("decompositions/<int:pk>/submit/", decomposition_views.submit, name="submit"),
    path("decompositions/<int:pk>/return/", decomposition_views.send_back, name="send_back"),
    path("decompositions/<int:pk>/approve/", decomposition_views.approve, name="approve"),
    path("decompositions/<int:pk>/force/", decomposition_views.put_in_force, name="put_in_force"),
    path("decompositions/<int:pk>/discard/", decomposition_views.discard, name="discard"),
    path("decompositions/<int:pk>/workbook/", decomposition_views.workbook, name="decomposition_workbook"),
    path("decompositions/<int:pk>/import/", decomposition_views.take_workbook, name="decomposition_import"),
    path("years/", year_views.years, name="years"),
    path("years/settle/", year_views.settle, name="settle_year"),
    path("years/workbook/", year_views.workbook, name="years_workbook"),
    path("years/<int:pk>/reopen/", year_views.reopen, name="reopen_year"),
    path("quantities/", quantity_views.listing, name="quantities"),
    path("quantities/workbook/", quantity_views.workbook, name="quantities_workbook"),
    path("quantities/<int:pk>/", quantity_views.quantity, name="quantity"),
    path("quantities/<int:pk>/sheet/", quantity_views.sheet, name="quantity_sheet"),
    path("quantities/<int:pk>/import/", quantity_views.take_workbook, name="quantity_import"),
    path("progress/<int:pk>/confirm/", quantity_views.confirm, name="confirm"),
    path("progress/<int:pk>/withdraw/", quantity_views.withdraw, name="withdraw"),
]
