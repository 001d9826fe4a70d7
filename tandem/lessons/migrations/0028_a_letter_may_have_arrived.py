"""Whether a letter was handed over is known before anybody knows that it was sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0027_own_words_in_letters"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="handed_over_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
