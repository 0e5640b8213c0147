"""
What the side bar and the home page show (导航与工作台).

A room declares on its AppConfig ``navigation``, a tuple of :class:`Entry`, and ``panels``, a tuple of dotted names of
functions ``(request) -> Panel | None``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.utils.module_loading import import_string

NEAR = ("home", "onemap", "commissions", "tasks")
"""Rooms whose lines stand in the bar of a phone, where five fit (chosen: what officials do most days)."""


@dataclass(frozen=True)
class Entry:
    """
    One line of the side bar (导航项).

    Attributes
    ----------
    label : str
        What it says.
    url : str
        Name of the page.
    icon : str
        Symbol of the sprite ``pages/icons.svg``.
    order : int
        Lines are in this order.
    duty : str
        Duty that one needs to see it; empty for everybody.
    """

    label: str
    url: str
    icon: str
    order: int
    duty: str = ""

    @property
    def room(self) -> str:
        """Return the room whose pages it stands for (所属模块)."""
        return self.url.split(":")[0]

    @property
    def near(self) -> bool:
        """Return whether it stands in the bar of a phone; the others are behind 更多 (手机底栏)."""
        return self.room in NEAR


@dataclass(frozen=True)
class Panel:
    """
    A panel of the home page (工作台面板).

    Attributes
    ----------
    title : str
    template : str
        What draws it.
    context : dict
        What the template is given.
    order : int
        Panels are in this order.
    wide : bool
        Whether it takes the whole width.
    """

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    order: int = 50
    wide: bool = False


def entries(request: HttpRequest) -> list[Entry]:
    """Return the lines of the side bar that a person sees (本人导航)."""
    person = request.user
    found = (entry for app in apps.get_app_configs() for entry in getattr(app, "navigation", ()))
    seen = (e for e in found if not e.duty or person.has_any_duty([e.duty]))  # type: ignore[union-attr]
    return sorted(seen, key=lambda entry: entry.order)


def panels(request: HttpRequest) -> list[Panel]:
    """Return the panels of the home page that have something to show (工作台面板)."""
    return sorted(_panels(request), key=lambda panel: panel.order)


def _panels(request: HttpRequest) -> Iterator[Panel]:
    for app in apps.get_app_configs():
        for name in getattr(app, "panels", ()):
            panel = import_string(name)(request)
            if panel is not None:
                yield panel
