"""Who is the primary on a day stays so: periods in Python and in the database are the same."""

from datetime import date, timedelta
from time import time
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ulid import ULID

from tandem.people.models import Student, Tutor
from tandem.relationships.events import state_of
from tandem.relationships.models import TutorStudent
from tandem.relationships.primaries import Choice, Period, arranged
from tests.cast import Cast
from tests.primaries import stored

BEGIN = date(2026, 11, 20)
DAYS = st.integers(-3, 6).map(lambda days: BEGIN + timedelta(days=days))
ROWS = st.lists(
    st.tuples(
        DAYS,
        st.none() | DAYS,
        st.sampled_from(["active", "paused", "pending", "declined"]),
        st.sampled_from(["regular", "regular", "cover"]),
        st.sampled_from(["", "", "odd", "end_date_on_open"]),
    ),
    min_size=1,
    max_size=4,
)
WISHES = st.none() | st.tuples(st.integers(0, 3), DAYS)
MADE = st.tuples(ROWS, st.none() | st.integers(0, 3), WISHES)
IDS = "SELECT id FROM relationships_primaryperiod WHERE student_id = ANY (%s)"
DELETE = "DELETE FROM relationships_tutorstudent WHERE student_id = %s"
ARRANGE = "SELECT tandem_arrange_primaries(%s, %s, %s)"


@pytest.mark.django_db
class TestBothArrange:
    """The database's function and Python's say the same."""

    @settings(
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(changes=st.lists(MADE, min_size=1, max_size=3))
    def test_the_same(self, cast: Cast, changes: list[Any]) -> None:
        """Whatever the rows become, faults included, and whoever is chosen from whichever day."""
        with transaction.atomic():
            self._compared(cast, changes)
            transaction.set_rollback(True)

    def _compared(self, cast: Cast, changes: list[Any]) -> None:
        dan = Student.objects.create(full_name="Dan")
        eve = Tutor.objects.create(full_name="Eve", email="eve@tandem.example")
        tutors = [cast.ben, cast.cara, cast.dev, eve]
        periods: list[Period] = []
        for rows, marked, wish in changes:
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                links = self._written(dan, tutors, rows, marked)
                cursor.execute("SET LOCAL session_replication_role = origin")
            choice = Choice(links[wish[0]].pk, wish[1]) if wish and wish[0] < len(links) else None
            chosen = ([choice.relationship], [choice.since]) if choice else (None, None)
            with connection.cursor() as cursor:
                cursor.execute(ARRANGE, [[dan.pk], *chosen])
            sound = [state_of(row) for row in links if not row.legacy_fault or row.is_primary]
            periods = arranged(periods, sound, choice)
            assert stored(dan.pk) == periods

    @staticmethod
    def _written(
        student: Student, tutors: Any, rows: Any, marked: int | None
    ) -> list[TutorStudent]:
        links = []
        for number, (start, end, status, kind, fault) in enumerate(rows):
            begun = {"active": True, "paused": True}.get(status, False)
            ended = end is not None and begun and fault != "end_date_on_open"
            row = TutorStudent(
                pk=f"link{number}{student.pk}",
                tutor=tutors[number],
                student=student,
                started_on=start,
                ended_on=max(start, end) if end and begun else None,
                status=status,
                kind=kind,
                is_primary=begun and not ended and number == marked and kind == "regular",
                legacy_fault=fault if fault != "end_date_on_open" or (end and begun) else "",
            )
            links.append(row)
        with connection.cursor() as cursor:
            cursor.execute(DELETE, [student.pk])
        TutorStudent.objects.bulk_create(links)
        return links


NEW = st.lists(
    st.tuples(st.integers(0, 3), ROWS.map(lambda rows: rows[0]), st.booleans()),
    min_size=1,
    max_size=5,
)


@pytest.mark.django_db
@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(new=NEW)
def test_one_statement_for_several_students(cast: Cast, new: list[Any]) -> None:
    """Each student's tutor is primary on all their days, also where others have several."""
    with transaction.atomic():
        students = [Student.objects.create(full_name=f"New {number}") for number in range(4)]
        tutors = [
            Tutor.objects.create(full_name="T", email=f"new{number}@tandem.example")
            for number in range(len(new))
        ]
        links, marked = [], set()
        for number, (whose, (start, end, status, kind, fault), mark) in enumerate(new):
            begun = status in {"active", "paused"}
            is_marked = mark and begun and end is None and kind == "regular" and whose not in marked
            marked |= {whose} if is_marked else set()
            links.append(
                TutorStudent(
                    pk=f"new{number}",
                    tutor=tutors[number],
                    student=students[whose],
                    started_on=start,
                    ended_on=max(start, end) if end and begun else None,
                    status=status,
                    kind=kind,
                    is_primary=is_marked,
                    legacy_fault=fault if fault != "end_date_on_open" or (end and begun) else "",
                )
            )
        TutorStudent.objects.bulk_create(links)
        for student in students:
            own = [link for link in links if link.student_id == student.pk]
            choices = [Choice(link.pk, link.started_on) for link in own if link.is_primary]
            sound = [state_of(row) for row in own if not row.legacy_fault or row.is_primary]
            wanted = arranged([], sound, choices[0] if choices else None) if own else []
            assert stored(student.pk) == wanted
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_ids_of_many_at_once(cast: Cast) -> None:
    """They are ids like any other: the moment, and chance that no two have in common."""
    students = [Student.objects.create(full_name=f"New {number}") for number in range(40)]
    TutorStudent.objects.bulk_create(
        TutorStudent(tutor=cast.ben, student=student, started_on=date(2026, 1, 1), status="active")
        for student in students
    )
    with connection.cursor() as cursor:
        cursor.execute(IDS, [[student.pk for student in students]])
        ids = [row[0] for row in cursor.fetchall()]
    assert len({one[10:] for one in ids}) == len(students)
    assert all(abs(ULID.from_str(one.upper()).timestamp - time()) < 60 for one in ids)
    assert ids == [one.lower() for one in ids]
