"""Families are told by mail what changes: an outbox, and the switch."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import tandem.kit.ids
import tandem.lessons.outbox
import tandem.people.columns

KEY = """
ALTER TABLE lessons_notice ADD CONSTRAINT lessons_notice_of_guardian
  FOREIGN KEY (guardian_id) REFERENCES people_guardian (id) ON DELETE CASCADE;
"""
NO_KEY = "ALTER TABLE lessons_notice DROP CONSTRAINT lessons_notice_of_guardian"
# Every deed of Tandem's, and every write of another program's, leaves lines of history, each
# statement some; what an upgrade brings over leaves none. All that one transaction does is one
# letter to each guardian. A transaction's number comes again on another server, so the moment of
# its beginning stands beside it. Guardians in one order, so that two deeds never wait in a ring.
# Whoever writes the line may not see who is told, so the function has its owner's rights, and
# looks for what it names nowhere but where it was made.
TELL = """
CREATE FUNCTION tandem_tell_families() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM lessons_noticesettings WHERE is_on) THEN
    RETURN NULL;
  END IF;
  INSERT INTO lessons_notice (id, kind, deed, guardian_id, about)
  SELECT tandem_new_id(), 'changes',
    pg_current_xact_id()::text || ' ' || extract(epoch FROM now())::text,
    guardian.id, jsonb_agg(told.id ORDER BY told.id)
  FROM (
    SELECT added.id, added.student_id, CASE
      WHEN added.what IN ('planned', 'reinstated') THEN 'planned'
      WHEN added.what IN ('cancelled', 'removed') THEN 'cancelled'
      WHEN added.what IN ('covered', 'handed_over', 'given_back') THEN 'covered'
      WHEN added.what = 'moved' THEN 'moved' END AS kind
    FROM added
  ) AS told
  JOIN people_guardianstudent child ON child.student_id = told.student_id
  JOIN people_guardian guardian ON guardian.id = child.guardian_id
  CROSS JOIN lessons_noticesettings settings
  WHERE guardian.email IS NOT NULL AND guardian.email_refused_at IS NULL
    AND guardian.notices ? told.kind AND settings.kinds ? told.kind
  GROUP BY guardian.id ORDER BY guardian.id
  ON CONFLICT (guardian_id, deed) DO UPDATE SET about = lessons_notice.about || excluded.about;
  RETURN NULL;
END $$;
DO $$ BEGIN
  EXECUTE format(
    'ALTER FUNCTION tandem_tell_families() SET search_path = %I, pg_temp', current_schema()
  );
END $$;
CREATE TRIGGER tandem_tell_families AFTER INSERT ON lessons_sessionevent
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tandem_tell_families();
"""
NO_TELL = """
DROP TRIGGER tandem_tell_families ON lessons_sessionevent;
DROP FUNCTION tandem_tell_families();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0014_assignments"),
        ("people", "0017_parents_become_guardians"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.TextField(
                        db_default=tandem.people.columns.NewId(),
                        default=tandem.kit.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[
                            ("changes", "What was changed"),
                            ("reminder", "Reminder"),
                            ("summary", "Summary of a week"),
                        ]
                    ),
                ),
                ("deed", models.TextField()),
                ("about", models.JSONField(default=list)),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(db_default=0, default=0)),
                (
                    "next_try_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        default=django.utils.timezone.now,
                    ),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("failure", models.TextField(blank=True, db_default="", default="")),
                (
                    "guardian",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="letters",
                        to="people.guardian",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("failure", ""), ("sent_at__isnull", True)),
                        fields=["next_try_at", "id"],
                        name="notice_waits",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("guardian"), models.F("deed"), name="notice_once_for_a_deed"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeSettings",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("is_on", models.BooleanField(db_default=False, default=False)),
                ("kinds", models.JSONField(default=tandem.lessons.outbox.every_notice)),
                ("updated_at", models.DateTimeField()),
                (
                    "updated_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "notice settings",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="notice_settings_are_the_only_ones"
                    )
                ],
            },
        ),
        migrations.RunSQL(KEY, NO_KEY),
        migrations.RunSQL(TELL, NO_TELL),
    ]
