"""
Bringing in disturbance patches (图斑入库): received, converted in the sandbox, checked, judged by a second person, published.

What the file's columns and words mean is guessed from the draft table of names, and may be said otherwise until somebody
judges; every time it is checked anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from bureau.access import Duty
from bureau.commissions.models import PatchBatch
from bureau.commissions.sandbox import Refused, told_by
from bureau.commissions.uploads import taken_in
from bureau.commissions.years import refuse_year
from bureau.kept_files import keep_file, stored
from bureau.office.models import Person
from bureau.publications.patch_reading import Meaning, PatchLayer, read_patches
from bureau.publications.patch_words import dictionary, fields, guess, told
from bureau.publications.services import publish_patches
from bureau.refusal import Refusal
from bureau.regions.models import Region

SUFFIXES = (".gpkg", ".zip")
Status = PatchBatch.Status
OPEN = (Status.RECEIVED, Status.FAULTY, Status.CHECKED)


@transaction.atomic
def receive(
    *,
    by: Person,
    region: Region,
    year: int,
    batch: str,
    file: UploadedFile[bytes],
    now: datetime,
    before: date | None = None,
    after: date | None = None,
    simulated: bool = False,
) -> PatchBatch:
    """
    Receive a file of patches; the worker looks into it (接收图斑文件).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    region : Region
        County, city or province; all patches must lie in it.
    year : int
    batch : str
        Interpretation batch, such as ``2024 年第 1 期``.
    file : UploadedFile
        GeoPackage, or zipped shapefile.
    now : datetime
    before, after : date, optional
        Dates of the images, of patches that name none.
    simulated : bool
        Whether they are made up (模拟数据).

    Raises
    ------
    Refusal
        If the region is not theirs, the ending is another, the same batch is under way, or there is no room.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region} 不在您的经办范围内，不能为它上传图斑；请在本辖区内选择。")
    refuse_year(year, now=now)
    if not batch.strip():
        raise Refusal("no-batch", "没有写解译批次；请填写，如“2024 年第 1 期”。")
    if before and after and before > after:
        raise Refusal("wrong-dates", f"前时相 {before} 晚于后时相 {after}；请核对影像日期。")
    suffix = Path(file.name or "").suffix.lower()
    if suffix not in SUFFIXES:
        raise Refusal(
            "wrong-suffix", f"“{file.name}”不能作图斑文件：应为 GeoPackage（.gpkg）或 shapefile 压缩包（.zip）。"
        )
    if PatchBatch.objects.filter(
        region=region, year=year, batch=batch.strip(), status__in=(*OPEN, Status.ACCEPTED)
    ).exists():
        raise Refusal("under-way", f"{region.name} {year} 年“{batch}”已有未了结的入库；请先审核或撤回它。")
    made = PatchBatch.objects.create(
        region=region, year=year, batch=batch.strip()[:40], name=Path(file.name or "").name[:200], simulated=simulated,
        before=before, after=after, by=by, at=now, raw=taken_in(file, suffix),
    )  # fmt: skip
    _look_again(made)
    return made


def _look_again(batch: PatchBatch) -> None:
    """Leave the check to the worker; together with what was written, or not at all."""
    from bureau.commissions import jobs

    jobs.look_into_patches.configure(lock=f"patches-{batch.pk}").defer(batch=batch.pk)


def look_into(pk: int) -> None:
    """
    Convert a file of patches if it is not yet, and check it (检查图斑).

    Parameters
    ----------
    pk : int
        The batch. One that is not to be checked is left alone.
    """
    waiting = PatchBatch.objects.filter(pk=pk, status=Status.RECEIVED)
    batch = waiting.select_related("region").first()
    if batch is None:
        return
    if not batch.path and not _convert(batch):
        return
    layer = layer_of(batch)
    waiting.update(
        status=Status.CHECKED if layer.good else Status.FAULTY, round=batch.round + 1, tally=_tally(layer),
        findings=[{"wrong": found.wrong, "text": found.text} for found in layer.findings], unknown=layer.unknown,
        message="检查通过，等待另一人审核。" if layer.good else "有问题须改正：在本页改列与字典的对照，或撤回后改正文件再上传。",
    )  # fmt: skip


