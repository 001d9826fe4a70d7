"""What another program leaves out, the database knows: ids, moments, what is usual."""

from django.db import migrations, models

import tandem.kit.ids
import tandem.people.columns


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0012_defaults_of_the_database"),
        ("upgrade", "0005_rows_that_the_old_side_was_never_shown"),
    ]

    operations = [
        migrations.AlterField(
            model_name="replacement",
            name="id",
            field=models.TextField(
                db_default=tandem.people.columns.NewId(),
                default=tandem.kit.ids.new_id,
                editable=False,
                primary_key=True,
                serialize=False,
            ),
        ),
        migrations.AlterField(
            model_name="unlinkedlegacyrow",
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
