"""Any version is built again from the drawn layer and its edits; nothing is lost, and tampering is found."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.delimitation.zone_folder import ACT, RULES, THEME, drawn_folder, edit, journal, some_zones, square

from shuibao.delimitation.folder import DRAWN, theme_folder, write_layer
from shuibao.delimitation.life.editing import Wishes
from shuibao.delimitation.life.edits import record_edit
from shuibao.delimitation.life.journal import HEAD, append, read_journal
from shuibao.delimitation.life.locking import alone_with_zones
from shuibao.delimitation.life.recorded_zones import digest_of
from shuibao.delimitation.life.verifying import verify
from shuibao.delimitation.life.versions import CURRENT, current_layer, rebuilt, take_up, version_of, versions_of
from shuibao.messages import CallError, ShuibaoError


@pytest.fixture
def edited(tmp_path):
    """Return a region folder with four versions."""
    drawn_folder(tmp_path)
    (tmp_path / "会议纪要.txt").write_text("同意", "utf-8")
    act = type(ACT)("张三", "2024-07-01", "实地复核", (tmp_path / "会议纪要.txt",))
    edit(tmp_path, act, settings={"A1": {"name": "东沟上游"}})
    edit(tmp_path, merge=(("A1", "A2"),))
    edit(tmp_path, remove=("A3",))
    return tmp_path


def files(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_every_version_is_built_again_to_the_same_bytes(edited, tmp_path_factory):
    folder, out = theme_folder(edited, THEME), tmp_path_factory.mktemp("out")
    records = journal(edited)
    assert [v.number for v in versions_of(records)] == [1, 2, 3, 4]
    for version in versions_of(records):
        for name in ("a", "b"):
            write_layer(out / f"{version.number}{name}.parquet", rebuilt(folder, version))
        a, b = ((out / f"{version.number}{name}.parquet").read_bytes() for name in ("a", "b"))
        assert a == b
    assert (out / "4a.parquet").read_bytes() == (folder / CURRENT).read_bytes()
    assert digest_of(rebuilt(folder, version_of(records, 1))) == digest_of(some_zones())


def test_the_same_edits_on_another_machine_have_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        folder = drawn_folder(tmp_path / name)
        edit(folder, settings={"A1": {"name": "东沟上游"}})
        edit(folder, merge=(("A1", "A2"),))
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_version_names_its_parts(edited):
    written = json.loads((theme_folder(edited, THEME) / "versions" / "3.json").read_text("utf-8"))
    assert written["records"] == ["draws/0001.json", "edits/0001.json", "edits/0002.json"]
    assert written["layer_sha256"] == digest_of(rebuilt(theme_folder(edited, THEME), version_of(journal(edited), 3)))


def test_nothing_is_ever_taken_from_disk_or_written_over(edited):
    folder = theme_folder(edited, THEME)
    before = files(folder)
    edit(edited, settings={"B1": {"name": "北梁沟"}})
    after = files(folder)
    derived = {p for p in before if p.name in (HEAD, CURRENT)}
    assert {p: after.get(p) for p in before if p not in derived} == {
        p: b for p, b in before.items() if p not in derived
    }


def test_there_is_no_version_beyond_the_last(edited):
    for number in (0, 5):
        with pytest.raises(CallError, match="1–4"):
            version_of(journal(edited), number)


def test_without_records_there_are_no_versions(tmp_path):
    drawn_folder(tmp_path)
    with pytest.raises(CallError, match="还没有流程记录"):
        version_of(journal(tmp_path), 1)


def test_the_layer_of_now_is_made_again_when_its_file_is_lost_or_of_another_version(edited):
    folder = theme_folder(edited, THEME)
    expected = digest_of(current_layer(edited, THEME))
    (folder / CURRENT).unlink()
    assert digest_of(current_layer(edited, THEME)) == expected
    (folder / CURRENT).write_bytes(b"not a layer")
    assert digest_of(current_layer(edited, THEME)) == expected
    write_layer(folder / CURRENT, some_zones())
    assert digest_of(current_layer(edited, THEME)) == expected


def test_what_is_sound_is_found_sound(edited):
    found = verify(edited, THEME)
    assert found.findings == ()
    assert (found.records, found.versions) == (4, 4)
    assert verify(edited, THEME, head=found.head[:12]).findings == ()


def _change_text(path, old, new):
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


TAMPERINGS = {
    "a word in a record": lambda f: _change_text(f / "edits" / "0001.json", "实地复核", "实地调查"),
    "a date in the last record": lambda f: _change_text(f / "edits" / "0003.json", "2024-07-01", "2024-06-01"),
    "a record taken out": lambda f: (f / "edits" / "0002.json").unlink(),
    "the last record taken out": lambda f: (f / "edits" / "0003.json").unlink(),
    "the first record taken out": lambda f: (f / "draws" / "0001.json").unlink(),
    "a record copied": lambda f: (f / "edits" / "0004.json").write_bytes((f / "edits" / "0003.json").read_bytes()),
    "records exchanged": lambda f: (f / "edits" / "0001.json").replace(f / "edits" / "0002.json"),
    "a record cut short": lambda f: (f / "edits" / "0002.json").write_text('{"kind": "edit"', "utf-8"),
    "the head forged": lambda f: _change_text(f / HEAD, '"sha256": "', '"sha256": "0'),
    "the drawn layer": lambda f: next((f / "drawn").iterdir()).write_bytes(b"x"),
    "the drawn layer taken out": lambda f: next((f / "drawn").iterdir()).unlink(),
    "an attachment": lambda f: next((f / "evidence").iterdir()).write_text("不同意", "utf-8"),
    "an attachment taken out": lambda f: next((f / "evidence").iterdir()).unlink(),
    "the parts of a version": lambda f: _change_text(f / "versions" / "2.json", "0001", "0002"),
    "the layer of now": lambda f: write_layer(f / CURRENT, some_zones()),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_tampering_is_found(edited, what):
    TAMPERINGS[what](theme_folder(edited, THEME))
    assert verify(edited, THEME).findings


def test_a_history_rewritten_throughout_is_found_by_a_hash_published_earlier(edited):
    head = verify(edited, THEME).head
    folder = theme_folder(edited, THEME)
    for path in [*folder.rglob("*.json")]:
        path.unlink()
    edit(edited, remove=("A3",))
    assert verify(edited, THEME).findings == ()
    assert verify(edited, THEME, head=head).findings


def test_an_edit_is_refused_on_records_that_were_tampered_with(edited):
    TAMPERINGS["a word in a record"](theme_folder(edited, THEME))
    with pytest.raises(ShuibaoError, match="edits/0002.json"):
        edit(edited, remove=("B1",))


def test_a_head_that_was_not_written_before_a_kill_is_no_tampering(edited):
    folder = theme_folder(edited, THEME)
    head = (folder / HEAD).read_bytes()
    edit(edited, settings={"B1": {"name": "北梁沟"}})
    (folder / HEAD).write_bytes(head)
    assert verify(edited, THEME).findings == ()
    edit(edited, settings={"B1": {"name": "北梁"}})
    assert verify(edited, THEME).findings == ()


KILLED = """
import os, sys
from pathlib import Path
from shuibao.ground import files
from tests.delimitation.zone_folder import edit
count = int(sys.argv[2])
replace = Path.replace
def killed(self, target):
    global count
    count -= 1
    if count == 0:
        os._exit(9)
    return replace(self, target)
