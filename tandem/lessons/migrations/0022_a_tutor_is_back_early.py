"""Ending time off early is a deed, and keeps what the time off was."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0021_tutors_are_told_too"),
    ]

    operations = [
        migrations.AddField(
            model_name="deed",
            name="details",
            field=models.JSONField(blank=True, db_default={}, default=dict),
        ),
        migrations.AlterField(
            model_name="deed",
            name="kind",
            field=models.TextField(
                choices=[
                    ("transfer", "A student was transferred"),
                    ("hand_over", "All of a tutor's students were transferred"),
                    ("end", "A relationship was ended"),
                    ("cover", "Sessions were covered"),
                    ("series_plan", "Weekly lessons were planned"),
                    ("series_edit", "Weekly lessons were changed"),
                    ("series_stop", "Weekly lessons were stopped"),
                    ("closure", "Days were closed"),
                    ("time_off", "A tutor is away"),
                    ("assignment", "Students were given tutors"),
                    ("absence_ended", "A tutor is back early"),
                ]
            ),
        ),
    ]
