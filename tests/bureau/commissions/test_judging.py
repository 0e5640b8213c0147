"""What a reviewer sees before a result is published, and what its bulletin may do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.test import Client
from django.utils import timezone
from tests.bureau.people import make_person
from tests.bureau.publications.folders import PIANGUAN, WUZHAI, XINZHOU, run_folder

from bureau.commissions import child
from bureau.commissions.models import Commission
from bureau.commissions.previewing import FOLDER, RESULT, REVIEWING, preview
from bureau.commissions.publishing import publish_commission
from bureau.commissions.results import PARTS, result_of
from bureau.publications.models import Kind, Publication
from bureau.publications.services import publish
from bureau.regions.models import Region
from bureau.targets.models import Target
from shuibao.survey.region import load_region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SQUARE = "MULTIPOLYGON(((111 39,112 39,112 40,111 40,111 39)))"
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the home in which commission 990 of the city was computed once for all tests."""
    home = tmp_path_factory.mktemp("home")
    folder = run_folder(home / "commissions" / "990")
    preview(load_region(folder), [("高程", "有 3 处深洼地。")])
    return home


@pytest.fixture
def judged(computed: Path, settings: Any, person: Callable[..., Any]) -> Commission:
    """Return a commission that is computed and waits for a reviewer."""
    settings.HOME = computed
    return Commission.objects.create(
        pk=990, region_id=XINZHOU, year=2024, cell=30, imaginary=True, status="finished", ordered=NOW,
        by=person("clerk", region=XINZHOU), note="年度监测",
    )  # fmt: skip


def test_rates_stand_by_county_beside_their_targets(judged: Commission) -> None:
    result = result_of(judged)
    assert result is not None
    assert [row.region.code for row in result.rows] == [XINZHOU, WUZHAI, PIANGUAN]
    assert sum(row.land_m2 for row in result.counties) == pytest.approx(result.whole.land_m2)
    assert result.whole.percent is not None
    assert 0 < result.whole.percent < 100
    assert sum(part.area_m2 for part in result.parts) == pytest.approx(result.whole.land_m2)
    assert result.supersedes is None


def test_the_reviewers_page_has_figures_warnings_map_bulletin_and_who_ordered_it(
    judged: Commission, signed_in: Callable[..., Client]
) -> None:
    page = signed_in("review", region=XINZHOU).get("/commissions/990/").content.decode()
    for word in (
        "水土保持率与目标",
        "五寨县",
        "偏关县",
        "微度",
        "有 3 处深洼地",
        "map.png",
        "打开公报",
        judged.by.name,
        "种子",
    ):
        assert word in page, word
    assert page.index("水土保持率与目标") < page.index("通过并发布")


