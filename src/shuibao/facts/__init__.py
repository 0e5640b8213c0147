"""facts 事实: the contingency table of the land, and what is read from it."""

from shuibao.facts.control import Residual, honour_control_areas
from shuibao.facts.rate import Rate, rates
from shuibao.facts.table import DIMENSIONS, MEASURES, Facts, facts_from_counts

__all__ = [
    "DIMENSIONS",
    "MEASURES",
    "Facts",
    "Rate",
    "Residual",
    "facts_from_counts",
    "honour_control_areas",
    "rates",
]
