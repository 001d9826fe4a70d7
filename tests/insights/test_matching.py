"""Matches from the database: the right facts, in a number of queries that does not grow."""

from datetime import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.insights.matching import Hours, matches
from tandem.kit.errors import ForbiddenError, InvalidError, NotFoundError
from tandem.lessons.actions import complete
from tandem.lessons.models import Availability, Session, TimeOff
from tandem.people.actions import set_subjects
from tandem.people.models import Tutor
from tandem.people.queries import Viewer, viewer_of
from tandem.people.requester import Requester
from tandem.people.rules import Taught
from tests.cast import DECEMBER, HOUR, NOW, Cast, at, booked, user


def teach(cast: Cast, tutor: Tutor, subject: str, level: str = "") -> None:
    """Let a tutor teach a subject."""
    set_subjects(
        requester=Requester(cast.owner, NOW), tutor_id=tutor.pk, subjects=[Taught(subject, level)]
    )


def test_who_teaches_it_and_has_room_fits(cast: Cast) -> None:
    """For Ana's physics: Ben teaches it already, Cara knows no physics, Dev fits."""
    teach(cast, cast.dev, "physics", "expert")
    fitting, left_out = matches(Viewer(is_owner=True), student_id=cast.ana.pk, subject=" PHYSICS ")
    assert [(one.facts.id, one.facts.level) for one in fitting] == [(cast.dev.pk, "expert")]
    assert [(one.facts.id, one.reason) for one in left_out] == [
        (cast.ben.pk, "Teaches this student Physics already."),
        (cast.cara.pk, "Does not teach Physics."),
    ]


def test_past_work_and_load_are_counted(cast: Cast) -> None:
    """Ben's held session with Ana counts; his two open relationships are his load."""
    session = booked(cast.ben_ana, at(2, 8))
    complete(requester=Requester(None, DECEMBER), session_id=session.pk)
    teach(cast, cast.ben, "Maths")
    fitting, _ = matches(Viewer(is_owner=True), student_id=cast.ana.pk, subject="Maths")
    assert [(one.facts.id, one.facts.held, one.facts.teaching) for one in fitting] == [
        (cast.ben.pk, 1, 2)
    ]


def test_the_wanted_hours_are_looked_at(cast: Cast) -> None:
    """On a Tuesday at 16:00: Ben has a session, Cara is away, Dev is free on Tuesdays only."""
    booked(cast.ben_cleo, at(3, 16))
    TimeOff.objects.create(tutor=cast.cara, starts_at=at(2, 0), ends_at=at(4, 0))
    Availability.objects.create(tutor=cast.dev, weekday=1, starts=time(15), ends=time(18))

    def at_hours(day: int) -> dict[str, str]:
        hours = Hours(at(day, 16, 30), at(day, 16, 30) + HOUR)
        fitting, left_out = matches(Viewer(is_owner=True), student_id=cast.cleo.pk, hours=hours)
        fits = {one.facts.name: one.reasons[0] for one in fitting}
        return fits | {one.facts.name: one.reason for one in left_out}

    assert at_hours(3) == {
        "Dev": "Is free in these hours.",
        "Ben": "Teaches this student already.",
        "Cara": "Is away in these hours.",
    }
    assert at_hours(4) == {
        "Cara": "Has nothing in these hours.",
        "Ben": "Teaches this student already.",
        "Dev": "Is not available in these hours.",
    }


def test_only_an_owner_is_told_how_much_everybody_works(cast: Cast) -> None:
    """Ana's tutor is refused, and to who never taught her she is not there."""
    with pytest.raises(ForbiddenError):
        matches(viewer_of(user(cast.ben)), student_id=cast.ana.pk)
    with pytest.raises(NotFoundError):
        matches(viewer_of(user(cast.dev)), student_id=cast.ana.pk)


def test_a_wish_that_means_nothing_is_refused(cast: Cast) -> None:
    """A subject that nobody named before, a level of nothing, hours that end before they start."""
    owner = Viewer(is_owner=True)
    for wish in (
        {"subject": "Alchemy"},
        {"level": "expert"},
        {"hours": Hours(at(3, 17), at(3, 16))},
    ):
        with pytest.raises(InvalidError):
            matches(owner, student_id=cast.ana.pk, **wish)


def test_five_thousand_tutors_take_no_more_queries(cast: Cast) -> None:
    """The same few as for three, hours included."""

    def queries() -> int:
        hours = Hours(at(3, 16), at(3, 17))
        with CaptureQueriesContext(connection) as seen:
            matches(Viewer(is_owner=True), student_id=cast.ana.pk, subject="Maths", hours=hours)
        return len(seen)

    before = queries()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_tutor (id, full_name, email, time_zone, active, created_at,"
            " updated_at, legacy_fault) SELECT 'many' || n, 'Tutor ' || n, n || '@many.example',"
            " '', true, now(), now(), '' FROM generate_series(1, 5000) n"
        )
    assert queries() == before <= 10


def test_a_faulty_session_stands_in_nobodys_way(cast: Cast) -> None:
    """Of an older database: what may be planned beside it is offered beside it."""
    faulty = booked(cast.cara_ana, at(3, 16))
    hours = Hours(at(3, 16), at(3, 17))

    def fitting() -> set[str]:
        found, _left_out = matches(Viewer(is_owner=True), student_id=cast.cleo.pk, hours=hours)
        return {one.facts.name for one in found}

    assert fitting() == {"Dev"}
    Session.objects.filter(pk=faulty.pk).update(legacy_fault="overlap")
    assert fitting() == {"Cara", "Dev"}
