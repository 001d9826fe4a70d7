"""Which rows go with somebody who is erased, for the look at it: by kind, each as it stands.

Not what comes by itself: that a family opened its page, a letter came back, a calendar or a token
was used.
"""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any

from tandem.lessons.models import (
    Availability,
    Session,
    SessionSeries,
    TimeOff,
    TutorNotices,
)
from tandem.people.models import (
    Account,
    ApiToken,
    CalendarFeed,
    Guardian,
    LearningWish,
    Parent,
    Student,
    Subscription,
    Tutor,
    TutorSubject,
)
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import events_of_student

Rows = Mapping[str, list[tuple[Any, ...]]]
SESSION_SHOWN = ("pk", "starts_at", "ends_at", "status", "group", "updated_at")
LINK_SHOWN = ("pk", "status", "updated_at")
GUARDIAN_SHOWN = ("pk", "full_name", "email", "phone", "language", "notices", "kept_link")
ACCOUNT_SHOWN = ("pk", "email", "full_name", "is_owner", "is_active")
TOKEN_SHOWN = ("pk", "name", "read_only", "expires_at", "revoked_at")
FEED_SHOWN = ("pk", "kind", "ended_at")


def rows_of_student(student: Student) -> Rows:
    """Return what goes with a student, by kind and in the order of their keys."""
    feeds = CalendarFeed.objects.filter(student=student)
    series = SessionSeries.objects.filter(tutor_student__student=student)
    return _sorted(
        {
            "sessions": Session.objects.filter(student=student).values_list(*SESSION_SHOWN),
            "relationships": TutorStudent.objects.filter(student=student).values_list(*LINK_SHOWN),
            "events": events_of_student(student.pk).values_list("pk"),
            "parents": Parent.objects.filter(student=student).values_list("pk", "updated_at"),
            "guardians": Guardian.objects.filter(students=student).values_list(*GUARDIAN_SHOWN),
            "wishes": LearningWish.objects.filter(student=student).values_list("pk", "updated_at"),
            "series": series.values_list(),
            "feeds": feeds.values_list(*FEED_SHOWN),
        }
    )


def kept_of_tutor(tutor: Tutor) -> Rows:
    """Return what stays of a tutor without the name."""
    return _sorted(
        {
            "sessions": tutor.sessions.values_list(*SESSION_SHOWN),
            "relationships": tutor.relationships.values_list(*LINK_SHOWN),
        }
    )


def rows_of_tutor(tutor: Tutor) -> Rows:
    """Return what goes with a tutor: all that is theirs, and what is emptied of the account."""
    account = tutor.user_id
    owned: Mapping[str, Any] = {
        "subjects": TutorSubject,
        "availability": Availability,
        "time_off": TimeOff,
        "subscription": Subscription,
        "told": TutorNotices,
    }
    return _sorted(
        {
            **{kind: one.objects.filter(tutor=tutor).values_list() for kind, one in owned.items()},
            "account": Account.objects.filter(pk=account).values_list(*ACCOUNT_SHOWN),
            "tokens": ApiToken.objects.filter(account=account).values_list(*TOKEN_SHOWN),
            "feeds": CalendarFeed.objects.filter(account=account).values_list(*FEED_SHOWN),
        }
    )


def _sorted(rows: Mapping[str, Iterable[tuple[Any, ...]]]) -> Rows:
    return {kind: sorted(some, key=itemgetter(0)) for kind, some in rows.items()}
