"""/api/feeds"""

from django.http import HttpResponse
from django.urls import reverse
from ninja import Query, Router

from tandem.api.access import ApiRequest, ApiRequester
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
    NewFeedOut,
    Of,
)
from tandem.kit.errors import ForbiddenError, invalid
from tandem.people import calendar_feeds
from tandem.people.models import CalendarFeed

router = Router(tags=["Calendars"], by_alias=True)
OWN_ALONE = "A tutor makes the calendar of their own sessions; the owner's has everybody's."


@router.get("", response=FeedList, summary="List calendar addresses")
def list_feeds(request: ApiRequest, filters: Query[FeedPage]) -> HttpResponse:
    """One's own that are in use; with `studentId` those of that student's family."""
    caller = request.auth
    if filters.student_id is None:
        found = calendar_feeds.feeds_of(caller.account, now=caller.now)
    else:
        found = calendar_feeds.feeds_of_student(caller.viewer, filters.student_id, now=caller.now)
    rows, rest = page(found, FEEDS, filters)
    return listed(request, FeedList(feeds=[_out(row) for row in rows], next=rest))


@router.post("", response={CREATED: NewFeedAnswer}, summary="Make a calendar address")
def make_feed(request: ApiRequest, payload: NewFeed) -> HttpResponse:
    """A secret address that calendar programs subscribe to (iCalendar), until it is ended.

    What a token made ends with the token, a family's with the parents' link.
    """
    request.auth.check_confirmed()
    feed, secret = _made(request.auth, payload)
    url = request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
    facts = _out(feed).model_dump()
    made = NewFeedAnswer(feed=NewFeedOut(**facts, url=url), url=url)
    without_url = as_json(NewFeedAnswer(feed=NewFeedOut(**facts, url=None), url=None))
    response = ShownOnce(as_json(made), without_url, status=CREATED)
    response["Location"] = f"/api/feeds/{feed.pk}"
    return response


@router.get("/{feed_id}", response=FeedAnswer, summary="Read a calendar address")
def read_feed(request: ApiRequest, feed_id: str) -> HttpResponse:
    """Whose it is and when it was last read; never its secret."""
    return resource(request, _one(request, feed_id))


@router.delete("/{feed_id}", response={204: None}, summary="End a calendar address")
def end_feed(request: ApiRequest, feed_id: str) -> HttpResponse:
    """One's own, or a family's whose link one may see. It opens nothing from now on."""
    caller = request.auth
    calendar_feeds.end_feed(requester=caller, feed_id=feed_id)
    return no_content()


def _one(request: ApiRequest, feed_id: str) -> FeedAnswer:
    caller = request.auth
    feed = calendar_feeds.visible_feed(caller.viewer, caller.account, feed_id, now=caller.now)
    return FeedAnswer(feed=_out(feed))


def _made(caller: ApiRequester, payload: NewFeed) -> tuple[CalendarFeed, str]:
    """Make what is asked for, by the name that is used now or by the older one."""
    of = payload.of or payload.kind
    if of is None:
        raise invalid("of", "Say whose: tutor, student or owner.")
    if payload.kind not in {None, of}:
        raise invalid("kind", "This is the older name of `of`: send one of them.")
    if of == "student":
        if payload.id is None:
            raise invalid("id", "Name the student.")
        return calendar_feeds.create_feed_of_student(
            viewer=caller.viewer, now=caller.now, student_id=payload.id
        )
    if of == "tutor" and payload.id not in {None, caller.viewer.tutor_id}:
        raise ForbiddenError(OWN_ALONE)
    return calendar_feeds.create_feed(
        account=caller.account, now=caller.now, kind=of, token=caller.token
    )


RESOURCE = Resource(
    hold=lambda _request, pk, _tutors: calendar_feeds.lock_feed(pk),
    current=lambda request, pk: [_one(request, pk)],
)


OF: dict[calendar_feeds.Kind, Of] = {
    calendar_feeds.Kind.TUTOR: "tutor",
    calendar_feeds.Kind.OWNER: "owner",
    calendar_feeds.Kind.FAMILY: "student",
}


def _out(feed: CalendarFeed) -> FeedOut:
    of = OF[calendar_feeds.Kind(feed.kind)]
    return FeedOut(
        id=feed.pk,
        of=of,
        of_id=feed.student_id or (feed.account and of == "tutor" and feed.account.tutor_id) or None,
        kind=of,
        created_at=feed.created_at,
        last_read_at=feed.last_read_at,
    )
