from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_people_and_accounts"),
        ("relationships", "0002_history_is_append_only"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="tutorstudent",
            index=models.Index(
                models.F("started_on"), models.F("id"), name="tutor_student_by_start"
            ),
        ),
    ]
