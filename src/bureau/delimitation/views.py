"""Pages of zones under review (划定页): the list, one delimitation, its records, its versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.delimitation import comparing, correcting, selectors, services, tiles
from bureau.delimitation.commenting import may_comment
from bureau.delimitation.forms import AnnounceForm, CompareForm, MoveForm, OpenForm
from bureau.delimitation.indexing import zones_folder
from bureau.delimitation.models import Delimitation, Entry, Status, ZoneShape
from bureau.delimitation.picturing import map_words
from bureau.downloads import handed_out
from bureau.office.models import Person
from bureau.pages.faults import faults_of
from bureau.pages.parts import all_anew, asks_for
from bureau.publications.classes import ZONE_NAMES
from bureau.publications.models import Theme
from bureau.refusal import Refusal
from shuibao.delimitation.life.verifying import verify

PAGE = 30
"""Rows of a list on a page (chosen)."""


def delimitation_of(request: HttpRequest, pk: int) -> Delimitation:
    """
    Return a delimitation that a person sees, or a page that says there is none (取划定).

    Parameters
    ----------
    request : HttpRequest
    pk : int
    """
    found = Delimitation.objects.for_person(request.user)
    one: Delimitation = get_object_or_404(
        found.select_related("region", "commission", "publication", "submitted_by"), pk=pk
    )
    return one


def common(one: Delimitation, by: Person, tab: str) -> dict[str, Any]:
    """
    Return what all pages of a delimitation show (页首).

    Parameters
    ----------
    one : Delimitation
    by : Person
    tab : str
        Which of them it is.
    """
    return {
        "one": one, "tab": tab, "stage": selectors.stage_name(one), "may_edit": selectors.may_edit(one, by),
        "may_comment": may_comment(by, one) and selectors.is_being_worked_on(one), "settled": settled_words(one),
        "sees_all": one.region_id.startswith(by.scope),
    }  # fmt: skip


def settled_words(one: Delimitation) -> str:
    """
    Return why zones can be neither edited nor commented on in their stage; empty where they can (不可改的原因).

    Parameters
    ----------
    one : Delimitation
    """
    if one.status != Status.OPEN or selectors.is_being_worked_on(one):
        return ""
    return f"现在是“{selectors.stage_name(one)}”阶段，区域不再修改，也不收意见；要改，请先由有权的人退回调整。"


@open_to()
def listed(request: HttpRequest) -> HttpResponse:
    """Show the delimitations of one's region and of those above (区域划定)."""
    by: Person = request.user  # type: ignore[assignment]
    found = selectors.listed(by)
    theme = request.GET.get("theme", "")
    if theme in Theme.values:
        found = found.filter(theme=theme)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = selectors.rows_of(list(page.object_list), timezone.localdate().isoformat())
    return render(
        request, "delimitation/list.html", {"rows": rows, "page": page, "themes": Theme.choices, "chosen": theme}
    )


@open_to(Duty.CLERK)
def open_one(request: HttpRequest) -> HttpResponse:
    """Open a delimitation (建立划定)."""
    by: Person = request.user  # type: ignore[assignment]
    form = OpenForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.open_delimitation(by=by, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, "已建立，正在后台划定初步成果。")
            return redirect(made)
    given = {"form": form, "title": "建立划定", "action": "建立并划定", "back": "delimitation:list"}
    return render(request, "pages/form.html", given)


@open_to()
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one delimitation: its stage, its map, its zones (划定)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    entries = list(shown.entries.all())
    zones = ZoneShape.objects.for_person(by).filter(delimitation=shown)
    sums = zones.order_by().values("kind").annotate(area=Sum("area_m2")).order_by("kind")
    kinds = [{"name": ZONE_NAMES.get(s["kind"], s["kind"]), "hectares": s["area"] / 1e4} for s in sums]
    asked = request.GET.get("q", "").strip()
    chosen = (
        zones.filter(Q(code__icontains=asked) | Q(name__icontains=asked) | Q(place__icontains=asked))
        if asked
        else zones
    )
    page = Paginator(chosen.defer("geometry"), PAGE).get_page(request.GET.get("page"))
    if asks_for(request, "status"):
        answer = render(
            request, "delimitation/status.html", {"one": shown, "may_again": by.may(Duty.CLERK, shown.region_id)}
        )
        return all_anew(answer) if shown.status == "open" else answer
    return render(request, "delimitation/one.html", common(shown, by, "one") | {
        "steps": selectors.steps_of(shown, entries), "due": selectors.due_of(shown, entries, timezone.localdate().isoformat()),
        "ways": selectors.ways_of(shown, by), "may_approve": selectors.may_approve(shown, by),
        "may_announce": selectors.may_announce(shown, by), "may_again": by.may(Duty.CLERK, shown.region_id),
        "move": MoveForm(approving=selectors.may_approve(shown, by)),
        "announce_form": AnnounceForm(initial={"dated": timezone.localdate()}),
        "announcements": correcting.rows_of(shown, by), "kinds": kinds, "page": page, "asked": asked,
        "count": zones.count(), "map": map_words(shown, by, zones),
    })  # fmt: skip


