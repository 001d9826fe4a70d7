"""Secret addresses at which calendar programs read sessions: made, opened and ended.

The secret is shown once; afterwards only its hash is known. An account's end with the account, its
role, and a new password, and one that a token made with the token; a family's with the parents'
link that it was made with. So whoever loses a way in loses its calendar as well.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from tandem.kit.errors import ConflictError, ForbiddenError, NotFoundError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_noop as mark
from tandem.kit.transactions import say_who_acts
from tandem.people.models import Account, ApiToken, CalendarFeed, Student
from tandem.people.notices import tell
from tandem.people.open_account import hold_open_account
from tandem.people.parent_links import parent_link
from tandem.people.queries import Viewer, viewer_of, viewer_of_parent_link
from tandem.people.requester import Requester
from tandem.people.tokens import hash_of, state_of, usable_tokens

RANDOM_BYTES = 24  # 192 bits: nobody guesses one, so a plain hash keeps it safe
MOST = 10
READING_NOTED_EVERY = timedelta(minutes=15)
"""Calendar programs read some times a day; the moment is kept to within this."""
GONE = mark("This calendar address is gone already. Those in use stand below.")
Kind = CalendarFeed.Kind


@transaction.atomic
def create_feed(
    *, account: Account, now: datetime, kind: str, token: ApiToken | None = None
) -> tuple[CalendarFeed, str]:
    """Return a new feed of ``account`` with its secret, which cannot be read again later.

    ``kind`` is "tutor" (one's own sessions) or "owner" (everybody's); ``token`` is what asks for
    it. The account's address is told. ForbiddenError for who is not that, NotFoundError once the
    account is closed or erased; ConflictError when there are ten in use already.
    """
    if not _may_have(account, kind):
        raise ForbiddenError(
            _("Only an owner has a calendar of everybody's sessions.")
            if kind == Kind.OWNER
            else _("Only a tutor has a calendar of their own sessions.")
        )
    hold_open_account(account)
    say_who_acts(account)
    feed = CalendarFeed(kind=kind, account=account, token=token)
    feed, secret = _made(feeds_of(account, now=now), now, feed)
    tell(account, "calendar_made", feed=feed)
    return feed, secret


@transaction.atomic
def create_family_feed(*, token: str, now: datetime) -> tuple[CalendarFeed, str]:
    """Return a new feed of the family that holds the parents' link ``token``, with its secret.

    NotFoundError for a link that opens nothing; ConflictError when there are ten in use already.
    """
    student_id = viewer_of_parent_link(token, now=now).student_id
    Student.objects.select_for_update(no_key=True).get(pk=student_id)
    feed = CalendarFeed(kind=Kind.FAMILY, student_id=student_id, link_hash=hash_of(token))
    return _made(_made_with(token, student_id), now, feed)


def feeds_of(account: Account, *, now: datetime) -> QuerySet[CalendarFeed]:
    """Return the feeds of ``account`` that are in use, the newest first."""
    kinds = [kind for kind in (Kind.TUTOR, Kind.OWNER) if _may_have(account, kind)]
    rows = CalendarFeed.objects.filter(account=account, ended_at=None, kind__in=kinds)
    opens = Q(token=None) | Q(token__in=usable_tokens(now))
    return rows.filter(opens).order_by("-created_at", "-id")


def create_feed_of_student(
    *, viewer: Viewer, now: datetime, student_id: str
) -> tuple[CalendarFeed, str]:
    """Return a new feed of a student's family, for who may see their parents' link.

    ConflictError ``no_parent_link`` where there is none to hang it on.
    """
    return create_family_feed(token=_link_of(viewer, student_id), now=now)


def feeds_of_student(viewer: Viewer, student_id: str, *, now: datetime) -> QuerySet[CalendarFeed]:
    """Return the feeds in use of a student's family, for who may see their parents' link."""
    link = parent_link(replace(viewer, read_only=False), student_id).token
    if link is None:
        return CalendarFeed.objects.none()
    try:
        return family_feeds(token=link, now=now)
    except NotFoundError:
        return CalendarFeed.objects.none()


def _link_of(viewer: Viewer, student_id: str) -> str:
    link = parent_link(viewer, student_id).token
    if link is None:
        raise ConflictError(
            "no_parent_link",
            _("There is no parents’ link of this student, on which a family’s calendar hangs."),
        )
    return link


def family_feeds(*, token: str, now: datetime) -> QuerySet[CalendarFeed]:
    """Return the feeds in use that were made with the parents' link ``token``, newest first.

    NotFoundError for a link that opens nothing.
    """
    return _made_with(token, viewer_of_parent_link(token, now=now).student_id)


def opened_feed(secret: str, *, now: datetime) -> tuple[CalendarFeed, Viewer]:
    """Return the feed that ``secret`` opens and whose eyes it has, and note that it was read.

    NotFoundError for one that is none, was ended, or whose holder has no way in any more: never
    which.
    """
    rows = CalendarFeed.objects.select_related("account__tutor", "student", "token__account")
    feed = rows.filter(secret_hash=hash_of(secret), ended_at=None).first()
    viewer = _viewer(feed, now) if feed else None
    if feed is None or viewer is None:
        raise NotFoundError("calendar", secret)
    if feed.last_read_at is None or now - feed.last_read_at >= READING_NOTED_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(last_read_at=now)
    return feed, viewer


def own_feed(account: Account, feed_id: str, *, now: datetime) -> CalendarFeed:
    """Return a feed of ``account`` that is in use, or raise NotFoundError."""
    feed = feeds_of(account, now=now).filter(pk=feed_id).first()
    if feed is None:
        raise NotFoundError("calendar feed", feed_id)
    return feed


def visible_feed(viewer: Viewer, account: Account, feed_id: str, *, now: datetime) -> CalendarFeed:
    """Return one's own feed that is in use, or one of a family whose link one may see.

    NotFoundError for any other.
    """
    row = CalendarFeed.objects.filter(pk=feed_id, kind=Kind.FAMILY, ended_at=None).first()
    if row is None or row.student_id is None:
        return own_feed(account, feed_id, now=now)
    try:
        return feeds_of_student(viewer, row.student_id, now=now).get(pk=feed_id)
    except (NotFoundError, ForbiddenError, CalendarFeed.DoesNotExist):
        raise NotFoundError("calendar feed", feed_id) from None


def lock_feed(feed_id: str) -> None:
    """Hold a feed, if it is there, until the transaction ends."""
    CalendarFeed.objects.select_for_update().filter(pk=feed_id).first()


@transaction.atomic
def end_feed(*, requester: Requester, feed_id: str) -> None:
    """Make one of one's own feeds, or of a family whose link one may see, useless at once.

    NotFoundError for any other.
    """
    say_who_acts(requester.who)
    feed = visible_feed(requester.viewer, requester.account, feed_id, now=requester.now)
    CalendarFeed.objects.filter(pk=feed.pk, ended_at=None).update(ended_at=requester.now)


def end_family_feed(*, token: str, now: datetime, feed_id: str) -> None:
    """Make a feed that was made with the parents' link ``token`` useless.

    NotFoundError for a link that opens nothing; ConflictError ``gone`` for a feed that is not in
    use, or not the family's: never which.
    """
    # They are few, and what a stranger sends need not be an id that the database could look for.
    mine = [feed.pk for feed in family_feeds(token=token, now=now) if feed.pk == feed_id]
    if not CalendarFeed.objects.filter(pk__in=mine, ended_at=None).update(ended_at=now):
        raise ConflictError("gone", _(GONE))


def end_all(*, account: Account, now: datetime) -> int:
    """Make every feed of an account useless at once; return how many were in use."""
    return CalendarFeed.objects.filter(account=account, ended_at=None).update(ended_at=now)


def _made_with(token: str, student_id: str | None) -> QuerySet[CalendarFeed]:
    rows = CalendarFeed.objects.filter(student=student_id, ended_at=None, link_hash=hash_of(token))
    return rows.order_by("-created_at", "-id")


def _made(
    present: QuerySet[CalendarFeed], now: datetime, feed: CalendarFeed
) -> tuple[CalendarFeed, str]:
    if present.count() >= MOST:
        raise ConflictError(
            "too_many_calendars",
            _(
                "There are {number} calendar addresses. First end one that nobody uses any more."
            ).format(number=MOST),
        )
    secret = secrets.token_urlsafe(RANDOM_BYTES)
    feed.secret_hash, feed.created_at = hash_of(secret), now
    feed.save(force_insert=True)
    return feed, secret


def _may_have(account: Account, kind: str) -> bool:
    if not account.is_active:
        return False
    return account.is_owner if kind == Kind.OWNER else account.tutor_id is not None


def _viewer(feed: CalendarFeed, now: datetime) -> Viewer | None:
    if feed.token is not None and state_of(feed.token, now) != "usable":
        return None
    if feed.account is not None:
        return viewer_of(feed.account, now=now) if _may_have(feed.account, feed.kind) else None
    token = feed.student.parent_link_token if feed.student else None
    if token is None or hash_of(token) != feed.link_hash:
        return None
    return viewer_of_parent_link(token, now=now)
