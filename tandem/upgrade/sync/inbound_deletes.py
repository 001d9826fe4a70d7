"""What Tandem lets go when the old application deletes: what that application could see."""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, STUDENT
from tandem.upgrade.sync.ends import is_open
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.views_of_expected import gone, had_connection


def drop_functions(old: OldSide) -> Iterator[str]:
    yield _check_references()
    yield _forget_links()
    yield _drop_student(old)
    yield _drop_tutor(old)
    yield _drop_sessions(old)
    for name, table in (("parent", "people_parent"), ("subscription", "people_subscription")):
        yield function(
            f"drop_{name}",
            "p_id text",
            f"""
  DELETE FROM {table} WHERE id = p_id;
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_id = p_id AND source_table = '{name.title()}';""",
        )


def _forget_links() -> str:
    """Remove relationships with their sessions and history, which only an erasure may."""
    return function(
        "forget_links",
        "p_links text[]",
        f"""
  DELETE FROM lessons_session WHERE tutor_student_id = ANY (p_links);
  UPDATE lessons_session SET series_id = NULL WHERE series_id IN (
    SELECT id FROM lessons_sessionseries WHERE tutor_student_id = ANY (p_links));
  DELETE FROM lessons_sessionseries WHERE tutor_student_id = ANY (p_links);
  FOR v_next IN UPDATE relationships_tutorstudent SET transferred_from_id = NULL
    WHERE transferred_from_id = ANY (p_links) RETURNING *
  LOOP
    PERFORM {SYNC}.record(v_next.id, 'started', v_next.started_on, '{{"set": {{"transferred_from": null}}}}');
  END LOOP;
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM relationships_relationshipevent WHERE relationship_id = ANY (p_links);
  PERFORM set_config('tandem.erasing', 'no', true);
  DELETE FROM relationships_tutorstudent WHERE id = ANY (p_links);""",
        declare="v_next relationships_tutorstudent;",
    )


def _drop_student(old: OldSide) -> str:
    """The line of primary relationships goes, and what stood as a connection.

    A student with further tutors stays with them. PostgreSQL tells of a student's end when the
    connections have gone by cascade, but before it tells of those. Whoever had the student in hand
    until now may have shown the old side the student anew: then nobody goes.
    """
    is_there = f"EXISTS (SELECT FROM {SYNC}.student said WHERE said.id = p_id)"
    connected = (
        f"""
    UNION SELECT r.id FROM relationships_tutorstudent r
    WHERE r.student_id = p_id AND {had_connection("r")}"""
        if old.has(CONNECTION)
        else ""
    )
    return function(
        "drop_student",
        "p_id text",
        f"""
  PERFORM FROM people_student WHERE id = p_id FOR UPDATE;
  IF NOT FOUND OR {gone(STUDENT, "p_id")} OR {is_there} THEN RETURN; END IF;
  SELECT relationship_id INTO v_main FROM {SYNC}.shown_student WHERE id = p_id;
  WITH RECURSIVE line AS (
    SELECT id, transferred_from_id FROM relationships_tutorstudent WHERE id = v_main
    UNION ALL
    SELECT r.id, r.transferred_from_id FROM relationships_tutorstudent r
    JOIN line ON r.id = line.transferred_from_id)
  SELECT coalesce(array_agg(id), '{{}}') INTO v_links FROM (
    SELECT id FROM line{connected}) seen;
  IF EXISTS (SELECT FROM relationships_tutorstudent r WHERE student_id = p_id
      AND {is_open("r")} AND NOT id = ANY (v_links)) THEN
    PERFORM {SYNC}.forget_links(v_links);
    INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
    VALUES ('Student', p_id, now()) ON CONFLICT DO NOTHING;
    PERFORM {SYNC}.promote_heir(p_id);
    RETURN;
  END IF;
  SELECT coalesce(array_agg(id), '{{}}') INTO v_links
  FROM relationships_tutorstudent WHERE student_id = p_id;
  PERFORM {SYNC}.forget_links(v_links);
  PERFORM set_config('tandem.erasing', 'yes', true);
  DELETE FROM lessons_sessionevent WHERE student_id = p_id;
  DELETE FROM relationships_relationshipevent WHERE relationship_id IN (
    SELECT relationship_id FROM relationships_relationshipevent
    WHERE what = 'removed' AND details ->> 'student' = p_id);
  PERFORM set_config('tandem.erasing', 'no', true);
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table <> 'Student' AND row ->> 'studentId' = p_id;
  DELETE FROM people_parent WHERE student_id = p_id;
  DELETE FROM people_recordread WHERE student_id = p_id;
  DELETE FROM lessons_deedpart WHERE student_id = p_id;
  PERFORM set_config('tandem.erasing', 'yes', true);
  UPDATE people_change SET "values" = NULL
  WHERE about = 'student' AND about_id = p_id AND "values" IS NOT NULL;
  PERFORM set_config('tandem.erasing', 'no', true);
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Student' AND source_id = p_id;
  DELETE FROM people_student WHERE id = p_id;
  PERFORM {SYNC}.check_references('people_student');
EXCEPTION WHEN foreign_key_violation THEN
  INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
  VALUES ('Student', p_id, now()) ON CONFLICT DO NOTHING;""",
        declare="v_main text; v_links text[];",
    )


