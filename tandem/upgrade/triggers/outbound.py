"""What the old side is shown of Tandem's rows: what its schema can say, and only where it differs.

These run at the end of Tandem's own transactions. They wait but a moment for a row that the old
application has in hand, so that it is Tandem who gives way and tries again.
"""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR, Table
from tandem.upgrade.mapping.terms import literal
from tandem.upgrade.triggers.functions import function
from tandem.upgrade.triggers.outbound_values import in_old_type, left_to_default, written
from tandem.upgrade.triggers.unheard import ANY_ROW
from tandem.upgrade.triggers.unshown import was_shown_now
from tandem.upgrade.triggers.views_of_expected import (
    all_same,
    has_connection,
    same,
    to_the_millisecond,
)
from tandem.upgrade.triggers.waiting import IN_HAND


def show_functions(old: OldSide) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    yield _says(old)
    yield _show_tutor(old)
    yield _show_missing_tutor(old)
    yield _show_session(old)
    yield _show_student(old)
    if old.has(CONNECTION):
        yield _show_connection(old)


def _says(old: OldSide) -> str:
    """What the old side says of a row as JSON, and whether that is what it is to be shown."""
    branches = "\n".join(
        f"""  IF p_table = {literal(table.name)} THEN
    RETURN QUERY SELECT coalesce(to_jsonb(said), 'null'),
      coalesce({all_same(old, table)}, said.id IS NULL AND shown.id IS NULL)
    FROM (VALUES (p_id)) AS given (id) LEFT JOIN {SYNC}.{table.row_name} said ON said.id = given.id
    LEFT JOIN {SYNC}.shown_{table.row_name} shown ON shown.id = given.id;
  END IF;"""
        for table in (TUTOR, STUDENT, SESSION, CONNECTION)
        if old.has(table)
    )
    return function(
        "says",
        "p_table text, p_id text",
        branches,
        returns="TABLE (base jsonb, as_shown boolean)",
        rights="STABLE SET timezone = 'UTC'",  # JSON spells a moment in the session's zone
    )


_TANDEMS_OWN = (
    "current_setting('tandem.showing', true) = 'on'"
    " AND current_setting('tandem.quiet', true) IS DISTINCT FROM 'on'"
)
"""SQL: it is Tandem's own action that is shown, at its end."""
NOTED = "v_base jsonb; v_said jsonb; v_noted boolean; v_unheard text[];"


def _begin(old: OldSide, table: Table) -> str:
    """SQL: note it for later, or go on; of what was noted, what changed there since is left.

    So is what the old application wrote while Tandem was alone, and a row that one of them made then.
    A row that says what Tandem has still to hear is left alone; whoever takes that shows it. While it
    is not known yet what has to be heard, what was noted is tried again later.
    """
    student = {
        TUTOR: "NULL",
        STUDENT: "p_id",
        SESSION: "(SELECT student_id FROM lessons_session WHERE id = p_id)",
        CONNECTION: "(SELECT student_id FROM relationships_tutorstudent WHERE id = p_id)",
    }[table]
    row = f"source_table = {literal(table.name)} AND source_id = p_id"
    return f"""
  IF {SYNC}.shows_later() THEN
    PERFORM {SYNC}.note_show({literal(table.name)}, p_id, {student});
    RETURN;
  END IF;
  SELECT base INTO v_base FROM {SYNC}.to_show WHERE {row};
  v_noted := FOUND;
  IF v_noted THEN
    IF EXISTS (SELECT FROM {SYNC}.unheard WHERE source_table = '{ANY_ROW}') THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {literal(IN_HAND)};
    END IF;
    PERFORM FROM {old.relation(table)} o WHERE o.{old.column(table, "id")} = p_id FOR NO KEY UPDATE;
    SELECT base INTO v_said FROM {SYNC}.says({literal(table.name)}, p_id);
    PERFORM {SYNC}.forget_show({literal(table.name)}, p_id);
    IF v_said = 'null' AND v_base <> 'null' THEN RETURN; END IF;
  ELSIF EXISTS ({_noted_to_be_heard(table)}) THEN
    RETURN;
  END IF;
  SELECT columns INTO v_unheard FROM {SYNC}.unheard
  WHERE source_table IN ('{ANY_ROW}', {literal(table.name)}) AND source_id IN ('{ANY_ROW}', p_id)
  ORDER BY columns NULLS FIRST LIMIT 1;
  IF FOUND AND v_unheard IS NULL THEN RETURN; END IF;"""


def _noted_to_be_heard(table: Table) -> str:
    """SQL: the notes of what the old side says of the row, and Tandem has not heard."""
    return (
        f"SELECT FROM {SYNC}.missed WHERE source_table = {literal(table.name)} AND source_id = p_id"
        f" AND why = {literal(IN_HAND)}"
    )


