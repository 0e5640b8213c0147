"""Secrets of webhooks are kept encrypted, as second factors are; those that lie there in clear are encrypted now."""

from typing import Any

from django.db import migrations, models


def encrypt(apps: Any, schema_editor: Any) -> None:
    """Encrypt what lies there in clear."""
    from bureau.office.factor_keys import MARK, encrypted

    webhooks = apps.get_model("interfaces", "Webhook").objects
    for key, secret in webhooks.exclude(secret__startswith=MARK).values_list("pk", "secret"):
        webhooks.filter(pk=key).update(secret=encrypted(secret))


class Migration(migrations.Migration):
    dependencies = [("interfaces", "0001_initial")]

    operations = [
        migrations.AlterField("webhook", "secret", models.CharField(editable=False, max_length=400)),
        migrations.RunPython(encrypt, migrations.RunPython.noop),
    ]
