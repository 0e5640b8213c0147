"""Bringing in disturbance patches: what an enemy would try, what columns mean, who judges, and what is published."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU
from tests.bureau.publications.patched import columns, give_borders, shapes, square, write
from tests.bureau.unboxed import told_here

from bureau.commissions import patches
from bureau.commissions.models import PatchBatch
from bureau.commissions.sandbox import Refused, told_by
from bureau.publications.models import Publication
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.ground.vectors import read_vectors

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
CHILD = "bureau.commissions.patch_converting"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def converted(raw: Path) -> tuple[dict[str, Any], Path]:
    """Convert a file in the sandbox."""
    made = raw.with_name("made.gpkg")
    return told_by(CHILD, {"raw": str(raw), "made": str(made)}), made


def convert_here(raw: Path) -> tuple[dict[str, Any], Path]:
    """Convert an honest file in this process."""
    made = raw.with_name("made.gpkg")
    return told_here(CHILD, {"raw": str(raw), "made": str(made)}), made


def zipped(path: Path, crs: str | None = "EPSG:4490") -> Path:
    """Write a zipped shapefile."""
    given = {"QDNM": columns()["QDNM"], "LXDH": columns()["联系电话"], "NOTE": columns()["NOTE"]}
    write(path.with_suffix(".shp"), given, crs=crs)
    with zipfile.ZipFile(path, "w") as out:
        for part in path.parent.glob(f"{path.stem}.*"):
            if part != path:
                out.write(part, f"图斑/{part.name}")
    return path


def test_a_shapefile_comes_out_in_degrees_without_telephones(tmp_path: Path) -> None:
    told, made = converted(zipped(tmp_path / "a.zip", crs="EPSG:4490"))
    out = read_vectors(made)
    assert (told["features"], told["dropped"], told["hidden"]) == (4, ["LXDH"], 1)
    assert "13800138000" not in json.dumps(told) + str(out.columns)
    assert out.columns["NOTE"][0] == "联系人 （电话略）"
    assert out.crs == "EPSG:4490"


def test_shapes_that_cross_themselves_are_mended_and_told(tmp_path: Path) -> None:
    bow = shapely.Polygon([(111.3, 39.4), (111.302, 39.402), (111.302, 39.4), (111.3, 39.402)])
    told, made = convert_here(write(tmp_path / "a.gpkg", drawn=[bow, *shapes()[1:]]))
    assert told["repaired"] == 1
    assert shapely.is_valid(read_vectors(made).geometry).all()


@pytest.mark.parametrize(
    "drawn, kind, told",
    [
        ([shapely.Point(111.3, 39.4)] * 4, "Point", "不是面"),
        ([square(500000, 4360000, 100)] * 4, "Polygon", "不在我国范围内"),
        ([shapely.Polygon()] * 4, "Polygon", "没有图形"),
    ],
)
def test_what_is_no_patch_is_refused(drawn: list[Any], kind: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(Refused, match=told):
        convert_here(write(tmp_path / "a.gpkg", drawn=drawn, kind=kind))


def test_hostile_files_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("QDNM,x,y\n机密,111,39\n", encoding="utf-8")
    trap = f"<OGRVRTDataSource><OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    (tmp_path / "a.gpkg").write_text(trap)
    with pytest.raises(Refused, match="内容与扩展名不符"):
        converted(tmp_path / "a.gpkg")
    with zipfile.ZipFile(tmp_path / "b.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a.shp", bytes(40 * 2**20))
    with pytest.raises(Refused, match="展开后过大"):
        converted(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as out:
        out.writestr("../../a.shp", b"x")
    with pytest.raises(Refused, match="不安全的路径"):
        converted(tmp_path / "c.zip")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyogrio's, of a file without coordinates
        write(tmp_path / "d.gpkg", crs=None)
    with pytest.raises(Refused, match="没有坐标系"):
        converted(tmp_path / "d.gpkg")


def received(by: Any, tmp_path: Path, given: dict[str, list[Any]] | None = None, **more: Any) -> PatchBatch:
    """Bring in a file, and let the worker look into it."""
    give_borders()
    content = write(tmp_path / f"{PatchBatch.objects.count()}.gpkg", given).read_bytes()
    words: dict[str, Any] = {
        "region": Region.objects.get(pk=XINZHOU),
        "year": 2024,
        "batch": "第 1 期",
        "now": NOW,
    } | more
    made = patches.receive(by=by, file=SimpleUploadedFile("图斑.gpkg", content), simulated=True, **words)
    patches.look_into(made.pk)
    made.refresh_from_db()
    return made


def test_patches_are_checked_judged_by_another_and_published(person: Callable[..., Any], tmp_path: Path) -> None:
    clerk, reviewer = person("clerk", "review", region=XINZHOU), person("review", region=XINZHOU)
    batch = received(clerk, tmp_path, before=date(2023, 5, 1))
    assert batch.status == "checked", batch.findings
    assert [row["county"] for row in batch.tally] == [WUZHAI, PIANGUAN]
    assert not list((tmp_path / "media" / "incoming").iterdir()), "what was uploaded is gone"
    with pytest.raises(Refusal, match="另一人审核"):
        patches.accept(by=clerk, batch=batch, round_=1, reason="", now=NOW)
    patches.accept(by=reviewer, batch=batch, round_=1, reason="同意", now=NOW)
    patches.publish(batch.pk)
    patches.publish(batch.pk)
    batch.refresh_from_db()
    made = Publication.objects.get()
    assert (batch.status, batch.publication, made.simulated) == ("published", made, True)
    assert made.provenance["columns"]["图斑编号"] == "QDNM"
    assert made.patches.get(number="140928-2024-001").image_before == date(2023, 5, 1)


@pytest.mark.usefixtures("unboxed")
def test_a_file_with_faults_waits_until_its_columns_and_words_are_explained(
    person: Callable[..., Any], tmp_path: Path
) -> None:
    given = columns()
    given = {"我的编号": given.pop("QDNM"), **given, "QTYPE": ["矿山"] * 4}
    clerk, reviewer = person("clerk", region=XINZHOU), person("review", region=XINZHOU)
    batch = received(clerk, tmp_path, given)
    assert batch.status == "faulty"
    assert {"没有图斑编号列", "“矿山”4 个"} <= {
        w for w in ("没有图斑编号列", "“矿山”4 个") if any(w in f["text"] for f in batch.findings)
    }
    with pytest.raises(Refusal, match="待改正"):
        patches.accept(by=reviewer, batch=batch, round_=batch.round, reason="", now=NOW)
    meant = {**batch.columns, "number": "我的编号"}
    patches.understand(by=clerk, batch=batch, columns=meant, words={"type": {"矿山": "borrow"}})
    patches.look_into(batch.pk)
    batch.refresh_from_db()
    assert batch.status == "checked", batch.findings
    with pytest.raises(Refusal, match="刷新后再看"):
        patches.accept(by=reviewer, batch=batch, round_=1, reason="", now=NOW)
    for wrong, code in (({"number": "secret"}, "no-column"), ({"number": "QTYPE", "type": "QTYPE"}, "column-twice")):
        with pytest.raises(Refusal) as refused:
            patches.understand(by=clerk, batch=batch, columns=wrong, words={})
        assert refused.value.code == code
    with pytest.raises(Refusal, match="字典里没有"):
        patches.understand(by=clerk, batch=batch, columns=meant, words={"type": {"矿山": "x"}})


@pytest.mark.usefixtures("unboxed")
def test_who_may_not_bring_in_judge_or_withdraw(person: Callable[..., Any], tmp_path: Path) -> None:
    clerk, county = person("clerk", region=XINZHOU), person("clerk", "review", region=WUZHAI)
    with pytest.raises(Refusal, match="不在您的经办范围"):
        received(county, tmp_path)
    batch = received(clerk, tmp_path)
    with pytest.raises(Refusal, match="已有未了结的入库"):
        received(clerk, tmp_path)
    for act in (lambda: patches.accept(by=county, batch=batch, round_=1, reason="", now=NOW),
                lambda: patches.reject(by=county, batch=batch, reason="不行", now=NOW),
                lambda: patches.withdraw(by=county, batch=batch)):  # fmt: skip
        with pytest.raises(Refusal):
            act()
    with pytest.raises(Refusal, match="写明理由"):
        patches.reject(by=person("review", region=XINZHOU), batch=batch, reason=" ", now=NOW)
    patches.withdraw(by=clerk, batch=batch)
    assert batch.status == "withdrawn"
    assert received(clerk, tmp_path).status == "checked"


def test_what_cannot_be_read_is_refused_and_leaves_nothing(person: Callable[..., Any], tmp_path: Path) -> None:
    by, region = person("clerk", region=XINZHOU), Region.objects.get(pk=XINZHOU)
    words: dict[str, Any] = {"by": by, "region": region, "year": 2024, "batch": "x", "now": NOW}
    with pytest.raises(Refusal, match=r"\.gpkg"):
        patches.receive(file=SimpleUploadedFile("a.geojson", b"{}"), **words)
    batch = patches.receive(file=SimpleUploadedFile("a.gpkg", b"no such thing"), **words)
    patches.look_into(batch.pk)
    batch.refresh_from_db()
    assert batch.status == "refused"
    assert "内容与扩展名不符" in batch.message
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


@pytest.mark.usefixtures("unboxed")
def test_the_pages_take_a_file_show_its_faults_and_let_another_accept(
    signed_in: Callable[..., Client], tmp_path: Path
) -> None:
    give_borders()
    clerk, reviewer = signed_in("clerk", region=XINZHOU), signed_in("review", region=XINZHOU)
    given = columns() | {"QTYPE": ["矿山"] * 4}
    file = SimpleUploadedFile("图斑.gpkg", write(tmp_path / "a.gpkg", given).read_bytes())
    page = clerk.post(
        "/commissions/patches/new/",
        {"region": XINZHOU, "year": 2024, "batch": "第 1 期", "file": file, "simulated": "on"},
        follow=True,
    )
    assert "正在隔离的环境里检查" in page.content.decode()
    batch = PatchBatch.objects.get()
    assert ProcrastinateJob.objects.filter(task_name="commissions.patches", args={"batch": batch.pk}).count() == 1
    address = f"/commissions/patches/{batch.pk}/"
    asked = {"path": f"{address}?part=standing", "headers": {"HX-Request": "true"}}
    assert "HX-Refresh" not in clerk.get(**asked).headers
    patches.look_into(batch.pk)
    assert clerk.get(**asked).headers["HX-Refresh"] == "true", "the page shows what was found"
    shown = clerk.get(address).content.decode()
    for word in ("须改正", "“矿山”4 个", "联系电话", "改对照", "QDNM（140928-2024-001", "模拟数据"):
        assert word in shown
    batch.refresh_from_db()
    form = {f"column-{key}": column for key, column in batch.columns.items()} | {"word-type-0": "borrow"}
    assert clerk.post(f"{address}meaning/", form).status_code == 302
    patches.look_into(batch.pk)
    shown = reviewer.get(address).content.decode()
    assert {word for word in ("通过并发布", "疑似未批先建") if word not in shown} == set()
    assert batch.batch in reviewer.get("/").content.decode(), "the home page shows what waits"
    reviewer.post(f"{address}accept/", {"round": 2, "reason": "同意"})
    patches.publish(batch.pk)
    assert "已发布" in clerk.get(address).content.decode()
    assert signed_in("view", "clerk", region=WUZHAI).get(address).status_code == 404
