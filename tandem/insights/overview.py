"""What waits for somebody: the day's sessions, what nobody recorded, requests to answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Exists,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KT

from tandem.kit.time import day_starts, local_date
from tandem.lessons.models import Session
from tandem.lessons.queries import visible_sessions, with_people
from tandem.people.queries import OPEN, Viewer
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import visible_relationships
from tandem.relationships.rules import Request, may_answer

LOOK_BACK = timedelta(days=14)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Diary:
    """The sessions of today, and those of two weeks that are over and still only scheduled.

    ``more_today``: there are more than were asked for.
    """

    today: list[Session]
    unrecorded: list[Session]
    more_today: bool


def diary(viewer: Viewer, *, zone: str, now: datetime, most: int) -> Diary:
    """Return the viewer's diary, at most so many of each, in one query."""
    today = local_date(now, zone)
    starts, ends = day_starts(today, zone), day_starts(today + DAY, zone)
    rows = with_people(visible_sessions(viewer)).order_by("starts_at", "id")
    over = rows.filter(status=Session.Status.SCHEDULED, ends_at__lte=now)
    of_today = rows.filter(starts_at__gte=starts, starts_at__lt=ends)
    before = over.filter(starts_at__gte=now - LOOK_BACK, starts_at__lt=starts)
    both = of_today[: most + 1].union(before[:most], all=True)
    found = sorted(both, key=lambda one: (one.starts_at, one.pk))
    on = [one for one in found if one.starts_at >= starts]
    return Diary(on[:most], [one for one in found if one.starts_at < starts], len(on) > most)


def requests(viewer: Viewer) -> QuerySet[TutorStudent]:
    """Return the pending relationships that the viewer may see, with who is in them.

    ``answerable`` reads from each whether it is the viewer's to answer.
    """
    asked = RelationshipEvent.objects.filter(
        relationship=OuterRef("pk"), what=RelationshipEvent.What.REQUESTED
    ).order_by("id")
    teaching = TutorStudent.objects.filter(
        student=OuterRef("student"), tutor=viewer.tutor_id, status__in=OPEN
    )
    return (
        visible_relationships(viewer)
        .filter(status=TutorStudent.Status.PENDING)
        .select_related("tutor", "student", "subject")
        .annotate(
            asked_by=Subquery(asked.annotate(by=KT("details__asked_by")).values("by")[:1]),
            taught=Exists(teaching),
        )
    )


def answerable(viewer: Viewer, row: TutorStudent) -> bool:
    """Tell whether a row of ``requests`` is the viewer's to answer."""
    facts: Any = row
    return row.status == TutorStudent.Status.PENDING and may_answer(
        Request(row.tutor_id, facts.asked_by),
        is_owner=viewer.is_owner,
        tutor=viewer.tutor_id,
        teaches_now=facts.taught,
    )


def withdrawable(viewer: Viewer, row: TutorStudent) -> bool:
    """Tell whether a row of ``requests`` is the viewer's own request."""
    facts: Any = row
    return viewer.tutor_id is not None and viewer.tutor_id == facts.asked_by
