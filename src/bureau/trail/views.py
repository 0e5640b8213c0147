"""Pages of the audit trail (留痕页)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bureau.access import Duty, open_to
from bureau.downloads import handed_out
from bureau.refusal import Refusal
from bureau.trail.events import kinds
from bureau.trail.exporting import MOST, as_text, as_workbook
from bureau.trail.forms import WantedForm
from bureau.trail.selectors import Wanted, all_changes, changes
from bureau.workbooks import XLSX

PER_PAGE = 40
LAST_PAGE = 250
"""Pages that one can turn; whoever looks for older changes narrows the days."""
FORMATS = {
    "xlsx": (as_workbook, XLSX),
    "csv": (as_text, "text/csv; charset=utf-8"),
}


@open_to(Duty.ADMINISTER)
def everything(request: HttpRequest) -> HttpResponse:
    """Show every change in one's scope (留痕)."""
    form = WantedForm(request.GET)
    try:
        return _page(request, form.wanted(), {"form": form})
    except Refusal as refused:
        return render(request, "trail/changes.html", {"form": form, "refused": refused.message, "most": MOST})


@open_to(Duty.ADMINISTER)
def of_one(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Show every change of one row (对象变更记录)."""
    if kind not in kinds():
        raise Http404
    return _page(request, Wanted(kind=kind, pk=pk), {"one": kinds()[kind]}, must_be=True)


@open_to(Duty.ADMINISTER)
def export(request: HttpRequest, form: str) -> HttpResponse:
    """Export the changes that a filter leaves (导出)."""
    if form not in FORMATS:
        raise Http404
    write, kind = FORMATS[form]
    try:
        wanted = WantedForm(request.GET).wanted()
    except Refusal as refused:
        shown = {"title": "没有导出", "message": refused.message, "status": 400}
        return render(request, "pages/error.html", shown, status=400)
    found = all_changes(person=request.user, wanted=wanted, most=MOST)
    name = f"留痕_{timezone.localdate():%Y%m%d}.{form}"
    return handed_out(write(found), name, kind)


def _page(request: HttpRequest, wanted: Wanted, shown: dict[str, object], *, must_be: bool = False) -> HttpResponse:
    """Show one page of changes; there is a next one if one change more is there."""
    given = request.GET.get("page", "1")
    number = min(max(int(given) if given.isascii() and given.isdigit() else 1, 1), LAST_PAGE)
    found = changes(person=request.user, wanted=wanted, start=(number - 1) * PER_PAGE, count=PER_PAGE + 1)
    if must_be and not found:
        raise Http404
    more = len(found) > PER_PAGE and number < LAST_PAGE
    shown |= {"changes": found[:PER_PAGE], "number": number, "more": more, "most": MOST}
    return render(request, "trail/changes.html", shown)
