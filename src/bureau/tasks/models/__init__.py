"""Registers of duties and what was reported of them (任务台账与进展)."""

from bureau.tasks.models.progress import Evidence, Notice, ProgressReport
from bureau.tasks.models.register import Due, Figure, Register, Task, TaskUnit, Unit

__all__ = ["Due", "Evidence", "Figure", "Notice", "ProgressReport", "Register", "Task", "TaskUnit", "Unit"]
