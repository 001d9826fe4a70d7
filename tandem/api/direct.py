"""Requests that come again and again, answered from the worker's event loop: no thread, no Django.

The ordinary way (Django's resolver, ninja, a thread and its connection) takes several times as long
as the database takes to read a student. Here stands no rule and no text of its own: reads are those
of ``reads.py``, bookings those of ``tandem.lessons.booking``, and whatever is unusual (another
query, a refusal, a token that nobody knows) is left to the ordinary way, which finds the words.

Who calls is remembered by token, and each answer is sent only if the same round trip said that the
token, its account and its rights are still what they were.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from csp.utils import build_policy
from django.conf import settings

from tandem.api import reads
from tandem.api.answers import CREATED, JSON, as_json, names, tag_of
from tandem.api.errors import unavailable
from tandem.api.render import session_json
from tandem.api.schemas.parts import Filters
from tandem.api.schemas.people import StudentPage, TutorPage
from tandem.api.schemas.relationships import TutorStudentPage
from tandem.api.schemas.sessions import NewSession, SessionPage
from tandem.api.strictness import names_of_lists, read_json
from tandem.insights.lists import LISTS
from tandem.insights.rows import SessionRow
from tandem.kit.async_sql import AsyncPool, ConnectionLostError, StatementFailedError
from tandem.kit.errors import TandemError
from tandem.kit.named_sql import Read, Result, Rows
from tandem.lessons import rules
from tandem.lessons.booking import MAY_BOOK, booking_queries
from tandem.people import limits, tokens
from tandem.people.queries import Viewer
from tandem.people.scope import role_of
from tandem.people.tokens import Holder

BEARER = "Bearer "
ONE = re.compile(r"/api/(students|tutors|sessions)/([A-Za-z0-9_-]+)")
NAMES = frozenset({"tutor_student_id", "tutor_id", "student_id", "start_time", "end_time"})
MOST_KNOWN = 10_000
"""So many tokens are remembered in a process; then it begins anew."""
SESSION_COLUMNS = LISTS.compose("session_columns")
Headers = list[tuple[str, str]]


class DirectRequest(NamedTuple):
    """A request; ``headers`` have lower-case names, each once."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


class DirectAnswer(NamedTuple):
    """An answer, and what the log tells of it: the pattern of the address, who asked, how often
    the database was.
    """

    status: int
    headers: Headers
    body: bytes
    route: str
    account_id: str
    queries: int


class _HolderChangedError(Exception):
    """The token is no longer what it was when it was remembered."""


class _List(NamedTuple):
    filters: type[Filters]
    read: Callable[[Viewer, Any], Read[reads.Payload]]


class _One(NamedTuple):
    route: str
    read: Callable[[Viewer, str], Read[reads.Payload]]


LISTS_BY_PATH: Mapping[str, _List] = {
    "/api/students": _List(StudentPage, reads.student_list),
    "/api/tutors": _List(TutorPage, reads.tutor_list),
    "/api/tutor-students": _List(TutorStudentPage, reads.tutor_student_list),
    "/api/sessions": _List(SessionPage, reads.session_list),
}
ONES_BY_NAME: Mapping[str, _One] = {
    "students": _One("api/students/<student_id>", reads.student),
    "tutors": _One("api/tutors/<tutor_id>", reads.tutor),
    "sessions": _One("api/sessions/<session_id>", reads.session),
}
DASHBOARD, SESSIONS = "/api/dashboard", "/api/sessions"

Work = Callable[["_Call"], Read[DirectAnswer | None]]
"""What answers a call; None leaves it to the ordinary way."""


