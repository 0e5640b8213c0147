"""Pages of comments on the zones (征求意见页)."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from bureau.access import Duty, open_to
from bureau.delimitation import commenting
from bureau.delimitation.comment_files import NOT_YOURS, may_bring_in, take_in_file
from bureau.delimitation.commenting import SPEAKS, Words
from bureau.delimitation.forms import AnswerForm, CommentForm, CommentsFileForm
from bureau.delimitation.models import Comment, Photo, ZoneShape
from bureau.delimitation.picturing import map_words
from bureau.delimitation.selectors import is_being_worked_on, rules_of
from bureau.delimitation.views import common, delimitation_of
from bureau.downloads import kept_file
from bureau.office.models import Person
from bureau.pages.faults import faults_of
from bureau.refusal import Refusal
from shuibao.delimitation.life.comments import OUTCOMES, STATES

OPINIONS = dict(commenting.OPINIONS)


@open_to()
def listed(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the comments of one's own region, on a map and in a list (意见)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = (
        Comment.objects.for_person(by).filter(delimitation=shown).select_related("region").prefetch_related("photos")
    )
    rows = [
        {
            "comment": one, "opinion": OPINIONS.get(one.opinion, one.opinion), "state": STATES[one.state][0],
            "outcome": OUTCOMES[one.outcome][0] if one.outcome else "", "placed": one.placed,
            "own": commenting.is_own(one, by),
        }
        for one in found
    ]  # fmt: skip
    zones = ZoneShape.objects.for_person(by).filter(delimitation=shown)
    places = [
        {
            "type": "Feature", "geometry": json.loads(one.place.json),
            "properties": {"number": one.number, "open": not one.outcome},
        }
        for one in found if one.place is not None
    ]  # fmt: skip
    return render(request, "delimitation/comments.html", common(shown, by, "comments") | {
        "rows": rows, "waiting": sum(not row["outcome"] for row in rows), "form": AnswerForm(auto_id=False),
        "own": shown.region_id.startswith(by.scope), "edits": shown.entries.filter(kind="edit"),
        "may_answer": by.may(Duty.CLERK, shown.region_id),
        "may_bring_in": may_bring_in(by, shown) and is_being_worked_on(shown),
        "map": map_words(shown, by, zones) | {"places": {"type": "FeatureCollection", "features": places}},
    })  # fmt: skip


@open_to(*SPEAKS)
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Comment on the zones (提意见)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    form = CommentForm(request.POST or None, request.FILES or None, initial={"code": request.GET.get("code", "")})
    if request.method == "POST" and form.is_valid():
        try:
            made = commenting.comment(by=by, delimitation=shown, words=Words(**form.cleaned_data), now=timezone.now())
        except Refusal as refused:
            form.add_error(None, refused.message)
        else:
            messages.success(request, f"已登记第 {made.number} 条意见。")
            return redirect(f"{reverse('delimitation:comments', args=[pk])}#c{made.number}")
    zones = ZoneShape.objects.for_person(by).filter(delimitation=shown)
    own = zones.filter(county_id=by.organisation.region_id)
    context = common(shown, by, "comments") | {"form": form}
    if context["may_comment"] or form.is_bound:
        context["map"] = map_words(shown, by, own if own.exists() else zones) | {"draws": True}
    return render(request, "delimitation/comment.html", context)


@open_to(*SPEAKS)
def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in comments from a file (批量登记意见)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    form = CommentsFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            taken = take_in_file(by=by, delimitation=shown, file=form.cleaned_data["file"], now=timezone.now())
        except Refusal as refused:
            form.add_error("file", refused.message.splitlines())
        else:
            known = f"，另有 {taken.known} 条已登记过，略去" if taken.known else ""
            lost = f"；{taken.unplaced} 条没有对应到区域或对应到多个，答复时请指明" if taken.unplaced else ""
            messages.success(request, f"已登记 {len(taken.numbers)} 条意见{known}{lost}。")
            return redirect(f"{reverse('delimitation:comments', args=[pk])}#c{taken.numbers[0]}")
    fields = rules_of(shown).value("zone_comment.fields")
    context = {
        "may_bring_in": may_bring_in(by, shown) and (is_being_worked_on(shown) or form.is_bound),
        "not_yours": NOT_YOURS.format(shown.region),
        "form": form,
        "columns": [(sorted(row["names"], key=str.isascii), row["id"]) for row in fields],
        "opinions": OPINIONS.values(),
    }
    return render(request, "delimitation/comments_file.html", common(shown, by, "comments") | context)


@require_POST
@open_to(Duty.CLERK)
def answer(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Answer a comment (答复)."""
    by: Person = request.user  # type: ignore[assignment]
    shown = delimitation_of(request, pk)
    found = get_object_or_404(
        Comment.objects.for_person(by).select_related("delimitation"), delimitation=shown, number=number
    )
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"没有答复。{faults_of(form)}")
    else:
        try:
            commenting.answer(by=by, comment=found, now=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            messages.error(request, refused.message)
        else:
            messages.success(request, f"第 {number} 条意见已答复。")
    return redirect(f"{reverse('delimitation:comments', args=[pk])}#c{number}")


@open_to()
def photo(request: HttpRequest, pk: int, photo: int) -> HttpResponse:
    """Return a photograph of a comment (意见照片)."""
    shown = delimitation_of(request, pk)
    found = get_object_or_404(Photo.objects.for_person(request.user), comment__delimitation=shown, pk=photo)
    return kept_file(found.path, found.name, found.media_type, shown=True)
