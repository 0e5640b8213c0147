"""The app of zones under review (划定)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class DelimitationConfig(AppConfig):
    """Zones under review (划定)."""

    name = "bureau.delimitation"
    label = "delimitation"
    verbose_name = "区域划定"
    navigation = (Entry("区域划定", "delimitation:list", "zone", order=30),)
    panels = ("bureau.delimitation.panels.awaiting",)
