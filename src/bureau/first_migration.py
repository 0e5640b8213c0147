"""
The first migration of a room (首次建表): its tables are made whole.

Django draws all models that hang together anew after each of a migration's operations, and here all do: twenty seconds of a
processor for what the database does in two. Here the operations are as ``makemigrations`` writes them,
but the models are drawn once, as they are after the last of them.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.state import ProjectState

OF_THE_TABLE = (AddField, AddIndex, AddConstraint)
"""What a table that is made whole has already."""


class FirstMigration(Migration):
    """
    A migration that makes tables and what hangs on them (首次建表), and changes none that is there.

    A file that ``makemigrations`` wrote becomes one by its base class alone.
    """

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """
        Make the tables as they are after the last operation (建表).

        Parameters
        ----------
        project_state : ProjectState
            What the models were before; it becomes what they are after.
        schema_editor : BaseDatabaseSchemaEditor
        collect_sql : bool
            Whether statements are only gathered; the editor knows.
        """
        before = project_state.clone()
        project_state.__dict__.pop("apps", None)  # models that nobody asks for need not follow each operation
        after: ProjectState = self.mutate_state(project_state, preserve=False)
        made: set[Any] = set()
        for operation in self.operations:
            if isinstance(operation, CreateModel):
                made.add(operation.name_lower)
            if not isinstance(operation, OF_THE_TABLE) or operation.model_name_lower not in made:
                operation.database_forwards(self.app_label, schema_editor, before, after)
        return after
