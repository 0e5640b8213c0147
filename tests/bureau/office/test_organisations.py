"""Organisations are kept by who administers their region, and stand in a tree."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.bureau.office.test_invite import refused
from tests.bureau.people import make_organisation, make_person

from bureau.office.forms import OrganisationForm
from bureau.office.models import Organisation, Person
from bureau.office.services import keep_organisation
from bureau.regions.models import Region

pytestmark = pytest.mark.django_db


def keep(by: Person, organisation: Organisation | None = None, region: str = "140928", **words: Any) -> Organisation:
    """Keep an organisation."""
    given = {"name": "水保站", "kind": "technical", "above": None, **words}
    return keep_organisation(by=by, organisation=organisation, region=Region.objects.get(code=region), **given)


def test_a_city_keeps_the_organisations_of_its_counties() -> None:
    by = make_person("administer", region="140900")
    made = keep(by, above=by.organisation)
    assert keep(by, made, name="水土保持站").pk == made.pk
    assert Organisation.objects.get(pk=made.pk).name == "水土保持站"


@pytest.mark.parametrize("own, region", [("140928", "140932"), ("140928", "140900"), ("220000", "140928")])
def test_another_county_may_not(own: str, region: str) -> None:
    assert refused(keep, make_person("administer", region=own), region=region) == "not-your-region"


def test_what_is_another_countys_is_not_drawn_into_ones_own() -> None:
    neighbours = make_organisation("140932")
    assert refused(keep, make_person("administer", region="140928"), neighbours) == "not-your-region"


def test_nothing_stands_above_itself() -> None:
    by = make_person("administer", region="140900")
    above = keep(by, name="甲")
    below = keep(by, name="乙", above=above)
    assert refused(keep, by, above, name="甲", above=below) == "above-itself"
    assert refused(keep, by, above, name="甲", above=above) == "above-itself"


def test_a_name_is_there_once_in_a_region() -> None:
    by = make_person("administer", region="140900")
    keep(by)
    assert refused(keep, by) == "name-taken"
    assert keep(by, region="140932").region_id == "140932"


def test_an_organisation_is_closed_when_nobody_is_left() -> None:
    by, whom = make_person("administer", region="140900"), make_person(region="140928")
    home = whom.organisation
    assert refused(keep, by, home, name=home.name, active=False) == "has-people"
    home.people.update(is_active=False)
    assert keep(by, home, name=home.name, active=False).active is False


def test_the_form_offers_ones_own_regions_only_and_shows_refusals() -> None:
    by, client = make_person("administer", region="140928"), Client()
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("office:organisation_new")).content.decode()
    assert "五寨县" in page
    assert "偏关县" not in page
    form = {"name": "水保站", "region": "140932", "kind": "technical", "above": ""}
    assert client.post(reverse("office:organisation_new"), form).status_code == 200
    form["region"] = "140928"
    assert client.post(reverse("office:organisation_new"), form).status_code == 302
    assert "已有机构“水保站”" in client.post(reverse("office:organisation_new"), form).content.decode()


def test_the_list_finds_by_place_and_by_name() -> None:
    by, whom, client = make_person("administer", region="140900"), make_person(region="140932"), Client()
    make_organisation("140928")
    client.force_login(by, backend="django.contrib.auth.backends.ModelBackend")
    for words in ("偏关", whom.name, whom.username):
        page = client.get(reverse("office:people"), {"q": words}).content.decode()
        assert "140932 水利局" in page
        assert "140928 水利局" not in page
    assert "没有符合的" in client.get(reverse("office:people"), {"q": "无此处"}).content.decode()


def test_a_county_is_chosen_by_its_city_and_code_too() -> None:
    labels = [
        label for _, label in OrganisationForm(by=make_person("administer", region="140000")).fields["region"].choices
    ]
    assert "忻州市 五寨县（140928）" in labels
    assert "忻州市（140900）" in labels
