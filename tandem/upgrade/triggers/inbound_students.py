"""What Tandem takes from the old side of students: the person, and whom the row names as tutor."""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, PARENT, SESSION, STUDENT, Column
from tandem.upgrade.mapping import people
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.facts import one_row, some_rows
from tandem.upgrade.triggers.functions import function
from tandem.upgrade.triggers.inbound_values import as_said
from tandem.upgrade.triggers.unshown import NEW_TABLES
from tandem.upgrade.triggers.views_of_expected import same, taught_person
from tandem.upgrade.triggers.views_of_made import named
from tandem.upgrade.triggers.waiting import IN_HAND

UNIQUE = ("email", "auth_subject", "parent_link_token")


def student_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    yield _take_student(old, zone)
    yield _take_students(old, zone)


def _take_student(old: OldSide, zone: str) -> str:
    """``p_new``: the row was inserted just now. Any other that Tandem lacks, the backfill brings.

    Nobody waits for the tutor of such a one. A batch that was bringing the student has ended by now:
    it holds the row, which was written after.
    """
    facts = one_row(old, zone, STUDENT)
    made = people.students(facts).columns
    columns_of_made, values_of_made = ", ".join(made), ", ".join(f"v_made.{c}" for c in made)
    columns = {c.name: c for c in STUDENT.columns}
    differs = {
        name: f"NOT ({same(STUDENT, columns[name])})" for name in ("tutorId", "subject", "active")
    }
    made_at = people.made_at(facts, "said")
    first = facts.on_date(
        f"least(now(), {made_at}, (SELECT min(start_time) FROM {SYNC}.session WHERE student_id = p_id))"
    )
    today = f"{SYNC}.today()"
    return function(
        "take_student",
        "p_id text, p_new boolean",
        f"""
  SELECT * INTO said FROM {SYNC}.student WHERE id = p_id;
  IF NOT FOUND OR NOT (p_new OR EXISTS (SELECT FROM people_student WHERE id = p_id)) THEN RETURN; END IF;
  IF said.tutor_id IS NOT NULL THEN PERFORM {SYNC}.need_tutor(said.tutor_id); END IF;
  PERFORM FROM people_student WHERE id = p_id FOR NO KEY UPDATE;
  v_known := FOUND;
  IF NOT (v_known OR p_new) THEN RETURN; END IF;
  DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Student' AND source_id = p_id;
  v_came_back := FOUND;
  SELECT * INTO v_made FROM {SYNC}.made_student WHERE id = p_id;
{_refuse_twins()}
  IF v_known THEN
    SELECT * INTO shown FROM {SYNC}.shown_student WHERE id = p_id;
    SELECT * INTO v_main FROM relationships_tutorstudent
    WHERE id = {SYNC}.main_of(p_id) FOR NO KEY UPDATE;
  ELSE -- of whom nothing was shown, and whom nobody teaches
    INSERT INTO people_student ({columns_of_made}) VALUES ({values_of_made});
  END IF;
  v_moved := {differs["tutorId"]};
  v_renamed := {differs["subject"]};
  v_switched := {differs["active"]};
  v_status := CASE WHEN coalesce(said.active, true) THEN 'active' ELSE 'paused' END;
  IF v_moved OR v_renamed OR v_switched THEN {_heard_now("ARRAY[p_id]")} END IF;
  v_ahead := v_known AND EXISTS (SELECT FROM {SYNC}.shown_until WHERE student_id = p_id);
  v_turned := v_ahead AND (v_moved OR v_renamed OR v_switched) AND {SYNC}.is_behind(p_id);
  IF v_turned THEN -- the old side decided of what it was shown; what it did not touch the day turned
    PERFORM {SYNC}.arrange_shown(ARRAY[p_id]);
    SELECT * INTO shown FROM {SYNC}.shown_student WHERE id = p_id;
    SELECT * INTO v_main FROM relationships_tutorstudent
    WHERE id = {SYNC}.main_of(p_id) FOR NO KEY UPDATE;
    v_moved := v_moved AND {differs["tutorId"]};
  END IF;
  IF v_known THEN
    UPDATE people_student there SET
      {as_said(old, STUDENT)},
      legacy_fault = v_made.legacy_fault
    WHERE there.id = p_id
      AND (there.legacy_fault <> v_made.legacy_fault OR NOT ({_all_of(old)}));
    UPDATE people_student SET active = coalesce(said.active, true)
    WHERE id = p_id AND said.tutor_id IS NULL AND active <> coalesce(said.active, true);
  END IF;
  IF said.tutor_id IS NOT NULL AND EXISTS (SELECT FROM people_tutor WHERE id = said.tutor_id) THEN
    v_subject := {SYNC}.subject_id(said.subject);
    IF v_main.id IS NULL THEN
      IF shown.relationship_id IS NULL OR v_moved OR (v_switched AND v_status = 'active') THEN
{_begin(first, today, made_at)}
      END IF;
    ELSIF v_moved THEN
      PERFORM {SYNC}.transfer(v_main, said.tutor_id, v_subject,
        CASE WHEN v_switched OR v_status = 'paused' THEN v_status ELSE v_main.status END);
    ELSE
      IF v_renamed AND v_subject IS DISTINCT FROM v_main.subject_id AND {SYNC}.turn_to(v_main, v_subject) THEN
        v_turned := true; -- who was the primary one is shown as a further one
        SELECT * INTO v_main FROM relationships_tutorstudent
        WHERE id = {SYNC}.main_of(p_id) FOR NO KEY UPDATE;
      ELSIF v_renamed AND v_subject IS DISTINCT FROM v_main.subject_id AND NOT v_main.is_primary
        AND {SYNC}.overlaps_another(v_main.id, v_main.tutor_id, p_id, v_subject, v_main.started_on,
          v_main.ended_on, v_main.status)
      THEN -- with that fault it would be the primary one on no day: so it is another from today
        PERFORM {SYNC}.transfer(v_main, said.tutor_id, v_subject, v_main.status);
        v_turned := true;
        SELECT * INTO v_main FROM relationships_tutorstudent
        WHERE id = {SYNC}.main_of(p_id) FOR NO KEY UPDATE;
      ELSIF v_renamed AND v_subject IS DISTINCT FROM v_main.subject_id THEN
        v_details := jsonb_build_object('from', v_main.subject_id);
        v_main.subject_id := v_subject;
        PERFORM {SYNC}.change(v_main, 'subject_changed', jsonb_build_object('subject', v_subject), v_details);
        PERFORM {SYNC}.teaches(v_main.tutor_id, v_subject);
      END IF;
      IF v_switched AND v_main.status <> v_status THEN
        v_main.status := v_status;
        PERFORM {SYNC}.change(v_main, CASE v_status WHEN 'active' THEN 'resumed' ELSE 'paused' END,
          jsonb_build_object('status', v_status), '{{}}');
      END IF;
    END IF;
  ELSIF v_main.id IS NOT NULL AND v_moved THEN
    PERFORM {SYNC}.close(v_main, 'ended', '{{}}');
    PERFORM {SYNC}.held_outside(v_main.id);
    PERFORM {SYNC}.promote_heir(p_id);
    PERFORM {SYNC}.show_student(p_id);
  END IF;
{_with_connections() if old.has(CONNECTION) else ""}
  IF v_turned THEN PERFORM {SYNC}.show_turned(p_id);
  ELSIF v_ahead THEN PERFORM {SYNC}.show_student(p_id); -- which may be no longer so
  ELSE PERFORM {SYNC}.show_if_changed(p_id); END IF;
  IF NOT v_known THEN
{_with_all_that_is_theirs(old)}
  ELSIF v_main.id IS NULL OR v_moved THEN
    PERFORM {SYNC}.take_unlinked(ARRAY[p_id]);
  END IF;
  IF v_came_back THEN
{_show_what_was_kept(old)}
  END IF;""",
        declare=f"""
  said {SYNC}.student; shown {SYNC}.shown_student; v_made record; v_known boolean; v_came_back boolean;
  v_moved boolean; v_renamed boolean; v_switched boolean; v_ahead boolean; v_turned boolean; v_status text;
  v_main relationships_tutorstudent; v_plans relationships_primaryperiod[];
  v_subject text; v_link text; v_details jsonb; v_new relationships_tutorstudent;""",
    )


