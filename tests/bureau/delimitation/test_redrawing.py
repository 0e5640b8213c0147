"""Zones are drawn anew; what people changed is made again, and what no longer fits is decided, by who may, with a reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.bureau.delimitation.packed import PIANGUAN, THEME, WUZHAI, packed, squares
from tests.bureau.delimitation.zoned import NOW, XINZHOU, reason, stretched, zone

from bureau.delimitation import commenting, deciding, drawing, editing, packages, parameters, redrawing, services
from bureau.delimitation.catching_up import catch_up
from bureau.delimitation.commenting import Words
from bureau.delimitation.folders import put_in_place
from bureau.delimitation.models import Delimitation, Package
from bureau.delimitation.parameters import OWN
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.delimitation.life.verifying import verify
from shuibao.rules import load_rules
from shuibao.survey.region import load_region

pytestmark = pytest.mark.usefixtures("unboxed")
A, B = f"{WUZHAI}-0001", f"{WUZHAI}-0002"


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two packages: in the second the middle square lies elsewhere."""
    bench = tmp_path_factory.mktemp("redrawn")
    first, second = squares(gap=300.0), squares(gap=300.0)
    second.geometry[1] = shapely.transform(second.geometry[1], lambda xy: xy + (60.0, 0.0))
    return packed(first, bench / "first"), packed(second, bench / "second")


@pytest.fixture
def county(home: Path, person: Callable[..., Person]) -> Person:
    """Return a clerk of the county."""
    return person("clerk", region=WUZHAI)


def brought(by: Person, path: Path) -> Package:
    """Return a package that was accepted."""
    region = Region.objects.get(code=WUZHAI)
    file = SimpleUploadedFile("包.zip", path.read_bytes())
    made = packages.receive(by=by, region=region, theme=THEME, year=2024, file=file, now=NOW)
    packages.settle(made.pk)
    made.refresh_from_db()
    return made


@pytest.fixture
def one(county: Person, pair: tuple[Path, Path]) -> Delimitation:
    """Return a delimitation of a package, with a name, a boundary and a comment that people made."""
    made = packages.open_on_package(by=county, package=brought(county, pair[0]), now=NOW)
    drawing.draw(made.pk)
    made.refresh_from_db()
    editing.rename(
        by=county, delimitation=made, code=A, token=zone(made, A).token, name="东沟", reason=reason("改名"), now=NOW
    )
    editing.reshape(
        by=county, delimitation=made, code=B, token=zone(made, B).token, geometry=stretched(zone(made, B), north=0.0005),
        reason=reason(), now=NOW,
    )  # fmt: skip
    commenting.comment(by=county, delimitation=made, words=Words("adjust", "偏大", code=A), now=NOW)
    return made


def redrawn(one: Delimitation, by: Person, path: Path) -> str:
    """Take up the zones of another package, and return what was told."""
    order = redrawing.order(by=by, delimitation=one, why="复测后重新打包", given={}, package=brought(by, path), now=NOW)
    redrawing.carry_out(order.pk, now=NOW)
    order.refresh_from_db()
    one.refresh_from_db()
    return f"{order.status}：{order.message}"


def test_what_people_did_is_carried_over_and_what_does_not_fit_is_decided(
    one: Delimitation, county: Person, pair: tuple[Path, Path]
) -> None:
    drawn_by_people = zone(one, B).geometry
    assert "1 项修改重放成功，1 项不再适用" in redrawn(one, county, pair[1])
    assert (one.undecided, one.status, one.comments.count()) == (1, "open", 1)
    assert zone(one, A).name == "东沟"
    assert zone(one, B).geometry.sym_difference(drawn_by_people).area > 0
    (conflict,) = deciding.conflicts_of(one)
    assert (conflict.operation, conflict.before, conflict.edit.number) == ("改边界", [B], 2)
    assert "相差" in conflict.reason
    services.advance(by=county, delimitation=one, to="field_review", note="", now=NOW)
    given: dict[str, Any] = {"by": county, "delimitation": one, "origin": conflict.origin, "now": NOW}
    with pytest.raises(Refusal, match="理由"):
        deciding.decide(choice="keep", reason=reason(" "), **given)
    with pytest.raises(Refusal, match="采用新底图之后的修改"):
        deciding.decide(choice="redo", redone=1, reason=reason("重做"), **given)
    deciding.decide(choice="keep", reason=reason("实地为准"), **given)
    assert one.undecided == 0
    assert zone(one, B).geometry.sym_difference(drawn_by_people).area < 1e-12
    entry = one.entries.get(kind="decision")
    assert (entry.by, entry.why, len(entry.evidence)) == (county, "实地为准", 1)
    with pytest.raises(Refusal, match="已有取舍"):
        deciding.decide(choice="drop", reason=reason("再定"), **given)
    assert verify(one.folder, THEME).findings == ()


