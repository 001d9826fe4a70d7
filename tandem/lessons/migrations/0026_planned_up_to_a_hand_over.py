"""A series that is handed over on a day ahead has an end that nothing may be planned up to yet."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("lessons", "0025_weekly_groups")]
    operations = [
        migrations.RemoveIndex(model_name="sessionseries", name="series_to_top_up"),
        migrations.AddIndex(
            model_name="sessionseries",
            index=models.Index(
                models.F("planned_until"),
                name="series_to_top_up",
                condition=Q(ends_on__isnull=True) | Q(planned_until__lt=F("ends_on")),
            ),
        ),
    ]
