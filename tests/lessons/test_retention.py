"""Whose records are no longer needed, by a clock that is given; and only they are erased."""

from datetime import date, datetime, timedelta

import pytest

from tandem.kit.errors import ForbiddenError, InvalidError
from tandem.lessons.actions import cancel
from tandem.lessons.end_relationship import end
from tandem.lessons.retention import due, erase_due
from tandem.people.models import Student
from tandem.people.requester import Requester
from tandem.relationships.actions import enrol
from tandem.relationships.requests import request
from tests.cast import NOW, Cast, at, booked, user

LATER = NOW.replace(year=NOW.year + 6)
"""Six years on, when nothing has been heard of who left in the month of the cast."""


def left(cast: Cast) -> None:
    """Cleo's only tutor stops this month, and the record is as old."""
    end(requester=Requester(cast.owner, NOW), tutor_student_id=cast.ben_cleo.pk)
    Student.objects.filter(pk=cast.cleo.pk).update(created_at=NOW, updated_at=NOW)


def named(cast: Cast, now: datetime = LATER, years: int = 5) -> set[str]:
    return set(due(requester=Requester(cast.owner, now), years=years).student_ids)


def test_who_left_long_ago_is_named(cast: Cast) -> None:
    left(cast)
    assert named(cast) == {cast.cleo.pk}


def test_on_the_very_day(cast: Cast) -> None:
    left(cast)
    five_on = NOW.replace(year=NOW.year + 5)
    assert named(cast, five_on - timedelta(seconds=1)) == set()
    assert named(cast, five_on) == {cast.cleo.pk}


def test_whoever_is_taught_or_asked_for_stays(cast: Cast) -> None:
    """However long ago the record was touched: Ana is taught, Cleo asked for again."""
    left(cast)
    Student.objects.filter(pk=cast.ana.pk).update(created_at=NOW, updated_at=NOW)
    request(
        requester=Requester(cast.owner, NOW),
        student_id=cast.cleo.pk,
        tutor_id=cast.dev.pk,
        subject="Art",
    )
    assert named(cast) == set()


def test_a_session_is_a_trace(cast: Cast) -> None:
    """Also one that was called off; its end counts, not when it was written down."""
    session = booked(cast.ben_cleo, at(17, 16))
    cancel(requester=Requester(cast.owner, NOW), session_id=session.pk)
    left(cast)
    ended = session.ends_at
    assert named(cast, ended.replace(year=ended.year + 5) - timedelta(seconds=1)) == set()
    assert named(cast, ended.replace(year=ended.year + 5)) == {cast.cleo.pk}


def test_a_change_of_the_record_is_a_trace(cast: Cast) -> None:
    left(cast)
    Student.objects.filter(pk=cast.cleo.pk).update(updated_at=LATER - timedelta(days=30))
    assert named(cast) == set()


def test_an_end_that_lay_ahead_counts_by_its_day(cast: Cast) -> None:
    end(
        requester=Requester(cast.owner, NOW),
        tutor_student_id=cast.ben_cleo.pk,
        on=date(2027, 6, 30),
    )
    Student.objects.filter(pk=cast.cleo.pk).update(created_at=NOW, updated_at=NOW)
    assert named(cast, datetime(2032, 6, 29, tzinfo=NOW.tzinfo)) == set()
    assert named(cast, datetime(2032, 7, 1, tzinfo=NOW.tzinfo)) == {cast.cleo.pk}


def test_they_are_erased_and_nobody_else(cast: Cast) -> None:
    left(cast)
    done = erase_due(requester=Requester(cast.owner, LATER), years=5)
    assert (done.student_ids, done.refused) == ((cast.cleo.pk,), ())
    assert set(Student.objects.values_list("pk", flat=True)) == {cast.ana.pk}


def test_a_student_who_never_had_a_tutor(cast: Cast) -> None:
    """Is one of whom nothing was heard as well."""
    lone = enrol(requester=Requester(cast.owner, NOW), full_name="Lou", tutors=[])
    Student.objects.filter(pk=lone.pk).update(created_at=NOW, updated_at=NOW)
    assert lone.pk in named(cast)


def test_an_owner_alone_and_for_years_that_make_sense(cast: Cast) -> None:
    with pytest.raises(ForbiddenError, match="Only an owner"):
        due(requester=Requester(user(cast.ben), LATER), years=5)
    for years in (0, -1, 101):
        with pytest.raises(InvalidError, match="from 1 to 100"):
            due(requester=Requester(cast.owner, LATER), years=years)
