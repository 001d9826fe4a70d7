"""Reads that are answered directly: lists, single resources and the dashboard."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from tandem.api import reads
from tandem.api.direct.call import Call, DirectAnswer, DirectRequest, Work
from tandem.api.direct.kept import Answer
from tandem.api.responses import as_json, tag_of
from tandem.api.schemas.parts import Filters
from tandem.api.schemas.people import StudentPage, TutorPage
from tandem.api.schemas.relationships import TutorStudentPage
from tandem.api.schemas.sessions import SessionPage
from tandem.api.strictness import names_of_lists
from tandem.kit.named_sql import Read, Result
from tandem.people import tokens
from tandem.people.queries import Viewer
from tandem.people.tokens import WRITES, Written

DASHBOARD = "/api/dashboard"
NOTHING = Written("", 0, frozenset(), 0)
ONE = re.compile(r"/api/(students|tutors|sessions)/([A-Za-z0-9_-]+)")


class _List(NamedTuple):
    filters: type[Filters]
    read: Callable[[Viewer, Any], Read[reads.Payload]]


class _One(NamedTuple):
    route: str
    read: Callable[[Viewer, str], Read[reads.Payload]]


LISTS: Mapping[str, _List] = {
    "/api/students": _List(StudentPage, reads.student_list),
    "/api/tutors": _List(TutorPage, reads.tutor_list),
    "/api/tutor-students": _List(TutorStudentPage, reads.tutor_student_list),
    "/api/sessions": _List(SessionPage, reads.session_list),
}
ONES: Mapping[str, _One] = {
    "students": _One("api/students/<student_id>", reads.student),
    "tutors": _One("api/tutors/<tutor_id>", reads.tutor),
    "sessions": _One("api/sessions/<session_id>", reads.session),
}


def reading(request: DirectRequest) -> Work | None:
    """Return what answers a GET; None for what is unusual, ValueError for what is wrong."""
    if listed := LISTS.get(request.path):
        filters = _filters(listed.filters, request.query)
        if isinstance(filters, TutorPage) and filters.student_id is not None:
            return None  # Whether that student is seen is asked first.
        return partial(_list, listed, filters, request.path[1:])
    if request.query:
        return None
    if request.path == DASHBOARD:
        return _dashboard
    one = ONE.fullmatch(request.path)
    return partial(_one, ONES[one[1]], one[2]) if one else None


def _filters(schema: type[Filters], query: str) -> Filters:
    given = parse_qsl(query, keep_blank_values=True, errors="strict") if query else []
    if len(dict(given)) < len(given):
        raise ValueError("A parameter stands twice.")
    lists = names_of_lists(schema)
    return schema.model_validate(
        {name: [value] if name in lists else value for name, value in given}
    )


def _list(listed: _List, filters: Filters, route: str, call: Call) -> Read[DirectAnswer | None]:
    answer = yield from _answer(call, listed.read(call.viewer, filters))
    return call.listed(answer.body, answer.tag, route)


def _one(one: _One, row_id: str, call: Call) -> Read[DirectAnswer | None]:
    answer = yield from _answer(call, one.read(call.viewer, row_id))
    return call.resource(answer.body, answer.tag, one.route)


def _dashboard(call: Call) -> Read[DirectAnswer | None]:
    answer = yield from _answer_until(call, reads.dashboard(call.viewer, call.now))
    return call.listed(answer.body, answer.tag, DASHBOARD[1:])


def _answer(call: Call, read: Read[reads.Payload]) -> Read[Answer]:
    """Return what a read returns, or returned before if nothing has been written since.

    That is asked first only where the last time nothing had been: it costs a round trip, in vain
    where somebody writes all the while.
    """
    has_tag = "if-none-match" in call.request.headers
    if call.kept.is_worth_asking(call.key, has_tag=has_tag) and (kept := (yield from _kept(call))):
        return kept
    payload, written = yield from _checked(call, read)
    is_quiet = call.kept.holds_still(call.key, written)
    return _keep(call, written, payload, None, is_asked_for_first=is_quiet)


def _answer_until(call: Call, read: Read[tuple[reads.Payload, datetime | None]]) -> Read[Answer]:
    """The same for what takes long to count, and may change with the time alone."""
    if call.key in call.kept and (kept := (yield from _kept(call))):
        return kept
    (payload, until), written = yield from _checked(call, read)
    return _keep(call, written, payload, until)


def _keep(
    call: Call,
    written: Written,
    payload: reads.Payload,
    until: datetime | None,
    *,
    is_asked_for_first: bool = True,
) -> Answer:
    body = as_json(payload)
    answer = Answer(written, until, body, tag_of(body), is_asked_for_first)
    call.kept.add(call.key, answer)
    return answer


def _kept(call: Call) -> Read[Answer | None]:
    """Return what was answered before, if it still holds; who calls is asked along with that."""
    call.queries += 1
    (found,) = yield [tokens.holder_query(call.token_hash, call.now)]
    return call.kept.get(call.key, call.check(found).written, call.now)


def _checked(call: Call, read: Read[Result]) -> Read[tuple[Result, Written]]:
    """Return what a read returns, with what had been written before it began.

    Along with its first question is asked whether who calls is still who they were. The writes are
    counted first, then it is asked which of them are unfinished, and then is read what is there.
    """
    written = NOTHING
    try:
        queries = next(read)
        call.queries += 2 + len(queries)
        holder = tokens.holder_query(call.token_hash, call.now)
        ((number,),), found, *rows = yield [WRITES, holder, *queries]
        written = call.check(found).written._replace(number=number)
        while True:
            queries = read.send(rows)
            call.queries += len(queries)
            rows = yield queries
    except StopIteration as done:
        return done.value, written