class _Call:
    """One request of somebody who is known."""

    def __init__(
        self, request: DirectRequest, token_hash: str, holder: Holder, now: datetime
    ) -> None:
        self.request, self.token_hash, self.holder, self.now = request, token_hash, holder, now
        self.viewer = Viewer(None, holder.is_owner, holder.tutor_id)
        self.queries = 0

    def answer(self, payload: reads.Payload, route: str) -> DirectAnswer:
        """Return an answer without an ETag."""
        return self._made(200, as_json(payload), route, {"content-type": JSON})

    def created(self, session: SessionRow) -> DirectAnswer:
        """Return the answer to a booking."""
        body = as_json({"session": session_json(session)})
        own = {"content-type": JSON, "etag": tag_of(body), "location": f"{SESSIONS}/{session.id}"}
        return self._made(CREATED, body, SESSIONS[1:], own)

    def resource(self, payload: reads.Payload, route: str) -> DirectAnswer:
        """Return one resource with its ETag; 304 for who has this very one already."""
        body = as_json(payload)
        tag = tag_of(body)
        if names(self.request.headers.get("if-none-match", ""), tag):
            return self._made(304, b"", route, {"etag": tag})
        return self._made(200, body, route, {"content-type": JSON, "etag": tag})

    def _made(self, status: int, body: bytes, route: str, own: Mapping[str, str]) -> DirectAnswer:
        headers = [*own.items(), ("content-length", str(len(body))), *COMMON]
        return DirectAnswer(status, headers, body, route, self.holder.account_id, self.queries)


COMMON: Headers = [
    ("cache-control", "private, no-cache"),
    ("vary", "Authorization, Cookie"),
    ("content-security-policy", str(build_policy())),
    ("x-frame-options", settings.X_FRAME_OPTIONS),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", settings.SECURE_REFERRER_POLICY),
    ("cross-origin-opener-policy", settings.SECURE_CROSS_ORIGIN_OPENER_POLICY),
]
"""What all of these answers carry; a test holds them equal to those of the ordinary way."""


class Direct:
    """Answers what it can from one event loop, with the connections of ``pool``."""

    def __init__(self, pool: AsyncPool) -> None:
        self._pool = pool
        self._known: dict[str, Holder] = {}

    async def answer(self, request: DirectRequest, now: datetime) -> DirectAnswer | None:
        """Return the answer, or None where the ordinary way is to find it; nothing is done then."""
        authorization = request.headers.get("authorization", "")
        work = _work(request) if authorization.startswith(BEARER) else None
        if work is None:
            return None
        token_hash = tokens.hash_of(authorization[len(BEARER) :])
        try:
            holder = self._known.get(token_hash) or await self._look_up(token_hash, now)
            if holder is None:
                return None
            spending = limits.spending(limits.REQUESTS, f"token:{holder.token_id}", now)
            await self._pool.run_read(spending)
            return await self._pool.run_read(work(_Call(request, token_hash, holder, now)))
        except _HolderChangedError:
            self._known.pop(token_hash, None)
        except (TandemError, StatementFailedError):
            pass
        except ConnectionLostError:
            return None if request.method == "GET" else _perhaps_done()
        return None

    async def _look_up(self, token_hash: str, now: datetime) -> Holder | None:
        """Return who holds a token, and remember it, unless its use is to be noted first."""
        (rows,) = await self._pool.fetch([tokens.usable_token_query(token_hash)])
        if not rows:
            return None
        holder, last_used_at = tokens.holder_and_use(rows[0])
        if not tokens.is_use_noted(last_used_at, now):
            return None
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[token_hash] = holder
        return holder


def _perhaps_done() -> DirectAnswer:
    """Return the answer to a write whose connection broke: nobody knows whether it was done."""
    response = unavailable()
    headers = [(name.lower(), value) for name, value in response.items()]
    return DirectAnswer(
        response.status_code, [*headers, *COMMON], response.content, "api/sessions", "", 1
    )


def _work(request: DirectRequest) -> Work | None:
    """Return what answers a request; None for all that is unusual."""
    try:
        if request.method == "GET":
            return None if request.body else _reading(request)
        return _booking(request) if request.method == "POST" else None
    except (ValueError, TandemError):  # pydantic's errors are ValueErrors
        return None


