"""Pages of targets: overview, one region, and what is set for it (目标页)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from bureau.access import Duty, open_to
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Level, Region
from bureau.targets import services
from bureau.targets.actuals import published
from bureau.targets.course import Shape
from bureau.targets.forecast import CONFIDENCE
from bureau.targets.forms import CourseForm
from bureau.targets.models import Proposal, Target
from bureau.targets.selectors import awaiting_approval, awaiting_proposals, members_of, target_years, year_of
from bureau.targets.standing import Standing, printed_above, standings
from bureau.workbooks import Table, about, answer_with, write_workbook

BELOW = {Level.NATION: (Level.PROVINCE,), Level.PROVINCE: (Level.COUNTY, Level.CITY), Level.CITY: (Level.COUNTY,)}
"""Levels that the table of a region shows; the first is the usual."""
SORTS: dict[str, tuple[str, Callable[[Standing], Any]]] = {
    "region": ("行政区", lambda s: s.region.code),
    "rate": ("最近公布的率", lambda s: s.figure.percent if s.figure else None),
    "due": ("当年应达", lambda s: s.due_now),
    "target": ("目标", lambda s: s.target.percent if s.target else None),
    "gap": ("差距（百分点）", lambda s: s.gap),
    "lacking": ("尚需减少（km²）", lambda s: s.lacking_km2),
    "expected": ("预测", lambda s: s.expected),
}
"""Columns by which the table can be put in order."""


def person_of(request: HttpRequest) -> Person:
    """Return who asks (当前用户)."""
    return request.user  # type: ignore[return-value]


def region_in_scope(person: Person, code: str) -> Region:
    """
    Return a region that a person may see (取可见行政区).

    Raises
    ------
    Http404
        If there is none, or it is not theirs to see.
    """
    if not (code.isascii() and code.isdigit()):
        raise Http404
    found = Region.objects.filter(code=code, code__startswith=person.scope).defer("border").first()
    if found is None:
        raise Http404
    return found


@open_to()
def overview(request: HttpRequest) -> HttpResponse:
    """Show how the members of a region stand to their targets (目标总览)."""
    person = person_of(request)
    shown = _board(request)
    rows: list[Standing] = shown["rows"]
    sort = request.GET.get("sort", "region")
    column, back = sort.removeprefix("-"), sort.startswith("-")
    if column in SORTS:
        key = SORTS[column][1]
        known = sorted((r for r in rows if key(r) is not None), key=key, reverse=back)
        shown["rows"] = known + [row for row in rows if key(row) is None]
    return render(
        request,
        "targets/overview.html",
        {
            **shown, "sort": sort, "columns": [_heading(name, label, sort) for name, (label, _) in SORTS.items()],
            "awaiting": awaiting_approval(person) if person.has_any_duty([Duty.APPROVE]) else [],
            "recorded": awaiting_proposals(person) if person.has_any_duty([Duty.APPROVE]) else [],
            "missing": sorted((r for r in rows if r.misses), key=lambda r: r.gap or 0.0),
            "above": printed_above(shown["region"]), "confidence": round(CONFIDENCE * 100),
            "ranking": [_bar(row) for row in rows if row.figure and row.target],
        },
    )  # fmt: skip


def _board(request: HttpRequest) -> dict[str, Any]:
    """Return the region that is asked for, and how it and its members stand."""
    person = person_of(request)
    region = region_in_scope(person, request.GET.get("region") or person.organisation.region_id)
    years = target_years(person)
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and int(asked) in years else year_of(region, years, timezone.localdate())
    levels = BELOW.get(Level(region.level), ())
    level = request.GET.get("level", "")
    level = level if level in levels else (levels[0] if levels else "")
    figures = published(region.prefix)
    own = standings([region], year, figures)[0]
    rows = standings(members_of(region, level), year, figures) if level else []
    if level == Level.PROVINCE:
        rows = [row for row in rows if row.targets or row.figures]
    return {
        "region": region, "year": year, "years": years, "own": own, "rows": rows, "level": level,
        "levels": [Level(each) for each in levels], "simulated": own.simulated or any(row.simulated for row in rows),
    }  # fmt: skip


def _heading(name: str, label: str, sort: str) -> dict[str, str]:
    """Return a heading that puts the table in order."""
    column, back = sort.removeprefix("-"), sort.startswith("-")
    here = column == name
    return {
        "label": label,
        "sort": f"-{name}" if here and not back else name,
        "aria": ("descending" if back else "ascending") if here else "none",
        "mark": ("↓" if back else "↑") if here else "",
        "number": "" if name == "region" else "number",
    }


def _bar(row: Standing) -> dict[str, Any]:
    """Return what the chart of members draws of one."""
    assert row.figure is not None  # noqa: S101 - only those are drawn
    assert row.target is not None  # noqa: S101
    return {
        "name": row.region.name, "rate": round(row.figure.percent, 2), "target": float(row.target.percent),
        "misses": row.misses, "year": row.figure.year,
    }  # fmt: skip


@open_to()
def overview_workbook(request: HttpRequest) -> HttpResponse:
    """Give the overview as a workbook (导出总览)."""
    shown = _board(request)
    region, year = shown["region"], shown["year"]
    rows = [shown["own"], *shown["rows"]]
    head = (
        "行政区划代码", "行政区", f"{year} 年目标（%）", "目标依据", "条款", "状态", "最近公布年", "水土保持率（%）", "区间下限（%）",
        "区间上限（%）", "当年应达（%）", "差距（百分点）", "尚需减少水土流失面积（km²）", f"{year} 年预测（%）", "预测下限（%）",
        "预测上限（%）", "判断", "数据",
    )  # fmt: skip
    notes = [
        f"{region.name}水土保持率目标与达标情况，{timezone.localdate():%Y-%m-%d} 导出。",
        "目标来自所列文件；水土保持率来自已公布的成果；预测为公布值的线性趋势，三年以上才有区间。",
    ]
    if shown["simulated"]:
        notes.append("本表含模拟数据，不反映任何地方的真实情况。")
    content = write_workbook(Table("目标", head, (_exported(row) for row in rows)), about(notes))
    return answer_with(content, f"{region.name}水土保持率目标{year}{'（模拟数据）' if shown['simulated'] else ''}")


def _exported(row: Standing) -> list[Any]:
    """Return a line of the workbook."""
    target, figure, interval = row.target, row.figure, row.interval
    return [
        row.region.code, row.region.name, target and target.percent, target and target.source, target and target.clause,
        target and target.get_status_display(), figure and figure.year, _round(figure.percent if figure else None),
        _round(figure.low if figure else None), _round(figure.high if figure else None), row.due_now, _round(row.gap),
        _round(row.lacking_km2), _round(row.expected), _round(interval and interval[0]), _round(interval and interval[1]),
        row.verdict_label, "模拟数据" if row.simulated else "",
    ]  # fmt: skip


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


@open_to()
def region(request: HttpRequest, code: str) -> HttpResponse:
    """Show a region's targets, the way to them, and where it will be (目标详情)."""
    return _region_page(request, region_in_scope(person_of(request), code))


