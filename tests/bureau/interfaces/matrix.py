"""Who may open which page and address of interfaces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.bureau.matrix import Line
from tests.bureau.people import make_person

from bureau.interfaces.models import Token, Webhook
from bureau.office.models import Organisation
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, tzinfo=UTC)


def token(region: str) -> dict[str, Any]:
    """Make a token of somebody of a region."""
    who = make_person("view", region=region)
    return {"pk": Token.objects.create(person=who, name="x", token_hash=f"{who.pk}", made=NOW, expires=NOW).pk}


def webhook(region: str) -> dict[str, Any]:
    """Make a webhook of a region's organisation."""
    by = make_person("administer", region=region)
    organisation = Organisation.objects.get(pk=by.organisation_id)
    made = Webhook.objects.create(
        organisation=organisation,
        address="https://a.example/",
        subjects=["publication.published"],
        secret="x",
        by=by,
        made=NOW,
    )
    return {"pk": made.pk}


def feature(region: str) -> dict[str, Any]:
    """Return the words of a region's own feature, which has a border."""
    Region.objects.filter(code=region).update(border="SRID=4490;MULTIPOLYGON(((111 39,112 39,112 40,111 39)))")
    return {"layer": "regions", "key": region}


def program(name: str, **words: Any) -> Line:
    """Return the line of an address for programs: it reads only, and tells strangers to come with a token."""
    return Line(f"interfaces:{name}", stranger=401, **words)


REST = (
    "its own authentication: a token or a session (bureau.interfaces.rest.Known); tests/bureau/interfaces/test_rest.py"
)
LINES = (
    Line("interfaces:home"),
    Line("interfaces:token", post=200),
    Line("interfaces:end_token", get=None, post=302, of=token),
    Line("interfaces:webhook", duties=("administer",), post=200),
    Line("interfaces:switch_webhook", duties=("administer",), get=None, post=302, of=webhook),
    program("landing"), program("openapi"), program("conformance"), program("collections"),
    program("collection", of=lambda region: {"layer": "zones"}, get=404, everywhere=True),
    program("items", of=lambda region: {"layer": "regions"}, everywhere=True),
    program("item", of=feature),
    program("wfs", get=(200, 400), post=400),
    *(
        Line(f"rest:{name}", stranger=401, marked=False, kept_by=REST, **words)
        for name, words in (
            ("regions", {}), ("publications", {}), ("conservation_rates", {}), ("zones_at", {"get": 422}),
            ("facts", {"of": lambda region: {"pk": 1}, "get": 404, "everywhere": True}),
        )
    ),
    Line("rest:openapi-json", marked=False, public=True, get=200, post=200, kept_by="says what may be asked, holds no data"),
    Line("rest:api-root", marked=False, public=True, get=404, post=404, kept_by="there is nothing"),
)  # fmt: skip
