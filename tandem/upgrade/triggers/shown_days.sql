-- Whom the old side shows as a student's tutor on which day: it knows no dates itself.
--
-- Who takes a student over from a later day is not shown before it, and who ends on one is shown
-- until then. Nothing turns by itself when a day does: which day a student is shown for is noted,
-- and who carries it over is `serve`, a command, or the next write about that student.

-- The date where the business is: ``{today}`` is its expression, with the zone in it.
CREATE OR REPLACE FUNCTION tandem_sync.today()
RETURNS date
LANGUAGE sql STABLE AS $$ SELECT {today} $$;

-- Students of whom a change lies ahead, as they are shown now: with ``relationship_id``, which is
-- taught or else was the last to be, until another is to be shown on ``until`` (infinity: nobody).
-- Of all others the relationship with the mark is shown.
CREATE TABLE IF NOT EXISTS tandem_sync.shown_until (
  student_id text PRIMARY KEY, relationship_id text NOT NULL, is_taught boolean NOT NULL,
  until date NOT NULL);
CREATE INDEX IF NOT EXISTS shown_until_day ON tandem_sync.shown_until (until);

-- What that list should say today.
--
-- A student of whom all lies ahead is shown as on the first day: what is not shown could not be told
-- from what was deleted there.
CREATE OR REPLACE VIEW tandem_sync.to_be_shown AS
SELECT of.student_id, shown.tutor_student_id AS relationship_id,
  coalesce(shown.ends_on > of.day, true) AS is_taught, coalesce(next.until, 'infinity') AS until
FROM (
  SELECT student_id, greatest(tandem_sync.today(), min(starts_on)) AS day
  FROM relationships_primaryperiod GROUP BY student_id
) of CROSS JOIN LATERAL (
  SELECT least(min(starts_on) FILTER (WHERE starts_on > of.day),
    min(ends_on) FILTER (WHERE ends_on > of.day)) AS until
  FROM relationships_primaryperiod period WHERE period.student_id = of.student_id
) next CROSS JOIN LATERAL (
  SELECT period.tutor_student_id, period.ends_on FROM relationships_primaryperiod period
  WHERE period.student_id = of.student_id AND period.starts_on <= of.day
  ORDER BY period.starts_on DESC LIMIT 1
) shown
WHERE next.until IS NOT NULL OR (shown.ends_on <= of.day
  AND EXISTS (SELECT FROM relationships_tutorstudent r WHERE r.id = shown.tutor_student_id AND r.is_primary));