def _convert(batch: PatchBatch) -> bool:
    """Convert what was received, and guess what its columns mean; say so if it is refused."""
    raw = stored(batch.raw)
    made = raw.with_name(f"{raw.stem}.made.gpkg")
    try:
        batch.details = told_by("bureau.commissions.patch_converting", {"raw": str(raw), "made": str(made)})
        batch.path, batch.sha256 = keep_file("uploads", made, ".gpkg")
        batch.columns = guess(batch.details["columns"])
    except Refused as refused:
        message = str(refused)
    except OSError:
        message = "服务器存不下转换结果（磁盘已满或不可写）；请告知运维人员后重新上传。"
    else:
        words = {"details": batch.details, "path": batch.path, "sha256": batch.sha256, "columns": batch.columns}
        PatchBatch.objects.filter(pk=batch.pk, status=Status.RECEIVED).update(**words)
        raw.unlink(missing_ok=True)
        return True
    finally:
        made.unlink(missing_ok=True)
    PatchBatch.objects.filter(pk=batch.pk, status=Status.RECEIVED).update(status=Status.REFUSED, message=message)
    raw.unlink(missing_ok=True)
    return False


def layer_of(batch: PatchBatch) -> PatchLayer:
    """
    Return the patches of a file that was converted, as they are understood now (读取图斑).

    Parameters
    ----------
    batch : PatchBatch
    """
    meaning = Meaning(batch.columns, batch.words, batch.batch, batch.before, batch.after)
    return read_patches(stored(batch.path), meaning, batch.region)


def _tally(layer: PatchLayer) -> list[dict[str, Any]]:
    """Return how many patches each county has, of which compliance, and their area, hm²."""
    columns = layer.columns
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"count": 0, "hm2": 0.0, "verdicts": defaultdict(int)})
    for county, verdict, area in zip(columns["county"], columns["verdict"], columns["area_m2"], strict=True):
        own = found[county]
        own["count"] += 1
        own["hm2"] += area / 1e4
        own["verdicts"][verdict] += 1
    return [{"county": code, **own, "hm2": round(own["hm2"], 2)} for code, own in sorted(found.items())]


@transaction.atomic
def understand(
    *, by: Person, batch: PatchBatch, columns: Mapping[str, str], words: Mapping[str, Mapping[str, str]]
) -> None:
    """
    Say what the file's columns and words mean; it is checked anew (列与字典对照).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    batch : PatchBatch
    columns : mapping of str to str
        Column of the file by our key.
    words : mapping of str to mapping of str to str
        Codes of words that the dictionaries do not have, by our key.

    Raises
    ------
    Refusal
        If it is not theirs, judged already, or a column or code is none.
    """
    if not by.may(Duty.CLERK, batch.region_id):
        raise Refusal("not-your-region", f"{batch.region} 不在您的经办范围内，不能改它的对照。")
    keys = {field.key: field.dictionary for field in fields()}
    there = set(batch.details.get("columns", ()))
    if wrong := [column for key, column in columns.items() if key not in keys or column not in there]:
        raise Refusal("no-column", f"文件里没有列“{wrong[0][:40]}”；请在给出的列中选择。")
    twice = sorted({column for column in columns.values() if list(columns.values()).count(column) > 1})
    if twice:
        raise Refusal("column-twice", f"列“{twice[0][:40]}”选了不止一次；每列只能作一个字段。")
    for key, codes in words.items():
        allowed = {word.code for word in dictionary(keys[key])} if keys.get(key) else set()
        if wrong := [code for code in codes.values() if code not in allowed]:
            raise Refusal("no-word", f"字典里没有“{wrong[0][:40]}”；请在给出的项中选择。")
    changed = PatchBatch.objects.filter(pk=batch.pk, status__in=(Status.FAULTY, Status.CHECKED)).update(
        status=Status.RECEIVED, columns=dict(columns), words={**batch.words, **words}, message="正在按新的对照重新检查。",
    )  # fmt: skip
    if changed != 1:
        _changed_since(batch)
    batch.refresh_from_db()
    _look_again(batch)


@transaction.atomic
def withdraw(*, by: Person, batch: PatchBatch) -> None:
    """
    Take a file back before it is judged (撤回).

    Raises
    ------
    Refusal
        If it is not one's own, or judged already.
    """
    if batch.by_id != by.pk and not by.may(Duty.REVIEW, batch.region_id):
        raise Refusal("not-yours", "只有上传人或本辖区的审核人员可以撤回。")
    _become(batch, Status.WITHDRAWN, OPEN, message="已撤回；可以改正后重新上传。")


