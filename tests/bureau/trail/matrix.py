"""Who may open the pages of the audit trail."""

from __future__ import annotations

from typing import Any

from tests.bureau.matrix import Line
from tests.bureau.people import make_organisation

ADMINISTER = ("administer",)


def some_row(region: str) -> dict[str, Any]:
    """Make a tracked row of a region."""
    return {"kind": "office.organisation", "pk": make_organisation(region).pk}


LINES = (
    Line("trail:everything", ADMINISTER, post=200),
    Line("trail:of_one", ADMINISTER, post=200, of=some_row),
    Line("trail:export", ADMINISTER, post=200, of=lambda region: {"form": "csv"}, everywhere=True),
)
