"""Pages of tasks (任务页)."""

from __future__ import annotations

from django.urls import path

from bureau.tasks import acts, figure_views, views

app_name = "tasks"
urlpatterns = [
    path("", views.index, name="index"),
    path("<int:pk>/", views.task, name="task"),
    path("<int:pk>/report/", acts.report, name="report"),
    path("<int:pk>/figures/<int:figure>/", figure_views.figure, name="figure"),
    path("<int:pk>/figures/<int:figure>/take/", figure_views.take_sum, name="take_sum"),
    path("reports/<int:pk>/decide/", acts.decide, name="decide"),
    path("reports/<int:pk>/withdraw/", acts.withdraw, name="withdraw"),
    path("sheet/", acts.report_sheet, name="report_sheet"),
    path("sheet/bring-in/", acts.bring_in_sheet, name="bring_in_sheet"),
    path("waiting/", views.waiting, name="waiting"),
    path("evidence/<int:pk>/", acts.evidence_file, name="evidence"),
    path("month/", views.month, name="month"),
    path("overdue/", views.overdue, name="overdue"),
    path("calendar/", views.calendar, name="calendar"),
    path("chart/", views.chart, name="chart"),
    path("units/", views.units, name="units"),
    path("units/<int:pk>/", views.unit, name="unit"),
    path("units/<int:pk>/link/", acts.link, name="link"),
    path("contradictions/", views.contradictions, name="contradictions"),
    path("notices/", views.notices, name="notices"),
    path("notices/read/", acts.notices_read, name="notices_read"),
    path("notices/mail/", acts.choose_mail, name="choose_mail"),
    path("ledger/", acts.ledger, name="ledger"),
    path("registers/<int:pk>/workbook/", acts.workbook, name="workbook"),
    path("registers/bring-in/", acts.bring_in, name="bring_in"),
]
