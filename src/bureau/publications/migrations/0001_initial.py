import django.contrib.gis.db.models.fields
import django.db.models.deletion
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
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('survey', '调查成果'), ('zones', '划定成果'), ('patches', '扰动图斑')], max_length=8, verbose_name='类型')),
                ('theme', models.CharField(blank=True, choices=[('prevention_treatment', '重点预防区和重点治理区'), ('severe_fragile', '水土流失严重、生态脆弱区域'), ('steep_slope', '禁止开垦陡坡地')], max_length=24, verbose_name='区域类别')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('batch', models.CharField(blank=True, default='', help_text='扰动图斑的解译批次', max_length=40, verbose_name='批次')),
                ('version', models.PositiveSmallIntegerField(verbose_name='版本')),
                ('status', models.CharField(choices=[('preparing', '入库中'), ('published', '现行'), ('superseded', '已被取代')], default='preparing', max_length=12, verbose_name='状态')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('published_at', models.DateTimeField(verbose_name='发布时间')),
                ('superseded_at', models.DateTimeField(blank=True, null=True, verbose_name='被取代时间')),
                ('simulated', models.BooleanField(default=False, verbose_name='模拟数据')),
                ('content_sha256', models.CharField(max_length=64, verbose_name='内容校验和')),
                ('provenance', models.JSONField(default=dict, verbose_name='来源')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='regions.region', verbose_name='行政区')),
                ('reviewed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
            ],
            options={
                'verbose_name': '成果',
                'verbose_name_plural': '成果',
                'ordering': ['-year', 'region_id', 'kind', 'theme', '-batch', '-version'],
            },
        ),
        migrations.CreateModel(
            name='Patch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=60, verbose_name='图斑编号')),
                ('type', models.CharField(blank=True, max_length=20, verbose_name='扰动类型')),
                ('change', models.CharField(blank=True, max_length=20, verbose_name='变化类型')),
                ('state', models.CharField(blank=True, max_length=20, verbose_name='建设状态')),
                ('compliance', models.CharField(blank=True, max_length=24, verbose_name='合规性')),
                ('confirmed', models.CharField(blank=True, max_length=24, verbose_name='复核合规性')),
                ('verdict', models.CharField(blank=True, max_length=24, verbose_name='合规性判定')),
                ('batch', models.CharField(blank=True, max_length=40, verbose_name='解译批次')),
                ('project', models.CharField(blank=True, max_length=200, verbose_name='项目名称')),
                ('area_m2', models.FloatField(verbose_name='面积 m²')),
                ('stated_hm2', models.FloatField(null=True, verbose_name='填报面积 hm²')),
                ('over_hm2', models.FloatField(null=True, verbose_name='超出防治责任范围面积 hm²')),
                ('image_before', models.DateField(null=True, verbose_name='前时相日期')),
                ('image_after', models.DateField(null=True, verbose_name='后时相日期')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='地址')),
                ('note', models.TextField(blank=True, verbose_name='备注')),
                ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(srid=4490, verbose_name='范围')),
                ('county', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='区县')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patches', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '扰动图斑',
                'verbose_name_plural': '扰动图斑',
                'ordering': ['number'],
            },
        ),
        migrations.CreateModel(
            name='Fact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('watershed', models.CharField(blank=True, max_length=40, verbose_name='小流域')),
                ('land_use', models.SmallIntegerField(verbose_name='地类')),
                ('slope_class', models.SmallIntegerField(verbose_name='坡度级')),
                ('cover_class', models.SmallIntegerField(verbose_name='盖度级')),
                ('erosion_type', models.SmallIntegerField(verbose_name='侵蚀类型')),
                ('intensity', models.SmallIntegerField(verbose_name='强度级')),
                ('zone', models.CharField(blank=True, max_length=40, verbose_name='区')),
                ('cells', models.BigIntegerField(verbose_name='像元数')),
                ('area_m2', models.FloatField(verbose_name='面积 m²')),
                ('soil_loss_t', models.FloatField(verbose_name='流失量 t/a')),
                ('county', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='区县')),
                ('publication', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='facts', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '事实',
                'verbose_name_plural': '事实',
            },
        ),
        migrations.CreateModel(
            name='ClassSum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(choices=[('intensity', '侵蚀强度'), ('land_use', '土地利用'), ('slope_class', '坡度'), ('cover_class', '植被盖度'), ('zone', '区域'), ('verdict', '合规性'), ('disturbance', '扰动类型')], max_length=12, verbose_name='分类')),
                ('code', models.CharField(max_length=24, verbose_name='类')),
                ('count', models.BigIntegerField(help_text='事实为像元数，区域与图斑为个数', verbose_name='数目')),
                ('area_m2', models.FloatField(verbose_name='面积 m²')),
                ('eroded_m2', models.FloatField(default=0.0, verbose_name='其中水土流失 m²')),
                ('soil_loss_t', models.FloatField(default=0.0, verbose_name='流失量 t/a')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='行政区')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='class_sums', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '分类汇总',
                'verbose_name_plural': '分类汇总',
                'ordering': ['region_id', 'dimension', 'code'],
            },
        ),
        migrations.CreateModel(
            name='PublicationEvent',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('survey', '调查成果'), ('zones', '划定成果'), ('patches', '扰动图斑')], max_length=8, verbose_name='类型')),
                ('theme', models.CharField(blank=True, choices=[('prevention_treatment', '重点预防区和重点治理区'), ('severe_fragile', '水土流失严重、生态脆弱区域'), ('steep_slope', '禁止开垦陡坡地')], max_length=24, verbose_name='区域类别')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('batch', models.CharField(blank=True, default='', help_text='扰动图斑的解译批次', max_length=40, verbose_name='批次')),
                ('version', models.PositiveSmallIntegerField(verbose_name='版本')),
                ('status', models.CharField(choices=[('preparing', '入库中'), ('published', '现行'), ('superseded', '已被取代')], default='preparing', max_length=12, verbose_name='状态')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('published_at', models.DateTimeField(verbose_name='发布时间')),
                ('superseded_at', models.DateTimeField(blank=True, null=True, verbose_name='被取代时间')),
                ('simulated', models.BooleanField(default=False, verbose_name='模拟数据')),
                ('content_sha256', models.CharField(max_length=64, verbose_name='内容校验和')),
                ('provenance', models.JSONField(default=dict, verbose_name='来源')),
                ('by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='发布人')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='events', to='publications.publication')),
                ('region', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='regions.region', verbose_name='行政区')),
                ('reviewed_by', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='复核人')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Raster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=24, verbose_name='名称')),
                ('unit', models.CharField(blank=True, max_length=24, verbose_name='单位')),
                ('sha256', models.CharField(max_length=64, verbose_name='校验和')),
                ('size', models.BigIntegerField(verbose_name='字节数')),
                ('bounds', models.JSONField(help_text='西、南、东、北，度', verbose_name='四至')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rasters', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '栅格',
                'verbose_name_plural': '栅格',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='RegionSummary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('land_m2', models.FloatField(verbose_name='土地面积 m²')),
                ('eroded_m2', models.FloatField(verbose_name='水土流失面积 m²')),
                ('missing_m2', models.FloatField(default=0.0, verbose_name='缺测面积 m²')),
                ('soil_loss_t', models.FloatField(verbose_name='流失量 t/a')),
                ('low', models.FloatField(null=True, verbose_name='水土保持率下限 %')),
                ('high', models.FloatField(null=True, verbose_name='水土保持率上限 %')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='summaries', to='publications.publication', verbose_name='成果')),
                ('region', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='行政区')),
            ],
            options={
                'verbose_name': '分区汇总',
                'verbose_name_plural': '分区汇总',
                'ordering': ['region_id'],
            },
        ),
        migrations.CreateModel(
            name='Watershed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, verbose_name='编码')),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('type', models.CharField(blank=True, max_length=20, verbose_name='类型')),
                ('down_code', models.CharField(blank=True, max_length=40, verbose_name='下游编码')),
                ('area_m2', models.FloatField(verbose_name='面积 m²')),
                ('eroded_m2', models.FloatField(default=0.0, verbose_name='水土流失面积 m²')),
                ('soil_loss_t', models.FloatField(default=0.0, verbose_name='流失量 t/a')),
                ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(srid=4490, verbose_name='范围')),
                ('county', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='区县')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='watersheds', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '小流域',
                'verbose_name_plural': '小流域',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Zone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('theme', models.CharField(choices=[('prevention_treatment', '重点预防区和重点治理区'), ('severe_fragile', '水土流失严重、生态脆弱区域'), ('steep_slope', '禁止开垦陡坡地')], max_length=24, verbose_name='区域类别')),
                ('kind', models.CharField(max_length=16, verbose_name='种类')),
                ('code', models.CharField(max_length=60, verbose_name='编号')),
                ('name', models.CharField(max_length=120, verbose_name='名称')),
                ('level', models.CharField(blank=True, max_length=12, verbose_name='级别')),
                ('town', models.CharField(blank=True, max_length=80, verbose_name='乡镇')),
                ('area_m2', models.FloatField(verbose_name='面积 m²')),
                ('basis', models.TextField(blank=True, verbose_name='依据')),
                ('attributes', models.JSONField(default=dict, verbose_name='属性')),
                ('geometry', django.contrib.gis.db.models.fields.MultiPolygonField(srid=4490, verbose_name='范围')),
                ('county', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='regions.region', verbose_name='区县')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='zones', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '区域',
                'verbose_name_plural': '区域',
                'ordering': ['code'],
            },
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(fields=('region', 'kind', 'theme', 'year', 'batch', 'version'), name='publication_of_one_version'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'published')), fields=('region', 'kind', 'theme', 'year', 'batch'), name='publication_one_in_force'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.UniqueConstraint(fields=('region', 'kind', 'theme', 'year', 'batch', 'content_sha256'), name='publication_of_the_same_bytes_once'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'zones'), ('theme__in', ['prevention_treatment', 'severe_fragile', 'steep_slope'])), models.Q(models.Q(('kind', 'zones'), _negated=True), ('theme', '')), _connector='OR'), name='publication_of_zones_has_a_theme'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'patches'), models.Q(('batch', ''), _negated=True)), models.Q(models.Q(('kind', 'patches'), _negated=True), ('batch', '')), _connector='OR'), name='publication_of_patches_has_a_batch'),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(('by', models.F('reviewed_by')), _negated=True), name='publication_has_a_second_person'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='only_superseded', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.status = 'preparing' THEN RETURN NEW; END IF;\n    IF OLD.status = 'published' AND NEW.status = 'superseded'\n        AND to_jsonb(NEW) - 'status' - 'superseded_at' = to_jsonb(OLD) - 'status' - 'superseded_at'\n    THEN RETURN NEW; END IF;\n    RAISE EXCEPTION '成果已发布，不能更改；请发布新的版本。' USING ERRCODE = 'check_violation';\n", hash='80bd963092b012e7b7e1c30f67d0bfec5a2c139e', operation='UPDATE', pgid='pgtrigger_only_superseded_5e96b', table='publications_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='not_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF OLD.status = 'preparing' THEN RETURN OLD; END IF;\n    RAISE EXCEPTION '成果已发布，不能删除。' USING ERRCODE = 'check_violation';\n", hash='e92c7f6fe2137e616b3eea9899a34816e315f087', operation='DELETE', pgid='pgtrigger_not_deleted_87e11', table='publications_publication', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "publications_publicationevent" ("batch", "by_id", "content_sha256", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provenance", "published_at", "region_id", "reviewed_by_id", "simulated", "status", "superseded_at", "theme", "title", "version", "year") VALUES (NEW."batch", NEW."by_id", NEW."content_sha256", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."provenance", NEW."published_at", NEW."region_id", NEW."reviewed_by_id", NEW."simulated", NEW."status", NEW."superseded_at", NEW."theme", NEW."title", NEW."version", NEW."year"); RETURN NULL;', hash='c38d33d89c808c59fcc21676c85a83032b83c08f', operation='INSERT', pgid='pgtrigger_insert_insert_c05a8', table='publications_publication', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "publications_publicationevent" ("batch", "by_id", "content_sha256", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provenance", "published_at", "region_id", "reviewed_by_id", "simulated", "status", "superseded_at", "theme", "title", "version", "year") VALUES (NEW."batch", NEW."by_id", NEW."content_sha256", NEW."id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."provenance", NEW."published_at", NEW."region_id", NEW."reviewed_by_id", NEW."simulated", NEW."status", NEW."superseded_at", NEW."theme", NEW."title", NEW."version", NEW."year"); RETURN NULL;', hash='ee51729f4d96bb399f64067c7320804872ca6565', operation='UPDATE', pgid='pgtrigger_update_update_cf1e3', table='publications_publication', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publication',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "publications_publicationevent" ("batch", "by_id", "content_sha256", "id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "provenance", "published_at", "region_id", "reviewed_by_id", "simulated", "status", "superseded_at", "theme", "title", "version", "year") VALUES (OLD."batch", OLD."by_id", OLD."content_sha256", OLD."id", OLD."kind", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."provenance", OLD."published_at", OLD."region_id", OLD."reviewed_by_id", OLD."simulated", OLD."status", OLD."superseded_at", OLD."theme", OLD."title", OLD."version", OLD."year"); RETURN NULL;', hash='5a838c0f7f81dee734c881a547aa05ae77240e22', operation='DELETE', pgid='pgtrigger_delete_delete_6f020', table='publications_publication', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='patch',
            constraint=models.UniqueConstraint(fields=('publication', 'number'), name='patch_numbered_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patch',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='e7068233ef70118510fee1ab3d99fbb7db7f36e2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_0c7db', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_patch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patch',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='5809eb30e31973362295584a993ab2fabbc79a6d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_08b31', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_patch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='patch',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='0faf480f7451f017495679b121be50f8b9ebe25c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_d97c7', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_patch', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(fields=['publication', 'watershed'], name='fact_watershed'),
        ),
        migrations.AddIndex(
            model_name='fact',
            index=models.Index(fields=['publication', 'county'], name='fact_county'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fact',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT county_id AS code FROM new_rows) named\n        LEFT JOIN regions_region found ON found.code = named.code WHERE found.code IS NULL\n    ) THEN\n        RAISE EXCEPTION '成果中有不存在的区县代码。' USING ERRCODE = 'foreign_key_violation';\n    END IF;\nRETURN NULL;", hash='60a0287c00e223ff68e51664cada366871080131', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_9a641', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_fact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fact',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='cdf772f5c23c004ffe46e185c43f81b91f52a7d4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_d50af', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_fact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='fact',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='873b03bcf1a0355a0b877142388cffaa10234a52', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_08113', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_fact', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='classsum',
            constraint=models.UniqueConstraint(fields=('publication', 'region', 'dimension', 'code'), name='class_summed_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classsum',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='8ec08bba2496c8c7d23f2be5d45341eade6e559c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_c20bd', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_classsum', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classsum',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='c6563a3c71fa375b2cdb7981d3aea9619a389c60', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_513d0', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_classsum', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='classsum',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='a7495d2070cc4e6f3d016a766cf8ee694f4ee0e8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_b4983', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_classsum', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='publicationevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='389124487f7b36a3e1c62b5c0d1852f9671db352', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7aaae', table='publications_publicationevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='raster',
            constraint=models.UniqueConstraint(fields=('publication', 'name'), name='raster_named_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='raster',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='33b147315b8392716b2a4cfbd343632987674c86', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_0ae4e', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_raster', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='raster',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='77847b572187e658fca863bbe5fce6c26942eeca', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_d24f2', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_raster', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='raster',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='1995cd621b569d63b099c69ed93f1a018a4202a0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_75d49', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_raster', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='regionsummary',
            constraint=models.UniqueConstraint(fields=('publication', 'region'), name='region_summed_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='regionsummary',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='62e010392226e10dddde60758c920d5838ec67de', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_ef6ef', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_regionsummary', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='regionsummary',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='e52a7bef27349f2d8529614ca716874e14eea435', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_e1bea', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_regionsummary', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='regionsummary',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='3b9e78646181abb081b865c0ca25ba9eb5afcaf8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_b34c0', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_regionsummary', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='watershed',
            constraint=models.UniqueConstraint(fields=('publication', 'code'), name='watershed_coded_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watershed',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='15a5fbd326be9cc8817fd01e873d9bce16c425c7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_f5e19', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_watershed', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watershed',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='e6ca5ffcf99c3516c38e036842d5b795991b9045', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_afcdf', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_watershed', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='watershed',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='357a9b0289929d2a1ce5ce8909defa5a558d644a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_0d95a', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_watershed', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='zone',
            constraint=models.UniqueConstraint(fields=('publication', 'code'), name='zone_coded_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='zone',
            trigger=pgtrigger.compiler.Trigger(name='added_while_prepared', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='a4aff11c60e9449bcb743cce535ae26ba9c2a004', level='STATEMENT', operation='INSERT', pgid='pgtrigger_added_while_prepared_5ca38', referencing='REFERENCING NEW TABLE AS new_rows ', table='publications_zone', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='zone',
            trigger=pgtrigger.compiler.Trigger(name='never_changed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\n\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM new_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='7e7a6630aa6575923b28b7221152f9af040b4dd7', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_never_changed_8f032', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='publications_zone', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='zone',
            trigger=pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT 1 FROM (SELECT DISTINCT publication_id AS id FROM old_rows) touched\n        LEFT JOIN publications_publication found ON found.id = touched.id\n        WHERE found.status IS DISTINCT FROM 'preparing'\n    ) THEN\n        RAISE EXCEPTION '成果已发布，不能增、删、改；请发布新的版本。' USING ERRCODE = 'check_violation';\n    END IF;\nRETURN NULL;", hash='a62c5fb20b651dfa2256d446d02e989cb7f680dd', level='STATEMENT', operation='DELETE', pgid='pgtrigger_never_deleted_ae12d', referencing='REFERENCING OLD TABLE AS old_rows ', table='publications_zone', when='AFTER')),
        ),
    ]
