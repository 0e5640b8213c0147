"""
Queries that nobody thought of, drawn from the interfaces' own descriptions (schemathesis).

It is imported when a test begins, as it takes seconds that every other run would wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from bureau.interfaces.description import document

pytestmark = pytest.mark.slow
TRIALS = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Keep the test's own connection open between requests, as Django's test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def rest(all_published: None, token: Callable[..., str]) -> Any:
    """Return the description of REST, as the server hands it out."""
    import schemathesis

    app = get_wsgi_application()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, headers={"Authorization": f"Bearer {token()}"})


@pytest.fixture
def features(all_published: None) -> Any:
    """Return the description of OGC API Features."""
    import schemathesis

    found = schemathesis.openapi.from_dict(document("http://localhost/ogc"))
    found.app = get_wsgi_application()
    return found


def ask_everything(schema: Any, token: str, *but: Any) -> None:
    """Ask each address what its description allows, and what it does not; every answer must be as it is described."""
    from schemathesis import GenerationMode

    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:

            @TRIALS
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: Any) -> None:
                case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=list(but))

            try:
                ask()
            except Unsatisfiable:
                continue  # there is nothing that it does not allow
            asked += 1
    assert asked


def test_rest_answers_every_query_as_it_is_described(rest: Any, token: Callable[..., str]) -> None:
    ask_everything(rest, token())


def test_features_answer_every_query_as_they_are_described(features: Any, token: Callable[..., str]) -> None:
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    ask_everything(features, token(), positive_data_acceptance)  # a box has an order, which no schema tells
