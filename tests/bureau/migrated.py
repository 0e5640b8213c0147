"""
A database that has been migrated, of which those of the tests are copies (已迁移的模板库).

Migrating an empty database takes seven seconds of a processor; every worker of every run would do it anew. It is done
once for each state of the migrations, whoever comes first, and kept in the cluster of the tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

PREFIX = "bureau_migrated_"
KEPT = 3
"""So many states of the migrations are kept: those of a change and of what it is compared with (chosen)."""
MAKERS = ("django", "django-pghistory", "django-pgtrigger", "procrastinate")
"""What writes SQL of its own when it migrates."""


def state_of_migrations() -> str:
    """Return a word that is another as soon as a migration is another."""
    told = hashlib.sha256(" ".join(version(maker) for maker in MAKERS).encode())
    for app, name in sorted(found := MigrationLoader(None).disk_migrations):
        told.update(f"{app} {name} ".encode())
        told.update(Path(str(sys.modules[type(found[app, name]).__module__].__file__)).read_bytes())
    return told.hexdigest()[:16]


def copy_what_is_migrated() -> None:
    """Let the test's database be made as a copy of one that is migrated; make that one if there is none."""
    name, test = PREFIX + state_of_migrations(), connection.settings_dict["TEST"]
    with (Path(settings.HOME) / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two that want it at once, one waits
        if name not in (there := _databases()):
            _make(name)
            for old in there[: -(KEPT - 1)]:
                _do(f'DROP DATABASE IF EXISTS "{old}"')
    test["TEMPLATE"] = name


def _make(name: str) -> None:
    """Migrate a database; it has its name only when all is done."""
    told, test = connection.settings_dict, connection.settings_dict["TEST"]
    before, own = told["NAME"], test["NAME"]
    test["NAME"] = "bureau_being_migrated"
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        connection.close()
    finally:
        told["NAME"] = settings.DATABASES["default"]["NAME"] = before
        test["NAME"] = own
    _do(f'ALTER DATABASE "bureau_being_migrated" RENAME TO "{name}"')


def _databases() -> list[str]:
    """Return the migrated databases, the oldest first."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid", [PREFIX])
        return [name for (name,) in cursor.fetchall()]


def _do(statement: str) -> None:
    """Give an order to the cluster."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(statement)
