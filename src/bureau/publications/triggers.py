"""
What keeps published results as they are (成果不可更改): triggers of the database, whoever writes, by whatever means.

Rows of a publication are written while it is being prepared, within one transaction; once it is published, nothing of
it is added to, changed or deleted. Only its status goes from published to superseded.
"""

from __future__ import annotations

from typing import Any

from pgtrigger import After, Before, Delete, Insert, Referencing, Row, Statement, Trigger, Update

_rows: Any = Referencing  # it carries no types

_NOT_OPEN = """
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM {rows}) touched
        LEFT JOIN publications_publication found ON found.id = touched.id
        WHERE found.status IS DISTINCT FROM 'preparing'
    ) THEN
        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';
    END IF;
"""

_NO_COUNTY = """
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT county_id AS code FROM new_rows) named
        LEFT JOIN regions_region found ON found.code = named.code WHERE found.code IS NULL
    ) THEN
        RAISE EXCEPTION '成果中有不存在的区县代码。' USING ERRCODE = 'foreign_key_violation';
    END IF;
"""

_ONLY_STATUS = """
    IF OLD.status = 'preparing' THEN RETURN NEW; END IF;
    IF OLD.status = 'published' AND NEW.status = 'superseded'
        AND to_jsonb(NEW) - 'status' - 'superseded_at' = to_jsonb(OLD) - 'status' - 'superseded_at'
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION '成果已发布，不能更改；请发布新的版本。' USING ERRCODE = 'check_violation';
"""

_NOT_DELETED = """
    IF OLD.status = 'preparing' THEN RETURN OLD; END IF;
    RAISE EXCEPTION '成果已发布，不能删除。' USING ERRCODE = 'check_violation';
"""


def frozen_rows(*, counties: bool = False) -> list[Trigger]:
    """
    Return the triggers of what belongs to a publication: written once, while it is prepared (成果内容的触发器).

    Parameters
    ----------
    counties : bool
        Whether ``county_id`` is held here too. A million rows are then checked at once, not one by one as a foreign key.
    """
    inserted = _NOT_OPEN.format(rows="new_rows") + (_NO_COUNTY if counties else "")
    changed = _NOT_OPEN.format(rows="old_rows")
    return [
        Trigger(
            name="added_while_prepared", level=Statement, when=After, operation=Insert,
            referencing=_rows(new="new_rows"), func=inserted + "RETURN NULL;",
        ),
        Trigger(
            name="never_changed", level=Statement, when=After, operation=Update,
            referencing=_rows(old="old_rows", new="new_rows"),
            func=changed + _NOT_OPEN.format(rows="new_rows") + "RETURN NULL;",
        ),
        Trigger(
            name="never_deleted", level=Statement, when=After, operation=Delete,
            referencing=_rows(old="old_rows"), func=changed + "RETURN NULL;",
        ),
    ]  # fmt: skip


def frozen_publication() -> list[Trigger]:
    """Return the triggers of a publication itself: of a published one only the status changes (成果的触发器)."""
    return [
        Trigger(name="only_superseded", level=Row, when=Before, operation=Update, func=_ONLY_STATUS),
        Trigger(name="not_deleted", level=Row, when=Before, operation=Delete, func=_NOT_DELETED),
    ]
