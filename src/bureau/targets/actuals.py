"""
Published rates, by region and year (公布的水土保持率).

Only whole regions count: a city whose counties were not all published in a year has no rate in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from bureau.publications.selectors import RateFigure, rates

Figures = dict[str, dict[int, RateFigure]]


def published(prefix: str) -> Figures:
    """
    Return the published rates of all whole regions within a prefix, by code and year (公布的率).

    Parameters
    ----------
    prefix : str
        What the codes begin with; whoever shows them asks with what the person may see.
    """
    found: Figures = defaultdict(dict)
    for figure in rates(prefix):
        if figure.complete and figure.land_m2 > 0:
            found[figure.region_code][figure.year] = figure
    return dict(found)


def latest_year(figures: Figures, codes: Iterable[str]) -> int | None:
    """
    Return the last year in which all of some regions have a rate; None if there is none (最近齐全年).

    Parameters
    ----------
    figures : Figures
    codes : iterable of str
    """
    years = [set(figures.get(code, {})) for code in codes]
    return max(set.intersection(*years), default=None) if years else None
