"""What another program leaves out, the database knows: ids, moments, what is usual."""

import django.db.models.functions.datetime
import django.utils.timezone
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0012_defaults_of_the_database"),
        ("relationships", "0007_corrections_and_what_was_removed"),
    ]

    operations = [
        migrations.AlterField(
            model_name="relationshipevent",
            name="at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
            ),
        ),
        migrations.AlterField(
            model_name="relationshipevent",
            name="details",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="relationshipevent",
            name="on_date",
            field=models.DateField(db_default=tandem.people.columns.Today()),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="created_at",
            field=models.DateTimeField(
                db_default=django.db.models.functions.datetime.Now(),
                default=django.utils.timezone.now,
                editable=False,
            ),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="end_reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
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
            model_name="tutorstudent",
            name="is_primary",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="kind",
            field=models.TextField(
                choices=[("regular", "Regular"), ("cover", "Cover")],
                db_default="regular",
                default="regular",
            ),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="legacy_fault",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="started_on",
            field=models.DateField(db_default=tandem.people.columns.Today()),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="status",
            field=models.TextField(
                choices=[
                    ("pending", "Requested"),
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("ended", "Ended"),
                    ("declined", "Declined"),
                ],
                db_default="active",
                default="active",
            ),
        ),
        migrations.AlterField(
            model_name="tutorstudent",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, db_default=django.db.models.functions.datetime.Now()
            ),
        ),
    ]
