"""Editing boundaries and names (边界与属性修改): each edit a record with who, when, why and on what evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import shapely
from django.core.files.uploadedfile import UploadedFile
from shapely.ops import split as cut

from bureau.access import Duty
from bureau.delimitation.acting import Ground, alone_with, evidence_of, in_plain_words, words_needed
from bureau.delimitation.models import Delimitation, ZoneShape
from bureau.delimitation.selectors import rules_of
from bureau.delimitation.shapes import LINES, fault_in_words, shape_of, write_features
from bureau.office.models import Person
from bureau.refusal import Refusal
from shuibao.delimitation.contract import fields_of
from shuibao.delimitation.life.editing import FIXED, Wishes
from shuibao.delimitation.life.edits import record_edit
from shuibao.delimitation.life.incoming import Incoming, read_incoming, refuse_foreign, territory_of
from shuibao.delimitation.life.kind_overlaps import Resolution
from shuibao.delimitation.life.versions import current_layer
from shuibao.messages import ShuibaoError

CHANGED = "zone-changed"
"""Code of the refusal of an edit that was made on a zone as it no longer is; pages answer it with 409."""
OVERLAPS = (("refuse", "拒绝保存"), ("cut-edited", "裁去本区域重叠的部分"), ("cut-others", "裁去相邻区域重叠的部分"))
"""What may be done about overlaps with zones of the kind."""
UNSET = (*FIXED, "name", "kind_name", "level_name")
"""Attributes that follow from others, or are changed elsewhere."""
TOUCHING = 1e-9
"""Degrees within which borders are one: a tenth of a millimetre, what the index rounds to."""
_INVALID = re.compile(r"：自相交或无效（([^）]*)）.*$")
"""How a shape that crosses itself is told of a file that was handed in."""
LEAST_PART = 1e-12
"""Square degrees below which a part that a cut leaves is nothing but rounding."""


@dataclass(frozen=True)
class Reason:
    """
    Why an edit is made, and on what (修改理由与依据).

    Attributes
    ----------
    why : str
    files : sequence of UploadedFile
        At least one, but where only a name is given.
    """

    why: str
    files: Sequence[UploadedFile[Any]] = field(default=())


def reshape(
    *, by: Person, delimitation: Delimitation, code: str, token: str, geometry: str, reason: Reason, now: datetime,
    overlaps: str = "refuse",
) -> int:  # fmt: skip
    """
    Give a zone another boundary (修改边界).

    Vertices within the rule packs' distance of those that were there are brought onto them.

    Parameters
    ----------
    by : Person
        A clerk of the region.
    delimitation : Delimitation
    code, token : str
        The zone, and its digest when the edit was begun.
    geometry : str
        GeoJSON, longitude and latitude in CGCS2000.
    reason : Reason
    now : datetime
    overlaps : {"refuse", "cut-edited", "cut-others"}
        What to do about overlaps.

    Returns
    -------
    int
        Number of the edit.

    Raises
    ------
    Refusal
        If it is not theirs, says no reason or evidence, is wrong, or the zone changed in the meantime.
    """
    shape = shape_of(geometry)
    if overlaps not in dict(OVERLAPS):
        raise Refusal("no-overlaps", "没有这种处理重叠的办法；请在列出的三种中选一种。")

    def wishes(ground: Ground) -> tuple[Incoming, Any]:
        return _handed_in(ground, [(shape, {"code": code})])

    return _edit(by, delimitation, {code: token}, reason, now, wishes, cast("Resolution", overlaps))


def split(
    *, by: Person, delimitation: Delimitation, code: str, token: str, line: str, reason: Reason, now: datetime
) -> int:
    """
    Cut a zone in two or more by a line; the largest part keeps the code (拆分).

    Parameters
    ----------
    by : Person
    delimitation : Delimitation
    code, token : str
        The zone, and its digest when the edit was begun.
    line : str
        GeoJSON of a line that crosses the zone.
    reason : Reason
    now : datetime

    Returns
    -------
    int
        Number of the edit.

    Raises
    ------
    Refusal
        As :func:`reshape`, and if the line does not cut the zone.
    """
    drawn = shape_of(line, LINES)

    def wishes(ground: Ground) -> tuple[Incoming, Any]:
        zone = ZoneShape.objects.get(delimitation=ground.delimitation, code=code)
        whole = shapely.from_wkb(bytes(zone.geometry.wkb))
        parts = [p for w in shapely.get_parts(whole) for p in cut(w, drawn).geoms if p.area > LEAST_PART]
        if len(parts) <= len(shapely.get_parts(whole)):
            raise Refusal("not-cut", f"这条线没有把 {code} 切开；线的两端应画到区域之外。")
        parts.sort(key=lambda part: -part.area)
        codes = _fresh_codes(ground.delimitation, code, len(parts) - 1)
        rest = [(part, {"code": new, "parent": code}) for part, new in zip(parts[1:], codes, strict=True)]
        return _handed_in(ground, [(parts[0], {"code": code}), *rest])

    return _edit(by, delimitation, {code: token}, reason, now, wishes, what="拆分区域")


def rename(
    *, by: Person, delimitation: Delimitation, code: str, token: str, name: str, reason: Reason, now: datetime
) -> int:
    """
    Give a zone another name (改名称); a reason will do, evidence may be added.

    Raises
    ------
    Refusal
        As :func:`reshape`.
    """
    settings = {code: {"name": words_needed(name, "名称")}}
    return _edit(by, delimitation, {code: token}, reason, now, settings=settings, evidence=False)


def settable(delimitation: Delimitation) -> list[tuple[str, str]]:
    """
    Return the attributes of zones that may be set, with their titles (可改属性).

    Parameters
    ----------
    delimitation : Delimitation
    """
    fields = fields_of(rules_of(delimitation), delimitation.theme)
    return [(f.name, f.title) for f in fields if f.name not in UNSET]


def set_attribute(
    *, by: Person, delimitation: Delimitation, code: str, token: str, column: str, value: str, reason: Reason, now: datetime
) -> int:  # fmt: skip
    """
    Set an attribute of a zone, such as the slope of one that nothing was computed for (改属性).

    Parameters
    ----------
    by : Person
    delimitation : Delimitation
    code, token : str
        The zone, and its digest when the edit was begun.
    column, value : str
        Which of :func:`settable`, and what it is to be.
    reason : Reason
    now : datetime

    Raises
    ------
    Refusal
        As :func:`reshape`, and if there is no such attribute or the value is of another type or county.
    """
    titles = dict(settable(delimitation))
    if column not in titles:
        raise Refusal("no-attribute", "没有这项属性，或不能直接改；请在列出的里面选。")
    settings = {code: {column: words_needed(value, titles[column])}}

    def wishes(ground: Ground) -> tuple[None, None]:
        refuse_foreign(settings, territory_of(ground.region))
        return None, None

    return _edit(by, delimitation, {code: token}, reason, now, wishes, settings=settings, what="改属性")


def merge(
    *, by: Person, delimitation: Delimitation, code: str, token: str, others: Sequence[str], reason: Reason, now: datetime
) -> int:  # fmt: skip
    """
    Make one zone of several that touch; it keeps the first code (合并).

    Parameters
    ----------
    by : Person
    delimitation : Delimitation
    code, token : str
        The zone whose code is kept, and its digest when the edit was begun.
    others : sequence of str
        Codes of those that it takes up.
    reason : Reason
    now : datetime

    Raises
    ------
    Refusal
        As :func:`reshape`, and if they are of several kinds or do not touch.
    """
    if not others:
        raise Refusal("nothing-to-merge", "请选择要并入的区域。")
    return _edit(by, delimitation, {code: token}, reason, now, merge=((code, *others),), what="合并区域")


def mergeable(one: ZoneShape, other: ZoneShape) -> bool:
    """
    Return whether two zones of a kind would be one piece, and may be one (可否合并).

    Parameters
    ----------
    one, other : ZoneShape
    """
    if one.delimitation.theme == "steep_slope":
        places = [(zone.county_id, zone.attributes.get("town") or "") for zone in (one, other)]
        if places[0] != places[1]:
            return False
    shapes = [shapely.from_wkb(bytes(zone.geometry.wkb)) for zone in (one, other)]
    whole = shapely.union_all(shapes, grid_size=TOUCHING)
    pieces = [len(shapely.get_parts(shape)) for shape in (whole, *shapes)]
    has_area = all(part.area > 0 for part in shapely.get_parts(whole))
    return bool(has_area and pieces[0] <= max(pieces[1:]))


def remove(*, by: Person, delimitation: Delimitation, code: str, token: str, reason: Reason, now: datetime) -> int:
    """
    Take a zone out (删除); the records keep it.

    Raises
    ------
    Refusal
        As :func:`reshape`.
    """
    return _edit(by, delimitation, {code: token}, reason, now, remove=(code,), what="删除区域")


def _edit(
    by: Person, delimitation: Delimitation, tokens: dict[str, str], reason: Reason, now: datetime,
    wishes: Any = None, overlaps: Resolution = "refuse", *, evidence: bool = True, what: str = "修改边界", **others: Any,
) -> int:  # fmt: skip
    """Record an edit of zones that are still as they were when it was begun."""
    if not by.may(Duty.CLERK, delimitation.region_id):
        raise Refusal("not-your-region", f"您没有{delimitation.region}的经办岗位，不能修改区域。")
    why = words_needed(reason.why, "修改的理由")
    if evidence and not reason.files:
        raise Refusal(
            "evidence-missing", f"{what}须附依据：现场照片、会议纪要或来文，至少一件；请在“依据材料”里选择文件。"
        )
    kept = evidence_of(reason.files)
    with alone_with(delimitation, by=by, now=now) as ground:
        locked = ground.delimitation
        for code, token in tokens.items():
            _check_unchanged(locked, code, token)
        incoming, source = wishes(ground) if wishes is not None else (None, None)
        record = record_edit(
            locked.folder, locked.theme, Wishes(incoming, **others), ground.act(why, kept), ground.rules, source=source,
            resolution=overlaps,
        )  # fmt: skip
    delimitation.refresh_from_db()
    return record.number


def _check_unchanged(delimitation: Delimitation, code: str, token: str) -> None:
    """Refuse to edit a zone that somebody changed in the meantime."""
    found = ZoneShape.objects.filter(delimitation=delimitation, code=code).values_list("token", flat=True).first()
    if found is None:
        raise Refusal("zone-gone", f"区域 {code} 已不在（被删除或并入别的区域）；请返回列表查看。")
    if found != token:
        last = delimitation.entries.filter(codes__contains=[code], kind="edit").last()
        told = f"（{last.who}，{last.on}：{last.why}）" if last else ""
        raise Refusal(
            CHANGED, f"您编辑期间，{code} 已被修改{told}；没有保存。您画的边界还在，请对照现在的边界再改、再保存。"
        )


def _handed_in(ground: Ground, features: list[tuple[Any, dict[str, str]]]) -> tuple[Incoming, Any]:
    """Write shapes as a file that is handed in, and read it as shuibao reads any."""
    path = write_features(ground.bench / "送来的边界.geojson", features)
    layer = current_layer(ground.delimitation.folder, ground.delimitation.theme)
    try:
        return read_incoming(path, layer, ground.rules, territory_of(ground.region)), path
    except ShuibaoError as refused:
        raise Refusal("refused", words_for_boundaries(refused, layer.crs)) from refused


def words_for_boundaries(refused: ShuibaoError, crs: Any) -> str:
    """
    Return what is wrong with boundaries that were drawn: which zone, what, about where; no file was handed in (边界问题).

    Parameters
    ----------
    refused : ShuibaoError
        Of :func:`shuibao.delimitation.life.incoming.read_incoming`.
    crs : CRS
        System of the layer.
    """
    lines = [line.strip(" ·") for line in refused.zh.splitlines()]
    faults = [_INVALID.sub(lambda found: f"：{fault_in_words(found[1], crs)}。", line) for line in lines[1:-1]]
    if not faults:
        return in_plain_words(refused)
    told = "".join(in_plain_words(ShuibaoError(fault, "")) for fault in faults)
    return f"画的边界有 {len(faults)} 处不能用，没有保存。{told}请把那里的顶点移开，或撤销后重画，再保存。"


def _fresh_codes(delimitation: Delimitation, code: str, count: int) -> list[str]:
    """Return codes for the parts of a zone that nobody has."""
    taken = set(delimitation.zones.values_list("code", flat=True))
    found: list[str] = []
    number = 1
    while len(found) < count:
        wanted = f"{code}-{number}"
        if wanted not in taken:
            found.append(wanted)
        number += 1
    return found
