"""A result of a part of a county: it counts where no other does, and nobody takes its rate for the county's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.gis.geos import MultiPolygon
from django.test import Client
from django.urls import reverse
from tests.bureau.onemap.test_page import catalogue
from tests.bureau.publications.conftest import NOW
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU

from bureau.publications.counting import counted_elsewhere, partly, said, shares, survey_of
from bureau.publications.models import Publication
from bureau.publications.selectors import rates
from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.targets.actuals import published as rates_for_targets

Act = Callable[..., Publication]
SignIn = Callable[..., Client]


def test_the_share_is_of_the_land_within_the_border(borders: None) -> None:
    area = Region.objects.get(pk=WUZHAI).border_m2
    assert partly(shares({WUZHAI: 0.96 * area, PIANGUAN: 0.0, "220122": 1.0})) == partly(shares({PIANGUAN: 0.0}))
    (found,) = partly(shares({WUZHAI: 0.25 * area}))
    assert (found.name, round(found.share, 6)) == ("五寨县", 0.25)
    assert said([found]) == "只覆盖五寨县土地面积的 25.0 %"
    assert said(partly(shares({WUZHAI: 1.0}))) == "只覆盖五寨县土地面积的 不到 0.1 %"


def test_a_later_result_of_a_part_of_a_county_does_not_displace_one_of_all_of_it(
    survey: Publication,
    own: Act,
    quarter: Path,
    signed_in: SignIn,
) -> None:
    part = own(folder=quarter)
    assert survey_of(WUZHAI, 2024) == survey
    assert counted_elsewhere(part) == {WUZHAI: survey.pk}
    assert not counted_elsewhere(survey)
    assert all(figure.complete and not figure.partial for figure in rates("1409"))
    assert survey.title.startswith("忻州市 2024 年")
    assert [s["pk"] for s in catalogue(signed_in("view", region=XINZHOU))["surveys"]] == [survey.pk]


def test_of_two_that_cover_the_county_the_later_counts_whatever_a_third_of_a_part_says(
    survey: Publication,
    own: Act,
    quarter: Path,
) -> None:
    whole = own()
    own(folder=quarter, now=NOW + timedelta(days=2))  # takes the place of the county's own
    assert survey_of(WUZHAI, 2024) == survey
    assert whole.pk != survey.pk


def test_pages_say_which_part_of_a_county_is_covered(
    survey: Publication, own: Act, quarter: Path, signed_in: SignIn
) -> None:
    part = own(folder=quarter)
    client = signed_in("view", region=XINZHOU)
    for address, word in (
        ("/publications/", "另有成果为准，未采用"),
        (part.get_absolute_url(), "覆盖全县的成果优先采用"),
    ):
        page = client.get(address).content.decode()
        assert "只覆盖五寨县土地面积的 2" in page
        assert word in page
    assert "只覆盖" not in client.get(survey.get_absolute_url()).content.decode()


@pytest.mark.parametrize("kind", [{"kind": "survey"}, {"kind": "zones", "theme": "steep_slope"}])
def test_who_is_asked_says_that_a_part_is_meant(
    published: Act, folder: Path, borders: None, kind: dict[str, str]
) -> None:
    assert published(**kind, partial=False).version == 1
    Region.objects.filter(pk=WUZHAI).update(border=MultiPolygon(Region.objects.get(pk=WUZHAI).border.buffer(0.01)))
    with pytest.raises(Refusal, match=r"只覆盖五寨县土地面积的 .* %。.*--partial") as refused:
        published(**kind, partial=False)
    assert refused.value.code == "partial"


def test_a_part_alone_counts_but_is_nobodys_rate(
    borders: None,
    own: Act,
    quarter: Path,
    signed_in: SignIn,
) -> None:
    part = own(folder=quarter)
    assert survey_of(WUZHAI, 2024) == part
    assert part.title.startswith("五寨县（清涟河小流域） 2024 年")
    for figure in rates("1409"):
        assert not figure.complete
        assert figure.published == 0
        (found,) = figure.partial
        assert (found.name, found.share) == ("五寨县", pytest.approx(0.24, abs=0.01))
    assert not rates_for_targets("1409")
    client = signed_in("view", region=XINZHOU)
    assert [s["pk"] for s in catalogue(client)["surveys"]] == [part.pk]
    for region in (XINZHOU, WUZHAI):
        told = client.get(reverse("onemap:numbers"), {"region": region, "year": 2024}).json()
        assert told["rate"]["percent"] is None
        assert told["rate"]["partial"].startswith("只覆盖五寨县土地面积的 2")
        assert (told["years"], told["shown"]) == ([], [2024])
        surveyed = sum(row["km2"][0] for row in told["classes"]["intensity"])
        assert surveyed == pytest.approx(told["rate"]["land_km2"], abs=0.01)
        assert told["rate"]["land_km2"] == pytest.approx(sum(w.area_m2 for w in part.watersheds.all()) / 1e6)
        words = client.get(reverse("onemap:words"), {"region": region, "year": 2024}).content.decode()
        assert told["rate"]["partial"] in words
        assert "已调查的土地" in words
        assert "2024（部分）" in words
