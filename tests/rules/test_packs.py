"""What every pack that comes with the package owes its reader."""

from __future__ import annotations

import pytest

from shuibao.messages import CallError
from shuibao.rules import (
    check_all_packs,
    check_pack,
    describe,
    list_packs,
    load_rules,
    load_targets,
    pack_ids,
    read_pack,
    target_ids,
)
from shuibao.rules.citation import BASES, CONFIDENCES, STATUSES, VERIFIABLE

RULES = load_rules([*pack_ids(), "national"])
NATIONAL = load_rules(["national"])
CODES = {
    **{1: "paddy", 2: "irrigated", 3: "dry_cropland", 4: "orchard", 5: "tea", 6: "forest", 7: "shrub"},
    **{8: "other_forest", 9: "grass", 10: "urban", 11: "rural", 12: "disturbed", 13: "transport", 14: "water"},
    **{15: "bare_soil", 16: "bare_rock", 17: "sand", 18: "facility", 19: "saline", 20: "wetland", 21: "ice"},
}


def test_every_pack_is_in_order() -> None:
    assert {name: [str(f) for f in found] for name, found in check_all_packs().items() if found} == {}


def test_every_value_says_unit_source_status_basis_and_confidence_itself() -> None:
    lacking = [
        f"{name}: {entry.key} lacks {word}"
        for name in pack_ids()
        for entry in read_pack(name).entries
        for word in ("value", "unit", "source", "status", "basis", "confidence", "name", "name_en")
        if entry.words.get(word) in (None, "")
    ]
    assert lacking == []


def test_every_document_cited_has_a_chinese_and_an_english_title() -> None:
    untitled = [
        (name, key)
        for name in pack_ids()
        for key, citation in read_pack(name).sources.items()
        if not citation.title or not citation.title_en
    ]
    assert untitled == []
    assert all(load_targets(name).citation.title_en for name in target_ids())


def test_what_was_recalled_chosen_or_taken_from_code_is_a_draft() -> None:
    wrong = [
        p.key
        for p in RULES.parameters()
        if p.status not in STATUSES
        or p.basis not in BASES
        or p.confidence not in CONFIDENCES
        or (p.status == "verified" and (p.basis not in VERIFIABLE or not p.citation.read))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "key",
    [
        *("erosivity.warm_coefficient", "erosivity.threshold", "cover_factor.shrub", "cover_factor.forest"),
        *("measure.level_terrace_earth", "tillage.no_till", "tillage.default", "land_class.classes"),
        *("length_exponent.branches", "slope_length.cap", "sheet_matrix.classes", "freeze_thaw.weights"),
        *("wind_erosion.cropland", "steep_slope.land", "steep_slope.gap_width", "severe_fragile.gap"),
        *("scheme_gb21010.classes", "construction_general.overturned_k", "cover_factor.understory"),
    ],
)
def test_what_was_not_read_is_a_draft(key: str) -> None:
    assert NATIONAL[key].status == "draft"


@pytest.mark.parametrize(
    "key",
    [
        *("erosion_intensity.classes", "tolerable_loss.northwest_loess", "slope_factor.branches", "erodibility.epic"),
        *("steep_slope.angle", "tillage.northwest_irrigated", "erosivity.warm_months", "wind_intensity.classes"),
    ],
)
def test_what_was_read_is_verified(key: str) -> None:
    assert NATIONAL[key].status == "verified"


def test_what_was_chosen_names_no_document_that_did_not_say_it() -> None:
    told = {
        (name, entry.key): entry.words["source"]
        for name in pack_ids()
        for entry in read_pack(name).entries
        if entry.words.get("basis") == "chosen" and not entry.key.startswith("scheme_")
    }
    assert {where: source for where, source in told.items() if source != "shuibao"} == {}
    assert told


def test_no_clause_is_given_for_what_was_not_read() -> None:
    assert [p.key for p in RULES.parameters() if p.clause and p.basis == "recalled" and p.source.find("法") < 0] == []