def _with_all_that_is_theirs(old: OldSide) -> str:
    """What was written of a student before Tandem had the student was not taken then."""
    others = "\n".join(
        f"    PERFORM {SYNC}.take_{table.row_name}(id) FROM (SELECT id FROM {SYNC}.{table.row_name}"
        " WHERE student_id = p_id ORDER BY id) AS theirs;"
        for table in (CONNECTION, PARENT)
        if old.has(table)
    )
    ids = f"SELECT id FROM {SYNC}.session WHERE student_id = p_id ORDER BY id"
    return f"{others}\n    PERFORM {SYNC}.take_sessions(ARRAY({ids}));"


def _show_what_was_kept(old: OldSide) -> str:
    """What Tandem kept of a student whom the old application had deleted stands there again."""
    return "\n".join(
        f"    PERFORM {SYNC}.show_{table.row_name}(id) FROM (SELECT id FROM {NEW_TABLES[table]}"
        " WHERE student_id = p_id ORDER BY id) AS theirs;"
        for table in (CONNECTION, SESSION)
        if old.has(table)
    )


def _take_students(old: OldSide, zone: str) -> str:
    """Those of whom but the person or the tutor changed are taken as a set; the others one by one.

    A value that only one student can have is looked at for each by itself.
    """
    made_of = people.students(some_rows(old, zone, STUDENT, "(SELECT said.*)"))

    def alike(*names: str) -> str:
        return " AND ".join(same(STUDENT, c) for c in old.columns(STUDENT) if c.name in names)

    return function(
        "take_students",
        "p_ids text[], p_new boolean",
        f"""
  IF p_new AND NOT EXISTS (SELECT FROM people_student WHERE id = ANY (p_ids)) THEN
    PERFORM {SYNC}.take_student(id, true) FROM (SELECT id FROM unnest(p_ids) AS given (id) ORDER BY 1) AS new;
    RETURN;
  END IF;
  SELECT array_agg(said.id) FILTER (WHERE {alike("tutorId", "subject", "active")}),
    array_agg(said.id ORDER BY said.id) FILTER (WHERE NOT {alike("tutorId")})
  INTO v_whole, v_moving FROM {SYNC}.student said JOIN {SYNC}.shown_student shown ON shown.id = said.id
    JOIN people_tutor tutor ON tutor.id = said.tutor_id
  WHERE said.id = ANY (p_ids) AND shown.is_taught AND shown.legacy_fault = ''
    AND {alike("userId", "email", "parentLinkToken")};
  IF v_moving IS NOT NULL THEN
    v_moved := {SYNC}.transfer_students(v_moving);
    v_whole := v_whole || v_moved;
  END IF;
  IF v_whole IS NOT NULL THEN
    WITH said AS MATERIALIZED (SELECT * FROM {SYNC}.student WHERE id = ANY (v_whole))
    UPDATE people_student there SET
      {as_said(old, STUDENT)},
      legacy_fault = v_made.legacy_fault
    FROM said JOIN people_student before ON before.id = said.id
      CROSS JOIN LATERAL (SELECT {taught_person("before")}) shown
      CROSS JOIN LATERAL ({named(made_of)}) v_made
    WHERE there.id = said.id AND (there.legacy_fault <> v_made.legacy_fault OR NOT ({_all_of(old)}));
  END IF;
  IF v_moved <> '{{}}' THEN
{_with_all_connections() if old.has(CONNECTION) else ""}    PERFORM {SYNC}.take_unlinked(v_moved);
  END IF;
  IF cardinality(v_whole) = cardinality(p_ids) THEN RETURN; END IF;
  PERFORM {SYNC}.take_student(id, p_new) FROM (SELECT id FROM unnest(p_ids) AS given (id)
    WHERE id NOT IN (SELECT unnest(v_whole)) ORDER BY 1) AS others;""",
        declare="v_whole text[]; v_moving text[]; v_moved text[]; v_student text;",
    )


