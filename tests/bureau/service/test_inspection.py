"""``bureau check`` finds each fault that it names, and none where there is none."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from tests.bureau.people import make_organisation, make_person
from typer.testing import CliRunner

from bureau.cli import app
from bureau.office.models import Person
from bureau.service import inspection, inspection_database, tables
from bureau.service.demonstration import PASSWORD
from bureau.service.founding import appoint_first
from bureau.service.inspection import Check, Finding, found, inspect
from shuibao.messages import ShuibaoError

pytestmark = pytest.mark.django_db


def verdicts(check: Check) -> dict[str, str]:
    """Return what a check finds, by its subject."""
    return {finding.subject: finding.verdict for finding in check()}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the installation be a server."""
    monkeypatch.setattr(inspection, "kind", lambda: "production")
    monkeypatch.setattr(inspection_database, "kind", lambda: "production")


def test_the_database_of_the_tests_is_well() -> None:
    assert verdicts(inspection.database) == {"database": "good", "clock": "good"} or "clock" in verdicts(
        inspection.database
    )
    assert verdicts(inspection_database.migrations) == {"migrations": "good"}
    assert verdicts(inspection_database.triggers) == {"trail": "good"}


def test_a_trigger_that_is_turned_off_is_a_fault() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'office_person'::regclass AND tgname LIKE 'pgtrigger_update%'"
        )
        name = cursor.fetchone()[0]
        cursor.execute(f"ALTER TABLE office_person DISABLE TRIGGER {name}")
    found = next(inspection_database.triggers())
    assert found.verdict == "fault"
    assert "office.person" in found.message


def test_a_migration_that_is_not_applied_is_a_fault() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'trail'")
    assert verdicts(inspection_database.migrations) == {"migrations": "fault"}


def test_tables_of_an_unreleased_version_are_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tasks_notice DROP COLUMN mailed; DROP TABLE tasks_mailchoice")
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('tasks', '0002_former', now())")
    told = next(inspection_database.migrations())
    assert told.verdict == "fault"
    assert "缺 tasks_mailchoice、tasks_notice.mailed）" in told.message
    assert "BUREAU_HOME" in told.message
    with pytest.raises(ShuibaoError, match="不能原地升级"):
        tables.check()
    monkeypatch.setattr(tables, "kind", lambda: "production")
    assert "bureau manage migrate" in next(inspection_database.migrations()).message


def test_former_names_of_migrations_do_no_harm() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('office', '0002_sign_ins', now())")
    assert verdicts(inspection_database.migrations) == {"migrations": "good"}
    call_command("migrate", verbosity=0, interactive=False)
    tables.check()


def test_a_cache_without_its_table_is_a_fault(settings: Any) -> None:
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "no_such_table"}
    }
    assert verdicts(inspection_database.cache_table) == {"cache": "fault"}


def test_a_worker_is_alive_as_long_as_it_beats() -> None:
    assert verdicts(inspection_database.worker) == {"worker": "fault"}
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        worker = cursor.fetchone()[0]
        assert verdicts(inspection_database.worker) == {"worker": "warning"}, "one queue's jobs would wait"
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        assert verdicts(inspection_database.worker) == {"worker": "good"}
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status, worker_id) VALUES ('q', 't', 'doing', %s)",
            [worker],
        )
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '5 minutes'")
    assert verdicts(inspection_database.worker) == {"worker": "fault", "jobs-stalled": "warning"}


def test_jobs_that_failed_or_wait_are_told() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        cursor.execute("INSERT INTO procrastinate_jobs (queue_name, task_name) VALUES ('q', 't')")
        for status in ("doing", "failed"):
            cursor.execute("UPDATE procrastinate_jobs SET status = %s", [status])
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at) VALUES ('q', 't', now() - interval '1 hour')"
        )
    assert verdicts(inspection_database.worker) == {
        "worker": "good",
        "jobs-waiting": "warning",
        "jobs-failed": "warning",
    }


def test_a_server_without_administrator_and_an_approver_without_factor_are_told() -> None:
    assert verdicts(inspection_database.people)["administrators"] == "fault"
    make_person("administer", region="140000")
    assert verdicts(inspection_database.people) == {"people": "good"}
    make_person("approve", region="140000", with_second_factor=False)
    assert verdicts(inspection_database.people) == {"second-factor": "warning"}


def test_demonstration_accounts_on_a_server_are_a_fault(server: None) -> None:
    assert verdicts(inspection_database.demonstration_accounts) == {}
    who = Person.objects.make(username="sheng", name="山水", organisation=make_organisation(), password=PASSWORD)
    assert verdicts(inspection_database.demonstration_accounts) == {"demonstration": "fault"}
    who.set_password("Another-one-9")
    who.save()
    assert verdicts(inspection_database.demonstration_accounts) == {}, "a name alone is nobody's fault"
    who.set_password(PASSWORD)
    who.is_active = False
    who.save()
    assert verdicts(inspection_database.demonstration_accounts) == {}


