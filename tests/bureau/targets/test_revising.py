"""Two people change one decomposition at once: only what a person changed counts, and what collides is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from bureau.targets.models import Decomposition

FIELD = re.compile(r'<input (?=[^>]*name="([^"]+)")(?:[^>]*value="([^"]*)")?[^>]*>')


def form_of(page: str) -> dict[str, str]:
    """Return the table of a decomposition as a browser would send it."""
    table = page.split('<section id="lines"')[1].split("</form>")[0]
    sent = {}
    for found in FIELD.finditer(table):
        if 'type="checkbox"' in found[0] and " checked" not in found[0]:
            continue
        sent[found[1]] = found[2] or "on"
    sent["method"] = re.search(r'<option value="(\w+)" selected', table)[1]  # type: ignore[index]
    return {name: value for name, value in sent.items() if name != "csrfmiddlewaretoken"}


@pytest.fixture
def tabs(begin: Callable[..., Any], signed_in: Callable[..., Any]) -> tuple[Decomposition, Any, dict[str, str]]:
    """Return a draft, a clerk, and the form as two tabs have it open."""
    made, client = begin(), signed_in("clerk", region="140900")
    shown = client.get(reverse("targets:decomposition", args=[made.pk])).content.decode()
    return made, client, form_of(shown)


def goals(made: Decomposition) -> dict[str, tuple[str, bool]]:
    return {line.region_id: (str(line.percent), line.held) for line in made.lines.all()}


def test_an_older_tab_neither_undoes_nor_holds_what_it_did_not_touch(
    tabs: tuple[Decomposition, Any, dict[str, str]],
) -> None:
    made, client, form = tabs
    one, two = made.lines.order_by("region_id")
    address = reverse("targets:revise", args=[made.pk])
    client.post(address, {**form, f"percent_{one.pk}": "63.03"})
    assert goals(made) == {"140928": ("63.03", True), "140932": ("50.99", False)}
    answer = client.post(address, {**form, f"base_{two.pk}": "50.4000"}, headers={"HX-Request": "true"})
    assert goals(made) == {"140928": ("63.03", True), "140932": ("50.99", False)}
    assert "别人改了五寨县" in answer.content.decode()
    assert str(made.lines.get(pk=two.pk).base) == "50.4000"


def test_a_change_of_the_same_is_told_and_both_are_shown(tabs: tuple[Decomposition, Any, dict[str, str]]) -> None:
    made, client, form = tabs
    one = made.lines.get(region_id="140928")
    address = reverse("targets:revise", args=[made.pk])
    client.post(address, {**form, f"percent_{one.pk}": "63.03"})
    for headers in ({"HX-Request": "true"}, {}):
        answer = client.post(address, {**form, f"percent_{one.pk}": "62.50"}, headers=headers)
        shown = answer.content.decode()
        assert goals(made)["140928"] == ("63.03", True)
        assert "别人也改了五寨县" in shown
        assert "现值 63.03（固定）" in shown
        assert form_of(shown)[f"percent_{one.pk}"] == "62.50"
    client.post(address, form_of(shown))
    assert goals(made)["140928"] == ("62.50", True)


def test_a_method_that_both_changed_is_told(tabs: tuple[Decomposition, Any, dict[str, str]]) -> None:
    made, client, form = tabs
    address = reverse("targets:revise", args=[made.pk])
    client.post(address, {**form, "method": "treatable"})
    assert "别人也改了分解方法" in client.post(address, {**form, "method": "as_now"}).content.decode()
    client.post(address, form)
    made.refresh_from_db()
    assert made.method == "treatable"
