"""What is known of every tutor and of many students, read once, in a fixed number of queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

import numpy as np
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    CharField,
    Count,
    Func,
    IntegerField,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)

from tandem.insights import rules
from tandem.insights.assignment import Ints
from tandem.insights.many_hours import INSIDE, OUTSIDE, Kept, KeptTimes, StatedTimes
from tandem.insights.matching import Hours, free_at
from tandem.insights.rules import Facts
from tandem.lessons.models import LONGEST_SESSION, Availability, Session, TimeOff
from tandem.lessons.steps import TAKES_TIME
from tandem.people.days import holding_from, teaching_on
from tandem.people.models import Subject, Tutor, TutorSubject
from tandem.people.queries import Viewer, colleagues
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import most_places

CANNOT = -1


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
    weeks: StatedTimes
    sessions: KeptTimes
    away: KeptTimes

    def facts(
        self, at: int, student_id: str, subject: Subject | None, hours: Hours | None
    ) -> Facts:
        """Return what is known of the tutor at a position, for one student who looks."""
        tutor, knows = self.tutors[at], at in self.teaches_already(student_id, subject)
        facts = self._facts(at, student_id, subject, knows=knows)
        if hours is None:
            return facts
        return replace(
            facts,
            busy=at in self.sessions.at(hours),
            away=at in self.away.at(hours),
            free=free_at(self.stated.get(tutor.pk), tutor, hours),
        )

    def facts_of_all(self, student_id: str, subject: Subject | None) -> list[Facts]:
        """Return what is known of every tutor, by position, for one student who looks."""
        knows = self.teaches_already(student_id, subject)
        return [
            self._facts(at, student_id, subject, knows=at in knows)
            for at in range(len(self.tutors))
        ]

    def facts_of_free(
        self, student_id: str, subject: Subject | None, hours: Hours
    ) -> Iterator[Facts]:
        """Yield what is known of whom nothing keeps in these hours, nor their stated week.

        Who teaches the student anything knows them. The others' facts are not even made: in a
        large business they are nearly all.
        """
        week = self.weeks.at(hours)
        can = week != OUTSIDE
        can[self.sessions.at(hours)] = can[self.away.at(hours)] = False
        knows = self.teaches_already(student_id, None)
        for at in np.flatnonzero(can).tolist():
            free = True if week[at] == INSIDE else None
            yield self._facts(at, student_id, subject, knows=at in knows, free=free)

    def _facts(
        self,
        at: int,
        student_id: str,
        subject: Subject | None,
        *,
        knows: bool,
        free: bool | None = None,
    ) -> Facts:
        tutor = self.tutors[at]
        return Facts(
            id=tutor.pk,
            name=str(tutor),
            level=self.levels.get(subject.pk, {}).get(tutor.pk) if subject else None,
            capacity=tutor.capacity,
            teaching=self.teaching.get(tutor.pk, 0),
            teaches_already=knows,
            held=self.held.get(student_id, {}).get(tutor.pk, 0),
            free=free,
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
        return self.points_of_all([hours])

    def points_of_all(self, lessons: Sequence[Hours]) -> Ints:
        """Return what the hours of all these lessons cost each tutor, by position.

        ``CANNOT`` for whom anything keeps in one of them, or who stated other hours for more than
        half. Else the fewer of them lie outside stated hours the better.
        """
        outside = np.zeros(len(self.tutors), dtype=np.int64)
        is_stated = np.array([tutor.pk in self.stated for tutor in self.tutors], dtype=bool)
        is_kept = np.zeros(len(self.tutors), dtype=bool)
        for hours in lessons:
            outside += self.weeks.at(hours) == OUTSIDE
            is_kept[self.sessions.at(hours)] = True
            is_kept[self.away.at(hours)] = True
        inside, unknown = rules.hours_cost(is_free=True), rules.hours_cost(is_free=None)
        some = inside + (unknown - inside) * 2 * outside // len(lessons)
        cannot = is_kept | (2 * outside > len(lessons))
        return np.where(cannot, CANNOT, np.where(is_stated, some, unknown))

    def facts_of_moving(
        self, at: int, student_id: str, subject: Subject | None, lessons: Sequence[Hours]
    ) -> Facts:
        """Return what is known of a tutor who could take all of a student's lessons over."""
        facts = self.facts(at, student_id, subject, None)
        is_inside = all(self.weeks.at(hours)[at] == INSIDE for hours in lessons)
        return replace(facts, free=is_inside or None)


