"""Pages of patches that are brought in (图斑入库页)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bureau.access import Duty, open_to
from bureau.commissions import patches
from bureau.commissions.forms import JudgeForm
from bureau.commissions.models import PatchBatch
from bureau.commissions.patch_forms import MeaningForm, PatchesForm
from bureau.commissions.views import SHOWN
from bureau.office.models import Person
from bureau.pages.faults import text_in
from bureau.pages.parts import all_anew, asks_for
from bureau.publications.patch_words import dictionary, fields, label, told
from bureau.refusal import Refusal
from bureau.regions.models import Region


@require_safe
@open_to()
def listed(request: HttpRequest) -> HttpResponse:
    """Show the patches that were brought in (图斑入库)."""
    by: Person = request.user  # type: ignore[assignment]
    found = PatchBatch.objects.for_person(by).select_related("region", "by")[:SHOWN]
    return render(request, "commissions/patches.html", {"batches": found})


@open_to(Duty.CLERK)
def bring(request: HttpRequest) -> HttpResponse:
    """Bring in a file (上传图斑)."""
    by: Person = request.user  # type: ignore[assignment]
    year = timezone.localdate().year
    form = PatchesForm(
        request.POST or None, request.FILES or None, by=by, initial={"region": by.organisation.region, "year": year}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = patches.receive(by=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "已收到文件，正在隔离的环境里检查。")
            return redirect("commissions:patch_batch", pk=made.pk)
    context = {"form": form, "title": "上传扰动图斑", "action": "上传", "back": "commissions:patches"}
    return render(request, "pages/form.html", context)


@require_safe
@open_to()
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one file, what was found in it and what it means (一批图斑)."""
    by: Person = request.user  # type: ignore[assignment]
    batch = get_object_or_404(
        PatchBatch.objects.for_person(by).select_related("region", "by", "judged_by", "publication"), pk=pk
    )
    if asks_for(request, "standing"):
        answer = render(request, "commissions/patch_standing.html", {"batch": batch})
        return answer if batch.goes_on else all_anew(answer)
    return render(request, "commissions/patch_batch.html", _context(batch, by, MeaningForm(batch=batch)))


def _context(batch: PatchBatch, by: Person, meaning: MeaningForm) -> dict[str, Any]:
    names = dict(Region.objects.filter(code__in=[row["county"] for row in batch.tally]).values_list("code", "name"))
    verdicts = [w for w in dictionary("compliance") if any(w.code in row["verdicts"] for row in batch.tally)]
    unfilled = any("" in row["verdicts"] for row in batch.tally)
    codes = [*(w.code for w in verdicts), *([""] if unfilled else [])]
    return {
        "batch": batch, "form": JudgeForm(), "meaning": meaning, "words": told(),
        "meant": [(field.name, batch.columns[field.key]) for field in fields() if field.key in batch.columns],
        "may_judge": batch.by_id != by.pk and by.may(Duty.REVIEW, batch.region_id),
        "may_change": by.may(Duty.CLERK, batch.region_id) and batch.status in ("faulty", "checked"),
        "may_withdraw": (batch.by_id == by.pk or by.may(Duty.REVIEW, batch.region_id)) and batch.status in patches.OPEN,
        "headings": [label("compliance", code) for code in codes],
        "rows": [
            {**row, "name": names.get(row["county"], "（不在界线内）"), "counts": [row["verdicts"].get(code, 0) for code in codes]}
            for row in batch.tally
        ],
    }  # fmt: skip


@require_POST
@open_to(Duty.CLERK)
def understand(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the columns and words mean (列与字典对照)."""
    by: Person = request.user  # type: ignore[assignment]
    batch = get_object_or_404(PatchBatch.objects.for_person(by).select_related("region"), pk=pk)
    form = MeaningForm(request.POST, batch=batch)
    if not form.is_valid():
        return render(request, "commissions/patch_batch.html", _context(batch, by, form))
    columns, words = form.meaning()
    try:
        patches.understand(by=by, batch=batch, columns=columns, words=words)
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, "对照已保存，正在重新检查。")
    return redirect("commissions:patch_batch", pk=pk)


@require_POST
@open_to()
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Withdraw, accept or reject (撤回、通过、退回)."""
    by: Person = request.user  # type: ignore[assignment]
    batch = get_object_or_404(PatchBatch.objects.for_person(by).select_related("region"), pk=pk)
    form, now = JudgeForm(request.POST), timezone.now()
    seen = request.POST.get("round", "")
    try:
        reason = text_in(form, "reason")
        if name == "withdraw":
            patches.withdraw(by=by, batch=batch)
        elif name == "accept":
            patches.accept(by=by, batch=batch, round_=int(seen) if seen.isdecimal() else -1, reason=reason, now=now)
        else:
            patches.reject(by=by, batch=batch, reason=reason, now=now)
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{batch}：{batch.get_status_display()}。")
    return redirect("commissions:patch_batch", pk=pk)
