"""Subject and TutorSubject: spellings that differ in case and outer space are one subject."""

from tandem.upgrade.legacy.shapes import CONNECTION, SESSION, STUDENT, TUTOR
from tandem.upgrade.legacy.vocabulary import NOT_CHOSEN
from tandem.upgrade.mapping.terms import Facts, Rows, Step, literal, subject_key, subject_name


def spellings(facts: Facts) -> str:
    """SQL for every (tutor_id, spelling) seen together in the old rows; both may be null."""
    seen = [f"SELECT tutor_id, subject AS spelling FROM {facts.old(STUDENT)} student"]
    if facts.shape.has(CONNECTION):
        seen.append(f"SELECT tutor_id, subject FROM {facts.old(CONNECTION)} connection")
    if facts.shape.has(SESSION, "subject") and facts.shape.has(SESSION, "tutorId"):
        seen.append(
            f"SELECT tutor_id, subject FROM {facts.old(SESSION)} session "
            f"WHERE subject <> {literal(NOT_CHOSEN)}"
        )
    return "\nUNION ALL ".join(seen)


def named_subjects(facts: Facts) -> str:
    """SQL for each subject seen: (key, name, id)."""
    return f"""SELECT DISTINCT ON (key) key, name, tandem_ulid({facts.now_sql}, 'subject ' || key) AS id
FROM (SELECT {subject_key("spelling")} AS key, {subject_name("spelling")} AS name, count(*) AS times
      FROM ({spellings(facts)}) seen GROUP BY 1, 2) counted
WHERE key IS NOT NULL
ORDER BY key, times DESC, name = upper(name), name"""


def subject_step(facts: Facts) -> Step:
    """The subjects: each key, its id, and the spelling most used, capitals last among equals."""
    return Step(
        "Subjects",
        [
            f"{facts.create('subject')} AS\n{named_subjects(facts)}",
            f"ANALYZE {facts.working('subject')}",
        ],
    )


def subjects(facts: Facts) -> Rows:
    """A subject bears no moment, but the id of one that Tandem added begins with its own."""
    return Rows(
        "people_subject",
        ("id", "name"),
        f"SELECT id, name FROM {facts.working('subject')}",
        changed_later="e.id IS NULL AND left(f.id, 10) >= left(tandem_ulid(%(since)s, ''), 10)",
    )


def tutor_subjects(facts: Facts) -> Rows:
    """Every tutor and subject seen together; a level is never invented.

    Whoever changes what a tutor teaches changes the tutor's moment.
    """
    return Rows(
        "people_tutorsubject",
        ("id", "tutor_id", "subject_id", "level"),
        f"""SELECT tandem_ulid({facts.now_sql}, 'teaches ' || tutor.id || ' ' || subject.id), tutor.id, subject.id, ''
FROM (SELECT DISTINCT tutor_id, {subject_key("spelling")} AS key FROM ({spellings(facts)}) seen) pair
JOIN {facts.old(TUTOR)} tutor ON tutor.id = pair.tutor_id
JOIN {facts.working("subject")} subject ON subject.key = pair.key""",
        changed_later="""EXISTS (SELECT FROM people_tutor tutor
    WHERE tutor.id = coalesce(f.tutor_id, e.tutor_id) AND tutor.updated_at > %(since)s)""",
    )
