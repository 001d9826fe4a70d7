"""Entering afterwards what was held and never planned, in one step."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from tandem.kit.transactions import one_transaction
from tandem.lessons import rules
from tandem.lessons.hindrances import found_by
from tandem.lessons.history import What, line, write
from tandem.lessons.models import Session
from tandem.lessons.objections import refuse
from tandem.lessons.steps import (
    REFUSALS,
    LockedLinks,
    Status,
    lesson_of,
    lock_links,
)
from tandem.lessons.surroundings import hindrances_of
from tandem.people.requester import Requester
from tandem.relationships import rules as relationship_rules


@one_transaction(REFUSALS, names_actor=False)
def record_held(
    *,
    requester: Requester,
    tutor_student_id: str,
    starts_at: datetime,
    ends_at: datetime,
    **fields: Any,
) -> Session:
    """Enter a session that was held. ``fields`` are any of ``rules.EDITABLE``.

    It is judged as what was held: on any day of the relationship, the last included, whoever is
    inactive or paused since. ConflictError ``not_begun`` for what is still to come,
    ``outside_relationship``, ``tutor_busy`` and ``student_busy``, ``wrong_status`` for what was
    only asked for, ``only_cover`` for a substitute, whose sessions are those that were covered.
    """
    rules.check_hours(starts_at, ends_at)
    rules.check_edit(fields)
    viewer = requester.viewer
    locked = lock_links(viewer, tutor_student_id)
    own = locked.tutor.pk == viewer.tutor_id
    relationship_rules.check_teacher(is_owner=viewer.is_owner, is_own=own)
    session = Session(
        starts_at=starts_at.astimezone(UTC),
        ends_at=ends_at.astimezone(UTC),
        status=Status.COMPLETED,
        created_at=requester.now,
        **fields,
    )
    _check_held(session, tutor_student_id, locked, requester.now)
    session.save(force_insert=True)
    write([line(session, What.RECORDED, requester=requester)])
    return session


def _check_held(
    session: Session, tutor_student_id: str, locked: LockedLinks, now: datetime
) -> None:
    """Put a session into its relationship; refuse what cannot have been held there."""
    link = locked.links[tutor_student_id]
    session.tutor_student, session.tutor = link, locked.tutor
    session.student = locked.students[link.student_id]
    begun = partial(rules.check_recordable, session_id=None, starts_at=session.starts_at, now=now)
    lesson = lesson_of(session, link, locked.tutor, is_new=True, is_held=True)
    refuse([*found_by(session.pk, lesson.day, [begun]), *hindrances_of([lesson])])
