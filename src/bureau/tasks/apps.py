"""The app of tasks (任务)."""

from django.apps import AppConfig

from bureau.pages.navigation import Entry


class TasksConfig(AppConfig):
    """Tasks (任务)."""

    name = "bureau.tasks"
    label = "tasks"
    verbose_name = "任务"
    navigation = (Entry("任务", "tasks:index", "task", order=50),)
    panels = ("bureau.tasks.panels.due",)
