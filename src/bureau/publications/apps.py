"""The app of published results (成果发布)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class PublicationsConfig(AppConfig):
    """Published results (成果发布)."""

    name = "bureau.publications"
    label = "publications"
    verbose_name = "成果发布"
    navigation = (Entry("成果", "publications:list", "publish", order=30),)
    panels = ("bureau.publications.panels.latest",)
