"""Sessions that name a tutor whom the old side has not, as a set; by id ``unknown_tutors.sql`` does."""

from tandem.upgrade.legacy.old_side import SYNC

ALL_THAT_TANDEM_HAS = "session_id IN (SELECT id FROM lessons_session)"
"""SQL: of the sessions that were brought."""


def list_unknown_tutors(of: str) -> str:
    """SQL that lists such sessions; ``of`` is SQL for whose, by ``session_id`` or ``student_id``."""
    return (
        f"INSERT INTO {SYNC}.unknown_tutor (session_id, tutor_id)"
        f" SELECT session_id, tutor_id FROM {SYNC}.names_unknown_tutor WHERE {of}"
        " ORDER BY 1 ON CONFLICT DO NOTHING"
    )
