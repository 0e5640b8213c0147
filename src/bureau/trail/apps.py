"""The app of the audit trail (留痕)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class TrailConfig(AppConfig):
    """The audit trail (留痕)."""

    name = "bureau.trail"
    label = "trail"
    verbose_name = "留痕"
    navigation = (Entry("留痕", "trail:everything", "trail", order=95, duty="administer"),)
