"""What statements in ``.sql`` files let somebody see is what ``queries.py`` lets them see."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db.models import QuerySet
from psycopg import sql

from tandem.kit.named_sql import fetch_rows
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.queries import visible_sessions
from tandem.people.models import Student
from tandem.people.queries import (
    Viewer,
    viewer_of,
    viewer_of_parent_link,
    visible_students,
    visible_tutors,
)
from tandem.people.scope import Seen, role_of, scope, scope_values
from tandem.people.tokens import create_token, verify
from tandem.relationships.actions import Pairing, decline, enrol, pair, pause, request
from tandem.relationships.queries import visible_relationships
from tests.cast import NOW, TERM, Cast, a_tutor, an_account, at, booked, user

WHAT: Mapping[Seen, tuple[str, Callable[[Viewer], QuerySet[Any]]]] = {
    "students": ("SELECT student.id FROM people_student student WHERE {}", visible_students),
    "tutors": ("SELECT tutor.id FROM people_tutor tutor WHERE {}", visible_tutors),
    "relationships": (
        "SELECT relationship.id FROM relationships_tutorstudent relationship WHERE {}",
        visible_relationships,
    ),
    "sessions": ("SELECT session.id FROM lessons_session session WHERE {}", visible_sessions),
}
END = date(2026, 11, 10)


def everybody(cast: Cast) -> dict[str, Viewer]:
    """Return who may ask, each in the state of their name, with sessions of all of them."""
    asked, refused, former, paused, covering = (
        a_tutor(cast.owner, name) for name in ("Asked", "Refused", "Former", "Paused", "Covering")
    )
    session = booked(cast.ben_ana, at(3, 10))
    cover(actor=cast.owner, now=NOW, session_id=session.pk, tutor_id=covering.pk)
    for hour, link in enumerate((cast.ben_ana, cast.cara_ana, cast.ben_cleo)):
        booked(link, at(4, 10 + hour))
    _taught(cast, former, at(5, 9), until=END)
    pause(actor=None, now=NOW, tutor_student_id=_taught(cast, paused, at(5, 11)))
    for tutor in (asked, refused):
        wanted = request(actor=cast.owner, now=NOW, tutor_id=tutor.pk, student_id=cast.ana.pk)
    decline(actor=user(refused), now=NOW, tutor_student_id=wanted.pk)
    enrol(actor=None, now=NOW, full_name="Eve", tutors=[Pairing(cast.dev.pk, "Art", TERM)])
    _, key = create_token(account=user(cast.cara), now=NOW, read_only=True)
    tutors = {tutor.full_name: viewer_of(user(tutor)) for tutor in _tutors(cast)}
    token = Student.objects.get(pk=cast.ana.pk).parent_link_token
    return {
        **tutors,
        "owner": viewer_of(cast.owner),
        "system": viewer_of(None),
        "read-only token": viewer_of(verify(key=key, now=NOW).account),
        "neither owner nor tutor": viewer_of(an_account("guest@tandem.example")),
        "parent": viewer_of_parent_link(token or "", now=NOW),
    }


def _tutors(cast: Cast) -> list[Any]:
    return list(visible_tutors(viewer_of(cast.owner)))


def _taught(cast: Cast, tutor: Any, moment: Any, *, until: date | None = None) -> str:
    """Have a tutor teach Ana for a while; return the id of the relationship."""
    row = pair(
        actor=None,
        now=NOW,
        tutor_id=tutor.pk,
        student_id=cast.ana.pk,
        subject=tutor.full_name,
        started_on=TERM,
    )
    booked(row, moment)
    if until:
        end(actor=None, now=NOW, tutor_student_id=row.pk, on=until)
    return row.pk


def test_scope_is_what_queries_let_see(cast: Cast) -> None:
    """Students, tutors, relationships and sessions, for every kind of viewer."""
    seen: dict[str, list[int]] = {}
    for name, viewer in everybody(cast).items():
        for what, (select, visible) in WHAT.items():
            statement = sql.SQL(select).format(scope(role_of(viewer), what)).as_string(None)
            found = {row[0] for row in fetch_rows(statement, scope_values(viewer))}
            assert found == set(visible(viewer).values_list("pk", flat=True)), (name, what)
            seen.setdefault(name, []).append(len(found))
    assert seen.pop("neither owner nor tutor") == [0, 0, 0, 0]
    assert seen["Refused"] == [0, 1, 0, 0]
    assert seen["Asked"] == [1, 1, 1, 0]
    assert seen["Covering"] == seen["Former"] == [1, 1, 1, 1]
    assert seen["Cara"] == seen["read-only token"]
    assert seen["owner"] == seen["system"]
    assert all(min(counts[:2]) for name, counts in seen.items() if name != "Refused")
