"""Targets and quantities as their documents have them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bureau.regions.models import Region
from bureau.targets.loading import load_documents
from bureau.targets.models import PlannedQuantity, Target


def test_the_targets_are_those_of_the_documents(db: Any) -> None:
    load_documents()
    found = {(t.region_id, t.year): str(t.percent) for t in Target.objects.in_force()}
    assert len(found) == 2 * (4 + 14)
    assert (found["000000", 2025], found["000000", 2035]) == ("73.00", "75.00")
    assert (found["220000", 2025], found["220000", 2035]) == ("80.21", "83.66")
    assert (found["130000", 2025], found["130000", 2035]) == ("79.96", "84.07")
    assert (found["140900", 2025], found["140900", 2035]) == ("63.56", "66.22")
    assert (found["140928", 2025], found["140932", 2035]) == ("70.81", "52.25")
    for target in Target.objects.all():
        assert target.source
        assert target.clause
        assert target.status == Target.Status.VERIFIED


def test_the_quantities_are_those_of_the_documents(db: Any) -> None:
    load_documents()
    found = {q.code: (int(q.amount), q.unit, q.get_sense_display()) for q in PlannedQuantity.objects.all()}
    assert found == {
        "jilin-treatment": (10150, "km²", ""), "jilin-decrease": (3500, "km²", "以上"), "jilin-stations": (4, "个", ""),
        "xinzhou-slope-farmland": (350_000, "亩", ""), "xinzhou-dams": (170, "座", "以上"),
        "jilin-irrigation-bond": (18, "个", ""), "jilin-irrigation": (62, "处", ""),
        "xinzhou-fine-watersheds": (10, "条", ""), "xinzhou-pilot-county": (1, "个县", ""), "xinzhou-households": (100, "个", ""),
    }  # fmt: skip
    assert all(q.clause and q.source for q in PlannedQuantity.objects.all())


def test_what_the_text_and_the_annex_say_differently_is_shown(db: Any) -> None:
    load_documents()
    said = PlannedQuantity.objects.get(code="xinzhou-slope-farmland").contradiction
    assert "35 万亩" in said
    assert "39 万亩" in said


def test_loading_again_changes_nothing_and_keeps_what_an_office_has_decided(db: Any) -> None:
    assert load_documents() == 36 + 10
    Target.objects.filter(region_id="140928", year=2025).update(superseded="2026-01-01")
    Target.objects.create(region_id="140928", year=2025, percent=Decimal(72), source="本市文件", status="decided")
    assert load_documents() == 0
    assert str(Target.objects.in_force().get(region_id="140928", year=2025).percent) == "72.00"


def test_regions_without_a_map_are_made_with_their_place(db: Any) -> None:
    load_documents()
    county = Region.objects.get(code="140902")
    assert (county.name, county.parent_id, county.level, county.border) == ("忻府区", "140900", "county", None)
    assert Region.objects.get(code="130000").parent_id == "000000"
