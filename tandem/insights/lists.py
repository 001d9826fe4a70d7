"""Lists that ask about more than one floor, narrowed as callers wish, and what each row shows.

Each starts from what the viewer may see, so a filter never tells about anybody else. The
statements stand in ``lists.sql``; each is put together once for a kind of viewer and the filters
that are given. What stands here says what it asks, and is run by who needs it (``run_read``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

from tandem.insights.filters import (
    RelationshipFilter,
    StudentFilter,
    TutorFilter,
    longest_first,
    patterns_of,
)
from tandem.insights.list_statements import (
    OVER,
    SUBJECTS_OF_TUTORS,
    Names,
    last_sessions_statement,
    relationships_of_students_statement,
    relationships_statement,
    sessions_statement,
    student_statement,
    students_statement,
    tutors_statement,
)
from tandem.insights.rows import RelationshipRow, SessionRow, StudentRow, TaughtRow, TutorRow
from tandem.kit.keyset import Place
from tandem.kit.named_sql import Query, Read
from tandem.kit.time import business_day
from tandem.lessons.queries import SessionFilter
from tandem.people.queries import Viewer
from tandem.people.scope import role_of, scope_values

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ListPage:
    """Which part of a list is wanted: what comes ``after`` a place, ``most`` rows.

    None is from its beginning, and all.
    """

    after: Place | None
    most: int | None


Keyed = list[tuple[Any, Any]]
"""Rows of a list, each with the key by which the list is ordered."""


def students(
    viewer: Viewer, wanted: StudentFilter, page: ListPage, *, newest_first: bool = False
) -> Read[Keyed]:
    """Return the visible students that a filter keeps, as (key, ``StudentRow``).

    By name, or the newest first, by when their record was made.
    """
    link, own = _given(wanted.link), _given(wanted, leaving=("link",))
    names = _names(viewer, link, own)
    statement = students_statement(role_of(viewer), *names, newest_first, page.after is not None)
    values = _values(viewer, {f"link_{name}": value for name, value in link.items()} | own, page)
    (rows,) = yield [Query(statement, values)]
    return _keyed(rows, StudentRow)


def student_with_relationships(
    viewer: Viewer, student_id: str
) -> Read[tuple[StudentRow, list[RelationshipRow]] | None]:
    """Return a student with what ``viewer`` may see of who teaches them; None where unseen."""
    values = {**scope_values(viewer), "student_id": student_id, "day": viewer.day}
    (rows,) = yield [Query(student_statement(role_of(viewer)), values)]
    if not rows:
        return None
    width = len(StudentRow._fields)
    links = [RelationshipRow._make(row[width:]) for row in rows]
    return StudentRow._make(rows[0][:width]), [link for link in links if link.id is not None]


def relationships_of_students(
    viewer: Viewer, student_ids: Sequence[str], *, as_of: date | None = None
) -> Read[Mapping[str, list[RelationshipRow]]]:
    """Return what ``viewer`` may see of who teaches these students, by student.

    The primary comes first; with ``as_of`` only those of that day.
    """
    links: dict[str, list[RelationshipRow]] = {student_id: [] for student_id in student_ids}
    (names,) = _names(viewer, {"as_of": as_of} if as_of else {})
    statement = relationships_of_students_statement(role_of(viewer), names)
    values = {
        **scope_values(viewer),
        "student_ids": list(student_ids),
        "link_as_of": as_of,
        "day": as_of or viewer.day,
    }
    (rows,) = yield [Query(statement, values)]
    for link in map(RelationshipRow._make, rows):
        links[link.student_id].append(link)
    return links


def last_sessions(viewer: Viewer, student_ids: Sequence[str]) -> Read[Mapping[str, SessionRow]]:
    """Return the session that was held last with each of these students, so far as it is seen."""
    values = {**scope_values(viewer), "student_ids": list(student_ids), "day": viewer.day}
    (rows,) = yield [Query(last_sessions_statement(role_of(viewer)), values)]
    return {row.student_id: row for row in map(SessionRow._make, rows)}


def relationships(viewer: Viewer, wanted: RelationshipFilter, page: ListPage) -> Read[Keyed]:
    """Return the visible relationships that a filter keeps, by start, as (key, row)."""
    given = _given(wanted)
    statement = relationships_statement(
        role_of(viewer), *_names(viewer, given), page.after is not None
    )
    values = _values(viewer, {f"link_{name}": value for name, value in given.items()}, page)
    (rows,) = yield [Query(statement, values)]
    return _keyed(rows, RelationshipRow)


def sessions(
    viewer: Viewer, wanted: SessionFilter, page: ListPage, *, subject: str | None = None
) -> Read[list[SessionRow]]:
    """Return the visible sessions that a filter keeps, by start; ``subject`` is a name."""
    (rows,) = yield [sessions_query(viewer, wanted, page, subject=subject)]
    return list(map(SessionRow._make, rows))


def sessions_query(
    viewer: Viewer, wanted: SessionFilter, page: ListPage, *, subject: str | None = None
) -> Query:
    """Return what ``sessions`` asks, for who asks something else along with it."""
    given = _given(wanted) | ({} if subject is None else {"subject": subject})
    if "statuses" in given:
        given["statuses"] = list(given["statuses"])
    statement = sessions_statement(role_of(viewer), *_names(viewer, given), page.after is not None)
    return Query(statement, _values(viewer, given, page))


def session(viewer: Viewer, session_id: str) -> Read[SessionRow | None]:
    """Return one session; None where ``viewer`` sees none of this id."""
    statement = sessions_statement(role_of(viewer), frozenset({"id"}), _FIRST)
    values = _values(viewer, {"id": session_id}, ListPage(None, 1))
    (rows,) = yield [Query(statement, values)]
    return SessionRow._make(rows[0]) if rows else None


def tutors(viewer: Viewer, wanted: TutorFilter, page: ListPage) -> Read[Keyed]:
    """Return the visible tutors that a filter keeps, by name, as (key, ``TutorRow``).

    Whether the student named is the viewer's to see is for the caller to look at.
    """
    given = _given(wanted)
    statement = tutors_statement(role_of(viewer), *_names(viewer, given), page.after is not None)
    (rows,) = yield [Query(statement, _values(viewer, given, page))]
    return _keyed(rows, TutorRow)


def tutor(viewer: Viewer, tutor_id: str) -> Read[TutorRow | None]:
    """Return one tutor; None where ``viewer`` sees none of this id."""
    statement = tutors_statement(role_of(viewer), frozenset({"id"}), _FIRST)
    (rows,) = yield [Query(statement, _values(viewer, {"id": tutor_id}, ListPage(None, 1)))]
    return TutorRow._make(rows[0][1:]) if rows else None


def subjects_of_tutors(tutor_ids: Collection[str]) -> Read[Mapping[str, list[TaughtRow]]]:
    """Return what these tutors teach, by tutor."""
    taught: dict[str, list[TaughtRow]] = {tutor_id: [] for tutor_id in tutor_ids}
    (rows,) = yield [Query(SUBJECTS_OF_TUTORS, {"tutor_ids": list(tutor_ids)})]
    for row in map(TaughtRow._make, rows):
        taught[row.tutor_id].append(row)
    return taught


_FIRST = False


def _given(wanted: Any, leaving: Collection[str] = ()) -> dict[str, Any]:
    """Return what a filter asks for, by name."""
    named = ((one.name, getattr(wanted, one.name)) for one in fields(wanted))
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in named
        if value and name not in leaving
    }


def _names(viewer: Viewer, *given: Mapping[str, Any]) -> list[Names]:
    """Return by what each is narrowed, and ``OVER`` where it is as of a day that is over."""
    return [
        frozenset({*one, OVER} if one.get("as_of", viewer.day) < viewer.day else one)
        for one in given
    ]


def _values(viewer: Viewer, given: Mapping[str, Any], page: ListPage) -> dict[str, Any]:
    day = given.get("link_as_of", viewer.day)
    values = {**scope_values(viewer), **given, "most": page.most, "day": day}
    if page.after is not None:
        values["after_key"], values["after_id"] = page.after
    if "q" in values:
        values["q"] = patterns_of(values["q"])
        values["longest"], values["others"] = longest_first(values["q"])
    if since := given.get("link_updated_since", given.get("updated_since")):
        values |= _turned(viewer, since)
    return values


def _turned(viewer: Viewer, since: datetime) -> dict[str, date]:
    """Return after which day, and up to which, something turned since then.

    For a tutor with a zone of their own there are two midnights: on the day it may come twice.
    """
    after = business_day(since) - (A_DAY if viewer.tutor_day else timedelta())
    return {"turned_after": after, "turned_until": max(viewer.day, viewer.sees_on)}


def _keyed(rows: Iterable[tuple[Any, ...]], row: Any) -> Keyed:
    return [(one[0], row._make(one[1:])) for one in rows]
