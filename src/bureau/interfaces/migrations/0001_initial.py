import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from bureau.first_migration import FirstMigration


class Migration(FirstMigration):

    initial = True

    dependencies = [
        ('office', '0001_initial'),
        ('pghistory', '0007_auto_20250421_0444'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Token',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='用途')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('made', models.DateTimeField(verbose_name='建立')),
                ('expires', models.DateTimeField(verbose_name='失效')),
                ('ended', models.DateTimeField(blank=True, null=True, verbose_name='撤销')),
                ('last_used', models.DateTimeField(blank=True, null=True, verbose_name='上次使用')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tokens', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '令牌',
                'verbose_name_plural': '令牌',
                'ordering': ['-made'],
            },
        ),
        migrations.CreateModel(
            name='TokenEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=60, verbose_name='用途')),
                ('made', models.DateTimeField(verbose_name='建立')),
                ('expires', models.DateTimeField(verbose_name='失效')),
                ('ended', models.DateTimeField(blank=True, null=True, verbose_name='撤销')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='interfaces.token')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.URLField(max_length=300, verbose_name='地址')),
                ('subjects', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('publication.published', '成果发布')], max_length=40), size=None, verbose_name='事件')),
                ('secret', models.CharField(editable=False, max_length=400)),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('made', models.DateTimeField(verbose_name='建立')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to='office.organisation', verbose_name='机构')),
            ],
            options={
                'verbose_name': '推送',
                'verbose_name_plural': '推送',
                'ordering': ['organisation_id', 'address'],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event', models.CharField(choices=[('publication.published', '成果发布')], max_length=40, verbose_name='事件')),
                ('body', models.JSONField(verbose_name='内容')),
                ('made', models.DateTimeField(verbose_name='产生')),
                ('delivered', models.DateTimeField(blank=True, null=True, verbose_name='送达')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='次数')),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='回应')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='interfaces.webhook', verbose_name='推送')),
            ],
            options={
                'verbose_name': '推送记录',
                'verbose_name_plural': '推送记录',
                'ordering': ['-made'],
            },
        ),
        migrations.CreateModel(
            name='WebhookEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('address', models.URLField(max_length=300, verbose_name='地址')),
                ('subjects', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('publication.published', '成果发布')], max_length=40), size=None, verbose_name='事件')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('made', models.DateTimeField(verbose_name='建立')),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='office.organisation', verbose_name='机构')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='interfaces.webhook')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='token',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "interfaces_tokenevent" ("ended", "expires", "id", "made", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."ended", NEW."expires", NEW."id", NEW."made", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;', hash='b1cd4f9e723927f6d1ef11eb7276b5301233ee6b', operation='INSERT', pgid='pgtrigger_insert_insert_951b7', table='interfaces_token', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='token',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended" IS DISTINCT FROM (NEW."ended") OR OLD."expires" IS DISTINCT FROM (NEW."expires") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made" IS DISTINCT FROM (NEW."made") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id"))', func='INSERT INTO "interfaces_tokenevent" ("ended", "expires", "id", "made", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."ended", NEW."expires", NEW."id", NEW."made", NEW."name", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='1a8d71ba530d330b0c57e5534c4ae663aaa72463', operation='UPDATE', pgid='pgtrigger_update_update_66d2f', table='interfaces_token', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='token',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "interfaces_tokenevent" ("ended", "expires", "id", "made", "name", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."ended", OLD."expires", OLD."id", OLD."made", OLD."name", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;', hash='7afc5a51320baea3a7248a4d8ea4017f86d91c72', operation='DELETE', pgid='pgtrigger_delete_delete_822e1', table='interfaces_token', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='tokenevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9e4a3838fc5e619d0f91806b39ceea62159da873', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_4b172', table='interfaces_tokenevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='webhook',
            constraint=models.UniqueConstraint(fields=('organisation', 'address'), name='webhook_once_of_an_organisation'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhook',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "interfaces_webhookevent" ("active", "address", "by_id", "id", "made", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subjects") VALUES (NEW."active", NEW."address", NEW."by_id", NEW."id", NEW."made", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."subjects"); RETURN NULL;', hash='fdf27cc37a682dff77ca84766b0995743f9b452f', operation='INSERT', pgid='pgtrigger_insert_insert_9e0fc', table='interfaces_webhook', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhook',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."active" IS DISTINCT FROM (NEW."active") OR OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."made" IS DISTINCT FROM (NEW."made") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."subjects" IS DISTINCT FROM (NEW."subjects"))', func='INSERT INTO "interfaces_webhookevent" ("active", "address", "by_id", "id", "made", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subjects") VALUES (NEW."active", NEW."address", NEW."by_id", NEW."id", NEW."made", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."subjects"); RETURN NULL;', hash='2db37cf226d6236baf423888675e797d7792056d', operation='UPDATE', pgid='pgtrigger_update_update_da17b', table='interfaces_webhook', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhook',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "interfaces_webhookevent" ("active", "address", "by_id", "id", "made", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subjects") VALUES (OLD."active", OLD."address", OLD."by_id", OLD."id", OLD."made", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."subjects"); RETURN NULL;', hash='d00462545089882b915c0f47840558ce93eeb85a', operation='DELETE', pgid='pgtrigger_delete_delete_53982', table='interfaces_webhook', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhookevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8f89b2e470cf1f9f23c3be81c51906354a2ea563', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_2dbb4', table='interfaces_webhookevent', when='BEFORE')),
        ),
    ]
