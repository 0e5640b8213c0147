"""Pages of one zone (区域页): what it is, its history, and how it is changed."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.contrib.gis.geos import Polygon
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.delimitation import editing, selectors
from bureau.delimitation.editing import CHANGED, Reason
from bureau.delimitation.forms import BoundaryForm, ReasonForm
from bureau.delimitation.models import Comment, Delimitation, ZoneShape
from bureau.delimitation.picturing import map_words
from bureau.delimitation.views import common, delimitation_of
from bureau.office.models import Person
from bureau.pages.faults import faults_of
from bureau.publications.classes import LEVEL_NAMES, ZONE_NAMES
from bureau.refusal import Refusal

NEIGHBOURS = 200
"""Zones around an edited one that it snaps to, at most (chosen)."""
AROUND = 0.25
"""How far around a zone its neighbours are shown, as a share of its size (chosen)."""
NEAR = 0.00002
"""Degrees around a zone's box in which its neighbours are looked for, some 2 m (chosen)."""
DIGITS = 9
"""Decimals of degrees that a browser is given: a tenth of a millimetre."""


def zone_of(request: HttpRequest, shown: Delimitation, code: str) -> ZoneShape:
    """
    Return a zone that a person sees (取区域).

    Parameters
    ----------
    request : HttpRequest
    shown : Delimitation
    code : str
    """
    found: ZoneShape = get_object_or_404(ZoneShape.objects.for_person(request.user), delimitation=shown, code=code)
    return found


