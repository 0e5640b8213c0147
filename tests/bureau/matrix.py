"""
The matrix role × page × region: what a room says of each of its pages.

Every room has its own ``tests/bureau/<room>/matrix.py`` with ``LINES``, a tuple of :class:`Line`; it is found by its
place. ``test_access_matrix.py`` walks all of them, and fails where a page has no line.

::

    from tests.bureau.matrix import Line

    LINES = (
        Line("office:people", duties=("administer",), get=200),
        Line("office:person", duties=("administer",), get=200, post=200, of=lambda region: {"pk": person(region).pk}),
    )
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

ALL = ("view", "clerk", "review", "approve", "administer")


def nothing(region: str) -> dict[str, Any]:
    """Return no words: the page belongs to no region."""
    return {}


@dataclass(frozen=True)
class Line:
    """
    A page, and who may open it.

    Attributes
    ----------
    name : str
        Name of the page with its namespace, as ``reverse`` takes it.
    duties : tuple of str
        Any one of them suffices; empty for everybody who is signed in.
    public : bool
        Open to people who are not signed in.
    get, post : int or tuple of int or None
        What those who may are answered, the post being empty; None: the method is refused (405).
    of : callable
        Takes the code of a region, makes a thing that belongs to it, and returns the words of the address. Left out: the
        page belongs to no region, and only duties are asked.
    query : callable
        Takes what ``of`` returned, and returns the query of the address.
    everywhere : bool
        The thing has a region, but all may see it, such as a published rule.
    upward : bool
        What belongs to a region above one's own may be seen too, such as a task that the province set.
    upward_post : bool
        And may be posted to.
    stranger : int
        What those are answered who are not signed in: a way to the sign-in (302), or 401 where programs ask.
    foreign : tuple of int
        What is answered where the thing is out of scope; it must look as if it did not exist.
    marked : bool
        Whether the view carries ``open_to``'s mark. A view of a library does not: then say in ``kept_by`` what keeps it.
    kept_by : str
        What keeps a page whose view is not marked.
    """

    name: str
    duties: tuple[str, ...] = ()
    public: bool = False
    get: int | tuple[int, ...] | None = 200
    post: int | tuple[int, ...] | None = None
    of: Callable[[str], dict[str, Any]] = nothing
    query: Callable[[dict[str, Any]], dict[str, Any]] = lambda words: {}
    everywhere: bool = False
    upward: bool = False
    upward_post: bool = False
    stranger: int = 302
    foreign: tuple[int, ...] = (404,)
    marked: bool = True
    kept_by: str = ""

    @property
    def regional(self) -> bool:
        """Return whether the page belongs to a region."""
        return self.of is not nothing

    def answer(self, method: str) -> tuple[int, ...] | None:
        """Return what those who may are answered."""
        given: int | tuple[int, ...] | None = getattr(self, method)
        return (given,) if isinstance(given, int) else given


def lines() -> dict[str, Line]:
    """Return the lines of all rooms, by the name of the page."""
    found: dict[str, Line] = {}
    for path in sorted(Path(__file__).parent.glob("*/matrix.py")):
        room = importlib.import_module(f"tests.bureau.{path.parent.name}.matrix")
        for line in room.LINES:
            assert line.name not in found, f"{line.name} is in the matrix twice"
            found[line.name] = line
    return found


def pages(patterns: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Yield the name and the view of every page there is; a page without a name is known by its route."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from pages(pattern.url_patterns, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield ":".join((*spaces, pattern.name or str(pattern.pattern))), pattern.callback
