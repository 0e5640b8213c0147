"""Tags that all templates have (模板标签)."""

from __future__ import annotations

from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from bureau.pages.faults import faults

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a symbol of the sprite; a reader of the screen passes over it (图标)."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("pages/icons.svg"), name
    )


@register.filter
def percent(value: float | None, digits: int = 2) -> str:
    """Return a percentage, a dash where there is none (百分数)."""
    return "—" if value is None else f"{value:.{digits}f} %"


@register.filter
def field_class(field: Any) -> str:
    """Return what kind of control a form's field has, for its style (控件类型)."""
    return type(field.field.widget).__name__.lower()


register.filter("faults", faults)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """Return the query of this page with some words changed; an empty one is taken out (查询串)."""
    words = context["request"].GET.copy()
    for word, value in changes.items():
        if value in (None, ""):
            words.pop(word, None)
        else:
            words[word] = str(value)
    return f"?{words.urlencode()}" if words else "?"
