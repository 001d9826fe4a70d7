"""Series that are taught together have a group; so have their sessions."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("lessons", "0024_the_database_judges_as_the_rules_do")]
    operations = [
        migrations.AddField(
            model_name="sessionseries",
            name="group",
            field=models.TextField(blank=True, db_column="group_id", null=True),
        ),
        migrations.AddIndex(
            model_name="sessionseries",
            index=models.Index(
                models.F("group"), name="series_by_group", condition=Q(group__isnull=False)
            ),
        ),
    ]
