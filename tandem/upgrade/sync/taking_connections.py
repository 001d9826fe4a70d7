"""What Tandem takes of StudentTutorConnection, where a half-moved database has it."""

from tandem.upgrade.gradual.old_side import SYNC
from tandem.upgrade.mapping.relationships import STATUS
from tandem.upgrade.mapping.terms import faults
from tandem.upgrade.sync.facts import LiveFacts
from tandem.upgrade.sync.functions import function


def connection_functions(facts: LiveFacts) -> list[str]:
    return [_take(facts), _drop()]


def _take(facts: LiveFacts) -> str:
    """A connection of the student's own tutor and subject is the primary, not a second row."""
    began = facts.on_date("coalesce(old.start_date, old.created_at, now())")
    fault = faults(
        ("unknown_status", f"{STATUS} IS NULL"),
        ("no_end_date", "v_row.status = 'ended' AND v_row.ended_on IS NULL"),
        ("end_date_on_open", "v_row.status <> 'ended' AND v_row.ended_on IS NOT NULL"),
        ("ends_before_start", "v_row.ended_on < v_row.started_on"),
    )
    return function(
        "take_connection",
        "p_id text",
        f"""
  SELECT * INTO old FROM {SYNC}.connection WHERE id = p_id;
  IF NOT FOUND OR NOT EXISTS (SELECT FROM people_student WHERE id = old.student_id) THEN RETURN; END IF;
  PERFORM {SYNC}.need_tutor(old.tutor_id);
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = old.tutor_id) THEN
    PERFORM {SYNC}.list_unlinked('StudentTutorConnection', p_id, 'no_tutor');
    RETURN;
  END IF;
  PERFORM FROM people_student WHERE id = old.student_id FOR NO KEY UPDATE;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
  v_before := v_row;
  v_row.status := coalesce({STATUS}, 'paused');
  IF v_row.is_primary AND v_row.status = 'pending' THEN v_row.status := v_before.status; END IF;
  IF v_known AND v_row.status = v_before.status THEN v_row.ended_on := v_before.ended_on;
  ELSE v_row.ended_on := {facts.on_date("old.end_date")}; END IF;
  v_row.subject_id := {SYNC}.subject_id(old.subject);
  IF NOT v_known THEN
    v_row.id := p_id; v_row.tutor_id := old.tutor_id; v_row.student_id := old.student_id;
    v_row.started_on := {began}; v_row.kind := 'regular'; v_row.is_primary := false;
    v_row.end_reason := ''; v_row.created_at := coalesce(old.created_at, now());
    v_row.updated_at := coalesce(old.updated_at, now());
  END IF;
  v_row.legacy_fault := {fault};
  IF NOT v_known THEN
    PERFORM {SYNC}.start(v_row, 'imported', jsonb_build_object('source', 'connection', 'old',
      jsonb_strip_nulls(jsonb_build_object('status', old.status, 'subject', old.subject))));
    PERFORM {SYNC}.promote_heir(old.student_id);
  ELSIF (v_row.status, v_row.subject_id, v_row.ended_on, v_row.legacy_fault)
      IS DISTINCT FROM (v_before.status, v_before.subject_id, v_before.ended_on, v_before.legacy_fault)
    AND v_before.legacy_fault <> 'overlap' THEN
    IF v_row.status NOT IN ('active', 'paused') THEN v_row.is_primary := false; END IF;
    UPDATE relationships_tutorstudent SET legacy_fault = v_row.legacy_fault WHERE id = p_id;
    PERFORM {SYNC}.change(v_row, CASE v_row.status WHEN 'active' THEN 'resumed' WHEN 'paused' THEN 'paused'
      WHEN 'ended' THEN 'ended' WHEN 'declined' THEN 'declined' ELSE 'requested' END,
      jsonb_build_object('status', v_row.status, 'subject', v_row.subject_id, 'ended_on', v_row.ended_on,
        'is_primary', v_row.is_primary), '{{}}');
    PERFORM {SYNC}.promote_heir(old.student_id);
  END IF;
  PERFORM {SYNC}.teaches(v_row.tutor_id, v_row.subject_id);
  PERFORM {SYNC}.take_unlinked(old.student_id);
  PERFORM {SYNC}.show_student(old.student_id);""",
        declare=f"old {SYNC}.connection; v_row relationships_tutorstudent;"
        " v_before relationships_tutorstudent; v_known boolean;",
    )


def _drop() -> str:
    """The sessions of a connection that is deleted stay; so does the relationship, ended."""
    return function(
        "drop_connection",
        "p_id text",
        f"""
  DELETE FROM upgrade_unlinkedlegacyrow
  WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM lessons_session WHERE tutor_student_id = p_id) THEN
    PERFORM {SYNC}.forget_links(ARRAY[p_id]);
  ELSIF v_row.status <> 'ended' THEN
    PERFORM {SYNC}.close(v_row, 'ended', '{{}}');
  END IF;
  PERFORM {SYNC}.promote_heir(v_row.student_id);
  PERFORM {SYNC}.show_student(v_row.student_id);""",
        declare="v_row relationships_tutorstudent;",
    )
