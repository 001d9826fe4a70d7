"""What a business says in its letters in words of its own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0026_planned_up_to_a_hand_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LetterText",
            fields=[
                (
                    "id",
                    models.TextField(
                        db_default=tandem.people.columns.NewId(),
                        default=tandem.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.TextField()),
                ("language", models.TextField()),
                ("subject", models.TextField(blank=True, default="")),
                ("intro", models.TextField(blank=True, default="")),
                ("closing", models.TextField(blank=True, default="")),
                ("updated_at", models.DateTimeField()),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("kind"), models.F("language"), name="letter_text_once_a_language"
                    )
                ],
            },
        ),
    ]
