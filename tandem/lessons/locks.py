"""Everything that one resource of the API is made of, held still before a write compares it.

The order is that of every action (``kit.transactions``). A write may lock a tutor whom its body
names, so those are locked here too, before any student: the write then waits for nothing new.
"""

from collections.abc import Iterable

from tandem.kit.errors import NotFoundError
from tandem.kit.named_sql import fetch_locked
from tandem.kit.transactions import ChangedMeanwhileError
from tandem.lessons.models import Session
from tandem.lessons.queries import one_series, taught_together, visible_session
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, visible_student, visible_tutor
from tandem.relationships.locks import LOCK_TUTORS, Links, lock_students
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_pair


def lock_tutor_seen(viewer: Viewer, tutor_id: str, named: Iterable[str] = ()) -> None:
    """Lock a tutor whom the viewer may see; ``named`` are ids of further tutors, if there."""
    visible_tutor(viewer, tutor_id)
    _lock_tutors({tutor_id, *named})


def lock_student_seen(viewer: Viewer, student_id: str, named: Iterable[str] = ()) -> None:
    """Lock a student whom the viewer may see, everybody who ever taught them, and all between."""
    visible_student(viewer, student_id)
    teaching = TutorStudent.objects.filter(student=student_id).values_list("tutor_id", flat=True)
    _lock_people([student_id], {*teaching, *named})


def lock_relationship_seen(
    viewer: Viewer, tutor_student_id: str, named: Iterable[str] = ()
) -> None:
    """Lock a relationship that the viewer may see, with its people."""
    tutor_id, student_id = visible_pair(viewer, tutor_student_id)
    teaching = TutorStudent.objects.filter(student=student_id).values_list("tutor_id", flat=True)
    links = _lock_people([student_id], {tutor_id, *teaching, *named})
    links[tutor_student_id]  # Gone or moved meanwhile: the write begins again.


def lock_series_seen(viewer: Viewer, series_id: str, named: Iterable[str] = ()) -> None:
    """Lock everybody in a series that the viewer may see, and in its group, with their tutors."""
    rows = taught_together(viewer, one_series(viewer, series_id))
    students = {one.tutor_student.student_id for one in rows}
    teaching = TutorStudent.objects.filter(student__in=students).values_list("tutor_id", flat=True)
    _lock_people(students, {*teaching, *named})


def lock_session_seen(viewer: Viewer, session_id: str, named: Iterable[str] = ()) -> None:
    """Lock a session that the viewer may see, after the people in it."""
    seen = visible_session(viewer, session_id)
    teaching = TutorStudent.objects.filter(student=seen.student_id)
    _lock_people([seen.student_id], {*teaching.values_list("tutor_id", flat=True), *named})
    row = Session.objects.select_for_update(no_key=True).filter(pk=session_id).first()
    if row is None:
        raise NotFoundError("session", session_id)
    if row.student_id != seen.student_id:
        raise ChangedMeanwhileError


def _lock_people(student_ids: Iterable[str], tutor_ids: set[str]) -> Links:
    _lock_tutors(tutor_ids)
    _, links = lock_students(*student_ids)
    if any(link.tutor_id not in tutor_ids for link in links.values()):
        raise ChangedMeanwhileError
    return links


def _lock_tutors(tutor_ids: set[str]) -> None:
    """Lock those who are there: what the write says of an unknown one is the write's to say."""
    fetch_locked(LOCK_TUTORS, {"ids": list(tutor_ids)}, Tutor)
