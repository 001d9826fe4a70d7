"""TutorStudent: one for each student's tutor, one for each connection of a half-moved database."""

from tandem.upgrade.legacy.shapes import CONNECTION, STUDENT, TUTOR
from tandem.upgrade.legacy.vocabulary import CONNECTION_WORDS, NOT_CHOSEN, read_as
from tandem.upgrade.mapping import sessions
from tandem.upgrade.mapping.kept import changed_at, made_at
from tandem.upgrade.mapping.terms import (
    Facts,
    Rows,
    Step,
    faults,
    literal,
    meaning,
    subject_key,
    with_read_fault,
)

# What the word in StudentTutorConnection.status means here. An unknown word pauses: nobody is
# taught by accident, and the fault asks a person.
STATUS = meaning(
    "lower(btrim(coalesce(old.status, 'active')))",
    read_as(CONNECTION_WORDS),
    {"inactive": "CASE WHEN old.end_date IS NULL THEN 'paused' ELSE 'ended' END"},
)
# In the working table it is ``ended`` with a date or without; what is kept of it then.
DECIDED = "CASE WHEN status = 'ended' AND ended_on IS NOT NULL THEN 'active' ELSE status END"


def pairing_steps(facts: Facts) -> list[Step]:
    """The working table ``pairing``: each relationship to be, before and after its dates."""
    return [
        Step("Pairings", [*_pairings(facts), f"ANALYZE {facts.working('pairing')}"]),
        *sessions.diary_steps(facts),
        Step("Dates of relationships", _dates(facts)),
    ]


PAIRING = {
    **dict.fromkeys(("id", "source", "student_id", "tutor_id", "subject_key", "status"), "text"),
    "is_primary": "boolean",
    **dict.fromkeys(("base_start", "given_start"), "timestamptz"),
    **dict.fromkeys(("ended_on", "started_on"), "date"),
    **dict.fromkeys(("read_fault", "fault"), "text"),
    **dict.fromkeys(("created_at", "updated_at"), "timestamptz"),
    "details": "jsonb",
}
"""The columns of a pairing, with their types."""


def _pairings(facts: Facts) -> list[str]:
    columns = ", ".join(f"{name} {kind}" for name, kind in PAIRING.items())
    statements = [f"{facts.create('pairing')} ({columns})"]
    if facts.shape.has(CONNECTION):
        statements += [_from_connections(facts), _matched_as_primary(facts)]
    statements.append(_from_students(facts))
    if facts.shape.has(CONNECTION):
        statements.append(_primary_where_none(facts))
    return statements


def _from_connections(facts: Facts) -> str:
    return f"""INSERT INTO {facts.working("pairing")}
{of_connections(facts)}
JOIN {facts.old(STUDENT)} student ON student.id = old.student_id
JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id"""


def of_connections(facts: Facts) -> str:
    """SQL: what each connection is as a pairing, by its own row alone. More joins may follow.

    What it says, but for who and when it was written, stands in the first line of its history.
    """
    ends = "id", "studentId", "tutorId"
    said = ", ".join(
        f"{literal(c.name)}, old.{c.row_name}"
        for c in CONNECTION.columns
        if not (c.ours or c.name in ends)
    )
    return f"""SELECT old.id, 'connection', old.student_id, old.tutor_id, {subject_key("old.subject")},
  coalesce({STATUS}, 'paused'), false, {_began_at(facts)}, old.start_date,
  {facts.on_date("old.end_date")}, NULL::date, old.read_fault,
  CASE WHEN {STATUS} IS NULL THEN 'unknown_status' ELSE '' END,
  {made_at(facts, "old")}, {changed_at(facts, "old")},
  jsonb_strip_nulls(jsonb_build_object({said}))
FROM {facts.old(CONNECTION)} old"""


def _began_at(facts: Facts) -> str:
    """SQL: when what ``old`` says began at the latest. It is so now, also by a clock that went ahead."""
    return f"least({made_at(facts, 'old')}, {facts.now_sql})"


