import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('code', models.CharField(max_length=9, primary_key=True, serialize=False, verbose_name='行政区划代码')),
                ('name', models.CharField(max_length=64, verbose_name='名称')),
                ('level', models.CharField(choices=[('nation', '全国'), ('province', '省级'), ('city', '市级'), ('county', '县级'), ('town', '乡镇级')], max_length=8, verbose_name='级别')),
                ('border', django.contrib.gis.db.models.fields.MultiPolygonField(blank=True, null=True, srid=4490, verbose_name='边界')),
                ('border_source', models.CharField(blank=True, max_length=200, verbose_name='边界来源')),
                ('border_m2', models.GeneratedField(db_persist=True, expression=models.Func('border', output_field=models.FloatField(), template='ST_Area((%(expressions)s)::geography)'), output_field=models.FloatField(), verbose_name='界内面积 m²')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='regions.region', verbose_name='上级')),
            ],
            options={
                'verbose_name': '行政区',
                'verbose_name_plural': '行政区',
                'ordering': ['code'],
            },
        ),
    ]