Path.replace = killed
edit(Path(sys.argv[1]), settings={"A1": {"name": "东沟上游"}})
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", [1, 2, 3, 4, 5, 6, 7, 8])
def test_killed_before_any_file_appears_an_edit_is_there_as_a_whole_or_not_at_all(tmp_path, step):
    drawn_folder(tmp_path)
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(step)], env=env, check=False)
    found = verify(tmp_path, THEME)
    assert found.findings == ()
    names = current_layer(tmp_path, THEME).columns["name"].tolist()
    edits = [r for r in journal(tmp_path) if r.kind == "edit"]
    assert ("东沟上游" in names) == (len(edits) == 1)
    edit(tmp_path, settings={"A2": {"name": "西沟上游"}})
    assert verify(tmp_path, THEME).findings == ()
    assert not [p for p in tmp_path.rglob(".*.tmp*") if p.parent.name == "edits"]


CODES = ["A1", "A2", "A3", "B1"]


@settings(max_examples=12)
@given(data=st.data())
def test_edits_replay_to_the_same_layer_whatever_they_were(tmp_path_factory, data):
    folder = drawn_folder(tmp_path_factory.mktemp("z"))
    for _ in range(data.draw(st.integers(1, 3))):
        code = data.draw(st.sampled_from(CODES))
        if code not in current_layer(folder, THEME).columns["code"]:
            continue
        wishes = data.draw(st.sampled_from(["remove", "rename", "retype"]))
        name = data.draw(st.text(st.characters(codec="utf-8"), max_size=5)) + "沟"
        given = {
            "remove": Wishes(remove=(code,)), "rename": Wishes(settings={code: {"name": name}}),
            "retype": Wishes(settings={code: {"mean_slope": str(data.draw(st.integers(41, 60)))}}),
        }[wishes]  # fmt: skip
        with contextlib.suppress(ShuibaoError):  # nothing would change
            record_edit(folder, THEME, given, ACT, RULES)
    where = theme_folder(folder, THEME)
    for version in versions_of(read_journal(where)):
        assert digest_of(rebuilt(where, version)) == version.layer


def test_the_journal_takes_no_number_that_json_cannot_hold(tmp_path):
    drawn_folder(tmp_path)
    with alone_with_zones(tmp_path, THEME) as folder, pytest.raises(ValueError, match="JSON"):
        append(folder, "edit", {"x": float("nan")})
    assert not (theme_folder(tmp_path, THEME) / "edits" / "0001.json").exists()


def test_a_missing_value_of_a_zone_is_missing_again(tmp_path):
    layer = some_zones()
    layer.columns["mean_slope"][1] = np.nan
    drawn_folder(tmp_path, layer)
    edit(tmp_path, settings={"A2": {"name": "x"}})
    slope = current_layer(tmp_path, THEME).columns["mean_slope"]
    assert np.isnan(slope).tolist() == [False, True, False, False]


def test_shapes_are_kept_to_the_last_bit(tmp_path):
    shape = shapely.transform(square(5, 5), lambda xy: xy + np.pi / 1e5)
    layer = some_zones()
    layer.geometry[3] = shape
    drawn_folder(tmp_path, layer)
    edit(tmp_path, settings={"B1": {"name": "x"}})
    assert current_layer(tmp_path, THEME).geometry[3].equals_exact(shape, 0)
    assert (theme_folder(tmp_path, THEME) / DRAWN).exists()


def test_a_drawing_that_changes_under_an_edit_is_noticed(tmp_path):
    drawn_folder(tmp_path)
    other = some_zones().subset([0, 1])
    with alone_with_zones(tmp_path, THEME) as folder, pytest.raises(ShuibaoError, match="刚刚被重划"):
        take_up(folder, [], other, by="张三", on="2024-07-01")
    assert journal(tmp_path) == []
