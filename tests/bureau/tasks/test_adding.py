"""What counties report is added up for their city, and cities for their province (下级汇总)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from tests.bureau.people import make_organisation

from bureau.refusal import Refusal
from bureau.regions.models import Region
from bureau.tasks import services
from bureau.tasks.adding import Summary, branches_of, sum_below, total_of
from bureau.tasks.loading import store
from bureau.tasks.models import Figure, ProgressReport
from bureau.tasks.reaching import reached

Make = Callable[..., Any]
CODES = [f"14{city:02}{county:02}" for city in (1, 9) for county in (0, 1, 2, 3)]
"""Two cities, each with three counties."""


@pytest.fixture
def figure(db: None, now: datetime) -> Figure:
    """Return a counted figure of Shanxi that cities and counties report of; three of them have a bureau."""
    for code in ("140900", "140928", "140932"):
        make_organisation(code)
    register = store(
        {
            "register": {"id": "s", "title": "方案", "number": "〔1〕号", "issuer": "水利厅", "region": "140000"},
            "unit": [{"name": "各市县", "reach": "below"}],
            "task": [
                {
                    "number": 1, "title": "治理", "lead": ["各市县"],
                    "figure": [
                        {"key": "dams", "label": "淤地坝", "value": "100", "unit": "座", "phrase": "100座", "counted": True},
                        {"key": "share", "label": "检查比例", "value": "10", "unit": "%", "phrase": "10%", "counted": True},
                        {"key": "patches", "label": "图斑", "value": "9", "unit": "个", "phrase": "9个", "counted": True,
                         "yearly": True},
                    ],
                }
            ],
        }
    )  # fmt: skip
    return register.figures.get(key="dams")


@pytest.fixture
def reports(person: Make, now: datetime) -> Callable[..., ProgressReport]:
    """Return the function that reports an amount of a region, each later than the one before."""
    clerks: dict[str, Any] = {}
    reviewer = person("review", region="000000")
    made: list[ProgressReport] = []

    def report(figure: Figure, region: str, value: str, confirmed: bool = True, year: int = 2026) -> ProgressReport:
        if region not in clerks:
            clerks[region] = person("clerk", region=region)
        by = clerks[region]
        at = now + timedelta(minutes=len(made))
        found = services.submit(
            by=by,
            task=figure.task,
            text="完成",
            year=year,
            figure=figure,
            value=Decimal(value),
            now=at,
            sure=True,
        )
        if confirmed:
            services.confirm(by=reviewer, report=found, now=at)
        made.append(found)
        return found

    return report


def sum_of(who: Any, figure: Figure, year: int = 2026) -> Summary:
    """Return the sum that somebody sees."""
    return sum_below(person=who, figure=figure, year=year)


def refused(act: Callable[..., Any], **words: Any) -> str:
    """Return the code with which an act is refused."""
    with pytest.raises(Refusal) as why:
        act(**words)
    assert any(mark in why.value.message for mark in "；。")
    return why.value.code


@settings(max_examples=50)
@given(
    st.dictionaries(st.sampled_from(CODES), st.decimals(0, 1000, places=2), max_size=8),
    st.sets(st.sampled_from(CODES)),
)
def test_no_place_is_counted_twice_and_the_sum_is_that_of_the_lines_that_count(
    amounts: dict[str, Decimal], expected: set[str]
) -> None:
    codes = {code for each in {*amounts, *expected} for code in (each, f"{each[:4]}00")}
    regions = {code: Region(code=code, name=code) for code in codes}
    own = {code: ProgressReport(region_id=code, value=value, status="confirmed") for code, value in amounts.items()}
    branches = branches_of("140000", regions, own, {}, expected)
    found = Summary(Figure(unit="座"), Region(code="140000"), 2026, None, branches)
    counted = [report.region_id for report in found.counted]
    assert len(counted) == len(set(counted))
    assert not {code for code in counted if not code.endswith("00")} & {
        code for code in CODES if f"{code[:4]}00" in amounts and not code.endswith("00")
    }, "a county is not added to a city that reported itself"
    for city in ("140100", "140900"):
        mine = [amounts[code] for code in counted if code[:4] == city[:4]]
        below = [value for code, value in amounts.items() if code[:4] == city[:4] and code != city]
        assert sum(mine) == (amounts[city] if city in amounts else sum(below))
    assert (found.total or 0) == sum(amounts[code] for code in counted)
    assert (found.total or 0) == sum(branch.amount or 0 for branch in found.branches)
    lines = [row for row in found.rows if row.state == "计入"]
    assert (found.total or 0) == total_of(row.branch.own for row in lines if row.branch.own is not None)
    named = {region.code for region in found.missing}
    assert named <= expected - set(amounts)


def test_a_city_sees_what_its_counties_reached_and_who_is_missing(figure: Figure, reports: Any, person: Make) -> None:
    reports(figure, "140928", "3")
    city = person("view", region="140900")
    found = sum_of(city, figure)
    assert (found.region.code, found.total, [r.code for r in found.missing]) == ("140900", 3, ["140932"])
    reports(figure, "140932", "4")
    found = sum_of(city, figure)
    assert (found.total, found.missing, len(found.counted)) == (7, [], 2)
    assert found.own is None, "the sum is not the city's own report"
    assert reached(person=city, task=figure.task, today=date(2026, 3, 5))[0].report is None


def test_a_county_of_another_city_never_counts(figure: Figure, reports: Any, person: Make) -> None:
    reports(figure, "140928", "3")
    reports(figure, "140121", "50")
    assert sum_of(person("view", region="140900"), figure).total == 3
    assert sum_of(person("view", region="140100"), figure).total == 50
    assert sum_of(person("view", region="140000"), figure).total == 53
    assert sum_of(person("view", region="140928"), figure).branches == ()
    assert sum_of(person("view", region="220000"), figure).total is None


def test_only_the_latest_confirmed_report_of_each_county_counts(figure: Figure, reports: Any, person: Make) -> None:
    city = person("view", region="140900")
    reports(figure, "140928", "9")
    reports(figure, "140928", "5")
    waiting = reports(figure, "140932", "8", confirmed=False)
    found = sum_of(city, figure)
    assert found.total == 5
    assert [row.state for row in found.rows] == ["计入", "待确认，未计入"]
    assert found.missing == [], "who waits for confirmation has reported"
    services.send_back(by=person("review", region="140900"), report=waiting, reason="不符", now=waiting.at)
    assert [region.code for region in sum_of(city, figure).missing] == ["140932"]


def test_what_is_withdrawn_or_no_longer_confirmed_does_not_count(figure: Figure, reports: Any, person: Make) -> None:
    city, reviewer = person("clerk", region="140900"), person("review", region="140900")
    first, second = reports(figure, "140928", "3"), reports(figure, "140928", "6")
    mine = reports(figure, "140932", "2", confirmed=False)
    services.withdraw(by=mine.by, report=mine, now=mine.at)
    services.revoke(by=reviewer, report=second, reason="重复计了一座", now=second.at)
    assert sum_of(city, figure).total == 3
    services.revoke(by=reviewer, report=first, reason="不实", now=first.at)
    found = sum_of(city, figure)
    assert (found.total, len(found.missing)) == (None, 2)
    assert refused(services.withdraw, by=mine.by, report=mine, now=mine.at) == "decided-already"
    assert refused(services.revoke, by=reviewer, report=first, reason="再来", now=first.at) == "not-confirmed"
    assert refused(services.revoke, by=reviewer, report=first, reason=" ", now=first.at) == "no-reason"


def test_another_county_may_neither_withdraw_nor_revoke(figure: Figure, reports: Any, person: Make) -> None:
    waiting = reports(figure, "140928", "3", confirmed=False)
    for region in ("140932", "140900", "220000"):
        by = person("clerk", "review", region=region)
        assert refused(services.withdraw, by=by, report=waiting, now=waiting.at) == "not-your-region"
    done, neighbour = reports(figure, "140928", "4"), person("review", region="140932")
    assert refused(services.revoke, by=neighbour, report=done, reason="不实", now=done.at) == "not-your-region"


def test_what_a_city_reports_counts_once_in_the_province(
    figure: Figure, reports: Any, person: Make, now: datetime
) -> None:
    parts = [reports(figure, "140928", "3"), reports(figure, "140932", "4")]
    province, clerk = person("view", region="140000"), person("clerk", region="140900")
    assert sum_of(province, figure).total == 7
    seen = [part.pk for part in parts]
    words = {"by": clerk, "figure": figure, "year": 2026, "text": "汇总", "now": now + timedelta(days=1)}
    taken = services.submit_sum(seen=seen, beside=Decimal(1), **words)
    assert (taken.value, taken.region_id, taken.status) == (8, "140900", "submitted"), "a person still confirms it"
    assert {part.source_id for part in taken.parts.all()} == set(seen)
    assert taken.beyond_parts == 1
    assert sum_of(province, figure).total == 7, "until it is confirmed"
    services.confirm(by=person("review", region="140000"), report=taken, now=now + timedelta(days=2))
    found = sum_of(province, figure)
    assert (found.total, len(found.counted)) == (8, 1)
    assert [row.state for row in found.rows] == ["计入", *["含在忻州市所报之内，不另计"] * 2]
    reports(figure, "140932", "6")
    assert sum_of(province, figure).total == 8, "a county's later report waits for the city to report it"
    assert sum_of(province, figure).branches[0].outrun
    assert sum_of(clerk, figure).difference == 1


def test_a_sum_is_taken_as_it_was_seen_or_not_at_all(figure: Figure, reports: Any, person: Make, now: datetime) -> None:
    clerk = person("clerk", region="140900")
    words: dict[str, Any] = {
        "by": clerk, "figure": figure, "year": 2026, "text": "汇总", "now": now, "beside": Decimal(0), "seen": [],
    }  # fmt: skip
    assert refused(services.submit_sum, **words) == "nothing-below"
    first = reports(figure, "140928", "3")
    assert refused(services.submit_sum, **words) == "sum-changed"
    reports(figure, "140932", "4")
    assert refused(services.submit_sum, **{**words, "seen": [first.pk]}) == "sum-changed"
    share = figure.register.figures.get(key="share")
    assert refused(services.submit_sum, **{**words, "figure": share}) == "not-added"
    assert refused(services.submit_sum, **{**words, "beside": Decimal(-1)}) == "value-below-nought"
    for duty, region, code in (("review", "140900", "not-a-clerk"), ("clerk", "220100", "not-your-task")):
        assert refused(services.submit_sum, **{**words, "by": person(duty, region=region)}) == code
    assert not ProgressReport.objects.filter(region_id="140900").exists()


def test_shares_are_listed_and_not_added(figure: Figure, reports: Any, person: Make) -> None:
    share = figure.register.figures.get(key="share")
    reports(share, "140928", "12")
    found = sum_of(person("view", region="140900"), share)
    assert (found.total, [row.branch.own and row.branch.own.value for row in found.rows]) == (None, [12, None])


def test_what_comes_every_year_is_added_within_its_year(figure: Figure, reports: Any, person: Make) -> None:
    patches = figure.register.figures.get(key="patches")
    reports(patches, "140928", "30", year=2025)
    reports(patches, "140932", "5", year=2026)
    city = person("view", region="140900")
    assert (sum_of(city, patches, 2025).total, sum_of(city, patches, 2026).total) == (30, 5)


def test_one_quantity_of_two_tasks_is_counted_once(task: Any, reports: Any, person: Make) -> None:
    one, other = (
        task("xinzhou-plan", 18).figures.get(key="slope_farmland"),
        task("xinzhou-plan", 19).figures.get(key="slope_farmland"),
    )
    reports(one, "140928", "2")
    reports(other, "140928", "3")
    reports(other, "140932", "1.5")
    city = person("view", region="140900")
    assert sum_of(city, one).total == sum_of(city, other).total == Decimal("4.5")
    reports(other, "140900", "4.5")
    assert [r.amount for r in reached(person=city, task=one.task, today=date(2026, 3, 5))][1] == "4.5 万亩"


def test_a_city_takes_its_sum_in_pages(figure: Figure, reports: Any, signed_in: Any) -> None:
    reports(figure, "140928", "3")
    client = signed_in("clerk", region="140900")
    address = f"/tasks/{figure.task_id}/figures/{figure.pk}/"
    page = client.get(address)
    assert "五寨县 3（座）" in page.content.decode()
    assert "下级汇总" in client.get(f"/tasks/{figure.task_id}/").content.decode()
    given = {**page.context["form"].initial, "beside": "1"}
    done = client.post(f"{address}take/", given, follow=True).content.decode()
    assert "由 1 处下级填报汇总，本级另有 1 座" in done
    assert client.post(f"{address}take/", {**given, "seen": "", "text": ""}).status_code == 200
    late = client.post(f"{address}take/", {**given, "seen": "999999"}, follow=True).content.decode()
    assert "下级的填报有变化" in late
    assert ProgressReport.objects.get(region_id="140900").value == 4
    sheet = load_workbook(io.BytesIO(client.get(f"{address}?format=xlsx").content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    assert rows[0][1:5] == ["五寨县", 3, "座", "计入"]
    assert rows[-2][1:3] == ["下级合计", 3]
    viewer = signed_in("view", region="140900")
    assert "把合计报为" not in viewer.get(address).content.decode()
    assert viewer.post(f"{address}take/", given).status_code == 403
    assert signed_in("clerk", region="140928").get(address).context["form"] is None
    assert signed_in("view", region="220000").get(address).status_code == 404


def test_a_report_is_withdrawn_and_a_confirmation_revoked_in_pages(
    figure: Figure, reports: Any, signed_in: Any
) -> None:
    waiting, done = reports(figure, "140928", "3", confirmed=False), reports(figure, "140932", "4")
    clerk, reviewer = signed_in("clerk", region="140928"), signed_in("review", region="140900")
    assert "已撤回" in clerk.post(f"/tasks/reports/{waiting.pk}/withdraw/", follow=True).content.decode()
    given = {"act": "revoke", "reason": "数字不实"}
    assert "确认已撤销" in reviewer.post(f"/tasks/reports/{done.pk}/decide/", given, follow=True).content.decode()
    assert clerk.post(f"/tasks/reports/{done.pk}/withdraw/").status_code == 404
