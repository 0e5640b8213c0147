"""Pages of dividing a target (目标分解页)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.office.models import Person
from bureau.pages.faults import text_in
from bureau.refusal import Refusal
from bureau.targets import decomposing
from bureau.targets.actuals import published
from bureau.targets.closing import LABELS, Method, mean_of
from bureau.targets.decomposition_sheet import write_sheet
from bureau.targets.forms import BeginForm, InForceForm, ReasonForm, WorkbookForm
from bureau.targets.lines import Collision, lines_of, trouble_of
from bureau.targets.models import Decomposition, Line
from bureau.targets.revising import changes_in, keep_typed, others_changed, said_of, settings_in
from bureau.targets.views import person_of
from bureau.workbooks import WrongRows, answer_with

State = Decomposition.State


@dataclass(frozen=True)
class Sum:
    """
    What the lines come to (合计).

    Attributes
    ----------
    mean : Decimal or None
        Area-weighted mean, percent; None while a line has none.
    gap : Decimal or None
        ``mean`` less the target, percentage points.
    base : Decimal or None
        Area-weighted mean of the present rates, percent.
    area_km2, to_treat_km2 : Decimal
    """

    mean: Decimal | None
    gap: Decimal | None
    base: Decimal | None
    area_km2: Decimal
    to_treat_km2: Decimal


def sum_of(decomposition: Decomposition, lines: list[Line]) -> Sum:
    """Return what the lines come to (合计)."""
    given = [(line.area_m2, line.percent) for line in lines if line.percent is not None]
    based = [(line.area_m2, line.base) for line in lines if line.base is not None]
    mean = _decimal(mean_of(given)) if len(given) == len(lines) else None
    return Sum(
        mean=mean,
        gap=None if mean is None else mean - decomposition.percent,
        base=_decimal(mean_of(based)) if len(based) == len(lines) else None,
        area_km2=Decimal(sum(line.area_m2 for line in lines)) / 10**6,
        to_treat_km2=sum((line.to_treat_km2 or Decimal(0) for line in lines), Decimal(0)),
    )


def _decimal(value: Any) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal("0.0001"))


def _found(request: HttpRequest, pk: int) -> Decomposition:
    """Return a decomposition that the person may see."""
    seen = Decomposition.objects.for_person(person_of(request)).select_related(
        "region", "made_by", "submitted_by", "approved_by"
    )
    return get_object_or_404(seen.defer("region__border"), pk=pk)


@open_to()
def listing(request: HttpRequest) -> HttpResponse:
    """Show all decompositions (目标分解)."""
    person = person_of(request)
    found = Decomposition.objects.for_person(person).select_related("region", "made_by").defer("region__border")
    return render(
        request, "targets/decompositions.html", {"found": found, "may_begin": person.has_any_duty([Duty.CLERK])}
    )


@open_to(Duty.CLERK)
def begin(request: HttpRequest) -> HttpResponse:
    """Begin to divide a target (起草分解)."""
    person = person_of(request)
    form = BeginForm(request.POST or None, by=person)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        target = given["target"]
        try:
            made = decomposing.begin(
                by=person, region=target.region, year=target.year, method=Method(given["method"]), now=timezone.now(),
                figures=published(target.region.prefix), keep_present=given["keep_present"],
                level=given["level"] if target.region.level == "province" else None,
            )  # fmt: skip
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("targets:decomposition", pk=made.pk)
    return render(
        request,
        "targets/form.html",
        {
            "form": form, "title": "分解目标", "action": "开始分解", "back": reverse("targets:decompositions"),
            "lead": "把一级的目标分给下级：按面积加权的平均值正好等于本级目标（到 0.01 %），不低于现状，不超过可治理的上限。",
        },
    )  # fmt: skip


@open_to()
def decomposition(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a decomposition; a draft can be changed here (目标分解)."""
    return render(request, "targets/decomposition.html", _page(request, _found(request, pk)))


def _page(
    request: HttpRequest, shown: Decomposition, refused: str = "", told: str = "", force_form: InForceForm | None = None
) -> dict[str, Any]:
    """Return what the page of a decomposition shows."""
    person, today = person_of(request), timezone.localdate()
    lines = lines_of(shown)
    trouble = trouble_of(shown, lines) if shown.is_draft else None
    approves = person.may(Duty.APPROVE, shown.region_id)
    clerk = person.may(Duty.CLERK, shown.region_id)
    return {
        "shown": shown, "lines": lines, "sum": sum_of(shown, lines), "trouble": trouble, "refused": refused, "told": told,
        "method_wanted": shown.method, "keep_wanted": shown.keep_present,
        "methods": [(method.value, LABELS[method]) for method in Method],
        "may_change": clerk and shown.is_draft,
        "may_approve": approves and shown.state == State.SUBMITTED,
        "is_own": person.pk in (shown.made_by_id, shown.submitted_by_id),
        "may_force": approves and shown.state == State.APPROVED,
        "may_discard": (clerk and shown.is_draft) or (approves and shown.state == State.APPROVED),
        "force_form": force_form or InForceForm(today=today), "import_form": WorkbookForm(),
        "ahead": shown.in_force is not None and shown.in_force > today,
    }  # fmt: skip


