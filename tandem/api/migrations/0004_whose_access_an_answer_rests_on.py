from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("api", "0003_defaults_of_the_database")]

    operations = [
        migrations.AddField(
            "keptanswer", "was_owner", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField("keptanswer", "taught", models.JSONField(db_default=[], default=list)),
    ]
