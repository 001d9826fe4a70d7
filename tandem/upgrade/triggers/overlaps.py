"""Which sessions cannot both be held, in SQL; a property test holds it equal to Python's rule."""

from tandem.upgrade.mapping.sessions import LONGEST

TAKES_TIME = "IN ('scheduled', 'completed')"


def overlapping(one: str, other: str) -> str:
    """SQL: two rows of sessions cannot both be held; the rule of ``tandem.lessons.rules.overlaps``.

    A student is in one place at a time, and so is a tutor, for whom sessions of a group are one.
    Each name stands for a row with id, tutor_id, student_id, starts_at, ends_at and group_id.
    """
    return (
        f"({one}.id <> {other}.id AND {one}.starts_at < {other}.ends_at AND {other}.starts_at < {one}.ends_at"
        f" AND ({one}.student_id = {other}.student_id OR ({one}.tutor_id = {other}.tutor_id"
        f" AND coalesce({one}.group_id, {one}.id) <> coalesce({other}.group_id, {other}.id))))"
    )


def clashes(session: str, *, leaving: str = "'{}'::text[]") -> str:
    """SQL: another faultless session, not of the ids ``leaving``, takes the tutor's or student's time.

    ``session`` names a row with id, tutor_id, student_id, starts_at, ends_at and group_id.
    """
    return " OR ".join(
        f"""EXISTS (SELECT FROM lessons_session other
      WHERE other.{whose} = {session}.{whose} AND {overlapping(session, "other")}
        AND other.status {TAKES_TIME} AND other.legacy_fault = ''
        AND other.starts_at < {session}.ends_at AND other.starts_at > {session}.starts_at - {LONGEST}
        AND other.id NOT IN (SELECT unnest({leaving})))"""
        for whose in ("tutor_id", "student_id")
    )