def _update(old: OldSide, table: Table) -> str:
    """SQL: write what differs; rows that say the same are left alone, spellings and all.

    What each side says is read here in one look, and so is whether there is something to be heard:
    whoever wrote or noted it may have ended since this was asked, and would be overwritten.
    """
    changes = ",\n      ".join(
        f"{old.column(table, c.name)} = CASE WHEN {same(table, c)} OR (v_noted"
        f" AND v_said -> '{c.row_name}' IS DISTINCT FROM v_base -> '{c.row_name}')"
        f" OR '{c.row_name}' = ANY (v_unheard)"
        f" THEN there.{old.column(table, c.name)}"
        f" ELSE {written(old, table, c)} END"
        for c in old.columns(table)
        if c.name not in {"id", "updatedAt"}
    )
    kind = old.cell(table, "updatedAt").type
    now = in_old_type(to_the_millisecond("clock_timestamp()"), kind)
    changed = in_old_type("shown.updated_at", kind)
    return f"""UPDATE {old.relation(table)} there SET
      {changes},
      {old.column(table, "updatedAt")} = CASE WHEN shown.updated_at > said.updated_at THEN {changed} ELSE {now} END
    FROM {SYNC}.{table.row_name} said JOIN {SYNC}.shown_{table.row_name} shown ON shown.id = said.id
    WHERE there.{old.column(table, "id")} = p_id AND said.id = p_id AND NOT ({all_same(old, table)}){_beside_unheard(old, table)}
      AND (v_noted OR NOT EXISTS ({_noted_to_be_heard(table)}))"""


def _beside_unheard(old: OldSide, table: Table) -> str:
    """SQL: there is something to write beside what the old side keeps until it is heard."""
    heard = " AND ".join(
        f"({same(table, c)} OR '{c.row_name}' = ANY (v_unheard))" for c in old.columns(table)
    )
    return f" AND (v_unheard IS NULL OR NOT ({heard}))"


def _insert(old: OldSide, table: Table) -> str:
    columns = [c for c in old.columns(table) if not left_to_default(old, table, c)]
    names = ", ".join(old.column(table, c.name) for c in columns)
    values = ", ".join(written(old, table, c) for c in columns)
    return f"INSERT INTO {old.relation(table)} ({names}) VALUES ({values})"


def _exists(old: OldSide, table: Table, row_id: str) -> str:
    return (
        f"EXISTS (SELECT FROM {old.relation(table)} o WHERE o.{old.column(table, 'id')} = {row_id})"
    )


def _delete(old: OldSide, table: Table) -> str:
    return f"DELETE FROM {old.relation(table)} WHERE {old.column(table, 'id')} = p_id"


def _show_tutor(old: OldSide) -> str:
    return function(
        "show_tutor",
        "p_id text",
        f"""
{_begin(old, TUTOR)}
  SELECT * INTO shown FROM {SYNC}.shown_tutor WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_unheard IS NULL AND NOT EXISTS (SELECT FROM people_tutor WHERE id = p_id) THEN
      {_delete(old, TUTOR)};
    END IF;
    RETURN;
  END IF;
  IF {_exists(old, TUTOR, "p_id")} THEN
    {_update(old, TUTOR)};
  ELSE
    {_insert(old, TUTOR)};
    {was_shown_now(old, TUTOR)};
  END IF;""",
        declare=f"{NOTED} shown {SYNC}.shown_tutor;",
    )


def _show_missing_tutor(old: OldSide) -> str:
    """A tutor whom the old application deleted comes back when somebody learns from them again.

    Not before Tandem has heard of it: LockNotAvailable, so that it is tried again.
    """
    return function(
        "show_missing_tutor",
        "p_id text",
        f"""
  PERFORM FROM {old.relation(TUTOR)} o WHERE o.{old.column(TUTOR, "id")} = p_id FOR KEY SHARE;
  IF NOT FOUND THEN
    PERFORM {SYNC}.refuse_renamed('Tutor', ARRAY[p_id]);
    DELETE FROM upgrade_gonefromoldside WHERE source_table = 'Tutor' AND source_id = p_id;
    PERFORM {SYNC}.hear('Tutor', ARRAY[p_id]);
    PERFORM {SYNC}.show_tutor(p_id);
    IF NOT {_exists(old, TUTOR, "p_id")} THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {literal(IN_HAND)};
    END IF;
  END IF;""",
    )


