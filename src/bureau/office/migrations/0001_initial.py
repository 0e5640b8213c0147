import django.contrib.auth.validators
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from bureau.first_migration import FirstMigration


class Migration(FirstMigration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('regions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(error_messages={'unique': '登录名已有人使用，请换一个。'}, max_length=40, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator(message='登录名只能用字母、数字、汉字和 @ . + - _ 。')], verbose_name='登录名')),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='职务')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='电话')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('is_active', models.BooleanField(default=True, verbose_name='在用')),
                ('joined', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='加入时间')),
            ],
            options={
                'verbose_name': '人员',
                'verbose_name_plural': '人员',
                'ordering': ['organisation__region__code', 'name'],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(choices=[('view', '查阅'), ('clerk', '经办'), ('review', '审核'), ('approve', '批准'), ('administer', '机构管理')], max_length=12, verbose_name='岗位')),
                ('since', models.DateField(verbose_name='自')),
                ('until', models.DateField(blank=True, help_text='含当日；不填为长期', null=True, verbose_name='至')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='appointments', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '任职',
                'verbose_name_plural': '任职',
                'ordering': ['person_id', 'duty', 'since'],
            },
        ),
        migrations.CreateModel(
            name='AppointmentEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('duty', models.CharField(choices=[('view', '查阅'), ('clerk', '经办'), ('review', '审核'), ('approve', '批准'), ('administer', '机构管理')], max_length=12, verbose_name='岗位')),
                ('since', models.DateField(verbose_name='自')),
                ('until', models.DateField(blank=True, help_text='含当日；不填为长期', null=True, verbose_name='至')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='office.appointment')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('username', models.CharField(max_length=40, verbose_name='登录名')),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='职务')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='电话')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('view', '查阅'), ('clerk', '经办'), ('review', '审核'), ('approve', '批准'), ('administer', '机构管理')], max_length=12), size=None, verbose_name='岗位')),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('sent', models.DateTimeField(verbose_name='发出')),
                ('expires', models.DateTimeField(verbose_name='失效')),
                ('accepted', models.DateTimeField(blank=True, null=True, verbose_name='接受')),
                ('withdrawn', models.DateTimeField(blank=True, null=True, verbose_name='撤回')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='邀请人')),
                ('person', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '邀请',
                'verbose_name_plural': '邀请',
                'ordering': ['-sent'],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('kind', models.CharField(choices=[('bureau', '水行政主管部门'), ('government', '人民政府'), ('department', '其他部门'), ('technical', '技术支撑单位')], default='bureau', max_length=12, verbose_name='类型')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
                ('above', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='below', to='office.organisation', verbose_name='上级机构')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='organisations', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'verbose_name': '机构',
                'verbose_name_plural': '机构',
                'ordering': ['region_id', 'name'],
            },
        ),
        migrations.CreateModel(
            name='InvitationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('username', models.CharField(max_length=40, verbose_name='登录名')),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='职务')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='电话')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('duties', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('view', '查阅'), ('clerk', '经办'), ('review', '审核'), ('approve', '批准'), ('administer', '机构管理')], max_length=12), size=None, verbose_name='岗位')),
                ('sent', models.DateTimeField(verbose_name='发出')),
                ('expires', models.DateTimeField(verbose_name='失效')),
                ('accepted', models.DateTimeField(blank=True, null=True, verbose_name='接受')),
                ('withdrawn', models.DateTimeField(blank=True, null=True, verbose_name='撤回')),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='邀请人')),
                ('person', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='office.invitation')),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='office.organisation', verbose_name='机构')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='invitation',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='office.organisation', verbose_name='机构'),
        ),
        migrations.AddField(
            model_name='person',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='office.organisation', verbose_name='机构'),
        ),
        migrations.CreateModel(
            name='OrganisationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('kind', models.CharField(choices=[('bureau', '水行政主管部门'), ('government', '人民政府'), ('department', '其他部门'), ('technical', '技术支撑单位')], default='bureau', max_length=12, verbose_name='类型')),
                ('active', models.BooleanField(default=True, verbose_name='在用')),
                ('above', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='office.organisation', verbose_name='上级机构')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='office.organisation')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PersonEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('username', models.CharField(error_messages={'unique': '登录名已有人使用，请换一个。'}, max_length=40, validators=[django.contrib.auth.validators.UnicodeUsernameValidator(message='登录名只能用字母、数字、汉字和 @ . + - _ 。')], verbose_name='登录名')),
                ('name', models.CharField(max_length=40, verbose_name='姓名')),
                ('title', models.CharField(blank=True, max_length=40, verbose_name='职务')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='电话')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('is_active', models.BooleanField(default=True, verbose_name='在用')),
                ('joined', models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name='加入时间')),
                ('organisation', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='office.organisation', verbose_name='机构')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Recovery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('factor', '重置第二因子'), ('password', '重置口令')], max_length=8, verbose_name='事项')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('at', models.DateTimeField(verbose_name='办理时间')),
                ('token_hash', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('expires', models.DateTimeField(blank=True, null=True, verbose_name='失效')),
                ('used', models.DateTimeField(blank=True, null=True, verbose_name='使用')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recoveries', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '恢复登录',
                'verbose_name_plural': '恢复登录',
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='RecoveryEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('factor', '重置第二因子'), ('password', '重置口令')], max_length=8, verbose_name='事项')),
                ('reason', models.CharField(max_length=200, verbose_name='事由')),
                ('at', models.DateTimeField(verbose_name='办理时间')),
                ('expires', models.DateTimeField(blank=True, null=True, verbose_name='失效')),
                ('used', models.DateTimeField(blank=True, null=True, verbose_name='使用')),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='办理人')),
                ('person', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='office.recovery')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='SignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('in', '登录'), ('out', '退出'), ('refused', '登录失败'), ('locked', '锁定'), ('code', '动态码不对'), ('factor_on', '启用第二因子'), ('factor_off', '停用第二因子'), ('factor_new', '生成恢复码'), ('password', '修改口令')], max_length=12, verbose_name='事项')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='来访地址')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('region', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'verbose_name': '登录记录',
                'verbose_name_plural': '登录记录',
                'ordering': ['-at'],
            },
        ),
        migrations.CreateModel(
            name='SignInEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('what', models.CharField(choices=[('in', '登录'), ('out', '退出'), ('refused', '登录失败'), ('locked', '锁定'), ('code', '动态码不对'), ('factor_on', '启用第二因子'), ('factor_off', '停用第二因子'), ('factor_new', '生成恢复码'), ('password', '修改口令')], max_length=12, verbose_name='事项')),
                ('address', models.GenericIPAddressField(null=True, verbose_name='来访地址')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('person', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='office.signin')),
                ('region', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='appointment_ends_after_it_begins'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_appointmentevent" ("duty", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "until") VALUES (NEW."duty", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."since", NEW."until"); RETURN NULL;', hash='99ec6ae000874699989e32d291e917309c32c40e', operation='INSERT', pgid='pgtrigger_insert_insert_65c9d', table='office_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "office_appointmentevent" ("duty", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "until") VALUES (NEW."duty", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."since", NEW."until"); RETURN NULL;', hash='36fb7e0199151589ac14fd190c00640450bcdcaf', operation='UPDATE', pgid='pgtrigger_update_update_d1166', table='office_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointment',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_appointmentevent" ("duty", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "until") VALUES (OLD."duty", OLD."id", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."since", OLD."until"); RETURN NULL;', hash='ce55f1098816ee23f2b79db9d9163a9feaa618b8', operation='DELETE', pgid='pgtrigger_delete_delete_2c53e', table='office_appointment', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='appointmentevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6e1f1e3bfa502010208b704bcdcbf3c0d5431642', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f1966', table='office_appointmentevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.UniqueConstraint(fields=('region', 'name'), name='organisation_named_once_in_a_region'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organisation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_organisationevent" ("above_id", "active", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id") VALUES (NEW."above_id", NEW."active", NEW."id", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."region_id"); RETURN NULL;', hash='ce218570f576e25eab031ca71208277802bd2cd0', operation='INSERT', pgid='pgtrigger_insert_insert_83496', table='office_organisation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organisation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "office_organisationevent" ("above_id", "active", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id") VALUES (NEW."above_id", NEW."active", NEW."id", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."region_id"); RETURN NULL;', hash='4cb9b97343790b43e800d2ebf4bdd7ab67285dd9', operation='UPDATE', pgid='pgtrigger_update_update_77fde', table='office_organisation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organisation',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_organisationevent" ("above_id", "active", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id") VALUES (OLD."above_id", OLD."active", OLD."id", OLD."kind", OLD."name", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."region_id"); RETURN NULL;', hash='bb2929811c9b33a1a8389d8f7bd23400e8014b98', operation='DELETE', pgid='pgtrigger_delete_delete_27766', table='office_organisation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d9db96bcc54b49c78032ec2229e7c5ec5d0496c0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b8c7a', table='office_invitationevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_invitationevent" ("accepted", "by_id", "duties", "email", "expires", "id", "name", "organisation_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sent", "title", "username", "withdrawn") VALUES (NEW."accepted", NEW."by_id", NEW."duties", NEW."email", NEW."expires", NEW."id", NEW."name", NEW."organisation_id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."sent", NEW."title", NEW."username", NEW."withdrawn"); RETURN NULL;', hash='e1ddbee4d56e496beab1b44de080a6ec2c21d8a5', operation='INSERT', pgid='pgtrigger_insert_insert_bbc61', table='office_invitation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."accepted" IS DISTINCT FROM (NEW."accepted") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."duties" IS DISTINCT FROM (NEW."duties") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."expires" IS DISTINCT FROM (NEW."expires") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."sent" IS DISTINCT FROM (NEW."sent") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."username" IS DISTINCT FROM (NEW."username") OR OLD."withdrawn" IS DISTINCT FROM (NEW."withdrawn"))', func='INSERT INTO "office_invitationevent" ("accepted", "by_id", "duties", "email", "expires", "id", "name", "organisation_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sent", "title", "username", "withdrawn") VALUES (NEW."accepted", NEW."by_id", NEW."duties", NEW."email", NEW."expires", NEW."id", NEW."name", NEW."organisation_id", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."sent", NEW."title", NEW."username", NEW."withdrawn"); RETURN NULL;', hash='ff3796b10935461b406cdb733ffa0839a909913f', operation='UPDATE', pgid='pgtrigger_update_update_0719b', table='office_invitation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='invitation',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_invitationevent" ("accepted", "by_id", "duties", "email", "expires", "id", "name", "organisation_id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "sent", "title", "username", "withdrawn") VALUES (OLD."accepted", OLD."by_id", OLD."duties", OLD."email", OLD."expires", OLD."id", OLD."name", OLD."organisation_id", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."sent", OLD."title", OLD."username", OLD."withdrawn"); RETURN NULL;', hash='37fa693e954034973a01b508461fd36aba7e5a76', operation='DELETE', pgid='pgtrigger_delete_delete_d1660', table='office_invitation', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('username'), name='person_username_once_in_any_case', violation_error_message='登录名不分大小写，已有人使用；请换一个。'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_personevent" ("email", "id", "is_active", "joined", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "title", "username") VALUES (NEW."email", NEW."id", NEW."is_active", NEW."joined", NEW."name", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phone", NEW."title", NEW."username"); RETURN NULL;', hash='36fa504228e068bef18babe6f8b7e31eccc3f3f2', operation='INSERT', pgid='pgtrigger_insert_insert_db889', table='office_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."is_active" IS DISTINCT FROM (NEW."is_active") OR OLD."joined" IS DISTINCT FROM (NEW."joined") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."organisation_id" IS DISTINCT FROM (NEW."organisation_id") OR OLD."phone" IS DISTINCT FROM (NEW."phone") OR OLD."title" IS DISTINCT FROM (NEW."title") OR OLD."username" IS DISTINCT FROM (NEW."username"))', func='INSERT INTO "office_personevent" ("email", "id", "is_active", "joined", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "title", "username") VALUES (NEW."email", NEW."id", NEW."is_active", NEW."joined", NEW."name", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone", NEW."title", NEW."username"); RETURN NULL;', hash='81fc98c63bd16bcc7b3153c338894b060941038c', operation='UPDATE', pgid='pgtrigger_update_update_ae32a', table='office_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_personevent" ("email", "id", "is_active", "joined", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone", "title", "username") VALUES (OLD."email", OLD."id", OLD."is_active", OLD."joined", OLD."name", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phone", OLD."title", OLD."username"); RETURN NULL;', hash='3bd792cddce63ba634587c422774801677243ff2', operation='DELETE', pgid='pgtrigger_delete_delete_fef38', table='office_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='organisationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ec2951415ba33dc16f8c018c705bc5f13d450dd8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ace1c', table='office_organisationevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='personevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d7c537fca88a982be4e689000c9a4db8fc124d33', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_af4fc', table='office_personevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(('person', models.F('by')), _negated=True), name='recovery_is_given_by_another'),
        ),
        migrations.AddConstraint(
            model_name='recovery',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recovery_has_a_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recovery',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_recoveryevent" ("at", "by_id", "expires", "id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "used") VALUES (NEW."at", NEW."by_id", NEW."expires", NEW."id", NEW."kind", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reason", NEW."used"); RETURN NULL;', hash='ec6d46a02104ce0de4df1e8388fb725f1c91f5e0', operation='INSERT', pgid='pgtrigger_insert_insert_d5ebb', table='office_recovery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recovery',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."by_id" IS DISTINCT FROM (NEW."by_id") OR OLD."expires" IS DISTINCT FROM (NEW."expires") OR OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."person_id" IS DISTINCT FROM (NEW."person_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."used" IS DISTINCT FROM (NEW."used"))', func='INSERT INTO "office_recoveryevent" ("at", "by_id", "expires", "id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "used") VALUES (NEW."at", NEW."by_id", NEW."expires", NEW."id", NEW."kind", NEW."person_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."used"); RETURN NULL;', hash='1e0ee3942b2ee41fa2a0d1a072459b0961ba77e3', operation='UPDATE', pgid='pgtrigger_update_update_d3424', table='office_recovery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recovery',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_recoveryevent" ("at", "by_id", "expires", "id", "kind", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "used") VALUES (OLD."at", OLD."by_id", OLD."expires", OLD."id", OLD."kind", OLD."person_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reason", OLD."used"); RETURN NULL;', hash='b9077ccae9bb5dd405b28fc0aafd8de86b4afe47', operation='DELETE', pgid='pgtrigger_delete_delete_9b2cb', table='office_recovery', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='recoveryevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='379bd94a707ec920b5046f558fe229aa160211af', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c29d1', table='office_recoveryevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signin',
            trigger=pgtrigger.compiler.Trigger(name='keep_sign_in', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d3d6370e1c98c24c7e2285a282decec01c50faae', operation='UPDATE OR DELETE', pgid='pgtrigger_keep_sign_in_26b9f', table='office_signin', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signin',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "office_signinevent" ("address", "at", "id", "person_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "what") VALUES (NEW."address", NEW."at", NEW."id", NEW."person_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."region_id", NEW."what"); RETURN NULL;', hash='9de044146cde2376ef2f005485cb6b359b2ec1b5', operation='INSERT', pgid='pgtrigger_insert_insert_d7833', table='office_signin', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signinevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6ed4e575df79ffcdcffe79c2ff505af7a2de8c75', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c4993', table='office_signinevent', when='BEFORE')),
        ),
    ]
