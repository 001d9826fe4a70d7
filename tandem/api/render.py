"""Rows as the API shows them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any, NamedTuple

from django.http import HttpRequest
from pydantic.alias_generators import to_camel

from tandem.api.schemas.parts import Output
from tandem.api.schemas.relationships import (
    EventOut,
    PlannedTutorStudentOut,
    PrimaryKeptOut,
    TutorStudentOut,
)
from tandem.api.schemas.sessions import BusyHours, CancellationOut, SessionEventOut, SessionOut
from tandem.api.schemas.touched import TouchedSessionOut
from tandem.insights.dashboard import Dashboard, Trend
from tandem.insights.periods import Span
from tandem.insights.rows import (
    RelationshipRow,
    SessionRow,
    StudentRow,
    TaughtRow,
    TutorRow,
    relationship_row,
)
from tandem.kit.plain_letters import name_order
from tandem.lessons.history import last_cancellations
from tandem.lessons.models import Session, SessionEvent
from tandem.lessons.queries import ids_seen, sessions_whoever_sees
from tandem.lessons.zones import Touched
from tandem.people.link_keys import LinkKeys, opened
from tandem.people.queries import Viewer, told_reasons
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.primary_again import DecidedSince


def members(schema: type[Output], row: type[NamedTuple]) -> tuple[str, ...]:
    """Return the JSON names of a row's columns; TypeError where the schema has others, or an order.

    What is made of rows is not checked again when it is sent, so it is checked here that it fits.
    """
    fields = schema.model_fields
    if list(fields) != list(row._fields):
        raise TypeError(f"{row.__name__} has not the members of {schema.__name__}.")
    return tuple(one.serialization_alias or to_camel(name) for name, one in fields.items())


RELATIONSHIP = members(TutorStudentOut, RelationshipRow)
SESSION = members(SessionOut, SessionRow)
CANCELLED = Session.Status.CANCELLED
HOURS = ("tutorId", "tutorName", "subject", "sessions", "hours")


def student_json(
    student: StudentRow,
    links: Sequence[RelationshipRow],
    viewer: Viewer,
    keys: LinkKeys,
) -> dict[str, Any]:
    """Return a student as ``StudentOut`` has it; ``keys`` open the parent's link.

    Who teaches now is told how to reach the family, and the parent's link, which opens every
    tutor's sessions. A former tutor, a substitute and who was asked know the name, and what is of
    their own time; that is decided by the day where the tutor is, and by no other that was asked
    for. No token that may only read is told the link: it opens more than was given.
    """
    primary = next((link for link in links if link.is_primary), None)
    return {
        "id": student.id,
        "fullName": student.full_name,
        "tutorId": primary.tutor_id if primary else None,
        "subject": (primary.subject if primary else None) or "",
        "year": student.year,
        "active": student.active,
        "email": student.email if student.told else None,
        "phone": student.phone if student.told else None,
        "parentEmail": student.parent_email if student.told else None,
        "parentLinkToken": opened(student.kept_link, keys)
        if student.told and not viewer.read_only
        else None,
        "timeZone": student.time_zone,
        "createdAt": student.created_at,
        "updatedAt": student.updated_at,
        "tutorStudents": [relationship_json(link) for link in links],
    }


def tutor_json(tutor: TutorRow, taught: Sequence[TaughtRow]) -> dict[str, Any]:
    """Return a tutor as ``TutorOut`` has it."""
    subjects = sorted(taught, key=lambda one: name_order(one.subject))
    return {
        "id": tutor.id,
        "fullName": tutor.full_name,
        "email": tutor.email,
        "phone": tutor.phone,
        "capacity": tutor.capacity,
        "timeZone": tutor.time_zone,
        "active": tutor.active,
        "subjects": [{"subject": one.subject, "level": one.level} for one in subjects],
        "createdAt": tutor.created_at,
        "updatedAt": tutor.updated_at,
    }


def relationship_json(link: RelationshipRow) -> dict[str, Any]:
    """Return a relationship as ``TutorStudentOut`` has it."""
    return dict(zip(RELATIONSHIP, link, strict=True))


def session_json(session: SessionRow) -> dict[str, Any]:
    """Return a session as ``SessionOut`` has it."""
    return dict(zip(SESSION, session, strict=True))


def dashboard_json(found: Dashboard, today: Iterable[SessionRow]) -> dict[str, Any]:
    """Return a dashboard as ``DashboardOut`` has it."""
    counts = found.counts
    return {
        "timeZone": found.calendar.zone,
        "students": {"total": counts["students"], **_named(counts, "active", "taught")},
        "relationships": found.relationships,
        "week": _counted_in(found.calendar.week, found.week),
        "month": _counted_in(found.calendar.month, found.month),
        "hours": [dict(zip(HOURS, astuple(one), strict=True)) for one in found.hours],
        "changes": {to_camel(name): _change(one) for name, one in found.trends.items()},
        "today": [session_json(one) for one in today],
        "needsAttention": {
            "faults": sum(number for name, number in counts.items() if name.startswith("faulty_")),
            "pastStillScheduled": counts["past_still_scheduled"],
            "studentsWithoutTutor": counts["students_without_tutor"],
            "requests": counts["requests"],
        },
    }


def _named(counts: Mapping[str, int], *names: str) -> dict[str, int]:
    return {name: counts[name] for name in names}


def _counted_in(span: Span, counts: Mapping[str, int]) -> dict[str, Any]:
    by_status = {to_camel(status): number for status, number in counts.items()}
    return {"from": span.starts, "to": span.ends, **by_status}


def _change(trend: Trend) -> dict[str, float]:
    return {
        "thisMonth": float(trend.this_month),
        "monthBefore": float(trend.month_before),
        "change": float(trend.change),
    }


def tutor_student_out(
    link: TutorStudent, day: date, *, is_primary: bool | None = None
) -> TutorStudentOut:
    """Return a relationship that came with tutor and subject, as it is on ``day``.

    ``is_primary`` is whether it would be the primary then, where a preview foretells that.
    """
    return TutorStudentOut(**relationship_row(link, day, is_primary=is_primary)._asdict())


def primary_kept_out(rows: Iterable[DecidedSince]) -> list[PrimaryKeptOut]:
    """Return who stays primary because that was decided since."""
    return [
        PrimaryKeptOut(
            tutor_student_id=one.link.pk,
            start_date=one.starts_on.isoformat(),
            end_date=one.ends_on.isoformat() if one.ends_on else None,
        )
        for one in rows
    ]


def planned_out(
    link: TutorStudent, day: date, *, saved: bool, primaries: Collection[str] | None = None
) -> PlannedTutorStudentOut:
    """Return a relationship that a preview may only have thought of.

    ``primaries`` are the ids of those that are primary on the day, for who has read it of many.
    """
    is_primary = None if primaries is None else link.pk in primaries
    row = relationship_row(link, day, is_foretold=not saved, is_primary=is_primary)
    return PlannedTutorStudentOut(**{**row._asdict(), "id": link.pk if saved else None})


def session_out(session: Session, event: SessionEvent | None = None) -> SessionOut:
    """Return a session that came with its people and subject.

    ``event`` is the last line about its being called off, where it is.
    """
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
        cancellation=_cancellation(event),
        created_at=session.created_at,
        updated_at=session.updated_at,
    )


def sessions_out(ids: Iterable[str]) -> list[SessionOut]:
    """Return these sessions, by start, whoever may see them."""
    rows = sessions_whoever_sees(list(ids))
    events = last_cancellations([row.pk for row in rows if row.status == CANCELLED])
    return [session_out(row, events.get(row.pk)) for row in rows]


def cancellation_out(told: Mapping[str, Any]) -> CancellationOut:
    """Return what history tells of a session that was called off (``as_told``)."""
    members: dict[str, Any] = {name: told.get(name) for name in CancellationOut.model_fields}
    return CancellationOut(**members)


def _cancellation(event: SessionEvent | None) -> CancellationOut | None:
    """Return what a line of history tells of a session that was called off, if it tells any."""
    told = event and event.details.get("cancellation")
    return cancellation_out(told) if told else None


def touched_session_out(row: Session) -> TouchedSessionOut:
    """Return a session that stands in hours or on days that are no longer free."""
    return TouchedSessionOut(
        id=row.pk,
        tutor_id=row.tutor_id,
        student_id=row.student_id,
        start_time=row.starts_at,
        end_time=row.ends_at,
        status=row.status,  # type: ignore[arg-type]  # a constraint holds the statuses
    )


def touched_json(touched: Touched) -> dict[str, Any]:
    """Return a session that a change of zone touches as ``TouchedOut`` has it."""
    return {
        "session": _as_json(session_out(touched.session)),
        "dateBefore": touched.before,
        "dateAfter": touched.after,
    }


def clashing(request: HttpRequest, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Return the sessions of a conflict: whole, or no more than their hours, as may be seen."""
    wanted = list(ids)
    viewer: Viewer = request.auth.viewer  # type: ignore[attr-defined]  # left there by ninja
    seen = ids_seen(viewer, wanted)
    return [
        _as_json(
            one if one.id in seen else BusyHours(start_time=one.start_time, end_time=one.end_time)
        )
        for one in sessions_out(wanted)
    ]


