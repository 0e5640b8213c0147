"""Whole region folders and archives of several rasters, as uploads: checked in the sandbox, ordered, computed."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.bureau.commissions.test_sandbox import tif
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU
from tests.bureau.unboxed import told_here
from tests.survey.small_region import CODES, small_region

from bureau.commissions import child, services, uploads
from bureau.commissions.models import Upload
from bureau.commissions.running import order_of
from bureau.commissions.sandbox import Refused, told_by
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.survey.region import load_region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.HOME = tmp_path / "home"


def folder(path: Path, **given: Any) -> Path:
    """Make a region folder of the city's two counties."""
    small_region(path, region={"name": "忻州市", "codes": [XINZHOU], "year": 2023}, **given)
    borders = path / "inputs" / "borders.geojson"
    text = borders.read_text(encoding="utf-8").replace(CODES[0], WUZHAI).replace(CODES[1], PIANGUAN)
    borders.write_text(text, encoding="utf-8")
    return path


def packed(path: Path, below: str = "忻州/") -> Path:
    """Return the archive of a folder, with something in it that nobody asked for."""
    archive = path.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(f"{below}inputs/notes.exe", b"MZ")
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            out.write(file, f"{below}{file.relative_to(path).as_posix()}")
    return archive


def converted(raw: Path, kind: str = "folder") -> tuple[dict[str, Any], Path]:
    """Convert an archive in the sandbox."""
    made = raw.with_name("made.zip")
    words = {"raw": str(raw), "made": str(made), "kind": kind}
    return told_by("bureau.commissions.folder_converting", words), made


def convert_here(raw: Path) -> None:
    """Convert a folder in this process: what is refused before a raster is opened."""
    words = {"raw": str(raw), "made": str(raw.with_name("made.zip")), "kind": "folder"}
    told_here("bureau.commissions.folder_converting", words)


def test_a_folder_is_checked_ordered_and_made_again_for_the_run(
    person: Callable[..., Any], signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    by, region = person("clerk", region=XINZHOU), Region.objects.get(pk=XINZHOU)
    content = packed(folder(tmp_path / "a")).read_bytes()
    made = uploads.receive(
        by=by, region=region, kind="folder", said="", file=SimpleUploadedFile("a.zip", content), now=NOW
    )
    uploads.settle(made.pk)
    made.refresh_from_db()
    assert made.status == "ready", (made.message, made.details)
    assert (
        made.details["region"] | {"codes": [XINZHOU], "year": 2023, "cell": 30.0, "simulated": True}
        == made.details["region"]
    )
    assert "忻州市 2023 年" in signed_in("view", region=XINZHOU).get("/commissions/uploads/").content.decode()

    with pytest.raises(Refusal, match="不在五寨县内"):
        services.order(
            by=person("clerk", region=XINZHOU), region=Region.objects.get(pk=WUZHAI), year=2024, cell=30, imaginary=False,
            inputs=[made], now=NOW,
        )  # fmt: skip
    ordered = services.order(by=by, region=region, year=2024, cell=10, imaginary=False, inputs=[made], now=NOW)
    assert (ordered.year, ordered.cell) == (2023, 30), "the folder says so itself"
    assert ordered.made_up
    child._make(ordered.folder, order_of(ordered))
    again = load_region(ordered.folder)
    assert again.codes == (XINZHOU,)
    with (
        rasterio.open(ordered.folder / "inputs/dem.tif") as out,
        rasterio.open(tmp_path / "a/inputs/dem.tif") as before,
    ):
        assert (out.read() == before.read()).all()
    assert not list(ordered.folder.rglob("*.exe"))


@pytest.mark.usefixtures("unboxed")
def test_all_findings_of_the_check_are_shown_at_once(
    person: Callable[..., Any], signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    by, region = person("clerk", region=XINZHOU), Region.objects.get(pk=XINZHOU)
    raw = folder(tmp_path / "a", inputs={"dem": {"unit": "furlong"}, "cover": {"path": "inputs/none_*.tif"}})
    words: dict[str, Any] = {"by": by, "kind": "folder", "said": "", "now": NOW}
    content = packed(raw).read_bytes()
    made = uploads.receive(region=region, file=SimpleUploadedFile("a.zip", content), **words)
    uploads.settle(made.pk)
    made.refresh_from_db()
    assert (made.status, made.path) == ("refused", "")
    page = signed_in("clerk", region=XINZHOU).get("/commissions/uploads/").content.decode()
    for word in ("furlong", "none_", "inputs.dem.unit", "错误"):
        assert word in page
    elsewhere = uploads.receive(
        region=Region.objects.get(pk=XINZHOU),
        file=SimpleUploadedFile("b.zip", packed(folder(tmp_path / "b")).read_bytes()),
        **words,
    )
    Upload.objects.filter(pk=elsewhere.pk).update(region=Region.objects.get(pk=WUZHAI))
    uploads.settle(elsewhere.pk)
    elsewhere.refresh_from_db()
    assert "140900 不在五寨县内" in elsewhere.message


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "C:/dem.tif", "inputs\\..\\..\\dem.tif", "/vsicurl/http://x/a.tif"]
)
def test_paths_do_not_leave_the_folder(path: str, tmp_path: Path) -> None:
    raw = folder(tmp_path / "a")
    toml = (raw / "region.toml").read_text(encoding="utf-8")
    (raw / "region.toml").write_text(toml.replace('"inputs/dem.tif"', json.dumps(path)), encoding="utf-8")
    with pytest.raises(Refused, match=r"inputs\.dem\.path：路径.*不在文件夹之内"):
        convert_here(packed(raw))