def test_tables_of_another_version_are_told_and_not_asked_further(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def old() -> Iterator[Finding]:
        asked.append("migrations")
        yield found("migrations", "fault", "旧", "old")

    def later() -> Iterator[Finding]:
        asked.append("later")
        yield found("worker", "good", "在", "there")

    monkeypatch.setattr(inspection_database, "DATABASE_CHECKS", (old, later))
    assert "migrations" in {finding.subject for finding in inspect()}
    assert asked == ["migrations"]


def test_a_key_that_others_can_read_is_a_fault(settings: Any, tmp_path: Path) -> None:
    settings.SECRET_KEY_FILE = tmp_path / "key"
    assert verdicts(inspection.secret_key) == {}
    settings.SECRET_KEY_FILE.write_text("secret")
    settings.SECRET_KEY_FILE.chmod(0o640)
    assert verdicts(inspection.secret_key) == {"secret-key": "fault"}
    settings.SECRET_KEY_FILE.chmod(0o600)
    assert verdicts(inspection.secret_key) == {"secret-key": "good"}


@pytest.mark.parametrize("free, verdict", [(2**40, "good"), (2 * 2**30, "warning"), (2**20, "fault")])
def test_a_disk_that_fills_up_is_told_in_time(free: int, verdict: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection.shutil, "disk_usage", lambda at: type("Usage", (), {"free": free}))
    assert verdicts(inspection.folders) == {"disk": verdict}


def test_a_folder_that_can_not_be_written_is_a_fault(settings: Any) -> None:
    settings.MEDIA_ROOT = "/proc/media"
    assert verdicts(inspection.folders) == {"media": "fault"}


def test_a_server_needs_https_and_its_name(server: None, settings: Any) -> None:
    assert verdicts(inspection.https) == {"https": "fault", "hosts": "fault"}
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["shuibao.example.gov.cn"]
    assert verdicts(inspection.https) == {"https": "good"}
    settings.ALLOWED_HOSTS = ["localhost"]
    assert verdicts(inspection.https) == {"hosts": "fault"}


def test_pages_without_their_scripts_are_a_fault(server: None, settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    assert verdicts(inspection.pages) == {"static": "fault"}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {"pages/bureau.css": "pages/bureau.1.css"}}))
    assert verdicts(inspection.pages) == {"static": "fault"}
    (tmp_path / "staticfiles.json").write_text(json.dumps({"paths": {"dist/pages-page.js": "dist/pages-page.1.js"}}))
    assert verdicts(inspection.pages) == {"static": "good"}


def test_old_backups_are_told(server: None, settings: Any, tmp_path: Path) -> None:
    settings.BACKUPS = tmp_path
    assert verdicts(inspection.backups) == {"backup": "warning"}
    (tmp_path / "a.bureau").touch()
    assert verdicts(inspection.backups) == {"backup": "good"}
    os.utime(tmp_path / "a.bureau", (0, time.time() - 3 * 86400))
    assert verdicts(inspection.backups) == {"backup": "warning"}


def test_without_a_database_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "database", lambda: iter([inspection.Finding("database", "fault", "连不上数据库")]))
    found = {finding.subject for finding in inspect()}
    assert {"database", "disk"} <= found
    assert not {"migrations", "worker"} & found


def test_the_command_tells_people_and_programs_and_ends_with_one_at_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    told = CliRunner().invoke(app, ["check"])
    assert told.exit_code == 1, "there is no worker in the tests"
    assert "✗ 没有后台任务进程" in told.output
    read = json.loads(CliRunner().invoke(app, ["check", "--format", "json"]).output)
    assert read["ok"] is False
    assert {"worker", "database"} <= {finding["subject"] for finding in read["findings"]}
    monkeypatch.setenv("SHUIBAO_LANG", "en")
    assert "No worker" in CliRunner().invoke(app, ["check"]).output
    well = inspection.Finding("all", "good", "好")
    monkeypatch.setattr(inspection, "inspect", lambda: [well])
    assert CliRunner().invoke(app, ["check"]).exit_code == 0


FIRST: dict[str, Any] = {
    "organisation": "山西省水利厅", "username": "first", "name": "首任", "password": "Founding-2026",
    "today": date(2026, 1, 1),
}  # fmt: skip


def test_the_first_administrator_is_made_once() -> None:
    who = appoint_first(region="140000", **FIRST)
    assert who.may("administer", "140928") or who.appointments.filter(duty="administer").exists()
    with pytest.raises(ShuibaoError, match="已有机构管理员"):
        appoint_first(region="140000", **FIRST | {"username": "second"})


@pytest.mark.parametrize("wrong", [{"password": "weak"}, {"username": "a b"}])
def test_the_first_administrators_words_are_looked_at(wrong: dict[str, str]) -> None:
    with pytest.raises(ShuibaoError):
        appoint_first(region="140000", **FIRST | wrong)
    assert not Person.objects.filter(name="首任").exists()
