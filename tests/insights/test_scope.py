"""What statements in ``.sql`` files let somebody see is what ``queries.py`` lets them see."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tandem.kit.named_sql import fetch_rows
from tandem.kit.time import day_starts, local_date, zone_or_business
from tandem.lessons.cover import cover
from tandem.lessons.end_relationship import end
from tandem.lessons.queries import visible_sessions
from tandem.people.models import Account, Student, Tutor
from tandem.people.queries import (
    Viewer,
    students_taught,
    viewer_of,
    viewer_of_parent_link,
    visible_students,
    visible_tutors,
)
from tandem.people.requester import Requester
from tandem.people.scope import Seen, role_of, scope, scope_values
from tandem.people.tokens import create_token, verify
from tandem.relationships.actions import Pairing, enrol, pair, pause
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.queries import visible_relationships
from tandem.relationships.requests import decline, request
from tandem.relationships.rules import OPEN
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
    cover(requester=Requester(cast.owner, NOW), session_id=session.pk, tutor_id=covering.pk)
    for hour, link in enumerate((cast.ben_ana, cast.cara_ana, cast.ben_cleo)):
        booked(link, at(4, 10 + hour))
    _taught(cast, former, at(5, 9), until=END)
    pause(requester=Requester(None, NOW), tutor_student_id=_taught(cast, paused, at(5, 11)))
    for tutor in (asked, refused):
        wanted = request(
            requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, student_id=cast.ana.pk
        )
    decline(requester=Requester(user(refused), NOW), tutor_student_id=wanted.pk)
    enrol(
        requester=Requester(None, NOW), full_name="Eve", tutors=[Pairing(cast.dev.pk, "Art", TERM)]
    )
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
        requester=Requester(None, NOW),
        tutor_id=tutor.pk,
        student_id=cast.ana.pk,
        subject=tutor.full_name,
        started_on=TERM,
    )
    booked(row, moment)
    if until:
        end(requester=Requester(None, NOW), tutor_student_id=row.pk, on=until)
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


ZONES = ("", "Pacific/Kiritimati", "Pacific/Auckland", "Asia/Kathmandu", "America/Los_Angeles")
"""The business's own zone, and zones on both sides of it."""
BEGIN = date(2026, 11, 20)
DAYS = st.integers(-2, 3).map(lambda days: BEGIN + timedelta(days=days))
AROUND = st.sampled_from([timedelta(minutes=minutes) for minutes in (-1, 0, 1)])
MIDNIGHTS = st.tuples(st.sampled_from(ZONES), DAYS, AROUND)
REACHED = "SELECT student.id FROM people_student student WHERE {}"


def seen_by(viewer: Viewer) -> dict[str, set[str]]:
    """Return what statements let somebody see, after holding it equal to what queries do."""
    found: dict[str, set[str]] = {}
    for what, (select, visible) in WHAT.items():
        found[what] = _fetched(select, viewer, what)
        assert found[what] == set(visible(viewer).values_list("pk", flat=True)), what
    found["reached"] = _fetched(REACHED, viewer, "reached")
    if viewer.tutor_id and not viewer.is_owner:
        assert found["reached"] == set(students_taught(viewer))
    return found


def _fetched(select: str, viewer: Viewer, what: Seen) -> set[str]:
    statement = sql.SQL(select).format(scope(role_of(viewer), what)).as_string(None)
    return {row[0] for row in fetch_rows(statement, scope_values(viewer))}


@pytest.mark.usefixtures("db")
class TestTurnsAtTheTutorsOwnMidnight:
    """Whatever a row holds, in whichever zone its tutor is, around anybody's midnight."""

    @settings(
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        zone=st.sampled_from(ZONES),
        kind=st.sampled_from(["regular", "cover"]),
        is_doubtful=st.booleans(),
        started_on=DAYS,
        length=st.none() | st.integers(0, 3),
        midnight=MIDNIGHTS,
    )
    def test_statements_queries_and_the_rule_agree(
        self,
        cast: Cast,
        zone: str,
        kind: str,
        is_doubtful: bool,  # noqa: FBT001 - drawn
        started_on: date,
        length: int | None,
        midnight: tuple[str, date, timedelta],
    ) -> None:
        """A tutor sees all of a student while they teach on the day where they are."""
        where, day, later = midnight
        now = day_starts(day, zone_or_business(where)) + later
        ended_on = None if length is None else started_on + timedelta(days=length)
        fault = "end_date_on_open" if is_doubtful and ended_on else ""
        Tutor.objects.filter(pk=cast.cara.pk).update(time_zone=zone)
        TutorStudent.objects.filter(pk=cast.cara_ana.pk).update(
            kind=kind, legacy_fault=fault, started_on=started_on, ended_on=ended_on
        )
        account = Account.objects.get(pk=user(cast.cara).pk)
        row = TutorStudent.objects.get(pk=cast.cara_ana.pk)
        here = local_date(now, zone_or_business(zone))
        teaches = state_of(row).on(here) in OPEN and not (kind == "cover" and ended_on)
        seen = seen_by(viewer_of(account, now=now))
        assert seen["reached"] == ({cast.ana.pk} if teaches else set())
        others = {cast.ben_ana.pk, cast.cara_ana.pk} if teaches else {cast.cara_ana.pk}
        assert seen["relationships"] == others
        assert seen["tutors"] == ({cast.ben.pk, cast.cara.pk} if teaches else {cast.cara.pk})

    @pytest.mark.parametrize("zone", ZONES)
    def test_of_everybody(self, cast: Cast, zone: str) -> None:
        """For every kind of viewer, whoever of the tutors is where, at each midnight there is."""
        everyone = everybody(cast)
        Tutor.objects.update(time_zone=zone)
        moments = [
            day_starts(day, zone_or_business(where)) + timedelta(minutes=minutes)
            for where in ZONES
            for day in (NOW.date(), END)
            for minutes in (-1, 0)
        ]
        keys = {one.account and one.account.pk for one in everyone.values() if not one.student_id}
        accounts = {one.pk: one for one in Account.objects.select_related("tutor")}
        asking = {
            viewer_of(accounts[key] if key else None, now=now) for now in moments for key in keys
        }
        for viewer in {everyone["parent"], *asking}:  # on one day, each is asked once
            seen_by(viewer)
        former = viewer_of(Account.objects.get(email="former@tandem.example"), now=moments[-1])
        assert seen_by(former)["reached"] == set()
