"""Pages of signing in that allauth makes (登录页): only those this office has; there is no sign-up."""

from __future__ import annotations

from allauth.account import views
from django.urls import path

account_urls = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/", views.password_change, name="account_change_password"),
]
