"""What another program leaves out, the database knows: ids, moments, what is usual."""

from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0012_defaults_of_the_database"),
        ("api", "0002_requests_are_counted_with_people"),
    ]

    operations = [
        migrations.AlterField(
            model_name="keptanswer",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
    ]
