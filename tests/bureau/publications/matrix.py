"""Who may open the pages of published results."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import Any

from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.publications.models import Publication

number = count(1)


def some_publication(region: str) -> dict[str, Any]:
    """Make a publication of a region."""
    made = Publication.objects.create(
        region_id=region, kind="survey", year=2024, version=next(number), title="成果（模拟）", simulated=True,
        published_at=datetime(2026, 3, 5, tzinfo=UTC), by=make_person("clerk", region=region),
        reviewed_by=make_person("review", region=region), content_sha256=f"{next(number):064d}", provenance={},
    )  # fmt: skip
    Publication.objects.filter(pk=made.pk).update(status="superseded")
    return {"pk": made.pk}


LINES = (
    Line("publications:list"),
    Line("publications:one", of=some_publication, upward=True),
    Line(
        "publications:export", of=lambda region: {**some_publication(region), "what": "summary", "form": "xlsx"},
        upward=True,
    ),
)  # fmt: skip
