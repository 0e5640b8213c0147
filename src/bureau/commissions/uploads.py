"""
Uploads (上传资料): received under a name of ours, converted by a child in a sandbox, kept by the sha256 of what came out.

Nothing of the bureau opens what somebody uploaded; only the child does (:mod:`bureau.commissions.converting`).
"""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from bureau.access import Duty
from bureau.commissions.kinds import FOLDER, KINDS
from bureau.commissions.models import Upload
from bureau.commissions.sandbox import Refused, converted, told_by
from bureau.kept_files import keep_file, stored, whole
from bureau.office.models import Person
from bureau.refusal import Refusal
from bureau.regions.models import Region

MOST_BYTES = 4 * 2**30
"""Bytes of the largest upload (chosen: a province's DEM at 30 m has 1 GB)."""


@transaction.atomic
def remove(*, by: Person, upload: Upload) -> None:
    """
    Delete an upload that no commission was made of (删除上传资料).

    Parameters
    ----------
    by : Person
        A clerk of its region.
    upload : Upload

    Raises
    ------
    Refusal
        If it is not theirs, is being checked, or was used.
    """
    if not by.may(Duty.CLERK, upload.region_id):
        raise Refusal("not-your-region", f"{upload.region} 不在您的经办范围内，不能删除其资料。")
    if upload.status == Upload.Status.RECEIVED:
        raise Refusal("being-checked", f"“{upload.name}”正在检查；请等检查完再删除。")
    if used := upload.commissions.order_by("pk").first():
        raise Refusal(
            "used", f"“{upload.name}”用在第 {used.pk} 号计算委托里，须留作依据，不能删除；不想再用，委托时不选即可。"
        )
    path = upload.path
    upload.delete()
    if path and not Upload.objects.filter(path=path).exists():
        transaction.on_commit(lambda: stored(path).unlink(missing_ok=True))


