"""What Tandem takes of StudentTutorConnection, where a half-moved database has it."""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import CONNECTION, SESSION
from tandem.upgrade.mapping.people import made_at
from tandem.upgrade.mapping.relationships import STATUS
from tandem.upgrade.mapping.subjects import NOT_CHOSEN
from tandem.upgrade.mapping.terms import faults, literal
from tandem.upgrade.sync.ends import decided, has_end, is_open
from tandem.upgrade.sync.facts import LiveFacts
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.inbound_pairings import NEW_ID, count_from, insert_relationship
from tandem.upgrade.sync.views_of_expected import of_student_row, same


def connection_functions(old: OldSide, facts: LiveFacts) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    yield _stands_for_the_primary()
    yield _make_way()
    yield _take(old, facts)
    yield _stays_as_the_primary(facts)
    yield _drop()


def _stands_for_the_primary() -> str:
    """A connection of the student's own tutor and subject is the primary, not a second row.

    It comes to what a backfill would have made: its own dates, and a request of the tutor who
    teaches the student was accepted in fact. The history of both is kept.
    """
    none = literal(NOT_CHOSEN.lower())
    return function(
        "stand_for_primary",
        "p_student text",
        f"""
  SELECT r.* INTO v_main FROM relationships_tutorstudent r WHERE r.student_id = p_student AND r.is_primary
    AND {of_student_row("r.id")} AND NOT EXISTS (SELECT FROM {SYNC}.connection c WHERE c.id = r.id)
  FOR NO KEY UPDATE OF r;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT r.* INTO v_row FROM relationships_tutorstudent r JOIN {SYNC}.connection c ON c.id = r.id
  WHERE r.student_id = p_student AND r.tutor_id = v_main.tutor_id AND r.id <> v_main.id
    AND ({is_open("r")} OR r.status = 'pending') AND (r.subject_id IS NOT DISTINCT FROM v_main.subject_id
      OR v_main.subject_id IS NULL OR v_main.subject_id = (SELECT id FROM {SYNC}.subject WHERE key = {none}))
  ORDER BY r.subject_id IS DISTINCT FROM v_main.subject_id, array_position(ARRAY['active', 'paused', 'pending'], r.status), r.created_at, r.id
  LIMIT 1 FOR NO KEY UPDATE OF r;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM {SYNC}.carry_over(v_main, v_row.id);
  IF (SELECT start_date IS NULL FROM {SYNC}.connection WHERE id = v_row.id) THEN
    v_row.started_on := least(v_row.started_on, v_main.started_on);
  END IF;
  IF v_row.status = 'pending' THEN v_row.status := v_main.status; END IF;
  v_row.is_primary := true;
  v_row.legacy_fault := array_to_string(array_remove(string_to_array(v_row.legacy_fault, ' '), 'overlap'), ' ');
  UPDATE relationships_tutorstudent SET transferred_from_id = v_main.transferred_from_id,
    notes = coalesce(notes, v_main.notes) WHERE id = v_row.id;
  {count_from("v_row.started_on::text")}
  PERFORM {SYNC}.change(v_row, 'made_primary', jsonb_build_object('is_primary', true, 'status',
    v_row.status, 'subject', v_row.subject_id, 'started_on', v_row.started_on, 'ended_on', v_row.ended_on,
    'transferred_from', v_main.transferred_from_id),
    jsonb_build_object('source', 'connection', 'primary_since', v_row.started_on));
  {count_from("''")}
  PERFORM {SYNC}.held_outside(v_row.id);""",
        declare="v_main relationships_tutorstudent; v_row relationships_tutorstudent;",
    )


def _make_way() -> str:
    """A connection that is given to others leaves what was held to those who held it."""
    return function(
        "make_way",
        "p_row relationships_tutorstudent",
        f"""
  IF NOT EXISTS (SELECT FROM lessons_session WHERE tutor_student_id = p_row.id)
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_row.id)
  THEN
    PERFORM {SYNC}.forget_links(ARRAY[p_row.id]);
    RETURN;
  END IF;
  IF NOT {has_end("p_row")} THEN
    PERFORM {SYNC}.close(p_row, 'ended', '{{}}');
    SELECT * INTO p_row FROM relationships_tutorstudent WHERE id = p_row.id;
  END IF;
  v_row := p_row;
  v_row.id := {NEW_ID}; v_row.legacy_fault := 'overlap'; v_row.transferred_from_id := NULL;
  {insert_relationship("v_row")}
  PERFORM {SYNC}.carry_over(p_row, v_row.id);
  UPDATE relationships_tutorstudent SET transferred_from_id = p_row.transferred_from_id,
    legacy_fault = p_row.legacy_fault WHERE id = v_row.id;
  INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
  VALUES ('StudentTutorConnection', v_row.id, now());
  FOR v_session IN SELECT id FROM lessons_session WHERE tutor_student_id = v_row.id ORDER BY id LOOP
    PERFORM {SYNC}.show_session(v_session);
  END LOOP;
  PERFORM {SYNC}.promote_heir(p_row.student_id);""",
        declare="v_row relationships_tutorstudent; v_session text;",
    )


