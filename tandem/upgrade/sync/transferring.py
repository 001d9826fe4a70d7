"""A change of Student.tutorId is a transfer; those of one statement are made as a set.

What becomes of each student is what ``transfer`` makes of one: the same rows, and the same lines of
history. Whom the set cannot take, that function takes.
"""

from collections.abc import Iterator

from tandem.upgrade.gradual.old_side import SYNC, OldSide
from tandem.upgrade.legacy import SESSION, STUDENT
from tandem.upgrade.mapping.terms import date_in, literal, subject_key
from tandem.upgrade.sync.ends import in_doubt, is_open
from tandem.upgrade.sync.functions import function
from tandem.upgrade.sync.inbound_pairings import LINK_COLUMNS, NEW_ID, overlaps_another
from tandem.upgrade.sync.inbound_sessions import MADE, made_columns
from tandem.upgrade.sync.views_of_expected import same

TRANSFER = "one_transfer"
"""A view of no rows, whose type is a transfer: the new relationship, and which one it continues.

``has_outside``: the one before has a session that was named as outside of it.
"""
COMING = "x.status = 'scheduled' AND x.ends_at > now()"
OUTSIDE = r"'\moutside_relationship\M'"


def transfer_functions(old: OldSide, zone: str) -> Iterator[str]:
    """Yield the functions in an order in which each uses those before it."""
    yield (
        f"CREATE OR REPLACE VIEW {SYNC}.{TRANSFER} AS SELECT {', '.join(LINK_COLUMNS)}, id AS from_id,"
        " NULL::jsonb AS details, false AS has_outside FROM relationships_tutorstudent WHERE false"
    )
    yield _end_and_begin(zone)
    yield _sessions_follow(old, zone)
    yield _transfer_students(zone)


def _end_and_begin(zone: str) -> str:
    """Each old relationship ends, each new one begins, and both have their line of history."""
    today = date_in(zone, "now()")
    ended = "jsonb_build_object('ended_on', t.started_on, 'is_primary', false)"
    return function(
        "end_and_begin",
        f"p_transfers {SYNC}.{TRANSFER}[]",
        f"""
  UPDATE relationships_tutorstudent r SET ended_on = t.started_on, is_primary = false,
    updated_at = now() FROM unnest(p_transfers) t WHERE r.id = t.from_id;
  INSERT INTO relationships_tutorstudent ({", ".join(LINK_COLUMNS)})
  SELECT {", ".join(f"t.{column}" for column in LINK_COLUMNS)} FROM unnest(p_transfers) t;
  INSERT INTO relationships_relationshipevent (relationship_id, what, on_date, at, details)
  SELECT link, what, on_date, now(), t.details || more FROM unnest(p_transfers) t
  JOIN relationships_tutorstudent r ON r.id = t.id CROSS JOIN LATERAL (VALUES
    (1, t.from_id, 'transferred_out', t.started_on, jsonb_build_object('set', {ended})),
    (2, t.id, 'transferred_in', {today},
      jsonb_build_object('source', 'student', 'set', {SYNC}.standing(r)))
  ) AS line (number, link, what, on_date, more) ORDER BY t.student_id, number;
  PERFORM {SYNC}.teaches(tutor_id, subject_id) FROM (
    SELECT DISTINCT tutor_id, subject_id FROM unnest(p_transfers)) t
  WHERE subject_id IS NOT NULL AND NOT EXISTS (SELECT FROM people_tutorsubject known
    WHERE known.tutor_id = t.tutor_id AND known.subject_id = t.subject_id);""",
    )


def _sessions_follow(old: OldSide, zone: str) -> str:
    """Sessions still to come go to the new relationship; one that clashes there bears the fault.

    What stays, and lies after the old one's end, is named so.
    """
    cells = {"tutor_student_id": "t.id", "tutor_id": "t.tutor_id"}
    made = ", ".join(cells.get(column, f"x.{column}") for column in made_columns(old, zone))
    say_so = ""
    if old.has(SESSION, "tutorId"):
        say_so = f"\n    PERFORM {SYNC}.show_session(id) FROM unnest(v_made) AS moved;"
    day_after = f"((t.started_on + 1)::timestamp AT TIME ZONE {literal(zone)})"
    return function(
        "sessions_follow",
        f"p_transfers {SYNC}.{TRANSFER}[]",
        f"""
  SELECT array_agg(({made}, x.group_id, false)::{SYNC}.{MADE} ORDER BY x.id) INTO v_made
  FROM unnest(p_transfers) t JOIN lessons_session x ON x.tutor_student_id = t.from_id AND {COMING}
  WHERE t.details -> 'moved' <> '[]';
  IF v_made IS NOT NULL THEN
    PERFORM {SYNC}.write_sessions(v_made, true, false);{say_so}
  END IF;
  UPDATE lessons_sessionseries x SET tutor_student_id = t.id FROM unnest(p_transfers) t
  WHERE x.tutor_student_id = t.from_id AND t.details -> 'series' <> '[]';
  UPDATE lessons_session x SET legacy_fault = concat_ws(' ', nullif(x.legacy_fault, ''), 'outside_relationship')
  FROM unnest(p_transfers) t
  WHERE x.tutor_student_id = t.from_id AND x.starts_at >= {day_after} AND x.legacy_fault !~ {OUTSIDE};
  PERFORM {SYNC}.held_outside(from_id) FROM unnest(p_transfers) WHERE has_outside;""",
        declare=f"v_made {SYNC}.{MADE}[];",
    )


