"""/api/feeds"""

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from tandem.api.access import ApiRequest
from tandem.api.paging import FEEDS, page
from tandem.api.preconditions import Resource
from tandem.api.responses import CREATED, ShownOnce, as_json, listed, no_content, resource
from tandem.api.schemas.feeds import (
    FeedAnswer,
    FeedList,
    FeedOut,
    FeedPage,
    NewFeed,
    NewFeedAnswer,
)
from tandem.kit.errors import ForbiddenError
from tandem.people import calendar_feeds
from tandem.people.models import CalendarFeed

router = Router(tags=["Calendars"], by_alias=True)
MAKES_NONE = "A token makes no calendar. Sign in on the site and make it under Your account."


@router.get("", response=FeedList, summary="List calendar addresses")
def list_feeds(request: ApiRequest, filters: Query[FeedPage]) -> HttpResponse:
    """One's own that are in use. A family's are on the page that the parents' link opens."""
    rows, rest = page(calendar_feeds.feeds_of(request.auth.account), FEEDS, filters)
    return listed(request, FeedList(feeds=[_out(row) for row in rows], next=rest))


@router.post("", response={CREATED: NewFeedAnswer}, summary="Make a calendar address")
def make_feed(request: ApiRequest, payload: NewFeed) -> HttpResponse:
    """A secret address that calendar programs subscribe to (iCalendar), until it is ended.

    It takes somebody signed in (the cookie): a token makes no key.
    """
    caller = request.auth
    if caller.token is not None:
        raise ForbiddenError(MAKES_NONE)
    caller.check_confirmed()
    feed, secret = calendar_feeds.create_feed(
        account=caller.account, now=caller.now, kind=payload.kind
    )
    url = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
    made = NewFeedAnswer(feed=_out(feed), url=url)
    without_url = as_json(made.model_copy(update={"url": None}))
    response = ShownOnce(as_json(made), without_url, status=CREATED)
    response["Location"] = f"/api/feeds/{feed.pk}"
    return response


@router.get("/{feed_id}", response=FeedAnswer, summary="Read a calendar address")
def read_feed(request: ApiRequest, feed_id: str) -> HttpResponse:
    """Its kind and when it was last read; never its secret."""
    return resource(request, _one(request, feed_id))


@router.delete("/{feed_id}", response={204: None}, summary="End a calendar address")
def end_feed(request: ApiRequest, feed_id: str) -> HttpResponse:
    """One's own. It opens nothing from now on."""
    caller = request.auth
    calendar_feeds.end_feed(actor=caller.account, now=caller.now, feed_id=feed_id)
    return no_content()


def _one(request: ApiRequest, feed_id: str) -> FeedAnswer:
    return FeedAnswer(feed=_out(calendar_feeds.own_feed(request.auth.account, feed_id)))


RESOURCE = Resource(
    lock=lambda _request, pk, _tutors: calendar_feeds.lock_feed(pk),
    current=lambda request, pk: [_one(request, pk)],
)


def _out(feed: CalendarFeed) -> FeedOut:
    return FeedOut(
        id=feed.pk,
        kind="owner" if feed.kind == calendar_feeds.Kind.OWNER else "tutor",
        created_at=feed.created_at,
        last_read_at=feed.last_read_at,
    )
