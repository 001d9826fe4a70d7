"""What is there when lessons are judged: time off, closed days, other sessions, stated weeks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from tandem.kit.time import business_days
from tandem.kit.weekly import Weekly
from tandem.lessons.hindrances import Hindrance, Lesson, Surroundings, judge
from tandem.lessons.models import Availability, Closure, Session, TimeOff
from tandem.lessons.rules import Slot
from tandem.lessons.stated_hours import PlanningWarning, Week
from tandem.lessons.steps import booked_near, hours


def hindrances_of(
    lessons: Sequence[Lesson],
    *,
    leaving: Collection[str] = (),
    about: str = "",
    beside: Sequence[Slot] = (),
) -> tuple[Hindrance, ...]:
    """Return all that stands against lessons. Exact only while everybody in them is locked.

    ``leaving`` are ids of sessions that make room, ``about`` is the id of a time off or a closure
    that is about to go; ``beside`` are hours that others will have by then.
    """
    return judge(lessons, surroundings_of(lessons, leaving, about, beside)).hindrances


def surroundings_of(
    lessons: Sequence[Lesson],
    leaving: Collection[str] = (),
    about: str = "",
    beside: Sequence[Slot] = (),
) -> Surroundings:
    """Read what might stand against lessons; of stated weeks nothing is read, as they refuse none.

    Nothing is read of what no lesson is asked about.
    """
    planned = [one for one in lessons if not one.is_held]
    taking = [one.slot for one in lessons if one.takes_time]
    making_room = [*leaving, *(one.slot.id for one in lessons)]
    return Surroundings(
        away=_away([one.slot for one in planned if "tutor_away" not in one.despite], about),
        closed=_closed([one.slot for one in planned if "closed" not in one.despite], about),
        booked=[*beside, *booked_near(taking, leaving=making_room)],
    )


def warnings_of(
    sessions: Iterable[Session], *, taker: str | None = None
) -> tuple[PlanningWarning, ...]:
    """Return what is to be known of those sessions that are planned, in one query.

    ``taker`` is the id of the tutor who would hold them, where that is another one.
    """
    planned = (one for one in sessions if one.status == Session.Status.SCHEDULED)
    return warnings_held_by((one, taker or one.tutor_id) for one in planned)


def warnings_held_by(pairs: Iterable[tuple[Session, str]]) -> tuple[PlanningWarning, ...]:
    """Return what is to be known of sessions, each with the id of the tutor who would hold it."""
    lessons = [Lesson(hours(session, tutor_id=tutor)) for session, tutor in pairs]
    if not lessons:
        return ()
    return judge(lessons, Surroundings(weeks=_weeks({one.slot.tutor for one in lessons}))).warnings


def _away(slots: Sequence[Slot], about: str) -> list[tuple[str, datetime, datetime]]:
    if not slots:
        return []
    rows = TimeOff.objects.filter(
        tutor__in={one.tutor for one in slots},
        starts_at__lt=max(one.ends_at for one in slots),
        ends_at__gt=min(one.starts_at for one in slots),
    )
    return list(rows.exclude(pk=about).values_list("tutor", "starts_at", "ends_at"))


def _closed(slots: Sequence[Slot], about: str) -> list[tuple[str, date, date]]:
    if not slots:
        return []
    days = [business_days(one.starts_at, one.ends_at) for one in slots]
    first, last = min(one for one, _ in days), max(one for _, one in days)
    rows = Closure.objects.filter(starts_on__lte=last, ends_on__gt=first)
    return list(rows.exclude(pk=about).values_list("name", "starts_on", "ends_on"))


def _weeks(tutors: Collection[str]) -> dict[str, Week]:
    rows: dict[str, list[Availability]] = {}
    for row in Availability.objects.filter(tutor__in=tutors).select_related("tutor"):
        rows.setdefault(row.tutor_id, []).append(row)
    return {
        pk: Week(
            str(week[0].tutor),
            week[0].tutor.time_zone,
            [Weekly(row.weekday, row.starts, row.ends) for row in week],
        )
        for pk, week in rows.items()
    }