def test_a_result_that_supersedes_another_is_set_against_it(
    judged: Commission, tmp_path: Path, settings: Any, signed_in: Callable[..., Client]
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    old = publish(
        folder=run_folder(tmp_path / "old", cover=0.5), kind=Kind.SURVEY, region=Region.objects.get(code=XINZHOU),
        year=2024, by=make_person("clerk", region=XINZHOU), reviewed_by=make_person("review", region=XINZHOU), now=NOW,
    )  # fmt: skip
    result = result_of(judged)
    assert result is not None
    assert result.supersedes == old
    assert (result.whole.change or 0) < 0, "with more erosion the rate falls"
    assert sum(part.change_km2 or 0 for part in result.parts) == pytest.approx(0, abs=1e-6)
    page = signed_in("review", region=XINZHOU).get("/commissions/990/").content.decode()
    assert "取代现行的" in page
    assert "被它取代的现行版不再采用" not in page
    assert "与现行版之差" in page
    Region.objects.filter(pk=WUZHAI).update(border=GEOSGeometry(SQUARE, srid=4490))
    page = signed_in("review", region=XINZHOU).get("/commissions/990/").content.decode()
    assert "被它取代的现行版不再采用，即使那一版覆盖全县" in page
    Commission.objects.update(status="published")
    judged.refresh_from_db()
    assert result_of(judged).supersedes is None  # type: ignore[union-attr]


def test_a_result_like_the_one_in_force_says_that_it_made_no_version(
    judged: Commission, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    words = {"status": "accepted", "judged_by": make_person("review", region=XINZHOU), "judged": NOW}
    Commission.objects.update(**words)
    publish_commission(judged.pk)
    judged.refresh_from_db()
    assert judged.message.startswith("已发布：")
    Commission.objects.update(**words | {"judged": timezone.now()})
    publish_commission(judged.pk)
    judged.refresh_from_db()
    assert (judged.status, Publication.objects.count()) == ("published", 1)
    assert "没有产生新的版本" in judged.message


def test_the_bulletin_runs_apart_from_the_site(judged: Commission, signed_in: Callable[..., Client]) -> None:
    reviewer = signed_in("review", region=XINZHOU)
    answer = reviewer.get("/commissions/990/result/bulletin.html")
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-scripts;")
    assert "allow-same-origin" not in policy
    assert {word for word in ("default-src 'none'", "form-action 'none'") if word not in policy} == set()
    assert "connect-src" not in policy
    assert answer["Content-Type"].startswith("text/html")
    assert "忻州市" in answer.content.decode()
    for name, header, start in (
        ("bulletin.html?save", "Content-Disposition", "attachment"), ("map.png", "Content-Type", "image/png"),
    ):  # fmt: skip
        answer = reviewer.get(f"/commissions/990/result/{name}")
        assert answer[header].startswith(start)
        assert answer.content


@pytest.mark.parametrize("name", ["result.json", "region.toml", "..%2Fregion.toml", "index.html"])
def test_no_other_file_is_handed_out(name: str, judged: Commission, signed_in: Callable[..., Client]) -> None:
    assert signed_in("review", region=XINZHOU).get(f"/commissions/990/result/{name}").status_code == 404


def test_another_county_may_not_see_them(judged: Commission, signed_in: Callable[..., Client]) -> None:
    for path in ("", "result/bulletin.html", "result/map.png"):
        assert signed_in("review", region=PIANGUAN).get(f"/commissions/990/{path}").status_code == 404


def test_what_was_not_computed_here_cannot_be_passed_blindly(
    judged: Commission, settings: Any, tmp_path: Path, signed_in: Callable[..., Client]
) -> None:
    settings.HOME = tmp_path
    page = signed_in("review", region=XINZHOU).get("/commissions/990/").content.decode()
    assert "无从审核" in page
    assert "通过并发布" not in page


def test_what_is_passed_says_so_and_no_longer_that_it_waits(
    judged: Commission, signed_in: Callable[..., Client]
) -> None:
    Commission.objects.update(message="计算完成，等待另一人审核。")
    page = signed_in("review", region=XINZHOU).post("/commissions/990/accept/", {"reason": "同意"}, follow=True)
    assert "等待另一人审核" not in page.content.decode()
    assert "正在发布" in page.content.decode()


def test_a_result_of_a_part_of_a_county_is_published_only_by_who_says_so(
    judged: Commission, signed_in: Callable[..., Client]
) -> None:
    Region.objects.filter(pk=WUZHAI).update(border=GEOSGeometry(SQUARE, srid=4490))
    client = signed_in("review", region=XINZHOU)
    page = client.get("/commissions/990/").content.decode()
    assert "只覆盖五寨县土地面积的 不到 0.1 %" in page
    assert 'name="partial"' in page
    page = client.post("/commissions/990/accept/", {"reason": "同意"}, follow=True).content.decode()
    assert "请勾选“照样发布”" in page
    judged.refresh_from_db()
    assert judged.status == "finished"
    client.post("/commissions/990/accept/", {"reason": "同意", "partial": "on"})
    judged.refresh_from_db()
    assert judged.status == "accepted"


def test_a_result_of_whole_counties_asks_nothing(judged: Commission, signed_in: Callable[..., Client]) -> None:
    page = signed_in("review", region=XINZHOU).get("/commissions/990/").content.decode()
    assert 'name="partial"' not in page
    assert "只覆盖" not in page


def test_a_target_is_that_of_the_first_year_that_is_not_over(judged: Commission) -> None:
    Target.objects.filter(region_id=WUZHAI).delete()
    Target.objects.create(region_id=WUZHAI, year=2020, percent=Decimal("50"), source="草案", status="draft")
    Target.objects.create(region_id=WUZHAI, year=2025, percent=Decimal("60"), source="草案", status="draft")
    result = result_of(judged)
    assert result is not None
    own = next(row for row in result.counties if row.region.code == WUZHAI)
    assert (own.target_year, own.target) == (2025, 60.0)
    assert own.gap == pytest.approx(own.percent - 60.0)  # type: ignore[operator]


def test_the_child_that_computes_leaves_what_a_reviewer_needs(
    computed: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "990"
    shutil.copytree(computed / "commissions" / "990", folder, ignore=shutil.ignore_patterns("review"))
    assert child._compute({"folder": str(folder), "imaginary": True}) == 0
    assert {path.name for path in (folder / FOLDER).iterdir()} == {RESULT, *PARTS}
    assert json.dumps({"step": REVIEWING, "done": 1, "total": 1}) in capfd.readouterr().out
