"""The app of administrative regions (行政区)."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """Administrative regions (行政区)."""

    name = "bureau.regions"
    label = "regions"
    verbose_name = "行政区"
