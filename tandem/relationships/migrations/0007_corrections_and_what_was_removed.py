"""Dates are corrected and ends taken back; the history of a pairing that was removed stays."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):
    dependencies = [("relationships", "0006_a_cover_names_nobody")]

    operations = [
        migrations.AlterField(
            model_name="relationshipevent",
            name="relationship",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="events",
                to="relationships.tutorstudent",
            ),
        ),
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
                    ("corrected", "A date was corrected"),
                    ("reopened", "An end was taken back"),
                    ("removed", "A mistaken pairing was removed"),
                    ("imported", "Brought over from the older application"),
                ]
            ),
        ),
        migrations.AddIndex(
            model_name="relationshipevent",
            index=models.Index(
                KT("details__student"),
                condition=models.Q(what="removed"),
                name="event_of_removed_by_student",
            ),
        ),
    ]