@require_POST
@open_to(Duty.CLERK)
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """Change counties or the method; the rest closes again (修改分解)."""
    shown = _found(request, pk)
    lines, refused, done, theirs = lines_of(shown), None, "", []
    try:
        mine, settings = changes_in(request.POST, lines), settings_in(request.POST, shown)
        theirs = others_changed(request.POST, lines, mine)
        decomposing.revise(by=person_of(request), decomposition=shown, changes=mine, **settings)
        done = _closed_again(shown, said_of(mine, lines, settings))
    except Refusal as refusal:
        refused = refusal
    told = f"您打开本页之后，别人改了{'、'.join(theirs)}；已按现值显示。" if theirs else ""
    swaps = bool(request.headers.get("HX-Request"))
    if refused is None and not swaps:
        messages.success(request, done + told)
        return redirect("targets:decomposition", pk=pk)
    page = _page(request, _found(request, pk), refused.message if refused else "", done + told)
    if refused is not None:
        keep_typed(request.POST, page["lines"])
        page |= {
            "both": refused.keys if isinstance(refused, Collision) else (),
            "method_wanted": request.POST.get("method") or page["shown"].method,
            "keep_wanted": "keep_present" in request.POST if "method" in request.POST else shown.keep_present,
        }
    return render(request, "targets/lines.html" if swaps else "targets/decomposition.html", page)


def _closed_again(shown: Decomposition, changed: str) -> str:
    """Return what closing again came to, in words."""
    if not changed:
        return "没有改动，各地目标照旧。"
    if trouble_of(shown, lines_of(shown)) is not None:
        return f"已保存对{changed}的修改，还不能闭合，原因见下。"
    return f"已按对{changed}的修改重新闭合，各地加权等于本级目标。"


def _act(request: HttpRequest, pk: int, act: Callable[[Person, Decomposition], Any], said: str) -> HttpResponse:
    """Do something to a decomposition, and go back to it."""
    shown = _found(request, pk)
    try:
        act(person_of(request), shown)
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect("targets:decomposition", pk=pk)


@require_POST
@open_to(Duty.CLERK)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Submit a draft (提交分解)."""
    return _act(
        request,
        pk,
        lambda by, shown: decomposing.submit(by=by, decomposition=shown, now=timezone.now()),
        "已提交，待另一人批准。",
    )


@require_POST
@open_to(Duty.APPROVE)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a submitted one back (退回分解)."""
    form = ReasonForm(request.POST)
    return _act(
        request,
        pk,
        lambda by, shown: decomposing.send_back(by=by, decomposition=shown, reason=text_in(form, "reason")),
        "已退回起草人。",
    )


@require_POST
@open_to(Duty.APPROVE)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a submitted one (批准分解)."""
    return _act(
        request,
        pk,
        lambda by, shown: decomposing.approve(by=by, decomposition=shown, now=timezone.now()),
        "已批准；印发后请办理生效。",
    )


@require_POST
@open_to(Duty.APPROVE)
def put_in_force(request: HttpRequest, pk: int) -> HttpResponse:
    """Put an approved one in force (分解生效)."""
    shown, today = _found(request, pk), timezone.localdate()
    form = InForceForm(request.POST, today=today, year=shown.year)
    if not form.is_valid() and shown.state == State.APPROVED:
        return render(request, "targets/decomposition.html", _page(request, shown, force_form=form))
    given = form.cleaned_data
    document, since = given.get("document", ""), given.get("since", today)
    return _act(
        request, pk,
        lambda by, held: decomposing.put_in_force(
            by=by, decomposition=held, document=document, since=since, today=today, sure=given.get("sure", False)
        ),
        f"已办理，各地目标自 {since} 起执行。" if since > today else "已生效，各地目标已更新。",
    )  # fmt: skip


@require_POST
@open_to(Duty.CLERK, Duty.APPROVE)
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Discard one that is not in force (作废分解)."""
    return _act(request, pk, lambda by, shown: decomposing.discard(by=by, decomposition=shown), "已作废。")


@open_to()
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a decomposition as a workbook; it can be filled in and taken back (导出分解)."""
    shown = _found(request, pk)
    lines = lines_of(shown)
    contents = write_sheet(shown, lines, sum_of(shown, lines).mean)
    return answer_with(contents, f"{shown}{'（模拟数据）' if shown.simulated else ''}")


@require_POST
@open_to(Duty.CLERK)
def take_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a workbook that was filled in, all or none (导入分解)."""
    shown = _found(request, pk)
    form, wrong = WorkbookForm(request.POST, request.FILES), []
    if form.is_valid():
        try:
            changes = decomposing.bring_in(
                by=person_of(request), decomposition=shown, upload=form.cleaned_data["workbook"]
            )
        except Refusal as refused:
            wrong = refused.rows if isinstance(refused, WrongRows) else []
            if not wrong:
                form.add_error(None, f"工作簿没有导入。{refused.message}")
        else:
            done = _closed_again(shown, said_of(changes, lines_of(shown), {}))
            messages.success(request, f"工作簿已导入。{done}" if changes else "工作簿与现值相同，没有改动。")
            return redirect("targets:decomposition", pk=pk)
    page = _page(request, _found(request, pk)) | {"import_form": form, "wrong_cells": wrong}
    return render(request, "targets/decomposition.html", page)
