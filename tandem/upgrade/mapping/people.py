"""Tutor, Student, Parent and Subscription: carried over as they are."""

from tandem.upgrade.legacy.shapes import PARENT, STUDENT, SUBSCRIPTION, TUTOR
from tandem.upgrade.mapping.terms import Facts, Rows, faults, with_read_fault


def made_at(facts: Facts, row: str) -> str:
    """SQL for when a row was made; where that could not be read, when it was last changed."""
    return f"coalesce({row}.created_at, {row}.updated_at, {facts.now_sql})"


def made_and_changed(facts: Facts, row: str) -> str:
    """SQL for created_at and updated_at; one that could not be read is taken from the other."""
    changed = f"coalesce({row}.updated_at, {row}.created_at, {facts.now_sql})"
    return f"{made_at(facts, row)}, {changed}"


def tutors(facts: Facts, *, fault: str = "") -> Rows:
    """Of addresses that differ in case only, the tutor made first keeps a faultless one.

    ``fault`` is SQL that says otherwise what is wrong with one.
    """
    first = "row_number() OVER (PARTITION BY lower(old.email) ORDER BY old.created_at, old.id) = 1"
    fault = fault or with_read_fault("old", faults(("duplicate_email", f"NOT ({first})")))
    return Rows(
        "people_tutor",
        ("id", "full_name", "email", "phone", "auth_subject", "stripe_customer_id", "time_zone",
         "active", "legacy_fault", "created_at", "updated_at"),
        f"""SELECT old.id, '', old.email, old.phone, old.user_id, old.stripe_customer_id, '', true,
  {fault}, {made_and_changed(facts, "old")}
FROM {facts.old(TUTOR)} old""",
    )  # fmt: skip


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
        ("id", "full_name", "year", "active", "email", "phone", "auth_subject", "parent_email",
         "parent_link_token", "time_zone", "legacy_fault", "created_at", "updated_at"),
        f"""SELECT old.id, coalesce(old.full_name, ''), coalesce(old.year, ''), coalesce(old.active, true),
  old.email, old.phone, old.user_id, old.parent_email, old.parent_link_token, '',
  {fault}, {made_and_changed(facts, "old")}
FROM {facts.old(STUDENT)} old LEFT JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id""",
    )  # fmt: skip


def parents(facts: Facts) -> Rows:
    return Rows(
        "people_parent",
        ("id", "student_id", "auth_subject", "email", "phone", "full_name", "created_at",
         "updated_at"),
        f"""SELECT old.id, old.student_id, old.user_id, old.email, old.phone, old.full_name,
  {made_and_changed(facts, "old")}
FROM {facts.old(PARENT)} old JOIN {facts.old(STUDENT)} student ON student.id = old.student_id""",
    )  # fmt: skip


def subscriptions(facts: Facts) -> Rows:
    return Rows(
        "people_subscription",
        ("id", "tutor_id", "status", "stripe_customer_id", "stripe_sub_id", "current_period_end",
         "created_at", "updated_at"),
        f"""SELECT old.id, old.tutor_id, old.status, old.stripe_customer_id, old.stripe_sub_id,
  old.current_period_end, {made_and_changed(facts, "old")}
FROM {facts.old(SUBSCRIPTION)} old JOIN {facts.old(TUTOR)} tutor ON tutor.id = old.tutor_id
WHERE old.current_period_end IS NOT NULL""",
    )  # fmt: skip