def _show_session(old: OldSide) -> str:
    """A session is shown beside its student, once that one is shown."""
    return function(
        "show_session",
        "p_id text",
        f"""
{_begin(old, SESSION)}
  SELECT * INTO shown FROM {SYNC}.shown_session WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_unheard IS NULL AND NOT EXISTS (SELECT FROM lessons_session WHERE id = p_id)
      AND NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session' AND source_id = p_id)
    THEN
      {_delete(old, SESSION)};
    END IF;
    RETURN;
  END IF;
  PERFORM {SYNC}.refuse_renamed('Student', ARRAY[shown.student_id]);
  IF {_exists(old, SESSION, "p_id")} THEN
    {_update(old, SESSION)};
  ELSIF {_exists(old, STUDENT, "shown.student_id")} THEN
    {_insert(old, SESSION)};
    {was_shown_now(old, SESSION)};
  END IF;""",
        declare=f"{NOTED} shown {SYNC}.shown_session;",
    )


def _show_student(old: OldSide) -> str:
    """A student nobody ever taught has no place in a schema that asks for a tutor.

    But for one that is there already, and names somebody who does not exist.
    """
    must_have = (
        f"""shown.tutor_id IS NULL AND NOT EXISTS (SELECT FROM {SYNC}.student said WHERE said.id = p_id
    AND NOT EXISTS (SELECT FROM people_tutor t WHERE t.id = said.tutor_id))"""
        if old.cell(STUDENT, "tutorId").not_null
        else "false"
    )
    return function(
        "show_student",
        "p_id text",
        f"""
{_begin(old, STUDENT)}
  SELECT * INTO shown FROM {SYNC}.shown_student WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_unheard IS NULL AND NOT EXISTS (SELECT FROM people_student WHERE id = p_id) THEN
      {_delete(old, STUDENT)};
    END IF;
    RETURN;
  END IF;
  PERFORM {SYNC}.refuse_renamed('Student', ARRAY[p_id]);
  IF {must_have} THEN RETURN; END IF;
  IF shown.tutor_id IS NOT NULL THEN PERFORM {SYNC}.show_missing_tutor(shown.tutor_id); END IF;
  IF {_exists(old, STUDENT, "p_id")} THEN
    {_update(old, STUDENT)};
  ELSE
    {_insert(old, STUDENT)};
    {was_shown_now(old, STUDENT)};
    FOR v_session IN SELECT id FROM lessons_session WHERE student_id = p_id ORDER BY id LOOP
      PERFORM {SYNC}.show_session(v_session);
    END LOOP;
  END IF;
  PERFORM {SYNC}.take_unlinked(ARRAY[p_id]);""",
        declare=f"{NOTED} shown {SYNC}.shown_student; v_session text;",
    )


def _show_connection(old: OldSide) -> str:
    """A relationship has a connection where the old side has room for one and does not say it yet.

    Where it has none for a subject that the old application itself brought about, the connection
    keeps what it says. What Tandem's own action would say there is refused.
    """
    (subject,) = (c for c in old.columns(CONNECTION) if c.name == "subject")
    return function(
        "show_connection",
        "p_id text",
        f"""
{_begin(old, CONNECTION)}
  SELECT * INTO shown FROM {SYNC}.shown_connection WHERE id = p_id;
  IF NOT FOUND THEN
    IF v_unheard IS NULL AND NOT EXISTS (SELECT FROM relationships_tutorstudent WHERE id = p_id)
      AND NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow
        WHERE source_table = 'StudentTutorConnection' AND source_id = p_id)
    THEN
      {_delete(old, CONNECTION)};
    END IF;
    RETURN;
  END IF;
  PERFORM {SYNC}.refuse_renamed('Student', ARRAY[shown.student_id]);
  IF {_exists(old, CONNECTION, "p_id")} THEN
    IF EXISTS (SELECT FROM {SYNC}.connection said JOIN {SYNC}.connection other
      ON other.student_id = said.student_id AND other.tutor_id = said.tutor_id AND other.id <> said.id
      WHERE said.id = p_id AND NOT {same(CONNECTION, subject)})
    THEN
      BEGIN
        {_update(old, CONNECTION)};
      EXCEPTION WHEN unique_violation THEN
        IF {_TANDEMS_OWN} AND NOT v_noted THEN RAISE; END IF;
        PERFORM {SYNC}.part_from_connection(p_id);
      END;
    END IF;
    {_update(old, CONNECTION)};
  ELSIF {has_connection("shown")} THEN
    PERFORM {SYNC}.show_missing_tutor(shown.tutor_id);
    {_insert(old, CONNECTION)} ON CONFLICT DO NOTHING;
    {was_shown_now(old, CONNECTION)};
  END IF;""",
        declare=f"{NOTED} shown {SYNC}.shown_connection;",
    )
