"""Publishing from a desk, and ordering the demonstration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.bureau.publications.folders import XINZHOU
from tests.bureau.publications.patched import columns, give_borders, write

from bureau.office.models import Organisation, Person
from bureau.publications import demonstration
from bureau.publications.models import Publication
from bureau.publications.patch_demonstration import load_patches
from bureau.service.publishing import publish, publish_patches
from shuibao.messages import CallError


@pytest.fixture
def people(person: Callable[..., Any], settings: Any, tmp_path: Path) -> dict[str, str]:
    """Return the sign-in names of two people of the city."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return {
        "by": person("clerk", region=XINZHOU).username, "reviewed_by": person("review", region=XINZHOU).username,
    }  # fmt: skip


def test_a_folder_is_published_from_a_desk(
    people: dict[str, str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    publish(folder=folder, theme="", region="", **people)
    publish(folder=folder, theme="steep_slope", region=XINZHOU, **people)
    assert [made.kind for made in Publication.objects.order_by("kind")] == ["survey", "zones"]
    assert "已发布：忻州市 2024 年" in capsys.readouterr().out


def test_from_a_desk_a_part_of_a_county_takes_a_word(people: dict[str, str], folder: Path) -> None:
    give_borders()
    given: dict[str, Any] = {"folder": folder, "theme": "", "region": "", **people}
    with pytest.raises(CallError, match="只覆盖五寨县土地面积的 .*--partial"):
        publish(**given)
    publish(**given, partial=True)
    assert Publication.objects.count() == 1


@pytest.mark.parametrize(
    "given, said",
    [
        ({"by": "nobody"}, "没有登录名“nobody”"),
        ({"region": "999999"}, "--region"),
        ({"region": "140928"}, "不能为|以外的区县"),
    ],
)
def test_from_a_desk_too_it_is_refused(people: dict[str, str], folder: Path, given: dict[str, str], said: str) -> None:
    with pytest.raises(CallError, match=said):
        publish(**{"folder": folder, "theme": "", "region": "", **people, **given})  # type: ignore[arg-type]
    assert not Publication.objects.exists()


def test_the_demonstration_is_ordered_once(db: None) -> None:
    Organisation.objects.create(region_id=XINZHOU, name="忻州市水利局")
    told: list[str] = []
    demonstration.order(told.append)
    demonstration.order(told.append)
    jobs = ProcrastinateJob.objects.filter(task_name="publications.demonstrate")
    assert sorted(job.args["year"] for job in jobs) == [2022, 2024]
    assert "模拟数据" in told[0]


def test_nobody_signs_in_as_those_who_publish_the_demonstration(db: None) -> None:
    Organisation.objects.create(region_id=XINZHOU, name="忻州市水利局")
    demonstration.people()
    demonstration.people()
    made = Person.objects.filter(username__in=(demonstration.PUBLISHER, demonstration.REVIEWER))
    assert made.count() == 2
    assert not any(person.has_usable_password() for person in made)


def test_patches_are_published_from_a_desk(
    people: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    give_borders()
    file = write(tmp_path / "图斑.gpkg")
    given: dict[str, Any] = {"region": XINZHOU, "year": 2024, "batch": "第 1 期", "simulated": True}
    publish_patches(file=file, **people, **given)
    made = Publication.objects.get()
    assert (made.kind, made.patches.count(), made.simulated) == ("patches", 4, True)
    assert "已发布：忻州市 2024 年扰动图斑" in capsys.readouterr().out
    wrong = write(tmp_path / "b.gpkg", columns() | {"QDNM": ["A"] * 4})
    for file_, told in ((wrong, "编号重复"), (tmp_path / "a.vrt", "应为 GeoPackage")):
        with pytest.raises(CallError, match=told):
            publish_patches(file=file_, **people, **given)


def test_the_demonstration_has_patches_that_say_they_are_made_up(people: dict[str, str]) -> None:
    give_borders()
    Organisation.objects.get_or_create(region_id=XINZHOU, name="忻州市水利局")
    load_patches()
    load_patches()
    batches = Publication.objects.filter(kind="patches")
    assert sorted(made.patches.count() for made in batches) == [180, 260]
    assert all(made.simulated for made in batches)
    assert {patch.note for made in batches for patch in made.patches.all()} == {"模拟数据"}
