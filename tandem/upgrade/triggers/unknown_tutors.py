"""Sessions that name a tutor whom the old side has not, as a set; one by one ``unknown_tutors.sql`` does."""

from tandem.upgrade.legacy.old_side import SYNC


def list_unknown_tutors(sessions: str) -> str:
    """SQL that lists those of ``sessions``, SQL for a relation of old rows, that name such a tutor."""
    return (
        f"INSERT INTO {SYNC}.unknown_tutor (session_id, tutor_id)"
        f" SELECT said.id, said.tutor_id FROM {sessions} said WHERE said.tutor_id IS NOT NULL"
        f" AND NOT EXISTS (SELECT FROM {SYNC}.tutor t WHERE t.id = said.tutor_id)"
        " ORDER BY 1 ON CONFLICT DO NOTHING"
    )


ALL_THAT_TANDEM_HAS = (
    f"(SELECT said.* FROM {SYNC}.session said JOIN lessons_session there ON there.id = said.id)"
)
"""SQL: the old rows of sessions that were brought."""
