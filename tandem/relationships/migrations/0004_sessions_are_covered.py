"""A line of history may say that another tutor covered a session. No table changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("relationships", "0003_relationships_by_start")]

    operations = [
        migrations.AlterField(
            model_name="relationshipevent",
            name="what",
            field=models.TextField(
                choices=[
                    ("requested", "Requested"),
                    ("accepted", "Accepted"),
                    ("declined", "Declined"),
                    ("started", "Started"),
                    ("subject_changed", "Subject changed"),
                    ("paused", "Paused"),
                    ("resumed", "Resumed"),
                    ("made_primary", "Made primary"),
                    ("transferred_out", "Transferred to another tutor"),
                    ("transferred_in", "Transferred from another tutor"),
                    ("covered", "A session was covered by another tutor"),
                    ("ended", "Ended"),
                    ("imported", "Brought over from the older application"),
                ]
            ),
        ),
    ]
