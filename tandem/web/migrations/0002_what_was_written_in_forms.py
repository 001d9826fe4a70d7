from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("web", "0001_forms_carried_out")]

    operations = [
        migrations.AddField(
            model_name="sentform",
            name="texts",
            field=models.TextField(db_default="", default=""),
        ),
    ]
