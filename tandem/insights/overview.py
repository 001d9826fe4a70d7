"""What waits for somebody: the day's sessions, what nobody recorded, requests to answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import (
    Exists,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KT

from tandem.kit.named_sql import NamedStatements, fetch_rows
from tandem.kit.time import day_starts, local_date
from tandem.lessons.instances import COLUMNS, sessions_of
from tandem.lessons.models import Session
from tandem.people.queries import OPEN, Viewer
from tandem.people.scope import Role, role_of, scope, scope_values
from tandem.relationships.models import RelationshipEvent, TutorStudent
from tandem.relationships.queries import visible_relationships
from tandem.relationships.rules import Request, may_answer

OVERVIEW = NamedStatements(Path(__file__).with_name("overview.sql"))
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
    values = {
        **scope_values(viewer),
        "starts": starts,
        "ends": ends,
        "since": now - LOOK_BACK,
        "now": now,
        "most_today": most + 1,
        "most_before": most,
    }
    rows = sessions_of(fetch_rows(_diary(role_of(viewer)), values))
    found = sorted(rows, key=lambda one: (one.starts_at, one.pk))
    on = [one for one in found if one.starts_at >= starts]
    return Diary(on[:most], [one for one in found if one.starts_at < starts], len(on) > most)


@cache
def _diary(role: Role) -> str:
    tables, seen = OVERVIEW["session_tables"], scope(role, "sessions")
    return OVERVIEW.compose("diary", columns=COLUMNS, tables=tables, scope=seen)


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
