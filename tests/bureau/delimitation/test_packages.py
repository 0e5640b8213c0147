"""A package of zones is received, examined in the sandbox, and opened; what is hostile is refused with one sentence."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.bureau.delimitation.packed import PIANGUAN, THEME, WUZHAI, altered, packed, squares
from tests.bureau.delimitation.zoned import NOW, reason, zone

from bureau.delimitation import drawing, editing, packages
from bureau.delimitation.examining import examined
from bureau.delimitation.models import Delimitation, Package
from bureau.kept_files import stored
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.delimitation.folder import DRAWN


@pytest.fixture(scope="session")
def package_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package of three squares in Wuzhai."""
    return packed(squares(), tmp_path_factory.mktemp("packed") / "region")


@pytest.fixture
def county(home: Path, person: Callable[..., Person]) -> Person:
    """Return a clerk of the county."""
    return person("clerk", region=WUZHAI)


def received(by: Person, content: bytes, name: str = "五寨成果包.zip", **given: Any) -> Package:
    """Receive a package."""
    words = {"region": Region.objects.get(code=WUZHAI), "theme": THEME, "year": 2024} | given
    return packages.receive(by=by, file=SimpleUploadedFile(name, content), now=NOW, **words)


def settled(made: Package) -> Package:
    """Examine a package."""
    packages.settle(made.pk)
    made.refresh_from_db()
    return made


def job(raw: Path, folder: Path, **given: Any) -> dict[str, Any]:
    """Return what the child is told."""
    folder.mkdir()
    words = {
        "raw": str(raw), "made": str(folder / "made.parquet"), "folder": str(folder), "theme": THEME,
        "themes": {THEME: "禁止开垦陡坡地", "severe_fragile": "严重、脆弱区域"}, "region": WUZHAI, "region_name": "五寨县",
        "prefix": WUZHAI, "rules": ["national", "shanxi"],
    }  # fmt: skip
    return words | given


def test_a_package_is_examined_and_opened_and_worked_on(county: Person, package_file: Path) -> None:
    made = settled(received(county, package_file.read_bytes()))
    assert made.status == "ready", (made.message, made.found)
    assert (made.found["zones"], made.found["simulated"], made.found["severities"]["error"]) == (3, True, 0)
    assert stored(made.raw).read_bytes() == package_file.read_bytes(), "the package is kept as it came"
    one = packages.open_on_package(by=county, package=made, now=NOW)
    drawing.draw(one.pk)
    one.refresh_from_db()
    assert (one.status, one.message, one.simulated) == ("open", "", True)
    assert sorted(one.zones.values_list("code", flat=True)) == [f"{WUZHAI}-000{k}" for k in (1, 2, 3)]
    assert (one.folder / "package").is_dir()
    code = f"{WUZHAI}-0001"
    number = editing.rename(
        by=county, delimitation=one, code=code, token=zone(one, code).token, name="东沟", reason=reason("改名"), now=NOW
    )
    assert (number, zone(one, code).name) == (1, "东沟")
    given = {"by": county, "delimitation": one, "code": code, "token": zone(one, code).token, "now": NOW}
    for column, value in (("mean_slope", "二十八"), ("county", PIANGUAN), ("area_hm2", "1"), ("nonsense", "1")):
        with pytest.raises(Refusal):
            editing.set_attribute(column=column, value=value, reason=reason("量测"), **given)
    editing.set_attribute(column="mean_slope", value="28.5", reason=reason("实地量测"), **given)
    assert zone(one, code).attributes["mean_slope"] == 28.5
    with pytest.raises(Refusal, match="已有划定"):
        packages.open_on_package(by=county, package=made, now=NOW)


@pytest.mark.usefixtures("unboxed")
def test_errors_send_a_package_back_and_are_told_with_their_places(county: Person, tmp_path: Path) -> None:
    layer = squares()
    layer.geometry[1] = shapely.transform(layer.geometry[1], lambda xy: xy - (100.0, 0.0))  # over its neighbour
    made = settled(received(county, packed(layer, tmp_path / "region").read_bytes()))
    assert made.status == "faulty"
    kinds = {row["kind"] for row in made.found["faults"] if row["severity"] == "error"}
    assert "overlap" in kinds
    told = next(row for row in made.found["faults"] if row["kind"] == "overlap")
    assert told["mend"] and told["lon"] and WUZHAI in told["code"]  # noqa: PT018
    assert not stored(made.raw).exists(), "what was sent back is not kept"
    with pytest.raises(Refusal, match="不能采用"):
        packages.open_on_package(by=county, package=made, now=NOW)
    assert not Delimitation.objects.exists()


