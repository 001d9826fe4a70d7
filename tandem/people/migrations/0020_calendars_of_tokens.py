"""A calendar address that a token made ends with the token."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0019_accounts_have_a_language")]
    operations = [
        migrations.AddField(
            model_name="calendarfeed",
            name="token",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="calendar_feeds",
                to="people.apitoken",
            ),
        )
    ]
