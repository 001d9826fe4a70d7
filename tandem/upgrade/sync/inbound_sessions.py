"""What Tandem takes from the old side of sessions: each goes to one relationship, or is listed.

A set at a time, whatever its size: what a statement of the old application costs grows with its rows.
"""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import SESSION, STUDENT
from tandem.upgrade.mapping import sessions
from tandem.upgrade.mapping.subjects import NOT_CHOSEN
from tandem.upgrade.mapping.terms import Facts, literal
from tandem.upgrade.sync.facts import some_rows
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.inbound_people import made
from tandem.upgrade.sync.overlaps import TAKES_TIME, clashes, overlapping
from tandem.upgrade.sync.placing_sessions import goes_to, holds, link_of, same_times, stays
from tandem.upgrade.sync.retry_missed import IN_HAND
from tandem.upgrade.sync.telling import TEXTS, telling_functions
from tandem.upgrade.sync.views_of_expected import (
    all_same,
    gone,
    of_student_row,
    session_cells,
    to_the_millisecond,
)

GOES_TO = "goes_to"
TRIES = 5
"""Who meets so many others in a row at the same hour is noted, and taken later."""
MADE = "made_session"
"""A view of no rows, whose type is that of a session as the mapping makes it."""


def session_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    facts = _placed(old, zone)
    yield _made_type(facts)
    yield link_of(old)
    yield _reach_back()
    yield _name_overlaps()
    yield from telling_functions(f"{SYNC}.{MADE}")
    yield _write_sessions(facts)
    yield _take_sessions(old, facts)
    yield _take_unlinked()


def _placed(old: OldSide, zone: str) -> Facts:
    return some_rows(
        old, zone, SESSION, "placed", link=GOES_TO, pairing="relationships_tutorstudent"
    )


def made_columns(old: OldSide, zone: str) -> tuple[str, ...]:
    """Return the columns of a session that the mapping fills; in ``MADE`` two more follow."""
    return sessions.sessions(_placed(old, zone)).columns


def _made_type(facts: Facts) -> str:
    columns = sessions.sessions(facts).columns
    return (
        f"CREATE OR REPLACE VIEW {SYNC}.{MADE} AS SELECT {', '.join(columns)}, group_id, false AS in_diary"
        " FROM lessons_session WHERE false"
    )


def _reach_back() -> str:
    """A relationship of the old side begins at its first session, whenever that is entered."""
    return function(
        "reach_back",
        "p_link text, p_day date",
        f"""
  UPDATE relationships_tutorstudent SET started_on = p_day
  WHERE id = p_link AND started_on > p_day AND transferred_from_id IS NULL
    AND {of_student_row("p_link")} AND EXISTS (
      SELECT FROM relationships_relationshipevent WHERE relationship_id = p_link
        AND what = 'imported' AND details ->> 'source' = 'student');
  IF FOUND THEN
    PERFORM {SYNC}.record(p_link, 'imported', p_day, jsonb_build_object('source', 'student', 'old',
      '{{}}'::jsonb, 'set', jsonb_build_object('started_on', p_day)));
  END IF;
EXCEPTION WHEN exclusion_violation THEN
  NULL; -- an earlier one of the same tutor, student and subject lies there""",
    )


def _name_overlaps() -> str:
    """Give the fault to each session that clashes: with one that stays, or an earlier one of the set.

    Where each lies is where it will lie. A first look finds who starts before an earlier one of the
    same tutor or student is over; only those few are compared with each other.
    """
    free = f"legacy_fault = '' AND status {TAKES_TIME} AND NOT in_diary"
    looks = ", ".join(
        f"starts_at < max(ends_at) OVER (PARTITION BY {whose} ORDER BY starts_at, ends_at, id"
        f" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS by_{whose}"
        for whose in ("tutor_id", "student_id")
    )
    return function(
        "name_overlaps",
        f"p_made {SYNC}.{MADE}[]",
        f"""
  v_ids := ARRAY(SELECT id FROM unnest(p_made));
  v_clashing := ARRAY(SELECT m.id FROM unnest(p_made) m WHERE {free} AND ({clashes("m", leaving="v_ids")}));
  IF cardinality(p_made) > 1 THEN
    v_clashing := v_clashing || ARRAY(
      SELECT m.id FROM (SELECT *, {looks} FROM unnest(p_made) WHERE {free}) m
      WHERE (by_tutor_id OR by_student_id) AND EXISTS (SELECT FROM unnest(p_made) earlier
        WHERE earlier.legacy_fault = '' AND earlier.status {TAKES_TIME}
          AND (earlier.starts_at, earlier.ends_at, earlier.id) < (m.starts_at, m.ends_at, m.id)
          AND {overlapping("m", "earlier")}));
  END IF;
  IF v_clashing = '{{}}' THEN RETURN p_made; END IF;
  FOR v_n IN SELECT ordinality FROM unnest(p_made) WITH ORDINALITY AS m WHERE m.id = ANY (v_clashing)
  LOOP
    p_made[v_n].legacy_fault := 'overlap';
  END LOOP;
  RETURN p_made;""",
        declare="v_ids text[]; v_clashing text[]; v_n integer;",
        returns=f"{SYNC}.{MADE}[]",
    )