def _reading(request: DirectRequest) -> Work | None:
    if listed := LISTS_BY_PATH.get(request.path):
        return _listing(listed, _filters(listed.filters, request.query), request.path[1:])
    if request.query:
        return None
    if request.path == DASHBOARD:
        return _dashboard
    one = ONE.fullmatch(request.path)
    return partial(_one, ONES_BY_NAME[one[1]], one[2]) if one else None


def _filters(schema: type[Filters], query: str) -> Filters:
    """Return what a query asks for; ValueError where a parameter stands twice or is none."""
    given = parse_qsl(query, keep_blank_values=True, errors="strict") if query else []
    if len(dict(given)) < len(given):
        raise ValueError(query)
    lists = names_of_lists(schema)
    return schema.model_validate(
        {name: [value] if name in lists else value for name, value in given}
    )


def _listing(listed: _List, filters: Filters, route: str) -> Work | None:
    if isinstance(filters, TutorPage) and filters.student_id is not None:
        return None  # Whether that student is seen is asked first.
    return partial(_list, listed, filters, route)


def _list(listed: _List, filters: Filters, route: str, call: _Call) -> Read[DirectAnswer | None]:
    payload = yield from _checked(call, listed.read(call.viewer, filters))
    return call.answer(payload, route)


def _one(one: _One, row_id: str, call: _Call) -> Read[DirectAnswer | None]:
    payload = yield from _checked(call, one.read(call.viewer, row_id))
    return call.resource(payload, one.route)


def _dashboard(call: _Call) -> Read[DirectAnswer | None]:
    payload = yield from _checked(call, reads.dashboard(call.viewer, call.now))
    return call.answer(payload, DASHBOARD[1:])


def _checked(call: _Call, read: Read[Result]) -> Read[Result]:
    """Ask along with a read's first question whether who calls is still who they were."""
    try:
        queries = next(read)
        call.queries += 1 + len(queries)
        found, *rows = yield [tokens.usable_token_query(call.token_hash), *queries]
        _check_holder(call, found)
        while True:
            queries = read.send(rows)
            call.queries += len(queries)
            rows = yield queries
    except StopIteration as done:
        result: Result = done.value
        return result


def _check_holder(call: _Call, found: Rows) -> None:
    if not found:
        raise _HolderChangedError
    holder, last_used_at = tokens.holder_and_use(found[0])
    if holder != call.holder or not tokens.is_use_noted(last_used_at, call.now):
        raise _HolderChangedError


def _booking(request: DirectRequest) -> Work | None:
    """Return what books a session in a relationship that is named, without conditions."""
    ordinary = {"idempotency-key", "if-match"} & request.headers.keys()
    if request.path != SESSIONS or request.query or ordinary:
        return None
    if request.headers.get("content-type") != JSON:
        return None
    wanted = NewSession.model_validate(read_json(request.body))
    if wanted.tutor_student_id is None or wanted.tutor_id or wanted.student_id:
        return None
    fields = wanted.given(leaving=NAMES)
    rules.check_hours(wanted.start_time, wanted.end_time)
    rules.check_edit(fields)

    return partial(_book, wanted, fields)


def _book(wanted: NewSession, fields: Mapping[str, Any], call: _Call) -> Read[DirectAnswer | None]:
    if call.holder.read_only or role_of(call.viewer) not in MAY_BOOK:
        return None
    also, values = tokens.still_writes(call.token_hash, call.holder)
    asked = booking_queries(
        call.viewer,
        now=call.now,
        tutor_student_id=str(wanted.tutor_student_id),
        starts_at=wanted.start_time,
        ends_at=wanted.end_time,
        series_id=None,
        fields=fields,
        columns=SESSION_COLUMNS,
        also=also,
        values=values,
    )
    call.queries += len(asked)
    *_, booked = yield asked
    return call.created(SessionRow._make(booked[0])) if booked else None
