"""The app of published results (成果发布)."""

from django.apps import AppConfig


class PublicationsConfig(AppConfig):
    """Published results (成果发布)."""

    name = "bureau.publications"
    label = "publications"
    verbose_name = "成果发布"
