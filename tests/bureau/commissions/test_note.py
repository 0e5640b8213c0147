"""The note of an order is short enough to be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bureau.commissions.forms import OrderForm


def test_a_note_of_more_than_a_thousand_characters_is_told(person: Callable[..., Any]) -> None:
    by, given = person("clerk"), {"region": "140928", "year": 2024, "cell": 30, "source": "imaginary"}
    assert not OrderForm({**given, "note": "字" * 1000}, by=by).errors.get("note")
    assert "1000" in str(OrderForm({**given, "note": "字" * 1001}, by=by).errors["note"])