def read_everybody(
    viewer: Viewer,
    student_ids: Sequence[str],
    subjects: Iterable[Subject],
    hours: Iterable[Hours],
    *,
    leaving: str = "",
    since: date | None = None,
) -> Everybody:
    """Read what ``Everybody`` holds, for these students, subjects and hours.

    The tutor ``leaving`` (an id) is left out. Where students are to be given a tutor ``since`` a
    day, places count from it on, and who is to teach them after it counts as who does.
    """
    day = viewer.day if since is None else since
    taken = most_places(day)
    those = colleagues(viewer).exclude(pk=leaving) if leaving else colleagues(viewer)
    within = _whole(hours)
    tutors, levels, stated = _tutors(those, subjects, with_weeks=within is not None)
    positions = {tutor.pk: at for at, tutor in enumerate(tutors)}
    taught_then = teaching_on(day) if since is None else holding_from(since)
    taught, held = _past_and_present(taught_then, student_ids)
    sessions, away = _kept(positions, within) if within else ([], [])
    return Everybody(
        tutors=tutors,
        positions=positions,
        teaching={tutor.pk: taken.get(tutor.pk, 0) for tutor in tutors},
        levels=levels,
        taught=taught,
        held=held,
        stated=stated,
        weeks=StatedTimes(tutors, stated),
        sessions=KeptTimes(sessions),
        away=KeptTimes(away),
    )


def _tutors(
    those: QuerySet[Tutor], subjects: Iterable[Subject], *, with_weeks: bool
) -> tuple[list[Tutor], dict[str, dict[str, str]], dict[str, list[Availability]]]:
    """Return tutors, the levels of their subjects and their stated weeks: asked for together."""
    levels: dict[str, dict[str, str]] = {subject.pk: {} for subject in subjects}
    stated: dict[str, list[Availability]] = {}
    own = {"tutor": OuterRef("pk")}
    skills = TutorSubject.objects.filter(**own, subject__in=list(levels)).order_by()
    found = those.annotate(skills=ArraySubquery(skills.values_list(_row("subject_id", "level"))))
    if with_weeks:
        week = Availability.objects.filter(**own).order_by("weekday", "starts")
        times = week.values_list(_row("weekday", "starts", "ends"))
        found = found.annotate(times=ArraySubquery(times))
    tutors: list[Tutor] = [*found]
    for tutor in tutors:
        for subject, level in vars(tutor)["skills"] or ():  # None where no subject is asked for
            levels[subject][tutor.pk] = level
        for weekday, *hours in vars(tutor).get("times", ()):
            starts, ends = map(time.fromisoformat, hours)
            row = Availability(tutor_id=tutor.pk, weekday=weekday, starts=starts, ends=ends)
            stated.setdefault(tutor.pk, []).append(row)
    return tutors, levels, stated


def _row(*columns: str) -> Func:
    return Func(*columns, function="jsonb_build_array", output_field=JSONField())


def _past_and_present(
    taught_then: Q, student_ids: Sequence[str]
) -> tuple[dict[str, set[tuple[str, str | None]]], dict[str, dict[str, int]]]:
    """Return what each student is taught, and by whom; and how many sessions each has held.

    They are asked for together.
    """
    now = TutorStudent.objects.filter(taught_then, student__in=student_ids).order_by()
    past = Session.objects.filter(student__in=student_ids, status=Session.Status.COMPLETED)
    counted = past.order_by().values("student", "tutor").annotate(number=Count("pk"))
    none, no_number = Value(None, CharField()), Value(None, IntegerField())
    rows = now.values_list("student", "tutor", "subject", no_number).union(
        counted.values_list("student", "tutor", none, "number"), all=True
    )
    taught: dict[str, set[tuple[str, str | None]]] = {}
    held: dict[str, dict[str, int]] = {}
    for student, tutor, subject, number in rows:
        if number is None:
            taught.setdefault(student, set()).add((tutor, subject))
        else:
            held.setdefault(student, {})[tutor] = number
    return taught, held


def _whole(hours: Iterable[Hours]) -> Hours | None:
    every = list(hours)
    if not every:
        return None
    return Hours(min(one.starts_at for one in every), max(one.ends_at for one in every))


def _kept(positions: Mapping[str, int], hours: Hours) -> tuple[list[Kept], list[Kept]]:
    """Return whom sessions keep in these hours, and who is away; they are asked for together."""
    meeting = {"starts_at__lt": hours.ends_at, "ends_at__gt": hours.starts_at}
    sessions = Session.objects.filter(
        status__in=TAKES_TIME,
        legacy_fault="",
        starts_at__gt=hours.starts_at - LONGEST_SESSION,
        **meeting,
    )
    columns = ("tutor", "starts_at", "ends_at")
    rows = sessions.order_by().values_list(Value(value=False), *columns)
    off = TimeOff.objects.filter(**meeting).order_by().values_list(Value(value=True), *columns)
    kept: tuple[list[Kept], list[Kept]] = ([], [])
    for is_away, tutor, starts, ends in rows.union(off, all=True):
        if tutor in positions:
            kept[is_away].append((positions[tutor], starts, ends))
    return kept
