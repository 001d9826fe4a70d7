"""The parent's page: no account, only the secret in the address. Reading it changes nothing."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from tandem.kit import time
from tandem.kit.errors import NotFoundError, TandemError
from tandem.lessons.family_cancelling import FamilyAtLink, may_cancel
from tandem.lessons.models import Session
from tandem.lessons.parent_links import opened_by_link
from tandem.lessons.policies import current_terms
from tandem.lessons.queries import ParentView
from tandem.people import limits
from tandem.people.business import freshen
from tandem.people.weak_links import weakness_of
from tandem.web.errors import refused
from tandem.web.methods import require_safe
from tandem.web.paging import page_of

MOST_UPCOMING = 50
PAST_SIZE = 20

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
    context = {
        "student": seen.student,
        "relationships": seen.relationships,
        "upcoming": list(seen.upcoming[:MOST_UPCOMING]),
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


@require_safe
@secret_address
def slashed(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """Lead from the address with a slash at its end to the real one, whether it is one or not."""
    return HttpResponseRedirect(reverse("parent", args=[token]))