def _transfer_students(zone: str) -> str:
    """Return those who were transferred, of students who all have a primary relationship.

    The others are those whom the new tutor teaches this subject already, or did in these days, and
    those of whom an end is in doubt.
    """
    active = next(column for column in STUDENT.columns if column.name == "active")
    switched = f"NOT ({same(STUDENT, active)}) OR NOT coalesce(said.active, true)"
    new = {
        "id": NEW_ID,
        "tutor_id": "said.tutor_id",
        "student_id": "said.id",
        "subject_id": "subject.id",
        "started_on": f"greatest({date_in(zone, 'now()')}, main.started_on)",
        "ended_on": "NULL::date",
        "status": f"CASE WHEN {switched} THEN CASE WHEN coalesce(said.active, true) THEN 'active'"
        " ELSE 'paused' END ELSE main.status END",
        "is_primary": "true",
        "kind": "'regular'",
        "notes": "NULL",
        "transferred_from_id": "main.id",
        "end_reason": "''",
        "legacy_fault": "''",
        "created_at": "now()",
        "updated_at": "now()",
    }
    row = ", ".join(f"{new[column]} AS {column}" for column in LINK_COLUMNS)
    columns = ", ".join(f"t.{column}" for column in LINK_COLUMNS)
    return function(
        "transfer_students",
        "p_ids text[]",
        f"""
  PERFORM {SYNC}.subject_id(spelling) FROM (SELECT DISTINCT subject FROM {SYNC}.student
    WHERE id = ANY (p_ids)) AS spellings (spelling);
  SELECT array_agg(({columns}, t.transferred_from_id, jsonb_build_object('from', t.transferred_from_id,
      'to', t.id, 'status_before', status_before, 'cancelled', '[]'::jsonb,
      'series', coalesce((SELECT jsonb_agg(x.id) FROM lessons_sessionseries x
        WHERE x.tutor_student_id = t.transferred_from_id), '[]'),
      'moved', coalesce(moved, '[]')), coalesce(has_outside, false))::{SYNC}.{TRANSFER} ORDER BY t.student_id)
  INTO v_transfers FROM (
    SELECT {row}, main.status AS status_before, {in_doubt("main")} AS doubtful FROM {SYNC}.student said
    JOIN {SYNC}.shown_student shown ON shown.id = said.id
    JOIN relationships_tutorstudent main ON main.student_id = said.id AND main.is_primary
    LEFT JOIN people_subject subject ON lower(subject.name) = {subject_key("said.subject")}
    WHERE said.id = ANY (p_ids) ORDER BY main.id FOR NO KEY UPDATE OF main
  ) t CROSS JOIN LATERAL (
    SELECT jsonb_agg(x.id ORDER BY x.id) FILTER (WHERE {COMING}) AS moved,
      bool_or(x.legacy_fault ~ {OUTSIDE}) AS has_outside
    FROM lessons_session x WHERE x.tutor_student_id = t.transferred_from_id
  ) held
  WHERE NOT doubtful AND NOT {overlaps_another("t")} AND NOT EXISTS (SELECT FROM relationships_tutorstudent r
    WHERE r.student_id = t.student_id AND r.tutor_id = t.tutor_id AND ({is_open("r")} OR r.status = 'pending')
      AND r.subject_id IS NOT DISTINCT FROM t.subject_id);
  IF v_transfers IS NULL THEN RETURN '{{}}'; END IF;
  PERFORM {SYNC}.end_and_begin(v_transfers);
  PERFORM {SYNC}.sessions_follow(v_transfers);
  RETURN ARRAY(SELECT student_id FROM unnest(v_transfers));""",
        declare=f"v_transfers {SYNC}.{TRANSFER}[];",
        returns="text[]",
    )
