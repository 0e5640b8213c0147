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


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {}])
def test_a_refused_change_of_several_lines_changes_none_and_keeps_all_that_was_typed(
    headers: dict[str, str], tabs: tuple[Decomposition, Any, dict[str, str]]
) -> None:
    made, client, form = tabs
    one, two = made.lines.order_by("region_id")
    address = reverse("targets:revise", args=[made.pk])
    typed = {f"percent_{one.pk}": "62.5", f"percent_{two.pk}": "51.9", f"base_{two.pk}": "50.25", "method": "as_now"}
    shown = client.post(address, {**form, **typed}, headers=headers).content.decode()
    assert "没有改动：" in shown
    assert goals(made) == {"140928": ("62.03", False), "140932": ("51.32", False)}
    made.refresh_from_db()
    assert made.method == "equal"
    kept = form_of(shown)
    assert {name: kept[name] for name in typed} == typed
    assert kept[f"was_percent_{one.pk}"] == "62.03"
    mended = client.post(address, {**kept, f"percent_{two.pk}": "51.32"}, headers=headers, follow=True).content.decode()
    assert "已按对分解方法、五寨县、偏关县的修改重新闭合" in mended
    assert goals(made) == {"140928": ("62.50", True), "140932": ("51.17", False)}
    assert (
        "没有改动，各地目标照旧" in client.post(address, form_of(mended), headers=headers, follow=True).content.decode()
    )


def test_what_cannot_be_read_is_told_of_all_lines_at_once(tabs: tuple[Decomposition, Any, dict[str, str]]) -> None:
    made, client, form = tabs
    one, two = made.lines.order_by("region_id")
    address = reverse("targets:revise", args=[made.pk])
    typed = {f"percent_{one.pk}": "62.123", f"base_{two.pk}": ""}
    shown = client.post(address, {**form, **typed}).content.decode()
    assert "五寨县的目标 62.123 小数过多；至多 2 位小数" in shown
    assert "偏关县的现状率被清空了，原为 50.3000" in shown
    assert (form_of(shown)[f"percent_{one.pk}"], made.lines.get(pk=two.pk).base) == ("62.123", two.base)
    assert f'name="base_{two.pk}" id="base-{two.pk}" value=""' in shown


def test_full_width_digits_are_digits(tabs: tuple[Decomposition, Any, dict[str, str]]) -> None:
    made, client, form = tabs
    one = made.lines.get(region_id="140928")
    client.post(reverse("targets:revise", args=[made.pk]), {**form, f"percent_{one.pk}": "６２．５"})
    assert goals(made)["140928"] == ("62.50", True)
