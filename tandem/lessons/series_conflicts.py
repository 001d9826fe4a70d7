"""What stands against the dates of a series, all of it at once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import cast

from tandem.kit.dates import day_words
from tandem.kit.errors import ConflictError
from tandem.kit.fingerprints import Shown, hash_of
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.lessons import rules, series_rules
from tandem.lessons.hindrances import OVERLAPS_ITSELF, Lesson
from tandem.lessons.models import Session, SessionSeries
from tandem.lessons.shown import facts_of
from tandem.lessons.steps import LockedLinks, lesson_of
from tandem.lessons.surroundings import hindrances_of
from tandem.people.models import Student

SENTENCES = {
    **rules.BUSY,
    "tutor_away": gettext_lazy("The tutor is away in these hours."),
    "closed": gettext_lazy("The business is closed on that day."),
    "outside_relationship": gettext_lazy("This tutor does not teach this student on that day."),
    "no_such_time": gettext_lazy("The clocks skip this time: it does not exist on that day."),
    "overlaps_itself": OVERLAPS_ITSELF,
    "in_the_past": gettext_lazy("That has begun already, or is over."),
}
"""The code of a conflict -> its sentence."""
OF_ONE_STUDENT = frozenset({"student_busy", "outside_relationship"})
"""The codes that, of a group, stand against one student's lesson alone."""
CHOOSE_OTHERS = gettext_lazy("Leave them out, or choose another time.")
CHOOSE_ANOTHER = gettext_lazy("Choose another time.")
CLEAR_IT = gettext_lazy(
    "Move or cancel what is in the way, take the time off back or open the day first."
)


@dataclass(frozen=True)
class Conflict:
    """A date of a series that cannot be, and why; ``busy_with`` is the session there, if one is.

    ``student`` is, of a group, who alone cannot then; None: it stands against all of them.
    """

    date: date
    code: str
    busy_with: Session | None = None
    student: Student | None = None

    @property
    def sentence(self) -> str:
        """Why, in words."""
        said = str(SENTENCES[self.code])
        return f"{self.student.full_name}: {said}" if self.student else said


@dataclass(frozen=True)
class LeftOut:
    """Which lessons of a group are left out: all of a date, or one student's (id) of a date."""

    dates: frozenset[date]
    alone: frozenset[tuple[date, str]] = frozenset()

    @classmethod
    def of(
        cls,
        conflicts: Iterable[Conflict],
        dates: Collection[date] | None,
        alone: Collection[tuple[date, str]] = (),
    ) -> "LeftOut":
        """Return what was chosen; ``dates`` None: also whatever cannot be."""
        if dates is not None:
            return cls(frozenset(dates), frozenset(alone))
        found = [*conflicts]
        every = frozenset(one.date for one in found if one.student is None)
        each = {(one.date, one.student.pk) for one in found if one.student}
        return cls(every, frozenset({*each, *alone}))

    def has(self, lesson: Session) -> bool:
        """Tell whether a lesson is left out."""
        day = date_of(lesson)
        return day in self.dates or (day, lesson.student_id) in self.alone

    def answers(self, conflict: Conflict) -> bool:
        """Tell whether nothing is left of what a conflict stands against."""
        student = conflict.student
        is_alone = student is not None and (conflict.date, student.pk) in self.alone
        return conflict.date in self.dates or is_alone


def date_of(lesson: Session) -> date:
    """Return the date of its series that a session stands for."""
    return cast("date", lesson.series_date)


def no_such_times(series: SessionSeries, days: Iterable[date]) -> tuple[Conflict, ...]:
    """Return the dates on which no clock of the zone shows the series' time."""
    span = (series.wall_time, series.time_zone, series.minutes)
    return tuple(
        Conflict(day, "no_such_time") for day in days if not series_rules.hours_on(day, *span)
    )


def conflicts_of(
    lessons: Sequence[Session], locked: LockedLinks, *, leaving: Collection[str] = ()
) -> tuple[Conflict, ...]:
    """Return why lessons (by date, new or moving) cannot be, by date. Everybody is locked.

    ``leaving`` are ids of sessions that are not in the way.
    """
    about = {one.pk: one for one in lessons}
    judged = hindrances_of([_as_judged(one, locked) for one in lessons], leaving=leaving)
    there = Session.objects.in_bulk([one.booked for one in judged if one.booked])
    found = (
        _conflict(about[one.session], one.code, there.get(one.booked), locked) for one in judged
    )
    return in_date_order(found)


