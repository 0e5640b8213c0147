"""Pages of announcements (公告页): announcing, correcting, and the documents."""

from __future__ import annotations

from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.delimitation import announcing, correcting
from bureau.delimitation.correcting import Heading
from bureau.delimitation.forms import AnnounceForm, CorrectionForm
from bureau.delimitation.models import Announcement, Delimitation
from bureau.delimitation.views import common, delimitation_of, done
from bureau.downloads import kept_file
from bureau.office.models import Person
from bureau.pages.faults import faults_of
from bureau.refusal import Refusal


def announcement_of(request: HttpRequest, shown: Delimitation, pk: int) -> Announcement:
    """
    Return an announcement that a person sees (取公告).

    Parameters
    ----------
    request : HttpRequest
    shown : Delimitation
    pk : int
    """
    found: Announcement = get_object_or_404(
        Announcement.objects.for_person(request.user).select_related("delimitation"), delimitation=shown, pk=pk
    )
    return found


@require_POST
@open_to(Duty.CLERK)
def announce(request: HttpRequest, pk: int) -> HttpResponse:
    """Announce and publish what was approved (公告)."""
    by: Person = request.user  # type: ignore[assignment]
    shown, form = delimitation_of(request, pk), AnnounceForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"没有公告。{faults_of(form)}")
        return redirect(shown)
    number, dated = form.cleaned_data["number"], form.cleaned_data["dated"]
    return done(
        request, shown, "正在生成公告并发布，请稍候刷新。",
        lambda: announcing.announce(by=by, delimitation=shown, number=number, dated=dated, now=timezone.now()),
    )  # fmt: skip


@open_to(Duty.CLERK)
def correct(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    """Ask for a correction of an announcement (更正公告)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = announcement_of(request, shown, announcement)
    form = CorrectionForm(request.POST or None, initial={"number": found.number, "dated": found.dated})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            correcting.propose(
                by=by, announcement=found, heading=Heading(given["number"], given["dated"]), why=given["why"],
                now=timezone.now(),
            )  # fmt: skip
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "已提出更正，等有批准岗位的另一人确认。")
            return redirect(shown)
    context = {"form": form, "announcement": found, "may_propose": correcting.may_propose(shown, by)}
    return render(request, "delimitation/correct.html", common(shown, by, "one") | context)


@require_POST
@open_to(Duty.APPROVE)
def confirm(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    """Confirm a correction (确认更正)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = announcement_of(request, shown, announcement)
    if not request.POST.get("checked"):
        messages.error(request, "没有确认。请核对文号与日期，再勾选“核对过文号与日期”。")
        return redirect(shown)
    return done(
        request, shown, "已确认，正在生成更正公告，请稍候刷新。",
        lambda: correcting.confirm(by=by, correction=found, now=timezone.now()),
    )  # fmt: skip


@require_POST
@open_to(Duty.CLERK, Duty.APPROVE)
def decline(request: HttpRequest, pk: int, announcement: int) -> HttpResponse:
    """Decline a correction, or take back one's own (不予更正)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found, why = announcement_of(request, shown, announcement), request.POST.get("why", "")[:500]
    return done(
        request, shown, "这项更正不再办理，原公告照旧。",
        lambda: correcting.decline(by=by, correction=found, why=why, now=timezone.now()),
    )  # fmt: skip


@open_to()
def document(request: HttpRequest, pk: int, announcement: int, at: int) -> HttpResponse:
    """Return a document of an announcement (公告文件)."""
    shown = delimitation_of(request, pk)
    found = announcement_of(request, shown, announcement)
    if at >= len(found.documents):
        raise Http404
    told = found.documents[at]
    return kept_file(told["path"], told["name"], announcing.KINDS[Path(told["path"]).suffix])
