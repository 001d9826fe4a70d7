"""A family may say itself, by its link, that it cannot come: the policy knows, and tutors are told."""

from django.db import migrations, models

# As before; and of what nobody with an account did, what a family said by its link.
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
      WHEN {moved} THEN 'moved' END AS kind
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
  WHERE ({told})
    AND (added.what IN ('planned', 'reinstated', 'cancelled', 'covered', 'handed_over',
        'given_back', 'moved')
      {edited}OR added.what = 'removed' AND added.details ->> 'status' = 'scheduled')
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
PLACE = (
    "added.what = 'edited'\n"
    "        AND added.details -> 'fields' ?| ARRAY['location', 'meeting_link']"
)
MOVED = f"added.what = 'moved' OR {PLACE}"
EDITED = f"OR {PLACE}\n      "
SOMEBODY = "added.actor_id IS NOT NULL"
A_FAMILY = "(added.details -> 'cancellation') ? 'through'"
TELL_FAMILIES_WORD = TELL.format(moved=MOVED, edited=EDITED, told=f"{SOMEBODY} OR {A_FAMILY}")
TELL_AS_BEFORE = TELL.format(moved=MOVED, edited=EDITED, told=SOMEBODY)


class Migration(migrations.Migration):
    dependencies = [("lessons", "0028_a_letter_may_have_arrived")]

    operations = [
        migrations.AddField(
            model_name="cancellationpolicy",
            name="families_cancel",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="sessionevent",
            index=models.Index(
                models.F("id"),
                condition=models.Q(("details__cancellation__has_key", "through")),
                name="session_event_by_families",
            ),
        ),
        migrations.RunSQL(TELL_FAMILIES_WORD, TELL_AS_BEFORE),
    ]
