"""The app of the page frame (页面框架)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class PagesConfig(AppConfig):
    """The frame of all pages (页面框架)."""

    name = "bureau.pages"
    label = "pages"
    verbose_name = "页面框架"
    navigation = (Entry("工作台", "home", "home", order=0),)
