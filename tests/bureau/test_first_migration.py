"""Tables that are made whole are those that Django would have made one operation at a time."""

from __future__ import annotations

from typing import Any

import pgtrigger
import pgtrigger.migrations
import pytest
from django.db import connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from bureau.first_migration import FirstMigration

pytestmark = pytest.mark.django_db

KEY = ("id", models.BigAutoField(primary_key=True))
OPERATIONS = [
    migrations.CreateModel("Basin", [KEY, ("name", models.CharField(max_length=9))], {"db_table": "probe_basin"}),
    migrations.CreateModel(
        "Dam",
        [KEY, ("basin", models.ForeignKey("probe.basin", models.CASCADE)), ("held", models.FloatField(db_index=True))],
        {"db_table": "probe_dam"},
    ),
    migrations.AddField("basin", "outlet", models.ForeignKey("probe.dam", models.PROTECT, null=True)),
    migrations.AddIndex("dam", models.Index(fields=["held", "basin"], name="dam_by_held")),
    migrations.AddConstraint("dam", models.CheckConstraint(condition=models.Q(held__gte=0), name="dam_holds")),
    migrations.AddConstraint("basin", models.UniqueConstraint(fields=["name"], name="basin_named_once")),
    pgtrigger.migrations.AddTrigger(
        "dam", pgtrigger.Trigger(name="stays", when=pgtrigger.Before, operation=pgtrigger.Delete, func="RETURN NULL;")
    ),
]
CATALOGUE = """
SELECT 'column', table_name, column_name, data_type || is_nullable || coalesce(is_identity, '')
    FROM information_schema.columns WHERE table_name LIKE 'probe%'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid::regclass::text LIKE 'probe%'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'probe%'
UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid)
    FROM pg_trigger WHERE tgrelid::regclass::text LIKE 'probe%' AND NOT tgisinternal
ORDER BY 1, 2, 3, 4
"""


def made_by(base: type[migrations.Migration]) -> tuple[list[Any], Any]:
    """Return what stands in the database after a migration, and what is known of the models; nothing of it is kept."""
    migration = type("Migration", (base,), {"operations": OPERATIONS, "initial": True})("0001_initial", "probe")
    with transaction.atomic():
        with connection.schema_editor() as editor:
            state = ProjectState()
            state.apps  # noqa: B018 - as the executor draws them
            state = migration.apply(state, editor)
        with connection.cursor() as cursor:
            cursor.execute(CATALOGUE)
            found = cursor.fetchall()
        transaction.set_rollback(True)
    known = {
        key: ([*model.fields], sorted(option for option in model.options if model.options[option]))
        for key, model in state.models.items()
    }
    return found, known


def test_a_first_migration_makes_what_its_operations_make_one_at_a_time() -> None:
    at_once, known = made_by(FirstMigration)
    in_turn, expected = made_by(migrations.Migration)
    assert {kind for kind, *_ in at_once} == {"column", "constraint", "index", "trigger"}
    assert at_once == in_turn
    assert known == expected
