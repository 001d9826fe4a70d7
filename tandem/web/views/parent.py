"""The parent's page: no account, only the secret in the address. Reading it changes nothing."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tandem.insights.page_rows import Mark
from tandem.insights.student_page import lines_of
from tandem.kit import time
from tandem.kit.errors import NotFoundError, TandemError
from tandem.lessons.family_cancelling import FamilyAtLink, may_cancel
from tandem.lessons.history import last_cancellations
from tandem.lessons.models import Session
from tandem.lessons.parent_links import opened_by_link
from tandem.lessons.policies import current_terms
from tandem.lessons.queries import MOST_MARKS, ParentView
from tandem.people import limits
from tandem.people.business import freshen
from tandem.people.weak_links import weakness_of
from tandem.web.charts import GRID, curve
from tandem.web.errors import refused
from tandem.web.methods import require_safe
from tandem.web.paging import page_of

MOST_UPCOMING = 50
MOST_AHEAD = 200
"""So many that are ahead are read, called off or not: among them is the next one."""
PAST_SIZE = 20

Status = Session.Status
ParentPage = Callable[..., HttpResponse]


def secret_address(view: ParentPage) -> ParentPage:
    """Keep the address from other sites, from search engines and from the browser's store.

    A refusal gets the same headers as the page, so that a link that was and one that never was
    cannot be told apart.
    """

    @wraps(view)
    def run(request: HttpRequest, token: str, **more: str) -> HttpResponse:
        try:
            freshen()
            response = view(request, token, **more)
        except NotFoundError:
            response = render(request, "parent_gone.html", status=404)
        except TandemError as error:
            response = refused(request, error)
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Cache-Control"] = "no-store, private"
        return response

    return run


def with_form(page: HttpResponse) -> HttpResponse:
    """Let a browser say to this site alone where a page's form was: without it, it sends
    ``Origin: null``, as a form of another site's might, and Django refuses that.
    """
    page["Referrer-Policy"] = "same-origin"
    return page


@require_safe
@secret_address
def parent(request: HttpRequest, token: str) -> HttpResponse:
    now = time.utc_now()
    seen = opened_by_link(token, address=limits.counted_address(request), now=now)
    family = FamilyAtLink(seen.student.pk, now, is_guessable=bool(weakness_of(seen.student)))
    return parent_page(
        request,
        seen,
        family,
        here=reverse("parent", args=[token]),
        calendar=reverse("family_calendar", args=[token]),
    )


def parent_page(
    request: HttpRequest, seen: ParentView, at_link: FamilyAtLink, *, here: str, **more: Any
) -> HttpResponse:
    """Return the page of one child, which stands ``here``, with ``more`` of what its template
    knows.
    """
    zone = time.zone_or_business(seen.student.time_zone)
    page = page_of(
        seen.past, "starts_at", request.GET.get("page", ""), newest_first=True, size=PAST_SIZE
    )
    lessons = list(seen.page[: MOST_AHEAD + MOST_MARKS])
    ahead = [one for one in lessons if one.status != Status.COMPLETED]
    upcoming = [one for one in ahead if one.status == Status.SCHEDULED]
    coming = [one for one in ahead if one not in upcoming[:1]][:MOST_UPCOMING]
    context = {
        "student": seen.student,
        "relationships": seen.relationships,
        "upcoming": upcoming,
        "coming": coming,
        "cancelled_by": _cancelled_by([*coming, *page.rows]),
        "curves": [curve(line) for line in lines_of(_marks(lessons))],
        "grid": GRID,
        "homework": _latest_homework(page.rows) if not request.GET.get("page") else None,
        "page": page,
        "now": at_link.now,
        "cancel": here if may_cancel(at_link, current_terms()) else "",
        "zone": zone,
        **more,
    }
    with timezone.override(zone):
        return render(request, "parent.html", context)


def _latest_homework(rows: Sequence[Session]) -> Session | None:
    """Return the newest lesson with homework, of those that the page shows, newest first."""
    return next((one for one in rows if one.homework), None)


def _marks(lessons: Sequence[Session]) -> list[Mark]:
    """Return the marks of those that were held; a tutor is called what a family calls them."""
    return [
        Mark(one.tutor_student_id, one.tutor.public_name, _subject(one), one.starts_at, mark)
        for one in lessons
        if one.status == Status.COMPLETED and (mark := one.progress) is not None
    ]


def _subject(session: Session) -> str | None:
    subject = session.tutor_student.subject
    return subject.name if subject else None


def _cancelled_by(rows: Sequence[Session]) -> dict[str, str]:
    """Return for whom each of those that were called off was, as far as it was written down."""
    ids = [one.pk for one in rows if one.status == Status.CANCELLED]
    return {
        session_id: told["by"]
        for session_id, event in last_cancellations(ids).items()
        if (told := event.details.get("cancellation")) and told.get("by")
    }


@require_safe
@secret_address
def slashed(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Lead from the address with a slash at its end to the real one, whether it is one or not."""
    return HttpResponseRedirect(reverse("parent", args=[token]))
