"""No write fails, or waits, because of a letter; what is removed is told, what the worker plans not."""

from django.db import migrations

# A key would let a write of lessons fail where a guardian is deleted in that very moment. So letters
# have none: whoever deletes a guardian deletes the letters that are there, and one that was
# written at that moment is found by nobody and swept away.
NO_KEY = "ALTER TABLE lessons_notice DROP CONSTRAINT lessons_notice_of_guardian"
KEY = """
DELETE FROM lessons_notice notice
WHERE NOT EXISTS (SELECT FROM people_guardian guardian WHERE guardian.id = notice.guardian_id);
ALTER TABLE lessons_notice ADD CONSTRAINT lessons_notice_of_guardian
  FOREIGN KEY (guardian_id) REFERENCES people_guardian (id) ON DELETE CASCADE;
"""
# Whoever deletes a guardian may not know of letters, so the function has its owner's rights.
FORGET = """
CREATE FUNCTION tandem_forget_letters() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
  DELETE FROM lessons_notice WHERE guardian_id = OLD.id;
  RETURN NULL;
END $$;
DO $$ BEGIN
  EXECUTE format(
    'ALTER FUNCTION tandem_forget_letters() SET search_path = %I, pg_temp', current_schema()
  );
END $$;
CREATE TRIGGER tandem_forget_letters AFTER DELETE ON people_guardian
  FOR EACH ROW EXECUTE FUNCTION tandem_forget_letters();
"""
NO_FORGET = """
DROP TRIGGER tandem_forget_letters ON people_guardian;
DROP FUNCTION tandem_forget_letters();
"""
# As before; but quiet where a transaction says so, and of what is removed tells only what was still
# to be held.
TELL = """
CREATE OR REPLACE FUNCTION tandem_tell_families() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM lessons_noticesettings WHERE is_on{quiet}) THEN
    RETURN NULL;
  END IF;
  INSERT INTO lessons_notice (id, kind, deed, guardian_id, about)
  SELECT tandem_new_id(), 'changes',
    pg_current_xact_id()::text || ' ' || extract(epoch FROM now())::text,
    guardian.id, jsonb_agg(told.id ORDER BY told.id)
  FROM (
    SELECT added.id, added.student_id, CASE
      WHEN added.what IN ('planned', 'reinstated') THEN 'planned'
      WHEN {cancelled} THEN 'cancelled'
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
TELL_NOW = TELL.format(
    quiet="\n    AND current_setting('tandem.untold', true) IS DISTINCT FROM 'on'",
    cancelled="added.what = 'cancelled' OR added.what = 'removed'\n"
    "        AND added.details ->> 'status' = 'scheduled'",
)
TELL_BEFORE = TELL.format(quiet="", cancelled="added.what IN ('cancelled', 'removed')")
# The line of a session that is gone keeps what a letter has to say of it.
RECORD = """
CREATE OR REPLACE FUNCTION tandem_record_session() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
  v_row jsonb := v_old || CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
  v_edited jsonb := (SELECT jsonb_agg(name ORDER BY name) FROM unnest(ARRAY['homework', 'location',
    'meeting_link', 'notes', 'progress', 'title']) name WHERE v_old -> name <> v_row -> name);
  v_of_status constant jsonb := '{"scheduled": "reinstated", "completed": "recorded",
    "cancelled": "cancelled", "no_show": "missed"}';
BEGIN
  INSERT INTO lessons_sessionevent (session_id, student_id, what, actor_id, at, details)
  SELECT v_row ->> 'id', v_row ->> 'student_id', what,
    nullif(current_setting('tandem.actor', true), ''), clock_timestamp(), details
  FROM (
    SELECT 1, CASE v_row ->> 'status' WHEN 'scheduled' THEN 'planned'
      ELSE v_of_status ->> (v_row ->> 'status') END, '{}'::jsonb WHERE TG_OP = 'INSERT'
    UNION ALL SELECT 2, 'removed', {removed} WHERE TG_OP = 'DELETE'
    UNION ALL SELECT 3, 'handed_over', jsonb_build_object(
      'from', OLD.tutor_student_id, 'to', NEW.tutor_student_id)
    WHERE TG_OP = 'UPDATE' AND OLD.tutor_student_id <> NEW.tutor_student_id
    UNION ALL SELECT 4, 'moved', jsonb_build_object('from_start', OLD.starts_at, 'from_end', OLD.ends_at,
      'to_start', NEW.starts_at, 'to_end', NEW.ends_at)
    WHERE TG_OP = 'UPDATE' AND (OLD.starts_at, OLD.ends_at) <> (NEW.starts_at, NEW.ends_at)
    UNION ALL SELECT 5, v_of_status ->> NEW.status, '{}'
    WHERE TG_OP = 'UPDATE' AND OLD.status <> NEW.status
    UNION ALL SELECT 6, 'edited', jsonb_build_object('fields', v_edited)
    WHERE TG_OP = 'UPDATE' AND v_edited IS NOT NULL
  ) lines (place, what, details)
  ORDER BY place;
  RETURN NULL;
END $$;
"""
RECORD_NOW = RECORD.replace(
    "{removed}",
    "jsonb_build_object('status', OLD.status,\n"
    "      'start', OLD.starts_at, 'end', OLD.ends_at, 'tutor_student', OLD.tutor_student_id)",
)
RECORD_BEFORE = RECORD.replace("{removed}", "'{}'")


class Migration(migrations.Migration):
    dependencies = [("lessons", "0016_notices"), ("people", "0017_parents_become_guardians")]

    operations = [
        migrations.RunSQL(NO_KEY, KEY),
        migrations.RunSQL(FORGET, NO_FORGET),
        migrations.RunSQL(TELL_NOW, TELL_BEFORE),
        migrations.RunSQL(RECORD_NOW, RECORD_BEFORE),
    ]
