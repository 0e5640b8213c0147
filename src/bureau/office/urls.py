"""Pages of organisations and people (机构人员页)."""

from __future__ import annotations

from django.urls import path

from bureau.office import recovery_views, views

app_name = "office"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/<int:pk>/", views.person, name="person"),
    path("people/<int:pk>/switch/", views.switch, name="switch"),
    path("people/<int:pk>/factor/", recovery_views.reset_factor, name="reset_factor"),
    path("people/<int:pk>/password/", recovery_views.offer_password, name="offer_password"),
    path("renew/<str:token>/", recovery_views.renew, name="renew"),
    path("organisations/new/", views.organisation, name="organisation_new"),
    path("organisations/<int:pk>/", views.organisation, name="organisation"),
    path("invitations/new/", views.invite, name="invite"),
    path("invitations/template/", views.template, name="template"),
    path("invitations/bring-in/", views.bring_in, name="bring_in"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("join/<str:token>/", views.accept, name="accept"),
]
