"""
Files that bear a report out (佐证文件): which are taken, and where they are kept.

A file is taken if its name, its first bytes and its size are among those allowed; Office files only without macros. It is
kept under the hash of its contents, never under the name that it came with, and given back as an attachment only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from bureau import kept_files
from bureau.refusal import Refusal
from bureau.workbooks import check_office

LARGEST = 10 * 2**20
"""Bytes of a file at most (chosen)."""
MOST = 6
"""Files of a report at most (chosen)."""
OFFICE = "application/vnd.openxmlformats-officedocument."
ALLOWED = {
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".pdf": ("application/pdf", b"%PDF-"),
    ".docx": (f"{OFFICE}wordprocessingml.document", b"PK\x03\x04"),
    ".xlsx": (f"{OFFICE}spreadsheetml.sheet", b"PK\x03\x04"),
}
"""Endings that are allowed, with their media types and first bytes."""
NAMES = "JPG、PNG、PDF、DOCX、XLSX"


@dataclass(frozen=True)
class Kept:
    """A file that was looked at and is kept (已收文件)."""

    name: str
    sha256: str
    size: int
    media_type: str
    path: str


def keep(file: UploadedFile[Any]) -> Kept:
    """
    Look at an uploaded file, and keep it (收存佐证).

    Parameters
    ----------
    file : UploadedFile

    Returns
    -------
    Kept

    Raises
    ------
    Refusal
        If it is too large, empty, or not what its name says.
    """
    name = PurePosixPath((file.name or "").replace("\\", "/")).name.strip()[-120:]
    ending = PurePosixPath(name).suffix.lower()
    if ending not in ALLOWED:
        raise Refusal("evidence-kind", f"“{name}”的类型不能作为佐证；可用 {NAMES}，请转换后再传。")
    if not file.size or file.size > LARGEST:
        found = f"{(file.size or 0) / 2**20:.1f} MB"
        raise Refusal(
            "evidence-size", f"“{name}”大小为 {found}；每个文件须大于 0、不超过 {LARGEST // 2**20} MB，请压缩后再传。"
        )
    media_type, magic = ALLOWED[ending]
    contents = file.read()
    if not contents.startswith(magic):
        raise Refusal("evidence-contents", f"“{name}”的内容与扩展名不符；请用原软件另存为 {NAMES} 之一再传。")
    if magic.startswith(b"PK"):
        check_office(name, contents)
    path, digest = kept_files.keep("evidence", contents, ending)
    return Kept(name, digest, len(contents), media_type, path)