def test_hostile_archives_and_files_are_refused_all_at_once(tmp_path: Path) -> None:
    raw = folder(tmp_path / "a")
    (raw / "inputs/dem.tif").write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>")
    (raw / "inputs/rain.csv").write_text("站名,雨量\n=HYPERLINK(1),1\n", encoding="utf-8")
    with pytest.raises(Refused, match="(?s)不是 GeoTIFF.*公式|公式.*不是 GeoTIFF"):
        converted(packed(raw))
    for members, told in (
        ({"../region.toml": b"x"}, "不安全的路径"), ({"a.txt": b"x"}, "恰有一个 region.toml"),
        ({"region.toml": b"= 1"}, "TOML"), ({"region.toml": bytes(40 * 2**20)}, "展开后过大"),
        ({"region.toml": b"[region]\n[inputs]\n[secret]\n"}, "不认识的表"),
    ):  # fmt: skip
        with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in members.items():
                out.writestr(name, content)
        with pytest.raises(Refused, match=told):
            convert_here(tmp_path / "x.zip")


def series(path: Path, names: list[str]) -> Path:
    """Write an archive of rasters."""
    content = tif(path.with_suffix(".tif"), np.full((3, 4), 0.5, dtype="float32")).read_bytes()
    with zipfile.ZipFile(path, "w") as out:
        for name in names:
            out.writestr(name, content)
    return path


def test_covers_of_half_months_and_soil_texture_come_as_one_archive_each(tmp_path: Path) -> None:
    months = [f"2024/{month:02d}{half}.tif" for month in range(1, 13) for half in "ab"]
    told, made = converted(series(tmp_path / "a.zip", months), "cover_24")
    assert told["members"]["fvc_24.tif"] == "2024/12b.tif"
    inputs = child.laid_out(tmp_path / "run", {"cover": {"path": str(made), "unit": "1"}})
    assert inputs == {"cover": {"path": "inputs/cover/fvc_*.tif", "unit": "1"}}
    assert len(list((tmp_path / "run/inputs/cover").glob("fvc_*.tif"))) == 24
    with pytest.raises(Refused, match="现有 23 个"):
        converted(series(tmp_path / "b.zip", months[1:]), "cover_24")

    told, made = converted(series(tmp_path / "c.zip", ["砂粒.tif", "silt_0_20.tif", "Clay.tif", "SOC.tif"]), "texture")
    inputs = child.laid_out(tmp_path / "run", {"soil_texture": {"path": str(made), "correction": "none"}})
    assert set(inputs["soil_texture"]) == {"sand", "silt", "clay", "organic_carbon", "correction"}
    assert inputs["soil_texture"]["sand"] == "inputs/soil_texture/sand.tif"
    for names, wrong in ((["sand.tif", "silt.tif", "clay.tif"], "有机碳"), (["sand.tif", "a.tif"], "看不出“a.tif”")):
        with pytest.raises(Refused, match=wrong):
            converted(series(tmp_path / "d.zip", names), "texture")


def test_an_order_takes_one_of_each_kind_or_a_folder_alone(person: Callable[..., Any]) -> None:
    by, region = person("clerk", region=WUZHAI), Region.objects.get(pk=WUZHAI)

    def ready(kind: str) -> Upload:
        return Upload.objects.create(
            region=region, kind=kind, name=kind, by=by, at=NOW, raw="", status="ready",
            details={"region": {"codes": [WUZHAI], "year": 2023, "cell": 30}} if kind == "folder" else {},
        )  # fmt: skip

    def order(*kinds: str) -> Any:
        inputs = [ready(kind) for kind in kinds]
        return services.order(by=by, region=region, year=2024, cell=30, imaginary=False, inputs=inputs, now=NOW)

    for kinds, code in (
        (("dem", "land_use", "rain", "texture"), "input-missing"),
        (("dem", "land_use", "rain", "texture", "soil_k", "cover"), "given-twice"),
        (("dem", "land_use", "rain", "texture", "cover", "cover_24"), "given-twice"), (("folder", "dem"), "folder-alone"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            order(*kinds)
        assert refused.value.code == code
    made = order("dem", "land_use", "rain", "texture", "cover_24")
    assert set(order_of(made)["inputs"]) == {"dem", "land_use", "rain", "soil_texture", "cover"}
