"""The app of targets (目标)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class TargetsConfig(AppConfig):
    """Targets (目标)."""

    name = "bureau.targets"
    label = "targets"
    verbose_name = "目标"
    navigation = (Entry("目标", "targets:overview", "target", order=40),)
    panels = ("bureau.targets.panels.rates", "bureau.targets.panels.quantities")
