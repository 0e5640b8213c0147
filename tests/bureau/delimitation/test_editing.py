"""Zones are edited on disk first, and nothing is edited away."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from tests.bureau.delimitation.zoned import NOW, PIANGUAN, WUZHAI, XINZHOU, photo, reason, stretched, zone

from bureau.delimitation import editing
from bureau.delimitation.catching_up import catch_up
from bureau.delimitation.editing import Reason
from bureau.delimitation.indexing import is_behind, zones_folder
from bureau.delimitation.models import Delimitation, ZoneShape
from bureau.office.models import Person
from bureau.refusal import Refusal
from shuibao.delimitation.life.editing import Wishes
from shuibao.delimitation.life.edits import Act, record_edit
from shuibao.delimitation.life.journal import read_journal
from shuibao.delimitation.life.verifying import verify
from shuibao.rules import load_rules

A, B, C = (f"{WUZHAI}-{k:04d}" for k in (1, 2, 3))
NORTH = 0.0002
"""Some 20 m in degrees."""


def test_a_new_boundary_is_a_record_and_the_index_follows(delimitation: Delimitation, clerk: Person) -> None:
    before = zone(delimitation, A)
    number = editing.reshape(
        by=clerk, delimitation=delimitation, code=A, token=before.token, geometry=stretched(before, north=NORTH),
        reason=reason(), now=NOW,
    )  # fmt: skip
    after = zone(delimitation, A)
    assert number == 1
    assert after.area_m2 > before.area_m2 + 1000
    assert after.token != before.token
    records = read_journal(zones_folder(delimitation))
    assert [r.kind for r in records] == ["draw", "edit"]
    assert clerk.name in records[-1]["who"]
    assert records[-1]["when"] == "2026-03-05"
    assert records[-1]["evidence"][0]["name"] == "现场.jpg"
    entry = delimitation.entries.get(kind="edit")
    assert (entry.by, entry.codes, entry.version) == (clerk, [A], 2)
    assert (delimitation.version, delimitation.head) == (2, records[-1].sha256)
    assert not verify(delimitation.folder, delimitation.theme).findings


def test_a_shape_that_only_went_to_the_browser_and_back_has_not_changed(
    delimitation: Delimitation, clerk: Person
) -> None:
    same = zone(delimitation, A)
    with pytest.raises(Refusal, match="没有任何变化"):
        editing.reshape(
            by=clerk,
            delimitation=delimitation,
            code=A,
            token=same.token,
            geometry=stretched(same),
            reason=reason(),
            now=NOW,
        )


def test_a_vertex_near_a_neighbours_comes_to_lie_on_it(delimitation: Delimitation, clerk: Person) -> None:
    before = zone(delimitation, A)
    near = stretched(before, north=NORTH, east=0.00000001)  # a millimetre into the neighbour
    editing.reshape(
        by=clerk, delimitation=delimitation, code=A, token=before.token, geometry=near, reason=reason(), now=NOW
    )
    a, b = zone(delimitation, A).geometry, zone(delimitation, B).geometry
    assert a.intersection(b).area == 0
    assert a.touches(b)


def test_overlaps_are_refused_or_cut_as_asked(delimitation: Delimitation, clerk: Person) -> None:
    before = zone(delimitation, A)
    given = {
        "by": clerk, "delimitation": delimitation, "code": A, "token": before.token,
        "geometry": stretched(before, east=0.0003), "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refusal, match="重叠") as refused:
        editing.reshape(reason=reason(), **given)
    assert "--" not in refused.value.message
    assert "shuibao" not in refused.value.message
    old = zone(delimitation, B).area_m2
    editing.reshape(reason=reason(), overlaps="cut-others", **given)
    assert zone(delimitation, B).area_m2 < old - 1000


def test_who_edits_an_outdated_zone_is_told_and_nothing_is_lost(
    delimitation: Delimitation, clerk: Person, person: Callable[..., Person]
) -> None:
    before = zone(delimitation, A)
    other = person("clerk", region=XINZHOU)
    given = {"delimitation": delimitation, "code": A, "token": before.token, "now": NOW}
    editing.reshape(by=other, geometry=stretched(before, north=NORTH), reason=reason("先改的"), **given)
    with pytest.raises(Refusal, match="先改的") as refused:
        editing.reshape(by=clerk, geometry=stretched(before, north=2 * NORTH), reason=reason(), **given)
    assert refused.value.code == editing.CHANGED
    assert delimitation.entries.filter(kind="edit").count() == 1


@pytest.mark.parametrize(
    "geometry, code",
    [
        ("not json", "shape-unreadable"),
        ('{"type": "Point", "coordinates": [111, 39]}', "shape-unreadable"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}', "shape-crosses"),
        ('{"type": "Polygon", "coordinates": [[[500000, 4e6], [500001, 4e6], [500001, 4000001], [500000, 4e6]]]}', "shape-outside"),
        ('{"type": "Polygon", "coordinates": [[[1e999, 0], [1, 1], [1, 0], [1e999, 0]]]}', "shape-unreadable"),
        ("[" * 100_000, "shape-unreadable"),
        (" " * (5 * 2**20), "shape-size"),
    ],
)  # fmt: skip
def test_shapes_that_are_none_are_refused(delimitation: Delimitation, clerk: Person, geometry: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        editing.reshape(
            by=clerk, delimitation=delimitation, code=A, token=zone(delimitation, A).token, geometry=geometry,
            reason=reason(), now=NOW,
        )  # fmt: skip
    assert refused.value.code == code


def test_a_zone_of_the_other_side_of_the_world_is_refused(delimitation: Delimitation, clerk: Person) -> None:
    far = json.dumps({"type": "Polygon", "coordinates": [[[-70, 10], [-69, 10], [-69, 11], [-70, 10]]]})
    with pytest.raises(Refusal):
        editing.reshape(
            by=clerk, delimitation=delimitation, code=A, token=zone(delimitation, A).token, geometry=far, reason=reason(),
            now=NOW,
        )  # fmt: skip


def test_an_edit_needs_a_reason_and_evidence(delimitation: Delimitation, clerk: Person) -> None:
    before = zone(delimitation, A)
    given = {
        "by": clerk, "delimitation": delimitation, "code": A, "token": before.token,
        "geometry": stretched(before, north=NORTH), "now": NOW,
    }  # fmt: skip
    with pytest.raises(Refusal, match="理由"):
        editing.reshape(reason=Reason(" ", [photo()]), **given)
    with pytest.raises(Refusal, match="依据"):
        editing.reshape(reason=Reason("偏北"), **given)


def test_another_county_or_somebody_without_the_duty_may_not_edit(
    delimitation: Delimitation, person: Callable[..., Person]
) -> None:
    before = zone(delimitation, A)
    for who in (person("clerk", region=WUZHAI), person("clerk", region="220000"), person("review", region=XINZHOU)):
        with pytest.raises(Refusal) as refused:
            editing.reshape(
                by=who, delimitation=delimitation, code=A, token=before.token, geometry=stretched(before, north=NORTH),
                reason=reason(), now=NOW,
            )  # fmt: skip
        assert refused.value.code == "not-your-region"


def test_zones_are_renamed_merged_split_and_removed(delimitation: Delimitation, clerk: Person) -> None:
    given = {"by": clerk, "delimitation": delimitation, "now": NOW}
    editing.rename(code=A, token=zone(delimitation, A).token, name="东沟", reason=Reason("地名"), **given)
    assert zone(delimitation, A).name == "东沟"
    old = zone(delimitation, A).area_m2
    editing.merge(code=A, token=zone(delimitation, A).token, others=[B], reason=reason(), **given)
    assert zone(delimitation, A).area_m2 == pytest.approx(2 * old)
    west, south, east, north = zone(delimitation, A).geometry.extent
    x = (west + east) / 2 + (east - west) / 20
    line = json.dumps({"type": "LineString", "coordinates": [[x, south - 0.01], [x, north + 0.01]]})
    editing.split(code=A, token=zone(delimitation, A).token, line=line, reason=reason(), **given)
    parts = [zone(delimitation, A).area_m2, zone(delimitation, f"{A}-1").area_m2]
    assert sum(parts) == pytest.approx(2 * old, rel=1e-6)
    assert parts[0] > parts[1]
    editing.remove(code=C, token=zone(delimitation, C).token, reason=reason(), **given)
    assert not ZoneShape.objects.filter(delimitation=delimitation, code=C).exists()
    assert not verify(delimitation.folder, delimitation.theme).findings


def test_a_line_beside_a_zone_does_not_split_it(delimitation: Delimitation, clerk: Person) -> None:
    line = json.dumps({"type": "LineString", "coordinates": [[100, 30], [101, 31]]})
    with pytest.raises(Refusal, match="没有把"):
        editing.split(
            by=clerk,
            delimitation=delimitation,
            code=A,
            token=zone(delimitation, A).token,
            line=line,
            reason=reason(),
            now=NOW,
        )


def test_what_was_done_at_a_desk_is_in_the_index_afterwards(delimitation: Delimitation) -> None:
    record_edit(
        delimitation.folder, delimitation.theme, Wishes(settings={A: {"name": "西沟"}}), Act("张三", "2026-03-01", "地名"),
        load_rules(["national"]),
    )  # fmt: skip
    assert is_behind(delimitation)
    assert catch_up() == 1
    delimitation.refresh_from_db()
    assert not is_behind(delimitation)
    assert zone(delimitation, A).name == "西沟"
    assert delimitation.entries.get(kind="edit").by is None
    assert catch_up() == 0


def test_a_county_sees_its_own_zones_alone(delimitation: Delimitation, person: Callable[..., Person]) -> None:
    seen = ZoneShape.objects.for_person(person("view", region=PIANGUAN)).filter(delimitation=delimitation)
    assert {z.county_id for z in seen} == {PIANGUAN}
    assert ZoneShape.objects.for_person(person("view", region="140000")).count() == 6
    assert not ZoneShape.objects.for_person(person("view", region="220000")).exists()
