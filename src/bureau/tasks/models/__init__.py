"""Registers of duties and what was reported of them (任务台账与进展)."""

from bureau.tasks.models.progress import (
    Evidence,
    MailChoice,
    Notice,
    ProgressReport,
    ProgressReportQuerySet,
    ReportPart,
)
from bureau.tasks.models.register import Due, Figure, Register, Task, TaskUnit, Unit

__all__ = [
    "Due",
    "Evidence",
    "Figure",
    "MailChoice",
    "Notice",
    "ProgressReport",
    "ProgressReportQuerySet",
    "Register",
    "ReportPart",
    "Task",
    "TaskUnit",
    "Unit",
]
