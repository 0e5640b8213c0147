"""Comments on the zones and their answers (征求意见): a county speaks of the city's zones on its own land."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from bureau.access import Duty
from bureau.delimitation.acting import Ground, alone_with, evidence_of, words_needed
from bureau.delimitation.models import Comment, Delimitation, Photo, ZoneShape
from bureau.delimitation.shapes import PLACES, shape_of, write_features
from bureau.delimitation.wording import OPINION_CHOICES
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.tasks.evidence import Kept
from shuibao.delimitation.life import answering
from shuibao.delimitation.life.comments import OUTCOMES
from shuibao.delimitation.life.stages import stage_named

OPINIONS = OPINION_CHOICES
TAKES = ("adopt", "partly")
"""Outcomes by which zones are changed, or it is said why not."""
SPEAKS = (Duty.CLERK, Duty.REVIEW)
"""Duties that may speak for their region."""
PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
"""How JPEG and PNG files begin."""


@dataclass(frozen=True)
class Words:
    """
    What somebody says of the zones (意见内容).

    Attributes
    ----------
    opinion : {"agree", "adjust", "object"}
    text : str
        Must say something but for who agrees.
    code : str
        The zone, if it is about one.
    place : str
        GeoJSON of a point or area, if it is about a place.
    photos : sequence of UploadedFile
        JPEG or PNG.
    """

    opinion: str
    text: str = ""
    code: str = ""
    place: str = ""
    photos: Sequence[UploadedFile[Any]] = field(default=())


def may_comment(by: Person, delimitation: Delimitation) -> bool:
    """
    Return whether a person may speak of the zones: they are of the region, or of one within it (可否提意见).

    Parameters
    ----------
    by : Person
    delimitation : Delimitation
    """
    return by.has_any_duty(SPEAKS) and delimitation.region.holds(by.organisation.region_id)


def is_own(comment: Comment, by: Person) -> bool:
    """
    Return whether a comment is a person's own: they said it, or took it in for their own unit (是否本人意见).

    Who takes in what another unit sent may answer it.

    Parameters
    ----------
    comment : Comment
    by : Person
    """
    unit = comment.unit in ("", by.organisation.name)
    said = comment.commenter == by.name
    return (comment.by_id == by.pk and (unit or said)) or (unit and said)


def comment(*, by: Person, delimitation: Delimitation, words: Words, now: datetime) -> Comment:
    """
    Comment on the zones (提意见).

    Parameters
    ----------
    by : Person
        Of the region or of one within it; a county speaks of its own land.
    delimitation : Delimitation
        Not yet in examination.
    words : Words
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs, says nothing, is about another county's land, or comes too late.
    """
    if not may_comment(by, delimitation):
        raise Refusal("not-your-region", f"只有{delimitation.region}及其下级的经办、审核人员可以对它提意见。")
    if words.opinion not in dict(OPINIONS):
        raise Refusal("no-opinion", f"态度应为{'、'.join(name for _, name in OPINIONS)}之一。")
    if words.opinion != "agree":
        words_needed(words.text, "意见内容")
    shape = shape_of(words.place, PLACES) if words.place.strip() else None
    check_own_land(by, delimitation, words.code, shape)
    kept = _photos(words.photos)
    with alone_with(delimitation, by=by, now=now) as ground:
        if not stage_named(ground.delimitation.stage, ground.rules).edits:
            raise Refusal("too-late", "已进入审核，不再收意见；请联系经办人退回调整后再提。")
        (made,) = _take_in(ground, words, shape, kept)
    found = Comment.objects.get(delimitation=delimitation, number=made)
    Photo.objects.bulk_create([
        Photo(comment=found, name=k.name, sha256=k.sha256, size=k.size, media_type=k.media_type, path=k.path) for k in kept
    ])  # fmt: skip
    return found


def answer(
    *, by: Person, comment: Comment, outcome: str, text: str, now: datetime, edit: int | None = None,
    codes: Sequence[str] | None = None, unedited: str = "",
) -> None:  # fmt: skip
    """
    Answer a comment; a later answer counts, the earlier stays on record (答复意见).

    Parameters
    ----------
    by : Person
        A clerk of the region; another than who made the comment.
    comment : Comment
    outcome : {"adopt", "partly", "reject"}
    text : str
        The answer.
    now : datetime
    edit : int, optional
        Number of the edit that was made of it.
    codes : sequence of str, optional
        Zones that it is about, where that is not known yet; empty for all of them.
    unedited : str
        Why no zone is changed, where a comment is adopted and no edit is named; it is written into the answer.

    Raises
    ------
    Refusal
        If it is not theirs, their own comment, says nothing, adopts and names neither edit nor reason, or it is not known
        which zones the comment is about.
    """
    if not by.may(Duty.CLERK, comment.delimitation.region_id):
        raise Refusal("not-your-region", f"意见由{comment.delimitation.region}的经办人员答复。")
    if is_own(comment, by):
        raise Refusal("second-person", "自己提的意见须由另一人答复；请由另一位经办人员办理。")
    if outcome not in OUTCOMES:
        raise Refusal("no-outcome", f"应选{'、'.join(name for name, _ in OUTCOMES.values())}之一。")
    text = words_needed(text, "答复内容")
    if outcome in TAKES and edit is None:
        if not unedited.strip():
            told = (
                f"“{OUTCOMES[outcome][0]}”的意见，请填据此所做的修改号（在“流程记录”里）；不改区域的，写明不改的理由。"
            )
            raise Refusal("edit-missing", told)
        text = f"{text}（未改区域：{unedited.strip()}）"
    if not comment.placed and codes is None:
        told = "还没有对应到区域，请在“意见所指区域”一栏写明区域编号，针对全部成果的写“全部”，再答复。"
        raise Refusal("not-placed", f"第 {comment.number} 条意见{told}")
    with alone_with(comment.delimitation, by=by, now=now) as ground:
        place, theme = ground.delimitation.folder, ground.delimitation.theme
        if codes is not None:
            answering.assign(place, theme, comment.number, list(codes), ground.act("答复时指明"), ground.rules)
        answering.answer(place, theme, comment.number, outcome, ground.act(text), ground.rules, edit=edit)
    comment.refresh_from_db()


def _take_in(ground: Ground, words: Words, shape: Any, photos: Sequence[Kept]) -> list[int]:
    """Hand the comment in as a file, as counties send them; the photographs' hashes are in it."""
    by, day = ground.by, timezone.localdate(ground.now).isoformat()
    told = {
        "unit": by.organisation.name, "commenter": by.name, "text": words.text.strip(), "date": day, "opinion": words.opinion,
        "code": words.code, "photos": "；".join(f"{photo.name} {photo.sha256}" for photo in photos),
    }  # fmt: skip
    path = write_features(ground.bench / f"{by.organisation.name}意见.geojson", [(shape, told)])
    made, _ = answering.take_in(ground.delimitation.folder, ground.delimitation.theme, path, ground.act(), ground.rules)
    return [one.number for one in made]


