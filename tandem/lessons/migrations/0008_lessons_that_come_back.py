from django.db import migrations, models

FROM_THE_FIRST_DATE = """
UPDATE lessons_sessionseries SET starts_on = first_date, planned_until = first_date
"""


class Migration(migrations.Migration):
    dependencies = [("lessons", "0007_who_changed_a_session")]

    operations = [
        migrations.AddField("sessionseries", "starts_on", models.DateField(null=True)),
        migrations.AddField("sessionseries", "planned_until", models.DateField(null=True)),
        migrations.AddField("sessionseries", "ends_on", models.DateField(blank=True, null=True)),
        migrations.RunSQL(FROM_THE_FIRST_DATE, migrations.RunSQL.noop),
        migrations.AlterField("sessionseries", "starts_on", models.DateField()),
        migrations.AlterField("sessionseries", "planned_until", models.DateField()),
        migrations.AddField(
            "session",
            "series_date",
            models.DateField(blank=True, editable=False, null=True),
        ),
        migrations.AddConstraint(
            "sessionseries",
            models.CheckConstraint(
                condition=models.Q(minutes__range=(1, 1440)), name="series_minutes_of_a_session"
            ),
        ),
        migrations.AddConstraint(
            "sessionseries",
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="series_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            "session",
            models.UniqueConstraint(
                fields=["series", "series_date"],
                name="session_once_in_series",
                condition=models.Q(series__isnull=False),
            ),
        ),
        migrations.AddIndex(
            "sessionseries",
            models.Index(
                "planned_until",
                name="series_to_top_up",
                condition=models.Q(ends_on__isnull=True),
            ),
        ),
    ]
