"""What Tandem takes of StudentTutorConnection, where a half-moved database has it."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION
from tandem.upgrade.mapping.people import made_at
from tandem.upgrade.mapping.relationships import STATUS
from tandem.upgrade.mapping.terms import faults
from tandem.upgrade.triggers.ends import decided
from tandem.upgrade.triggers.facts import LiveFacts
from tandem.upgrade.triggers.functions import function
from tandem.upgrade.triggers.views_of_expected import same


def connection_functions(old: OldSide, facts: LiveFacts) -> Iterator[str]:
    """Yield the function that takes one; the others are in ``connections.sql``."""
    yield _take(old, facts)


def _take(old: OldSide, facts: LiveFacts) -> str:
    """What the connection says that Tandem does not say already is taken, with its line of history."""
    began = facts.on_date(f"coalesce(old.start_date, least(now(), {made_at(facts, 'old')}))")
    fault = faults(
        ("unknown_status", f"{STATUS} IS NULL"),
        ("no_end_date", "v_row.status = 'ended' AND v_row.ended_on IS NULL"),
        ("end_date_on_open", "v_row.status <> 'ended' AND v_row.ended_on IS NOT NULL"),
        ("ends_before_start", "v_row.ended_on < v_row.started_on"),
    )
    columns = {c.name: c for c in old.columns(CONNECTION)}
    changes = "\n".join(
        f"    IF NOT {same(CONNECTION, columns[name], 'old')} THEN v_row.{column} := {value}; END IF;"
        for name, column, value in (
            ("status", "status", f"coalesce({STATUS}, 'paused')"),
            ("subject", "subject_id", f"{SYNC}.subject_id(old.subject)"),
            ("startDate", "started_on", facts.on_date("old.start_date")),
            ("endDate", "ended_on", facts.on_date("old.end_date")),
        )
        if name in columns
    )
    return function(
        "take_connection",
        "p_id text",
        f"""
  SELECT * INTO old FROM {SYNC}.connection WHERE id = p_id;
  IF NOT FOUND THEN RETURN; END IF;
  IF NOT EXISTS (SELECT FROM people_student WHERE id = old.student_id) THEN
    IF NOT EXISTS (SELECT FROM {SYNC}.student WHERE id = old.student_id) THEN
      PERFORM {SYNC}.given_to_nobody(p_id);
    END IF;
    PERFORM {SYNC}.list_ownerless('StudentTutorConnection', p_id, old.student_id);
    RETURN;
  END IF;
  PERFORM {SYNC}.need_tutor(old.tutor_id);
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = old.tutor_id) THEN
    PERFORM {SYNC}.given_to_nobody(p_id);
    PERFORM {SYNC}.list_unlinked('StudentTutorConnection', p_id, 'no_tutor');
    RETURN;
  END IF;
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  PERFORM FROM people_student WHERE id = old.student_id FOR NO KEY UPDATE;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
  v_main := {SYNC}.main_of(old.student_id);
  IF v_known AND (v_row.tutor_id, v_row.student_id) <> (old.tutor_id, old.student_id) THEN
    PERFORM {SYNC}.make_way(v_row);
    v_known := false;
    v_row := NULL;
  END IF;
  v_before := v_row;
  IF v_known THEN
    SELECT * INTO shown FROM {SYNC}.shown_connection WHERE id = p_id;
    v_was := shown.status;
    v_row.status := v_was; -- in the words of the old side, which has one for what has an end
{changes}
    v_row.is_primary := v_row.is_primary AND v_row.status IN ('active', 'paused');
  ELSE
    v_row.status := coalesce({STATUS}, 'paused'); v_row.subject_id := {SYNC}.subject_id(old.subject);
    v_row.ended_on := {facts.on_date("old.end_date")}; v_row.started_on := {began};
    v_row.id := p_id; v_row.tutor_id := old.tutor_id; v_row.student_id := old.student_id;
    v_row.kind := 'regular'; v_row.is_primary := false; v_row.end_reason := '';
    v_row.created_at := {made_at(facts, "old")};
    v_row.updated_at := coalesce(old.updated_at, old.created_at, now());
  END IF;
  v_row.legacy_fault := concat_ws(' ', old.read_fault, nullif({fault}, ''));
  v_is := v_row.status;
  v_row.status := {decided("v_is", "v_row.ended_on", "v_before.status")};
  IF NOT v_known THEN
    PERFORM {SYNC}.start(v_row, 'imported', jsonb_build_object('source', 'connection', 'old',
      jsonb_strip_nulls(jsonb_build_object('status', old.status, 'subject', old.subject,
        'requestMessage', old.request_message, 'responseMessage', old.response_message,
        'startDate', old.start_date, 'endDate', old.end_date))));
  ELSIF (v_is, v_row.subject_id, v_row.started_on, v_row.ended_on) IS DISTINCT FROM
      (v_was, v_before.subject_id, v_before.started_on, v_before.ended_on) THEN
    PERFORM {SYNC}.change(v_row, CASE
        WHEN v_is = v_was AND v_row.subject_id IS DISTINCT FROM v_before.subject_id THEN 'subject_changed'
        WHEN v_is = v_was THEN 'started'
        WHEN v_is = 'active' THEN 'resumed' WHEN v_is = 'pending' THEN 'requested' ELSE v_is END,
      jsonb_build_object('status', v_row.status, 'subject', v_row.subject_id, 'started_on',
        v_row.started_on, 'ended_on', v_row.ended_on, 'is_primary', v_row.is_primary), '{{}}');
    PERFORM {SYNC}.held_outside(p_id);
  ELSIF v_row.legacy_fault <> v_before.legacy_fault
    AND (v_row.legacy_fault, v_before.legacy_fault) <> ('', 'overlap')
  THEN
    UPDATE relationships_tutorstudent SET legacy_fault = {SYNC}.fault_with_overlap(v_row) WHERE id = p_id;
  END IF;
  PERFORM {SYNC}.stand_for_primary(old.student_id);
  PERFORM {SYNC}.promote_heir(old.student_id);
  PERFORM {SYNC}.teaches(v_row.tutor_id, v_row.subject_id);
  PERFORM {SYNC}.take_unlinked(ARRAY[old.student_id]);
  IF {SYNC}.main_of(old.student_id) IS DISTINCT FROM v_main
    OR (v_known AND v_row.subject_id IS DISTINCT FROM v_before.subject_id)
  THEN -- who taught until now may be a further tutor, or there is room for another connection
    PERFORM {SYNC}.show_turned(old.student_id);
  ELSE
    PERFORM {SYNC}.show_student(old.student_id);
  END IF;{_with_its_sessions(old)}""",
        declare=f"old {SYNC}.connection; shown {SYNC}.shown_connection; v_known boolean; v_was text; v_is text;"
        " v_main text;"
        " v_row relationships_tutorstudent; v_before relationships_tutorstudent;",
        rights="SET timezone = 'UTC'",  # JSON spells a moment in the session's zone
    )


def _with_its_sessions(old: OldSide) -> str:
    """SQL: what names a connection may have come before it, and gone to the primary meanwhile."""
    names = [
        f"s.{column.row_name} = {value}"
        for column in old.columns(SESSION)
        for name, value in (("connectionId", "p_id"), ("tutorId", "old.tutor_id"))
        if column.name == name
    ]
    if not names:
        return ""
    return f"""
  IF NOT v_known THEN
    PERFORM {SYNC}.take_sessions(ARRAY(SELECT s.id FROM {SYNC}.session s
      WHERE s.student_id = old.student_id AND ({" OR ".join(names)}) ORDER BY s.id));
  END IF;"""