def check_own_land(by: Person, delimitation: Delimitation, code: str, shape: Any) -> None:
    """
    Refuse a comment on zones or land of another county (只对本辖区提意见).

    Parameters
    ----------
    by : Person
    delimitation : Delimitation
    code : str
        Of the zone; empty for none.
    shape : shapely geometry or None
        The place, in degrees.

    Raises
    ------
    Refusal
        If the zone or the place is not theirs.
    """
    zones = ZoneShape.objects.for_person(by).filter(delimitation=delimitation, code=code)
    if code and not zones.exists():
        raise Refusal("not-your-land", f"本辖区没有编号为 {code} 的区域；请在本辖区的区域中选择。")
    border = by.organisation.region.border
    if shape is not None and border is not None:
        place = GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=4490)
        if not border.intersects(place):
            raise Refusal("not-your-land", f"所指的位置不在{by.organisation.region}；请只对本辖区的土地提意见。")


def _photos(files: Sequence[UploadedFile[Any]]) -> list[Kept]:
    """Keep photographs, which must be pictures."""
    other = [str(file.name) for file in files if not str(file.name).lower().endswith((".jpg", ".jpeg", ".png"))]
    if other:
        raise Refusal("photo-kind", f"“{other[0]}”不是照片；这里只收 JPG、PNG，请重新选择。")
    for file in files:
        begins = file.read(8)
        file.seek(0)
        if not begins.startswith(PICTURES):
            raise Refusal("photo-kind", f"“{file.name}”的内容不是 JPG 或 PNG 图片，只是名字像；请选择真正的照片。")
    return evidence_of(files)
