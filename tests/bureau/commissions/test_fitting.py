"""An upload that no run would take is told so when it is uploaded, in words for people; one that is not wanted goes."""

from __future__ import annotations

import json
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

from bureau.commissions import child, fitting, uploads
from bureau.commissions.models import Commission, Upload
from bureau.commissions.running import order_of
from bureau.commissions.wording import named, said
from bureau.kept_files import stored
from bureau.refusal import Refusal
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
WUZHAI = "140928"
COUNTY = rasterio.Affine(0.005, 0, 111.25, 0, -0.005, 39.35)
"""Upper left corner of what covers the county, in 180 × 180 cells."""


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def over_the_county(path: Path, low: float, high: float, **look: Any) -> Path:
    """Write a raster over the county, of values between two."""
    values = np.random.default_rng(1).uniform(low, high, (180, 180)).astype("float32")
    return tif(path, values, **{"transform": COUNTY} | look)


def found(path: Path, folder: Path, kind: str, word: str, name: str) -> str:
    """Return what an upload is told to be wrong with."""
    folder.mkdir()
    told = fitting.tried(folder, {
        "path": str(path), "kind": kind, "said": word, "code": WUZHAI, "year": 2024, "columns": [], "names": {path.name: name},
    })  # fmt: skip
    return "\n".join(one["text"] for one in told if one["wrong"])


def test_what_fits_is_usable(person: Callable[..., Any], tmp_path: Path) -> None:
    made = received(person("clerk"), over_the_county(tmp_path / "a.tif", 1200, 1500).read_bytes())
    uploads.settle(made.pk)
    made.refresh_from_db()
    assert made.status == "ready", made.details


def received(by: Any, content: bytes, name: str = "dem.tif", **given: Any) -> Upload:
    """Receive a file."""
    words = {"region": Region.objects.get(code=WUZHAI), "kind": "dem", "said": "m"} | given
    return uploads.receive(by=by, file=SimpleUploadedFile(name, content), now=NOW, **words)


@pytest.mark.usefixtures("unboxed")
def test_heights_of_another_place_are_not_called_usable(person: Callable[..., Any], tmp_path: Path) -> None:
    away = rasterio.Affine(0.01, 0, 80, 0, -0.01, 30)
    made = received(person("clerk"), tif(tmp_path / "a.tif", transform=away).read_bytes(), "别处的高程.tif")
    uploads.settle(made.pk)
    made.refresh_from_db()
    assert made.status == "refused"
    text = made.details["findings"][0]["text"]
    assert "“别处的高程.tif”与区域不相交" in text
    assert not made.path


@pytest.mark.usefixtures("unboxed")
def test_degrees_said_to_be_metres_shares_that_are_percent_and_tables_of_other_columns_are_found(
    tmp_path: Path,
) -> None:
    degrees = over_the_county(tmp_path / "d.tif", 1200, 1500, crs="EPSG:3857")
    assert "像是经纬度" in found(degrees, tmp_path / "1", "dem", "m", "高程.tif")
    cover = over_the_county(tmp_path / "c.tif", 20, 60)
    text = found(cover, tmp_path / "2", "cover", "1", "盖度.tif")
    assert "像是百分数" in text
    assert "选对单位" in text
    assert "unit" not in text
    assert found(cover, tmp_path / "3", "cover", "%", "盖度.tif") == ""
    (tmp_path / "rain.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "文件的列是 a、b" in found(tmp_path / "rain.csv", tmp_path / "4", "rain", "mm", "雨.csv")


@pytest.mark.parametrize(
    "text, told",
    [
        ('x.tif 没有坐标系；请在该项中给出，很可能是 crs = "EPSG:4490"。', "“高程.tif”没有坐标系。"),
        ("x.tif 有 3 处空洞；请补齐，或在 note 中说明。", "“高程.tif”有 3 处空洞；请补齐。"),
        ("没有给出工程措施，处处 E = 1；有图请加 measures = { path = \"x\" }。", "没有给出工程措施，处处 E = 1。"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_made_here_are_not_asked_for(text: str, told: str) -> None:
    where, words = said("inputs.dem", text, {"x.tif": "高程.tif"}, "raster")
    assert where == "高程"
    assert words.startswith(told)
    assert "种类与单位" in words


def test_a_file_is_called_by_the_name_that_its_owner_gave_it() -> None:
    names = {"/home/media/uploads/37/3768dd.tif": "高程.tif", "3768dd.tif": "高程.tif"}
    assert (
        named("读不出 /home/media/uploads/37/3768dd.tif，或 3768dd.tif 损坏", names)
        == "读不出“高程.tif”，或“高程.tif”损坏"
    )


def upload(by: Any, **given: Any) -> Upload:
    """Return an upload that is kept."""
    words = {
        "region_id": WUZHAI,
        "kind": "dem",
        "name": "dem.tif",
        "at": NOW,
        "raw": "x",
        "status": "ready",
        "path": "u/a.tif",
    }
    stored("u/a.tif").parent.mkdir(parents=True, exist_ok=True)
    stored("u/a.tif").touch()
    return Upload.objects.create(by=by, **words | given)


def test_an_upload_is_deleted_with_its_file_once_nobody_else_keeps_it(
    signed_in: Callable[..., Client], django_capture_on_commit_callbacks: Any
) -> None:
    clerk = signed_in("clerk")
    first, second = (upload(clerk.person) for _ in range(2))  # type: ignore[attr-defined]
    for one, there in ((first, True), (second, False)):
        with django_capture_on_commit_callbacks(execute=True):
            page = clerk.post(f"/commissions/uploads/{one.pk}/remove/", follow=True).content.decode()
        assert "已删除“dem.tif”" in page
        assert stored("u/a.tif").exists() == there
    assert not Upload.objects.exists()


def test_what_was_used_or_is_being_checked_or_is_another_countys_stays(person: Callable[..., Any]) -> None:
    clerk = person("clerk")
    used = upload(clerk)
    made = Commission.objects.create(region_id=WUZHAI, year=2024, by=clerk, ordered=NOW)
    made.inputs.set([used])
    for kept, by, code in (
        (used, clerk, "used"), (upload(clerk, status="received"), clerk, "being-checked"),
        (upload(clerk), person("clerk", region="140932"), "not-your-region"), (upload(clerk), person("review"), "not-your-region"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            uploads.remove(by=by, upload=kept)
        assert refused.value.code == code
    assert Upload.objects.count() == 4


def test_what_a_run_says_names_the_persons_own_file(
    person: Callable[..., Any],
    tmp_path: Path,
    settings: Any,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.HOME = tmp_path / "home"
    made = Commission.objects.create(region_id=WUZHAI, year=2024, cell=30, by=person("clerk"), ordered=NOW)
    made.inputs.set([upload(made.by, name="我的高程.tif", said="m")])
    over_the_county(stored("u/a.tif"), 1200, 1500, crs="EPSG:3857")
    monkeypatch.setattr(child, "_end_with_the_worker", lambda: None)
    monkeypatch.setattr("sys.argv", ["child", json.dumps(order_of(made))])
    assert child.main() == 1
    told = capfd.readouterr().out
    assert "高程：“我的高程.tif”的坐标系" in told
    assert {word for word in ("a.tif 的", "inputs.", 'crs = "', "region.toml") if word in told} == set()
