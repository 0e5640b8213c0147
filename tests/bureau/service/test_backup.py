"""Backup, wipe, restore: identical. And what is not whole is not restored."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.utils import timezone
from tests.bureau.people import make_organisation, make_person
from tests.bureau.publications.patched import give_borders

from bureau.office import factor_keys
from bureau.office.models import Organisation
from bureau.regions.models import Region
from bureau.service import archive, backup, commands, restoring, sessions
from bureau.service.backup import back_up, row_counts
from bureau.service.restoring import restore
from bureau.service.sessions import Session
from bureau.trail.selectors import history
from shuibao.messages import ShuibaoError

pytestmark = pytest.mark.usefixtures("committed")
NOW = timezone.now()


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    """Return a folder of files, some with Chinese names, one of them empty."""
    folder = tmp_path / "home" / "media"
    for name, data in {
        "a1/图斑 照片.jpg": b"\xff\xd8" + bytes(range(256)) * 40,
        "b/empty": b"",
        "c.tif": b"II*\0" * 9,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    settings.MEDIA_ROOT, settings.HOME = folder, folder.parent
    return folder


@pytest.fixture
def region_folders(media: Path) -> Path:
    """Return a home with region folders of a commission, a delimitation and the demonstration, and what need not be kept."""
    home = media.parent
    for name in (
        "commissions/7/region.toml", "commissions/7/products/侵蚀模数.tif", "delimitations/3/zones/record.jsonl",
        "demonstration/xinzhou-2024/facts.parquet", "commissions/7.lock", "media/tiles/ab/abcd", "delimitations/4.unfinished/x",
    ):  # fmt: skip
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_bytes(name.encode() * 50)
    return home


def contents() -> dict[str, str | None]:
    """Return a fingerprint of every row of every table."""
    found = {}
    with connection.cursor() as cursor:
        for name in row_counts():
            cursor.execute(f'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{name}" t')  # noqa: S608
            found[name] = cursor.fetchone()[0]
    return found


def files(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wipe() -> None:
    """Leave nothing in the database."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


@pytest.fixture
def saved(media: Path, tmp_path: Path) -> Path:
    """Return a backup of some people, borders and files."""
    give_borders()
    make_person("approve", region="140900")
    make_organisation("220122")
    path = tmp_path / "one.bureau"
    back_up(path=path, now=NOW)
    return path


def test_backup_wipe_restore_is_identical(saved: Path, media: Path) -> None:
    rows, before, held = row_counts(), contents(), files(media)
    assert rows["office_person"] == 1
    wipe()
    shutil.rmtree(media)
    manifest, kept = restore(path=saved, replace=False, now=NOW)
    assert (row_counts(), contents(), files(media)) == (rows, before, held)
    assert (manifest.files, kept) == (3, [])
    assert Region.objects.get(pk="140928").border_m2, "what the database computes is computed again"
    row = Organisation.objects.get(region_id="220122")
    Organisation.objects.update(kind="technical")
    assert history(row)[0].act == "update", "the triggers of the audit trail are back"
    assert make_organisation("140932").pk > row.pk, "sequences go on where they were"


PASSING = ("commissions/7.lock", "media/tiles/ab/abcd", "delimitations/4.unfinished/x")


@pytest.mark.slow
def test_region_folders_and_factors_come_back_too(region_folders: Path, tmp_path: Path) -> None:
    who = make_person("approve", region="140900")
    back_up(path=tmp_path / "one.bureau", now=NOW)
    before, held = contents(), files(region_folders)
    wipe()
    for folder in ("media", "commissions", "delimitations", "demonstration"):
        shutil.rmtree(region_folders / folder)
    manifest, kept = restore(path=tmp_path / "one.bureau", replace=False, now=NOW)
    assert contents() == before
    assert files(region_folders) == {name: data for name, data in held.items() if name not in PASSING}
    assert (manifest.files, kept) == (7, [])
    assert factor_keys.standing().unreadable == 0
    assert TOTP(Authenticator.objects.get(user=who)).validate_code("000000") in (True, False), "its secret can be read"
    (region_folders / "commissions/7/later").touch()
    _, kept = restore(path=tmp_path / "one.bureau", replace=True, now=NOW)
    assert sorted(path.name.partition(".")[0] for path in kept) == [
        "commissions",
        "delimitations",
        "demonstration",
        "media",
    ]
    assert not (region_folders / "commissions/7/later").exists()