def _matched_as_primary(facts: Facts) -> str:
    """The connection that says what Student.tutorId says is the primary, not a second row.

    One of another subject is a further relationship, unless the student's row names no subject. A
    request that was never answered, of the tutor who teaches the student, was accepted in fact.
    """
    subject, none = subject_key("student.subject"), literal(NOT_CHOSEN.lower())
    return f"""WITH best AS (
  SELECT DISTINCT ON (student.id) pairing.id, student.active
  FROM {facts.old(STUDENT)} student
  JOIN {facts.working("pairing")} pairing
    ON pairing.student_id = student.id AND pairing.tutor_id = student.tutor_id
  WHERE pairing.status IN ('active', 'paused', 'pending')
    AND (pairing.subject_key = {subject} OR coalesce({subject}, {none}) = {none})
  ORDER BY student.id, pairing.subject_key IS DISTINCT FROM {subject},
    array_position(ARRAY['active', 'paused', 'pending'], pairing.status), pairing.created_at, pairing.id
)
UPDATE {facts.working("pairing")} pairing SET is_primary = true,
  status = CASE WHEN status <> 'pending' THEN status WHEN best.active THEN 'active' ELSE 'paused' END
FROM best WHERE best.id = pairing.id"""


def _from_students(facts: Facts) -> str:
    """The relationship of a student's tutor, where no connection stands for it already."""
    pairing = facts.working("pairing")
    unless_matched = (
        f"WHERE NOT EXISTS (SELECT FROM {pairing} matched"
        " WHERE matched.student_id = old.id AND matched.is_primary)"
        if facts.shape.has(CONNECTION)
        else ""
    )
    return f"""INSERT INTO {pairing}
{of_students(facts)}
JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id
{unless_matched}"""


def of_students(facts: Facts) -> str:
    """SQL: what each student's tutor is as a pairing, by the student's row alone. More joins may follow."""
    return f"""SELECT tandem_ulid({made_at(facts, "old")}, 'primary ' || old.id), 'student', old.id, old.tutor_id,
  {subject_key("old.subject")}, CASE WHEN coalesce(old.active, true) THEN 'active' ELSE 'paused' END,
  true, {_began_at(facts)}, NULL::timestamptz, NULL::date, NULL::date, NULL::text, '',
  {made_at(facts, "old")}, {changed_at(facts, "old")}, '{{}}'::jsonb
FROM {facts.old(STUDENT)} old"""


def _primary_where_none(facts: Facts) -> str:
    """A student with open relationships has a primary: the first active, or else paused, one."""
    pairing = facts.working("pairing")
    return f"""WITH first AS (
  SELECT DISTINCT ON (student_id) id FROM {pairing} candidate
  WHERE status IN ('active', 'paused') AND NOT EXISTS (
    SELECT FROM {pairing} has WHERE has.student_id = candidate.student_id AND has.is_primary)
  ORDER BY student_id, status, coalesce(given_start, base_start), id
)
UPDATE {pairing} pairing SET is_primary = true FROM first WHERE first.id = pairing.id"""


def _dates(facts: Facts) -> list[str]:
    """A relationship began when it says so, or else at the earlier of its making and first session.

    One that follows an ended one of the same tutor, student and subject begins when that ended.
    """
    pairing = facts.working("pairing")
    began = "coalesce(again.given_start, least(again.base_start, first.starts_at))"
    statements = [
        f"""UPDATE {pairing} pairing SET started_on = {facts.on_date(began)}
FROM {pairing} again LEFT JOIN ({sessions.first_sessions(facts)}) first ON first.pairing_id = again.id
WHERE again.id = pairing.id""",
    ]
    if facts.shape.has(CONNECTION):
        statements += [
            _begins_after_the_ended_one(pairing),
            _name_faults(pairing),
            _overlaps(pairing),
        ]
    return [*statements, f"ANALYZE {pairing}"]


