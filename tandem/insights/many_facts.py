"""What is known of every tutor and of many students, read once, in a fixed number of queries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count

from tandem.insights import rules
from tandem.insights.assignment import Ints
from tandem.insights.matching import Hours, counts, free_at
from tandem.insights.rules import Facts
from tandem.lessons.models import LONGEST_SESSION, Availability, Session, TimeOff
from tandem.people.days import taking_a_place, teaching_on
from tandem.people.models import Subject, Tutor, TutorSubject
from tandem.people.queries import Viewer, colleagues
from tandem.relationships.models import TutorStudent

CANNOT = -1
Kept = tuple[int, datetime, datetime]
"""The position of a tutor, and from when to when something keeps them."""


@dataclass(frozen=True)
class Everybody:
    """The active tutors in order, with all by which they are matched to many students.

    ``positions`` say where each tutor (by id) stands; ``levels`` are by the subject's id, then by
    the tutor's; ``taught`` are tutors and subjects of each student now; ``held`` counts the
    sessions of each student by tutor. ``sessions`` and ``away`` are what keeps tutors.
    """

    tutors: Sequence[Tutor]
    positions: Mapping[str, int]
    teaching: Mapping[str, int]
    levels: Mapping[str, Mapping[str, str]]
    taught: Mapping[str, set[tuple[str, str | None]]]
    held: Mapping[str, Mapping[str, int]]
    stated: Mapping[str, Sequence[Availability]]
    sessions: Sequence[Kept]
    away: Sequence[Kept]

    def facts(
        self, at: int, student_id: str, subject: Subject | None, hours: Hours | None
    ) -> Facts:
        """Return what is known of the tutor at a position, for one student who looks."""
        tutor = self.tutors[at]
        return Facts(
            id=tutor.pk,
            name=str(tutor),
            level=self.levels.get(subject.pk, {}).get(tutor.pk) if subject else None,
            capacity=tutor.capacity,
            teaching=self.teaching.get(tutor.pk, 0),
            teaches_already=at in self.teaches_already(student_id, subject),
            held=self.held.get(student_id, {}).get(tutor.pk, 0),
            busy=hours is not None and at in _kept_in(self.sessions, hours),
            away=hours is not None and at in _kept_in(self.away, hours),
            free=free_at(self.stated.get(tutor.pk), tutor, hours) if hours else None,
        )

    def room(self, at: int) -> int | None:
        """Return how many more students the tutor at a position takes; None is no limit."""
        tutor = self.tutors[at]
        taken = self.teaching.get(tutor.pk, 0)
        return None if tutor.capacity is None else max(0, tutor.capacity - taken)

    def teaches_already(self, student_id: str, subject: Subject | None) -> set[int]:
        """Return the positions of who teaches a student this subject, or any that holds it."""
        return {
            self.positions[tutor]
            for tutor, taught in self.taught.get(student_id, ())
            if tutor in self.positions and (subject is None or taught in {None, subject.pk})
        }

    def points_at(self, hours: Hours) -> Ints:
        """Return what hours cost each tutor, by position, or ``CANNOT``."""
        free = [free_at(self.stated.get(tutor.pk), tutor, hours) for tutor in self.tutors]
        points = [CANNOT if one is False else rules.hours_cost(is_free=one) for one in free]
        for at in _kept_in(self.sessions, hours) | _kept_in(self.away, hours):
            points[at] = CANNOT
        return np.array(points, dtype=np.int64)


def read_everybody(
    viewer: Viewer, student_ids: Sequence[str], subjects: Iterable[Subject], hours: Iterable[Hours]
) -> Everybody:
    """Read what ``Everybody`` holds, for these students, subjects and hours."""
    tutors = list(colleagues(viewer))
    positions = {tutor.pk: at for at, tutor in enumerate(tutors)}
    within = _whole(hours)
    stated: dict[str, list[Availability]] = {}
    for row in Availability.objects.all() if within else ():
        stated.setdefault(row.tutor_id, []).append(row)
    return Everybody(
        tutors=tutors,
        positions=positions,
        teaching=counts(TutorStudent.objects.filter(taking_a_place(viewer.day))),
        levels=_levels(subjects),
        taught=_taught(viewer, student_ids),
        held=_held(student_ids),
        stated=stated,
        sessions=_kept(positions, _sessions(within)) if within else (),
        away=_kept(positions, TimeOff.objects.filter(**_meeting(within))) if within else (),
    )


def _levels(subjects: Iterable[Subject]) -> dict[str, dict[str, str]]:
    levels: dict[str, dict[str, str]] = {subject.pk: {} for subject in subjects}
    for row in TutorSubject.objects.filter(subject__in=list(levels)):
        levels[row.subject_id][row.tutor_id] = row.level
    return levels


def _taught(viewer: Viewer, student_ids: Sequence[str]) -> dict[str, set[tuple[str, str | None]]]:
    taught: dict[str, set[tuple[str, str | None]]] = {}
    rows = TutorStudent.objects.filter(teaching_on(viewer.day), student__in=student_ids)
    for tutor, student, subject in rows.values_list("tutor", "student", "subject"):
        taught.setdefault(student, set()).add((tutor, subject))
    return taught


def _held(student_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    held: dict[str, dict[str, int]] = {}
    rows = Session.objects.filter(student__in=student_ids, status=Session.Status.COMPLETED)
    counted = rows.order_by().values("student", "tutor").annotate(number=Count("pk"))
    for one in counted:
        held.setdefault(one["student"], {})[one["tutor"]] = one["number"]
    return held


def _whole(hours: Iterable[Hours]) -> Hours | None:
    every = list(hours)
    if not every:
        return None
    return Hours(min(one.starts_at for one in every), max(one.ends_at for one in every))


def _meeting(hours: Hours) -> dict[str, Any]:
    return {"starts_at__lt": hours.ends_at, "ends_at__gt": hours.starts_at}


def _sessions(hours: Hours) -> Any:
    earliest = hours.starts_at - LONGEST_SESSION
    return Session.objects.filter(
        status=Session.Status.SCHEDULED, starts_at__gt=earliest, **_meeting(hours)
    )


def _kept(positions: Mapping[str, int], rows: Any) -> list[Kept]:
    return [
        (positions[tutor], starts, ends)
        for tutor, starts, ends in rows.values_list("tutor", "starts_at", "ends_at")
        if tutor in positions
    ]


def _kept_in(kept: Sequence[Kept], hours: Hours) -> set[int]:
    return {at for at, starts, ends in kept if starts < hours.ends_at and hours.starts_at < ends}
