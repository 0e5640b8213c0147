"""The app of the one map (一张图)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class OnemapConfig(AppConfig):
    """The one map (一张图)."""

    name = "bureau.onemap"
    label = "onemap"
    verbose_name = "一张图"
    navigation = (Entry("一张图", "onemap:map", "map", order=10),)

    def ready(self) -> None:
        """Draw each publication for the map when it is published (发布时制图)."""
        from bureau.onemap.drawing import when_published
        from bureau.publications.services import published

        published.connect(when_published, dispatch_uid="onemap")
