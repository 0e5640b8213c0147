"""Pages of commissions (计算委托页)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST, require_safe

from bureau.access import Duty, open_to
from bureau.commissions import services, uploads
from bureau.commissions.forms import JudgeForm, OrderForm, UploadForm
from bureau.commissions.models import Commission, Upload
from bureau.commissions.previewing import FOLDER, TABLES
from bureau.commissions.progress import steps_of
from bureau.commissions.results import PARTS, SHOWN_IN, result_of
from bureau.office.models import Person
from bureau.pages.faults import text_in
from bureau.pages.parts import all_anew, asks_for
from bureau.publications.counting import FOLLOWS
from bureau.refusal import Refusal

SHOWN = 100
"""Rows of a list that are shown (chosen)."""
SHUT_OFF = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a document that is not ours may do: show itself, from a place that is not the site's."""


@open_to()
def listed(request: HttpRequest) -> HttpResponse:
    """Show the commissions of one's region (计算委托)."""
    by: Person = request.user  # type: ignore[assignment]
    found = Commission.objects.for_person(by).select_related("region", "by").prefetch_related("inputs")
    status = request.GET.get("status", "")
    if status in Commission.Status.values:
        found = found.filter(status=status)
    return render(
        request,
        "commissions/list.html",
        {"commissions": found[:SHOWN], "statuses": Commission.Status.choices, "chosen": status},
    )


@open_to()
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one commission; its progress alone, if htmx asks (委托与进度)."""
    by: Person = request.user  # type: ignore[assignment]
    commission = get_object_or_404(
        Commission.objects.for_person(by).select_related("region", "by__organisation", "judged_by"), pk=pk
    )
    mine = commission.by_id == by.pk
    context = {
        "commission": commission, "steps": steps_of(commission),
        "may_judge": not mine and by.may(Duty.REVIEW, commission.region_id),
        "may_cancel": mine or by.may(Duty.REVIEW, commission.region_id),
        "may_again": by.may(Duty.CLERK, commission.region_id),
        "done": commission.status in SHOWN_IN,
    }  # fmt: skip
    if asks_for(request, "progress"):
        answer = render(request, "commissions/progress.html", context)
        return answer if commission.goes_on else all_anew(answer)
    inputs = commission.inputs.select_related("region", "by").order_by("kind")
    result = result_of(commission)
    form = JudgeForm(partial=bool(result and result.partly))
    context |= {"result": result, "inputs": inputs, "form": form, "follows": FOLLOWS}
    return render(request, "commissions/commission.html", context)


@require_safe
@open_to()
def result_file(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Hand out a file of a result that is judged; the bulletin's scripts are shut off from the site (送审文件)."""
    by: Person = request.user  # type: ignore[assignment]
    commission = get_object_or_404(Commission.objects.for_person(by), pk=pk, status__in=SHOWN_IN)
    path = commission.folder / FOLDER / name
    if name not in PARTS or not path.is_file():
        raise Http404("没有这个文件。")
    whole = f"{commission.region.name}{commission.year}年成果（送审）{path.suffix}"
    kept = name == TABLES or "save" in request.GET
    headers = {
        "Content-Type": PARTS[name], "Content-Disposition": content_disposition_header(kept, whole) or "inline",
        "Content-Security-Policy": SHUT_OFF,
    }  # fmt: skip
    return HttpResponse(path.read_bytes(), headers=headers)


@open_to(Duty.CLERK)
def order(request: HttpRequest) -> HttpResponse:
    """Order a run (委托计算)."""
    by: Person = request.user  # type: ignore[assignment]
    form = OrderForm(
        request.POST or None, by=by, initial={"year": timezone.localdate().year - 1, "region": by.organisation.region}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = services.order(
                by=by, region=given["region"], year=given["year"], cell=given["cell"], note=given["note"],
                imaginary=given["source"] == "imaginary", inputs=list(given.get("inputs", ())), now=timezone.now(),
            )  # fmt: skip
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "委托已受理，正在排队计算。")
            return redirect("commissions:commission", pk=made.pk)
    seen = Upload.objects.for_person(by)
    counts = {status: seen.filter(status=status).count() for status in Upload.Status.values}
    context = {"form": form, "ready": counts["ready"], "checking": counts["received"], "refused": counts["refused"]}
    return render(request, "commissions/order.html", context)


@require_POST
@open_to()
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Cancel, repeat, accept or reject (取消、重算、通过、退回)."""
    by: Person = request.user  # type: ignore[assignment]
    commission = get_object_or_404(Commission.objects.for_person(by), pk=pk)
    form, now = JudgeForm(request.POST), timezone.now()
    try:
        reason = text_in(form, "reason")
        partial = form.cleaned_data.get("partial", False)
        if name == "cancel":
            services.cancel(by=by, commission=commission, now=now)
        elif name == "again":
            services.again(by=by, commission=commission, now=now)
        elif name == "accept":
            services.accept(by=by, commission=commission, reason=reason, partial=partial, now=now)
        else:
            services.reject(by=by, commission=commission, reason=reason, now=now)
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"{commission}：{commission.get_status_display()}。")
    return redirect("commissions:commission", pk=pk)


@open_to()
def uploaded(request: HttpRequest) -> HttpResponse:
    """Show the uploads of one's region (上传资料)."""
    by: Person = request.user  # type: ignore[assignment]
    found = Upload.objects.for_person(by).select_related("region", "by")[:SHOWN]
    waiting = any(upload.status == Upload.Status.RECEIVED for upload in found)
    part = asks_for(request, "rows")
    return render(
        request,
        "commissions/upload_rows.html" if part else "commissions/uploads.html",
        {"uploads": found, "waiting": waiting},
    )


@require_POST
@open_to(Duty.CLERK)
def remove_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete an upload that was not used (删除上传资料)."""
    by: Person = request.user  # type: ignore[assignment]
    found = get_object_or_404(Upload.objects.for_person(by).select_related("region"), pk=pk)
    try:
        uploads.remove(by=by, upload=found)
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"已删除“{found.name}”。")
    return redirect("commissions:uploads")


@open_to(Duty.CLERK)
def upload(request: HttpRequest) -> HttpResponse:
    """Upload a file (上传)."""
    by: Person = request.user  # type: ignore[assignment]
    form = UploadForm(request.POST or None, request.FILES or None, by=by, initial={"region": by.organisation.region})
    if request.method == "POST" and form.is_valid():
        try:
            uploads.receive(by=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "已收到文件，正在检查；检查通过后即可选用。")
            return redirect("commissions:uploads")
    return render(
        request, "pages/form.html", {"form": form, "title": "上传资料", "action": "上传", "back": "commissions:uploads"}
    )
