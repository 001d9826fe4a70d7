"""Refusals that belong to no view: a problem under /api, a page elsewhere."""

import sys

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from tandem.api import errors as api
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_noop as mark
from tandem.kit.transactions import database_is_away, took_too_long
from tandem.web import errors as web
from tandem.web.methods import methods_of

ABOUT_UNREAD = {
    "timeout": mark(
        "The request took too long to arrive, so nothing was changed. "
        "Look at the connection, then send it again."
    ),
    "too-large": mark(
        "The request is larger than is read here, so nothing was changed. "
        "Send less at once, or something smaller."
    ),
    "cut-off": mark(
        "The request ended before it was whole, so nothing was changed. Send it again."
    ),
    "media-type": mark(
        "What was sent is no form, so nothing was changed. Send the form of the page itself."
    ),
    "body-coding": mark(
        "What was sent is compressed, which is not read here, so nothing was changed. "
        "Send it as it is, without Content-Encoding."
    ),
    "transfer-coding": mark(
        "What was sent is coded in a way that is not read here, so nothing was changed. "
        "Send it with Content-Length, or with Transfer-Encoding: chunked and nothing else."
    ),
}
FAR_TOO_LARGE = mark(
    "The file is far larger than a logo may be, so nothing was saved. Go back: what else you wrote "
    "mostly stands there still. Choose a picture of at most 200 kB, or none."
)
FAR_TOO_LARGE_TABLE = mark(
    "The file is far larger than 10 MB, so nothing was brought in. Go back, divide it into several "
    "and choose the first of these."
)
FILES = {
    "business_face": FAR_TOO_LARGE,
    "bring_students": FAR_TOO_LARGE_TABLE,
    "bring_tutors": FAR_TOO_LARGE_TABLE,
}
"""Of forms that send a file, where it is so large that the form could not be read."""
WRONG_HOST = (
    "This site does not answer to the name that was asked for. Use the address that its owner gave "
    "you; who runs it sets TANDEM_BASE_URL or adds the name to TANDEM_ALLOWED_HOSTS."
)


def is_api(request: HttpRequest) -> bool:
    """Tell whether a program asks, to which JSON speaks."""
    return request.path_info == "/api" or request.path_info.startswith("/api/")


def unread(request: HttpRequest, reason: str) -> HttpResponse:
    """Answer a request whose body was not read, for one of the reasons in ``ABOUT_UNREAD``."""
    words, status = ABOUT_UNREAD[reason], api.TITLES[reason][0]
    of_files = {reverse(page): said for page, said in FILES.items()}
    if is_api(request):
        response: HttpResponse = api.problem(reason, words)
    elif reason == "too-large" and (said := of_files.get(request.path_info)):
        response = web.plain_refusal(_(said), status, back=request.path_info)
    else:
        response = web.plain_refusal(_(words), status)
    response["Connection"] = "close"
    if reason == "body-coding":  # RFC 7694: how it would be read
        response["Accept-Encoding"] = "identity"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if not is_api(request):
        return web.bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        return api.problem("wrong-host", WRONG_HOST)
    return api.problem("bad-request", "The request cannot be read. Nothing was changed.")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if is_api(request):
        return api.problem("forbidden", "You may not do that. Nothing was changed.")
    return web.forbidden(request, exception)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    if is_api(request):
        return api.problem("forbidden", api.CSRF_MISSING)
    allowed = methods_of(request)
    if request.method not in allowed:  # no proof of a form would help
        return web.method_not_allowed(allowed)
    return web.csrf_failed(request, reason)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return api.nothing_here(request) if is_api(request) else web.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault, by its id; or, where the database is away, when to come again."""
    error = sys.exc_info()[1]
    away = error is not None and (database_is_away(error) or took_too_long(error))
    if is_api(request):
        return api.unavailable() if away else api.internal(request)
    return web.unavailable() if away else web.server_error(request)
