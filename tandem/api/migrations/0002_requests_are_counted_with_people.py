from django.db import migrations


class Migration(migrations.Migration):
    """What was counted is worth an hour at most, so it is not moved."""

    dependencies = [
        ("api", "0001_answers_kept_and_requests_counted"),
        ("people", "0002_requests_counted"),
    ]

    operations = [
        migrations.DeleteModel(name="RequestCount"),
    ]
