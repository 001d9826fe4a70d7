"""What waits for somebody: the day's sessions, what nobody recorded, requests to answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connection
from psycopg import sql

from tandem.insights.page_rows import SessionOnPage
from tandem.insights.pages import PAGES
from tandem.kit.named_sql import NamedStatements, columns_of, fetch_all, fetch_rows
from tandem.kit.time import day_starts, local_date
from tandem.lessons.instances import known
from tandem.people.days import teaches_on
from tandem.people.models import Student, Subject, Tutor
from tandem.people.queries import Viewer
from tandem.people.scope import Role, role_of, scope, scope_values
from tandem.relationships.models import TutorStudent
from tandem.relationships.request_rules import Request, may_answer

OVERVIEW = NamedStatements(Path(__file__).with_name("overview.sql"))
LINK = [field.attname for field in TutorStudent._meta.concrete_fields]  # noqa: SLF001 - documented
LOOK_BACK = timedelta(days=14)
LOOK_AHEAD = timedelta(days=7)
MOST_AWAY = 10
AWAY, CANNOT_COME = "away", "cannot_come"
DAY = timedelta(days=1)


class AwayNow(NamedTuple):
    """A tutor's time off: its id, whose it is, and from when to when."""

    id: str
    tutor_id: str
    tutor_name: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Diary:
    """The sessions of today, and those of two weeks that are over and still only scheduled.

    ``more_today``: there are more than were asked for. ``away``: who is away today or in the week
    after, the first of them, and how many of their sessions stand then; for a tutor themselves.
    ``cannot_come``: what families called off by their links in two weeks, of what lies ahead; its
    notes are why.
    """

    today: list[SessionOnPage]
    unrecorded: list[SessionOnPage]
    more_today: bool
    away: list[tuple[AwayNow, int]]
    cannot_come: list[SessionOnPage]


def diary(viewer: Viewer, *, zone: str, now: datetime, most: int) -> Diary:
    """Return the viewer's diary, at most so many of each, in one query."""
    today = local_date(now, zone)
    starts, ends = day_starts(today, zone), day_starts(today + DAY, zone)
    values = {
        **scope_values(viewer),
        "starts": starts,
        "ends": ends,
        "since": now - LOOK_BACK,
        "now": now,
        "most_today": most + 1,
        "most_before": most,
        "away_until": ends + LOOK_AHEAD,
        "most_away": MOST_AWAY,
        "whose": None if viewer.is_owner else viewer.tutor_id or "",
    }
    rows = fetch_all(_diary(role_of(viewer)), values, SessionOnPage)
    found = sorted(rows, key=lambda one: (one.starts_at, one.id))
    held = [one for one in found if one.status not in {AWAY, CANNOT_COME}]
    on = [one for one in held if one.starts_at >= starts]
    return Diary(
        on[:most],
        [one for one in held if one.starts_at < starts],
        len(on) > most,
        [
            (
                AwayNow(one.id, one.tutor_id, one.tutor_name, one.starts_at, one.ends_at),
                one.progress or 0,
            )
            for one in found
            if one.status == AWAY
        ],
        [*{one.id: one for one in found if one.status == CANNOT_COME}.values()],
    )


@cache
def _diary(role: Role) -> str:
    columns, tables = PAGES["session_columns"], PAGES["session_tables"]
    return PAGES.compose("diary", columns=columns, tables=tables, scope=scope(role, "sessions"))


def requests(viewer: Viewer, *, most: int) -> list[TutorStudent]:
    """Return the pending relationships that the viewer may see, with who is in them.

    ``answerable`` reads from each whether it is the viewer's to answer.
    """
    values = {**scope_values(viewer), "most": most}
    return _requests_of(fetch_rows(_requests(role_of(viewer), "true"), values))


def request_of(viewer: Viewer, tutor_student_id: str) -> TutorStudent | None:
    """Return one relationship as in ``requests``; None where it is not a request."""
    values = {**scope_values(viewer), "relationship_id": tutor_student_id, "most": 1}
    found = _requests_of(fetch_rows(_requests(role_of(viewer), "this_one"), values))
    return found[0] if found else None


@cache
def _requests(role: Role, which: str) -> str:
    return OVERVIEW.compose(
        "requests",
        columns=columns_of(TutorStudent, "relationship"),
        teaches_now=OVERVIEW["teaches_now"].format(teaches=teaches_on("teaching")),
        scope=scope(role, "relationships"),
        which=sql.SQL("true") if which == "true" else OVERVIEW[which],
    )


def _requests_of(rows: Iterable[tuple[Any, ...]]) -> list[TutorStudent]:
    return [_request(row) for row in rows]


def _request(columns: tuple[Any, ...]) -> TutorStudent:
    row: Any = TutorStudent.from_db(connection.alias, LINK, columns[: len(LINK)])
    name, email, student, subject, row.asked_by, row.taught = columns[len(LINK) :]
    row.tutor = known(Tutor, id=row.tutor_id, full_name=name, email=email)
    row.student = known(Student, id=row.student_id, full_name=student)
    row.subject = known(Subject, id=row.subject_id, name=subject) if row.subject_id else None
    found: TutorStudent = row
    return found


def answerable(viewer: Viewer, row: TutorStudent) -> bool:
    """Tell whether a row of ``requests`` is the viewer's to answer."""
    facts: Any = row
    return row.status == TutorStudent.Status.PENDING and may_answer(
        Request(row.tutor_id, facts.asked_by),
        is_owner=viewer.is_owner,
        tutor=viewer.tutor_id,
        teaches_now=facts.taught,
    )


def withdrawable(viewer: Viewer, row: TutorStudent) -> bool:
    """Tell whether a row of ``requests`` is the viewer's own request."""
    facts: Any = row
    return viewer.tutor_id is not None and viewer.tutor_id == facts.asked_by
