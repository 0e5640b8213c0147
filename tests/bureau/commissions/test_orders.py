"""Ordering a run, and judging what came out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from bureau.commissions import services
from bureau.commissions.models import Commission, Upload
from bureau.refusal import Refusal
from bureau.regions.models import Region

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
WUZHAI, PIANGUAN = "140928", "140932"


def ordered(by: Any, region: str = WUZHAI, **given: Any) -> Commission:
    """Return an order of imaginary land."""
    words = {"year": 2024, "cell": 30, "imaginary": True} | given
    return services.order(by=by, region=Region.objects.get(code=region), now=NOW, **words)


def finished(by: Any, **given: Any) -> Commission:
    """Return an order that is computed."""
    made = ordered(by, **given)
    Commission.objects.filter(pk=made.pk).update(status="finished")
    made.refresh_from_db()
    return made


def ready(by: Any, kind: str, region: str = WUZHAI, status: str = "ready") -> Upload:
    """Return an upload."""
    return Upload.objects.create(region_id=region, kind=kind, name=f"{kind}.tif", by=by, at=NOW, raw="x", status=status)


def deferred() -> list[tuple[str, Any]]:
    """Return what was left to the worker."""
    return [(job.task_name, job.args) for job in ProcrastinateJob.objects.order_by("id")]


def test_an_order_is_left_to_the_worker(person: Callable[..., Any]) -> None:
    made = ordered(person("clerk"))
    assert made.status == "ordered"
    assert deferred() == [("commissions.run", {"commission": made.pk})]


@pytest.mark.parametrize(
    "region, given, code",
    [
        (PIANGUAN, {}, "not-your-region"),
        ("140900", {}, "not-your-region"),
        (WUZHAI, {"cell": 25}, "wrong-cell"),
        (WUZHAI, {"imaginary": False}, "input-missing"),
        (WUZHAI, {"year": 2027}, "wrong-year"),
        (WUZHAI, {"year": 1979}, "wrong-year"),
    ],
)
def test_what_may_not_be_ordered_is_refused(
    region: str, given: dict[str, Any], code: str, person: Callable[..., Any]
) -> None:
    with pytest.raises(Refusal) as refused:
        ordered(person("clerk"), region, **given)
    assert refused.value.code == code
    assert not deferred()


def test_a_whole_province_is_not_made_up(person: Callable[..., Any]) -> None:
    with pytest.raises(Refusal, match="模拟数据限县、市"):
        ordered(person("clerk", region="140000"), "140000")


def test_who_is_no_clerk_orders_nothing(person: Callable[..., Any]) -> None:
    with pytest.raises(Refusal):
        ordered(person("review", "approve", "administer", "view"))


def test_the_same_run_is_not_ordered_twice_while_it_is_under_way(person: Callable[..., Any]) -> None:
    clerk = person("clerk")
    first = ordered(clerk)
    with pytest.raises(Refusal, match="未了结"):
        ordered(clerk)
    services.cancel(by=clerk, commission=first, now=NOW)
    assert ordered(clerk).pk != first.pk


NEEDED = ("dem", "land_use", "soil_k", "cover", "rain")


def test_a_run_of_uploads_needs_each_kind_once(person: Callable[..., Any]) -> None:
    clerk = person("clerk")
    inputs = [ready(clerk, kind) for kind in NEEDED]
    for left_out in inputs:
        with pytest.raises(Refusal) as refused:
            ordered(clerk, imaginary=False, inputs=[i for i in inputs if i is not left_out])
        assert refused.value.code == "input-missing"
    with pytest.raises(Refusal) as refused:
        ordered(clerk, imaginary=False, inputs=[*inputs, ready(clerk, "dem")])
    assert refused.value.code == "given-twice"
    with pytest.raises(Refusal, match="逐日降雨与降雨侵蚀力 R选了不止一份"):
        ordered(clerk, imaginary=False, inputs=[*inputs, ready(clerk, "r_factor")])
    assert set(ordered(clerk, imaginary=False, inputs=inputs).inputs.all()) == set(inputs)


@pytest.mark.parametrize("status, region", [("received", WUZHAI), ("refused", WUZHAI), ("ready", PIANGUAN)])
def test_an_upload_that_is_not_ready_or_another_countys_is_refused(
    status: str, region: str, person: Callable[..., Any]
) -> None:
    clerk = person("clerk")
    inputs = [ready(clerk, kind) for kind in NEEDED[1:]] + [ready(clerk, "dem", region, status)]
    with pytest.raises(Refusal) as refused:
        ordered(clerk, imaginary=False, inputs=inputs)
    assert refused.value.code == "input-not-ready"


def test_another_person_accepts_and_the_worker_publishes(person: Callable[..., Any]) -> None:
    made = finished(person("clerk"))
    services.accept(by=person("review", region="140900"), commission=made, reason="", now=NOW)
    assert made.status == "accepted"
    assert deferred()[-1] == ("commissions.publish", {"commission": made.pk})


@pytest.mark.parametrize("act", [services.accept, services.reject])
def test_nobody_judges_their_own_order(act: Callable[..., None], person: Callable[..., Any]) -> None:
    both = person("clerk", "review")
    made = finished(both)
    with pytest.raises(Refusal) as refused:
        act(by=both, commission=made, reason="可以", now=NOW)
    assert refused.value.code == "own-order"


def test_the_database_too_refuses_that_one_judges_ones_own_order(person: Callable[..., Any]) -> None:
    both = person("clerk", "review")
    made = finished(both)
    with pytest.raises(IntegrityError), transaction.atomic():
        Commission.objects.filter(pk=made.pk).update(judged_by=both)


@pytest.mark.parametrize("act", [services.accept, services.reject])
def test_another_countys_reviewer_may_not_judge(act: Callable[..., None], person: Callable[..., Any]) -> None:
    made = finished(person("clerk"))
    with pytest.raises(Refusal) as refused:
        act(by=person("review", region=PIANGUAN), commission=made, reason="可以", now=NOW)
    assert refused.value.code == "not-your-region"


def test_a_rejection_says_why(person: Callable[..., Any]) -> None:
    made = finished(person("clerk"))
    reviewer = person("review", region="140900")
    with pytest.raises(Refusal, match="理由"):
        services.reject(by=reviewer, commission=made, reason="  ", now=NOW)
    services.reject(by=reviewer, commission=made, reason="降雨站点太少", now=NOW)
    assert (made.status, made.reason) == ("rejected", "降雨站点太少")


@pytest.mark.parametrize("status", ["ordered", "running", "failed", "cancelled", "rejected", "accepted", "published"])
def test_only_what_is_finished_is_judged(status: str, person: Callable[..., Any]) -> None:
    made = ordered(person("clerk"))
    Commission.objects.filter(pk=made.pk).update(status=status)
    with pytest.raises(Refusal) as refused:
        services.accept(by=person("review"), commission=made, reason="", now=NOW)
    assert refused.value.code == "status-changed"


def test_of_two_who_judge_at_once_the_second_is_told(person: Callable[..., Any]) -> None:
    made = finished(person("clerk"))
    seen_before = Commission.objects.get(pk=made.pk)
    services.accept(by=person("review"), commission=made, reason="", now=NOW)
    with pytest.raises(Refusal, match="正在发布"):
        services.reject(by=person("review"), commission=seen_before, reason="不行", now=NOW)


@pytest.mark.parametrize(
    "status, may", [("failed", True), ("cancelled", True), ("running", False), ("published", False)]
)
def test_what_failed_can_be_computed_again(status: str, may: bool, person: Callable[..., Any]) -> None:
    clerk = person("clerk")
    made = ordered(clerk)
    Commission.objects.filter(pk=made.pk).update(status=status)
    if not may:
        with pytest.raises(Refusal):
            services.again(by=clerk, commission=made, now=NOW)
        return
    services.again(by=clerk, commission=made, now=NOW)
    assert made.status == "ordered"
    assert len(deferred()) == 2


def test_a_clerk_orders_and_a_reviewer_judges_on_the_pages(signed_in: Callable[..., Client]) -> None:
    clerk, reviewer = signed_in("clerk"), signed_in("review", region="140900")
    page = clerk.post(
        "/commissions/new/", {"region": WUZHAI, "year": 2024, "cell": 30, "source": "imaginary"}, follow=True
    )
    assert "委托已受理" in page.content.decode()
    made = Commission.objects.get()
    Commission.objects.update(status="finished")
    assert "审核意见" not in clerk.get(f"/commissions/{made.pk}/").content.decode()
    assert "审核意见" in reviewer.get(f"/commissions/{made.pk}/").content.decode()
    reviewer.post(f"/commissions/{made.pk}/accept/", {"reason": "同意"})
    made.refresh_from_db()
    assert (made.status, made.reason) == ("accepted", "同意")


@pytest.mark.parametrize("address", ["/commissions/new/", "/commissions/patches/new/"])
@pytest.mark.parametrize("year", ["1800", "2990"])
def test_a_form_says_which_years_are_allowed(signed_in: Callable[..., Client], address: str, year: str) -> None:
    words = {"region": WUZHAI, "year": year, "cell": 30, "source": "imaginary", "batch": "第 1 期"}
    page = signed_in("clerk").post(address, words).content.decode()
    assert f"年份 {year} 不可用：可填 1980 到 {timezone.localdate().year}（今年）" in page
    assert not Commission.objects.exists()


def test_a_refusal_is_told_on_the_form_and_nothing_is_made(signed_in: Callable[..., Client]) -> None:
    page = signed_in("clerk").post(
        "/commissions/new/", {"region": WUZHAI, "year": 2024, "cell": 30, "source": "uploads"}
    )
    assert "还缺：高程" in page.content.decode()
    assert not Commission.objects.exists()


def test_who_has_nothing_to_choose_is_told_where_to_bring_it_and_what_is_being_checked(
    signed_in: Callable[..., Client],
) -> None:
    clerk = signed_in("clerk")
    ready(clerk.person, "dem", status="received")  # type: ignore[attr-defined]
    page = clerk.get("/commissions/new/").content.decode()
    assert "还没有可用的资料" in page
    assert 'href="/commissions/uploads/new/"' in page
    assert "有 1 份资料正在检查" in page
    assert 'name="inputs"' not in page
    Upload.objects.update(status="ready", said="m", name="高程.tif")
    page = clerk.get("/commissions/new/").content.decode()
    assert "还没有可用的资料" not in page
    assert "高程（DEM）（米）：高程.tif，五寨县" in page


def test_htmx_is_given_the_progress_alone_and_stops_asking_when_it_ends(signed_in: Callable[..., Client]) -> None:
    clerk = signed_in("clerk")
    made = ordered(clerk.person)  # type: ignore[attr-defined]
    Commission.objects.update(status="running", told={"land": [1, 4]})
    asked = f"/commissions/{made.pk}/?part=progress"
    answer = clerk.get(asked, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert "HX-Refresh" not in answer.headers
    assert part.startswith('<div id="progress"')
    assert 'value="25"' in part
    assert "every 2s" in part
    Commission.objects.update(status="finished")
    answer = clerk.get(asked, headers={"HX-Request": "true"})
    assert "every 2s" not in answer.content.decode()
    assert answer.headers["HX-Refresh"] == "true", "the page shows the result"
    assert "HX-Refresh" not in clerk.get(f"/commissions/{made.pk}/").headers
