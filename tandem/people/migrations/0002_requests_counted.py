from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_people_and_accounts"),
    ]

    operations = [
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("who", models.TextField(primary_key=True, serialize=False)),
                ("window_start", models.DateTimeField()),
                ("count", models.PositiveIntegerField()),
            ],
        ),
        # Counting costs no wait for the disk, and a crash forgives everybody.
        migrations.RunSQL(
            "ALTER TABLE people_requestcount SET UNLOGGED",
            "ALTER TABLE people_requestcount SET LOGGED",
        ),
    ]
