"""
What was found out about which results count (已知的采用情况): kept in each process until what is in force changes.

It hangs on two things only: which publications are in force, as what a published one holds never changes, and the areas
within the borders of counties. Both are asked for in one short question each time; where they are as before, so is the answer.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Left
from django.db.models.lookups import In

from bureau.publications.counting import patches, surveys, zones
from bureau.publications.counting.overriding import Lost
from bureau.publications.models import Kind, Publication
from bureau.regions.codes import prefix_of

State = tuple[int | None, int | None]
KEPT = 256
"""Answers that a process keeps (chosen: some scopes of some people, in some states)."""
_STATE = """
    SELECT
        (SELECT bit_xor(hashfloat8extended(extract(epoch FROM published_at)::float8, id))
            FROM publications_publication WHERE status = 'published'),
        (SELECT bit_xor(hashtextextended(code, hashfloat8extended(border_m2, 0)))
            FROM regions_region WHERE level = 'county')
"""


@dataclass(frozen=True)
class Known:
    """
    Where results of a kind do not count (未采用之处).

    Attributes
    ----------
    lost : Lost
        Nobody changes it: it is given to whoever asks.
    rows : Q
        The watersheds, zones or patches that do not count.
    """

    lost: Lost
    rows: Q


def state() -> State:
    """Return what all answers hang on, in two numbers (现行成果的状态)."""
    with connection.cursor() as cursor:
        cursor.execute(_STATE)
        of_publications, of_borders = cursor.fetchone()
    return of_publications, of_borders


def known(kind: str, scope: str, *, latest: bool = False) -> Known:
    """
    Return where results of a kind do not count in a scope, found out now or before (未采用之处).

    Parameters
    ----------
    kind : Kind
    scope : str
        Prefix of region codes.
    latest : bool
        Whether of surveys only those of each county's latest year are to count.
    """
    return _found(state(), kind, scope, latest)


def known_of_all(scope: str) -> dict[str, Known]:
    """
    Return where results of each kind do not count in a scope, after one look at what is in force (各类成果未采用之处).

    Parameters
    ----------
    scope : str
        Prefix of region codes.
    """
    now = state()
    return {kind: _found(now, kind, scope, False) for kind in Kind.values}


@lru_cache(maxsize=KEPT)
def _found(_: State, kind: str, scope: str, latest: bool) -> Known:
    """Find it out; nothing is kept of what another state was."""
    if kind == Kind.SURVEY:
        lost = surveys.lost(scope, latest=latest)
    elif kind == Kind.PATCHES:
        lost = patches.lost(scope)
    else:
        lost = zones.lost()
    own = dict(Publication.objects.filter(pk__in=lost).order_by().values_list("pk", "region_id"))
    return Known(lost, _rows(lost, {key: prefix_of(code) for key, code in own.items()}, scope))


def _rows(lost: Lost, own: dict[int, str], scope: str) -> Q:
    """Return the rows of publications where they lose, as short as it can be said: most lose in all of their own region."""
    everywhere, out = [], Q()
    for key, places in lost.items():
        if any(own[key].startswith(prefix) for prefix in places):
            everywhere.append(key)
            continue
        of_length: dict[int, list[str]] = defaultdict(list)
        for prefix in places:
            if prefix.startswith(scope) or scope.startswith(prefix):
                of_length[len(prefix)].append(prefix)
        for length, prefixes in of_length.items():
            out |= Q(In(Left("county_id", length), prefixes), publication_id=key)
    return out | Q(publication_id__in=everywhere) if everywhere else out
