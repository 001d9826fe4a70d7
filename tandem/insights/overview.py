"""What waits for somebody: the day's sessions, what nobody recorded, requests to answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Window,
)
from django.db.models.fields.json import KT
from django.db.models.functions import RowNumber

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
    """The sessions of today, and those of two weeks that are over and still only scheduled."""

    today: list[Session]
    unrecorded: list[Session]
    number_today: int
    number_unrecorded: int


def diary(viewer: Viewer, *, zone: str, now: datetime, most: int) -> Diary:
    """Return the viewer's diary, at most so many of each, in one query."""
    today = local_date(now, zone)
    starts, ends = day_starts(today, zone), day_starts(today + DAY, zone)
    over = Q(status=Session.Status.SCHEDULED, ends_at__lte=now)
    is_today = ExpressionWrapper(Q(starts_at__gte=starts), BooleanField())
    rows = (
        with_people(visible_sessions(viewer))
        .filter(starts_at__gte=min(starts, now - LOOK_BACK), starts_at__lt=ends)
        .filter(over | Q(starts_at__gte=starts))
        .annotate(is_today=is_today)
        .annotate(
            place=Window(RowNumber(), partition_by="is_today", order_by=("starts_at", "id")),
            number=Window(Count("pk"), partition_by="is_today"),
        )
        .filter(place__lte=most)
    )
    of_today, before = _split(rows)
    return Diary(of_today, before, _number(of_today), _number(before))


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


def _split(rows: Iterable[Any]) -> tuple[list[Any], list[Any]]:
    today: list[Any] = []
    before: list[Any] = []
    for row in rows:
        (today if row.is_today else before).append(row)
    return today, before


def _number(rows: list[Any]) -> int:
    return rows[0].number if rows else 0