@transaction.atomic
def receive(*, by: Person, region: Region, kind: str, said: str, file: UploadedFile[bytes], now: datetime) -> Upload:
    """
    Receive a file; the worker looks into it (接收上传).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    region : Region
        What the file is of.
    kind : str
        One of :data:`bureau.commissions.kinds.KINDS`.
    said : str
        Its unit or scheme.
    file : UploadedFile
    now : datetime

    Raises
    ------
    Refusal
        If the region is not theirs, the ending is not one of the kind's, or the file is empty or too large.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region} 不在您的经办范围内，不能上传其资料。")
    if kind not in KINDS or said not in [choice for choice, _ in KINDS[kind].choices] + (
        [""] if not KINDS[kind].word else []
    ):
        raise Refusal("wrong-kind", "资料种类与单位（或分类）不相配；请重新选择。")
    suffix = Path(file.name or "").suffix.lower()
    if suffix not in KINDS[kind].suffixes:
        allowed = "、".join(KINDS[kind].suffixes)
        raise Refusal("wrong-suffix", f"“{file.name}”不能作{KINDS[kind].label}：应为 {allowed} 文件。")
    raw = taken_in(file, suffix)
    made = Upload.objects.create(
        region=region,
        kind=kind,
        said=said,
        name=Path(file.name or "").name[:200],
        by=by,
        at=now,
        raw=raw,
        size=file.size or 0,
    )
    from bureau.commissions import jobs

    jobs.convert.defer(upload=made.pk)
    return made


def taken_in(file: UploadedFile[bytes], suffix: str) -> str:
    """
    Write down what somebody sends, under a name of ours (接收文件).

    Parameters
    ----------
    file : UploadedFile
    suffix : str
        Its ending, which was found to be allowed.

    Returns
    -------
    str
        Where it is in the media folder.

    Raises
    ------
    Refusal
        If it is empty or too large, or there is no room for it; then nothing of it is left.
    """
    if not file.size or file.size > MOST_BYTES:
        raise Refusal(
            "wrong-size", f"“{file.name}”有 {file.size or 0} 字节；应大于 0，且不超过 {MOST_BYTES // 2**30} GB。"
        )
    raw = f"incoming/{secrets.token_hex(16)}{suffix}"
    try:
        with whole(stored(raw)) as unfinished, unfinished.open("xb") as out:
            for chunk in file.chunks():
                out.write(chunk)
    except OSError as full:
        raise Refusal(
            "no-room", "服务器存不下这个文件（磁盘已满或不可写）；文件没有保存，请告知运维人员后重试。"
        ) from full
    return raw


def settle(pk: int) -> None:
    """
    Convert what was received, and say whether it can be used (检查上传).

    Parameters
    ----------
    pk : int
        The upload. One that is settled already is left alone.
    """
    upload = Upload.objects.filter(pk=pk, status=Upload.Status.RECEIVED).select_related("region").first()
    if upload is None:
        return
    kind, raw = KINDS[upload.kind], stored(upload.raw)
    suffix = {"raster": ".tif", "table": ".csv", "vector": ".gpkg"}.get(kind.form, ".zip")
    made = raw.with_name(f"{raw.stem}.made{suffix}")
    try:
        details = _details(upload, raw, made)
        fields: dict[str, Any]
        upload.details = details
        details |= {} if upload.kind == FOLDER else _fit(upload, made, details)
        if wrong := _wrong_with(upload, details):
            fields = {"status": Upload.Status.REFUSED, "message": wrong, "details": details}
        else:
            size = made.stat().st_size
            path, digest = keep_file("uploads", made, suffix)
            fields = {
                "status": Upload.Status.READY, "sha256": digest, "path": path, "details": details, "size": size,
                "message": "",
            }  # fmt: skip
    except Refused as refused:
        fields = {"status": Upload.Status.REFUSED, "message": str(refused)}
    except OSError:
        fields = {
            "status": Upload.Status.REFUSED,
            "message": "服务器存不下转换结果（磁盘已满或不可写）；请告知运维人员后重新上传。",
        }
    finally:
        made.unlink(missing_ok=True)
    Upload.objects.filter(pk=pk, status=Upload.Status.RECEIVED).update(**fields)
    raw.unlink(missing_ok=True)


def _details(upload: Upload, raw: Path, made: Path) -> dict[str, Any]:
    """Convert an upload as its kind asks, and return what is in it."""
    kind = KINDS[upload.kind]
    if kind.form in ("folder", "series"):
        job = {"raw": str(raw), "made": str(made), "kind": upload.kind}
        return told_by("bureau.commissions.folder_converting", job)
    return converted(raw, made, form=kind.form, whole_numbers=kind.word == "scheme")


def _fit(upload: Upload, made: Path, details: dict[str, Any]) -> dict[str, Any]:
    """Return what the check finds in an upload that was converted; one too large to be tried is told so."""
    job = {
        "path": str(made), "kind": upload.kind, "said": upload.said, "code": upload.region_id, "year": upload.at.year - 1,
        "columns": details.get("columns", []), "names": names_of(upload, made),
    }  # fmt: skip
    try:
        found = told_by("bureau.commissions.fitting", job)["findings"]
    except Refused:
        untried = "文件较大，没有在上传时逐项检查；委托计算时还会检查，不合用会在那时说明。"
        found = [{"wrong": False, "where": KINDS[upload.kind].label, "text": untried}]
    errors = sum(finding["wrong"] for finding in found)
    return {"findings": found, "errors": errors, "warnings": len(found) - errors}


def names_of(upload: Upload, path: Path) -> dict[str, str]:
    """
    Return the names that people know the files of an upload by, by those that they have on the server (原文件名).

    Parameters
    ----------
    upload : Upload
    path : Path
        Where it is.
    """
    members = {own: f"{upload.name} 中的 {name}" for own, name in upload.details.get("members", {}).items()}
    return members | {str(path): upload.name, path.name: upload.name}


def _wrong_with(upload: Upload, details: dict[str, Any]) -> str:
    """Return what is wrong with an upload: errors of its check, or a folder of a region that is not the upload's."""
    if details["errors"]:
        return f"检查发现 {details['errors']} 处错误，见下；请改正后重新{'打包' if upload.kind == FOLDER else ''}上传。"
    if upload.kind != FOLDER:
        return ""
    codes = details["region"]["codes"]
    if outside := [code for code in codes if not upload.region.holds(code)]:
        return (
            f"region.toml 的区域代码 {'、'.join(outside[:5])} 不在{upload.region}内；请选对行政区，或由相应辖区上传。"
        )
    return "" if codes else "region.toml 没有写 codes；请写明县、市或省的行政区划代码。"