def test_nobody_else_redraws_or_decides_and_nobody_does_after_the_examination(
    one: Delimitation,
    county: Person,
    pair: tuple[Path, Path],
    person: Callable[..., Person],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = brought(county, pair[1])
    for who in (person("clerk", region=PIANGUAN), person("review", "approve", region=WUZHAI)):
        with pytest.raises(Refusal) as refused:
            redrawing.order(by=who, delimitation=one, why="换", given={}, package=package, now=NOW)
        assert refused.value.code == "not-your-region"
        with pytest.raises(Refusal) as refused:
            deciding.decide(by=who, delimitation=one, origin="2.1", choice="drop", reason=reason("放弃"), now=NOW)
        assert refused.value.code == "not-your-region"
    with pytest.raises(Refusal, match="理由"):
        redrawing.order(by=county, delimitation=one, why=" ", given={}, package=package, now=NOW)
    with pytest.raises(Refusal, match="没有计算成果"):
        redrawing.order(by=county, delimitation=one, why="换", given={}, now=NOW)
    city = person("clerk", region=XINZHOU)
    redrawing.order(by=city, delimitation=one, why="换", given={}, package=package, now=NOW)  # those above may
    with pytest.raises(Refusal, match="正在进行"):
        redrawing.order(by=county, delimitation=one, why="换", given={}, package=package, now=NOW)
    one.redraws.all().delete()
    Delimitation.objects.filter(pk=one.pk).update(stage="examination")
    one.refresh_from_db()
    with pytest.raises(Refusal, match="退回调整"):
        redrawing.order(by=county, delimitation=one, why="换", given={}, package=package, now=NOW)


def test_a_drawing_that_is_the_same_changes_nothing(one: Delimitation, county: Person, pair: tuple[Path, Path]) -> None:
    one.refresh_from_db()
    head = one.head
    told = redrawn(one, county, pair[0])
    assert told.startswith("failed")
    assert "没有变化" in told
    assert "shuibao" not in told
    assert (one.head, zone(one, A).name) == (head, "东沟")
    assert sorted(path.name for path in one.folder.parent.iterdir() if path.is_dir()) == [str(one.pk)]


def test_a_program_that_dies_while_folders_change_places_loses_nothing(
    one: Delimitation, county: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = one.folder.with_name("fresh")
    shutil.copytree(one.folder, fresh)
    moves = []
    before = Path.rename

    def dies(path: Path, to: Path) -> Path:
        moves.append(path)
        if len(moves) == 2:
            raise KeyboardInterrupt
        return before(path, to)

    monkeypatch.setattr(Path, "rename", dies)
    with pytest.raises(KeyboardInterrupt):
        put_in_place(one.folder, fresh)
    monkeypatch.undo()
    assert not one.folder.exists()
    catch_up()
    assert (one.folder / "region.toml").is_file()
    services.advance(by=county, delimitation=one, to="field_review", note="", now=NOW)


def test_parameters_that_are_drafts_are_chosen_and_those_of_the_law_are_not(
    delimitation: Delimitation, clerk: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    region = load_region(delimitation.folder)
    settings = {s.id: s for s in parameters.settings_of(region, THEME)}
    assert settings["steep_slope.angle"].fixed
    assert not settings["steep_slope.sliver_width"].fixed
    given = {"steep_slope.angle": "10", "steep_slope.sliver_width": "45.5", "steep_slope.inclusive": "no"}
    for wrong in ("-1", "nan", "1e9", "五"):
        with pytest.raises(Refusal, match="之间的数"):
            parameters.chosen(list(settings.values()), {"steep_slope.sliver_width": wrong})
    with pytest.raises(Refusal, match="不会有变化"):
        redrawing.order(by=clerk, delimitation=delimitation, why="试", given={}, now=NOW)
    order = redrawing.order(by=clerk, delimitation=delimitation, why="按县里建议取 45.5 米", given=given, now=NOW)
    assert order.parameters == {"steep_slope.sliver_width": 45.5, "steep_slope.inclusive": False}
    seen: dict[str, Any] = {}

    def drawn(words: dict[str, str]) -> tuple[int, str]:
        shutil.copytree(words["source"], words["folder"])
        parameters.write_pack(Path(words["folder"]), words["rules"])
        rules = load_rules(load_region(Path(words["folder"])).packs)
        seen.update(
            {key: rules[key] for key in ("steep_slope.sliver_width", "steep_slope.inclusive", "steep_slope.angle")}
        )
        return 0, ""

    monkeypatch.setattr(redrawing, "run_child", drawn)
    redrawing.carry_out(order.pk, now=NOW)
    order.refresh_from_db()
    assert order.status == "done", order.message
    assert (seen["steep_slope.sliver_width"].value, seen["steep_slope.inclusive"].value) == (45.5, False)
    assert seen["steep_slope.angle"].value == load_rules(["national", "shanxi"]).value("steep_slope.angle")
    assert (seen["steep_slope.sliver_width"].status, seen["steep_slope.sliver_width"].unit) == ("draft", "m")
    assert clerk.name in seen["steep_slope.sliver_width"].source
    assert (delimitation.folder / OWN).is_file()
    told = load_region(delimitation.folder)
    assert told.rules[-1] == OWN
    parameters.write_pack(delimitation.folder, "")
    assert load_region(delimitation.folder).rules == region.rules


def test_parts_of_rules_are_chosen_too(delimitation: Delimitation) -> None:
    region = load_region(delimitation.folder)
    settings = parameters.settings_of(region, "prevention_treatment")
    given = {"key_zone_rule.treatment_eroded:threshold": "40"}
    values = parameters.chosen(settings, given)
    assert values == {"key_zone_rule.treatment_eroded:threshold": 40}
    parameters.write_pack(delimitation.folder, parameters.pack_of(region, values, "某局某人"))
    rule = load_rules(load_region(delimitation.folder).packs).value("key_zone_rule.treatment_eroded")
    assert (rule["threshold"], rule["kind"]) == (40, "treatment")
