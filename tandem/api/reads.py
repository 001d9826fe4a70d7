"""What the API's reads answer: each says what it asks and returns the payload that is sent.

They are run by who needs them: by a route, on Django's connection, or directly (``direct.py``).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tandem.api.paging import (
    NEWEST_STUDENTS,
    RELATIONSHIPS,
    SESSIONS,
    STUDENTS,
    TUTORS,
    Order,
    cut,
    list_page,
)
from tandem.api.render import (
    dashboard_json,
    relationship_json,
    session_json,
    student_json,
    tutor_json,
)
from tandem.api.schemas.people import StudentPage, TutorPage
from tandem.api.schemas.relationships import TutorStudentPage
from tandem.api.schemas.sessions import SessionPage
from tandem.insights import lists
from tandem.insights.dashboard import dashboard_with_today
from tandem.insights.filters import RelationshipFilter, StudentFilter, TutorFilter
from tandem.kit.errors import NotFoundError
from tandem.kit.named_sql import Read
from tandem.lessons.queries import SessionFilter
from tandem.people.link_keys import link_keys
from tandem.people.queries import Viewer

Payload = Mapping[str, Any]


def student_list(viewer: Viewer, filters: StudentPage) -> Read[Payload]:
    """Return a page of students, each with the relationships that ``viewer`` may see."""
    wanted = StudentFilter(
        link=RelationshipFilter(
            tutor_id=filters.tutor_id,
            subject=filters.subject,
            statuses=tuple(filters.status),
            as_of=filters.as_of,
        ),
        updated_since=filters.updated_since,
        q=(filters.q or "").strip(),
    )
    newest = filters.sort == "-createdAt"
    order: Order[Any] = NEWEST_STUDENTS if newest else STUDENTS
    page = list_page(order, filters)
    found = yield from lists.students(viewer, wanted, page, newest_first=newest)
    shown, rest = cut(found, order, filters)
    ids = [student.id for student in shown]
    links = yield from lists.relationships_of_students(viewer, ids, as_of=filters.as_of)
    keys = link_keys()
    listed = [student_json(student, links[student.id], viewer, keys) for student in shown]
    if filters.last_session:
        last = yield from lists.last_sessions(viewer, ids)
        for one in listed:
            held = last.get(one["id"])
            one["lastSession"] = held and session_json(held)
    return {"next": rest, "students": listed}


def student(viewer: Viewer, student_id: str) -> Read[Payload]:
    """Return one student; NotFoundError where ``viewer`` sees none of this id."""
    found = yield from lists.student_with_relationships(viewer, student_id)
    if found is None:
        raise NotFoundError("student", student_id)
    return {"student": student_json(*found, viewer, link_keys())}


def tutor_list(viewer: Viewer, filters: TutorPage) -> Read[Payload]:
    """Return a page of tutors with what they teach."""
    wanted = TutorFilter(
        student_id=filters.student_id,
        subject=filters.subject,
        updated_since=filters.updated_since,
        q=(filters.q or "").strip(),
    )
    found = yield from lists.tutors(viewer, wanted, list_page(TUTORS, filters))
    shown, rest = cut(found, TUTORS, filters)
    taught = yield from lists.subjects_of_tutors([row.id for row in shown])
    return {"next": rest, "tutors": [tutor_json(row, taught[row.id]) for row in shown]}


def tutor(viewer: Viewer, tutor_id: str) -> Read[Payload]:
    """Return one tutor; NotFoundError where ``viewer`` sees none of this id."""
    found = yield from lists.tutor(viewer, tutor_id)
    if found is None:
        raise NotFoundError("tutor", tutor_id)
    taught = yield from lists.subjects_of_tutors([tutor_id])
    return {"tutor": tutor_json(found, taught[tutor_id])}


def tutor_student_list(viewer: Viewer, filters: TutorStudentPage) -> Read[Payload]:
    """Return a page of relationships."""
    wanted = RelationshipFilter(
        tutor_id=filters.tutor_id,
        student_id=filters.student_id,
        subject=filters.subject,
        statuses=tuple(filters.status),
        as_of=filters.as_of,
        updated_since=filters.updated_since,
    )
    found = yield from lists.relationships(viewer, wanted, list_page(RELATIONSHIPS, filters))
    shown, rest = cut(found, RELATIONSHIPS, filters)
    return {"next": rest, "tutorStudents": [relationship_json(row) for row in shown]}


def session_list(viewer: Viewer, filters: SessionPage) -> Read[Payload]:
    """Return a page of sessions."""
    wanted = SessionFilter(
        tutor_id=filters.tutor_id,
        student_id=filters.student_id,
        tutor_student_id=filters.tutor_student_id,
        starts_from=filters.from_,
        starts_before=filters.to,
        statuses=tuple(filters.status),
        updated_since=filters.updated_since,
    )
    page = list_page(SESSIONS, filters)
    rows = yield from lists.sessions(viewer, wanted, page, subject=filters.subject)
    shown, rest = cut([(row.start_time, row) for row in rows], SESSIONS, filters)
    return {"next": rest, "sessions": [session_json(row) for row in shown]}


def session(viewer: Viewer, session_id: str) -> Read[Payload]:
    """Return one session; NotFoundError where ``viewer`` sees none of this id."""
    found = yield from lists.session(viewer, session_id)
    if found is None:
        raise NotFoundError("session", session_id)
    return {"session": session_json(found)}


def dashboard(viewer: Viewer, now: datetime) -> Read[tuple[Payload, datetime]]:
    """Return the numbers of the dashboard and the sessions of today.

    And until when they stay so, if nothing is written.
    """
    found = yield from dashboard_with_today(viewer, now=now)
    return {"dashboard": dashboard_json(found.dashboard, found.sessions)}, found.until
