"""What another program leaves out, the database knows: ids, moments, what is usual."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0012_defaults_of_the_database"),
        ("lessons", "0010_closures"),
    ]

    operations = [
        migrations.AlterField(
            model_name="availability",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="closure",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="deed",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="legacy_fault",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AlterField(
            model_name="session",
            name="status",
            field=models.TextField(
                choices=[
                    ("scheduled", "Scheduled"),
                    ("completed", "Completed"),
                    ("cancelled", "Cancelled"),
                    ("no_show", "No show"),
                ],
                db_default="scheduled",
                default="scheduled",
            ),
        ),
        migrations.AlterField(
            model_name="session",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AlterField(
            model_name="sessionevent",
            name="at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AlterField(
            model_name="sessionevent",
            name="details",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="sessionseries",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="sessionseries",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="sessionseries",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
        migrations.AlterField(
            model_name="timeoff",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="timeoff",
            name="reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
