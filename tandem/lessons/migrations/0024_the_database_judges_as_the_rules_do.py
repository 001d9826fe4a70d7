"""What other programs plan is refused on every closed day, and by what ended without a doubt.

``lessons/hindrances.py`` says so of what is planned in Tandem; a test holds the two equal.
"""

from django.db import migrations

CHECK = """
CREATE OR REPLACE FUNCTION tandem_check_session() RETURNS trigger LANGUAGE plpgsql
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
  SELECT * INTO v_link FROM relationships_tutorstudent WHERE id = NEW.tutor_student_id FOR SHARE;{doubt}
  v_day := (NEW.starts_at AT TIME ZONE coalesce(nullif(v_tutor.time_zone, ''),
    (SELECT name FROM people_businesszone)))::date;
  IF NEW.status <> 'cancelled' AND v_link.status IN ('pending', 'declined') THEN
    v_name := 'session_relationship_open';
    v_what := format('Nothing is taught in this relationship: it is %s', v_link.status);
  ELSIF v_plans AND v_link.status {not_for_plans} THEN
    v_name := 'session_relationship_open';
    v_what := format('Nothing is planned in this relationship: it is %s', v_link.status);
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
    WHERE {is_closed}) THEN
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
"""
ZONE = "(SELECT name FROM people_businesszone)"
FIRST_DAY = f"(NEW.starts_at AT TIME ZONE {ZONE})::date"
LAST_DAY = f"""(greatest(NEW.starts_at, NEW.ends_at - interval '1 microsecond')
      AT TIME ZONE {ZONE})::date"""
# An imported end of what is open ends nothing until it is repaired.
DOUBT = r"""
  IF v_link.legacy_fault ~ '\mend_date_on_open\M' THEN v_link.ended_on := NULL; END IF;"""
AS_THE_RULES = CHECK.format(
    doubt=DOUBT,
    not_for_plans="<> 'active'",
    is_closed=f"closure.starts_on <= {LAST_DAY}\n      AND closure.ends_on > {FIRST_DAY}",
)
BY_ITS_FIRST_DAY = CHECK.format(
    doubt="",
    not_for_plans="= 'paused'",
    is_closed=f"{FIRST_DAY}\n      BETWEEN closure.starts_on AND closure.ends_on - 1",
)


class Migration(migrations.Migration):
    dependencies = [("lessons", "0023_another_place_is_told")]

    operations = [migrations.RunSQL(AS_THE_RULES, BY_ITS_FIRST_DAY)]
