from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0008_links_that_may_be_weak")]

    operations = [
        migrations.AddIndex(
            model_name="student",
            index=models.Index(fields=["created_at", "id"], name="student_by_age"),
        )
    ]