def _drop_tutor(old: OldSide) -> str:
    """A tutor who taught, or teaches, students that stay is kept, for their history.

    PostgreSQL tells of a tutor's end before it tells of the students who went by cascade.
    """
    student = f"{old.relation(STUDENT)} s WHERE s.{old.column(STUDENT, 'id')} = r.student_id"
    return function(
        "drop_tutor",
        "p_id text",
        f"""
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN RETURN; END IF;
  FOR v_student IN SELECT DISTINCT r.student_id FROM relationships_tutorstudent r
    WHERE r.tutor_id = p_id AND NOT EXISTS (SELECT FROM {student}) ORDER BY 1
  LOOP
    PERFORM {SYNC}.drop_student(v_student);
  END LOOP;
  PERFORM FROM people_tutor WHERE id = p_id FOR UPDATE;
  IF EXISTS (SELECT FROM {SYNC}.tutor said WHERE said.id = p_id) THEN RETURN; END IF;
  DELETE FROM people_subscription WHERE tutor_id = p_id;
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE tutor_id = p_id) THEN
    INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
    VALUES ('Tutor', p_id, now()) ON CONFLICT DO NOTHING;
    UPDATE people_tutor SET active = false WHERE id = p_id AND active AND NOT EXISTS (
      SELECT FROM relationships_tutorstudent r WHERE tutor_id = p_id AND {is_open("r")});
    RETURN;
  END IF;
  DELETE FROM people_tutorsubject WHERE tutor_id = p_id;
  DELETE FROM lessons_availability WHERE tutor_id = p_id;
  DELETE FROM lessons_timeoff WHERE tutor_id = p_id;
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Tutor' AND source_id = p_id;
  DELETE FROM people_tutor WHERE id = p_id;
  PERFORM {SYNC}.check_references('people_tutor');
EXCEPTION WHEN foreign_key_violation THEN
  INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
  VALUES ('Tutor', p_id, now()) ON CONFLICT DO NOTHING;""",
        declare="v_student text;",
    )


def _check_references() -> str:
    """Have what still refers to a removed row say so here, and not at the old application's commit.

    The foreign keys are Tandem's, each by name: those of the old application keep their time.
    """
    return function(
        "check_references",
        "p_table regclass",
        """
  SELECT string_agg(format('%I.%I', n.nspname, c.conname), ', ') INTO v_names
  FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
  JOIN pg_class referred ON referred.oid = c.confrelid AND referred.relnamespace = c.connamespace
  WHERE c.confrelid = p_table AND c.contype = 'f' AND c.condeferrable;
  EXECUTE 'SET CONSTRAINTS ' || v_names || ' IMMEDIATE';
  EXECUTE 'SET CONSTRAINTS ' || v_names || ' DEFERRED';""",
        declare="v_names text;",
    )


def _drop_sessions(old: OldSide) -> str:
    """Sessions that go with their student are the student's to settle."""
    student = f"{old.relation(STUDENT)} s WHERE s.{old.column(STUDENT, 'id')} = x.student_id"
    return function(
        "drop_sessions",
        "p_ids text[]",
        f"""
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session' AND source_id = ANY (p_ids);
  PERFORM FROM people_student WHERE id = ANY (ARRAY(
    SELECT student_id FROM lessons_session WHERE id = ANY (p_ids))) ORDER BY id FOR NO KEY UPDATE;
  v_ids := ARRAY(SELECT x.id FROM lessons_session x
    WHERE x.id = ANY (p_ids) AND EXISTS (SELECT FROM {student}));
  PERFORM {SYNC}.tell_removed(v_ids);
  DELETE FROM lessons_session WHERE id = ANY (v_ids);""",
        declare="v_ids text[];",
    )
