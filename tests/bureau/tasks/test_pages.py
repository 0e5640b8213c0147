"""What the pages of tasks show and do."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from bureau.tasks import services
from bureau.tasks.loading import store
from bureau.tasks.models import Notice, ProgressReport, Task, TaskUnit
from bureau.tasks.panels import due

SignIn = Callable[..., Any]
Fetch = Callable[[str, int], Task]


def text(answer: Any) -> str:
    """Return the page as text."""
    assert answer.status_code == 200
    return answer.content.decode()


def titles(page: str, *names: str) -> set[str]:
    """Return which of some words are on a page."""
    return {name for name in names if name in page}


@pytest.mark.parametrize(
    "query, shown, hidden",
    [
        ("q=%E8%A1%A5%E5%81%BF%E8%B4%B9", "征收补偿费", "经果林"),
        ("q=%E5%B8%82%E7%A8%8E%E5%8A%A1%E5%B1%80", "征收补偿费", "经果林"),
        ("standing=late", "高标准小流域与坡耕地治理面积", "经果林"),
        ("when=none", "经果林", "高标准小流域与坡耕地治理面积"),
        ("register=99999", "没有符合条件的任务", "经果林"),
        ("standing=nonsense&unit=x&register=%01&when=?&q=", "经果林", "没有符合条件的任务"),
    ],
)  # fmt: skip
def test_the_list_is_filtered(query: str, shown: str, hidden: str, registers: None, signed_in: SignIn) -> None:
    page = text(signed_in("view", region="140900").get(f"/tasks/?{query}"))
    assert shown in page
    assert hidden not in page


def test_the_list_is_filtered_by_unit(task: Fetch, signed_in: SignIn) -> None:
    unit = task("xinzhou-plan", 8).parts.get(role="lead").unit_id
    page = text(signed_in("view", region="140900").get(f"/tasks/?unit={unit}"))
    assert titles(page, "征收补偿费", "经果林", "空间管控") == {"征收补偿费"}


def test_the_list_asks_the_database_as_often_for_many_tasks_as_for_few(
    registers: None, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client = signed_in("view", region="000000")
    client.get("/tasks/")
    with django_assert_max_num_queries(30):
        client.get("/tasks/")


def test_a_task_tells_its_document_units_figures_and_contradiction(task: Fetch, signed_in: SignIn) -> None:
    page = text(signed_in("view", region="140900").get(f"/tasks/{task('xinzhou-plan', 18).pk}/"))
    for words in ("忻政办发〔2024〕4号", "附件1第18行", "市乡村振兴局", "39 万亩", "35 万亩", "文件矛盾"):
        assert words in page
    assert "填报进展" not in page, "only a clerk reports"


def test_a_clerk_reports_with_evidence_and_a_reviewer_confirms(task: Fetch, signed_in: SignIn) -> None:
    shown = task("xinzhou-plan", 16)
    clerk, reviewer = signed_in("clerk", region="140900"), signed_in("review", region="140900")
    when = f"{shown.dues.get().pk}:2025"
    assert f'value="{when}" selected' in text(clerk.get(f"/tasks/{shown.pk}/report/?when={when}"))
    given = {
        "when": when, "finishes": "on", "text": "试点县已选定", "figure": shown.figures.get().pk, "value": "1", "unit": "",
        "proof": [SimpleUploadedFile("批复.pdf", b"%PDF-1.4"), SimpleUploadedFile("照片.png", b"\x89PNG\r\n\x1a\n0")],
    }  # fmt: skip
    answer = clerk.post(f"/tasks/{shown.pk}/report/", given, follow=True)
    assert titles(text(answer), "进展已提交", "批复.pdf", "照片.png", "试点县已选定") == {
        "进展已提交",
        "批复.pdf",
        "照片.png",
        "试点县已选定",
    }
    report = ProgressReport.objects.get()
    assert (report.year, report.value, report.finishes, report.evidence.count()) == (2025, Decimal(1), True, 2)
    assert "试点县已选定" in text(reviewer.get("/tasks/waiting/"))
    page = text(
        reviewer.post(f"/tasks/reports/{report.pk}/decide/", {"act": "confirm", "back": "/tasks/waiting/"}, follow=True)
    )
    assert titles(page, "已确认", "没有待确认的进展") == {"已确认", "没有待确认的进展"}


def test_what_is_refused_is_told_on_the_form(task: Fetch, signed_in: SignIn) -> None:
    shown, client = task("jilin-plan", 9), signed_in("clerk", region="220000")
    page = text(client.post(f"/tasks/{shown.pk}/report/", {"text": "做了", "finishes": "on"}))
    assert "不能报完成" in page
    page = text(client.post(f"/tasks/{shown.pk}/report/", {"text": "做了", "value": "3"}))
    assert "要一起填" in page
    bad = {"text": "做了", "proof": SimpleUploadedFile("照片.jpg", b"GIF89a")}
    assert "内容与扩展名不符" in text(client.post(f"/tasks/{shown.pk}/report/", bad))
    assert (
        "when"
        not in client.post(f"/tasks/{shown.pk}/report/", {"text": "做了", "when": "1:1"}).context["form"].cleaned_data
    )
    assert not ProgressReport.objects.exists()


def test_the_redirect_after_a_decision_stays_in_the_house(task: Fetch, signed_in: SignIn, now: datetime) -> None:
    clerk = signed_in("clerk", region="140900")
    report = services.submit(by=clerk.person, task=task("xinzhou-plan", 10), text="做了", year=2026, now=now)
    reviewer = signed_in("review", region="140900")
    answer = reviewer.post(
        f"/tasks/reports/{report.pk}/decide/", {"act": "return", "reason": "补照片", "back": "https://x.example/"}
    )
    assert answer["Location"] == f"/tasks/{report.task_id}/"


@pytest.mark.parametrize("month", ["2025-12", "1999-01", "2025-13", "x", "99999-01", ""])
def test_the_calendar_and_the_month_open_for_any_query(month: str, registers: None, signed_in: SignIn) -> None:
    client = signed_in("view", region="220000")
    for page in ("/tasks/calendar/", "/tasks/month/", "/tasks/chart/"):
        assert client.get(page, {"month": month, "year": month, "register": month}).status_code == 200


def test_the_calendar_shows_each_thing_on_its_day(registers: None, signed_in: SignIn) -> None:
    answer = signed_in("view", region="220000").get("/tasks/calendar/?month=2025-12")
    days = {day: due for week in answer.context["weeks"] for day, inside, due in week if due}
    assert set(days) == {date(2025, 12, 31)}
    assert {(o.task.register.name, o.task.number) for o in days[date(2025, 12, 31)]} == {
        ("jilin-zones", 8), ("jilin-plan", 4), ("jilin-plan", 8), ("jilin-plan", 9), ("jilin-plan", 12),
        ("jilin-plan", 22), ("jilin-plan", 24),
    }  # fmt: skip


def test_the_chart_ends_its_bars_on_their_days_and_in_the_drawing(registers: None, signed_in: SignIn) -> None:
    chart = signed_in("view", region="140900").get("/tasks/chart/?year=2024").context["chart"]
    assert [line.number for line in chart.lines] == [16, 18, 19, 22]
    for line in chart.lines:
        for bar in line.bars:
            assert chart.label <= bar.x <= bar.end <= chart.width
    new_year = next(x for x, label in chart.months if label == "2026")
    assert abs(chart.lines[0].bars[0].end - new_year) < 1


def test_a_page_of_a_unit_shows_what_it_owes_and_no_other_unit(task: Fetch, signed_in: SignIn) -> None:
    unit = task("jilin-plan", 6).parts.get(role="lead").unit
    page = text(signed_in("view", region="220000").get(f"/tasks/units/{unit.pk}/?month=2030-12"))
    assert titles(page, "农水水电处", "大中型灌区续建改造", "遥感监管") == {"农水水电处", "大中型灌区续建改造"}
    page = text(signed_in("view", region="220000").get("/tasks/units/"))
    assert titles(page, "农水水电处", "县级人民政府") == {"农水水电处", "县级人民政府"}


def test_a_unit_that_only_cooperates_is_never_late(registers: None, signed_in: SignIn) -> None:
    client = signed_in("clerk", region="140900")
    led = set(TaskUnit.objects.filter(role__in=("lead", "responsible")).values_list("unit", flat=True))
    rows = client.get("/tasks/units/").context["rows"]
    only = [(unit, count) for unit, count in rows if unit.pk not in led]
    assert only
    assert any(count["late"] for _, count in rows)
    for unit, count in only:
        assert count["late"] == 0, unit
        assert "逾期未报" not in text(client.get(f"/tasks/units/{unit.pk}/?month=2026-12")), unit


def test_ones_own_month_is_that_of_the_units_that_mean_ones_organisation(task: Fetch, signed_in: SignIn) -> None:
    county, city = signed_in("view", region="140928"), signed_in("administer", region="140900")
    assert titles(text(county.get("/tasks/month/")), "各县（市、区）政府", "相关县（市、区）政府") == {
        "各县（市、区）政府",
        "相关县（市、区）政府",
    }
    assert "还没有文件点到本机构" in text(city.get("/tasks/month/"))
    unit = task("xinzhou-plan", 10).parts.get().unit
    answer = city.post(f"/tasks/units/{unit.pk}/link/", {"organisation": city.person.organisation_id}, follow=True)
    assert "对应机构已保存" in text(answer)
    assert "“互联网+监管”" in text(city.get("/tasks/month/"))


def test_the_overdue_list_and_the_ledger_are_workbooks_too(registers: None, signed_in: SignIn) -> None:
    client = signed_in("view", region="220000")
    rows = list(load_workbook(io.BytesIO(client.get("/tasks/overdue/?format=xlsx").content)).active.values)
    assert rows[0][:3] == ("文号", "序号", "任务")
    assert ("吉水保函〔2024〕5号", 8) in {row[:2] for row in rows}
    rows = list(load_workbook(io.BytesIO(client.get("/tasks/ledger/").content)).active.values)
    assert len(rows) == 1 + 8 + 34


def test_made_up_reports_are_marked_where_they_are_shown_and_exported(
    task: Fetch, signed_in: SignIn, now: datetime
) -> None:
    client, shown = signed_in("clerk", region="140900"), task("xinzhou-plan", 16)
    services.submit(
        by=client.person,
        task=shown,
        text="完成",
        year=2025,
        due=shown.dues.get(),
        finishes=True,
        now=now,
        imaginary=True,
        sure=True,
    )
    for page in (
        "/tasks/",
        f"/tasks/{shown.pk}/",
        "/tasks/waiting/",
        "/tasks/calendar/?month=2025-12",
        "/tasks/chart/?year=2024",
    ):
        assert "模拟数据" in text(client.get(page)), page
    sheet = load_workbook(io.BytesIO(client.get("/tasks/ledger/").content)).active
    assert str(sheet["A1"].value).startswith("模拟数据")


def test_the_home_page_tells_what_is_over_and_what_is_due(registers: None, signed_in: SignIn, rf: Any) -> None:
    client = signed_in("clerk", region="220122")
    request = rf.get("/")
    request.user = client.person
    panel = due(request)
    assert panel is not None
    assert {(o.task.register.name, o.task.number) for o in panel.context["late"]} == {
        ("jilin-zones", n) for n in (2, 5, 7, 8)
    }
    assert "任务：近期应办" in text(client.get("/"))
    request.user = signed_in("clerk", region="140121").person
    assert due(request) is None, "nobody owes anything there"


def test_reminders_are_read(registers: None, signed_in: SignIn, now: datetime, today: date) -> None:
    client = signed_in("clerk", region="220000")
    services.remind(now=now, today=today)
    assert "各县市年度治理任务指标分解" in text(client.get("/tasks/notices/"))
    assert "没有提醒" in text(signed_in("clerk", region="220000").get("/tasks/notices/")), "one's own only"
    client.post("/tasks/notices/read/")
    assert not Notice.objects.filter(person=client.person, read=None).exists()


def test_a_register_is_downloaded_changed_and_brought_back(task: Fetch, signed_in: SignIn) -> None:
    client = signed_in("review", region="140900")
    answer = client.get(f"/tasks/registers/{task('xinzhou-plan', 1).register_id}/workbook/")
    book = load_workbook(io.BytesIO(answer.content))
    book["文件"]["B2"] = "忻水保〔2026〕9号"
    book["任务"]["C2"] = "=1+1"
    page = text(client.post("/tasks/registers/bring-in/", {"file": as_file(book)}))
    assert "“任务”第 2 行：有公式" in page
    book["任务"]["C2"] = "改过的任务"
    page = text(client.post("/tasks/registers/bring-in/", {"file": as_file(book)}, follow=True))
    assert titles(page, "36 项任务", "草案", "忻水保〔2026〕9号") == {"36 项任务", "草案", "忻水保〔2026〕9号"}
    refused = client.post("/tasks/registers/bring-in/", {"file": SimpleUploadedFile("a.xlsx", b"text")})
    assert "不是 XLSX 工作簿" in text(refused)


def as_file(book: Any) -> SimpleUploadedFile:
    """Return a workbook as an upload."""
    out = io.BytesIO()
    book.save(out)
    return SimpleUploadedFile("台账.xlsx", out.getvalue())


def test_what_an_office_writes_is_never_markup(signed_in: SignIn, db: None) -> None:
    evil = "<script>alert(1)</script>"
    store(
        {
            "register": {"id": "evil", "title": evil, "number": "〔1〕号", "issuer": "局", "region": "140900"},
            "task": [
                {"number": 1, "title": evil, "lead": [evil[:20]], "due": [{"phrase": "2026年底前", "what": evil}]}
            ],
        }
    )
    client = signed_in("view", region="140900")
    for page in (
        "/tasks/",
        f"/tasks/{Task.objects.get().pk}/",
        "/tasks/calendar/?month=2026-12",
        "/tasks/chart/?year=2025",
        "/tasks/units/",
    ):
        assert evil not in text(client.get(page))
