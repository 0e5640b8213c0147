"""The app of the audit trail (留痕)."""

from django.apps import AppConfig


class TrailConfig(AppConfig):
    """The audit trail (留痕)."""

    name = "bureau.trail"
    label = "trail"
    verbose_name = "留痕"
