"""Each change of a session is a line of a history that nobody rewrites."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# `erase` removes a person's data for good, history included, and says so first, as for the history
# of relationships.
REFUSE = """
CREATE FUNCTION tandem_session_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('tandem.erasing', true) = 'yes' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'the history of a session is append-only'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'session_event_append_only';
END $$;
CREATE TRIGGER session_event_append_only
  BEFORE UPDATE OR DELETE ON lessons_sessionevent
  FOR EACH ROW EXECUTE FUNCTION tandem_session_history_is_append_only();
"""
ALLOW = """
DROP TRIGGER session_event_append_only ON lessons_sessionevent;
DROP FUNCTION tandem_session_history_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0006_writes_are_numbered"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("student_id", models.TextField()),
                (
                    "what",
                    models.TextField(
                        choices=[
                            ("planned", "Planned"),
                            ("moved", "Moved to other hours"),
                            ("recorded", "Recorded as held"),
                            ("missed", "Recorded as missed"),
                            ("cancelled", "Cancelled"),
                            ("reinstated", "Planned again"),
                            ("edited", "Something written about it was changed"),
                            ("covered", "Covered by another tutor"),
                            ("handed_over", "Handed over to another tutor"),
                            ("given_back", "Given back to the tutor before"),
                            ("repaired", "Repaired after it came over wrong"),
                            ("removed", "Removed"),
                        ]
                    ),
                ),
                ("at", models.DateTimeField()),
                ("details", models.JSONField(blank=True, default=dict)),
                (
                    "actor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="lessons.session",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        models.F("session"), models.F("id"), name="session_event_by_session"
                    ),
                    models.Index(models.F("student_id"), name="session_event_by_student"),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