def _region_page(request: HttpRequest, shown: Region, form: CourseForm | None = None) -> HttpResponse:
    """Show a region's targets, with the way that was filled in if it was refused."""
    person, today, code = person_of(request), timezone.localdate(), shown.code
    year = year_of(shown, target_years(person), today)
    own = standings([shown], year, published(shown.prefix))[0]
    judged = [
        each
        for each in (standings([shown], year, {code: own.figures})[0] for year in sorted(own.targets))
        if each.target
    ]
    return render(
        request,
        "targets/region.html",
        {
            "region": shown, "own": own, "judged": judged, "above": printed_above(shown), "form": form or _course_form(own),
            "earlier": Target.objects.for_person(person).filter(region=shown).over(today),
            "ahead": Target.objects.for_person(person).filter(region=shown).ahead(today),
            "may_course": person.may(Duty.CLERK, code), "may_record": person.may(Duty.CLERK, code) or person.may(Duty.APPROVE, code),
            "proposals": Proposal.objects.waiting().filter(region=shown).select_related("by"),
            "may_approve": person.may(Duty.APPROVE, code),
            "confidence": round(CONFIDENCE * 100),
        },
    )  # fmt: skip


def _course_form(own: Standing, given: QueryDict | None = None) -> CourseForm:
    """Return the form of the way to the targets; the years of targets are none of it."""
    between = [year for year in own.way if year not in own.targets and (own.base is None or year != own.base[0])]
    now = {"shape": own.shape, **{f"year_{year}": rate for year, rate in own.milestones.items()}}
    return CourseForm(given, years=between, way=own.way, initial=now)


@open_to(Duty.CLERK)
def course(request: HttpRequest, code: str) -> HttpResponse:
    """Set the way to the targets (设定年度路径)."""
    person = person_of(request)
    shown = region_in_scope(person, code)
    if request.method != "POST":
        return redirect("targets:region", code=code)
    own = standings([shown], 0, published(shown.prefix))[0]
    form = _course_form(own, request.POST)
    if form.is_valid():
        try:
            services.set_course(
                by=person, region=shown, base=own.base, shape=Shape(form.cleaned_data["shape"]), own=form.own(),
                now=timezone.now(),
            )  # fmt: skip
        except Refusal as refused:
            form.add_error(None, f"年度路径没有保存。{refused.message}")
        else:
            messages.success(request, "年度路径已保存。")
            return redirect("targets:region", code=code)
    return _region_page(request, shown, form)
