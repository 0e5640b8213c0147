"""Pages on which a target is recorded, and approved by another (目标录入页)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.refusal import Refusal
from bureau.targets import services
from bureau.targets.forms import RecordForm
from bureau.targets.models import Proposal
from bureau.targets.views import person_of, region_in_scope


@open_to(Duty.CLERK, Duty.APPROVE)
def record(request: HttpRequest, code: str) -> HttpResponse:
    """Record a target that a document sets (录入目标)."""
    person = person_of(request)
    shown = region_in_scope(person, code)
    today = timezone.localdate()
    form = RecordForm(request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            services.propose(by=person, region=shown, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"{shown.name}的目标已录入，待另一人批准；批准后生效。")
            return redirect("targets:region", code=code)
    return render(
        request,
        "targets/form.html",
        {
            "form": form, "title": f"录入{shown.name}的目标", "action": "录入", "back": reverse("targets:region", args=[code]),
            "lead": "须有印发的文件。录入后由另一位批准人核对文件、批准，才成为现行目标，原有目标转为历史。",
        },
    )  # fmt: skip


@require_POST
@open_to(Duty.APPROVE)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a target that another recorded (批准)."""
    person = person_of(request)
    found = _found(request, pk)
    try:
        services.approve_proposal(by=person, proposal=found, now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        ahead = found.since > timezone.localdate()
        messages.success(request, f"{found} 已批准，{f'自 {found.since} 起为' if ahead else '为'}现行目标。")
    return redirect("targets:region", code=found.region_id)


@require_POST
@open_to(Duty.CLERK, Duty.APPROVE)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a recorded target, or take back one's own (退回)."""
    found = _found(request, pk)
    try:
        services.return_proposal(
            by=person_of(request), proposal=found, reason=request.POST.get("reason", ""), now=timezone.now()
        )
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{found} 已{'撤回' if found.by_id == person_of(request).pk else '退回'}，没有生效。")
    return redirect("targets:region", code=found.region_id)


def _found(request: HttpRequest, pk: int) -> Proposal:
    """Return a recorded target of one's region."""
    seen = Proposal.objects.for_person(person_of(request)).select_related("region").defer("region__border")
    return get_object_or_404(seen, pk=pk)