def _begins_after_the_ended_one(pairing: str) -> str:
    return f"""UPDATE {pairing} later SET started_on = greatest(later.started_on, earlier.ended_on)
FROM (SELECT tutor_id, student_id, subject_key, max(ended_on) AS ended_on FROM {pairing}
      WHERE status = 'ended' AND source = 'connection' GROUP BY 1, 2, 3) earlier
WHERE later.source = 'student' AND later.tutor_id = earlier.tutor_id
  AND later.student_id = earlier.student_id
  AND later.subject_key IS NOT DISTINCT FROM earlier.subject_key
  AND earlier.ended_on IS NOT NULL"""


def _name_faults(pairing: str) -> str:
    fault = faults_of_dates("status", "started_on", "ended_on")
    return f"UPDATE {pairing} SET fault = concat_ws(' ', nullif(fault, ''), nullif({fault}, ''))"


def faults_of_dates(status: str, started_on: str, ended_on: str) -> str:
    """SQL: an end date is never invented, and none that was given is thrown away."""
    return faults(
        ("no_end_date", f"{status} = 'ended' AND {ended_on} IS NULL"),
        ("end_date_on_open", f"{status} <> 'ended' AND {ended_on} IS NOT NULL"),
        ("ends_before_start", f"{ended_on} < {started_on}"),
    )


def _overlaps(pairing: str) -> str:
    """Of two that hold on one day for one tutor, student and subject, the later bears the fault."""
    return f"""UPDATE {pairing} later SET fault = 'overlap'
WHERE later.fault = '' AND later.status <> 'declined' AND EXISTS (
  SELECT FROM {pairing} earlier
  WHERE earlier.student_id = later.student_id AND earlier.tutor_id = later.tutor_id
    AND earlier.subject_key IS NOT DISTINCT FROM later.subject_key
    AND earlier.fault = '' AND earlier.status <> 'declined'
    AND (NOT earlier.is_primary, earlier.started_on, earlier.id)
      < (NOT later.is_primary, later.started_on, later.id)
    AND daterange(earlier.started_on, earlier.ended_on)
      && daterange(later.started_on, later.ended_on))"""


def relationships(facts: Facts) -> Rows:
    """An end makes ended, whatever was decided before; only one that nobody knows is kept as a word."""
    return Rows(
        "relationships_tutorstudent",
        ("id", "tutor_id", "student_id", "subject_id", "started_on", "ended_on", "status",
         "is_primary", "kind", "end_reason", "legacy_fault", "created_at", "updated_at"),
        f"""SELECT pairing.id, tutor_id, student_id, subject.id, started_on, ended_on, {DECIDED},
  is_primary, 'regular', '', {with_read_fault("pairing", "pairing.fault")}, created_at, updated_at
FROM {facts.working("pairing")} pairing
LEFT JOIN {facts.working("subject")} subject ON subject.key = pairing.subject_key""",
    )  # fmt: skip


def events(facts: Facts) -> Rows:
    """An ``imported`` event holds under ``set`` the whole first state: ``history.replay`` begins there."""
    return Rows(
        "relationships_relationshipevent",
        ("relationship_id", "what", "on_date", "at", "details"),
        f"""SELECT pairing.id, 'imported', started_on, {facts.now_sql}, jsonb_build_object(
    'source', source, 'old', details, 'set', jsonb_build_object(
      'tutor', tutor_id, 'student', student_id, 'subject', subject.id, 'started_on', started_on,
      'ended_on', ended_on, 'status', {DECIDED}, 'is_primary', is_primary, 'kind', 'regular',
      'transferred_from', NULL))
FROM {facts.working("pairing")} pairing
LEFT JOIN {facts.working("subject")} subject ON subject.key = pairing.subject_key""",
        key="relationship_id",
        where="what = 'imported'",
    )
