"""The side bar of a desk, and the bar of a phone: nothing is hidden without a sign."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

LINK = re.compile(r'<a href="([^"]+)"( class="far")?( aria-current="page")?>')


@pytest.mark.parametrize("at, far", [("/tasks/", False), ("/targets/", True)])
def test_where_one_is_is_marked_in_the_bar_of_a_phone_too(at: str, far: bool, signed_in: Callable[..., Client]) -> None:
    page = signed_in("administer", region="140900").get(at).content.decode()
    bar, more = re.search(r'<nav aria-label="主导航">(.*?)</nav>', page, re.DOTALL)[1].split("<details", 1)  # type: ignore[index]
    links = LINK.findall(bar)
    assert [address for address, _, current in links if current] == [at]
    assert len([address for address, is_far, _ in links if not is_far]) == 4
    assert [address for address, is_far, _ in links if is_far] == [address for address, _, _ in LINK.findall(more)]
    assert ('class="here"' in more) is far
    assert ("当前页在其中" in more) is far
