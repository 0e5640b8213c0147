"""Pages on which years are settled (年度核定页)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.pages.faults import text_in
from bureau.refusal import Refusal
from bureau.regions.models import Level, Region
from bureau.targets import years as settling
from bureau.targets.actuals import Figures, published
from bureau.targets.forms import ReasonForm
from bureau.targets.models import YearEnd
from bureau.targets.selectors import members_of
from bureau.targets.views import BELOW, person_of, region_in_scope
from bureau.workbooks import Table, about, answer_with, write_workbook


def _shown(request: HttpRequest, given: QueryDict) -> dict[str, Any]:
    """Return the region and year that are asked for, and the years of the regions below; of a county its own."""
    person, today = person_of(request), timezone.localdate()
    region = region_in_scope(person, given.get("region") or person.organisation.region_id)
    levels = BELOW.get(Level(region.level), ())
    level = given.get("level", "")
    level = level if level in levels else (levels[0] if levels else "")
    figures = published(region.prefix)
    years = _years(figures, region)
    asked = given.get("year", "")
    year = (
        int(asked)
        if asked.isascii() and asked.isdecimal() and int(asked) in years
        else max(years, default=today.year - 1)
    )
    rows = settling.year_rows(members_of(region, level) if level else [region], year, figures)
    if level == Level.PROVINCE:
        rows = [row for row in rows if row.asked is not None or row.figure is not None]
    return {"region": region, "year": year, "years": years, "rows": rows, "level": level, "below": bool(level)}


def _years(figures: Figures, region: Region) -> list[int]:
    """Return the years of which something was published or settled, and that are over."""
    known = {year for by_year in figures.values() for year in by_year}
    known |= set(YearEnd.objects.filter(region__code__startswith=region.prefix).values_list("year", flat=True))
    return sorted(year for year in known if year < timezone.localdate().year)


@open_to()
def years(request: HttpRequest) -> HttpResponse:
    """Show how a year ended in the regions below (年度核定)."""
    person = person_of(request)
    return _page(request, _shown(request, request.GET), {}, person.has_any_duty([Duty.REVIEW]))


def _page(request: HttpRequest, shown: dict[str, Any], remarks: dict[str, str], reviews: bool) -> HttpResponse:
    """Show a year with the remarks that were written."""
    person, region = person_of(request), shown["region"]
    rows: list[settling.YearRow] = shown["rows"]
    reopened = YearEnd.objects.filter(
        region__in=[row.region for row in rows], year=shown["year"], reopened__isnull=False
    )
    counts = {
        "settled": sum(row.end is not None for row in rows), "met": sum(row.met is True for row in rows),
        "short": sum(row.met is False for row in rows), "unknown": sum(row.met is None for row in rows),
    }  # fmt: skip
    context = {
        **shown, **counts, "lines": [(row, remarks.get(row.region.code, "")) for row in rows],
        "may_settle": reviews and shown["below"] and person.may(Duty.REVIEW, region.code) and any(r.open for r in rows),
        "may_reopen": shown["below"] and person.may(Duty.APPROVE, region.code),
        "reopened": reopened.select_related("region", "by", "reopened_by").defer("region__border"),
        "simulated": any((row.figure and row.figure.simulated) or (row.end and row.end.simulated) for row in rows),
    }  # fmt: skip
    return render(request, "targets/years.html", context)


@require_POST
@open_to(Duty.REVIEW)
def settle(request: HttpRequest) -> HttpResponse:
    """Settle the year that is shown (核定)."""
    person = person_of(request)
    shown = _shown(request, request.POST)
    remarks = {row.region.code: request.POST.get(f"remark_{row.region.code}", "") for row in shown["rows"]}
    try:
        made = settling.settle(
            by=person, region=shown["region"], year=shown["year"], rows=shown["rows"], remarks=remarks,
            now=timezone.now(), today=timezone.localdate(),
        )  # fmt: skip
    except Refusal as refused:
        messages.error(request, refused.message)
        if refused.code == "no-remark":
            return _page(request, shown, remarks, reviews=True)
    else:
        messages.success(request, f"{shown['year']} 年已核定 {len(made)} 处。")
    return redirect(
        f"{reverse('targets:years')}?region={shown['region'].code}&year={shown['year']}&level={shown['level']}"
    )


@require_POST
@open_to(Duty.APPROVE)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Reopen a year of a region (重开)."""
    person = person_of(request)
    end = get_object_or_404(YearEnd.objects.for_person(person).select_related("region").defer("region__border"), pk=pk)
    form = ReasonForm(request.POST)
    try:
        settling.reopen(by=person, end=end, reason=text_in(form, "reason"), now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{end.region.name} {end.year} 年已重开，可以重新核定；原核定留作记录。")
    return redirect(f"{reverse('targets:years')}?year={end.year}")


@open_to()
def workbook(request: HttpRequest) -> HttpResponse:
    """Give a year as a workbook (导出年度核定)."""
    shown = _shown(request, request.GET)
    head = (
        "行政区划代码", "行政区", "年份", "应达（%）", "应达依据", "公布的率（%）", "区间下限（%）", "区间上限（%）", "差距（百分点）",
        "判断", "核定", "核定人", "核定日期", "说明", "成果版本", "数据",
    )  # fmt: skip
    notes = [
        f"{shown['region'].name}下级 {shown['year']} 年水土保持率核定，{timezone.localdate():%Y-%m-%d} 导出。",
        "应达：目标年取目标，其余取年度路径；起点已高于目标的不得倒退，取起点；已核定的为核定时的数，未核定的为现行成果。",
    ]
    made_up = any((row.figure and row.figure.simulated) or (row.end and row.end.simulated) for row in shown["rows"])
    if made_up:
        notes.append("本表含模拟数据，不反映任何地方的真实情况。")
    content = write_workbook(Table("年度核定", head, [_line(row) for row in shown["rows"]]), about(notes))
    return answer_with(content, f"{shown['region'].name}{shown['year']}年度核定{'（模拟数据）' if made_up else ''}")


def _line(row: settling.YearRow) -> list[Any]:
    """Return a line of the workbook."""
    end, figure = row.end, row.figure
    asked = end.asked if end else row.asked
    rate = end.percent if end else row.rate
    low, high = (end.low, end.high) if end else ((figure.low, figure.high) if figure else (None, None))
    made_up = (end.simulated if end else False) or (figure.simulated if figure else False)
    return [
        row.region.code, row.region.name, row.year, asked, row.ground, rate,
        low, high, row.gap, "" if row.met is None else "达到" if row.met else "未达到", "已核定" if end else "未核定",
        end.by.name if end else "", end.at.date() if end else "", end.remark if end else "",
        end.version if end else figure.version if figure else "", "模拟数据" if made_up else "",
    ]  # fmt: skip