@open_to()
def tile(request: HttpRequest, pk: int, z: int, x: int, y: int) -> HttpResponse:
    """Return a tile of the zones that a person sees (划定瓦片)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    if not tiles.exists(z, x, y):
        raise Http404
    content = tiles.tile(delimitation=shown.pk, z=z, x=x, y=y, scope=by.scope)
    response = HttpResponse(content, content_type="application/vnd.mapbox-vector-tile")
    patch_cache_control(response, private=True, max_age=300)  # the address holds the hash of the last record
    return response


@open_to()
def history(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the records, and who made them; look through all of them, if that is asked for (流程记录)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    entries = selectors.entries_of(shown, by)
    own = shown.region_id.startswith(by.scope)
    context = common(shown, by, "history") | {"entries": entries, "own": own}
    if own and request.GET.get("verify") and shown.status == Status.OPEN:
        context["verified"] = verify(shown.folder, shown.theme)
    return render(request, "delimitation/history.html", context)


@open_to()
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare two versions, side by side and in words (版本比较)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    last = max(shown.version, 1) if shown.version else 0
    form = CompareForm({"a": min(1, last), "b": last} | request.GET.dict(), versions=shown.version)
    context = common(shown, by, "compare") | {"form": form}
    if form.is_valid():
        a, b = form.cleaned_data["a"], form.cleaned_data["b"]
        try:
            found = comparing.compare(shown, a, b, scope=by.scope)
        except Refusal as refused:
            messages.error(request, refused.message)
        else:
            zones = ZoneShape.objects.for_person(by).filter(delimitation=shown)
            words = map_words(shown, by, zones) | {"sides": found.features, "names": [f"第 {a} 版", f"第 {b} 版"]}
            kinds = [{**row, "name": ZONE_NAMES.get(row["kind"], row["kind"])} for row in found.kinds]
            context |= {"found": found, "kinds": kinds, "map": words}
    return render(request, "delimitation/compare.html", context)


@require_POST
@open_to(Duty.CLERK)
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw once more what could not be drawn (重新划定)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    return done(request, shown, "正在重新划定。", lambda: services.draw_again(by=by, delimitation=shown))


@require_POST
@open_to(Duty.CLERK, Duty.REVIEW, Duty.APPROVE)
def advance(request: HttpRequest, pk: int) -> HttpResponse:
    """Move zones on to a stage, or back (推进阶段)."""
    by: Person = request.user  # type: ignore[assignment]
    shown, form = delimitation_of(request, pk), MoveForm(request.POST, request.FILES)
    to = request.POST.get("to", "")
    if not form.is_valid() or not to:
        messages.error(request, f"阶段没有推进。{faults_of(form) or '请选择要进入的阶段。'}")
        return redirect(shown)
    note, files = form.cleaned_data["note"], form.cleaned_data["evidence"]
    return done(
        request, shown, "阶段已推进。",
        lambda: services.advance(by=by, delimitation=shown, to=to, note=note, files=files, now=timezone.now()),
    )  # fmt: skip


@require_POST
@open_to(Duty.APPROVE)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve what was submitted (批准)."""
    by: Person = request.user  # type: ignore[assignment]
    shown, form = delimitation_of(request, pk), MoveForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, f"没有批准。{faults_of(form)}")
        return redirect(shown)
    note, files = form.cleaned_data["note"], form.cleaned_data["evidence"]
    return done(
        request, shown, "已批准，可以公告。",
        lambda: services.approve(by=by, delimitation=shown, note=note, files=files, now=timezone.now()),
    )  # fmt: skip


@open_to()
def evidence(request: HttpRequest, pk: int, sequence: int, at: int) -> HttpResponse:
    """Return a file that a record rests on; only to the region itself and those above (依据材料)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    entry = get_object_or_404(Entry.objects.for_person(by), delimitation=shown, sequence=sequence)
    if not shown.region_id.startswith(by.scope) or at >= len(entry.evidence):
        raise Http404
    folder = zones_folder(shown).resolve()
    path = (folder / entry.evidence[at]["file"]).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise Http404
    return handed_out(path.read_bytes(), entry.evidence[at]["name"])


def done(request: HttpRequest, shown: Delimitation, told: str, do: Callable[[], object]) -> HttpResponse:
    """
    Do something, and tell how it went (办理并告知).

    Parameters
    ----------
    request : HttpRequest
    shown : Delimitation
    told : str
        What is said if it went well.
    do : callable
        Raises Refusal if it may not be.
    """
    try:
        do()
    except Refusal as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, told)
    return redirect(shown)
