"""The API put together: routes, refusals, and what holds for every request."""

from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from tandem import __version__
from tandem.api import errors
from tandem.api.access import BearerToken, SessionCookie
from tandem.api.docs import docs_page, openapi_document, try_page
from tandem.api.errors import problem
from tandem.api.idempotency import idempotent
from tandem.api.openapi import describe
from tandem.api.preconditions import preconditions
from tandem.api.render import clashing
from tandem.api.responses import JSON
from tandem.api.routes import (
    accounts,
    assignments,
    changes,
    closures,
    corrections,
    covers,
    deeds,
    exports,
    feeds,
    group_records,
    guardians,
    hand_overs,
    imports,
    insights,
    parent,
    policies,
    relationships,
    reports,
    series,
    sessions,
    students,
    tokens,
    tutor_notices,
    tutor_time,
    tutors,
    wishes,
)
from tandem.api.strictness import StrictParser, known_parameters
from tandem.kit.errors import TandemError

PRIVATE = "/api/parent/"
LARGER = {"/api/imports": settings.MAX_BYTES_WITH_SPREADSHEET}
"""How large a body may be to some addresses, beside what holds for all."""

refused = partial(errors.refused, sessions=clashing)

api = NinjaAPI(
    title="Tandem",
    version=__version__,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    auth=[BearerToken(), SessionCookie()],
    parser=StrictParser(),
)
# Inner first: an answer that is kept is given again whatever has changed since.
api.add_decorator(
    preconditions(
        {
            "student_id": students.RESOURCE,
            "tutor_id": tutors.RESOURCE,
            "tutor_student_id": relationships.RESOURCE,
            "session_id": sessions.RESOURCE,
            "series_id": series.RESOURCE,
            "deed_id": deeds.RESOURCE,
            "closure_id": closures.RESOURCE,
            "policy_id": policies.RESOURCE,
            "account_id": accounts.RESOURCE,
            "token_id": tokens.RESOURCE,
            "feed_id": feeds.RESOURCE,
            "guardian_id": guardians.RESOURCE,
            "wish_id": wishes.RESOURCE,
        }
    )
)
api.add_decorator(idempotent(refused))
api.add_decorator(known_parameters)
api.add_router("/students", students.router)
api.add_router("/students", changes.students)
api.add_router("/tutors", tutors.router)
api.add_router("/tutors", changes.tutors)
api.add_router("/tutor-students", relationships.router)
api.add_router("/tutor-students", corrections.router)
api.add_router("/sessions", sessions.router)
api.add_router("/sessions", group_records.router)
api.add_router("/series", series.router)
api.add_router("/tutors", tutor_time.router)
api.add_router("/tutors", tutor_notices.router)
api.add_router("/tutors", hand_overs.router)
api.add_router("/closures", closures.router)
api.add_router("/covers", covers.router)
api.add_router("/assignments", assignments.router)
api.add_router("/deeds", deeds.router)
api.add_router("/imports", imports.router)
api.add_router("/policies", policies.router)
api.add_router("/parent", parent.router)
api.add_router("/accounts", accounts.router)
api.add_router("/accounts", changes.accounts)
api.add_router("/tokens", tokens.router)
api.add_router("/feeds", feeds.router)
api.add_router("/guardians", guardians.router)
api.add_router("/exports", exports.router)
api.add_router("", insights.router)
api.add_router("", wishes.router)
api.add_router("/reports", reports.router)
api.add_exception_handler(TandemError, refused)
api.add_exception_handler(AuthenticationError, errors.not_signed_in)
api.add_exception_handler(HttpError, errors.unreadable)
api.add_exception_handler(ValidationError, errors.misshapen)
api.add_exception_handler(Exception, errors.broken)


def guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse what no route should see, and say what caches may keep."""

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"
        response = _turned_away(request) or view(request, *args, **kwargs)
        request.method = asked  # By this the server knows that a HEAD's answer has no body.
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted(response["Allow"].split(", ")))
            response = problem("method-not-allowed", f"Allowed here: {allowed}.")
            response["Allow"] = allowed
        _say_who_may_keep_it(request, response)
        return response

    return run


def _turned_away(request: HttpRequest) -> HttpResponse | None:
    length = request.META.get("CONTENT_LENGTH") or ""
    most = max(settings.MAX_BODY_BYTES, LARGER.get(request.path, 0))
    if length.isdigit() and int(length) > most:
        return problem("too-large", f"A body has at most {most} bytes.")
    if "\x00" in request.path:
        return errors.nothing_here(request)
    if length not in {"", "0"} and request.content_type != JSON:
        return problem("media-type", f"Send the body as JSON, with Content-Type: {JSON}.")
    return None


def _say_who_may_keep_it(request: HttpRequest, response: HttpResponseBase) -> None:
    if request.path.startswith(PRIVATE):
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return
    # What a browser has kept it asks about again, which is what the ETag is for.
    response.setdefault("Cache-Control", "private, no-cache")
    response["Vary"] = "Authorization, Cookie"


def _guarded(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    return [
        URLPattern(one.pattern, guarded(one.callback), one.default_args, one.name)
        for one in patterns
        if isinstance(one, URLPattern) and one.name != "api-root"
    ]


def only_read(view: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponseBase]:
    """Refuse every method but GET and HEAD, also where no form of ours sent it."""

    @wraps(view)
    def run(request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            return view(request)
        response = problem("method-not-allowed", "Allowed here: GET, HEAD.")
        response["Allow"] = "GET, HEAD"
        return response

    return csrf_exempt(run)


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Answer an address that is none, by whatever method."""
    response = errors.nothing_here(request)
    _say_who_may_keep_it(request, response)
    return response


_patterns, _app_name, _namespace = api.urls
urls = (
    [
        path("openapi.json", only_read(openapi_document), name="openapi"),
        path("docs", only_read(docs_page), name="docs"),
        path("docs/try", only_read(try_page), name="try"),
        *_guarded(_patterns),
        re_path(r"", nothing),
    ],
    "api",
    "api",
)
document = partial(describe, api)
