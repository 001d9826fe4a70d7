"""/api/parent/{token}: one child's progress, for whoever holds the secret link."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from tandem.api.paging import PAST_SESSIONS, page
from tandem.api.responses import answer
from tandem.api.schemas.insights import (
    ChildOut,
    LessonOut,
    ParentAnswer,
    ParentPage,
    TeachingOut,
)
from tandem.insights.rows import relationship_row
from tandem.kit.errors import NotFoundError
from tandem.kit.time import business_day, utc_now
from tandem.lessons.models import Session
from tandem.lessons.parent_links import opened_by_link
from tandem.people import limits
from tandem.relationships.models import TutorStudent

router = Router(tags=["Parents"], by_alias=True)
MOST_UPCOMING = 200


class NoSuchLinkError(NotFoundError):
    """No link, or no longer one. The sentence repeats no secret."""

    def __str__(self) -> str:
        return (
            "This link opens nothing. A newer one may have taken its place, or its last day may be "
            "past. Ask the tutor for a new one."
        )


@router.get("/{token}", response=ParentAnswer, auth=None, summary="Read a child's progress")
def read_progress(request: HttpRequest, token: str, filters: Query[ParentPage]) -> HttpResponse:
    """No account: the link is the key. One that was rotated or has ended is as if it never was."""
    now = utc_now()
    try:
        seen = opened_by_link(token, address=limits.counted_address(request), now=now)
    except NotFoundError:
        raise NoSuchLinkError("parent link", "") from None
    past, after = page(seen.past, PAST_SESSIONS, filters)
    return answer(
        ParentAnswer(
            student=ChildOut(full_name=seen.student.full_name, year=seen.student.year),
            tutor_students=[_teaching(link, business_day(now)) for link in seen.relationships],
            upcoming=[_lesson(one) for one in seen.upcoming[:MOST_UPCOMING]],
            past=[_lesson(one) for one in past],
            next=after,
        )
    )


def _teaching(link: TutorStudent, day: date) -> TeachingOut:
    shown = relationship_row(link, day)
    return TeachingOut(
        tutor_name=link.tutor.public_name,
        subject=link.subject.name if link.subject else None,
        start_date=link.started_on,
        end_date=link.ended_on,
        status=shown.status,  # type: ignore[arg-type]  # a parent sees what has begun
        is_primary=shown.is_primary,
    )


def _lesson(session: Session) -> LessonOut:
    subject = session.tutor_student.subject
    return LessonOut(
        id=session.pk,
        tutor_name=session.tutor.public_name,
        subject=subject.name if subject else None,
        start_time=session.starts_at,
        end_time=session.ends_at,
        status=session.status,  # type: ignore[arg-type]  # a constraint holds the statuses
        title=session.title,
        notes=session.notes,
        homework=session.homework,
        location=session.location,
        meeting_link=session.meeting_link,
        progress=session.progress,
    )