def _write_sessions(facts: Facts) -> str:
    """Change those that are there, make the others, and name those that clash.

    Two ways to be refused all the same: one is at the time that another of them leaves, and somebody
    else took a time since it was looked at. Those with a fault take no time: so all get one, and the
    second look, which sees what was committed meanwhile, is written.

    A third is that one of them just went to another student, and is written there: LockNotAvailable,
    so that whoever asked tries again, and then sees so.
    """
    columns = sessions.sessions(facts).columns
    changes = ", ".join(f"{c} = m.{c}" for c in columns if c != "id")
    return function(
        "write_sessions",
        f"p_made {SYNC}.{MADE}[], p_some_known boolean, p_some_new boolean",
        f"""
  FOR v_try IN 1 .. {TRIES} LOOP
    BEGIN
      v_made := {SYNC}.name_overlaps(p_made);
      PERFORM {SYNC}.tell_written(v_made);
      IF p_some_known THEN
        UPDATE lessons_session x SET {changes} FROM unnest(v_made) m WHERE m.id = x.id;
      END IF;
      IF p_some_new THEN
        INSERT INTO lessons_session ({", ".join(columns)}) SELECT {", ".join(f"m.{c}" for c in columns)}
        FROM unnest(v_made) m WHERE NOT EXISTS (SELECT FROM lessons_session x WHERE x.id = m.id);
      END IF;
      RETURN;
    EXCEPTION WHEN exclusion_violation THEN
      IF v_try = {TRIES} THEN RAISE; END IF;
      UPDATE lessons_session x SET legacy_fault = 'overlap' FROM unnest(p_made) m
      WHERE m.id = x.id AND x.legacy_fault = '' AND x.status = 'scheduled';
      FOR v_n IN 1 .. cardinality(p_made) LOOP p_made[v_n].in_diary := false; END LOOP;
    WHEN unique_violation THEN
      RAISE EXCEPTION USING ERRCODE = 'lock_not_available', MESSAGE = {literal(IN_HAND)};
    END;
  END LOOP;""",
        declare=f"v_made {SYNC}.{MADE}[];",
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
    PERFORM {SYNC}.list_unlinked('Session', said.id, 'no_student') FROM {SYNC}.session said
    WHERE said.id = ANY (p_ids) AND NOT EXISTS (SELECT FROM people_student s WHERE s.id = said.student_id)
      AND NOT EXISTS (SELECT FROM {SYNC}.student o WHERE o.id = said.student_id);
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
  v_unplaced text[]; v_reasons text[]; v_owners text[]; v_left text[]; v_held text[] := '{{}}';
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
  FROM {made(rows)} row LEFT JOIN lessons_session there ON there.id = row.id"""


def _has_text(old: OldSide, text: str) -> bool:
    return any(c.row_name == text and old.has(SESSION, c.name) for c in SESSION.columns)


def _take_unlinked() -> str:
    """Sessions that nobody was known to have held come right when the student gets a tutor."""
    return function(
        "take_unlinked",
        "p_students text[]",
        f"""
  IF NOT EXISTS (SELECT FROM upgrade_unlinkedlegacyrow WHERE source_table = 'Session') THEN RETURN; END IF;
  v_ids := ARRAY(SELECT s.id FROM upgrade_unlinkedlegacyrow u JOIN {SYNC}.session s ON s.id = u.source_id
    WHERE u.source_table = 'Session' AND s.student_id = ANY (p_students) ORDER BY s.id);
  PERFORM {SYNC}.take_sessions(v_ids);""",
        declare="v_ids text[];",
    )