def _conflict(lesson: Session, code: str, busy: Session | None, locked: LockedLinks) -> Conflict:
    alone = lesson.group is not None and code in OF_ONE_STUDENT
    student = locked.students[locked.links[lesson.tutor_student_id].student_id]
    return Conflict(date_of(lesson), code, busy, student if alone else None)


def in_date_order(conflicts: Iterable[Conflict]) -> tuple[Conflict, ...]:
    """Return what stands against dates, by date: each once, and once what is a group's there."""
    found = {(one.date, one.code, one.student, _hours(one)): one for one in conflicts}
    return tuple(sorted(found.values(), key=by_date))


def _hours(conflict: Conflict) -> tuple[datetime, datetime] | None:
    busy = conflict.busy_with
    return (busy.starts_at, busy.ends_at) if busy else None


def by_date(conflict: Conflict) -> tuple[date, str, str]:
    """Sort what stands against dates by date."""
    return conflict.date, conflict.code, conflict.student.full_name if conflict.student else ""


def _as_judged(lesson: Session, locked: LockedLinks) -> Lesson:
    """Return a lesson as it is judged in its series. Whether that goes on was asked before."""
    link = locked.links[lesson.tutor_student_id]
    together = lesson.group or lesson.series_id
    return lesson_of(lesson, link, locked.tutor, series=together)


def check_none(conflicts: Sequence[Conflict], *, remedy: str = CHOOSE_OTHERS) -> None:
    """Refuse any conflict: ``clashes``, with each date, its code and the session there."""
    if not conflicts:
        return
    first = {one.date: one.code for one in reversed(conflicts)}
    said = [f"{day_words(day)} ({_why(first[day])})" for day in sorted(first)]
    busy = {one.busy_with.pk: None for one in conflicts if one.busy_with}
    raise ConflictError(
        "clashes",
        _("Nothing was changed, because of {days}. {remedy}").format(
            days=", ".join(said[:5]) + (_(" and more") if said[5:] else ""), remedy=remedy
        ),
        {"sessions": list(busy), "conflicts": [_named(one) for one in conflicts]},
    )


def _why(code: str) -> str:
    sentence = str(SENTENCES.get(code, code)).rstrip(".")
    return sentence[:1].lower() + sentence[1:]


def _named(conflict: Conflict) -> dict[str, str | None]:
    # No id: who may see no more than the hours of what is there learns no more of it.
    busy = conflict.busy_with
    return {
        "date": conflict.date.isoformat(),
        "code": conflict.code,
        "detail": conflict.sentence,
        "studentId": conflict.student.pk if conflict.student else None,
        "busyFrom": _moment(busy.starts_at) if busy else None,
        "busyUntil": _moment(busy.ends_at) if busy else None,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown_series(series: SessionSeries) -> Shown:
    """Return a series as a preview shows it."""
    row = [value for name, value in vars(series).items() if name[0] != "_" and name not in UNSEEN]
    is_new = series._state.adding  # noqa: SLF001 - documented
    return {f"series:{series.tutor_student_id if is_new else series.pk}": hash_of(row)}


UNSEEN = frozenset({"id", "group", "created_at", "updated_at"})
"""What of a row is another each time that it would be made."""


def shown_lessons(lessons: Iterable[Session], conflicts: Iterable[Conflict]) -> Shown:
    """Return the dates that would be planned, and what stands against any."""
    there = {
        f"lesson:{date_of(one)}:{one.tutor_student_id}": hash_of(one.starts_at, one.ends_at)
        for one in lessons
    }
    against: dict[str, list[object]] = {}
    for one in conflicts:
        key = f"conflict:{one.date}:{one.code}:{one.student.pk if one.student else ''}"
        against.setdefault(key, []).append(one.busy_with and facts_of(one.busy_with))
    return {**there, **{key: hash_of(what) for key, what in against.items()}}
