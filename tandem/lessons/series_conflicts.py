"""What stands against the dates of a series, all of it at once."""

from collections.abc import Iterable, Sequence
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
CHOOSE_OTHERS = gettext_lazy("Leave them out, or choose another time.")


@dataclass(frozen=True)
class Conflict:
    """A date of a series that cannot be, and why; ``busy_with`` is the session there, if one is."""

    date: date
    code: str
    busy_with: Session | None = None

    @property
    def sentence(self) -> str:
        """Why, in words."""
        return str(SENTENCES[self.code])


def date_of(lesson: Session) -> date:
    """Return the date of its series that a session stands for."""
    return cast("date", lesson.series_date)


def no_such_times(series: SessionSeries, days: Iterable[date]) -> tuple[Conflict, ...]:
    """Return the dates on which no clock of the zone shows the series' time."""
    span = (series.wall_time, series.time_zone, series.minutes)
    return tuple(
        Conflict(day, "no_such_time") for day in days if not series_rules.hours_on(day, *span)
    )


def conflicts_of(lessons: Sequence[Session], locked: LockedLinks) -> tuple[Conflict, ...]:
    """Return why lessons (by date, new or moving) cannot be, by date. Everybody is locked."""
    days = {one.pk: date_of(one) for one in lessons}
    judged = hindrances_of([_as_judged(one, locked) for one in lessons])
    there = Session.objects.in_bulk([one.booked for one in judged if one.booked])
    found = dict.fromkeys(
        Conflict(days[one.session], one.code, there.get(one.booked)) for one in judged
    )
    return tuple(sorted(found, key=lambda one: (one.date, one.code)))


def _as_judged(lesson: Session, locked: LockedLinks) -> Lesson:
    """Return a lesson as it is judged in its series. Whether that goes on was asked before."""
    link = locked.links[lesson.tutor_student_id]
    return lesson_of(lesson, link, locked.tutor, series=lesson.series_id)


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
        "busyFrom": _moment(busy.starts_at) if busy else None,
        "busyUntil": _moment(busy.ends_at) if busy else None,
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def shown_series(series: SessionSeries) -> Shown:
    """Return a series as a preview shows it."""
    row = [value for name, value in vars(series).items() if name[0] != "_" and name not in UNSEEN]
    return {f"series:{'' if series._state.adding else series.pk}": hash_of(row)}  # noqa: SLF001 - documented


UNSEEN = frozenset({"id", "created_at", "updated_at"})
"""What of a row is another each time that it would be made."""


def shown_lessons(lessons: Iterable[Session], conflicts: Iterable[Conflict]) -> Shown:
    """Return the dates that would be planned, and what stands against any."""
    there = {f"lesson:{date_of(one)}": hash_of(one.starts_at, one.ends_at) for one in lessons}
    against: dict[str, list[object]] = {}
    for one in conflicts:
        key = f"conflict:{one.date}:{one.code}"
        against.setdefault(key, []).append(one.busy_with and facts_of(one.busy_with))
    return {**there, **{key: hash_of(what) for key, what in against.items()}}
