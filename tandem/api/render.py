"""Rows as the API shows them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest

from tandem.api.schemas.people import TaughtOut, TutorOut
from tandem.api.schemas.relationships import EventOut, PlannedTutorStudentOut, TutorStudentOut
from tandem.api.schemas.sessions import BusyHours, SessionOut
from tandem.insights.lists import ShownLink, ShownStudent, shown
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_sessions, with_people
from tandem.people.models import Tutor
from tandem.people.queries import Viewer
from tandem.relationships.models import RelationshipEvent, TutorStudent


def student_facts(
    student: ShownStudent, links: Sequence[ShownLink], viewer: Viewer
) -> dict[str, Any]:
    """Return what ``StudentOut`` is made of.

    The parent's link opens every tutor's sessions, so only who teaches now is told it.
    """
    primary = next((link for link in links if link.is_primary), None)
    facts = student._asdict()
    if not viewer.is_owner and not any(
        link.is_open and link.tutor_id == viewer.tutor_id for link in links
    ):
        facts["parent_link_token"] = None
    facts["tutor_id"] = primary.tutor_id if primary else None
    facts["subject"] = (primary.subject if primary else None) or ""
    facts["tutor_students"] = [_facts(link) for link in links]
    return facts


def tutor_out(tutor: Tutor) -> TutorOut:
    """Return a tutor who came with subjects."""
    taught = [
        TaughtOut(subject=one.subject.name, level=one.level)  # type: ignore[arg-type]  # a constraint holds the levels
        for one in tutor.subjects.all()
    ]
    return TutorOut(
        id=tutor.pk,
        full_name=tutor.full_name,
        email=tutor.email,
        phone=tutor.phone,
        capacity=tutor.capacity,
        time_zone=tutor.time_zone,
        active=tutor.active,
        subjects=sorted(taught, key=lambda one: one.subject.lower()),
        created_at=tutor.created_at,
        updated_at=tutor.updated_at,
    )


def tutor_student_out(link: TutorStudent) -> TutorStudentOut:
    """Return a relationship that came with tutor and subject."""
    return TutorStudentOut(**_facts(shown(link)))


def planned_out(link: TutorStudent, *, saved: bool) -> PlannedTutorStudentOut:
    """Return a relationship that a preview may only have thought of."""
    return PlannedTutorStudentOut(**{**_facts(shown(link)), "id": link.pk if saved else None})


def session_out(session: Session) -> SessionOut:
    """Return a session that came with its people and subject."""
    subject = session.tutor_student.subject
    return SessionOut(
        id=session.pk,
        tutor_student_id=session.tutor_student_id,
        tutor_id=session.tutor_id,
        tutor_name=str(session.tutor),
        student_id=session.student_id,
        student_name=session.student.full_name,
        subject=subject.name if subject else None,
        start_time=session.starts_at,
        end_time=session.ends_at,
        status=session.status,  # type: ignore[arg-type]  # a constraint holds the statuses
        title=session.title,
        notes=session.notes,
        homework=session.homework,
        location=session.location,
        meeting_link=session.meeting_link,
        progress=session.progress,
        group_id=session.group,
        created_at=session.created_at,
        updated_at=session.updated_at,
    )


def sessions_out(ids: Iterable[str]) -> list[SessionOut]:
    """Return these sessions, by start, whoever may see them."""
    rows = with_people(Session.objects.filter(pk__in=list(ids)).order_by("starts_at", "id"))
    return [session_out(row) for row in rows]


def clashing(request: HttpRequest, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the sessions of a conflict: whole, or no more than their hours, as may be seen."""
    wanted = list(ids)
    viewer: Viewer = request.auth.viewer  # type: ignore[attr-defined]  # left there by ninja
    seen = set(visible_sessions(viewer).filter(pk__in=wanted).values_list("pk", flat=True))
    return [
        _as_json(
            one if one.id in seen else BusyHours(start_time=one.start_time, end_time=one.end_time)
        )
        for one in sessions_out(wanted)
    ]


def event_out(event: RelationshipEvent, subjects: dict[str, str], visible: set[str]) -> EventOut:
    """Return a line of history; ``subjects`` are names by id, ``visible`` relationships by id."""
    link, details = event.relationship, event.details
    subject = event.what == RelationshipEvent.What.SUBJECT_CHANGED
    around = {name: details.get(name) for name in ("from", "to")}
    other = {name: None if subject or pk not in visible else pk for name, pk in around.items()}
    names = {name: subjects.get(pk) if subject and pk else None for name, pk in around.items()}
    return EventOut(
        id=event.pk,
        what=event.what,
        on_date=event.on_date,
        at=event.at,
        by=str(event.actor) if event.actor else None,
        tutor_student_id=link.pk,
        tutor_id=link.tutor_id,
        tutor_name=str(link.tutor),
        reason=details.get("reason") or None,
        from_subject=names["from"],
        to_subject=names["to"],
        from_tutor_student_id=other["from"],
        to_tutor_student_id=other["to"],
    )


def _facts(link: ShownLink) -> dict[str, Any]:
    """Return what any schema of a relationship is made of."""
    facts = link._asdict()
    facts["start_date"] = facts.pop("started_on")
    facts["end_date"] = facts.pop("ended_on")
    facts["transferred_from"] = facts.pop("transferred_from_id")
    facts["active"] = link.status == TutorStudent.Status.ACTIVE
    return facts


def _as_json(payload: SessionOut | BusyHours) -> dict[str, Any]:
    return payload.model_dump(mode="json", by_alias=True)
