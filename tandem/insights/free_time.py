"""When a tutor and a student could meet: the tutor's week, without what stands against it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from tandem.insights.matching import Hours
from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.time import day_starts
from tandem.kit.weekly import Weekly
from tandem.lessons.models import Availability, Closure, Session, TimeOff
from tandem.lessons.queries import in_hours
from tandem.lessons.stated_hours import spans_within
from tandem.lessons.steps import TAKES_TIME
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, visible_student, visible_tutor
from tandem.people.rules import check_tutor_editor

DAY = timedelta(days=1)
LONGEST = timedelta(days=62)


@dataclass(frozen=True)
class FreeTime:
    """Hours, by start, none of them touching another.

    Where the tutor's week ``is_stated``, they lie in it; else any time is taken for free.
    """

    hours: tuple[Hours, ...]
    is_stated: bool


def free_time(
    viewer: Viewer,
    *,
    tutor_id: str,
    student_id: str | None,
    within: Hours,
    minutes: int,
    buffer: int = 0,
) -> FreeTime:
    """Return when a tutor, and a student where one is named, have so many minutes free.

    ``buffer`` minutes are left before and after each session of either.
    For an owner and the tutor. Of what is in the way nothing is told but that it is. InvalidError
    for hours that end before they start, or are longer than two months.
    """
    _check(within)
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    if student_id is not None:
        visible_student(viewer, student_id)
    week = list(tutor.availability.all())
    return _found(tutor, student_id, within, minutes, week, apart=timedelta(minutes=buffer))


def stated_free_time(
    tutor: Tutor, student_id: str, *, within: Hours, minutes: int
) -> tuple[Hours, ...]:
    """Return when both have so many minutes free in the tutor's week; nothing if none is stated.

    For whoever may plan their sessions: nobody is looked at here.
    """
    week = list(tutor.availability.all())
    return _found(tutor, student_id, within, minutes, week).hours if week else ()


def _found(
    tutor: Tutor,
    student_id: str | None,
    within: Hours,
    minutes: int,
    week: Sequence[Availability],
    *,
    apart: timedelta = timedelta(),
) -> FreeTime:
    stated = merged(stated_hours(week, tutor, within)) if week else [within]
    taken = merged(
        [*_sessions(tutor, student_id, within, apart), *_away(tutor, within), *closed_hours(within)]
    )
    shortest = timedelta(minutes=minutes)
    found = [one for one in without(stated, taken) if one.ends_at - one.starts_at >= shortest]
    return FreeTime(tuple(found), is_stated=bool(week))


def merged(spans: Iterable[Hours]) -> list[Hours]:
    """Return hours by start, with those that meet as one."""
    found: list[Hours] = []
    for one in sorted(spans, key=lambda span: span.starts_at):
        if found and one.starts_at <= found[-1].ends_at:
            last = found.pop()
            one = Hours(last.starts_at, max(last.ends_at, one.ends_at))  # noqa: PLW2901 - joined
        found.append(one)
    return found


def without(spans: Sequence[Hours], taken: Sequence[Hours]) -> Iterator[Hours]:
    """Yield what is left of hours once others are taken away; both as ``merged`` returns them."""
    for span in spans:
        start = span.starts_at
        for one in taken:
            if one.ends_at <= start or one.starts_at >= span.ends_at:
                continue
            if one.starts_at > start:
                yield Hours(start, one.starts_at)
            start = one.ends_at
        if start < span.ends_at:
            yield Hours(start, span.ends_at)


def _check(within: Hours) -> None:
    if within.ends_at <= within.starts_at:
        raise invalid("to", _("The end has to come after the start."))
    if within.ends_at - within.starts_at > LONGEST:
        raise invalid("to", _("Ask for {days} days at most.").format(days=LONGEST.days))


def stated_hours(week: Sequence[Availability], tutor: Tutor, within: Hours) -> Iterator[Hours]:
    """Yield a tutor's weekly times inside hours, on the clock where the tutor is."""
    spans = [Weekly(row.weekday, row.starts, row.ends) for row in week]
    for span in spans_within(spans, tutor.time_zone, (within.starts_at, within.ends_at)):
        yield Hours(*span)


def _sessions(
    tutor: Tutor, student_id: str | None, within: Hours, apart: timedelta
) -> Iterator[Hours]:
    theirs = Q(tutor=tutor) if student_id is None else Q(tutor=tutor) | Q(student=student_id)
    there = in_hours(within.starts_at - apart, within.ends_at + apart)
    rows = Session.objects.filter(theirs, there, status__in=TAKES_TIME, legacy_fault="")
    spans = rows.values_list("starts_at", "ends_at")
    return (Hours(starts - apart, ends + apart) for starts, ends in spans)


def _away(tutor: Tutor, within: Hours) -> Iterator[Hours]:
    rows = TimeOff.objects.filter(
        tutor=tutor, starts_at__lt=within.ends_at, ends_at__gt=within.starts_at
    )
    return (Hours(*span) for span in rows.values_list("starts_at", "ends_at"))


def closed_hours(within: Hours) -> Iterator[Hours]:
    """Yield when the business is closed."""
    zone = settings.TIME_ZONE
    rows = Closure.objects.filter(
        starts_on__lte=within.ends_at.astimezone(ZoneInfo(zone)).date(),
        ends_on__gt=within.starts_at.astimezone(ZoneInfo(zone)).date(),
    )
    return (Hours(day_starts(row.starts_on, zone), day_starts(row.ends_on, zone)) for row in rows)
