"""Where results lose to others (另有成果为准): the form in which surveys, zones and patches tell it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

Lost = dict[int, dict[str, int]]
"""By key of a publication: prefixes of the region codes where it does not count, and the key of the one that does."""


def overridden(rows: Iterable[tuple[Hashable, str, int]]) -> Lost:
    """
    Return where publications lose, each to the first of its group (另有成果为准之处).

    Parameters
    ----------
    rows : iterable of (group, county, publication)
        Those of a group one after another, the one that counts first.

    Examples
    --------
    >>> overridden([(("140928", 2024), "140928", 2), (("140928", 2024), "140928", 1), (("140932", 2024), "140932", 1)])
    {1: {'140928': 2}}
    """
    first: dict[Hashable, int] = {}
    found: Lost = {}
    for group, county, key in rows:
        counts = first.setdefault(group, key)
        if counts != key:
            found.setdefault(key, {})[county] = counts
    return found
