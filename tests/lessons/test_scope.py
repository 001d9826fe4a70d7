"""Who may see what: owners all, tutors their own, a stranger nothing."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tandem.kit.errors import NotFoundError
from tandem.lessons.actions import complete
from tandem.lessons.models import Session
from tandem.lessons.queries import SessionFilter, sessions, visible_session
from tandem.lessons.transfers import transfer
from tandem.people.models import Student
from tandem.people.queries import (
    Viewer,
    colleagues,
    viewer_of,
    visible_student,
    visible_students,
    visible_tutor,
    visible_tutors,
    with_subjects,
)
from tandem.people.requester import Requester
from tandem.relationships.actions import Pairing, enrol
from tandem.relationships.queries import (
    relationships_as_of,
    visible_relationship,
    visible_relationships,
    with_relationships,
)
from tests.cast import DECEMBER, NOW, TERM, Cast, an_account, at, booked, user


def test_a_stranger_finds_nothing(cast: Cast) -> None:
    """Dev never taught Ana: her record, her tutors, her sessions are not there for him."""
    session = booked(cast.ben_ana, at(3, 10))
    dev = viewer_of(user(cast.dev))
    assert not visible_students(dev).exists()
    assert not visible_relationships(dev).exists()
    assert not sessions(dev).exists()
    assert not relationships_as_of(dev, date(2026, 11, 3)).exists()
    assert [*visible_tutors(dev)] == [cast.dev]
    for look, key in (
        (visible_student, cast.ana.pk),
        (visible_relationship, cast.ben_ana.pk),
        (visible_session, session.pk),
        (visible_tutor, cast.ben.pk),
    ):
        with pytest.raises(NotFoundError):
            look(dev, key)


def test_a_former_tutor_sees_their_own_time(cast: Cast) -> None:
    """Ben sees what he held with Ana, not what Dev holds since, nor that Dev does."""
    held, ahead = booked(cast.ben_ana, at(1, 10)), booked(cast.ben_ana, at(20, 10))
    complete(requester=Requester(None, DECEMBER), session_id=held.pk, notes="Forces.")
    new = transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=date(2026, 11, 16),
    ).new
    ben, owner = viewer_of(user(cast.ben)), viewer_of(cast.owner)
    assert [*sessions(ben, SessionFilter(student_id=cast.ana.pk))] == [held]
    assert visible_student(ben, cast.ana.pk) == cast.ana
    assert cast.ben_ana in visible_relationships(ben)
    assert new not in visible_relationships(ben)
    assert cast.dev not in visible_tutors(ben)
    assert visible_session(owner, held.pk).notes == "Forces."
    assert [*sessions(viewer_of(user(cast.dev)))] == [ahead]


def test_who_teaches_now_sees_who_else_does_but_not_their_sessions(cast: Cast) -> None:
    """Ben and Cara share Ana: each sees the other and the relationship, not the sessions."""
    booked(cast.cara_ana, at(3, 10))
    ben = viewer_of(user(cast.ben))
    assert {*visible_relationships(ben)} == {cast.ben_ana, cast.cara_ana, cast.ben_cleo}
    assert {*visible_tutors(ben)} == {cast.ben, cast.cara}
    assert not sessions(ben).exists()


def test_colleagues_are_the_active_staff(cast: Cast) -> None:
    """A tutor may ask any of them, nameless ones last; somebody who is no tutor may ask nobody."""
    cast.cara.active = False
    cast.cara.save()
    cast.ben.full_name = " "
    cast.ben.save()
    assert [*colleagues(viewer_of(user(cast.ben)))] == [cast.dev, cast.ben]
    assert not colleagues(viewer_of(an_account("guest@tandem.example"))).exists()


def test_nobody_in_particular_sees_nothing(cast: Cast) -> None:
    """An account that is neither owner nor tutor has an empty view; the system has the whole."""
    booked(cast.ben_ana, at(3, 10))
    nobody = viewer_of(an_account("guest@tandem.example"))
    assert nobody.tutor_id is None
    for rows in (visible_students, visible_tutors, visible_relationships, sessions):
        assert not rows(nobody).exists()
        assert rows(viewer_of(None)).exists()


def test_sessions_are_filtered_half_open_and_in_order(cast: Cast) -> None:
    """From is included and to is not; each filter narrows; the order is by start."""
    third, first, second = (booked(cast.ben_ana, at(day, 10)) for day in (5, 3, 4))
    other = booked(cast.cara_ana, at(4, 14))
    complete(requester=Requester(None, DECEMBER), session_id=first.pk)
    owner = viewer_of(cast.owner)

    def kept(**wanted: object) -> list[Session]:
        return [*sessions(owner, SessionFilter(**wanted))]  # type: ignore[arg-type]

    assert kept() == [first, second, other, third]
    assert kept(starts_from=at(4, 10), starts_before=at(5, 10)) == [second, other]
    assert kept(tutor_id=cast.cara.pk) == kept(tutor_student_id=cast.cara_ana.pk) == [other]
    assert kept(student_id=cast.cleo.pk) == []
    assert kept(statuses=["completed"]) == [first]


def test_lists_take_the_same_number_of_queries_however_long(cast: Cast) -> None:
    """Students with relationships in two queries, tutors with subjects in two, sessions in one."""
    owner, ben = viewer_of(cast.owner), viewer_of(user(cast.ben))

    def taken(viewer: Viewer) -> list[int]:
        counts = []
        for rows in (
            with_relationships(visible_students(viewer), viewer),
            with_subjects(visible_tutors(viewer)),
            sessions(viewer),
        ):
            with CaptureQueriesContext(connection) as queries:
                read(rows)
            counts.append(len(queries))
        return counts

    def read(rows: object) -> None:
        for row in rows:  # type: ignore[attr-defined]
            if isinstance(row, Student):
                assert [(str(one.tutor), str(one.subject)) for one in row.relationships.all()]
            if isinstance(row, Session):
                assert all(map(str, (row.tutor, row.student, row.tutor_student.subject)))

    booked(cast.ben_ana, at(3, 10))
    few = [taken(owner), taken(ben)]
    for n in range(8):
        enrol(
            requester=Requester(cast.owner, NOW),
            full_name=f"Student {n}",
            tutors=[Pairing(cast.ben.pk, "Maths", TERM), Pairing(cast.cara.pk, "Art", TERM)],
        )
        booked(cast.ben_cleo, at(4 + n, 10))
    assert few == [taken(owner), taken(ben)] == [[2, 2, 1], [2, 2, 1]]


def test_the_primary_comes_first(cast: Cast) -> None:
    """Each listed student brings the primary relationship, then the open ones, then the others."""
    transfer(
        requester=Requester(cast.owner, NOW),
        student_id=cast.ana.pk,
        to_tutor_id=cast.dev.pk,
        on=NOW.date(),
    )
    owner = viewer_of(cast.owner)
    ana = with_relationships(visible_students(owner), owner).get(pk=cast.ana.pk)
    assert [row.tutor for row in ana.relationships.all()] == [cast.dev, cast.cara, cast.ben]
