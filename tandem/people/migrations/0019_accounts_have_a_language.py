"""Whoever signs in chooses the language of their pages; '' is what their browser asks for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0018_writes_of_guardians_are_numbered")]

    operations = [
        migrations.AddField(
            "account", "language", models.TextField(blank=True, db_default="", default="")
        ),
    ]
