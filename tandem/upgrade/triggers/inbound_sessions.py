"""What Tandem takes from the old side of sessions: each goes to one relationship, or is listed.

A set at a time, whatever its size: what a statement of the old application costs grows with its rows.
"""

from collections.abc import Iterator

from tandem.upgrade.legacy.old_side import SYNC, OldSide
from tandem.upgrade.legacy.shapes import SESSION, STUDENT
from tandem.upgrade.mapping import sessions
from tandem.upgrade.mapping.subjects import NOT_CHOSEN
from tandem.upgrade.mapping.terms import Facts, literal
from tandem.upgrade.triggers.facts import some_rows
from tandem.upgrade.triggers.functions import function
from tandem.upgrade.triggers.overlaps import TAKES_TIME
from tandem.upgrade.triggers.placing_sessions import goes_to, holds, same_times, stays
from tandem.upgrade.triggers.views_of_expected import (
    all_same,
    gone,
    session_cells,
    to_the_millisecond,
)
from tandem.upgrade.triggers.views_of_made import named

GOES_TO = "goes_to"
MADE = "made_session"
"""A view of no rows, whose type is that of a session as the mapping makes it."""
TEXTS = ("homework", "location", "meeting_link", "notes", "title")
"""What a session says beside its times and its status."""


def session_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the function that takes a set of them; the others are in ``sessions.sql``."""
    yield _take_sessions(old, _placed(old, zone))


def _placed(old: OldSide, zone: str) -> Facts:
    return some_rows(
        old, zone, SESSION, "placed", link=GOES_TO, pairing="relationships_tutorstudent"
    )


def _take_sessions(old: OldSide, facts: Facts) -> str:
    """The rows that differ, where each goes, what it is made of, what is wrong with it; then write.

    Whose they are is locked first: a note may be of the student whom a session has left, and that
    one alone is locked by who takes it. One that changes hands meanwhile is for the write that does
    so.

    All that follows is one look at each row. It is taken again where its answer may have changed:
    when the student whom a session comes from is locked, and when a relationship was made to begin
    earlier.
    """
    return function(
        "take_sessions",
        "p_ids text[]",
        f"""
  IF p_ids = '{{}}' THEN RETURN; END IF;
  p_ids := {SYNC}.without_noted(p_ids);
  v_owners := ARRAY(SELECT s.id FROM people_student s WHERE s.id = ANY (ARRAY(
    SELECT said.student_id FROM {SYNC}.session said WHERE said.id = ANY (p_ids))) ORDER BY s.id FOR NO KEY UPDATE);{_teaches(old)}
  LOOP
    {_look(old, facts)}
    IF NOT coalesce(v_left, '{{}}') <@ v_held THEN
      PERFORM FROM people_student s WHERE s.id = ANY (v_left) ORDER BY s.id FOR NO KEY UPDATE;
      v_held := v_held || v_left;
      CONTINUE;
    END IF;
    EXIT WHEN v_links IS NULL OR v_reached_back;
    v_reached_back := true;
    PERFORM {SYNC}.reach_back(goes.link, goes.first) FROM (SELECT link, min(day) AS first
      FROM unnest(v_links, v_days) AS each (link, day) GROUP BY 1) goes
    JOIN relationships_tutorstudent r ON r.id = goes.link WHERE r.started_on > goes.first;
    EXIT WHEN NOT FOUND;
  END LOOP;
  IF v_some_ownerless THEN
    v_ownerless := ARRAY(SELECT said.id FROM {SYNC}.session said
      WHERE said.id = ANY (p_ids) AND NOT EXISTS (SELECT FROM people_student s WHERE s.id = said.student_id)
        AND NOT EXISTS (SELECT FROM {SYNC}.student o WHERE o.id = said.student_id) ORDER BY 1);
    PERFORM {SYNC}.tell_removed(v_ownerless);
    DELETE FROM lessons_session WHERE id = ANY (v_ownerless);
    PERFORM {SYNC}.list_unlinked('Session', id, 'no_student') FROM unnest(v_ownerless) AS of (id);
  END IF;
  FOR v_row IN SELECT id, reason FROM unnest(v_unplaced, v_reasons) AS of (id, reason) ORDER BY 1 LOOP
    -- It stays with nobody whose it is no longer: their parents would read of another's child.
    PERFORM {SYNC}.tell_removed(ARRAY[v_row.id]);
    DELETE FROM lessons_session WHERE id = v_row.id;
    PERFORM {SYNC}.list_unlinked('Session', v_row.id, v_row.reason);
  END LOOP;
  IF v_made IS NULL THEN RETURN; END IF;
  PERFORM {SYNC}.write_sessions(v_made, v_some_known, v_some_new);
  IF EXISTS (SELECT FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session') THEN
    DELETE FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session'
      AND source_id = ANY (ARRAY(SELECT id FROM unnest(v_made)));
  END IF;""",
        declare=f"""
  v_made {SYNC}.{MADE}[]; v_some_known boolean; v_some_new boolean; v_some_ownerless boolean;
  v_unplaced text[]; v_reasons text[]; v_ownerless text[]; v_owners text[]; v_left text[]; v_held text[] := '{{}}';
  v_links text[]; v_days date[]; v_reached_back boolean := false; v_row record;""",
    )


def _look(old: OldSide, facts: Facts) -> str:
    """SQL: each old row is read once (the view's cells are work), and Tandem's beside it.

    What is made of it is not joined to it again: of sets whose size nobody knows, that would take
    the square of their size.
    """
    day = facts.on_date("said.start_time")
    same = f"said.student_id = there.student_id AND NOT {gone(STUDENT, 'there.student_id')} AND {all_same(old, SESSION)}"
    unreadable = "start_time IS NULL OR end_time IS NULL"
    unplaced = f"FILTER (WHERE owned AND ({GOES_TO} IS NULL OR {unreadable}))"
    moves = f"FILTER (WHERE owned AND NOT stays AND {GOES_TO} IS NOT NULL)"
    return f"""WITH said AS MATERIALIZED (SELECT * FROM {SYNC}.session WHERE id = ANY (p_ids)),
    differing AS MATERIALIZED (
      SELECT said.*, there.id IS NOT NULL AS known, coalesce(said.student_id IN (SELECT unnest(v_owners)), false) AS owned,
        CASE WHEN there.student_id <> said.student_id THEN there.student_id END AS left_behind,
        {day} AS day, there.tutor_student_id AS where_it_is, coalesce({stays(old, day)}, false) AS stays
      FROM said
      LEFT JOIN lessons_session there ON there.id = said.id
      LEFT JOIN LATERAL (SELECT {session_cells(old, "there")}) shown ON true
      WHERE NOT coalesce({same}, false)
    ), placed AS MATERIALIZED (
      SELECT said.*, CASE WHEN stays THEN where_it_is WHEN owned THEN {goes_to(old)} END AS {GOES_TO}
      FROM differing said
    )
    SELECT found.*, made.* INTO v_some_known, v_some_new, v_some_ownerless, v_left, v_unplaced, v_reasons,
      v_links, v_days, v_made
    FROM (SELECT bool_or(known), bool_or(NOT known), bool_or(NOT owned),
        array_agg(DISTINCT left_behind) FILTER (WHERE left_behind <> ''), array_agg(id) {unplaced},
        array_agg(CASE WHEN {unreadable} THEN 'unreadable_date' ELSE 'no_relationship' END) {unplaced},
        array_agg({GOES_TO}) {moves}, array_agg(day) {moves} FROM placed) found,
      ({_made(old, facts)}) made;"""


def _teaches(old: OldSide) -> str:
    """SQL: whoever a session names as its tutor teaches what it names as its subject."""
    if not (old.has(SESSION, "subject") and old.has(SESSION, "tutorId")):
        return ""
    return f"""
  PERFORM {SYNC}.teaches(tutor_id, {SYNC}.subject_id(subject)) FROM (
    SELECT DISTINCT said.tutor_id, said.subject FROM {SYNC}.session said
    JOIN people_tutor t ON t.id = said.tutor_id
    WHERE said.id = ANY (p_ids) AND said.subject <> {literal(NOT_CHOSEN)} ORDER BY 1, 2) named;"""


def _made(old: OldSide, facts: Facts) -> str:
    """SQL: an array of what the mapping makes of ``placed``, but for what the old side cannot say.

    What is in the diary at that time already, the constraints have looked at.
    """
    day = facts.on_date("old.start_time")
    fault = f"""concat_ws(' ', old.read_fault, nullif({sessions.own_faults(facts)}, ''),
    CASE WHEN NOT ({holds("pairing", day)}) THEN 'outside_relationship' END)"""
    rows = sessions.sessions(facts, fault=fault)
    kept = {
        c: f"CASE WHEN {to_the_millisecond(f'there.{c}')} = {to_the_millisecond(f'row.{c}')}"
        f" THEN there.{c} ELSE row.{c} END"
        for c in ("starts_at", "ends_at", "created_at", "updated_at")
    }
    for text in TEXTS:
        if not _has_text(old, text):
            kept[text] = f"CASE WHEN there.id IS NULL THEN row.{text} ELSE there.{text} END"
    if not old.has(SESSION, "status"):
        kept["status"] = f"""CASE WHEN there.status NOT {TAKES_TIME} OR (there.status <> 'scheduled'
      AND {same_times("row.starts_at", "row.ends_at")}) THEN there.status ELSE row.status END"""
    in_diary = f"""coalesce(there.legacy_fault = '' AND there.status {TAKES_TIME}
      AND there.tutor_id = row.tutor_id AND there.student_id = row.student_id
      AND {same_times("row.starts_at", "row.ends_at")}, false)"""
    columns = ",\n    ".join(kept.get(c, f"row.{c}") for c in rows.columns)
    return f"""SELECT array_agg(({columns},
    there.group_id, {in_diary})::{SYNC}.{MADE} ORDER BY row.id)
  FROM ({named(rows)}) row LEFT JOIN lessons_session there ON there.id = row.id"""


def _has_text(old: OldSide, text: str) -> bool:
    return any(c.row_name == text and old.has(SESSION, c.name) for c in SESSION.columns)
