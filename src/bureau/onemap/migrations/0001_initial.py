import django.contrib.gis.db.models.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

from bureau.first_migration import FirstMigration


class Migration(FirstMigration):

    initial = True

    dependencies = [
        ('publications', '0001_initial'),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Shape',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('layer', models.CharField(choices=[('region', '行政区'), ('place', '行政区名'), ('watershed', '小流域'), ('zone', '区域'), ('patch', '扰动图斑')], max_length=10, verbose_name='图层')),
                ('least_zoom', models.SmallIntegerField(verbose_name='最小级别')),
                ('most_zoom', models.SmallIntegerField(verbose_name='最大级别')),
                ('code', models.CharField(blank=True, max_length=60, verbose_name='编码')),
                ('name', models.CharField(blank=True, max_length=120, verbose_name='名称')),
                ('kind', models.CharField(blank=True, max_length=24, verbose_name='种类')),
                ('other', models.CharField(blank=True, default='', help_text='图斑的扰动类型', max_length=24, verbose_name='第二种类')),
                ('region_code', models.CharField(max_length=9, verbose_name='区划代码')),
                ('area_m2', models.FloatField(default=0.0, verbose_name='面积 m²')),
                ('value', models.FloatField(null=True, verbose_name='数值')),
                ('geometry', django.contrib.gis.db.models.fields.GeometryField(spatial_index=False, srid=3857, verbose_name='形状')),
                ('publication', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='publications.publication', verbose_name='成果')),
            ],
            options={
                'verbose_name': '制图要素',
                'verbose_name_plural': '制图要素',
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['publication', 'layer', 'least_zoom', 'geometry'], name='shape_in_its_place')],
            },
        ),
    ]
