"""``/healthz``: this process answers. ``/readyz``: people can be let in."""

from collections.abc import Callable

import psycopg
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse

from tandem.kit.postgresql.time_limit import answered_within
from tandem.serving import checks
from tandem.serving.finding import Finding

ALIVE = b'{"status": "alive"}'
NOT_KEPT = {"cache-control": "no-store"}
READY = "/readyz"
READY_SECONDS = 3.0
"""So long the database has for each question: who watches does not wait for ever themselves."""
Answer = Callable[[HttpRequest], HttpResponse]


class Health:
    """Middleware, before hosts are looked at: whoever watches asks by whatever name."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        view = {"/healthz": alive, READY: ready}.get(request.path_info)
        return view() if view else self.get_response(request)


def alive() -> HttpResponse:
    """Answer that this process answers, whatever the database does."""
    return HttpResponse(ALIVE, "application/json", headers=NOT_KEPT)


def ready() -> HttpResponse:
    """Answer 200 when database, tables and worker are there, else 503 with what is not."""
    with answered_within(READY_SECONDS):
        found = _found()
    status = 200 if all(one.ok for one in found) else 503
    return _said({one.name: one.sentence for one in found}, status)


def _found() -> list[Finding]:
    """Return what the checks find; a database that falls silent between two is away as well."""
    try:
        return checks.answers(checks.migrations, checks.worker)
    except (DatabaseError, InterfaceError, psycopg.Error) as error:
        return [checks.away(error)]


def _said(words: dict[str, str], status: int) -> HttpResponse:
    return JsonResponse(words, status=status, headers=NOT_KEPT)