def _take(old: OldSide, facts: LiveFacts) -> str:
    """What the connection says that Tandem does not say already is taken, with its line of history."""
    began = facts.on_date(f"coalesce(old.start_date, {made_at(facts, 'old')})")
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
    PERFORM {SYNC}.list_ownerless('StudentTutorConnection', p_id, old.student_id);
    RETURN;
  END IF;
  PERFORM {SYNC}.need_tutor(old.tutor_id);
  IF NOT EXISTS (SELECT FROM people_tutor WHERE id = old.tutor_id) THEN
    PERFORM {SYNC}.list_unlinked('StudentTutorConnection', p_id, 'no_tutor');
    RETURN;
  END IF;
  DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  PERFORM FROM people_student WHERE id = old.student_id FOR NO KEY UPDATE;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
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
  ELSIF v_row.legacy_fault <> v_before.legacy_fault AND v_before.legacy_fault <> 'overlap' THEN
    UPDATE relationships_tutorstudent SET legacy_fault = v_row.legacy_fault WHERE id = p_id;
  END IF;
  PERFORM {SYNC}.stand_for_primary(old.student_id);
  PERFORM {SYNC}.promote_heir(old.student_id);
  PERFORM {SYNC}.teaches(v_row.tutor_id, v_row.subject_id);
  PERFORM {SYNC}.take_unlinked(ARRAY[old.student_id]);
  PERFORM {SYNC}.show_student(old.student_id);{_with_its_sessions(old)}""",
        declare=f"old {SYNC}.connection; shown {SYNC}.shown_connection; v_known boolean; v_was text; v_is text;"
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


def _stays_as_the_primary(facts: LiveFacts) -> str:
    """The connection of the student's own tutor goes, and Student.tutorId says the same as before.

    What is left is what a backfill would have made of the student's row, with all its history.
    """
    made = made_at(facts, "said")
    first = facts.on_date(
        f"least({made}, (SELECT min(starts_at) FROM lessons_session WHERE tutor_student_id = v_row.id))"
    )
    return function(
        "stay_primary",
        "p_row relationships_tutorstudent",
        f"""
  SELECT * INTO said FROM {SYNC}.student WHERE id = p_row.student_id;
  v_row := p_row;
  v_row.id := tandem_ulid({made}, 'primary ' || said.id);
  IF EXISTS (SELECT FROM relationships_tutorstudent WHERE id = v_row.id) THEN v_row.id := {NEW_ID}; END IF;
  v_row.is_primary := false; v_row.legacy_fault := 'overlap'; v_row.transferred_from_id := NULL;
  {insert_relationship("v_row")}
  PERFORM {SYNC}.carry_over(p_row, v_row.id);
  UPDATE relationships_tutorstudent SET transferred_from_id = p_row.transferred_from_id WHERE id = v_row.id;
  v_row.is_primary := true; v_row.legacy_fault := ''; v_row.ended_on := NULL;
  v_row.status := CASE WHEN coalesce(said.active, true) THEN 'active' ELSE 'paused' END;
  v_row.subject_id := {SYNC}.subject_id(said.subject);
  v_row.started_on := {first};
  {count_from("v_row.started_on::text")}
  PERFORM {SYNC}.change(v_row, 'started', jsonb_build_object('status', v_row.status, 'subject',
    v_row.subject_id, 'started_on', v_row.started_on, 'ended_on', NULL, 'is_primary', true),
    '{{"source": "student"}}');
  {count_from("''")}
  PERFORM {SYNC}.teaches(v_row.tutor_id, v_row.subject_id);
  PERFORM {SYNC}.held_outside(v_row.id);""",
        declare=f"said {SYNC}.student; v_row relationships_tutorstudent;",
    )


def _drop() -> str:
    """Sessions of a connection that is deleted stay; so does the relationship, ended.

    It stays also where another took over from it. One that goes with its student goes with
    everything that is its own.
    """
    return function(
        "drop_connection",
        "p_id text",
        f"""
  DELETE FROM upgrade_unlinkedlegacyrow
  WHERE source_table = 'StudentTutorConnection' AND source_id = p_id;
  SELECT * INTO v_row FROM relationships_tutorstudent WHERE id = p_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN RETURN; END IF;
  PERFORM FROM people_student WHERE id = v_row.student_id FOR NO KEY UPDATE;
  SELECT tutor_id INTO v_tutor FROM {SYNC}.student WHERE id = v_row.student_id;
  IF NOT FOUND THEN
    PERFORM {SYNC}.forget_links(ARRAY[p_id]);
    RETURN;
  END IF;
  IF v_row.is_primary AND v_row.tutor_id = v_tutor THEN
    PERFORM {SYNC}.stay_primary(v_row);
  ELSIF NOT EXISTS (SELECT FROM lessons_session WHERE tutor_student_id = p_id)
    AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE transferred_from_id = p_id)
  THEN
    PERFORM {SYNC}.forget_links(ARRAY[p_id]);
  ELSE
    IF NOT {has_end("v_row")} THEN PERFORM {SYNC}.close(v_row, 'ended', '{{}}'); END IF;
    PERFORM {SYNC}.held_outside(p_id);
    INSERT INTO upgrade_gonefromoldside (source_table, source_id, at)
    VALUES ('StudentTutorConnection', p_id, now()) ON CONFLICT DO NOTHING;
  END IF;
  PERFORM {SYNC}.promote_heir(v_row.student_id);
  PERFORM {SYNC}.show_student(v_row.student_id);
  IF NOT EXISTS (SELECT FROM {SYNC}.tutor WHERE id = v_row.tutor_id) THEN
    PERFORM {SYNC}.drop_tutor(v_row.tutor_id); -- who went first was kept for this relationship
  END IF;""",
        declare="v_row relationships_tutorstudent; v_tutor text;",
    )
