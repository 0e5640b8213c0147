"""Pages of packages of zones (成果包页): uploaded, examined, opened."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.delimitation import packages
from bureau.delimitation.forms import PackageForm
from bureau.delimitation.models import Delimitation, Package
from bureau.delimitation.views import PAGE
from bureau.office.models import Person
from bureau.pages.parts import asks_for
from bureau.refusal import Refusal

SEVERITIES = {"error": ("错误", "late"), "warning": ("警告", "due"), "note": ("说明", "info")}
LEAD = (
    "成果包（ZIP）或单个 GeoPackage。先按规则包验收（成果要求的原文未读到，字段与格式为草案）："
    "有错误的退回并列出，只有警告的可以采用。"
)
PLACES = 20
"""Places of a fault that are listed (chosen)."""


@open_to()
def listed(request: HttpRequest) -> HttpResponse:
    """Show the packages of one's region (成果包)."""
    by: Person = request.user  # type: ignore[assignment]
    found = Package.objects.for_person(by).select_related("region", "by")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "delimitation/packages.html", {"page": page})


@open_to(Duty.CLERK)
def upload(request: HttpRequest) -> HttpResponse:
    """Upload a package (上传成果包)."""
    by: Person = request.user  # type: ignore[assignment]
    initial = {"year": timezone.localdate().year, "region": by.organisation.region}
    form = PackageForm(request.POST or None, request.FILES or None, by=by, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            made = packages.receive(by=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "已收到，正在隔离的环境里验收。")
            return redirect(made)
    return render(request, "pages/form.html", {
        "form": form, "title": "上传成果包", "action": "上传并验收", "back": "delimitation:packages",
        "lead": LEAD,
    })  # fmt: skip


@open_to()
def shown(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a package and what acceptance found; that alone, if htmx asks (成果包)."""
    by: Person = request.user  # type: ignore[assignment]
    package = get_object_or_404(Package.objects.for_person(by).select_related("region", "by"), pk=pk)
    used = Delimitation.objects.for_person(by).filter(
        region=package.region, year=package.year, theme=package.theme
    ).exclude(status="failed").first()  # fmt: skip
    context = {
        "package": package, "groups": groups_of(package.found), "severities": _severities(package.found), "used": used,
        "may_open": by.may(Duty.CLERK, package.region_id) and package.status == Package.Status.READY,
    }  # fmt: skip
    part = asks_for(request, "found")
    return render(request, "delimitation/package_found.html" if part else "delimitation/package.html", context)


@require_POST
@open_to(Duty.CLERK)
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a delimitation with the zones of a package (以成果包建立划定)."""
    by: Person = request.user  # type: ignore[assignment]
    package = get_object_or_404(Package.objects.for_person(by).select_related("region"), pk=pk)
    try:
        made = packages.open_on_package(by=by, package=package, now=timezone.now())
    except Refusal as refused:
        messages.error(request, refused.message)
        return redirect(package)
    messages.success(request, "已建立，正在后台导入成果包的区域。")
    return redirect(made)


def groups_of(found: dict[str, Any]) -> list[dict[str, Any]]:
    """
    Return what acceptance found by kind of fault, the worst first (问题分类).

    Parameters
    ----------
    found : dict
        As :func:`bureau.delimitation.examining.examined` told it.
    """
    counts, groups = found.get("counts", {}), []
    for (severity, kind), rows in groupby(found.get("faults", []), key=lambda row: (row["severity"], row["kind"])):
        faults = list(rows)
        name, tag = SEVERITIES[severity]
        groups.append({
            "severity": name, "tag": tag, "name": faults[0]["name"], "mend": faults[0]["mend"], "faults": faults[:PLACES],
            "count": counts.get(kind, len(faults)), "more": max(counts.get(kind, len(faults)) - PLACES, 0),
        })  # fmt: skip
    return groups


def _severities(found: dict[str, Any]) -> list[tuple[str, str, int]]:
    told = found.get("severities", {})
    return [(name, tag, told.get(key, 0)) for key, (name, tag) in SEVERITIES.items()] if told else []
