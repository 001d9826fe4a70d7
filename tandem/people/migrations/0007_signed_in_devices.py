import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tandem.kit.ids


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_parent_links_end_and_are_opened"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="SignedInDevice",
            fields=[
                (
                    "id",
                    models.TextField(
                        default=tandem.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("browser", models.TextField()),
                ("address", models.TextField()),
                ("signed_in_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="devices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="device",
                        to="sessions.session",
                    ),
                ),
            ],
        ),
    ]
