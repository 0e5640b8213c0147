"""Who may open the pages of organisations and people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.bureau.matrix import Line
from tests.bureau.people import make_organisation, make_person

from bureau.office.models import Invitation


def some_person(region: str) -> dict[str, Any]:
    """Make somebody of a region."""
    return {"pk": make_person(region=region).pk}


def some_organisation(region: str) -> dict[str, Any]:
    """Make an organisation of a region."""
    return {"pk": make_organisation(region).pk}


def some_invitation(region: str) -> dict[str, Any]:
    """Make an invitation of a region."""
    by, now = make_person("administer", region=region), timezone.now()
    made = Invitation.objects.create(
        organisation=by.organisation, username=f"guest{by.pk}", name="来人", duties=["view"], token_hash=f"{by.pk}",
        by=by, sent=now, expires=now + timedelta(days=1),
    )  # fmt: skip
    return {"pk": made.pk}


ADMINISTER = ("administer",)
LINES = (
    Line("office:people", ADMINISTER, post=200),
    Line("office:person", ADMINISTER, post=(200, 302), of=some_person),
    Line("office:switch", ADMINISTER, get=None, post=302, of=some_person),
    Line("office:reset_factor", ADMINISTER, get=None, post=302, of=some_person),
    Line("office:offer_password", ADMINISTER, get=None, post=302, of=some_person),
    Line("office:renew", public=True, get=410, post=410, of=lambda region: {"token": "unknown"}),
    Line("office:organisation_new", ADMINISTER, post=200),
    Line("office:organisation", ADMINISTER, post=200, of=some_organisation),
    Line("office:invite", ADMINISTER, post=200),
    Line("office:template", ADMINISTER, post=200),
    Line("office:bring_in", ADMINISTER, post=200),
    Line("office:withdraw", ADMINISTER, get=None, post=302, of=some_invitation),
    Line("office:accept", public=True, get=410, post=410, of=lambda region: {"token": "unknown"}),
)
