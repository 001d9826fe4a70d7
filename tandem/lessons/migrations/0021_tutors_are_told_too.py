"""Tutors are told by mail what others change in their diary; each chooses of what."""

import django.db.models.deletion
from django.db import migrations, models

import tandem.lessons.outbox

KEY = """
ALTER TABLE lessons_tutornotices ADD CONSTRAINT lessons_tutornotices_of_tutor
  FOREIGN KEY (tutor_id) REFERENCES people_tutor (id) ON DELETE CASCADE;
"""
NO_KEY = "ALTER TABLE lessons_tutornotices DROP CONSTRAINT lessons_tutornotices_of_tutor"
# As before; and one row for all diaries of what somebody who is known has changed. In whose diary
# it was, and who of them wants to hear of it, the worker finds out: here it is not known yet, and
# whoever writes should not wait for it.
TELL = """
CREATE OR REPLACE FUNCTION tandem_tell_families() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
DECLARE
  v_deed text;
BEGIN
  IF NOT EXISTS (SELECT FROM lessons_noticesettings WHERE is_on
    AND current_setting('tandem.untold', true) IS DISTINCT FROM 'on') THEN
    RETURN NULL;
  END IF;
  v_deed := pg_current_xact_id()::text || ' ' || extract(epoch FROM now())::text;
  INSERT INTO lessons_notice (id, kind, deed, guardian_id, about)
  SELECT tandem_new_id(), 'changes', v_deed, guardian.id, jsonb_agg(told.id ORDER BY told.id)
  FROM (
    SELECT added.id, added.student_id, CASE
      WHEN added.what IN ('planned', 'reinstated') THEN 'planned'
      WHEN added.what = 'cancelled' OR added.what = 'removed'
        AND added.details ->> 'status' = 'scheduled' THEN 'cancelled'
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
  INSERT INTO lessons_notice (id, kind, deed, about)
  SELECT tandem_new_id(), 'diary', v_deed, jsonb_agg(added.id ORDER BY added.id)
  FROM added
  WHERE added.actor_id IS NOT NULL
    AND (added.what IN ('planned', 'reinstated', 'cancelled', 'covered', 'handed_over',
        'given_back', 'moved')
      OR added.what = 'removed' AND added.details ->> 'status' = 'scheduled')
  HAVING count(*) > 0
  ON CONFLICT (deed) WHERE guardian_id IS NULL AND tutor_id IS NULL
  DO UPDATE SET about = lessons_notice.about || excluded.about;
  RETURN NULL;
END $$;
DO $$ BEGIN
  EXECUTE format(
    'ALTER FUNCTION tandem_tell_families() SET search_path = %I, pg_temp', current_schema()
  );
END $$;
"""
TELL_FAMILIES_ALONE = """
DELETE FROM lessons_notice WHERE guardian_id IS NULL;
CREATE OR REPLACE FUNCTION tandem_tell_families() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM lessons_noticesettings WHERE is_on
    AND current_setting('tandem.untold', true) IS DISTINCT FROM 'on') THEN
    RETURN NULL;
  END IF;
  INSERT INTO lessons_notice (id, kind, deed, guardian_id, about)
  SELECT tandem_new_id(), 'changes',
    pg_current_xact_id()::text || ' ' || extract(epoch FROM now())::text,
    guardian.id, jsonb_agg(told.id ORDER BY told.id)
  FROM (
    SELECT added.id, added.student_id, CASE
      WHEN added.what IN ('planned', 'reinstated') THEN 'planned'
      WHEN added.what = 'cancelled' OR added.what = 'removed'
        AND added.details ->> 'status' = 'scheduled' THEN 'cancelled'
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
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lessons", "0020_a_letter_makes_no_write_fail"),
        ("people", "0017_parents_become_guardians"),
    ]

    operations = [
        migrations.CreateModel(
            name="TutorNotices",
            fields=[
                (
                    "tutor",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="notices",
                        serialize=False,
                        to="people.tutor",
                    ),
                ),
                ("kinds", models.JSONField(default=tandem.lessons.outbox.every_change)),
            ],
        ),
        migrations.RunSQL(KEY, NO_KEY),
        migrations.AddField(
            model_name="notice",
            name="tutor",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="letters",
                to="people.tutor",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="guardian",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="letters",
                to="people.guardian",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.TextField(
                choices=[
                    ("changes", "What was changed"),
                    ("reminder", "Reminder"),
                    ("summary", "Summary of a week"),
                    ("diary", "What others changed in a tutor's diary"),
                ]
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                models.F("tutor"), models.F("deed"), name="notice_once_for_a_tutor"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("guardian__isnull", True), ("tutor__isnull", True)),
                fields=("deed",),
                name="notice_once_for_all_diaries",
            ),
        ),
        migrations.RunSQL(TELL, TELL_FAMILIES_ALONE),
    ]
