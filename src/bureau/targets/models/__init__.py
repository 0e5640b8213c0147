"""Targets, how they are divided, the way to them, and planned quantities with their progress (目标)."""

from bureau.targets.models.quantities import PlannedQuantity, Progress, ProgressQuerySet
from bureau.targets.models.rates import Course, Decomposition, Line, Milestone, Target, TargetQuerySet, YearEnd
from bureau.targets.proposed import Proposal

__all__ = [
    "Course",
    "Decomposition",
    "Line",
    "Milestone",
    "PlannedQuantity",
    "Progress",
    "ProgressQuerySet",
    "Proposal",
    "Target",
    "TargetQuerySet",
    "YearEnd",
]
