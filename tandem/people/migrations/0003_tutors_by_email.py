from django.db import migrations, models
from django.db.models.functions import Lower

# Whoever comes from the old side is looked for among all, those with a fault included.


class Migration(migrations.Migration):
    dependencies = [("people", "0002_requests_counted")]

    operations = [
        migrations.AddIndex(
            model_name="tutor", index=models.Index(Lower("email"), name="tutor_by_email")
        ),
    ]