@transaction.atomic
def accept(*, by: Person, batch: PatchBatch, round_: int, reason: str, now: datetime) -> None:
    """
    Accept patches; the worker publishes them (审核通过).

    Parameters
    ----------
    by : Person
        A reviewer of the region, not who brought them in.
    batch : PatchBatch
    round_ : int
        The check that the reviewer saw.
    reason : str
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs to judge, their own, or was checked anew since they looked.
    """
    _check_judge(by, batch)
    _become(
        batch, Status.ACCEPTED, (Status.CHECKED,), round_=round_, judged_by=by, judged=now, reason=reason,
        message="已通过，正在发布。",
    )  # fmt: skip
    from bureau.commissions import jobs

    jobs.publish_patches.configure(lock=f"patches-{batch.pk}").defer(batch=batch.pk)


@transaction.atomic
def reject(*, by: Person, batch: PatchBatch, reason: str, now: datetime) -> None:
    """
    Reject patches, and say why (退回).

    Raises
    ------
    Refusal
        As :func:`accept`, and if no reason is given.
    """
    _check_judge(by, batch)
    if not reason.strip():
        raise Refusal("reason-missing", "退回须写明理由，以便上传人改正后重新上传。")
    _become(
        batch, Status.REJECTED, (Status.CHECKED, Status.FAULTY), judged_by=by, judged=now, reason=reason, message=""
    )


def _check_judge(by: Person, batch: PatchBatch) -> None:
    """Refuse who may not judge."""
    if not by.may(Duty.REVIEW, batch.region_id):
        raise Refusal("not-your-region", f"您没有{batch.region}的审核岗位，不能审核这批图斑。")
    if by.pk == batch.by_id:
        raise Refusal("own-batch", "自己上传的图斑须由另一人审核。")


def _become(
    batch: PatchBatch, status: str, from_any: tuple[str, ...], *, round_: int | None = None, **given: object
) -> None:
    """Change the status, if it is still one of those it may come from."""
    found = PatchBatch.objects.filter(pk=batch.pk, status__in=from_any)
    if round_ is not None:
        found = found.filter(round=round_)
    if found.update(status=status, **given) != 1:
        _changed_since(batch)
    batch.refresh_from_db()


def _changed_since(batch: PatchBatch) -> None:
    batch.refresh_from_db()
    raise Refusal(
        "status-changed",
        f"这批图斑现为“{batch.get_status_display()}”（第 {batch.round} 次检查），不能这样操作；请刷新后再看。",
    )


def provenance_of(batch: PatchBatch) -> dict[str, Any]:
    """Return what is published of where patches came from (来源)."""
    names = {field.key: field.name for field in fields()}
    return {
        "origin": f"图斑入库第 {batch.pk} 号", "file": batch.name, "file_sha256": batch.sha256,
        "columns": {names[key]: column for key, column in batch.columns.items()}, "meant": batch.words, "words": told(),
        "repaired": batch.details.get("repaired", 0), "telephones_left_out": batch.details.get("hidden", 0),
        "data_kind": "模拟数据" if batch.simulated else "",
    }  # fmt: skip


def publish(pk: int) -> None:
    """
    Publish patches that were accepted (发布图斑); those that cannot be go back to be judged, and say why.

    Parameters
    ----------
    pk : int
        The batch. One that is not accepted is left alone.
    """
    found = PatchBatch.objects.filter(pk=pk, status=Status.ACCEPTED)
    batch = found.select_related("region", "by", "judged_by").first()
    if batch is None or batch.judged_by is None:
        return
    try:
        made = publish_patches(
            layer=layer_of(batch), region=batch.region, year=batch.year, batch=batch.batch, by=batch.by,
            reviewed_by=batch.judged_by, now=timezone.now(), simulated=batch.simulated, provenance=provenance_of(batch),
        )  # fmt: skip
    except Refusal as refused:
        found.update(
            status=Status.CHECKED, judged_by=None, judged=None, reason="", message=f"没有发布：{refused.message}"
        )
        return
    found.update(status=Status.PUBLISHED, publication=made, message=f"已发布：{made}。")
