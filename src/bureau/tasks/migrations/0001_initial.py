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
        ('regions', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Due',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('phrase', models.CharField(blank=True, max_length=60, verbose_name='原文')),
                ('what', models.CharField(blank=True, max_length=100, verbose_name='事项')),
                ('key', models.CharField(blank=True, help_text='各文件所指是同一件事的，代号相同', max_length=60, verbose_name='代号')),
                ('kind', models.CharField(choices=[('once', '一次'), ('yearly', '每年'), ('continuous', '持续推进'), ('unspecified', '文件未写明日期')], max_length=12, verbose_name='类型')),
                ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='年')),
                ('month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='月')),
                ('day', models.PositiveSmallIntegerField(blank=True, help_text='不填为月末', null=True, verbose_name='日')),
                ('begins', models.DateField(blank=True, null=True, verbose_name='起')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='读法')),
            ],
            options={
                'verbose_name': '期限',
                'verbose_name_plural': '期限',
                'ordering': ['task_id', 'position'],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('key', models.CharField(help_text='同一个量在各处的代号相同', max_length=60, verbose_name='代号')),
                ('label', models.CharField(max_length=60, verbose_name='名称')),
                ('comparison', models.CharField(choices=[('eq', '达到'), ('ge', '不少于'), ('le', '不超过')], default='eq', max_length=2, verbose_name='比较')),
                ('value', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='数值')),
                ('unit', models.CharField(max_length=12, verbose_name='单位')),
                ('phrase', models.CharField(max_length=100, verbose_name='原文')),
                ('by_phrase', models.CharField(blank=True, max_length=60, verbose_name='期限原文')),
                ('by', models.DateField(blank=True, null=True, verbose_name='期限')),
                ('yearly', models.BooleanField(default=False, verbose_name='每年')),
                ('counted', models.BooleanField(default=False, help_text='进展报告可填完成量', verbose_name='计数')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='条款')),
            ],
            options={
                'verbose_name': '数字',
                'verbose_name_plural': '数字',
                'ordering': ['register_id', 'position'],
            },
        ),
        migrations.CreateModel(
            name='MailChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wanted', models.BooleanField(verbose_name='接收')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '提醒邮件',
                'verbose_name_plural': '提醒邮件',
            },
        ),
        migrations.CreateModel(
            name='ProgressReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('text', models.TextField(max_length=2000, verbose_name='进展')),
                ('value', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='累计完成')),
                ('finishes', models.BooleanField(default=False, verbose_name='已完成')),
                ('imaginary', models.BooleanField(default=False, verbose_name='模拟数据')),
                ('at', models.DateTimeField(verbose_name='填报时间')),
                ('status', models.CharField(choices=[('submitted', '已提交'), ('confirmed', '已确认'), ('returned', '已退回'), ('withdrawn', '已撤回')], default='submitted', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('decision', models.CharField(blank=True, max_length=300, verbose_name='意见')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填报人')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('due', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='tasks.due', verbose_name='期限')),
                ('figure', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='tasks.figure', verbose_name='数字')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='填报地区')),
            ],
            options={
                'verbose_name': '进展报告',
                'verbose_name_plural': '进展报告',
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Register',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=40, unique=True, verbose_name='代号')),
                ('title', models.CharField(max_length=100, verbose_name='名称')),
                ('number', models.CharField(max_length=40, verbose_name='文号')),
                ('issuer', models.CharField(max_length=60, verbose_name='发文机关')),
                ('issued', models.DateField(blank=True, null=True, verbose_name='成文日期')),
                ('status', models.CharField(choices=[('verified', '已与原文核对'), ('draft', '草案')], default='draft', max_length=8, verbose_name='核对状态')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'verbose_name': '任务台账',
                'verbose_name_plural': '任务台账',
                'ordering': ['region_id', 'pk'],
            },
        ),
        migrations.AddField(
            model_name='figure',
            name='register',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='tasks.register', verbose_name='台账'),
        ),
        migrations.CreateModel(
            name='RegisterEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.SlugField(db_index=False, max_length=40, verbose_name='代号')),
                ('title', models.CharField(max_length=100, verbose_name='名称')),
                ('number', models.CharField(max_length=40, verbose_name='文号')),
                ('issuer', models.CharField(max_length=60, verbose_name='发文机关')),
                ('issued', models.DateField(blank=True, null=True, verbose_name='成文日期')),
                ('status', models.CharField(choices=[('verified', '已与原文核对'), ('draft', '草案')], default='draft', max_length=8, verbose_name='核对状态')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.register')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ReportPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='tasks.progressreport', verbose_name='汇总报告')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken_into', to='tasks.progressreport', verbose_name='下级报告')),
            ],
            options={
                'verbose_name': '汇总明细',
                'verbose_name_plural': '汇总明细',
                'ordering': ['source__region_id'],
            },
        ),
        migrations.CreateModel(
            name='ReportPartEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.reportpart')),
                ('report', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.progressreport', verbose_name='汇总报告')),
                ('source', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.progressreport', verbose_name='下级报告')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Task',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('section', models.CharField(blank=True, max_length=60, verbose_name='部分')),
                ('title', models.CharField(max_length=100, verbose_name='任务')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='条款')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='tasks', to='tasks.register', verbose_name='台账')),
            ],
            options={
                'verbose_name': '任务',
                'verbose_name_plural': '任务',
                'ordering': ['register__region_id', 'register_id', 'number'],
            },
        ),
        migrations.AddField(
            model_name='progressreport',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='tasks.task', verbose_name='任务'),
        ),
        migrations.CreateModel(
            name='FigureEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('key', models.CharField(help_text='同一个量在各处的代号相同', max_length=60, verbose_name='代号')),
                ('label', models.CharField(max_length=60, verbose_name='名称')),
                ('comparison', models.CharField(choices=[('eq', '达到'), ('ge', '不少于'), ('le', '不超过')], default='eq', max_length=2, verbose_name='比较')),
                ('value', models.DecimalField(decimal_places=4, max_digits=14, verbose_name='数值')),
                ('unit', models.CharField(max_length=12, verbose_name='单位')),
                ('phrase', models.CharField(max_length=100, verbose_name='原文')),
                ('by_phrase', models.CharField(blank=True, max_length=60, verbose_name='期限原文')),
                ('by', models.DateField(blank=True, null=True, verbose_name='期限')),
                ('yearly', models.BooleanField(default=False, verbose_name='每年')),
                ('counted', models.BooleanField(default=False, help_text='进展报告可填完成量', verbose_name='计数')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='条款')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.figure')),
                ('register', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.register', verbose_name='台账')),
                ('task', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.task', verbose_name='任务')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='figure',
            name='task',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='figures', to='tasks.task', verbose_name='任务'),
        ),
        migrations.CreateModel(
            name='DueEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('phrase', models.CharField(blank=True, max_length=60, verbose_name='原文')),
                ('what', models.CharField(blank=True, max_length=100, verbose_name='事项')),
                ('key', models.CharField(blank=True, help_text='各文件所指是同一件事的，代号相同', max_length=60, verbose_name='代号')),
                ('kind', models.CharField(choices=[('once', '一次'), ('yearly', '每年'), ('continuous', '持续推进'), ('unspecified', '文件未写明日期')], max_length=12, verbose_name='类型')),
                ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='年')),
                ('month', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='月')),
                ('day', models.PositiveSmallIntegerField(blank=True, help_text='不填为月末', null=True, verbose_name='日')),
                ('begins', models.DateField(blank=True, null=True, verbose_name='起')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='读法')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.due')),
                ('task', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.task', verbose_name='任务')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='due',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dues', to='tasks.task', verbose_name='任务'),
        ),
        migrations.CreateModel(
            name='TaskEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('section', models.CharField(blank=True, max_length=60, verbose_name='部分')),
                ('title', models.CharField(max_length=100, verbose_name='任务')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='条款')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.task')),
                ('register', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.register', verbose_name='台账')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('reach', models.CharField(choices=[('own', '本级单位'), ('cities', '各市'), ('counties', '各县'), ('below', '各市县')], default='own', max_length=8, verbose_name='所指范围')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='office.organisation', verbose_name='对应机构')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'verbose_name': '责任单位',
                'verbose_name_plural': '责任单位',
                'ordering': ['region_id', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='TaskUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('lead', '牵头'), ('responsible', '负责'), ('cooperate', '配合'), ('addressed', '正文涉及')], max_length=12, verbose_name='分工')),
                ('position', models.PositiveSmallIntegerField(verbose_name='次序')),
                ('task', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='tasks.task', verbose_name='任务')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='tasks.unit', verbose_name='单位')),
            ],
            options={
                'verbose_name': '任务分工',
                'verbose_name_plural': '任务分工',
                'ordering': ['task_id', 'position'],
            },
        ),
        migrations.AddField(
            model_name='task',
            name='units',
            field=models.ManyToManyField(related_name='tasks', through='tasks.TaskUnit', to='tasks.unit'),
        ),
        migrations.CreateModel(
            name='ProgressReportEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('year', models.PositiveSmallIntegerField(verbose_name='年度')),
                ('text', models.TextField(max_length=2000, verbose_name='进展')),
                ('value', models.DecimalField(blank=True, decimal_places=4, max_digits=14, null=True, verbose_name='累计完成')),
                ('finishes', models.BooleanField(default=False, verbose_name='已完成')),
                ('imaginary', models.BooleanField(default=False, verbose_name='模拟数据')),
                ('at', models.DateTimeField(verbose_name='填报时间')),
                ('status', models.CharField(choices=[('submitted', '已提交'), ('confirmed', '已确认'), ('returned', '已退回'), ('withdrawn', '已撤回')], default='submitted', max_length=10, verbose_name='状态')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='确认时间')),
                ('decision', models.CharField(blank=True, max_length=300, verbose_name='意见')),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='填报人')),
                ('decided_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='确认人')),
                ('due', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.due', verbose_name='期限')),
                ('figure', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.figure', verbose_name='数字')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.progressreport')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='regions.region', verbose_name='填报地区')),
                ('task', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.task', verbose_name='任务')),
                ('unit', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='tasks.unit', verbose_name='责任单位')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='progressreport',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tasks.unit', verbose_name='责任单位'),
        ),
        migrations.CreateModel(
            name='UnitEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('reach', models.CharField(choices=[('own', '本级单位'), ('cities', '各市'), ('counties', '各县'), ('below', '各市县')], default='own', max_length=8, verbose_name='所指范围')),
                ('organisation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='office.organisation', verbose_name='对应机构')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='tasks.unit')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(verbose_name='到期日')),
                ('kind', models.CharField(choices=[('soon', '即将到期'), ('late', '已过期限')], max_length=4, verbose_name='缘由')),
                ('at', models.DateTimeField(verbose_name='发出')),
                ('read', models.DateTimeField(blank=True, null=True, verbose_name='已读')),
                ('mailed', models.DateTimeField(blank=True, null=True, verbose_name='邮件发出')),
                ('due', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tasks.due', verbose_name='期限')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='人员')),
            ],
            options={
                'verbose_name': '提醒',
                'verbose_name_plural': '提醒',
                'ordering': ['-at', 'on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('person', 'due', 'on', 'kind'), name='person_reminded_once_of_each')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='文件名')),
                ('sha256', models.CharField(max_length=64, verbose_name='摘要')),
                ('size', models.PositiveIntegerField(verbose_name='字节')),
                ('media_type', models.CharField(max_length=100, verbose_name='类型')),
                ('path', models.CharField(editable=False, max_length=120, verbose_name='存放')),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='tasks.progressreport', verbose_name='报告')),
            ],
            options={
                'verbose_name': '佐证',
                'verbose_name_plural': '佐证',
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('report', 'sha256'), name='evidence_attached_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='register',
            constraint=models.UniqueConstraint(fields=('region', 'number'), name='document_loaded_once_in_a_region'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='register',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_registerevent" ("id", "issued", "issuer", "name", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "status", "title") VALUES (NEW."id", NEW."issued", NEW."issuer", NEW."name", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."region_id", NEW."status", NEW."title"); RETURN NULL;', hash='b3ac77f27b31a8c87abc6bffbd72a4ff036cea4a', operation='INSERT', pgid='pgtrigger_insert_insert_b6754', table='tasks_register', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='register',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_registerevent" ("id", "issued", "issuer", "name", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "status", "title") VALUES (NEW."id", NEW."issued", NEW."issuer", NEW."name", NEW."note", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."region_id", NEW."status", NEW."title"); RETURN NULL;', hash='3cbf2f3e5e08bd528b2da395cd3e8c561ed884a5', operation='UPDATE', pgid='pgtrigger_update_update_51b93', table='tasks_register', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='register',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_registerevent" ("id", "issued", "issuer", "name", "note", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "status", "title") VALUES (OLD."id", OLD."issued", OLD."issuer", OLD."name", OLD."note", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."region_id", OLD."status", OLD."title"); RETURN NULL;', hash='98d94b8bb5444cb7fbeae00929eb5fc80e640820', operation='DELETE', pgid='pgtrigger_delete_delete_c4093', table='tasks_register', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registerevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7068c4df66ee87edeeac46849bc22dbbd106a22a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5c988', table='tasks_registerevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='reportpart',
            constraint=models.UniqueConstraint(fields=('report', 'source'), name='report_added_once'),
        ),
        migrations.AddConstraint(
            model_name='reportpart',
            constraint=models.CheckConstraint(condition=models.Q(('report', models.F('source')), _negated=True), name='report_not_part_of_itself'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportpart',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_reportpartevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report_id", "source_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."report_id", NEW."source_id"); RETURN NULL;', hash='e8dd6de4e2c77feb9697763533772172e3d6b14a', operation='INSERT', pgid='pgtrigger_insert_insert_f4ec0', table='tasks_reportpart', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportpart',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_reportpartevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report_id", "source_id") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."report_id", NEW."source_id"); RETURN NULL;', hash='ab043cb8b13093f7143d254b94ee2c24069b560e', operation='UPDATE', pgid='pgtrigger_update_update_148bf', table='tasks_reportpart', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportpart',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_reportpartevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "report_id", "source_id") VALUES (OLD."id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."report_id", OLD."source_id"); RETURN NULL;', hash='43be0f5b76721dc613d1cc0eedb03f08d6f1f745', operation='DELETE', pgid='pgtrigger_delete_delete_c61b4', table='tasks_reportpart', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reportpartevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e2b9182ad9fa1e1724e4040bd203becfc5eb0783', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_56492', table='tasks_reportpartevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='figureevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='16c4e07c5606d9e32365a3adc14140ec18d91896', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a54cc', table='tasks_figureevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.UniqueConstraint(fields=('register', 'task', 'key', 'phrase', 'by_phrase'), name='figure_laid_down_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='figure',
            constraint=models.CheckConstraint(condition=models.Q(('value__gt', 0)), name='figure_is_positive'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='figure',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_figureevent" ("by", "by_phrase", "clause", "comparison", "counted", "id", "key", "label", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phrase", "position", "register_id", "task_id", "unit", "value", "yearly") VALUES (NEW."by", NEW."by_phrase", NEW."clause", NEW."comparison", NEW."counted", NEW."id", NEW."key", NEW."label", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phrase", NEW."position", NEW."register_id", NEW."task_id", NEW."unit", NEW."value", NEW."yearly"); RETURN NULL;', hash='843d7e4c9c49c5a05ee61d07bfb0c1f65b682370', operation='INSERT', pgid='pgtrigger_insert_insert_9348a', table='tasks_figure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='figure',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_figureevent" ("by", "by_phrase", "clause", "comparison", "counted", "id", "key", "label", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phrase", "position", "register_id", "task_id", "unit", "value", "yearly") VALUES (NEW."by", NEW."by_phrase", NEW."clause", NEW."comparison", NEW."counted", NEW."id", NEW."key", NEW."label", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phrase", NEW."position", NEW."register_id", NEW."task_id", NEW."unit", NEW."value", NEW."yearly"); RETURN NULL;', hash='a1c34244520eefffc4e61f0275eef58065f90f9a', operation='UPDATE', pgid='pgtrigger_update_update_faa41', table='tasks_figure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='figure',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_figureevent" ("by", "by_phrase", "clause", "comparison", "counted", "id", "key", "label", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phrase", "position", "register_id", "task_id", "unit", "value", "yearly") VALUES (OLD."by", OLD."by_phrase", OLD."clause", OLD."comparison", OLD."counted", OLD."id", OLD."key", OLD."label", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phrase", OLD."position", OLD."register_id", OLD."task_id", OLD."unit", OLD."value", OLD."yearly"); RETURN NULL;', hash='f92eafd20e71f9c525b07c66c02869c196f19a95', operation='DELETE', pgid='pgtrigger_delete_delete_edecd', table='tasks_figure', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dueevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5cc5ffac05d18f5cbb7e08f6df3c937ee310116d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3f5d5', table='tasks_dueevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='due',
            constraint=models.UniqueConstraint(fields=('task', 'phrase', 'what'), name='due_laid_down_once'),
        ),
        migrations.AddConstraint(
            model_name='due',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['once', 'yearly']), ('month__range', (1, 12))), models.Q(('kind__in', ['continuous', 'unspecified']), ('month', None)), _connector='OR'), name='due_with_a_date_has_a_month'),
        ),
        migrations.AddConstraint(
            model_name='due',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'once'), _negated=True), ('year__isnull', False), _connector='OR'), name='due_once_has_a_year'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='due',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_dueevent" ("begins", "day", "id", "key", "kind", "month", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phrase", "position", "task_id", "what", "year") VALUES (NEW."begins", NEW."day", NEW."id", NEW."key", NEW."kind", NEW."month", NEW."note", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."phrase", NEW."position", NEW."task_id", NEW."what", NEW."year"); RETURN NULL;', hash='d1f533855cf7e7049316abe00da6990c68751630', operation='INSERT', pgid='pgtrigger_insert_insert_42b9f', table='tasks_due', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='due',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_dueevent" ("begins", "day", "id", "key", "kind", "month", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phrase", "position", "task_id", "what", "year") VALUES (NEW."begins", NEW."day", NEW."id", NEW."key", NEW."kind", NEW."month", NEW."note", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phrase", NEW."position", NEW."task_id", NEW."what", NEW."year"); RETURN NULL;', hash='c86bf7439523f9c08b6506fb8c35084961c29c08', operation='UPDATE', pgid='pgtrigger_update_update_2d225', table='tasks_due', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='due',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_dueevent" ("begins", "day", "id", "key", "kind", "month", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phrase", "position", "task_id", "what", "year") VALUES (OLD."begins", OLD."day", OLD."id", OLD."key", OLD."kind", OLD."month", OLD."note", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."phrase", OLD."position", OLD."task_id", OLD."what", OLD."year"); RETURN NULL;', hash='cf8c62306124ef7fe4ca63f59bebe57648274928', operation='DELETE', pgid='pgtrigger_delete_delete_43e3f', table='tasks_due', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='taskevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='115e932cd85ec5c6c13bcefe99e1302ee4802651', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_14f8e', table='tasks_taskevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='unit',
            constraint=models.UniqueConstraint(fields=('region', 'name'), name='unit_named_once_in_a_region'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unit',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_unitevent" ("id", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reach", "region_id") VALUES (NEW."id", NEW."name", NEW."organisation_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."reach", NEW."region_id"); RETURN NULL;', hash='3511b66576d97f6b519a78bd201119f61184671f', operation='INSERT', pgid='pgtrigger_insert_insert_eb4d2', table='tasks_unit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unit',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_unitevent" ("id", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reach", "region_id") VALUES (NEW."id", NEW."name", NEW."organisation_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reach", NEW."region_id"); RETURN NULL;', hash='2c6d1f12a87e5e3172cb239aa8da521ae0a4036f', operation='UPDATE', pgid='pgtrigger_update_update_b947d', table='tasks_unit', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unit',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_unitevent" ("id", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reach", "region_id") VALUES (OLD."id", OLD."name", OLD."organisation_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."reach", OLD."region_id"); RETURN NULL;', hash='7de5818cb8c591f92dbd7b83db9917b78a724a14', operation='DELETE', pgid='pgtrigger_delete_delete_6d642', table='tasks_unit', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='taskunit',
            constraint=models.UniqueConstraint(fields=('task', 'unit'), name='unit_has_one_part_in_a_task'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(fields=('register', 'number'), name='task_numbered_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='task',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_taskevent" ("clause", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "register_id", "section", "title") VALUES (NEW."clause", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."register_id", NEW."section", NEW."title"); RETURN NULL;', hash='b74df32d74094139694a421edb6296c975b15d1c', operation='INSERT', pgid='pgtrigger_insert_insert_e2e86', table='tasks_task', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='task',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_taskevent" ("clause", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "register_id", "section", "title") VALUES (NEW."clause", NEW."id", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."register_id", NEW."section", NEW."title"); RETURN NULL;', hash='d2285899469651d15a85cb17a4c1d4cb9f312601', operation='UPDATE', pgid='pgtrigger_update_update_705e1', table='tasks_task', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='task',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_taskevent" ("clause", "id", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "register_id", "section", "title") VALUES (OLD."clause", OLD."id", OLD."number", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."register_id", OLD."section", OLD."title"); RETURN NULL;', hash='838bf7dcc44221047f1dd985af618794e2edfc07', operation='DELETE', pgid='pgtrigger_delete_delete_3627a', table='tasks_task', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='progressreportevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='69d5c3fcb444539968ac308479cddf285700febb', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_caeed', table='tasks_progressreportevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('status', 'submitted')), models.Q(('decided_at__isnull', False), ('decided_by', None), ('status', 'withdrawn')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('status__in', ['confirmed', 'returned'])), _connector='OR'), name='report_is_decided_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('by')), _negated=True), _connector='OR'), name='report_is_decided_by_another'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(('value', None), ('value__gte', 0), _connector='OR'), name='report_counts_from_nought'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('figure__isnull', True), ('value__isnull', True)), models.Q(('figure__isnull', False), ('value__isnull', False)), _connector='OR'), name='report_counts_a_figure'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.CheckConstraint(condition=models.Q(('finishes', False), ('due__isnull', False), _connector='OR'), name='report_finishes_a_due'),
        ),
        migrations.AddConstraint(
            model_name='progressreport',
            constraint=models.UniqueConstraint(condition=models.Q(('finishes', True), ('status__in', ['submitted', 'confirmed'])), fields=('due', 'year', 'region'), name='due_is_finished_once_a_year_in_a_region'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='progressreport',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_progressreportevent" ("at", "by_id", "decided_at", "decided_by_id", "decision", "due_id", "figure_id", "finishes", "id", "imaginary", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "status", "task_id", "text", "unit_id", "value", "year") VALUES (NEW."at", NEW."by_id", NEW."decided_at", NEW."decided_by_id", NEW."decision", NEW."due_id", NEW."figure_id", NEW."finishes", NEW."id", NEW."imaginary", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."region_id", NEW."status", NEW."task_id", NEW."text", NEW."unit_id", NEW."value", NEW."year"); RETURN NULL;', hash='5c2d5acb11519013256e8ff21c877cdbd553cd01', operation='INSERT', pgid='pgtrigger_insert_insert_307f2', table='tasks_progressreport', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='progressreport',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "tasks_progressreportevent" ("at", "by_id", "decided_at", "decided_by_id", "decision", "due_id", "figure_id", "finishes", "id", "imaginary", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "status", "task_id", "text", "unit_id", "value", "year") VALUES (NEW."at", NEW."by_id", NEW."decided_at", NEW."decided_by_id", NEW."decision", NEW."due_id", NEW."figure_id", NEW."finishes", NEW."id", NEW."imaginary", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."region_id", NEW."status", NEW."task_id", NEW."text", NEW."unit_id", NEW."value", NEW."year"); RETURN NULL;', hash='3a0d7fd2b278d5981add91a1d032968750f724e0', operation='UPDATE', pgid='pgtrigger_update_update_f129d', table='tasks_progressreport', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='progressreport',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "tasks_progressreportevent" ("at", "by_id", "decided_at", "decided_by_id", "decision", "due_id", "figure_id", "finishes", "id", "imaginary", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "region_id", "status", "task_id", "text", "unit_id", "value", "year") VALUES (OLD."at", OLD."by_id", OLD."decided_at", OLD."decided_by_id", OLD."decision", OLD."due_id", OLD."figure_id", OLD."finishes", OLD."id", OLD."imaginary", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."region_id", OLD."status", OLD."task_id", OLD."text", OLD."unit_id", OLD."value", OLD."year"); RETURN NULL;', hash='8a9bb4c2900e938411f665f449b3804d85e28a12', operation='DELETE', pgid='pgtrigger_delete_delete_d62bf', table='tasks_progressreport', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='unitevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='909efcfe82c9ac88a394ef8aee18a08da356d791', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c0e12', table='tasks_unitevent', when='BEFORE')),
        ),
    ]
