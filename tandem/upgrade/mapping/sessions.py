"""Session: each goes to one relationship; one that none can hold is listed, never guessed."""

from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR
from tandem.upgrade.legacy.vocabulary import SESSION_WORDS, read_as
from tandem.upgrade.mapping.kept import kept_columns, kept_values
from tandem.upgrade.mapping.terms import Facts, Rows, Step, faults, meaning, subject_key

LONGEST = "interval '24 hours'"
RULED = ("id", "tutor_student_id", "tutor_id", "student_id", "status", "legacy_fault")
"""The columns of which rules say what becomes; all others are kept as they are."""
STATUSES = meaning("lower(btrim(old.status))", read_as(SESSION_WORDS))


def diary_steps(facts: Facts) -> list[Step]:
    """The working table ``diary``: each old session, narrow, with the pairing it goes to.

    Where a student may have several pairings, ``link`` (session, pairing) is made first.
    """
    diary = facts.working("diary")
    return [
        *_linking_steps(facts),
        Step(
            "Sessions to relationships",
            [
                f"""{facts.create("diary")} AS
SELECT old.id, pairing.id AS pairing_id, pairing.tutor_id, pairing.student_id,
  old.start_time, old.end_time, {status(facts)} AS status,
  {status(facts)} IN ('scheduled', 'completed') AS takes_time,
  concat_ws(' ', old.read_fault, nullif({own_faults(facts)}, '')) AS fault
FROM {linked(facts)}""",
                f"ANALYZE {diary}",
            ],
        ),
    ]


def _linking_steps(facts: Facts) -> list[Step]:
    if not facts.shape.has(CONNECTION):
        return []
    link = facts.working("link")
    return [
        Step(
            "Sessions and the relationships they name",
            [
                f"CREATE INDEX ON {facts.working('pairing')} (student_id, tutor_id)",
                f"{facts.create('link')} AS {_link(facts)}",
                f"ANALYZE {link}",
            ],
        )
    ]


def _link(facts: Facts) -> str:
    """First what the row itself names: a connection, or a tutor with whom the student has one.

    Then the primary, where Student.tutorId says that there is one; then the only one there is.
    """
    pairing = facts.working("pairing")
    return f"""
SELECT old.id AS session_id, coalesce(named.id, taught.id, main.id, sole.id) AS pairing_id
FROM {facts.old(SESSION)} old
LEFT JOIN {facts.old(STUDENT)} student ON student.id = old.student_id
LEFT JOIN {pairing} named ON named.id = old.connection_id AND named.source = 'connection'
  AND named.student_id = old.student_id
LEFT JOIN LATERAL (
  SELECT id FROM {pairing} p
  WHERE named.id IS NULL AND p.student_id = old.student_id AND p.tutor_id = old.tutor_id
    AND p.status <> 'declined'
  ORDER BY p.subject_key IS DISTINCT FROM {subject_key("old.subject")}, NOT p.is_primary,
    p.status NOT IN ('active', 'paused'), p.created_at, p.id LIMIT 1
) taught ON true
LEFT JOIN {pairing} main ON main.student_id = student.id AND main.is_primary
  AND main.tutor_id = student.tutor_id
LEFT JOIN (
  SELECT student_id, min(id) AS id FROM {pairing} WHERE status <> 'declined'
  GROUP BY student_id HAVING count(*) = 1
) sole ON sole.student_id = old.student_id"""


def linked(facts: Facts) -> str:
    """SQL joins that put each old session (``old``) beside its pairing (``pairing``), or null."""
    return f"{facts.old(SESSION)} old {facts.beside_pairing('old')}"


def first_sessions(facts: Facts) -> str:
    """SQL for the first session of each pairing: (pairing_id, starts_at)."""
    return f"""SELECT pairing_id, min(start_time) AS starts_at
FROM {facts.working("diary")} WHERE {PLACED} GROUP BY pairing_id"""


def status(facts: Facts) -> str:
    """SQL: what the old row says, or else completed when it is over and scheduled when it is not."""
    by_time = f"CASE WHEN old.end_time <= {facts.now_sql} THEN 'completed' ELSE 'scheduled' END"
    return f"coalesce({STATUSES}, {by_time})" if facts.shape.has(SESSION, "status") else by_time