@pytest.fixture
def neighbours() -> Iterator[None]:
    """Give the database what the image postgis/postgis puts there: extensions with schemas and tables of their own."""
    names = ("postgis_topology", "fuzzystrmatch", "postgis_tiger_geocoder")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_available_extensions WHERE name = ANY(%s)", [list(names)])
        if cursor.fetchone()[0] < len(names):
            pytest.skip("no postgresql-15-postgis-3-scripts")
        cursor.execute("".join(f"CREATE EXTENSION {name};" for name in names))
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DROP EXTENSION IF EXISTS {', '.join(reversed(names))}")


@pytest.mark.slow
def test_extensions_of_others_are_neither_kept_nor_in_the_way(neighbours: None, saved: Path) -> None:
    before = contents()
    restore(path=saved, replace=True, now=NOW)
    assert contents() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tiger.loader_platform")
        assert cursor.fetchone()[0]
        cursor.execute(
            "DROP EXTENSION postgis_tiger_geocoder, postgis_topology; DROP SCHEMA public CASCADE; CREATE SCHEMA public"
        )
    restore(path=saved, replace=True, now=NOW + timedelta(minutes=1))
    assert contents() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
        assert tuple(name for (name,) in cursor.fetchall()) == restoring.NEEDED


@pytest.mark.slow
def test_a_whole_dump_of_a_database_with_others_restores_too(
    neighbours: None, media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = backup.run
    monkeypatch.setattr(backup, "run", lambda *words: run(*(word for word in words if word != "--schema=public")))
    make_person("approve", region="140900")
    back_up(path=tmp_path / "older.bureau", now=NOW)
    before = contents()
    restore(path=tmp_path / "older.bureau", replace=True, now=NOW)
    assert contents() == before


@pytest.mark.slow
def test_an_installation_that_holds_something_is_replaced_only_if_asked(saved: Path, media: Path) -> None:
    before = contents()
    Organisation.objects.create(region_id="140932", name="后来的站")
    (media / "later").write_bytes(b"later")
    now = contents()
    with pytest.raises(ShuibaoError, match="--replace"):
        restore(path=saved, replace=False, now=NOW)
    assert contents() == now
    _, kept = restore(path=saved, replace=True, now=NOW)
    assert contents() == before
    assert (kept[0] / "later").read_bytes() == b"later"
    assert not (media / "later").exists()


@pytest.mark.slow
def test_a_restore_that_fails_changes_nothing(saved: Path, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Organisation.objects.create(region_id="140932", name="后来的站")
    before, held = contents(), files(media)
    monkeypatch.setattr(restoring, "EMPTY", restoring.EMPTY + "SELECT 1/0;")
    with pytest.raises(ShuibaoError, match="division by zero"):
        restore(path=saved, replace=True, now=NOW)
    assert (contents(), files(media)) == (before, held)
    assert [path.name for path in media.parent.iterdir()] == ["media"]


@pytest.mark.slow
def test_nothing_is_restored_under_somebodys_hands(saved: Path) -> None:
    words = connection.get_connection_params()
    with psycopg.connect(host=words["host"], user=words["user"], dbname=words["dbname"]) as other:
        other.execute("SELECT 1")
        with pytest.raises(
            ShuibaoError, match="1 个连接.*未署名的程序（postgres，本机，自 20.*systemctl stop.*--disconnect"
        ):
            restore(path=saved, replace=True, now=NOW)


@pytest.fixture
def left_open(saved: Path) -> Iterator[Any]:
    """Return the session of somebody who left a program open."""
    words = connection.get_connection_params()
    other = psycopg.connect(
        host=words["host"], user=words["user"], dbname=words["dbname"], application_name="QGIS 3.34", autocommit=True
    )
    yield other
    other.close()


@pytest.mark.slow
def test_who_is_connected_is_named_and_ended_only_if_agreed(saved: Path, left_open: Any) -> None:
    before, asked = contents(), []

    def no(found: list[Session]) -> bool:
        asked.extend(found)
        return False

    with pytest.raises(ShuibaoError, match="没有断开任何连接，也没有恢复"):
        restore(path=saved, replace=True, now=NOW, disconnect=no)
    assert [one.name for one in asked] == ["QGIS 3.34"]
    assert asked[0].said()[0].startswith("QGIS（QGIS 3.34，本机，自 20")
    assert contents() == before
    assert left_open.execute("SELECT 1").fetchone() == (1,)
    manifest, _ = restore(path=saved, replace=True, now=NOW, disconnect=lambda found: True)
    assert manifest.rows == row_counts()
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")


@pytest.mark.slow
def test_a_service_that_comes_back_stops_the_restore(
    saved: Path, left_open: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker connects again as soon as it is ended: it has to be stopped, and nothing is restored until it is."""
    words, again = connection.get_connection_params(), []
    ended = sessions._end

    def come_back(found: Any) -> None:
        ended(found)
        again.append(
            psycopg.connect(
                host=words["host"], user=words["user"], dbname=words["dbname"], application_name="bureau worker office"
            )
        )

    monkeypatch.setattr(sessions, "_end", come_back)
    monkeypatch.setattr(sessions, "PATIENCE", 0.5)
    before = contents()
    with pytest.raises(
        ShuibaoError, match="断开之后又有 1 个连接：后台任务（bureau worker office.*服务会自己重连，没有恢复"
    ):
        restore(path=saved, replace=True, now=NOW, disconnect=lambda found: True)
    assert contents() == before
    again[0].close()


@pytest.mark.slow
def test_a_session_that_may_not_be_ended_is_said_to_whom_it_belongs(saved: Path, left_open: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS ordinary")
        cursor.execute("CREATE ROLE ordinary")
        cursor.execute("SET ROLE ordinary")
        try:
            (one,) = sessions.others()
            assert (one.name, one.since, one.user) == ("QGIS 3.34", None, "postgres")
            with pytest.raises(ShuibaoError, match="无权断开QGIS.*数据库角色 postgres"):
                sessions.demand_alone(lambda found: True)
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP ROLE ordinary")


def test_nobody_is_disconnected_unasked_where_nobody_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Session(1, "psql", "bureau", "10.1.2.3", NOW, busy=True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert commands._agreed([one], yes=False) is False
    assert commands._agreed([one], yes=True) is True
    assert one.said()[0] == f"psql 命令行（psql，10.1.2.3，自 {timezone.localtime(NOW):%Y-%m-%d %H:%M}，正在读写）"


def cut(path: Path) -> None:
    """Cut a third of an archive off."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def flip(path: Path) -> None:
    """Change one bit within the database's dump."""
    data = bytearray(path.read_bytes())
    data[2048] ^= 1
    path.write_bytes(data)


def lead_out(path: Path) -> None:
    """Add a member that leads out of the folder, and to the manifest too."""
    rewrite(path, "../outside", tarfile.REGTYPE)


def link(path: Path) -> None:
    """Add a link to a file of the system."""
    rewrite(path, "media/link", tarfile.SYMTYPE)


def rewrite(path: Path, name: str, kind: bytes) -> None:
    """Add a member to an archive."""
    with tarfile.open(path, "a:") as book:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, "/etc/passwd", 4 if kind == tarfile.REGTYPE else 0
        book.addfile(info, io.BytesIO(b"evil"))


def lose(path: Path) -> None:
    """Write an archive that holds nothing but a manifest."""
    with tarfile.open(path, "w:") as book:
        archive.add_text(book, archive.MANIFEST, json.dumps({"made": "", "database": ""}))


def no_archive(path: Path) -> None:
    """Write something else."""
    path.write_bytes("不是备份".encode() * 999)


def test_an_archive_that_is_not_right_touches_nothing(saved: Path, media: Path) -> None:
    before, held, good = contents(), files(media), saved.read_bytes()
    for spoil in (cut, flip, lead_out, link, lose, no_archive):
        saved.write_bytes(good)
        spoil(saved)
        with pytest.raises(ShuibaoError, match="没有改动任何数据"):
            restore(path=saved, replace=True, now=NOW)
    assert (contents(), files(media)) == (before, held)
    assert [path.name for path in media.parent.iterdir()] == ["media"]


def test_a_backup_is_whole_or_not_there(media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, target = backup.add_file, tmp_path / "full" / "one.bureau"

    def full(book: tarfile.TarFile, path: Path, name: str) -> str:
        if name.endswith("c.tif"):
            raise OSError(28, "No space left on device")
        return real(book, path, name)

    monkeypatch.setattr(backup, "add_file", full)
    with pytest.raises(ShuibaoError, match="没有留下半个备份"):
        back_up(path=target, now=NOW)
    assert list(target.parent.iterdir()) == []


@pytest.mark.slow
def test_no_backup_is_overwritten_and_only_its_owner_reads_it(saved: Path) -> None:
    was = saved.read_bytes()
    with pytest.raises(ShuibaoError, match="已存在"):
        back_up(path=saved, now=NOW)
    assert saved.read_bytes() == was
    assert saved.stat().st_mode & 0o077 == 0
