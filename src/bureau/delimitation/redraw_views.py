"""Pages of drawing zones anew, and of deciding about what no longer fits (重划与取舍页)."""

from __future__ import annotations

import json

import shapely
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.delimitation import deciding, parameters, redrawing, selectors
from bureau.delimitation.acting import in_plain_words
from bureau.delimitation.editing import Reason
from bureau.delimitation.forms import DecisionForm, RedrawForm
from bureau.delimitation.models import Delimitation, Redraw, ZoneShape
from bureau.delimitation.picturing import map_words
from bureau.delimitation.views import common, delimitation_of
from bureau.office.models import Person
from bureau.pages.faults import faults_of
from bureau.pages.parts import asks_for
from bureau.refusal import Refusal
from shuibao.messages import ShuibaoError
from shuibao.survey.region import load_region


@open_to(Duty.CLERK)
def redraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw zones anew (重划)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    own = by.may(Duty.CLERK, shown.region_id)
    form = RedrawForm(request.POST or None, one=shown, by=by)
    if request.method == "POST" and form.is_valid():
        given = {key.removeprefix("p:"): str(text) for key, text in request.POST.items() if key.startswith("p:")}
        try:
            redrawing.order(by=by, delimitation=shown, given=given, now=timezone.now(), **form.cleaned_data)
        except (Refusal, ShuibaoError) as refused:
            form.add_error(None, refused.message if isinstance(refused, Refusal) else in_plain_words(refused))
        else:
            messages.success(request, "正在后台重划；其间可以照常修改和提意见，都会带到新底图上。")
            return redirect("delimitation:redraw", pk=pk)
    settings = _settings(shown, request)
    context = common(shown, by, "redraw") | {
        "form": form, "settings": settings if own else [], "own": own, "redraws": _said(shown, settings),
        "drawn": (shown.folder / "products").is_dir(),
    }  # fmt: skip
    part = asks_for(request, "redraws")
    return render(request, "delimitation/redraws.html" if part else "delimitation/redraw.html", context)


def _said(shown: Delimitation, settings: list[tuple[parameters.Setting, str]]) -> list[tuple[Redraw, str]]:
    """Return the orders, each with the parameters that were chosen in words."""
    known = {setting.id: setting for setting, _ in settings}

    def words(key: str, value: object) -> str:
        setting = known.get(key)
        told = {True: "是", False: "否"}.get(value, value) if isinstance(value, bool) else value
        return f"{key} {told}" if setting is None else f"{setting.name} {told} {setting.shown_unit}".strip()

    orders = shown.redraws.select_related("by", "commission", "package__region")
    return [(one, "；".join(words(key, value) for key, value in one.parameters.items())) for one in orders]


def _settings(shown: Delimitation, request: HttpRequest) -> list[tuple[parameters.Setting, str]]:
    """Return the parameters, each with what stands in its field; none where the folder is not there yet."""
    try:
        found = parameters.settings_of(load_region(shown.folder), shown.theme)
    except ShuibaoError:
        return []
    return [(one, str(request.POST.get(f"p:{one.id}", _chosen(one)))) for one in found]


def _chosen(setting: parameters.Setting) -> str:
    """Return what was chosen before, as a field holds it."""
    if setting.yes_or_no:
        return "yes" if setting.now else "no"
    return f"{setting.now}" if setting.now != setting.given else ""


@open_to()
def decisions(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what waits for a decision, to the region itself and those above (取舍)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    if not shown.region_id.startswith(by.scope):
        raise Http404
    try:
        found = deciding.conflicts_of(shown)
    except (ShuibaoError, OSError):
        found = []
        messages.error(request, "划定记录现在读不出来；请稍后再试，仍不行请联系运维人员。")
    places = [
        {"type": "Feature", "geometry": one.shape, "properties": {"number": one.origin, "open": True}}
        for one in found if one.shape is not None
    ]  # fmt: skip
    zones = ZoneShape.objects.for_person(by).filter(delimitation=shown)
    words = map_words(shown, by, zones) | {"places": {"type": "FeatureCollection", "features": places}}
    if places:
        words["bounds"] = list(shapely.total_bounds([shapely.from_geojson(json.dumps(p["geometry"])) for p in places]))
    edits = shown.entries.filter(kind="edit")
    return render(request, "delimitation/decisions.html", common(shown, by, "decisions") | {
        "conflicts": found, "map": words, "form": DecisionForm(auto_id=False), "edits": edits,
        "may_decide": selectors.may_edit(shown, by), "made": shown.entries.filter(kind="decision"),
    })  # fmt: skip


@require_POST
@open_to(Duty.CLERK)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide about a change that no longer fits (办理取舍)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    form, origin = DecisionForm(request.POST, request.FILES), request.POST.get("origin", "")
    if not form.is_valid():
        messages.error(request, f"没有记录取舍。{faults_of(form)}重做的，填那次修改的号。")
        return redirect("delimitation:decisions", pk=pk)
    given = form.cleaned_data
    try:
        deciding.decide(
            by=by, delimitation=shown, origin=origin, choice=given["choice"], redone=given["redone"],
            reason=Reason(given["why"], given["evidence"]), now=timezone.now(),
        )  # fmt: skip
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"已记录对修改 {origin} 的取舍。")
    return redirect("delimitation:decisions", pk=pk)
