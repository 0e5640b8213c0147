"""Filters of the pages of tasks (任务模板标签)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template

register = template.Library()


@register.filter
def item(found: Mapping[str, Any], word: str) -> Any:
    """Return what a mapping has for a word (取项)."""
    return found.get(word)


@register.filter
def unlocalized(value: Any) -> str:
    """Return a number without separators, for addresses and drawings (不分节)."""
    return str(value)


@register.filter
def plain(value: Decimal) -> str:
    """Return a number without needless zeros (去零)."""
    return f"{value.normalize():f}"


@register.filter
def within(code: str, scope: str) -> bool:
    """Return whether a region lies in what somebody sees (是否在范围内)."""
    return code.startswith(scope)
