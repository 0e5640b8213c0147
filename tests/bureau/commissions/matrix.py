"""Who may open which page of commissions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.commissions.models import Commission


def commission(region: str) -> dict[str, Any]:
    """Make a commission of a region."""
    made = Commission.objects.create(
        region_id=region,
        year=2024,
        imaginary=True,
        by=make_person("clerk", region=region),
        ordered=datetime(2026, 3, 5, tzinfo=UTC),
    )
    return {"pk": made.pk}


LINES = (
    Line("commissions:list", post=200),
    Line("commissions:order", duties=("clerk",), post=200),
    Line("commissions:commission", post=200, of=commission),
    Line("commissions:act", get=None, post=302, of=lambda region: {**commission(region), "name": "cancel"}),
    Line("commissions:uploads", post=200),
    Line("commissions:upload", duties=("clerk",), post=200),
)
