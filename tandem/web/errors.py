"""Every refusal as a page: what happened, that nothing was lost, and what to do."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template import loader

from tandem.kit.errors import ConflictError, TandemError
from tandem.kit.language import gettext as _
from tandem.kit.language import gettext_noop as mark
from tandem.kit.transactions import BUSY, met_another
from tandem.people.limits import TooManyRequestsError
from tandem.web.forms.filters import FilterError
from tandem.web.forms.sheet import KEY
from tandem.web.forms.typed import Typed, typed_texts
from tandem.web.reader import keep_form

STATUS = {
    "not-found": 404,
    "forbidden": 403,
    "conflict": 409,
    "invalid": 422,
    "too-many-requests": 429,
}
"""A refusal's code -> the status of the page that says it; any other is 400."""

ENDED_MEANWHILE = mark(
    "While this was on its way you were signed out here, or showed once more that it is you: a "
    "button that is pressed twice does that. Look whether it was done before you do it again."
)


class ErrorPages:
    """Middleware that answers a refusal which a view lets pass.

    It also refuses a NUL in an address before any view: no row's text can hold one, and the
    database would take the query for broken. The API refuses it in its own words.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        broken = "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", "")
        if broken and not request.path_info.startswith("/api/"):
            return not_found(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if met_another(error):
            return refused(request, ConflictError(*BUSY))
        return refused(request, error) if isinstance(error, TandemError) else None


def refused(request: HttpRequest, error: TandemError) -> HttpResponse:
    """Return the page for a refusal. What was not found is not named: that would tell of it."""
    status = STATUS.get(error.code, 400)
    if status == STATUS["not-found"]:
        return not_found(request)
    if isinstance(error, FilterError):
        return render(request, "filter.html", {"form": error.form}, status=status)
    context = {"status": status, "sentence": str(error), "typed": _typed(request)}
    page = render(request, "error.html", context, status=status)
    if isinstance(error, TooManyRequestsError):
        page["Retry-After"] = str(error.wait)
    return page


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    was_sent = request.method == "POST" and KEY in request.POST
    context = {"typed": _typed(request), "was_sent": was_sent}
    return render(request, "404.html", context, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    return render(request, "403.html", {"typed": _typed(request)}, status=403)


def _typed(request: HttpRequest) -> list[Typed]:
    """Return what was written in a form that is refused."""
    return typed_texts(request.POST) if request.method == "POST" else []


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """Return the page for who tried a form of allauth's too often; it counts by minutes."""
    sentence = _("You tried too often. Nothing was changed. Try again in a minute.")
    page = render(request, "error.html", {"sentence": sentence}, status=STATUS["too-many-requests"])
    page["Retry-After"] = "60"
    return page


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form of ours that was open while its writer signed in anew has an old proof: it is kept."""
    here = {f"{request.scheme}://{request.get_host()}", settings.BASE_URL}
    ours = request.headers.get("Origin") in here
    if ours and keep_form(request):
        return HttpResponseRedirect(request.get_full_path())
    return render(request, "csrf.html", status=403)


def method_not_allowed(allowed: Sequence[str]) -> HttpResponse:
    """Return the page for a method that a page does not have."""
    page = plain_refusal(_("This page cannot be asked for in that way."), 405)
    page["Allow"] = ", ".join(allowed)
    return page


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The host itself may be what is wrong, so nothing here asks for it."""
    ended = isinstance(exception, SessionInterrupted)
    context = {"sentence": _(ENDED_MEANWHILE) if ended else ""}
    return HttpResponseBadRequest(loader.render_to_string("400.html", context))


def plain_refusal(sentence: str, status: int, *, back: str = "") -> HttpResponse:
    """Return a page that asks for nothing: not who reads it, nor the database.

    ``back`` is the form that it is about, where there is one.
    """
    context = {"sentence": sentence, "back": back}
    return HttpResponse(loader.render_to_string("refused.html", context), status=status)


def unavailable() -> HttpResponse:
    """Return the page while the database is away, or takes longer than a request may."""
    response = HttpResponse(loader.render_to_string("503.html"), status=503)
    response["Retry-After"] = "2"
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """No context processor runs here: it might be the one that failed."""
    context = {"request_id": request.META.get("tandem.request_id")}
    return HttpResponseServerError(loader.render_to_string("500.html", context))
