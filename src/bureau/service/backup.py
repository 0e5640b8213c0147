"""
Backup and restore (备份与恢复): the database and the files of an installation in one archive.

An archive is a tar file: ``manifest.json``, ``database.dump`` (pg_dump's own format), ``media/…``, and the region folders of
commissions, delimitations and the demonstration. It is written beside its name and moved there when it is whole. The
manifest holds a checksum of every member and the number of rows of every table, as they were in the one snapshot that was
dumped. Restoring reads the whole archive before it touches anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection, transaction

from bureau.commissions.models import Commission
from bureau.delimitation.models import Delimitation
from bureau.service.archive import DUMP, MANIFEST, Manifest, add_file, add_text, sha256_of
from bureau.service.cluster import client
from bureau.service.installation import kept_folders
from shuibao.messages import CallError, ShuibaoError

SECURED = ("sslmode", "sslrootcert", "sslcert", "sslkey")
"""What a connection may ask of TLS; PostgreSQL's programs take it from the environment."""


def back_up(*, path: Path, now: datetime) -> Manifest:
    """
    Write a backup; it is there whole, or not at all (备份).

    Parameters
    ----------
    path : Path
        File to write; it may not exist.
    now : datetime

    Raises
    ------
    ShuibaoError
        If the file exists, cannot be written, or the database cannot be dumped.
    """
    if path.exists():
        raise CallError(
            f"{path} 已存在；请换一个文件名，旧的备份不会被覆盖。",
            f"{path} exists; choose another name: no backup is overwritten.",
        )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds everybody's data
        with os.fdopen(handle, "wb") as out:
            manifest = _write(out, beside=part, now=now)
            out.flush()
            os.fsync(out.fileno())
        os.link(part, path)  # fails if somebody else made it meanwhile
    except OSError as closed:
        raise ShuibaoError(
            f"备份写不下去：{closed.strerror}（{path}）；没有留下半个备份，请换一处再试。",
            f"The backup cannot be written: {closed.strerror} ({path}); nothing half-written is left, try elsewhere.",
        ) from closed
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _write(out: IO[bytes], *, beside: Path, now: datetime) -> Manifest:
    """Write the members: the database first, so that every file it names is there when files are read."""
    manifest = Manifest(made=now.isoformat(timespec="seconds"), database=_version(), extensions=_extensions())
    dump = beside.with_suffix(".dump")
    try:
        manifest.rows.update(_dump(dump))
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            manifest.members[DUMP] = add_file(archive, dump, DUMP)
            for place, folder in kept_folders().items():
                for file in _files(folder, left_out=_left_out(place)):
                    name = f"{place}/{file.relative_to(folder).as_posix()}"
                    with suppress(FileNotFoundError):  # it was put elsewhere meanwhile
                        manifest.members[name] = add_file(archive, file, name)
            add_text(archive, MANIFEST, json.dumps(manifest.as_dict(), ensure_ascii=False, indent=1))
    finally:
        dump.unlink(missing_ok=True)
    return manifest


def _left_out(place: str) -> set[str]:
    """Return the names in a folder that are made again by themselves: tiles, and what is being computed at this moment."""
    if place == "media":
        return {"tiles"}
    if place == "commissions":
        return {str(pk) for pk in Commission.objects.filter(status="running").values_list("pk", flat=True)}
    if place == "delimitations":
        return {str(pk) for pk in Delimitation.objects.filter(status="drawing").values_list("pk", flat=True)}
    return set()


def _files(folder: Path, *, left_out: Collection[str] = ()) -> Iterator[Path]:
    """Yield the files of a folder, in order; links are not followed, nor is anything unfinished."""
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        first = path.relative_to(folder).parts[0]
        if path.is_file() and not path.is_symlink() and first not in left_out and not _is_passing(path):
            yield path


def _is_passing(path: Path) -> bool:
    """Return whether a file is there only while somebody writes it, or holds a lock."""
    return path.suffix in (".lock", ".unfinished") or any(part.endswith(".unfinished") for part in path.parts)


def _dump(path: Path) -> dict[str, int]:
    """Dump one snapshot of the database; return how many rows each table has in it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = row_counts()
        run(
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-acl",
            "--schema=public",
            f"--snapshot={snapshot}",
            f"--file={path}",
        )
    return rows


def row_counts() -> dict[str, int]:
    """Return how many rows each table of the bureau has; those of extensions are left out (各表行数)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND"
            " n.nspname = 'public' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
            " ORDER BY 1"
        )
        counts = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608 - names of our tables
            counts[name] = cursor.fetchone()[0]
    return counts


def _version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version') || ' / PostGIS ' || postgis_lib_version()")
        return str(cursor.fetchone()[0])


def _extensions() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
        return [str(name) for (name,) in cursor.fetchall()]


def run(program: str, *words: str, **options: Any) -> str:
    """
    Run one of PostgreSQL's programs upon the installation's database (数据库程序).

    Raises
    ------
    ShuibaoError
        If it fails; the message quotes the end of what it said.
    """
    database = settings.DATABASES["default"] | {"NAME": connection.settings_dict["NAME"]}
    names = {"NAME": "PGDATABASE", "HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD"}
    given = {variable: str(database[name]) for name, variable in names.items() if database.get(name)}
    asked = database.get("OPTIONS", {})
    given |= {f"PG{word.upper()}": str(asked[word]) for word in SECURED if word in asked}
    done = subprocess.run(
        [client(program), *words], env=os.environ | given, capture_output=True, text=True, check=False, **options
    )
    if done.returncode:
        told = done.stderr.strip()[-800:]
        raise ShuibaoError(f"数据库程序 {program} 未能完成：{told}", f"{program} failed: {told}")
    return done.stdout


def checksum(path: Path) -> str:
    """Return the checksum of a file (校验和)."""
    with path.open("rb") as source:
        return sha256_of(source, hashlib.sha256())