def own_faults(facts: Facts) -> str:
    """SQL: the rules that a row breaks whatever the dates of its relationship."""
    tests = [
        ("ends_before_start", "old.end_time <= old.start_time"),
        ("too_long", f"old.end_time > old.start_time + {LONGEST}"),
    ]
    if facts.shape.has(SESSION, "status"):
        tests.append(("unknown_status", f"old.status IS NOT NULL AND {STATUSES} IS NULL"))
    if facts.shape.has(SESSION, "tutorId"):
        exists = f"EXISTS (SELECT FROM {facts.old(TUTOR)} t WHERE t.id = old.tutor_id)"
        tests.append(("other_tutor_named", f"old.tutor_id <> pairing.tutor_id AND {exists}"))
    return faults(*tests)


def fault_step(facts: Facts) -> Step:
    """The working table ``faulty`` (session, fault), of the few rows that break a rule."""
    faulty, diary = facts.working("faulty"), facts.working("diary")
    statements = [
        f"""{facts.create("faulty")} AS
SELECT id AS session_id, 'overlap' AS fault FROM ({_overlapping(diary, "tutor_id")}) tutors WHERE clashes
{_students_overlapping(facts, diary)}""",
        f"INSERT INTO {faulty} SELECT id, fault FROM {diary} WHERE fault <> '' AND {PLACED}",
        f"ANALYZE {faulty}",
    ]
    return Step("Faults of sessions", [*_outside(facts), *statements])


def _outside(facts: Facts) -> list[str]:
    """A relationship made of Student.tutorId begins at its first session and has no end."""
    if not facts.shape.has(CONNECTION):
        return []
    day = facts.on_date("diary.start_time")
    return [
        f"""UPDATE {facts.working("diary")} diary
SET fault = concat_ws(' ', nullif(diary.fault, ''), 'outside_relationship')
FROM {facts.working("pairing")} pairing
WHERE pairing.id = diary.pairing_id AND ({day} < pairing.started_on OR {day} > pairing.ended_on)"""
    ]


READABLE = "old.start_time IS NOT NULL AND old.end_time IS NOT NULL"
PLACED = "student_id IS NOT NULL AND start_time IS NOT NULL AND end_time IS NOT NULL"


def _overlapping(diary: str, whose: str) -> str:
    """Of sessions at one time for one person, all but the first to start overlap an earlier one.

    A person is told by the hash by which the exclusion constraints tell them, so that what they
    would refuse is found; and a sort of numbers is quicker.
    """
    return f"""SELECT id, start_time < max(end_time) OVER (
    PARTITION BY hashtextextended({whose}, 0) ORDER BY start_time, end_time, id
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS clashes
  FROM {diary} WHERE takes_time AND fault = '' AND {PLACED}"""


def _students_overlapping(facts: Facts, diary: str) -> str:
    """With one tutor a student, two sessions of a student are two of the tutor's already."""
    if not facts.shape.has(CONNECTION):
        return ""
    return (
        f"UNION SELECT id, 'overlap' FROM ({_overlapping(diary, 'student_id')}) students "
        "WHERE clashes"
    )


def sessions(facts: Facts, *, fault: str = "") -> Rows:
    """Nothing changes but the link: id, times to the millisecond, notes and homework stay.

    ``fault`` is SQL; without it, the working table ``faulty`` says.
    """
    faulty = (
        ""
        if fault
        else f"\nLEFT JOIN {facts.working('faulty')} faulty ON faulty.session_id = old.id"
    )
    return Rows(
        "lessons_session",
        (*RULED, *kept_columns(SESSION)),
        f"""SELECT old.id, pairing.id, pairing.tutor_id, pairing.student_id, {status(facts)},
  {fault or "coalesce(faulty.fault, '')"}, {kept_values(facts, SESSION)}
FROM {linked(facts)}{faulty}
WHERE pairing.id IS NOT NULL AND {READABLE}""",
    )


def sessions_of_diary(facts: Facts) -> Rows:
    """As ``sessions``, of what the working table ``diary`` holds, with the hours that it holds.

    For rows that somebody may write meanwhile: where a session goes and what is wrong with it was
    told by those hours, and of a row that came later nothing was told.
    """
    hours = {name: f"diary.{name}" for name in ("start_time", "end_time")}
    return Rows(
        "lessons_session",
        (*RULED, *kept_columns(SESSION)),
        f"""SELECT diary.id, diary.pairing_id, diary.tutor_id, diary.student_id, diary.status,
  coalesce(faulty.fault, ''), {kept_values(facts, SESSION, hours)}
FROM {facts.working("diary")} diary JOIN {facts.old(SESSION)} old ON old.id = diary.id
LEFT JOIN {facts.working("faulty")} faulty ON faulty.session_id = diary.id
WHERE diary.pairing_id IS NOT NULL AND diary.start_time IS NOT NULL AND diary.end_time IS NOT NULL""",
    )
