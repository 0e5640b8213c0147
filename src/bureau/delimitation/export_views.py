"""What is taken away of zones under review (划定导出): comments as a workbook, zones as GeoPackage, the result package."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from bureau.access import open_to
from bureau.delimitation.acting import in_plain_words
from bureau.delimitation.comparing import layer_at, seen
from bureau.delimitation.folders import present
from bureau.delimitation.indexing import zones_folder
from bureau.delimitation.models import Comment, Delimitation
from bureau.delimitation.selectors import rules_of
from bureau.delimitation.views import delimitation_of
from bureau.downloads import handed_out
from bureau.formulas import safe
from bureau.office.models import Person
from bureau.workbooks import XLSX
from shuibao.delimitation.delivery.result import read_result
from shuibao.delimitation.life.comment_following import comments_now
from shuibao.delimitation.life.comments import comment_rows
from shuibao.delimitation.life.journal import read_journal
from shuibao.ground.vectors import write_geopackage
from shuibao.messages import ShuibaoError
from shuibao.report.zone_comment_table import write_comment_table
from shuibao.report.zone_package import make_package

MOST_PACKED = 20_000
"""Zones that are packed while somebody waits (chosen: some 30 s)."""
GPKG, ZIP = "application/geopackage+sqlite3", "application/zip"


@open_to()
def comments(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the comments that a person sees and what became of them, as a workbook (意见采纳情况表)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    own = set(Comment.objects.for_person(by).filter(delimitation=shown).values_list("number", flat=True))
    try:
        present(shown)
        folder, rules = zones_folder(shown), rules_of(shown)
        found = [one for one in comments_now(folder, read_journal(folder), rules) if one.number in own] if own else []
        rows = [{name: safe(value) for name, value in row.items()} for row in comment_rows(found, rules)]
        with tempfile.TemporaryDirectory(prefix="export-") as bench:
            path = Path(bench) / "comments.xlsx"
            write_comment_table(rows, path, str(shown), simulated=shown.simulated)
            return handed_out(path.read_bytes(), f"{_name(shown)}意见采纳情况表.xlsx", XLSX)
    except ShuibaoError as refused:
        messages.error(request, in_plain_words(refused))
        return redirect("delimitation:comments", pk=pk)


@open_to()
def zones(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the zones that a person sees, of now or of a version, as GeoPackage (导出区域)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    asked = request.GET.get("version", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 9 else shown.version
    try:
        present(shown)
        layer = seen(layer_at(shown, read_journal(zones_folder(shown)), number), by.scope)
        with tempfile.TemporaryDirectory(prefix="export-") as bench:
            path = Path(bench) / "zones.gpkg"
            tags = {"THEME": layer.theme, **layer.metadata}
            write_geopackage(path, {layer.theme: (layer.columns, layer.geometry)}, layer.crs, metadata=tags)
            version = f"第{number}版" if number else "底图"
            return handed_out(path.read_bytes(), f"{_name(shown)}{version}.gpkg", GPKG)
    except ShuibaoError as refused:
        messages.error(request, in_plain_words(refused))
        return redirect(shown)


@open_to()
def package(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the result package of the region, or of the county that a person sees (导出成果包)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    county = _county(request, shown, by)
    asked: dict[str, Any] = {"county_id": county} if county else {}
    if shown.zones.filter(**asked).count() > MOST_PACKED:
        messages.error(request, f"区域超过 {MOST_PACKED} 个，不能整区打包；请在地址后加 ?county=县代码，按县导出。")
        return redirect(shown)
    try:
        from shuibao.survey.region import load_region

        present(shown)
        result = read_result(load_region(shown.folder), shown.theme, county or None)
        with tempfile.TemporaryDirectory(prefix="export-") as bench:
            path = make_package(result, Path(bench) / "package.zip")
            where = county or shown.region_id
            return handed_out(path.read_bytes(), f"{_name(shown)}成果包{where}.zip", ZIP)
    except ShuibaoError as refused:
        messages.error(request, f"现在还不能打包：{in_plain_words(refused)}")
        return redirect(reverse("delimitation:one", args=[pk]))


def _county(request: HttpRequest, shown: Delimitation, by: Person) -> str:
    """Return the county that is asked for, or the only one that may be; none for the whole region."""
    asked = request.GET.get("county", "")
    if not shown.region_id.startswith(by.scope):
        asked = asked or by.organisation.region_id
    if asked and not (asked.startswith(by.scope) and shown.region.holds(asked)):
        raise Http404
    return asked


def _name(shown: Delimitation) -> str:
    """Return what files of a delimitation begin with; made-up data is called so."""
    return f"{shown}（模拟数据）" if shown.simulated else str(shown)
