"""The app of commissions (计算委托)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class CommissionsConfig(AppConfig):
    """Commissions (计算委托)."""

    name = "bureau.commissions"
    label = "commissions"
    verbose_name = "计算委托"
    navigation = (Entry("计算委托", "commissions:list", "run", order=20),)
    panels = ("bureau.commissions.panels.awaiting",)
