"""
Restoring a backup (恢复): into an empty installation, or in place of what is there.

The database is restored within one transaction, the files beside the old ones; only when both are right do they take the
place of what was there, which is kept beside them.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import connection

from bureau.service.archive import DUMP, Manifest, extract, read_manifest
from bureau.service.backup import checksum, row_counts, run
from bureau.service.installation import kept_folders
from bureau.service.sessions import Session, demand_alone
from shuibao.messages import ShuibaoError

OURS = re.compile(r"\d+; \d+ \d+ [A-Z ]+ public (?!spatial_ref_sys )")
"""What pg_restore lists of the bureau; all else belongs to extensions, which may have tables and schemas of their own."""
NEEDED = ("btree_gist", "pg_trgm", "postgis")
"""Extensions that the bureau's tables need; they are made first. Others that a database has need not be on the next."""
OWN = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = o.oid AND d.deptype = 'e')"
EMPTY = f"""
SET client_min_messages = warning;
DO $$ DECLARE what record; BEGIN
    FOR what IN SELECT o.oid::regclass AS name, o.relkind AS kind FROM pg_class o
        WHERE o.relnamespace = 'public'::regnamespace AND o.relkind IN ('r', 'p', 'v', 'm') AND {OWN} LOOP
        IF to_regclass(what.name::text) IS NOT NULL THEN
            EXECUTE format('DROP %s %s CASCADE', CASE what.kind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                ELSE 'TABLE' END, what.name);
        END IF;
    END LOOP;
    FOR what IN SELECT o.oid::regprocedure AS name FROM pg_proc o
        WHERE o.pronamespace = 'public'::regnamespace AND o.prokind = 'f' AND {OWN} LOOP
        EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', what.name);
    END LOOP;
    FOR what IN SELECT o.relname AS name FROM pg_class o
        WHERE o.relnamespace = 'public'::regnamespace AND o.relkind = 'S' AND {OWN} LOOP
        EXECUTE format('DROP SEQUENCE IF EXISTS %I CASCADE', what.name);
    END LOOP;
    FOR what IN SELECT o.typname AS name FROM pg_type o LEFT JOIN pg_class c ON c.oid = o.typrelid
        WHERE o.typnamespace = 'public'::regnamespace AND (o.typtype IN ('e', 'd') OR c.relkind = 'c') AND {OWN} LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', what.name);
    END LOOP;
END $$;
"""  # noqa: S608 - nothing of it comes from outside
"""What is ours in the database goes; what belongs to extensions stays. It is undone if the restore fails."""


def restore(
    *, path: Path, replace: bool, now: datetime, disconnect: Callable[[list[Session]], bool] | None = None
) -> tuple[Manifest, list[Path]]:
    """
    Restore a backup (恢复).

    Parameters
    ----------
    path : Path
        Archive that :func:`bureau.service.backup.back_up` wrote.
    replace : bool
        Whether an installation that holds something may be replaced.
    now : datetime
    disconnect : callable, optional
        Is shown who else is connected to the database, and says whether their sessions are ended.

    Returns
    -------
    manifest : Manifest
    kept : list of Path
        Where the folders that were replaced are kept.

    Raises
    ------
    ShuibaoError
        If the archive is not right, the installation is not empty, or somebody still works in it: nothing is touched then.
    """
    manifest = read_manifest(path)
    folders = kept_folders()
    if manifest.format == 1:  # it holds files alone: region folders stay as they are
        folders = {"media": folders["media"]}
    _check_target(folders, replace=replace, disconnect=disconnect)
    beside = folders["media"].parent
    beside.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=beside) as name:
        folder = Path(name)
        extract(path, folder)
        wrong = [member for member, expected in manifest.members.items() if checksum(folder / member) != expected]
        if wrong:
            raise ShuibaoError(
                f"解包后 {wrong[0]} 与清单不符；请检查磁盘。", f"{wrong[0]} differs once extracted; look to the disk."
            )
        _restore_database(folder, manifest)
        _check_rows(manifest)
        kept = [_put_in_place(folder / place, there, now=now) for place, there in folders.items()]
        return manifest, [path for path in kept if path is not None]


def _check_target(
    folders: dict[str, Path], *, replace: bool, disconnect: Callable[[list[Session]], bool] | None
) -> None:
    """Refuse an installation that is not empty, or in use."""
    full = [str(folder) for folder in folders.values() if folder.is_dir() and any(folder.iterdir())]
    holds = bool(row_counts()) or bool(full)
    if holds and not replace:
        raise ShuibaoError(
            f"这个安装不是空的（{'、'.join(full) or '数据库'} 里已有内容）；确实要以备份取代它，请加 --replace。",
            f"This installation is not empty ({', '.join(full) or 'its database'}); to replace it by the backup, add --replace.",
        )
    demand_alone(disconnect)


def _restore_database(folder: Path, manifest: Manifest) -> None:
    """Restore the database within one transaction: as it was in the archive, or as it is."""
    listed = run("pg_restore", "--list", str(folder / DUMP))
    wanted = [line for line in listed.splitlines() if OURS.match(line)]
    (folder / "list").write_text("\n".join(wanted) + "\n", encoding="utf-8")
    script, empty = folder / "restore.sql", folder / "empty.sql"
    run("pg_restore", "--no-owner", "--no-acl", f"--use-list={folder / 'list'}", f"--file={script}", str(folder / DUMP))
    extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in manifest.extensions if name in NEEDED)
    empty.write_text(EMPTY + extensions, encoding="utf-8")
    connection.close()
    run(
        "psql",
        "--no-psqlrc",
        "--quiet",
        "--single-transaction",
        "--set=ON_ERROR_STOP=1",
        f"--file={empty}",
        f"--file={script}",
    )


def _check_rows(manifest: Manifest) -> None:
    """See that each table has as many rows as when it was dumped."""
    there = row_counts()
    wrong = sorted(name for name in {*there, *manifest.rows} if there.get(name) != manifest.rows.get(name))
    if wrong:
        name, now, then = wrong[0], there.get(wrong[0]), manifest.rows.get(wrong[0])
        raise ShuibaoError(
            f"恢复后 {len(wrong)} 张表的行数与备份不符（{name}：{now}，应为 {then}）；请换一份备份重新恢复。",
            f"After restoring, {len(wrong)} tables have other numbers of rows than the backup ({name}: {now}, not {then});"
            " restore another backup.",
        )


def _put_in_place(restored: Path, media: Path, *, now: datetime) -> Path | None:
    """Put the files of a folder in their place, if there are any; keep those that were there."""
    kept = None
    if media.is_dir() and any(media.iterdir()):
        kept = media.with_name(f"{media.name}.before-{now:%Y%m%d-%H%M%S}")
        media.rename(kept)
    elif media.exists():
        media.rmdir()
    if restored.is_dir():
        shutil.move(str(restored), str(media))
    return kept
