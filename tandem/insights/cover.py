"""Which sessions an absence leaves without a tutor, and who could cover each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from tandem.insights.best_cover import wish_of
from tandem.insights.matching import Hours, counts, free_at, meet
from tandem.insights.rules import Facts, Match, rank_cover
from tandem.lessons.models import LONGEST_SESSION, Availability, Session, TimeOff
from tandem.lessons.queries import in_hours, visible_sessions, with_people
from tandem.people.days import taking_a_place, teaching_on
from tandem.people.models import Tutor, TutorSubject
from tandem.people.queries import Viewer, colleagues
from tandem.people.rules import check_owner
from tandem.relationships.models import TutorStudent

Span = tuple[str, datetime, datetime]
"""A tutor, and from when to when something keeps them."""


def sessions_to_cover(viewer: Viewer, *, tutor_id: str, hours: Hours) -> QuerySet[Session]:
    """Return what a tutor has scheduled in these hours, by start, with the people in it."""
    there = in_hours(hours.starts_at, hours.ends_at)
    rows = visible_sessions(viewer).filter(there, tutor=tutor_id, status=Session.Status.SCHEDULED)
    return with_people(rows)


def absences(
    viewer: Viewer, *, tutor_id: str, now: datetime
) -> list[tuple[TimeOff, list[Session]]]:
    """Return a tutor's time off that is not over, each with the sessions in it; two queries."""
    ahead = list(
        TimeOff.objects.filter(tutor=tutor_id, ends_at__gt=now).order_by("starts_at", "id")
    )
    if not ahead:
        return []
    whole = Hours(ahead[0].starts_at, max(off.ends_at for off in ahead))
    left = list(sessions_to_cover(viewer, tutor_id=tutor_id, hours=whole))
    return [(off, [one for one in left if meet(off, one)]) for off in ahead]


@dataclass(frozen=True)
class Staff:
    """What is known of everybody who might cover, read once for all sessions."""

    tutors: Sequence[Tutor]
    levels: Mapping[tuple[str, str], str]
    teaching: Mapping[str, int]
    pairs: frozenset[tuple[str, str]]
    held: Mapping[tuple[str, str], int]
    taken: Sequence[Span]
    away: Sequence[Span]
    available: Mapping[str, Sequence[Availability]]


def cover_candidates(viewer: Viewer, sessions: Sequence[Session]) -> dict[str, list[Match]]:
    """Return, for each session (by id, with its people), who could cover it, best first.

    Owners only. As many queries for one session as for many.
    """
    check_owner(is_owner=viewer.is_owner, doing="find cover")
    if not sessions:
        return {}
    staff = _staff(viewer, sessions)
    return {one.pk: rank_cover(_facts(staff, one), wish_of(one)) for one in sessions}


def _facts(staff: Staff, session: Session) -> list[Facts]:
    subject, student = session.tutor_student.subject_id or "", session.student_id
    hours = Hours(session.starts_at, session.ends_at)
    busy, away = _kept(staff.taken, hours), _kept(staff.away, hours)
    return [
        Facts(
            id=tutor.pk,
            name=str(tutor),
            level=staff.levels.get((tutor.pk, subject)),
            capacity=tutor.capacity,
            teaching=staff.teaching.get(tutor.pk, 0),
            teaches_already=(tutor.pk, student) in staff.pairs,
            held=staff.held.get((tutor.pk, student), 0),
            busy=tutor.pk in busy,
            away=tutor.pk in away,
            free=free_at(staff.available.get(tutor.pk), tutor, hours),
        )
        for tutor in staff.tutors
        if tutor.pk != session.tutor_id
    ]


def _kept(spans: Sequence[Span], hours: Hours) -> set[str]:
    return {
        tutor
        for tutor, starts_at, ends_at in spans
        if starts_at < hours.ends_at and hours.starts_at < ends_at
    }


def _staff(viewer: Viewer, sessions: Sequence[Session]) -> Staff:
    students = {one.student_id for one in sessions}
    subjects = {one.tutor_student.subject_id for one in sessions}
    taking = TutorStudent.objects.filter(taking_a_place(viewer.day))
    teaching = TutorStudent.objects.filter(teaching_on(viewer.day), student__in=students)
    first = min(one.starts_at for one in sessions)
    then: dict[str, Any] = {
        "starts_at__lt": max(one.ends_at for one in sessions),
        "ends_at__gt": first,
    }
    taken = Session.objects.filter(
        status=Session.Status.SCHEDULED, starts_at__gt=first - LONGEST_SESSION, **then
    )
    available: dict[str, list[Availability]] = {}
    for row in Availability.objects.all():
        available.setdefault(row.tutor_id, []).append(row)
    return Staff(
        tutors=list(colleagues(viewer)),
        levels={
            (row.tutor_id, row.subject_id): row.level
            for row in TutorSubject.objects.filter(subject__in=subjects)
        },
        teaching=counts(taking),
        pairs=frozenset(teaching.values_list("tutor", "student")),
        held=_held(students),
        taken=list(taken.values_list("tutor", "starts_at", "ends_at")),
        away=list(TimeOff.objects.filter(**then).values_list("tutor", "starts_at", "ends_at")),
        available=available,
    )


def _held(students: set[str]) -> dict[tuple[str, str], int]:
    rows = Session.objects.filter(student__in=students, status=Session.Status.COMPLETED)
    counted = rows.order_by().values("tutor", "student").annotate(number=Count("pk"))
    return {(one["tutor"], one["student"]): one["number"] for one in counted}
