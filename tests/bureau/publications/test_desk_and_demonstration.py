"""Publishing from a desk, and ordering the demonstration."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.bureau.publications.folders import XINZHOU

from bureau.office.models import Organisation, Person
from bureau.publications import demonstration
from bureau.publications.models import Publication
from bureau.service.publishing import publish
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