def event_out(
    event: RelationshipEvent, subjects: dict[str, str], visible: set[str], viewer: Viewer
) -> EventOut:
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
        by=event.actor.told_to(is_owner=viewer.is_owner) if event.actor else None,
        tutor_student_id=link.pk,
        tutor_id=link.tutor_id,
        tutor_name=str(link.tutor),
        student_id=link.student_id,
        student_name=str(link.student),
        reason=(details.get("reason") or None) if told_reasons(viewer, link.tutor_id) else None,
        from_subject=names["from"],
        to_subject=names["to"],
        from_tutor_student_id=other["from"],
        to_tutor_student_id=other["to"],
    )


def session_event_out(event: SessionEvent, viewer: Viewer) -> SessionEventOut:
    """Return a line of a session's history."""
    names = ("from_start", "from_end", "to_start", "to_end")
    hours = {name: event.details.get(name) for name in names}
    return SessionEventOut(
        id=event.pk,
        what=event.what,
        at=event.at,
        by=event.actor.told_to(is_owner=viewer.is_owner) if event.actor else None,
        fields=[to_camel(name) for name in event.details.get("fields", [])],
        override=event.details.get("override", []),
        reason=event.details.get("reason"),
        cancellation=_cancellation(event),
        **hours,
    )


def _as_json(payload: SessionOut | BusyHours) -> dict[str, Any]:
    return payload.model_dump(mode="json", by_alias=True)
