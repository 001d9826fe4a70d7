"""What a change of a tutor's time zone would do to their sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q, QuerySet

from tandem.kit.errors import invalid
from tandem.kit.language import gettext as _
from tandem.kit.time import is_zone, local_date, zone_or_business
from tandem.lessons import rules
from tandem.lessons.models import Session
from tandem.lessons.queries import with_people
from tandem.lessons.steps import Status
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, visible_tutor
from tandem.people.rules import check_tutor_editor
from tandem.relationships.events import state_of

# No zone is further from another than a day and some hours.
FARTHEST = timedelta(days=2)


@dataclass(frozen=True)
class Touched:
    """A session that would fall on a day on which its tutor does not teach its student.

    ``before`` is its date where the tutor is now, ``after`` where they would be.
    """

    session: Session
    before: date
    after: date


def touched_by_zone(viewer: Viewer, tutor_id: str, time_zone: str) -> list[Touched]:
    """Return the tutor's sessions that a change of zone would move across a relationship's dates.

    '' is the zone of the business. In the order of their start; called off ones are not told.
    ``ForbiddenError`` for who may not change the tutor, InvalidError for what is no zone.
    """
    tutor = visible_tutor(viewer, tutor_id)
    check_tutor_editor(is_owner=viewer.is_owner, is_self=tutor.pk == viewer.tutor_id)
    if time_zone and not is_zone(time_zone):
        raise invalid(
            "time_zone", _("{time_zone!r} is not a time zone.").format(time_zone=time_zone)
        )
    zones = zone_or_business(tutor.time_zone), zone_or_business(time_zone)
    return list(_touched(_near_the_dates(tutor), *zones)) if zones[0] != zones[1] else []


def _touched(rows: QuerySet[Session], old_zone: str, new_zone: str) -> Iterator[Touched]:
    for session in rows:
        before, after = (local_date(session.starts_at, zone) for zone in (old_zone, new_zone))
        if _is_inside(session, before) and not _is_inside(session, after):
            yield Touched(session, before, after)


def _is_inside(session: Session, day: date) -> bool:
    is_planned = session.status == Status.SCHEDULED
    there = state_of(session.tutor_student)
    return (rules.may_plan_on if is_planned else rules.within)(there, day)


def _near_the_dates(tutor: Tutor) -> QuerySet[Session]:
    """Return what lies so near to a start or an end that a zone could make a difference."""
    near_start = Q(starts_at__lt=F("tutor_student__started_on") + FARTHEST)
    near_end = Q(starts_at__gt=F("tutor_student__ended_on") - FARTHEST)
    rows = Session.objects.filter(near_start | near_end, tutor=tutor, legacy_fault="")
    return with_people(rows.exclude(status=Status.CANCELLED).order_by("starts_at", "id"))