-- Note whom the old side is to show of ``p_students`` today, each of whom the caller has locked.
CREATE OR REPLACE FUNCTION tandem_sync.arrange_shown(p_students text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  DELETE FROM tandem_sync.shown_until noted WHERE student_id = ANY (p_students)
    AND NOT EXISTS (SELECT FROM tandem_sync.to_be_shown wanted WHERE wanted.student_id = noted.student_id);
  INSERT INTO tandem_sync.shown_until AS noted (student_id, relationship_id, is_taught, until)
  SELECT student_id, relationship_id, is_taught, until FROM tandem_sync.to_be_shown
  WHERE student_id = ANY (p_students)
  ON CONFLICT (student_id) DO UPDATE SET relationship_id = excluded.relationship_id,
    is_taught = excluded.is_taught, until = excluded.until
  WHERE (noted.relationship_id, noted.is_taught, noted.until)
    IS DISTINCT FROM (excluded.relationship_id, excluded.is_taught, excluded.until);
END $$;

-- The days of primary tutors changed: what is shown follows, but for those whose day is yet to turn.
CREATE OR REPLACE FUNCTION tandem_sync.primary_days_changed()
RETURNS trigger
LANGUAGE plpgsql {rights} AS $$
#variable_conflict use_column
DECLARE
  v_students text[]; v_today date := tandem_sync.today();
BEGIN
  SELECT array_agg(DISTINCT student_id) INTO v_students FROM changed
  WHERE ends_on IS NOT NULL OR starts_on > v_today OR EXISTS (
    SELECT FROM tandem_sync.shown_until noted WHERE noted.student_id = changed.student_id);
  IF v_students IS NOT NULL THEN PERFORM tandem_sync.arrange_shown(v_students); END IF;
  RETURN NULL;
END $$;

-- Which relationship the old side shows as the one of ``Student.tutorId``; null where nobody teaches.
CREATE OR REPLACE FUNCTION tandem_sync.main_of(p_student text)
RETURNS text
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
  v_link text; v_taught boolean;
BEGIN
  SELECT relationship_id, is_taught INTO v_link, v_taught FROM tandem_sync.shown_until
  WHERE student_id = p_student;
  IF FOUND THEN RETURN CASE WHEN v_taught THEN v_link END; END IF;
  RETURN (SELECT id FROM relationships_tutorstudent WHERE student_id = p_student AND is_primary);
END $$;

-- Show a student of whom a change lies ahead, where it is another by now: whoever wrote may have
-- brought that about without naming a tutor.
CREATE OR REPLACE FUNCTION tandem_sync.show_if_changed(p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  IF EXISTS (SELECT FROM tandem_sync.shown_until WHERE student_id = p_student) THEN
    PERFORM tandem_sync.show_student(p_student);
  END IF;
END $$;

-- Whether one of the student's relationships has the primary mark: it may be from a later day on.
CREATE OR REPLACE FUNCTION tandem_sync.has_mark(p_student text)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN EXISTS (SELECT FROM relationships_tutorstudent WHERE student_id = p_student AND is_primary);
END $$;

-- Whether the day has turned of which a student is shown still.
CREATE OR REPLACE FUNCTION tandem_sync.is_behind(p_student text)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN EXISTS (SELECT FROM tandem_sync.shown_until WHERE student_id = p_student
    AND until <= tandem_sync.today());
END $$;

-- Who is to be primary after the one who is shown, in order: asked before that one ends.
CREATE OR REPLACE FUNCTION tandem_sync.plans_of(p_student text)
RETURNS relationships_primaryperiod[]
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN ARRAY(SELECT period FROM relationships_primaryperiod period
    WHERE student_id = p_student AND starts_on >= (
      SELECT until FROM tandem_sync.shown_until WHERE student_id = p_student) ORDER BY starts_on);
END $$;

-- ``p_link`` is primary from ``p_since``, until the first day for which another was planned.
--
-- What was planned stays, each from its own day, as the history says.
CREATE OR REPLACE FUNCTION tandem_sync.primary_until_plans(p_student text, p_link text, p_since date,
  p_plans relationships_primaryperiod[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  v_plan relationships_primaryperiod;
BEGIN
  PERFORM tandem_arrange_primaries(ARRAY[p_student], ARRAY[p_link], ARRAY[p_since]);
  FOREACH v_plan IN ARRAY p_plans LOOP
    CONTINUE WHEN v_plan.tutor_student_id = p_link;
    PERFORM tandem_arrange_primaries(ARRAY[p_student], ARRAY[v_plan.tutor_student_id],
      ARRAY[v_plan.starts_on]);
    PERFORM tandem_sync.record(v_plan.tutor_student_id, 'made_primary', v_plan.starts_on,
      jsonb_build_object('primary_since', v_plan.starts_on));
  END LOOP;
END $$;

-- Show who is primary from today, and as a connection who is so no more and goes on.
CREATE OR REPLACE FUNCTION tandem_sync.show_turned(p_student text)
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM tandem_sync.show_student(p_student);
  IF to_regprocedure('tandem_sync.show_connection(text)') IS NOT NULL THEN
    PERFORM tandem_sync.show_connection(id) FROM (SELECT id FROM relationships_tutorstudent
      WHERE student_id = p_student ORDER BY id) AS theirs;
  END IF;
END $$;

-- Show those of ``p_students``, whom a batch has brought, of whom a change lies ahead: the old side may
-- name as their tutor somebody who begins later, by a connection of theirs.
CREATE OR REPLACE FUNCTION tandem_sync.show_brought(p_students text[])
RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('tandem.showing', 'on', true), set_config('tandem.later', 'off', true);
  PERFORM tandem_sync.show_turned(student_id) FROM (SELECT student_id FROM tandem_sync.shown_until
    WHERE student_id = ANY (p_students) ORDER BY 1) AS ahead;
  PERFORM set_config('tandem.showing', '', true), set_config('tandem.later', '', true);
END $$;

-- Turn the day of ``p_most`` students for whom it is time; return how many are left.
--
-- Whom somebody has in hand, and of whom something was written that Tandem has still to hear, is
-- left for another time. One process does this at a time; to others nothing is left.
CREATE OR REPLACE FUNCTION tandem_sync.turn_days(p_most integer)
RETURNS bigint
LANGUAGE plpgsql {rights} SET lock_timeout = '{one_wait}ms' AS $$
#variable_conflict use_column
DECLARE
  v_student text;
BEGIN
  IF NOT EXISTS (SELECT FROM tandem_sync.shown_until WHERE until <= tandem_sync.today())
    OR NOT pg_try_advisory_xact_lock(hashtext('tandem shown days'))
  THEN
    RETURN 0;
  END IF;
  PERFORM set_config('tandem.quiet', 'on', true), set_config('tandem.showing', 'on', true),
    set_config('tandem.later', 'off', true);
  FOR v_student IN SELECT s.id FROM people_student s
    WHERE s.id IN (SELECT student_id FROM tandem_sync.shown_until WHERE until <= tandem_sync.today())
      AND NOT EXISTS (SELECT FROM tandem_sync.missed WHERE student_id = s.id AND why = {in_hand})
    ORDER BY random() LIMIT p_most FOR NO KEY UPDATE SKIP LOCKED
  LOOP
    BEGIN
      PERFORM tandem_sync.arrange_shown(ARRAY[v_student]);
      PERFORM tandem_sync.show_turned(v_student);
      IF NOT (SELECT as_shown FROM tandem_sync.says('Student', v_student)) THEN
        RAISE lock_not_available; -- there is something to be heard first
      END IF;
    EXCEPTION WHEN {to_be_tried_again} THEN
      NULL; -- the old application has the student in hand
    WHEN OTHERS THEN
      RAISE WARNING 'The old application is not shown who is primary of student %: %', v_student, SQLERRM;
    END;
  END LOOP;
  PERFORM set_config('tandem.quiet', '', true), set_config('tandem.showing', '', true),
    set_config('tandem.later', '', true);
  RETURN (SELECT count(*) FROM tandem_sync.shown_until WHERE until <= tandem_sync.today());
END $$;
