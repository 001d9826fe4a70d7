"""Secret addresses for calendar programs: one's own, a family's, and what is read at them."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.csrf import csrf_exempt

from tandem.kit import time
from tandem.kit.errors import ConflictError, InvalidError, NotFoundError, TandemError, invalid
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_lazy
from tandem.kit.language import gettext_noop as mark
from tandem.lessons.calendar_feeds import opened_calendar
from tandem.lessons.parent_links import opened_by_link
from tandem.people import calendar_feeds, limits
from tandem.people.models import CalendarFeed
from tandem.web.asked_again import asked_again
from tandem.web.calendar_file import calendar_file
from tandem.web.errors import STATUS
from tandem.web.forms.relationships import ConfirmForm
from tandem.web.methods import require_http_methods, require_safe
from tandem.web.reader import PageRequest
from tandem.web.submission import bind_form, form_page, submit
from tandem.web.views.action_page import act
from tandem.web.views.own_account import holder, own_trail
from tandem.web.views.parent import secret_address, with_form

WHOSE = {"tutor": gettext_lazy("your sessions"), "owner": gettext_lazy("everybody’s sessions")}
GONE = mark(
    "This calendar address opens nothing. It may have been ended, or a part of it is missing. "
    "Make a new one where you made this one."
)
NO_BUTTON = mark("No button was pressed. Nothing was done.")


@form_page
@asked_again
def new_calendar(request: PageRequest, kind: str) -> HttpResponse:
    """Make an address for one's own calendar; it is shown in the answer, and nowhere kept."""
    form = bind_form(request, ConfirmForm)
    made: list[str] = []

    def make(_given: dict[str, Any]) -> None:
        own, now = holder(request), request.reader.now
        made.append(calendar_feeds.create_feed(account=own, now=now, kind=kind)[1])

    done = submit(
        request,
        form,
        make,
        to=lambda _made: reverse("account"),
        success_message=_("The calendar address is made."),
    )
    if done and made:
        context = {"address": _address(request, made[-1]), "back": reverse("account")}
        return render(request, "calendars/made.html", context)
    return done or act(
        request,
        form,
        heading=_("Make a calendar address for {whose}").format(whose=WHOSE[kind]),
        button=_("Make the address"),
        trail=own_trail(),
        intro=[
            _("Your calendar program subscribes to it, and asks for changes by itself."),
            _("Whoever has the address can read when, where and with whom each session is."),
            _("It tells no notes and no homework."),
        ],
    )


@form_page
def end_calendar(request: PageRequest, feed_id: str) -> HttpResponse:
    own = holder(request)
    calendar_feeds.own_feed(own, feed_id, now=request.reader.now)
    form = bind_form(request, ConfirmForm)
    done = submit(
        request,
        form,
        lambda _given: calendar_feeds.end_feed(requester=request.reader, feed_id=feed_id),
        to=lambda _done: reverse("account"),
        success_message=_("The calendar address is ended. It opens nothing any more."),
    )
    return done or act(
        request,
        form,
        heading=_("End this calendar address?"),
        button=_("End it"),
        trail=own_trail(),
        intro=[_("Every calendar that uses it gets no more changes. This cannot be undone.")],
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
def of_family(request: HttpRequest, token: str) -> HttpResponse:
    """List a family's calendar addresses; make one, or end one."""
    now = time.utc_now()
    student = opened_by_link(token, address=limits.counted_address(request), now=now).student
    here = reverse("family_calendar", args=[token])
    context: dict[str, Any] = {"student": student, "token": token}
    status = 200
    if request.method == "POST":
        try:
            if ended := request.POST.get("end"):
                calendar_feeds.end_family_feed(token=token, now=now, feed_id=ended)
                return HttpResponseRedirect(here)
            if not request.POST.get("make"):
                raise invalid("make", _(NO_BUTTON))
            _feed, secret = calendar_feeds.create_family_feed(token=token, now=now)
        except (ConflictError, InvalidError) as error:
            context["fault"] = str(error)
            is_gone = getattr(error, "reason", "") == "gone"
            status = STATUS["not-found" if is_gone else error.code]
        else:
            made = {"address": _address(request, secret), "back": here, "family": True}
            return render(request, "calendars/made.html", made)
    feeds: list[CalendarFeed] = list(calendar_feeds.family_feeds(token=token, now=now))
    page = render(request, "calendars/family.html", {**context, "feeds": feeds}, status=status)
    return with_form(page)


CalendarView = Callable[[HttpRequest, str], HttpResponse]


def for_programs(view: CalendarView) -> CalendarView:
    """Answer a calendar program in plain text where it is refused; keep the address to itself."""

    @wraps(view)
    def run(request: HttpRequest, secret: str) -> HttpResponse:
        try:
            response = view(request, secret)
        except NotFoundError:
            response = HttpResponse(
                f"{_(GONE)}\n", status=404, content_type="text/plain; charset=utf-8"
            )
        except TandemError as error:
            response = HttpResponse(
                f"{error}\n", status=STATUS[error.code], content_type="text/plain; charset=utf-8"
            )
            if wait := getattr(error, "wait", None):
                response["Retry-After"] = str(wait)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "private, no-cache"
        return response

    return run


@csrf_exempt  # It is only read: whoever writes is told so before anything is asked of a form.
@require_safe
@for_programs
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """Return a calendar; 304 for a program that has it as it is."""
    calendar = opened_calendar(secret, address=limits.counted_address(request), now=time.utc_now())
    body = calendar_file(calendar)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="tandem.ics"'
    response["ETag"] = quote_etag(sha256(body).hexdigest()[:32])
    kept = get_conditional_response(request, response["ETag"], response=response)
    return kept or response


def _address(request: HttpRequest, secret: str) -> str:
    return request.build_absolute_uri(reverse("calendar_feed", args=[secret]))
