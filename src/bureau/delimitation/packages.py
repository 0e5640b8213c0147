"""
Packages of zones (成果包): received under a name of ours, examined by a child in a sandbox, opened as a delimitation.

What is made of an accepted package is a layer of our own; the package itself is kept beside it, as it came.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from bureau.access import Duty
from bureau.commissions.sandbox import Refused, told_by
from bureau.commissions.uploads import taken_in
from bureau.delimitation.models import Delimitation, Package
from bureau.kept_files import put, stored
from bureau.office.models import Person
from bureau.publications.models import Theme
from bureau.refusal import Refusal
from bureau.regions.models import Region
from shuibao.delimitation.folder import DRAWN, theme_folder
from shuibao.ground.files import sha256_of
from shuibao.survey.making import rules_of, write_region_file
from shuibao.survey.region import LEVELS, SIMULATED

Status = Package.Status
SUFFIXES = (".zip", ".gpkg")
MOST_BYTES = 512 * 2**20
"""Bytes of a package at most (chosen: that of a province's 10⁵ zones has some 300 MB)."""
CELL = 30
"""Cell that areas are said to be counted on where nothing was computed, m; zones of a package are measured as drawn."""


@transaction.atomic
def receive(*, by: Person, region: Region, theme: str, year: int, file: UploadedFile[Any], now: datetime) -> Package:
    """
    Receive a package; the worker examines it (接收成果包).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    region : Region
        County, city or province that the zones are of.
    theme : Theme
    year : int
    file : UploadedFile
    now : datetime

    Raises
    ------
    Refusal
        If the region is not theirs, the ending is another, or the file is empty, too large, or finds no room.
    """
    if not by.may(Duty.CLERK, region.code):
        raise Refusal("not-your-region", f"{region}不在您的经办范围内，不能上传其成果包；请在本辖区内选择。")
    if theme not in Theme.values or region.level not in LEVELS:
        raise Refusal("wrong-theme", f"成果包应是县、市或省的{'、'.join(Theme.labels)}之一；请重新选择。")
    suffix = Path(file.name or "").suffix.lower()
    if suffix not in SUFFIXES:
        raise Refusal("wrong-suffix", f"“{file.name}”不是成果包：应为 {' 或 '.join(SUFFIXES)}；请用 ZIP 打包后再传。")
    if not file.size or file.size > MOST_BYTES:
        raise Refusal(
            "wrong-size", f"“{file.name}”有 {file.size or 0} 字节；应大于 0，且不超过 {MOST_BYTES // 2**20} MB。"
        )
    raw = taken_in(file, suffix)
    made = Package.objects.create(
        region=region, theme=theme, year=year, name=Path(file.name or "").name[:200], by=by, at=now, raw=raw,
        size=file.size, sha256=sha256_of(stored(raw)),
    )  # fmt: skip
    from bureau.delimitation import jobs

    jobs.examine.configure(priority=10).defer(package=made.pk)  # somebody waits for it
    return made


def settle(pk: int) -> None:
    """
    Examine what was received, and say whether it can be used (验收成果包).

    Parameters
    ----------
    pk : int
        The package. One that is settled already is left alone; of one that is not accepted nothing is kept.
    """
    package = Package.objects.filter(pk=pk, status=Status.RECEIVED).select_related("region").first()
    if package is None:
        return
    raw, made = stored(package.raw), stored(package.raw).with_suffix(".made.parquet")
    fields: dict[str, Any]
    try:
        told = told_by("bureau.delimitation.examining", _job(package, raw, made))
        if told["accepted"]:
            fields = {"status": Status.READY, "found": told} | _kept(package, raw, made)
        else:
            count = told["severities"]["error"]
            fields = {"status": Status.FAULTY, "found": told, "message": f"有 {count} 处错误；请改正后重新打包上传。"}
    except Refused as refused:
        fields = {"status": Status.REFUSED, "message": str(refused)}
    except OSError:
        fields = {
            "status": Status.REFUSED,
            "message": "服务器存不下验收结果（磁盘已满或不可写）；请告知运维人员后重新上传。",
        }
    finally:
        made.unlink(missing_ok=True)
    if Package.objects.filter(pk=pk, status=Status.RECEIVED).update(**fields) and fields["status"] != Status.READY:
        raw.unlink(missing_ok=True)


def _job(package: Package, raw: Path, made: Path) -> dict[str, Any]:
    region = package.region
    return {
        "raw": str(raw), "made": str(made), "theme": package.theme, "themes": dict(Theme.choices), "region": region.code,
        "region_name": region.name, "prefix": region.prefix, "rules": list(rules_of(region.code)),
    }  # fmt: skip


def _kept(package: Package, raw: Path, made: Path) -> dict[str, str]:
    """Keep the layer, and the package as it came, under the checksum of the package."""
    place = f"packages/{package.sha256[:2]}/{package.sha256}-{package.pk}"
    kept = {"path": f"{place}.parquet", "raw": f"{place}{raw.suffix}"}
    put(made, kept["path"])
    put(raw, kept["raw"])
    return kept


@transaction.atomic
def open_on_package(*, by: Person, package: Package, now: datetime) -> Delimitation:
    """
    Open a delimitation with the zones of a package; the worker makes its folder (以成果包建立划定).

    Parameters
    ----------
    by : Person
        A clerk of the region.
    package : Package
        Accepted.
    now : datetime

    Raises
    ------
    Refusal
        If it is not theirs, was not accepted, or the delimitation is there already.
    """
    if not by.may(Duty.CLERK, package.region_id):
        raise Refusal("not-your-region", f"{package.region}不在您的经办范围内，不能划定；请在本辖区内选择。")
    refuse_unready(package)
    try:
        with transaction.atomic():
            made = Delimitation.objects.create(
                region=package.region,
                year=package.year,
                theme=package.theme,
                package=package,
                opened_by=by,
                opened_at=now,
            )
    except IntegrityError as twice:
        raise Refusal(
            "there-already",
            f"{package.region} {package.year} 年{package.get_theme_display()}已有划定；请打开它，用“重划”换成这个成果包的区域。",
        ) from twice
    from bureau.delimitation import jobs

    jobs.draw.configure(lock=f"delimitation-{made.pk}").defer(delimitation=made.pk)
    return made


def refuse_unready(package: Package) -> None:
    """
    Refuse a package that was not accepted (须验收通过).

    Raises
    ------
    Refusal
        With its state.
    """
    if package.status != Status.READY:
        raise Refusal(
            "not-accepted", f"{package}现为“{package.get_status_display()}”，不能采用；请等验收通过，或改正后重新上传。"
        )


def make_folder(package: Package, folder: Path) -> None:
    """
    Make a region folder of the zones of a package, whole or not at all (成区域文件夹).

    Parameters
    ----------
    package : Package
        Accepted.
    folder : Path
        Left alone if it is there.
    """
    if (folder / "region.toml").is_file():
        return
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    region = package.region
    table = {
        "name": region.name, "level": region.level, "codes": [region.code], "year": package.year, "cell": CELL,
        "rules": list(rules_of(region.code)), "data_kind": SIMULATED if package.found.get("simulated") else "",
        "note": "区域由成果包导入，没有计算成果。",
    }  # fmt: skip
    write_region_file(unfinished, table, {"boundaries": {"source": "counties"}})
    put_drawn(package, unfinished)
    unfinished.replace(folder)


def put_drawn(package: Package, folder: Path) -> None:
    """
    Put the zones of a package in the place of what is drawn, and the package beside them (放入成果包的区域).

    Parameters
    ----------
    package : Package
        Accepted.
    folder : Path
        Region folder.
    """
    place = theme_folder(folder, package.theme)
    place.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(stored(package.path), place / DRAWN)
    kept = folder / "package"
    kept.mkdir(exist_ok=True)
    shutil.copyfile(stored(package.raw), kept / f"{package.sha256[:16]}{Path(package.raw).suffix}")
    (kept / "README.txt").write_text(f"{Path(package.raw).name} = {package.name}\n", encoding="utf-8")
