"""Tutor, Student, Parent and Subscription: carried over as they are."""

from tandem.upgrade.legacy.shapes import PARENT, STUDENT, SUBSCRIPTION, TUTOR
from tandem.upgrade.mapping.kept import kept_columns, kept_values
from tandem.upgrade.mapping.terms import Facts, Rows, faults, with_read_fault


def tutors(facts: Facts, *, fault: str = "") -> Rows:
    """Of addresses that differ in case only, the tutor made first keeps a faultless one.

    ``fault`` is SQL that says otherwise what is wrong with one.
    """
    first = "row_number() OVER (PARTITION BY lower(old.email) ORDER BY old.created_at, old.id) = 1"
    fault = fault or with_read_fault("old", faults(("duplicate_email", f"NOT ({first})")))
    return Rows(
        "people_tutor",
        ("id", *kept_columns(TUTOR), "full_name", "time_zone", "active", "legacy_fault"),
        f"""SELECT old.id, {kept_values(facts, TUTOR)}, '', '', true, {fault}
FROM {facts.old(TUTOR)} old""",
    )


def students(facts: Facts) -> Rows:
    """A tutor who does not exist is a fault of the student, not a reason to lose the student."""
    fault = with_read_fault(
        "old",
        faults(
            ("blank_name", "old.full_name IS NULL OR old.full_name ~ '^\\s*$'"),
            ("dangling_tutor", "old.tutor_id IS NOT NULL AND tutor.id IS NULL"),
        ),
    )
    return Rows(
        "people_student",
        ("id", *kept_columns(STUDENT), "time_zone", "legacy_fault"),
        f"""SELECT old.id, {kept_values(facts, STUDENT)}, '', {fault}
FROM {facts.old(STUDENT)} old LEFT JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id""",
    )


def parents(facts: Facts) -> Rows:
    return Rows(
        "people_parent",
        ("id", *kept_columns(PARENT)),
        f"""SELECT old.id, {kept_values(facts, PARENT)}
FROM {facts.old(PARENT)} old JOIN {facts.old(STUDENT)} student ON student.id = old.student_id""",
    )


def subscriptions(facts: Facts) -> Rows:
    return Rows(
        "people_subscription",
        ("id", *kept_columns(SUBSCRIPTION)),
        f"""SELECT old.id, {kept_values(facts, SUBSCRIPTION)}
FROM {facts.old(SUBSCRIPTION)} old JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id
WHERE old.current_period_end IS NOT NULL""",
    )
