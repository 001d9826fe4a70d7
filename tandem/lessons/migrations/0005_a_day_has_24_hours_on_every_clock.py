from datetime import timedelta

from django.db import migrations, models
from django.db.models.lookups import LessThanOrEqual

# "starts_at + interval '1 day'" was counted in the session's time zone: 23 or 25 hours on the days
# when its clocks change.


class Migration(migrations.Migration):
    dependencies = [("lessons", "0004_sessions_by_start_alone")]

    operations = [
        migrations.RemoveConstraint(model_name="session", name="session_at_most_a_day"),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.CheckConstraint(
                condition=models.Q(("legacy_fault", ""), _negated=True)
                | models.Q(
                    LessThanOrEqual(
                        models.ExpressionWrapper(
                            models.F("ends_at") - models.F("starts_at"),
                            output_field=models.DurationField(),
                        ),
                        models.Value(timedelta(hours=24)),
                    )
                ),
                name="session_at_most_a_day",
            ),
        ),
    ]
