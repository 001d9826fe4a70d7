"""A booking that is answered directly: checked, written and committed in one round trip."""

from collections.abc import Mapping
from datetime import datetime, time
from functools import partial
from typing import Any

from tandem.api.direct.call import Call, DirectAnswer, DirectRequest, Work
from tandem.api.render import session_json
from tandem.api.responses import JSON
from tandem.api.schemas.sessions import NAMES_OF_PEOPLE_AND_HOURS, NewSession
from tandem.api.strictness import read_json
from tandem.insights.list_statements import LISTS, NOT_CANCELLED
from tandem.insights.rows import SessionRow
from tandem.kit.named_sql import Read
from tandem.kit.weekly import Weekly
from tandem.lessons import rules
from tandem.lessons.booking import MAY_BOOK, booking_queries
from tandem.lessons.past_hours import past_warning
from tandem.lessons.stated_hours import PlanningWarning, warning
from tandem.people import tokens
from tandem.people.scope import role_of

PATH = "/api/sessions"
STATED = """, tutor.time_zone, (
  SELECT jsonb_agg(jsonb_build_array(free.weekday, free.starts, free.ends))
  FROM lessons_availability free WHERE free.tutor_id = session.tutor_id
)"""
COLUMNS = LISTS.compose("session_columns", cancellation=NOT_CANCELLED) + STATED
"""What is shown of a session, and of its tutor the zone and the stated week."""
ORDINARY = frozenset({"idempotency-key", "if-match", "if-none-match"})


def booking(request: DirectRequest) -> Work | None:
    """Return what books a session in a relationship that is named; None for what is unusual.

    ValueError or a refusal for what is wrong whatever the state of the database is.
    """
    if request.path != PATH or request.query or ORDINARY & request.headers.keys():
        return None
    if request.headers.get("content-type") != JSON:
        return None
    wanted = NewSession.model_validate(read_json(request.body))
    if wanted.tutor_student_id is None or _is_unusual(wanted):
        return None
    fields = wanted.given(leaving=NAMES_OF_PEOPLE_AND_HOURS)
    rules.check_hours(wanted.start_time, wanted.end_time)
    rules.check_edit(fields)
    return partial(_book, wanted, fields)


def _is_unusual(wanted: NewSession) -> bool:
    """Tell whether there is more to look at than a planned session of a named relationship."""
    return bool(
        wanted.tutor_student_ids
        or wanted.tutor_id
        or wanted.student_id
        or wanted.subject
        or wanted.override
        or wanted.status != "scheduled"
    )


def _book(wanted: NewSession, fields: Mapping[str, Any], call: Call) -> Read[DirectAnswer | None]:
    if call.holder.read_only or role_of(call.viewer) not in MAY_BOOK:
        return None
    also, values = tokens.still_writes(call.token_hash, call.holder, call.now)
    asked = booking_queries(
        call.viewer,
        now=call.now,
        tutor_student_id=str(wanted.tutor_student_id),
        starts_at=wanted.start_time,
        ends_at=wanted.end_time,
        series_id=None,
        fields=fields,
        columns=COLUMNS,
        also=also,
        values=values,
        actor_id=call.holder.account_id,
    )
    call.queries += len(asked)
    *_, booked = yield asked
    if not booked:
        return None
    *columns, zone, week = booked[0]
    session = SessionRow._make(columns)
    payload, location = {"session": session_json(session)}, f"{PATH}/{session.id}"
    warnings = _warnings(session, zone, week, call.now)
    return call.created(payload, location, PATH[1:], warnings=warnings)


def _warnings(
    session: SessionRow, zone: str, week: list[Any] | None, now: datetime
) -> list[PlanningWarning]:
    spans = [
        Weekly(day, time.fromisoformat(starts), time.fromisoformat(ends))
        for day, starts, ends in week or ()
    ]
    hours = (session.start_time, session.end_time)
    about: dict[str, Any] = {"session": session.id, "tutor": session.tutor_name, "zone": zone}
    told = [
        warning(**about, week=spans, hours=hours),
        past_warning(**about, hours=hours, now=now),
    ]
    return [one for one in told if one]
