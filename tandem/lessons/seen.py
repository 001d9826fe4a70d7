"""What a page or an answer showed, held still so that a write can be compared with it.

A page that saves a form and a request with ``If-Match`` hold what they showed, compare it, and let
the action do its work, all in the action's own transaction: nobody comes between. What is held is
locked in the order of every action (``kit.transactions``), with everybody whom the action will
lock, so that it waits for nothing new. ``named`` are ids of further tutors whom the write names.
"""

from collections.abc import Iterable, Mapping

from tandem.kit.errors import NotFoundError
from tandem.kit.named_sql import fetch_locked
from tandem.kit.transactions import ChangedMeanwhileError
from tandem.lessons.models import Session
from tandem.lessons.queries import one_series, sessions_by_id, taught_together, visible_session
from tandem.lessons.steps import lock_sessions
from tandem.people.models import Student, Tutor
from tandem.people.queries import Viewer, visible_student, visible_tutor
from tandem.relationships.locks import LOCK_TUTORS, Links, lock_students
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_pair


def hold_tutor(viewer: Viewer, tutor_id: str, named: Iterable[str] = ()) -> Tutor:
    """Hold a tutor whom the viewer may see; NotFoundError where there is none."""
    visible_tutor(viewer, tutor_id)
    tutors = _lock_tutors({tutor_id, *named})
    if tutor_id not in tutors:
        raise NotFoundError("tutor", tutor_id)
    return tutors[tutor_id]


def hold_student(viewer: Viewer, student_id: str, named: Iterable[str] = ()) -> Student:
    """Hold a student whom the viewer may see, everybody who ever taught them, and all between."""
    visible_student(viewer, student_id)
    students, _ = _lock_people([student_id], {*_ever_taught([student_id]), *named})
    return students[student_id]


def hold_relationship(
    viewer: Viewer, tutor_student_id: str, named: Iterable[str] = ()
) -> TutorStudent:
    """Hold a relationship that the viewer may see, with its people."""
    tutor_id, student_id = visible_pair(viewer, tutor_student_id)
    _, links = _lock_people([student_id], {tutor_id, *_ever_taught([student_id]), *named})
    return links[tutor_student_id]  # Gone or moved meanwhile: the write begins again.


def hold_series(viewer: Viewer, series_id: str, named: Iterable[str] = ()) -> None:
    """Hold everybody in a series that the viewer may see, and in its group, with their tutors."""
    rows = taught_together(viewer, one_series(viewer, series_id))
    students = {one.tutor_student.student_id for one in rows}
    _lock_people(students, {*_ever_taught(students), *named})


def hold_session(viewer: Viewer, session_id: str, named: Iterable[str] = ()) -> Session:
    """Hold a session that the viewer may see, after the people in it."""
    seen = visible_session(viewer, session_id)
    _lock_people([seen.student_id], {*_ever_taught([seen.student_id]), *named})
    row = Session.objects.select_for_update(no_key=True).filter(pk=session_id).first()
    if row is None:
        raise NotFoundError("session", session_id)
    if row.student_id != seen.student_id:
        raise ChangedMeanwhileError
    return row


def hold_sessions(viewer: Viewer, session_ids: Iterable[str]) -> Mapping[str, Session]:
    """Hold several sessions that the viewer may see, after the people in them; each by id."""
    return lock_sessions(sessions_by_id(viewer, [*session_ids])).sessions


def _ever_taught(student_ids: Iterable[str]) -> Iterable[str]:
    """Return the ids of everybody who teaches these students, or did."""
    rows = TutorStudent.objects.filter(student__in=student_ids)
    return rows.values_list("tutor_id", flat=True)


def _lock_people(
    student_ids: Iterable[str], tutor_ids: set[str]
) -> tuple[Mapping[str, Student], Links]:
    _lock_tutors(tutor_ids)
    students, links = lock_students(*student_ids)
    if any(link.tutor_id not in tutor_ids for link in links.values()):
        raise ChangedMeanwhileError
    return students, links


def _lock_tutors(tutor_ids: set[str]) -> Mapping[str, Tutor]:
    """Lock those who are there: what the write says of an unknown one is the write's to say."""
    rows = fetch_locked(LOCK_TUTORS, {"ids": list(tutor_ids)}, Tutor)
    return {row.pk: row for row in rows}
