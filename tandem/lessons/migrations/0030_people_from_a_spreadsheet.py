"""People are brought in from a spreadsheet by a deed of its own."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0029_families_cancel_themselves"),
    ]

    operations = [
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
                    ("import", "People were brought in from a spreadsheet"),
                ]
            ),
        ),
    ]