@pytest.mark.parametrize(
    "name, size, code",
    [("包.rar", 10, "wrong-suffix"), ("包.shp", 10, "wrong-suffix"), ("包.zip", 0, "wrong-size")],
)
def test_what_is_no_package_is_not_received(name: str, size: int, code: str, county: Person, home: Path) -> None:
    with pytest.raises(Refusal) as refused:
        received(county, b"x" * size, name)
    assert refused.value.code == code
    assert not [path for path in (home / "media").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("unboxed")
def test_nobody_brings_in_another_countys(county: Person, package_file: Path, person: Callable[..., Person]) -> None:
    with pytest.raises(Refusal) as refused:
        received(county, b"PK", region=Region.objects.get(code=PIANGUAN))
    assert refused.value.code == "not-your-region"
    made = settled(received(county, package_file.read_bytes()))
    for who in (person("clerk", region=PIANGUAN), person("view", region=WUZHAI), person("clerk", region="220000")):
        with pytest.raises(Refusal) as refused:
            packages.open_on_package(by=who, package=made, now=NOW)
        assert refused.value.code == "not-your-region"
    assert not Package.objects.for_person(person("clerk", region=PIANGUAN)).exists()
    assert Package.objects.for_person(person("view", region="140900")).exists()


def bomb() -> bytes:
    """Return an archive that unpacks to a thousand times its size."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.gpkg", b"\0" * (64 * 2**20))
    return out.getvalue()


def archive(**members: bytes) -> bytes:
    """Return an archive; ``__`` stands for a dot in the names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in members.items():
            new.writestr(name.replace("__", ".").replace("UP", "../../"), content)
    return out.getvalue()


VRT = b"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"


@pytest.mark.parametrize(
    "content, said",
    [
        (bomb(), "展开后过大"),
        (archive(UPetc__gpkg=b"x"), "不安全的路径"),
        (b"not an archive", "不是 ZIP"),
        (archive(a__zip=archive(b__zip=archive(c__gpkg=b"x"))), "压缩包套了多层"),
    ],
)
@pytest.mark.usefixtures("unboxed")
def test_a_hostile_package_is_refused_with_one_sentence(content: bytes, said: str, county: Person, home: Path) -> None:
    refused_with_one_sentence(content, said, county, home)


def test_a_hostile_layer_is_refused_with_one_sentence(county: Person, home: Path) -> None:
    layer = archive(zones__shp=VRT, zones__shx=b"", zones__dbf=b"")
    refused_with_one_sentence(layer, "不是 shp 文件", county, home)  # in the sandbox


def refused_with_one_sentence(content: bytes, said: str, county: Person, home: Path) -> None:
    """Bring a package in that is refused."""
    made = settled(received(county, content))
    assert made.status == "refused"
    assert said in made.message
    assert "\n" not in made.message
    assert "Traceback" not in made.message
    assert not [path for path in (home / "media").rglob("*") if path.is_file()], "nothing of it is kept"


def test_another_theme_another_county_and_huge_shapes_are_told_plainly(
    package_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bureau.commissions.unpacking import Refused

    with pytest.raises(Refused, match="是禁止开垦陡坡地，不是所选的严重、脆弱区域"):
        examined(job(package_file, tmp_path / "a", theme="severe_fragile"))
    with pytest.raises(Refused, match=f"县级代码 {WUZHAI}，不属偏关县"):
        examined(job(package_file, tmp_path / "b", region=PIANGUAN, region_name="偏关县", prefix=PIANGUAN))
    monkeypatch.setattr("bureau.delimitation.examining.MOST_OF_ONE", 4)
    with pytest.raises(Refused, match="单个区域最多 5 个"):
        examined(job(package_file, tmp_path / "c"))
    assert not (tmp_path / "c" / "made.parquet").exists()


def test_what_was_changed_after_packing_is_found(package_file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package_file) as old:
        told = json.loads(old.read("metadata.json"))
        geopackage = next(name for name in old.namelist() if name.endswith(".gpkg"))
    told["files"][geopackage] = "0" * 64
    raw = altered(package_file, tmp_path / "x.zip", {"metadata.json": json.dumps(told).encode()})
    found = examined(job(raw, tmp_path / "a"))
    assert not found["accepted"]
    assert found["counts"]["metadata-checksum"] == 1


@pytest.mark.usefixtures("unboxed")
def test_a_folder_that_was_half_made_is_made_again(county: Person, package_file: Path) -> None:
    made = settled(received(county, package_file.read_bytes()))
    one = packages.open_on_package(by=county, package=made, now=NOW)
    half = one.folder.with_name(f"{one.folder.name}.unfinished")
    half.mkdir(parents=True)
    (half / "region.toml").write_text("broken", encoding="utf-8")
    drawing.draw(one.pk)
    one.refresh_from_db()
    assert one.status == "open"
    assert (one.folder / "zones" / THEME / DRAWN).is_file()
    drawing.draw(one.pk)  # done again, it changes nothing
    assert one.zones.count() == 3
