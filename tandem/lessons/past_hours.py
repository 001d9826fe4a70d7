"""Sessions that are planned where time has gone on already: that is told, and refuses nothing.

Somebody may plan afterwards what is to be recorded next, and programs do; see decision 97.
"""

from collections.abc import Iterable
from datetime import datetime

from tandem.kit.language import gettext as _
from tandem.kit.time import local_date, moment_in_words, zone_or_business
from tandem.lessons.models import Session
from tandem.lessons.stated_hours import PlanningWarning
from tandem.people.models import Tutor

IN_THE_PAST = "in_the_past"


def past_warning(
    *, session: str, tutor: str, zone: str, hours: tuple[datetime, datetime], now: datetime
) -> PlanningWarning | None:
    """Return what is to be said of a planned session (id) of a tutor (name), if it has begun."""
    starts_at, ends_at = hours
    if starts_at >= now:
        return None
    here = zone_or_business(zone)
    when = moment_in_words(starts_at, here)
    text = (
        _("{when}: this hour has passed. Record how it went, or move it.")
        if ends_at <= now
        else _("{when}: this has begun already.")
    )
    on = local_date(starts_at, here)
    return PlanningWarning(IN_THE_PAST, session, on, text.format(when=when), tutor, when)


def past_warnings(sessions: Iterable[Session], now: datetime) -> list[PlanningWarning]:
    """Return what is to be said of those sessions that are planned and have begun, by start."""
    begun = [
        one for one in sessions if one.status == Session.Status.SCHEDULED and one.starts_at < now
    ]
    tutors = Tutor.objects.in_bulk({one.tutor_id for one in begun}) if begun else {}
    found = [
        past_warning(
            session=one.pk,
            tutor=str(tutors[one.tutor_id]),
            zone=tutors[one.tutor_id].time_zone,
            hours=(one.starts_at, one.ends_at),
            now=now,
        )
        for one in sorted(begun, key=lambda one: (one.starts_at, one.pk))
    ]
    return [one for one in found if one]
