"""The app of running an installation (运维)."""

from django.apps import AppConfig


class ServiceConfig(AppConfig):
    """Running an installation (运维)."""

    name = "bureau.service"
    label = "service"
    verbose_name = "运维"
