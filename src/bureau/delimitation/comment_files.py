"""
Comments that come as a file (批量登记意见): read by a child in the sandbox, taken in whole or not at all.

Who compiles the zones takes in what counties sent on paper or as tables; a county may hand in those of its own land.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import shapely
from django.core.files.uploadedfile import UploadedFile

from bureau.access import Duty
from bureau.commissions.sandbox import Refused, told_by
from bureau.commissions.uploads import taken_in
from bureau.delimitation.acting import alone_with, in_plain_words
from bureau.delimitation.commenting import check_own_land, may_comment
from bureau.delimitation.models import Comment, Delimitation
from bureau.kept_files import stored
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Level, Region
from shuibao.delimitation.life import answering
from shuibao.delimitation.life.stages import stage_named
from shuibao.messages import ShuibaoError

SUFFIXES = (".xlsx", ".csv", ".gpkg", ".zip")
MOST_BYTES, SECONDS, TOLD = 20 * 2**20, 60, 20
"""Bytes of a file, seconds that reading it may take, and faults that are told at most (chosen)."""


NOT_YOURS = "只有{0}及其下级的经办、审核人员，和上级的经办人员，可以为它登记意见。"


@dataclass(frozen=True)
class Taken:
    """
    What came of a file (登记结果).

    Attributes
    ----------
    numbers : list of int
        Comments that are new.
    known : int
        How many were there already, and were passed over.
    unplaced : int
        New ones of which it is not known which zones they are about.
    """

    numbers: list[int]
    known: int
    unplaced: int


def may_bring_in(by: Person, delimitation: Delimitation) -> bool:
    """
    Return whether a person may take in comments from a file: who may speak of the zones, or compiles them (可否批量登记).

    Parameters
    ----------
    by : Person
    delimitation : Delimitation
    """
    return may_comment(by, delimitation) or by.may(Duty.CLERK, delimitation.region_id)


def take_in_file(*, by: Person, delimitation: Delimitation, file: UploadedFile[Any], now: datetime) -> Taken:
    """
    Take in the comments of a file, all of them or none (批量登记意见).

    Parameters
    ----------
    by : Person
        Of the region or of one within it, or a clerk above; a county hands in comments on its own land only.
    delimitation : Delimitation
        Not yet in examination.
    file : UploadedFile
        XLSX, CSV, GeoPackage or a zipped shapefile.
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs, comes too late, or is not as it should be: with each row that is not.
    """
    if not may_bring_in(by, delimitation):
        raise Refusal("not-your-region", NOT_YOURS.format(delimitation.region))
    suffix = Path(file.name or "").suffix.lower()
    if suffix not in SUFFIXES:
        raise Refusal(
            "wrong-suffix", f"“{file.name}”不能登记：应为 {'、'.join(SUFFIXES)} 文件（shapefile 打包为 .zip）。"
        )
    if not file.size or file.size > MOST_BYTES:
        raise Refusal(
            "wrong-size", f"“{file.name}”有 {file.size or 0} 字节；应大于 0，且不超过 {MOST_BYTES // 2**20} MB。"
        )
    raw = stored(taken_in(file, suffix))
    made = raw.with_suffix(".made.geojson")
    try:
        rows = _read(raw, made, delimitation)
        if not by.organisation.region.holds(delimitation.region_id):
            _refuse_others_land(by, delimitation, rows, made)
        return _recorded(by, delimitation, made, now)
    finally:
        for path in (raw, made):
            path.unlink(missing_ok=True)


def _read(raw: Path, made: Path, delimitation: Delimitation) -> list[dict[str, str]]:
    """Let the child read the file; return what each comment is about."""
    words = {"raw": str(raw), "made": str(made), "rules": list(delimitation.packs) or ["national"]}
    try:
        told = told_by("bureau.delimitation.comment_reading", words, seconds=SECONDS)
    except Refused as refused:
        raise Refusal("not-taken", in_plain_words(ShuibaoError(str(refused), ""))) from refused
    rows: list[dict[str, str]] = told["comments"]
    return rows


def _refuse_others_land(by: Person, delimitation: Delimitation, rows: list[dict[str, str]], made: Path) -> None:
    """Refuse comments on another county's land, naming each row."""
    shapes = [feature["geometry"] for feature in json.loads(made.read_text(encoding="utf-8"))["features"]]
    faults = []
    for k, (row, shape) in enumerate(zip(rows, shapes, strict=True), 1):
        try:
            check_own_land(
                by, delimitation, row["code"], None if shape is None else shapely.from_geojson(json.dumps(shape))
            )
        except Refusal as refused:
            faults.append(f"  · 第 {k} 条：{refused.message}")
    if faults:
        told = "\n".join(faults[:TOLD])
        raise Refusal("not-your-land", f"有 {len(faults)} 条不是对本辖区土地的意见，没有采用：\n{told}")


def _recorded(by: Person, delimitation: Delimitation, made: Path, now: datetime) -> Taken:
    """Take the comments into the record, and say whose they are."""
    with alone_with(delimitation, by=by, now=now) as ground:
        if not stage_named(ground.delimitation.stage, ground.rules).edits:
            raise Refusal("too-late", "已进入审核，不再收意见；请联系经办人退回调整后再提。")
        path = ground.bench / f"{by.organisation.name}意见.geojson"
        path.write_bytes(made.read_bytes())
        place, theme = ground.delimitation.folder, ground.delimitation.theme
        new, known = answering.take_in(place, theme, path, ground.act("批量登记"), ground.rules)
    numbers = [one.number for one in new]
    _give_to_counties(delimitation, numbers)
    return Taken(numbers, known, sum(not one.placed for one in new))


def _give_to_counties(delimitation: Delimitation, numbers: list[int]) -> None:
    """Let each county see the comments that its units made, and the region all others, though an office above took them in."""
    counties = Region.objects.filter(code__startswith=delimitation.region.prefix, level=Level.COUNTY)
    names = sorted(counties.values_list("name", "code"), key=lambda pair: -len(pair[0]))
    for comment in Comment.objects.filter(delimitation=delimitation, number__in=numbers):
        code = next((code for name, code in names if comment.unit.startswith(name)), delimitation.region_id)
        if code != comment.region_id and code.startswith(comment.region.prefix):
            comment.region_id = code
            comment.save(update_fields=["region"])
