"""What the web server's loop asks first: is this a request that needs neither thread nor Django?"""

import time
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.http.request import split_domain_port, validate_host
from granian.rsgi import Scope

from tandem.api.direct import Direct
from tandem.api.direct.call import DirectRequest
from tandem.kit.async_sql import AsyncPool
from tandem.kit.connection_setup import set_up_for
from tandem.kit.ids import new_request_id
from tandem.kit.postgresql.time_limit import seconds_to_wait
from tandem.kit.time import utc_now
from tandem.serving.front import https_only
from tandem.serving.health import ALIVE, NOT_KEPT
from tandem.serving.reading_records import note_read
from tandem.serving.requests import HEADER, tell
from tandem.serving.rsgi import Reply

API, HEALTH = "/api/", "/healthz"
OF_DJANGO = frozenset({"context", "cursor_factory", "prepare_threshold"})
"""What Django adds to libpq's parameters."""


async def answer(scope: Scope, body: bytes) -> Reply | None:
    """Return the answer to a request that can be answered here, else None."""
    if scope.path == HEALTH:  # whatever the threads wait for
        return 200, [("content-type", "application/json"), *NOT_KEPT.items()], ALIVE
    if not scope.path.startswith(API):
        return None
    headers = _headers(scope)
    if headers is None or not _is_ours(headers.get("host", "")):
        return None
    began, request_id = time.perf_counter(), new_request_id()
    request = DirectRequest(scope.method, scope.path, scope.query_string, headers, body)
    found = await _direct().answer(request, utc_now())
    if found is None:
        return None
    tell(
        request_id=request_id,
        method=request.method,
        route=found.route,
        status=found.status,
        seconds=time.perf_counter() - began,
        queries=found.queries,
        account=found.account_id,
        direct=True,
    )
    note_read(
        method=request.method,
        route=found.route,
        path=request.path,
        status=found.status,
        account=found.account_id,
        day=found.day,
    )
    own = [(HEADER.lower(), request_id), *([https_only()] if settings.HTTPS else [])]
    return found.status, [*found.headers, *own], found.body


def _headers(scope: Scope) -> Mapping[str, str] | None:
    """Return the headers by name, in lower case; None where one stands twice."""
    found: dict[str, str] = {}
    for name, value in scope.headers.items():
        if name in found:
            return None
        found[name] = value
    return found


@lru_cache(256)
def _is_ours(host: str) -> bool:
    name, _ = split_domain_port(host)
    return bool(name) and validate_host(name, settings.ALLOWED_HOSTS)


@cache
def _direct() -> Direct:
    """Return what answers in this process, made at the first request: its loop runs by then."""
    given: dict[str, Any] = connection.get_connection_params()
    parameters = {name: value for name, value in given.items() if name not in OF_DJANGO}
    if parameters.get("application_name") == settings.WEB_CONNECTIONS:
        parameters["application_name"] = settings.DIRECT_CONNECTIONS
    is_shared = given["prepare_threshold"] is None
    return Direct(
        AsyncPool(
            parameters,
            set_up=set_up_for(is_pooled=True, is_shared=is_shared).decode(),
            most=settings.POOL["max_size"],
            seconds=settings.POOL["timeout"],
            prepares=not is_shared,
            answer_seconds=seconds_to_wait(),
        )
    )