def _with_all_connections() -> str:
    """SQL: `_with_connections` of those who have any."""
    return f"""    {_heard_now("v_moved")}
    FOR v_student IN SELECT DISTINCT c.student_id FROM {SYNC}.connection c
      WHERE c.student_id = ANY (v_moved) ORDER BY 1
    LOOP
      PERFORM {SYNC}.stand_for_primary(v_student);
      PERFORM {SYNC}.show_connection(id) FROM (SELECT c.id FROM {SYNC}.connection c
        JOIN relationships_tutorstudent r ON r.id = c.id WHERE c.student_id = v_student ORDER BY 1) AS theirs;
      PERFORM {SYNC}.show_if_changed(v_student);
    END LOOP;
"""


def _heard_now(students: str) -> str:
    """SQL: what is noted of these students is heard: else nothing that comes of it would be shown.

    Who takes notes knows which: others may be written just now. All others have locked the old rows.
    """
    return f"""IF NOT {SYNC}.shows_later() AND current_setting('tandem.taking_notes', true) IS DISTINCT FROM 'on' THEN
    DELETE FROM {SYNC}.missed WHERE source_table = 'Student' AND source_id = ANY ({students})
      AND operation <> 'show' AND why = {literal(IN_HAND)};
  END IF;"""


def _begin(first: str, today: str, made_at: str) -> str:
    """The first relationship is what the mapping would make of the row; a later one starts today."""
    return f"""
        v_plans := {SYNC}.plans_of(p_id);
        v_new.id := tandem_ulid({made_at}, 'primary ' || p_id);
        IF EXISTS (SELECT FROM relationships_tutorstudent WHERE id = v_new.id) THEN
          v_new.id := {SYNC}.new_id();
        END IF;
        v_new.started_on := CASE WHEN shown.relationship_id IS NULL THEN {first} ELSE {today} END;
        v_new.created_at := CASE WHEN shown.relationship_id IS NULL THEN {made_at} ELSE now() END;
        v_new.updated_at := CASE WHEN shown.relationship_id IS NULL
          THEN coalesce(said.updated_at, now()) ELSE now() END;
        v_new.tutor_id := said.tutor_id; v_new.student_id := p_id; v_new.subject_id := v_subject;
        v_new.status := v_status; v_new.is_primary := NOT {SYNC}.has_mark(p_id); v_new.kind := 'regular';
        v_new.end_reason := ''; v_new.legacy_fault := '';
        PERFORM {SYNC}.start(v_new, CASE WHEN shown.relationship_id IS NULL THEN 'imported'
          ELSE 'started' END, '{{"source": "student", "old": {{}}}}' || CASE WHEN v_new.is_primary
          THEN '{{}}' ELSE jsonb_build_object('primary_since', v_new.started_on) END);
        IF NOT v_new.is_primary THEN
          PERFORM {SYNC}.primary_until_plans(p_id, v_new.id, v_new.started_on, v_plans);
        END IF;
        -- Whom nobody taught was shown inactive; from now on that is for the old side to say.
        UPDATE people_student SET active = coalesce(said.active, true)
        WHERE id = p_id AND active <> coalesce(said.active, true);"""


def _with_connections() -> str:
    """A connection may be what is the primary now, and says what has become of the one before.

    One that Tandem lacks still is for who takes it.
    """
    return f"""  PERFORM {SYNC}.stand_for_primary(p_id);
  FOR v_link IN SELECT c.id FROM {SYNC}.connection c JOIN relationships_tutorstudent r ON r.id = c.id
    WHERE c.student_id = p_id ORDER BY 1
  LOOP
    PERFORM {SYNC}.show_connection(v_link);
  END LOOP;"""


def _refuse_twins() -> str:
    """A value that only one student can have, and another has, is left on the old side."""
    return "\n".join(
        f"""  IF EXISTS (SELECT FROM people_student other
             WHERE other.{column} = v_made.{column} AND other.id <> p_id) THEN
    v_made.{column} := NULL;
    v_made.legacy_fault := concat_ws(' ', nullif(v_made.legacy_fault, ''), 'duplicate_value');
  END IF;"""
        for column in UNIQUE
    )


def _all_of(old: OldSide) -> str:
    columns: list[Column] = [
        c for c in old.columns(STUDENT) if c.name not in {"tutorId", "subject"}
    ]
    return " AND ".join(same(STUDENT, column) for column in columns)
