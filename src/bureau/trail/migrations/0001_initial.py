"""
Keep who changed what (留痕不可改).

The events themselves may not be changed by triggers of pghistory's. The table of who, where and why that they point at may
be written on only while the request that made it runs: after a day it is as fast as they are, and nothing is deleted.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION trail_keep_context() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '留痕不可删除（pghistory_context %）', OLD.id;
    END IF;
    IF OLD.created_at < now() - interval '1 day' AND NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION '留痕不可修改（pghistory_context %）', OLD.id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER trail_keep_context BEFORE UPDATE OR DELETE ON pghistory_context
    FOR EACH ROW EXECUTE FUNCTION trail_keep_context();
"""
LET_GO = "DROP TRIGGER trail_keep_context ON pghistory_context; DROP FUNCTION trail_keep_context();"


class Migration(migrations.Migration):
    """Lock the table of contexts (锁定留痕上下文)."""

    initial = True
    dependencies = [("pghistory", "0007_auto_20250421_0444")]
    operations = [migrations.RunSQL(KEEP, LET_GO)]
