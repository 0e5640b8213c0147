"""Where results count is kept in each process: it is what it would be if it were found out anew, after every act."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.db import connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from tests.bureau.onemap.test_which_zones_count import own_zones as own_zones
from tests.bureau.publications.conftest import NOW
from tests.bureau.publications.folders import PIANGUAN, WUZHAI
from tests.bureau.publications.patched import columns, give_borders
from tests.bureau.publications.patched import publish_some as publish_some

from bureau.publications.counting import known, patches, surveys, that_count, zones
from bureau.publications.models import Patch, Publication, Status, Watershed, Zone
from bureau.regions.models import Region

Act = Callable[..., Publication]
SCOPES = ("", "14", "1409", WUZHAI, PIANGUAN)


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    """Begin as a process that was just started."""
    known._found.cache_clear()
    yield
    known._found.cache_clear()


def rows_of(model: Any, scope: str) -> QuerySet[Any]:
    """Return the rows in force that somebody of a scope sees."""
    somebody = type("Somebody", (), {"scope": scope})
    found: QuerySet[Any] = model.objects.for_person(somebody).filter(publication__status=Status.PUBLISHED)
    return found


def plainly(model: Any, scope: str, latest: bool) -> set[int]:
    """Return the rows that count, each looked at by itself, by what is found out anew for the whole nation."""
    lost = {
        Watershed: lambda: surveys.lost("", latest=latest), Zone: zones.lost, Patch: lambda: patches.lost("")
    }[model]()  # fmt: skip
    return {
        row.pk for row in rows_of(model, scope)
        if not any(row.county_id.startswith(prefix) for prefix in lost.get(row.publication_id, {}))
    }  # fmt: skip


def check() -> list[set[int]]:
    """Hold what is kept against the plain answer, for everybody's eyes."""
    answers = []
    for scope in SCOPES:
        for model, latest in ((Watershed, False), (Watershed, True), (Zone, False), (Patch, False)):
            kept = {row.pk for row in that_count(rows_of(model, scope), scope, latest=latest)}
            assert kept == plainly(model, scope, latest), (model, scope, latest)
            answers.append(kept)
    return answers


@pytest.fixture
def acts(
    published: Act, own: Act, own_zones: Act, another_run: Path, quarter: Path, publish_some: Act, borders: None
) -> list[Callable[[], Any]]:
    """Return acts that change what counts, one after the other."""
    border, days = Region.objects.get(pk=WUZHAI).border, timedelta(days=1)
    later = columns() | {"QDNM": [f"later-{k}" for k in range(4)]}
    steep = {"kind": "zones", "theme": "steep_slope"}
    return [
        published,  # a city's survey
        own,  # its county's own, published later
        lambda: published(folder=another_run, now=NOW + 2 * days),  # another version of the city's
        lambda: own(folder=quarter, now=NOW + 3 * days),  # of a part only: the city's counts
        lambda: Region.objects.filter(pk=WUZHAI).update(border=MultiPolygon(border.buffer(0.05))),  # it is of a part too
        lambda: published(**steep), own_zones,
        give_borders, publish_some, lambda: publish_some(later, batch="第 2 期"),
        lambda: publish_some(later, now=NOW + 4 * days),  # another version of the first batch
    ]  # fmt: skip


def test_what_is_kept_is_what_would_be_found_after_every_act(acts: list[Callable[[], Any]]) -> None:
    seen = [check()]
    for act in acts:
        act()
        seen.append(check())
        assert seen[-1] == check(), "asked twice, answered alike"
    assert sum(before != after for before, after in zip(seen, seen[1:], strict=False)) >= 9, "the acts do change it"


def test_what_was_never_in_force_is_forgotten(survey: Publication, own: Act) -> None:
    before = check()
    with transaction.atomic():
        county = own()
        assert check() != before
        transaction.set_rollback(True)
    assert check() == before
    assert not Publication.objects.filter(pk=county.pk).exists()


@pytest.mark.parametrize("model", [Watershed, Zone, Patch])
def test_what_is_known_is_asked_for_in_one_short_question(survey: Publication, own: Act, model: Any) -> None:
    own()
    that_count(rows_of(model, "1409"), "1409")
    with CaptureQueriesContext(connection) as asked:
        that_count(rows_of(model, "1409"), "1409")
    (statement,) = (query["sql"] for query in asked)
    assert "regionsummary" not in statement
    assert "classsum" not in statement
    assert "publications_zone" not in statement
