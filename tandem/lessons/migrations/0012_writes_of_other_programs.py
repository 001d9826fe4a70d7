"""What the database does for sessions that no action of Tandem's wrote: judge, and tell the history.

The rules are those of ``lessons/rules.py`` without which a diary would say what cannot be. Rights,
previews, groups' places and weekly lessons are the actions' alone.
"""

from django.db import migrations

OTHER = (
    "current_setting('tandem.application', true) IS DISTINCT FROM 'on' AND tandem_another_program()"
)
# Whose session it is follows from its relationship, so that it need not be said. A session's first
# row is judged by one trigger, because each costs those a condition whom it does not judge.
FOLLOW = """
CREATE FUNCTION tandem_follow_relationship() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT tutor_id, student_id INTO NEW.tutor_id, NEW.student_id
  FROM relationships_tutorstudent WHERE id = NEW.tutor_student_id;
  RETURN NEW;
END $$;
"""
# Locked in the order of the actions: tutor, student, relationship. Whoever sees the past
# (REPEATABLE READ) and meets a newer relationship is refused with 40001, and tries again.
CHECK = """
CREATE FUNCTION tandem_check_session() RETURNS trigger LANGUAGE plpgsql
SET lock_timeout = '900ms' AS $$
DECLARE
  v_tutor people_tutor;
  v_student people_student;
  v_link relationships_tutorstudent;
  v_day date;
  v_plans boolean := NEW.status = 'scheduled';
  v_held boolean := NEW.status IN ('completed', 'no_show');
  v_state text := 'check_violation';
  v_name text;
  v_what text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.legacy_fault <> '' THEN
      RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'fault_is_of_an_import',
        MESSAGE = 'legacy_fault is written by an upgrade alone (constraint "fault_is_of_an_import")';
    END IF;
    SELECT tutor_id, student_id INTO NEW.tutor_id, NEW.student_id
    FROM relationships_tutorstudent WHERE id = NEW.tutor_student_id;
  END IF;
  SELECT * INTO v_tutor FROM people_tutor WHERE id = NEW.tutor_id FOR NO KEY UPDATE;
  SELECT * INTO v_student FROM people_student WHERE id = NEW.student_id FOR NO KEY UPDATE;
  SELECT * INTO v_link FROM relationships_tutorstudent WHERE id = NEW.tutor_student_id FOR SHARE;
  v_day := (NEW.starts_at AT TIME ZONE coalesce(nullif(v_tutor.time_zone, ''),
    (SELECT name FROM people_businesszone)))::date;
  IF NEW.status <> 'cancelled' AND v_link.status IN ('pending', 'declined') THEN
    v_name := 'session_relationship_open';
    v_what := format('Nothing is taught in this relationship: it is %s', v_link.status);
  ELSIF v_plans AND v_link.status = 'paused' THEN
    v_name := 'session_relationship_open';
    v_what := 'Nothing is planned in this relationship: it is paused';
  ELSIF TG_OP = 'INSERT' AND v_link.kind = 'cover' THEN
    v_name := 'session_not_in_cover';
    v_what := 'A cover holds the sessions that were covered, and no others';
  ELSIF NEW.status <> 'cancelled' AND (v_day < v_link.started_on OR v_day > v_link.ended_on
    OR v_plans AND v_day = v_link.ended_on) THEN
    v_name := 'session_within_relationship';
    v_what := format('This tutor teaches this student from %s%s, not on %s', v_link.started_on,
      coalesce(' to ' || v_link.ended_on, ''), v_day);
  ELSIF v_plans AND NOT (v_tutor.active AND v_student.active) THEN
    v_name := 'session_people_active';
    v_what := format('The %s is inactive', CASE WHEN v_tutor.active THEN 'student' ELSE 'tutor' END);
  ELSIF v_held AND NEW.starts_at > clock_timestamp() + interval '15 minutes' THEN
    v_name := 'session_begun_before_recorded';
    v_what := 'It has not begun, so it cannot have been held or missed';
  ELSIF v_plans AND EXISTS (SELECT FROM lessons_timeoff WHERE tutor_id = NEW.tutor_id
    AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at) THEN
    v_name := 'session_tutor_not_away';
    v_what := 'The tutor is away in these hours';
  ELSIF v_plans AND EXISTS (SELECT FROM lessons_closure closure
    WHERE (NEW.starts_at AT TIME ZONE (SELECT name FROM people_businesszone))::date
      BETWEEN closure.starts_on AND closure.ends_on - 1) THEN
    v_name := 'session_on_open_day';
    v_what := 'The business is closed on that day';
  ELSIF NEW.status IN ('scheduled', 'completed') THEN
    -- What is held takes time too; of what is planned alone the table's own constraints know.
    SELECT CASE WHEN other.student_id = NEW.student_id
      THEN 'session_student_in_one_place' ELSE 'session_tutor_in_one_place' END INTO v_name
    FROM lessons_session other
    WHERE (other.student_id = NEW.student_id OR other.tutor_id = NEW.tutor_id
        AND coalesce(other.group_id, other.id) <> coalesce(NEW.group_id, NEW.id))
      AND other.starts_at > NEW.starts_at - interval '24 hours' AND other.starts_at < NEW.ends_at
      AND other.ends_at > NEW.starts_at AND other.id <> NEW.id
      AND other.status IN ('scheduled', 'completed') AND other.legacy_fault = ''
    ORDER BY other.starts_at, other.id LIMIT 1;
    v_state := 'exclusion_violation';
    v_what := format('The %s already has a session in these hours',
      CASE v_name WHEN 'session_student_in_one_place' THEN 'student' ELSE 'tutor' END);
  END IF;
  IF v_name IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = v_state, CONSTRAINT = v_name,
      MESSAGE = format('%s (constraint "%s")', v_what, v_name);
  END IF;
  NEW.legacy_fault := '';
  RETURN NEW;
END $$;
CREATE FUNCTION tandem_keep_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'restrict_violation', CONSTRAINT = 'session_held_stays',
    MESSAGE = 'What was held or missed is history and stays (constraint "session_held_stays")';
END $$;
"""
# The same lines as lessons/revising.py writes.
RECORD = """
CREATE FUNCTION tandem_record_session() RETURNS trigger LANGUAGE plpgsql AS $$
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
    UNION ALL SELECT 2, 'removed', '{}' WHERE TG_OP = 'DELETE'
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
TRIGGERS = f"""
CREATE TRIGGER tandem_a_follow_on BEFORE UPDATE ON lessons_session FOR EACH ROW
  WHEN ({OTHER} AND NEW.tutor_student_id <> OLD.tutor_student_id)
  EXECUTE FUNCTION tandem_follow_relationship();
