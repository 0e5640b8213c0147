"""Pages of targets: what they show, to whom, and what workbooks give and take."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from bureau.regions.models import Region
from bureau.targets.models import Decomposition, PlannedQuantity, Progress, Proposal, Target


def page(client: Any, name: str, *args: Any, **query: Any) -> str:
    response = client.get(reverse(name, args=args), query)
    assert response.status_code == 200
    return str(response.content.decode())


def told(response: Any) -> str:
    return " ".join(str(message) for message in response.context["messages"])


@pytest.fixture
def counties(xinzhou: Region) -> Region:
    for code, percent in (("140928", "65.00"), ("140932", "56.00")):
        for year in (2025, 2035):
            Target.objects.create(
                region_id=code, year=year, percent=Decimal(percent), source="测试文件", clause="附件", pack="test",
                status="verified",
            )  # fmt: skip
    return xinzhou


def test_the_overview_lists_who_will_miss_and_says_what_is_made_up(
    counties: Region, signed_in: Callable[..., Any]
) -> None:
    shown = page(signed_in("view", region="140900"), "targets:overview", year=2035)
    assert "按现有趋势到 2035 年不达标" in shown
    missing = shown.split("年不达标")[1].split("</section>")[0]
    assert "偏关县" in missing
    assert "差 5.70 个百分点" in missing
    assert "五寨县" not in missing
    assert "模拟数据" in shown


def test_the_overview_is_put_in_order_by_its_columns(counties: Region, signed_in: Callable[..., Any]) -> None:
    client = signed_in("view", region="140900")
    for sort, first in (
        ("rate", "偏关县"),
        ("-rate", "五寨县"),
        ("gap", "偏关县"),
        ("region", "五寨县"),
        ("nonsense", "五寨县"),
    ):
        table = page(client, "targets:overview", sort=sort).split('<table class="standing">')[1]
        assert re.search(r'scope="row"><a [^>]+>([^<]+)</a>', table).group(1) == first  # type: ignore[union-attr]


def test_the_charts_data_are_those_of_the_table(counties: Region, signed_in: Callable[..., Any]) -> None:
    shown = page(signed_in("view", region="140900"), "targets:region", "140932")
    data = json.loads(shown.split('id="trend-data" type="application/json">')[1].split("</script>")[0])
    assert data["actual"] == [[2022, 50.0, None, None], [2023, 50.2, None, None], [2024, 50.3, None, None]]
    assert data["targets"] == [[2025, 56.0], [2035, 56.0]]
    assert data["way"][0] == [2022, 50.0]
    assert data["way"][-1] == [2035, 56.0]
    assert [year for year, *_ in data["band"]] == list(range(2025, 2036))


def test_a_county_sees_the_printed_targets_above_it_and_not_its_neighbours(
    counties: Region, signed_in: Callable[..., Any]
) -> None:
    client = signed_in("view", region="140928")
    shown = page(client, "targets:overview")
    assert "忻州市" in shown
    assert "58.00 %" in shown
    assert "偏关县" not in shown
    assert client.get(reverse("targets:region", args=["140932"])).status_code == 404
    assert client.get(reverse("targets:overview"), {"region": "140900"}).status_code == 404


def test_the_overviews_workbook_says_what_is_made_up(counties: Region, signed_in: Callable[..., Any]) -> None:
    response = signed_in("view", region="140900").get(reverse("targets:overview_workbook"), {"year": 2035})
    book = load_workbook(io.BytesIO(response.content))
    rows = list(book["目标"].values)
    assert [row[1] for row in rows[1:]] == ["忻州市", "五寨县", "偏关县"]
    assert rows[3][2] == 56
    assert rows[3][-1] == "模拟数据"
    assert any("模拟数据" in str(row[0]) for row in book["说明"].values)


def test_a_target_is_recorded_by_its_form_and_approved_by_another(
    xinzhou: Region, signed_in: Callable[..., Any]
) -> None:
    clerk, chief = signed_in("clerk", region="140900"), signed_in("approve", region="140900")
    given = {"year": 2030, "percent": "55.5", "source": "忻政发〔2026〕2号", "clause": "二", "since": "2026-01-02"}
    address = reverse("targets:record", args=["140900"])
    assert "目标须有印发的文件" in clerk.post(address, {**given, "source": "。"}).content.decode()
    never = clerk.post(address, {**given, "since": "1990-01-01", "sure": "on"}).content.decode()
    assert "不得早于 2026-01-01" in never
    assert "核对过" not in never, "what cannot be is not asked about"
    asked = clerk.post(address, given).content.decode()
    assert "勾选“核对过”" in asked
    assert 'value="2026-01-02"' in asked
    given["sure"] = "on"
    assert clerk.post(address, given).status_code == 302
    assert not Target.objects.filter(year=2030).exists()
    made = Proposal.objects.get()
    approve, give_back = (reverse(f"targets:{act}_recorded", args=[made.pk]) for act in ("approve", "return"))
    assert "须由另一位批准人批准" in page(clerk, "targets:region", "140900")
    assert approve not in page(clerk, "targets:region", "140900")
    assert approve in page(chief, "targets:region", "140900")
    assert give_back in page(chief, "targets:region", "140900")
    assert "已录入，待您批准" in page(chief, "targets:overview")
    assert "录入待批准" in page(chief, "home")
    assert clerk.post(approve).status_code == 403
    assert "没有写退回理由" in told(chief.post(give_back, {}, follow=True))
    assert "已批准，为现行目标" in told(chief.post(approve, follow=True))
    assert str(Target.objects.in_force().get(year=2030).percent) == "55.50"
    again = clerk.post(reverse("targets:record", args=["140900"]), given)
    assert "不需要再录" in again.content.decode()


def test_the_way_is_chosen_on_the_page_of_a_region(counties: Region, signed_in: Callable[..., Any]) -> None:
    client = signed_in("clerk", region="140900")
    address = reverse("targets:course", args=["140932"])
    assert "已保存" in told(client.post(address, {"shape": "front_loaded"}, follow=True))
    assert "先快后慢" in page(client, "targets:region", "140932")
    assert "年度路径没有保存。自定路径缺少" in client.post(address, {"shape": "own"}).content.decode()
    assert "“形状”请在列出的选项中选择" in client.post(address, {"shape": "round"}).content.decode()
    wrong = client.post(
        address, {"shape": "own", "year_2027": "101", "year_2028": "五十", "year_2029": "51.234"}
    ).content.decode()
    for said in (
        "“2027 年（%）”填的是 101，应在 0 到 100 之间",
        "“2028 年（%）”应为数字",
        "“2029 年（%）”至多 2 位小数",
        'value="五十"',
    ):
        assert said in wrong


def test_a_target_is_divided_changed_submitted_and_put_in_force_in_the_browser(
    counties: Region, signed_in: Callable[..., Any]
) -> None:
    clerk, chief = signed_in("clerk", region="140900"), signed_in("approve", region="140000")
    target = Target.objects.in_force().get(region=counties, year=2035)
    given = {"target": target.pk, "level": "county", "method": "treatable", "keep_present": "on"}
    clerk.post(reverse("targets:begin"), given)
    made = Decomposition.objects.get()
    assert "没有闭合" in page(
        clerk, "targets:decomposition", made.pk
    )  # the counties' targets of 2025 lie above the city's
    line = made.lines.get(region_id="140928")
    assert "各地都在下限，按面积加权已有 58.25 %" in page(clerk, "targets:decomposition", made.pk)
    made.lines.update(in_force_before=None)
    clerk.post(reverse("targets:revise", args=[made.pk]), {"method": "equal", "keep_present": "on"})
    partial = clerk.post(
        reverse("targets:revise", args=[made.pk]),
        {"method": "equal", "keep_present": "on", f"percent_{line.pk}": "70.00"},
        headers={"HX-Request": "true"},
    ).content.decode()
    assert "<html" not in partial
    assert "闭合到 0.01 %" in partial
    line.refresh_from_db()
    assert (line.held, str(line.percent)) == (True, "70.00")
    wrong = clerk.post(reverse("targets:revise", args=[made.pk]), {f"percent_{line.pk}": "x"}, follow=True)
    assert "不是数" in wrong.content.decode()
    clerk.post(reverse("targets:submit", args=[made.pk]))
    assert "待您批准" in page(chief, "targets:overview")
    assert "没有写退回理由" in told(chief.post(reverse("targets:send_back", args=[made.pk]), {}, follow=True))
    chief.post(reverse("targets:approve", args=[made.pk]))
    force, given = (
        reverse("targets:put_in_force", args=[made.pk]),
        {"document": "忻水〔2026〕3号", "since": "1990-01-01"},
    )
    assert "不得早于 2026-01-01" in chief.post(force, given).content.decode()
    asked = chief.post(force, {**given, "since": "2026-02-01"}).content.decode()
    assert "勾选“核对过”" in asked
    assert 'value="忻水〔2026〕3号"' in asked
    chief.post(force, {**given, "since": "2026-02-01", "sure": "on"})
    made.refresh_from_db()
    assert made.state == "in_force"
    assert Target.objects.in_force().get(region_id="140928", year=2035).percent == 70
    assert "已生效" in page(clerk, "targets:decompositions")


COLUMNS = ("行政区划代码", "现状率（%）", "可治理面积（km²）", "固定目标（%）")


def filled(*rows: list[Any]) -> SimpleUploadedFile:
    book, held = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(held)
    return SimpleUploadedFile("填写.xlsx", held.getvalue())


def test_a_decompositions_workbook_comes_back_filled_in(
    begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client = begin(), signed_in("clerk", region="140900")
    given = client.get(reverse("targets:decomposition_workbook", args=[made.pk]))
    book = load_workbook(io.BytesIO(given.content))
    sheet = book["目标分解"]
    assert [cell.value for cell in sheet[2]][:2] == ["140928", "五寨县"]
    assert any("草案" in str(row[0]) for row in book["说明"].values)
    sheet.cell(2, 9).value = 63.03
    sheet.cell(3, 4).value = 50.1
    sheet.cell(3, 5).value = "县填报 2025"
    held = io.BytesIO()
    book.save(held)
    address = reverse("targets:decomposition_import", args=[made.pk])
    assert "已导入" in told(
        client.post(address, {"workbook": SimpleUploadedFile("b.xlsx", held.getvalue())}, follow=True)
    )
    rows = {line.region_id: line for line in made.lines.all()}
    assert (rows["140928"].held, str(rows["140928"].percent)) == (True, "63.03")
    assert (str(rows["140932"].base), rows["140932"].base_source) == ("50.1000", "县填报 2025")
    assert str(rows["140932"].percent) == "50.99"


def test_a_workbook_with_a_lone_cell_far_out_is_read_within_bounds(
    begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client, held = begin(), signed_in("clerk", region="140900"), io.BytesIO()
    book = Workbook()
    book.active.cell(1_048_576, 16_384).value = 1
    book.save(held)
    address = reverse("targets:decomposition_import", args=[made.pk])
    said = client.post(address, {"workbook": SimpleUploadedFile("far.xlsx", held.getvalue())}).content.decode()
    assert "第一行缺少列" in said or "超过 5000 行" in said


@pytest.mark.parametrize("given", ["1e40", "NaN", "-Infinity", "1" * 40])
def test_numbers_that_are_none_are_refused(
    given: str, begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client = begin(), signed_in("clerk", region="140900")
    for name in ("percent", "base", "treatable"):
        line = made.lines.first()
        changed = {f"percent_{line.pk}": "62.03", f"{name}_{line.pk}": given}
        assert "不是数" in client.post(reverse("targets:revise", args=[made.pk]), changed).content.decode()


@pytest.mark.parametrize(
    "query", [{"year": "²"}, {"region": "\x01"}, {"region": "14'"}, {"level": "x", "year": "9" * 30}]
)
def test_odd_queries_are_answered(query: dict[str, str], xinzhou: Region, signed_in: Callable[..., Any]) -> None:
    assert signed_in("view", region="140900").get(reverse("targets:overview"), query).status_code in (200, 404)


@pytest.mark.parametrize(
    "upload, said",
    [
        (lambda: SimpleUploadedFile("a.xlsx", b"PK no"), "不是 XLSX 工作簿"),
        (lambda: filled(["行政区", "值"], ["x", 1]), "第一行缺少列"),
        (lambda: filled([*COLUMNS], ["220122", 1, 1, 1]), "不在这份分解内"),
        (lambda: filled([*COLUMNS], ["140928", "多", 1, 1]), "不是数"),
        (lambda: filled([*COLUMNS], ["五寨", 1, 1, 1]), "不是六位或九位"),
        (lambda: filled([*COLUMNS], [], ["140928", 61, 1, 62.034]), "62.034 小数过多；至多 2 位小数"),
        (lambda: filled([*COLUMNS], ["140928", "", 1, ""]), "原为 61.0000，现在空着"),
        (lambda: filled([*COLUMNS], ["140928", "=1+1", 1, 1]), "是公式 =1+1"),
    ],
)  # fmt: skip
def test_a_workbook_that_cannot_be_read_changes_nothing(
    upload: Callable[[], Any], said: str, begin: Callable[..., Any], signed_in: Callable[..., Any]
) -> None:
    made, client = begin(), signed_in("clerk", region="140900")
    address = reverse("targets:decomposition_import", args=[made.pk])
    assert said in client.post(address, {"workbook": upload()}).content.decode()
    assert [str(line.percent) for line in made.lines.all()] == ["62.03", "51.32"]


@pytest.fixture
def dams(db: Any) -> PlannedQuantity:
    return PlannedQuantity.objects.create(
        region_id="140900", code="dams", title="淤地坝", amount=170, unit="座", sense="at_least", source="文件", clause="四",
        contradiction="正文与附件不同",
    )  # fmt: skip


def test_progress_is_reported_withdrawn_and_exported(dams: PlannedQuantity, signed_in: Callable[..., Any]) -> None:
    client = signed_in("clerk", region="140928")
    given = {"region": "140928", "amount": "3", "on": "2025-06-01", "evidence": "=cmd()"}
    client.post(reverse("targets:quantity", args=[dams.pk]), given)
    entry = Progress.objects.get()
    shown = page(client, "targets:quantity", dams.pk)
    assert "正文与附件不同" in shown
    assert "只计五寨县完成的部分" in shown
    refused = client.post(reverse("targets:quantity", args=[dams.pk]), {**given, "on": "2999-01-01"})
    assert "请填实际完成的日期" in refused.content.decode()
    client.post(reverse("targets:withdraw", args=[entry.pk]), {"reason": "重复"})
    assert "已撤销：重复" in page(client, "targets:quantity", dams.pk)
    rows = list(load_workbook(io.BytesIO(client.get(reverse("targets:quantities_workbook")).content))["任务量"].values)
    assert rows[1][:5] == ("忻州市", "淤地坝", 170, "座", "以上")


def test_a_doubtful_report_is_asked_about_and_confirmed_by_another(
    dams: PlannedQuantity, signed_in: Callable[..., Any]
) -> None:
    clerk, reviewer = signed_in("clerk", region="140928"), signed_in("review", region="140900")
    address = reverse("targets:quantity", args=[dams.pk])
    assert "核对过，确实如此" not in page(clerk, "targets:quantity", dams.pk)
    given = {"region": "140928", "amount": "171", "on": "2025-06-01", "evidence": "验收"}
    asked = clerk.post(address, given).content.decode()
    assert "五寨县合计 171 座，超过忻州市的计划 170 座" in asked
    assert "核对过，确实如此" in asked
    clerk.post(address, {**given, "sure": "on", "because": "超额"})
    entry = Progress.objects.get()
    shown = page(reviewer, "targets:quantity", dams.pk)
    assert "待确认 1 条" in shown
    assert "原因：超额" in shown
    reviewer.post(reverse("targets:confirm", args=[entry.pk]))
    assert "已确认" in page(clerk, "targets:quantity", dams.pk)
    again = clerk.post(reverse("targets:withdraw", args=[entry.pk]), {"reason": "错"}, follow=True)
    assert "不能自行撤销" in told(again)
    assert "全部的，没有分到各地" in page(clerk, "targets:quantity", dams.pk)


def test_a_number_too_long_is_told_in_plain_words(dams: PlannedQuantity, signed_in: Callable[..., Any]) -> None:
    given = {"region": "140928", "amount": "1" * 20, "on": "2025-06-01", "evidence": "验收"}
    shown = signed_in("clerk", region="140928").post(reverse("targets:quantity", args=[dams.pk]), given)
    assert "数太大：最多 12 位整数" in shown.content.decode()


def test_who_only_looks_may_not_report(dams: PlannedQuantity, signed_in: Callable[..., Any]) -> None:
    client = signed_in("view", region="140928")
    given = {"region": "140928", "amount": "3", "on": "2025-06-01", "evidence": "x"}
    assert "填报进展" not in client.post(reverse("targets:quantity", args=[dams.pk]), given).content.decode()
    assert not Progress.objects.exists()


def test_progress_is_taken_from_the_template_all_or_none_and_every_fault_has_its_row(
    dams: PlannedQuantity, signed_in: Callable[..., Any]
) -> None:
    client = signed_in("clerk", region="140900")
    sheet, address = (reverse(f"targets:quantity_{act}", args=[dams.pk]) for act in ("sheet", "import"))
    assert sheet in page(client, "targets:quantity", dams.pk)
    given = load_workbook(io.BytesIO(client.get(sheet).content))["填报"]
    head, *rows = ([cell.value for cell in row] for row in given.iter_rows())
    assert head == ["行政区划代码", "行政区", "任务量", "计量单位", "本次完成量", "完成日期", "依据", "原因"]
    assert ["140928", "五寨县", "淤地坝", "座", None, None, None, None] in rows
    assert {row[0][:4] for row in rows} == {"1409"}
    own = load_workbook(io.BytesIO(signed_in("clerk", region="140928").get(sheet).content))["填报"]
    assert [row[0].value for row in own.iter_rows(min_row=2)] == ["140928"]

    def bring(*rows: list[Any]) -> str:
        return str(client.post(address, {"workbook": filled(head, *rows)}, follow=True).content.decode())

    five, west = ["140928", "五寨县", "淤地坝", "座"], ["140932", "偏关县", "淤地坝", "座"]
    wrong = bring(
        [*five, 2, "2025-06-01", "验收", ""], [*west, "", "", "", ""], [*west, 3, "去年", "验收", ""], [*five, "", "", "验收", ""],
        [*west, 2.5, "2025-06-01", "验收", ""], [*west, 1, "2999-01-01", "验收", ""], [*west, 1, "2025-06-01", "。", ""],
        ["220122", "", "", "", 1, "2025-06-01", "验收", ""], [*west[:2], "梯田", "座", 1, "2025-06-01", "验收", ""],
        [*west, "=1+1", "2025-06-01", "验收", ""], [*west, 171, "2025-06-01", "验收", ""], [*five, 2, "2025-06-01", "验收", ""],
    )  # fmt: skip
    assert "10 处不合要求" in wrong
    for row, said in (
        (4, "“完成日期”写的是“去年”，不是日期"), (5, "没有填“本次完成量”"), (6, "没有 2.5 座"), (7, "在今天"), (8, "没有写明依据"),
        (9, "220122 不在您的数据范围内"), (10, "“任务量”写的是“梯田”"), (12, "超过忻州市的计划"), (13, "已填报过"),
    ):  # fmt: skip
        assert re.search(f"<li>第 {row} 行：[^<]*{said}", wrong), said
    assert "<li>第 11 行“本次完成量”是公式 =1+1" in wrong
    assert not Progress.objects.exists()
    assert "没有一行填了进展" in bring(five, west)
    done = bring([140928.0, "", "", "", "２", "2025年6月1日", "验收", ""], [*west, 3, date(2025, 7, 1), "验收", ""])
    assert "已导入 2 条" in done
    assert sorted(Progress.objects.values_list("amount", "on")) == [(2, date(2025, 6, 1)), (3, date(2025, 7, 1))]


def test_what_cannot_be_is_told_before_a_reason_is_asked_for(
    dams: PlannedQuantity, signed_in: Callable[..., Any]
) -> None:
    client, address = signed_in("clerk", region="140928"), reverse("targets:quantity", args=[dams.pk])
    given = {"region": "140928", "amount": "171", "on": "2999-06-01", "evidence": "验收"}
    never = client.post(address, given).content.decode()
    assert "请填实际完成的日期" in never
    assert "核对过" not in never
    assert "不能只有标点" in client.post(address, {**given, "evidence": "."}).content.decode()
    doubtful = {**given, "on": "2025-06-01"}
    assert "请勾选并写明原因" in client.post(address, doubtful).content.decode()
    assert "还没有写原因" in client.post(address, {**doubtful, "sure": "on", "because": "。"}).content.decode()
    assert "还没有勾选“核对过”" in client.post(address, {**doubtful, "because": "超额"}).content.decode()
    kept = client.post(address, {**given, "sure": "on", "because": "超额"}).content.decode()
    assert "超额</textarea>" in kept, "what was written is not lost"
    assert not Progress.objects.exists()


def test_what_a_reviewer_takes_back_is_called_returned_and_what_a_clerk_does_withdrawn(
    dams: PlannedQuantity, signed_in: Callable[..., Any]
) -> None:
    clerk, reviewer = signed_in("clerk", region="140928"), signed_in("review", region="140900")
    given = {"region": "140928", "amount": "3", "on": "2025-06-01", "evidence": "验收"}
    for client, word in ((reviewer, "退回"), (clerk, "撤销")):
        clerk.post(reverse("targets:quantity", args=[dams.pk]), given)
        address = reverse("targets:withdraw", args=[Progress.objects.standing().get().pk])
        assert f">{word}</button>" in page(client, "targets:quantity", dams.pk)
        assert f"没有写{word}理由" in told(client.post(address, {"reason": "."}, follow=True))
        assert f"已{word}，不再计入" in told(client.post(address, {"reason": "数不对"}, follow=True))
        assert f"已{word}：数不对" in page(clerk, "targets:quantity", dams.pk)


def test_the_home_page_shows_rates_and_quantities(
    counties: Region, dams: PlannedQuantity, signed_in: Callable[..., Any]
) -> None:
    shown = page(signed_in("view", region="140900"), "home")
    assert "水土保持率目标" in shown
    assert "规划任务量" in shown


def test_a_target_of_the_city_for_a_year_of_its_own_does_not_hide_what_its_counties_look_to(
    counties: Region, signed_in: Callable[..., Any]
) -> None:
    Target.objects.create(region=counties, year=2030, percent=Decimal(56), source="市的文件", status="decided")
    county = signed_in("clerk", region="140928")
    assert "2035 年目标</dt><dd>65.00 %" in page(county, "home")
    assert "2035 年目标" in page(county, "targets:overview")
    assert "2035 年目标" in page(county, "targets:region", "140928")
    assert "2030 年目标" in page(signed_in("clerk", region="140900"), "home")


def test_only_years_in_which_all_counties_were_published_count_for_the_city(db: Any, monkeypatch: Any) -> None:
    from dataclasses import replace

    from tests.bureau.targets.conftest import figure

    from bureau.targets.actuals import published

    partial = replace(figure("140900", 2024, 60.0), complete=False)
    monkeypatch.setattr("bureau.targets.actuals.rates", lambda prefix: [partial, figure("140900", 2023, 59.0)])
    assert list(published("1409")["140900"]) == [2023]


def test_no_page_carries_a_script_of_its_own(counties: Region, signed_in: Callable[..., Any]) -> None:
    client = signed_in("clerk", "approve", region="140900")
    for name, args in (("targets:overview", ()), ("targets:region", ("140928",)), ("targets:quantities", ())):
        shown = page(client, name, *args)
        for script in re.findall(r"<script[^>]*>", shown):
            assert "src=" in script or 'type="application/json"' in script
        assert not re.search(r"\son[a-z]+=", shown)


def test_a_province_is_told_whose_figures_it_sees_and_which_county_is_meant(
    xinzhou: Region, signed_in: Callable[..., Any]
) -> None:
    PlannedQuantity.objects.create(
        region_id="140900", code="dams", title="淤地坝", amount=170, unit="座", sense="at_least", source="文件", clause="四",
        due=date(2025, 12, 31),
    )  # fmt: skip
    client = signed_in("view", region="140000")
    home = client.get("/").content.decode()
    assert '<span class="tag">忻州市</span>' in home
    assert '<span class="tag">忻州市</span>' not in signed_in("view", region="140900").get("/").content.decode()
    counties = client.get(reverse("targets:overview"), {"level": "county"}).content.decode()
    assert "忻州市 140928" in counties
    assert "太原市 140121" in counties