def test_every_class_has_a_chinese_and_an_english_name() -> None:
    keys = ["erosion_intensity.classes", "wind_intensity.classes", "land_class.classes", "land_class.groups"]
    keys += [key for key in NATIONAL.keys() if key.startswith("scheme_")]  # noqa: SIM118
    nameless = [
        (key, entry)
        for key in keys
        for entry in NATIONAL[key].value
        if not any("一" <= letter <= "鿿" for letter in entry["name"])
        and not key.startswith("scheme_worldcover")
        or not entry["name_en"].isascii()
    ]
    assert nameless == []


def test_land_classes_keep_their_codes() -> None:
    assert {entry["code"]: entry["id"] for entry in NATIONAL.value("land_class.classes")} == CODES


def test_intensity_classes_keep_their_codes_and_names() -> None:
    classes = NATIONAL.value("erosion_intensity.classes")
    assert [(c["code"], c["name"]) for c in classes] == list(
        enumerate(["微度", "轻度", "中度", "强烈", "极强烈", "剧烈"], 1)
    )


def test_every_measure_and_tillage_has_a_code_and_every_code_its_factor() -> None:
    coded = {entry["id"] for entry in NATIONAL.value("measure_code.classes")}
    assert coded == set(NATIONAL.table("measure"))
    coded = {entry["id"] for entry in NATIONAL.value("tillage_code.classes")}
    assert coded | {"default"} == set(NATIONAL.table("tillage"))


@pytest.mark.parametrize("name", pack_ids())
def test_a_pack_can_stand_alone(name: str) -> None:
    assert load_rules([name]).pack_ids()[-1] == name


def test_the_list_of_packs_counts_verified_and_draft_values() -> None:
    lines = {(line.kind == "targets", line.id): line for line in list_packs()}
    assert len(lines) == len(pack_ids()) + len(target_ids())
    assert all(line.verified + line.draft == line.values for line in lines.values())
    assert lines[True, "xinzhou"].values == 2 * 15


def test_a_pack_is_described_by_what_it_sets_and_rules_by_all_that_holds() -> None:
    assert {row["key"] for row in describe("shanxi")} == set(read_pack("shanxi").set_keys())
    assert [row["key"] for row in describe(NATIONAL)] == NATIONAL.keys()
    assert describe("national") == describe(NATIONAL)


def test_targets_are_described_by_id_and_beside_rules_of_the_same_id() -> None:
    assert describe("xinzhou") == describe(load_targets("xinzhou"))
    assert describe("targets/jilin") == describe(load_targets("jilin"))
    assert describe("jilin")[0]["key"] == "province.tolerable_loss_region"


def test_a_pack_that_does_not_exist_cannot_be_checked() -> None:
    with pytest.raises(CallError, match="shanxi"):
        check_pack("shanix")


@pytest.mark.parametrize(
    "scheme, code, land",
    [
        *(("gb21010", 101, 1), ("gb21010", 103, 3), ("gb21010", 1207, 16), ("gb21010", 602, 12), ("gb21010", 4, 9)),
        *(("third_survey", 303, 20), ("third-survey", 508, 10), ("clcd", 1, 3), ("clcd", 9, 20)),
        *(("worldcover", 10, 6), ("worldcover", 100, 9), ("shuibao", 21, 21)),
        *(("seims", 4, 4), ("seims", 6, 6), ("seims", 8, 6), ("seims", 18, 14), ("seims", 33, 1)),
        *(("seims", 104, 11), ("seims", 106, 10)),
    ],
)
def test_a_scheme_translates_its_codes(scheme: str, code: int, land: int) -> None:
    assert NATIONAL.scheme(scheme)[code] == land


def test_every_secondary_class_of_gb21010_has_its_primary_class() -> None:
    codes = NATIONAL.scheme("gb21010")
    assert {code // 100 for code in codes if code > 100} == set(range(1, 13)) == {c for c in codes if c <= 12}
    assert len([code for code in codes if code > 100]) == 73


def test_our_own_scheme_changes_nothing() -> None:
    assert NATIONAL.scheme("shuibao") == {code: code for code in CODES}