CREATE TRIGGER tandem_check_new BEFORE INSERT ON lessons_session
  FOR EACH ROW WHEN ({OTHER}) EXECUTE FUNCTION tandem_check_session();
CREATE TRIGGER tandem_check BEFORE UPDATE ON lessons_session FOR EACH ROW
  WHEN ({OTHER} AND (NEW.starts_at, NEW.ends_at, NEW.status, NEW.tutor_student_id, NEW.group_id)
    IS DISTINCT FROM (OLD.starts_at, OLD.ends_at, OLD.status, OLD.tutor_student_id, OLD.group_id))
  EXECUTE FUNCTION tandem_check_session();
CREATE TRIGGER tandem_keep_held BEFORE DELETE ON lessons_session FOR EACH ROW
  WHEN ({OTHER} AND OLD.status IN ('completed', 'no_show')) EXECUTE FUNCTION tandem_keep_held();
CREATE TRIGGER tandem_refuse_fault BEFORE UPDATE ON lessons_session FOR EACH ROW
  WHEN ({OTHER} AND NEW.legacy_fault NOT IN ('', OLD.legacy_fault)) EXECUTE FUNCTION tandem_refuse_fault();
CREATE TRIGGER tandem_touch BEFORE UPDATE ON lessons_session FOR EACH ROW
  WHEN ({OTHER} AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION tandem_touch();
CREATE TRIGGER tandem_touch BEFORE UPDATE ON lessons_sessionseries FOR EACH ROW
  WHEN ({OTHER} AND NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION tandem_touch();
CREATE TRIGGER tandem_record AFTER INSERT OR UPDATE OR DELETE ON lessons_session
  FOR EACH ROW WHEN ({OTHER}) EXECUTE FUNCTION tandem_record_session();
"""
NO_TRIGGERS = """
DROP FUNCTION tandem_follow_relationship() CASCADE;
DROP FUNCTION tandem_check_session() CASCADE;
DROP FUNCTION tandem_keep_held() CASCADE;
DROP FUNCTION tandem_record_session() CASCADE;
DROP TRIGGER tandem_refuse_fault ON lessons_session;
DROP TRIGGER tandem_touch ON lessons_session;
DROP TRIGGER tandem_touch ON lessons_sessionseries;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("relationships", "0009_writes_of_other_programs"),
        ("lessons", "0011_defaults_of_the_database"),
    ]

    operations = [migrations.RunSQL(FOLLOW + CHECK + RECORD + TRIGGERS, NO_TRIGGERS)]
