"""What relationships are today, to be read; what the database does where no action wrote one.

The rules here are those of ``relationships/rules.py`` without which the tables would say what
nobody could make in Tandem. Rights, previews and what follows for sessions are the actions' alone.
"""

from django.db import migrations

OTHER = (
    "current_setting('tandem.application', true) IS DISTINCT FROM 'on' AND tandem_another_program()"
)
# As people/days.sql says it for any day; a test holds the two equal.
TODAY = """
CREATE VIEW relationships_today AS
SELECT own.id, own.tutor_id, own.student_id, today.day, state.state, state.state = 'active' AS active,
  (own.is_primary AND (own.started_on <= today.day OR own.legacy_fault <> '')) OR (
    own.status = 'ended' AND own.kind = 'regular' AND own.started_on <= today.day
    AND own.ended_on > today.day AND own.id = (
      SELECT held.id FROM relationships_tutorstudent held
      LEFT JOIN relationships_tutorstudent next ON next.transferred_from_id = held.id AND next.is_primary
      WHERE held.student_id = own.student_id AND (
        (held.is_primary AND (held.started_on <= today.day OR held.legacy_fault <> ''))
        OR (held.status = 'ended' AND held.kind = 'regular' AND held.started_on <= today.day
          AND held.ended_on > today.day)
      )
      ORDER BY held.is_primary DESC, next.id IS NULL, held.started_on, held.id
      LIMIT 1
    )
  ) AS is_primary
FROM relationships_tutorstudent own
CROSS JOIN (SELECT tandem_today() AS day) today
CROSS JOIN LATERAL (SELECT CASE
  WHEN own.status IN ('pending', 'declined') THEN own.status
  WHEN own.status = 'ended' AND own.ended_on IS NULL THEN 'ended'
  WHEN own.ended_on <= today.day AND own.legacy_fault !~ '\\mend_date_on_open\\M' THEN 'ended'
  WHEN own.started_on > today.day THEN 'planned'
  WHEN own.status = 'ended' THEN 'active'
  ELSE own.status
END AS state) state
"""
# Whoever waits for Tandem here gives up before the server looks for deadlocks, and may try again.
# The tutor's and the student's rows are locked as the actions lock them, the tutor first.
CHECK = """
CREATE FUNCTION tandem_check_relationship() RETURNS trigger LANGUAGE plpgsql
SET lock_timeout = '900ms' AS $$
DECLARE
  v_tutor people_tutor;
  v_begins boolean := NEW.status IN ('active', 'paused');
  v_name text;
  v_what text;
BEGIN
  SELECT * INTO v_tutor FROM people_tutor WHERE id = NEW.tutor_id FOR NO KEY UPDATE;
  PERFORM FROM people_student WHERE id = NEW.student_id FOR NO KEY UPDATE;
  IF TG_OP = 'UPDATE' THEN
    v_begins := v_begins AND OLD.status NOT IN ('active', 'paused');
  END IF;
  IF TG_OP = 'UPDATE' AND (NEW.id, NEW.tutor_id, NEW.student_id, NEW.kind, NEW.transferred_from_id)
    IS DISTINCT FROM (OLD.id, OLD.tutor_id, OLD.student_id, OLD.kind, OLD.transferred_from_id) THEN
    v_name := 'tutor_student_keeps_its_people';
    v_what := 'A relationship keeps its tutor, its student and its kind: end it and begin another';
  ELSIF NEW.is_primary AND NEW.kind = 'cover' THEN
    v_name := 'tutor_student_cover_is_not_primary';
    v_what := 'A cover is never the primary relationship';
  ELSIF (v_begins OR TG_OP = 'INSERT' AND NEW.status = 'pending') AND NOT v_tutor.active THEN
    v_name := 'tutor_student_tutor_active';
    v_what := 'This tutor is inactive, so takes no new students';
  ELSIF NEW.kind = 'regular' AND NEW.legacy_fault = '' AND v_tutor.capacity < (
    SELECT max(taught) FROM (
      SELECT 1 + count(*) FILTER (WHERE other.started_on <= from_day.day
        AND (other.status <> 'ended' OR other.ended_on > from_day.day)) AS taught
      FROM (
        SELECT greatest(NEW.started_on, tandem_today()) AS day UNION SELECT later.started_on
        FROM relationships_tutorstudent later WHERE later.tutor_id = NEW.tutor_id
      ) from_day
      LEFT JOIN relationships_tutorstudent other ON other.tutor_id = NEW.tutor_id
        AND other.id <> NEW.id AND (other.status IN ('active', 'paused')
          OR other.status = 'ended' AND other.kind = 'regular')
      WHERE from_day.day >= greatest(NEW.started_on, tandem_today())
        AND (NEW.ended_on IS NULL OR from_day.day < NEW.ended_on)
        AND NEW.status IN ('active', 'paused', 'ended')
        AND (TG_OP = 'INSERT' OR NOT (OLD.status IN ('active', 'paused', 'ended')
          AND OLD.started_on <= from_day.day
          AND (OLD.ended_on IS NULL OR OLD.ended_on > from_day.day)))
      GROUP BY from_day.day
    ) days
  ) THEN
    v_name := 'tutor_student_capacity';
    v_what := format('This tutor has room for %s students, all of which are taken', v_tutor.capacity);
  ELSIF TG_OP = 'UPDATE' AND NEW.legacy_fault = ''
    AND (NEW.started_on, NEW.ended_on) IS DISTINCT FROM (OLD.started_on, OLD.ended_on) AND EXISTS (
      SELECT FROM lessons_session held
      CROSS JOIN LATERAL (SELECT (held.starts_at AT TIME ZONE coalesce(nullif(v_tutor.time_zone, ''),
        (SELECT name FROM people_businesszone)))::date AS day) on_its
      WHERE held.tutor_student_id = NEW.id AND held.status <> 'cancelled' AND held.legacy_fault = ''
        AND (on_its.day < NEW.started_on OR on_its.day > NEW.ended_on
          OR held.status = 'scheduled' AND on_its.day >= NEW.ended_on)
    ) THEN
    v_name := 'tutor_student_holds_its_sessions';
    v_what := 'It has sessions outside these days: cancel or move those first';
  END IF;
  IF v_name IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = v_name,
      MESSAGE = format('%s (constraint "%s")', v_what, v_name);
  END IF;
  RETURN NEW;
END $$;
"""
# Somebody is primary wherever a regular relationship is open. At the end of the transaction, so
# that who ends one may say who is primary next.
GIVE_MARK = """
CREATE FUNCTION tandem_give_mark() RETURNS trigger LANGUAGE plpgsql
SET lock_timeout = '900ms' AS $$
DECLARE
  v_student text := CASE TG_OP WHEN 'DELETE' THEN OLD.student_id ELSE NEW.student_id END;
BEGIN
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE student_id = v_student AND is_primary) THEN
    RETURN NULL;
  END IF;
  PERFORM FROM people_student WHERE id = v_student FOR NO KEY UPDATE;
  UPDATE relationships_tutorstudent SET is_primary = true WHERE id = (
    SELECT id FROM relationships_tutorstudent
    WHERE student_id = v_student AND kind = 'regular' AND status IN ('active', 'paused')
      AND legacy_fault = '' AND NOT EXISTS (
        SELECT FROM relationships_tutorstudent WHERE student_id = v_student AND is_primary)
    ORDER BY started_on, id LIMIT 1
  );
  RETURN NULL;
END $$;
"""
# The line says what is true from now on, so that the table can be built from its history. Who acts
# may be said for a transaction: set_config('tandem.actor', an account's id, true).
RECORD = """
CREATE FUNCTION tandem_record_relationship() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) ELSE '{}' END;
  v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) ELSE '{}' END;
  v_set jsonb := (SELECT jsonb_object_agg(fact, v_new -> its_column) FROM (VALUES
      ('tutor', 'tutor_id'), ('student', 'student_id'), ('subject', 'subject_id'), ('status', 'status'),
      ('started_on', 'started_on'), ('ended_on', 'ended_on'), ('is_primary', 'is_primary'),
      ('kind', 'kind'), ('transferred_from', 'transferred_from_id')) named (fact, its_column)
    WHERE v_new -> its_column IS DISTINCT FROM v_old -> its_column);
  v_details jsonb := jsonb_build_object('set', v_set);
  v_what text;
BEGIN
  IF TG_OP = 'DELETE' THEN
    v_what := 'removed';
    v_details := jsonb_build_object('removed', true, 'tutor', OLD.tutor_id, 'student', OLD.student_id,
      'subject', OLD.subject_id);
  ELSIF v_set IS NULL OR v_set = '{"is_primary": false}' THEN
    RETURN NULL;  -- who has the mark next has the line
  ELSIF TG_OP = 'INSERT' THEN
    v_what := CASE WHEN NEW.status = 'pending' THEN 'requested' WHEN NEW.status = 'declined' THEN 'declined'
      WHEN NEW.transferred_from_id IS NOT NULL THEN 'transferred_in' ELSE 'started' END;
    v_details := v_details || jsonb_strip_nulls(jsonb_build_object('from', NEW.transferred_from_id));
  ELSIF v_set ? 'status' THEN
    v_what := CASE WHEN NEW.status = 'ended' THEN 'ended' WHEN NEW.status = 'declined' THEN 'declined'
      WHEN NEW.status = 'pending' THEN 'requested' WHEN OLD.status = 'ended' THEN 'reopened'
      WHEN OLD.status IN ('pending', 'declined') THEN 'accepted'
      WHEN NEW.status = 'paused' THEN 'paused' ELSE 'resumed' END;
  ELSIF v_set ? 'subject' THEN
    v_what := 'subject_changed';
    v_details := v_details || jsonb_build_object('from', OLD.subject_id, 'to', NEW.subject_id);
  ELSIF v_set ? 'started_on' OR v_set ? 'ended_on' THEN
    v_what := 'corrected';
  ELSE
    v_what := 'made_primary';
  END IF;
  INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, actor_id, at, details)
  VALUES (CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END, v_what, CASE
      WHEN TG_OP = 'INSERT' THEN NEW.started_on
      WHEN v_what = 'ended' THEN coalesce(NEW.ended_on, tandem_today())
      WHEN v_what = 'corrected' THEN CASE WHEN v_set ? 'ended_on' THEN NEW.ended_on ELSE NEW.started_on END
      ELSE tandem_today() END,
    nullif(current_setting('tandem.actor', true), ''), clock_timestamp(), v_details);
  RETURN NULL;
END $$;
"""
TRIGGERS = f"""
CREATE TRIGGER tandem_check BEFORE INSERT OR UPDATE ON relationships_tutorstudent
  FOR EACH ROW WHEN ({OTHER}) EXECUTE FUNCTION tandem_check_relationship();
CREATE TRIGGER tandem_touch BEFORE UPDATE ON relationships_tutorstudent FOR EACH ROW
  WHEN ({OTHER} AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION tandem_touch();
CREATE TRIGGER tandem_refuse_new_fault BEFORE INSERT ON relationships_tutorstudent FOR EACH ROW
  WHEN ({OTHER} AND NEW.legacy_fault <> '') EXECUTE FUNCTION tandem_refuse_fault();
CREATE TRIGGER tandem_refuse_fault BEFORE UPDATE ON relationships_tutorstudent FOR EACH ROW
  WHEN ({OTHER} AND NEW.legacy_fault NOT IN ('', OLD.legacy_fault)) EXECUTE FUNCTION tandem_refuse_fault();
CREATE TRIGGER tandem_record AFTER INSERT OR UPDATE OR DELETE ON relationships_tutorstudent
  FOR EACH ROW WHEN ({OTHER}) EXECUTE FUNCTION tandem_record_relationship();
CREATE CONSTRAINT TRIGGER tandem_give_mark AFTER INSERT OR UPDATE OR DELETE ON relationships_tutorstudent
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ({OTHER}) EXECUTE FUNCTION tandem_give_mark();
"""
NO_TRIGGERS = """
DROP TRIGGER tandem_check ON relationships_tutorstudent;
DROP TRIGGER tandem_touch ON relationships_tutorstudent;
DROP TRIGGER tandem_refuse_new_fault ON relationships_tutorstudent;
DROP TRIGGER tandem_refuse_fault ON relationships_tutorstudent;
DROP TRIGGER tandem_record ON relationships_tutorstudent;
DROP TRIGGER tandem_give_mark ON relationships_tutorstudent;
DROP FUNCTION tandem_check_relationship();
DROP FUNCTION tandem_give_mark();
DROP FUNCTION tandem_record_relationship();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0013_writes_of_other_programs"),
        ("relationships", "0008_defaults_of_the_database"),
    ]

    operations = [
        migrations.RunSQL(TODAY, "DROP VIEW relationships_today"),
        migrations.RunSQL(CHECK + GIVE_MARK + RECORD + TRIGGERS, NO_TRIGGERS),
    ]
