"""Each request has an id and leaves one line in the log; a fault leaves a traceback beside it."""

import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import structlog
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest, HttpResponse

from tandem.kit.ids import new_request_id
from tandem.kit.transactions import database_is_away
from tandem.serving import metrics
from tandem.serving.reading_records import note_read

HEADER = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNTOLD = frozenset({"/healthz", "/readyz"})
"""Asked every few seconds by who watches; a line each would say nothing."""
log = structlog.get_logger()


class RequestLog:
    """Middleware, the outermost: it sees every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = new_request_id()
        request.META["tandem.request_id"] = request_id
        began, queries = time.perf_counter(), QueryCount()
        with (
            structlog.contextvars.bound_contextvars(request_id=request_id),
            connection.execute_wrapper(queries),
        ):
            response = self.get_response(request)
            if request.path_info not in UNTOLD:
                _tell(request, response, time.perf_counter() - began, queries.count)
        response[HEADER] = request_id
        return response


def _tell(request: HttpRequest, response: HttpResponse, seconds: float, queries: int) -> None:
    account, route = _account(request), _route(request)
    note_read(
        method=str(request.method),
        route=route or "",
        path=request.path_info,
        status=response.status_code,
        account=account,
        day=_day(request),
    )
    tell(
        method=str(request.method),
        route=route,
        status=response.status_code,
        seconds=seconds,
        queries=queries,
        account=account,
    )


def tell(
    *,
    method: str,
    route: str | None,
    status: int,
    seconds: float,
    queries: int,
    account: str | None,
    **further: Any,
) -> None:
    """Leave the line of a request, and count it; ``route`` is a pattern, ``account`` an id."""
    log.info(
        "request",
        method=method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        queries=queries,
        account=account,
        **further,
    )
    metrics.note(
        method=method if method in METHODS else "other",
        route=route,
        status=status,
        seconds=seconds,
        queries=queries,
    )


class QueryCount:
    """Counts what is sent to the database."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.count += 1
        return execute(*statement)


def id_of(request: HttpRequest) -> str:
    """Return the id under which the log knows this request; empty outside the served site."""
    return str(request.META.get("tandem.request_id", ""))


def _route(request: HttpRequest) -> str | None:
    """Return the pattern of the address: the address itself may be a secret."""
    return request.resolver_match.route if request.resolver_match else None


def _account(request: HttpRequest) -> str | None:
    """Return who asked, by id, without asking the database for it."""
    caller = getattr(request, "auth", None)
    account = caller.account if caller else vars(request).get("_cached_user")
    return str(account.pk) if account is not None and account.pk else None


def _day(request: HttpRequest) -> date | None:
    """Return the date where who asked is; None where neither the API nor a page looked."""
    caller = getattr(request, "auth", None) or getattr(request, "reader", None)
    return caller.viewer.sees_on if caller else None


def tell_of_fault(**_signal: Any) -> None:
    """Log what Django or the API is about to answer with 500 or 503."""
    error = sys.exc_info()[1]
    if error is not None and database_is_away(error):
        log.warning("database unavailable", why=type(error.__cause__ or error).__name__)
    else:
        log.error("fault", exc_info=error)


got_request_exception.connect(tell_of_fault, dispatch_uid="tandem.serving.requests")