@open_to()
def zone(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show a zone, its history and what was said of it; a part of a page, if htmx asks (区域)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = zone_of(request, shown, code)
    context = common(shown, by, "one") | {
        "zone": found, "kind": ZONE_NAMES.get(found.kind, found.kind), "level": LEVEL_NAMES.get(found.level, found.level),
        "facts": _facts(found), "form": ReasonForm(),
        "entries": selectors.entries_of(shown, by).filter(codes__contains=[code]),
        "comments": Comment.objects.for_person(by).filter(delimitation=shown, codes__contains=[code]),
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        return render(request, "delimitation/zone_part.html", context)
    near = ZoneShape.objects.for_person(by).filter(
        delimitation=shown, kind=found.kind, geometry__bboverlaps=found.geometry.envelope.buffer(NEAR)
    )
    touching = [other for other in near.exclude(code=code)[:NEIGHBOURS] if editing.mergeable(found, other)]
    more = {
        "neighbours": touching,
        "settable": editing.settable(shown),
        "map": map_words(shown, by, ZoneShape.objects.filter(pk=found.pk)) | {"chosen": code},
    }
    return render(request, "delimitation/zone.html", context | more)


def _facts(found: ZoneShape) -> list[tuple[str, Any]]:
    """Return the attributes that say something."""
    return [(name, value) for name, value in sorted(found.attributes.items()) if value not in (None, "", 0)]


@open_to(Duty.CLERK)
def edit(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Edit the boundary of a zone; one that changed in the meantime is answered with 409 (修改边界)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = zone_of(request, shown, code)
    text, status = _geojson(found), 200
    form = BoundaryForm(request.POST or None, request.FILES or None, initial={"geometry": text, "token": found.token})
    if request.method == "POST":
        status = 200
        if form.is_valid():
            try:
                number = _reshape(by, shown, code, form.cleaned_data)
            except Refusal as refused:
                form.add_error(None, refused.message)
                status = 409 if refused.code in (CHANGED, "zone-gone") else 200
            else:
                messages.success(request, f"已记录第 {number} 次修改，现为第 {shown.version} 版。")
                query = urlencode({"saved": code})
                return redirect(f"{reverse('delimitation:zone', args=[pk, code])}?{query}")
    words = map_words(shown, by, ZoneShape.objects.filter(delimitation=shown, code=code))
    if not selectors.may_edit(shown, by) and not form.is_bound:  # what was posted is given back in any case
        context = common(shown, by, "one") | {"zone": found, "map": words | {"chosen": code}, "form": form}
        return render(request, "delimitation/edit.html", context)
    words |= {
        "code": code, "token": found.token, "geometry": json.loads(text), "neighbours": _neighbours(by, shown, found),
        "changed": status == 409,
    }  # fmt: skip
    if status == 409:  # the next save is made on the zone as it is now
        form.data = form.data.copy()  # type: ignore[attr-defined]
        form.data["token"] = found.token  # type: ignore[index]
    context = common(shown, by, "one") | {"zone": found, "form": form, "map": words, "changed": status == 409}
    return render(request, "delimitation/edit.html", context, status=status)


def _reshape(by: Person, shown: Delimitation, code: str, given: dict[str, Any]) -> int:
    return editing.reshape(
        by=by, delimitation=shown, code=code, token=given["token"], geometry=given["geometry"], overlaps=given["overlaps"],
        reason=Reason(given["why"], given["evidence"]), now=timezone.now(),
    )  # fmt: skip


@require_POST
@open_to(Duty.CLERK)
def act(request: HttpRequest, pk: int, code: str, name: str) -> HttpResponse:
    """Rename, describe, merge, split or remove a zone (改名、改属性、合并、拆分、删除)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = zone_of(request, shown, code)
    form = ReasonForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, f"没有修改。{faults_of(form)}")
        return redirect("delimitation:zone", pk=pk, code=code)
    reason = Reason(form.cleaned_data["why"], form.cleaned_data["evidence"])
    given: dict[str, Any] = {
        "by": by, "delimitation": shown, "code": code, "token": request.POST.get("token", ""), "reason": reason,
        "now": timezone.now(),
    }  # fmt: skip
    try:
        if name == "rename":
            number = editing.rename(name=request.POST.get("name", ""), **given)
        elif name == "merge":
            number = editing.merge(others=request.POST.getlist("others"), **given)
        elif name == "set":
            number = editing.set_attribute(
                column=request.POST.get("column", ""), value=request.POST.get("value", ""), **given
            )
        elif name == "split":
            number = editing.split(line=request.POST.get("line", ""), **given)
        else:
            number = editing.remove(**given)
    except Refusal as refused:
        messages.error(request, refused.message)
        return redirect("delimitation:zone", pk=pk, code=found.code)
    messages.success(request, f"已记录第 {number} 次修改，现为第 {shown.version} 版。")
    return redirect(shown) if name == "remove" else redirect("delimitation:zone", pk=pk, code=code)


def _geojson(found: ZoneShape) -> str:
    """Return the shape of a zone as a browser is given it."""
    told = json.loads(found.geometry.json)
    return json.dumps(_rounded(told), separators=(",", ":"))


def _rounded(told: dict[str, Any]) -> dict[str, Any]:
    """Return a GeoJSON geometry with as many decimals as mean something; one polygon is not several."""

    def shorter(part: Any) -> Any:
        return round(part, DIGITS) if isinstance(part, float | int) else [shorter(one) for one in part]

    rings = shorter(told["coordinates"])
    return (
        {"type": "Polygon", "coordinates": rings[0]}
        if len(rings) == 1
        else {"type": "MultiPolygon", "coordinates": rings}
    )


def _neighbours(by: Person, shown: Delimitation, found: ZoneShape) -> dict[str, Any]:
    """Return the zones around one, to snap to."""
    west, south, east, north = found.geometry.extent
    margin = max(east - west, north - south) * AROUND
    box = Polygon.from_bbox((west - margin, south - margin, east + margin, north + margin))
    box.srid = 4490
    near = ZoneShape.objects.for_person(by).filter(delimitation=shown, geometry__bboverlaps=box).exclude(pk=found.pk)
    features = [
        {
            "type": "Feature", "properties": {"code": one.code, "kind": one.kind},
            "geometry": _rounded(json.loads(one.geometry.json)),
        }
        for one in near[:NEIGHBOURS]
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}
